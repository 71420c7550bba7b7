"""What has to be launched: the satellites of a fleet that do not fly yet, plane by plane, spares included."""

from collections.abc import Sequence
from math import ceil

from planner.launch import PlaneDemand
from planner.orbit import Fleet
from planner.satellite import RackSatellite
from planner.scenario.schema import Plan
from planner.scenario.shells import ElementFile


def plane_demands(plan: Plan, fleet: Fleet, designs: Sequence[RackSatellite]) -> tuple[PlaneDemand, ...]:
    """Return what each plane of the designed shells needs, in the order of the fleet.

    Parameters
    ----------
    plan
        Says which shells already fly (element sets) and how many spares are flown.
    fleet
        ``[sat]``.
    designs
        Type of each satellite, ``[sat]``.
    """
    flying = {shell.name for shell in plan.fleet if isinstance(shell, ElementFile)}
    spares = 0.0 if plan.launch is None else plan.launch.spares_fraction
    first: dict[tuple[str, int], int] = {}
    count: dict[tuple[str, int], int] = {}
    for i, key in enumerate(zip(fleet.shells, fleet.planes.tolist(), strict=True)):
        if plan.launch is not None and key[0] not in flying:
            first.setdefault(key, i)
            count[key] = count.get(key, 0) + 1
    return tuple(
        PlaneDemand(
            shell=shell,
            plane=plane,
            satellites=ceil(count[shell, plane] * (1.0 + spares) - 1e-9),
            mass_kg=designs[i].mass_kg,
            volume_m3=designs[i].stowed_volume_m3,
            it_kw=designs[i].rack_power_w / 1e3,
            inclination_deg=float(fleet.inclination_deg[i]),
            altitude_km=float(fleet.altitude_km[i]),
        )
        for (shell, plane), i in first.items()
    )
