"""From a fleet and its manifest to the orbital option of the cost comparison."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from planner.catalog import Catalog
from planner.constants import HOURS_PER_YEAR
from planner.economics import Option, SatelliteCost, launch_cost, orbital_option
from planner.errors import PlanError, Problem
from planner.launch import Manifest, PlaneDemand
from planner.orbit import Fleet


def flown_racks(fleet: Fleet, demands: Sequence[PlaneDemand], manifest: Manifest | None) -> dict[str, int]:
    """Return the satellites in service by type: all of the fleet, less what a manifest leaves behind.

    Spares come last in every plane: a plane that lacks fewer satellites than it has spares is in full service.
    """
    planned = Counter(zip(fleet.shells, fleet.planes.tolist(), fleet.rack_types, strict=True))
    missing: Counter[tuple[str, int]] = Counter()
    for left in () if manifest is None else manifest.left_out:
        missing[left.shell, left.plane] += left.satellites
    wanted = {(demand.shell, demand.plane): demand.satellites for demand in demands}
    flown: Counter[str] = Counter()
    for (shell, plane, rack), count in planned.items():
        flown[rack] += min(count, wanted.get((shell, plane), count) - missing[shell, plane])
    return {rack: count for rack, count in flown.items() if count > 0}


def require_work(flown: Mapping[str, int], manifest: Manifest | None, *, powered_fraction: float) -> None:
    """Raise `PlanError` for a fleet that never computes, since nothing then has a cost per hour.

    Parameters
    ----------
    flown
        Satellites by type, as `flown_racks` gives them.
    manifest
        Flights.
    powered_fraction
        Accelerator-hours that power allows over those installed.
    """
    if not flown and manifest is not None:
        why = "; ".join(dict.fromkeys(left.reason for left in manifest.left_out))
        reason = f"no satellite flies ({why}); raise budget_usd, or allow other vehicles or more months"
        raise PlanError(Problem("launch", reason))
    if not powered_fraction:
        reason = (
            "no satellite ever has power for its rack, so that nothing has a cost per hour; lengthen the plan, let "
            "the satellites ride through their shadow, or give them more power"
        )
        raise PlanError(Problem("satellites.eclipse_policy", reason))


def fleet_option(
    catalog: Catalog,
    racks: Mapping[str, int],
    manifest: Manifest | None,
    *,
    powered_fraction: float,
    rate_fraction: float | None = None,
) -> Option:
    """Return what a fleet costs and delivers.

    Parameters
    ----------
    catalog
        Assumptions.
    racks
        Satellites by type, without spares.
    manifest
        Flights, spares included; None for a fleet whose launch the plan leaves out.
    powered_fraction
        Accelerator-hours that power allows over those installed. The plan's own span stands for the year.
    rate_fraction
        Discount rate; None takes the catalog's.

    Notes
    -----
    Spare satellites that the manifest flies take the place of the catalog's share, so that none is counted twice: the
    launch line keeps the part of the fleet itself, and the spares' part of buses, racks and launch is the spares line.
    """
    satellites = [SatelliteCost.from_catalog(catalog, name, count) for name, count in racks.items()]
    wanted = sum(racks.values())
    installed = sum(item.count * item.accelerators for item in satellites)
    available = catalog.entry("orbital_costs", "fleet")["availability_fraction"]
    delivered = installed * HOURS_PER_YEAR * powered_fraction * available
    launch = 0.0 if manifest is None else launch_cost(catalog, manifest)
    months = 0.0
    if manifest is not None and manifest.flights:
        first, last = manifest.flights[0].month, manifest.flights[-1].month
        months = 1.0 + (last.year - first.year) * 12 + last.month - first.month
        if manifest.satellites > wanted:
            launch = launch_cost(catalog, manifest).times(wanted / manifest.satellites)
            catalog = catalog.override({"orbital_costs.fleet.spares_fraction": manifest.satellites / wanted - 1.0})
    option = orbital_option(
        catalog,
        satellites=satellites,
        launch=launch,
        launch_months=months,
        delivered_accelerator_h=delivered,
        rate_fraction=rate_fraction,
    )
    if manifest is None or not manifest.flights:
        option = replace(
            option,
            title=f"{option.title}, launch left out",
            included=tuple(part for part in option.included if part != "launch"),
            excluded=("launch (the plan has none)", *option.excluded),
        )
    note = (
        f"delivered hours: {powered_fraction:.1%} of the installed accelerators have power within the plan's span, "
        f"times {available:.2f} for failures and radiation"
    )
    return option.with_notes([note])
