"""What must a reader know before believing the rest? Sentences, from tables that are already there."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Final, TypeVar

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints
from planner.errors import PlannerWarning
from planner.links import LaserTerminal, LinkTable, check_links
from planner.network import NetworkSnapshot, Topology, link_table
from planner.network.resilience.connectivity import components
from planner.orbit import Fleet, pole_directions, propagate
from planner.orbit.propagate import SGP4_ERRORS
from planner.scenario.schema import Plan
from planner.scenario.shells import ElementFile
from planner.times import TimeGrid

_NAMED: Final = 5
"""Satellites that a note names before it says how many more there are."""

_GRIDS: Final = ("plus_grid", "inter_shell")
"""Topologies that link neighbours along and across planes."""

_WITHIN_SHELLS: Final = ("plus_grid", "cluster_mesh")
"""Topologies that link no shell to another."""

_SUN_INSTANTS: Final = 24
"""At which links are held against the Sun."""

_OVERLOOKED_FRACTION: Final = 0.01
"""Links interrupted by the Sun that need no note. Planner default: lines of sight that point anywhere alike are within
5° of the Sun from either end for 0.4 % of the time, so that more of it comes from the shape of the fleet."""


Made = TypeVar("Made")


def told(make: Callable[[], Made]) -> tuple[Made, tuple[str, ...]]:
    """Return what `make` makes, and what the planner warned of on the way; other warnings pass through."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = make()
    ours = [item for item in caught if issubclass(item.category, PlannerWarning)]
    for item in caught:
        if item not in ours:
            warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)
    return made, tuple(str(item.message) for item in ours)


def lost_satellites(fleet: Fleet, sgp4_errors: IntArray) -> list[str]:
    """Return a note for each way in which SGP4 failed; `sgp4_errors` ``[sat]``, 0 where it did not."""
    notes = []
    for code in np.unique(sgp4_errors[sgp4_errors > 0]).tolist():
        lost = [fleet.names[i] for i in np.flatnonzero(sgp4_errors == code)]
        listed = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else "")
        some = "1 satellite" if len(lost) == 1 else f"{len(lost)} satellites"
        notes.append(f"{some} lost from the moment SGP4 failed ({SGP4_ERRORS[code]}): {listed}")
    return notes


def without_links(fleet: Fleet, links: LinkTable, terminal: LaserTerminal, topology: str) -> list[str]:
    """Return a note when a fleet has no network at all."""
    if len(fleet) < 2 or len(links.a):
        return []
    reach = f"within {length(terminal.maximum_range_km)} and sight of each other"
    return [f"no two satellites are ever linked: none that {topology} pairs come {reach}"]


def without_grid(fleet: Fleet, topology: str) -> list[str]:
    """Return a note when a grid of planes and slots is asked of a formation, which has neither."""
    flown = fleet.offsets.flown
    if topology not in _GRIDS or not flown.any():
        return []
    shells = ", ".join(dict.fromkeys(np.array(fleet.shells)[flown].tolist()))
    better = "cluster_mesh" if flown.all() else "matching"
    return [f"{topology} links neighbours along and across planes, which {shells} has not; take {better}"]


def in_parts(fleet: Fleet, network: NetworkSnapshot, alive: BoolArray, topology: str) -> list[str]:
    """Return a note when lasers do not join all satellites of a fleet at the instant at which they join it best.

    Parameters
    ----------
    fleet
        ``[sat]``.
    network
        At that instant.
    alive
        ``[sat]``, False for satellites that were lost before: nobody misses them.
    topology
        As the plan calls it.
    """
    joined = int(np.bincount(components(network)[alive], minlength=1).max())
    if not len(network.a) or joined >= np.count_nonzero(alive):
        return []
    found = f"the largest holds {joined:,} of {np.count_nonzero(alive):,} satellites"
    when = f"even at {network.at:%Y-%m-%d %H:%M} UTC, when it is joined best"
    return [f"the laser network is in parts {when}: {found}; {_joiner(topology, len(set(fleet.shells)))}"]


def _joiner(topology: str, shells: int) -> str:
    """Return what may join a network that a topology leaves in parts."""
    if topology in _WITHIN_SHELLS and shells > 1:
        better = "inter_shell" if topology == "plus_grid" else "matching"
        return f"{topology} links no shell to another, take {better} (links.topology)"
    return "give satellites more terminals (links.terminals) or take another topology (links.topology)"


def blinded_links(fleet: Fleet, times: TimeGrid, sun_km: FloatArray, topology: Topology) -> list[str]:
    """Return a note when the Sun stands behind more laser links than a planner may overlook.

    Held against the Sun at a few instants spread evenly over the plan are the links that the topology would point if
    the Sun blinded nobody; `sun_km` is GCRS ``[time, xyz]``.
    """
    if not topology.rules.asks_for_the_sun or len(fleet) < 2:
        return []
    every = ceil(times.count / _SUN_INSTANTS)
    some = TimeGrid(times.start, times.step_s * every, ceil(times.count / every))
    states, sun, pole = propagate(fleet, some), sun_km[::every], pole_directions(some)
    careless = replace(topology, rules=replace(topology.rules, sun_exclusion_deg=0.0), acquisition_s=0.0)
    pointed = link_table(states, careless, sun_km=sun, pole=pole)
    clear = 0
    for time in range(some.count):
        rows, now = pointed.rows(time), slice(time, time + 1)
        checked = check_links(
            states.positions_km[now], states.velocities_km_s[now],
            ints(np.column_stack([pointed.a[rows], pointed.b[rows]])),
            rules=replace(topology.rules, mounting=None), sun_km=floats(sun[now]), pole=floats(pole[now]),
        )  # fmt: skip
        clear += int(np.count_nonzero(checked.usable))
    blind_fraction = 1.0 - clear / max(1, len(pointed.a))
    if not len(pointed.a) or blind_fraction < _OVERLOOKED_FRACTION:
        return []
    why = f"it stands within {topology.rules.sun_exclusion_deg:g}° of their line"
    fix = "take links that look another way (links.topology) or a terminal that bears more (links.sun_exclusion_deg)"
    return [f"the Sun interrupts {blind_fraction:.1%} of the links that terminals would point: {why}; {fix}"]


def length(distance_km: float) -> str:
    """Return a distance for reading: in metres where whole kilometres would say little."""
    return f"{distance_km:,.0f} km" if distance_km >= 10.0 else f"{1e3 * distance_km:,.0f} m"


def without_launch(plan: Plan, fleet: Fleet) -> list[str]:
    """Return a note when the orbital cost holds no launch, or not that of all satellites."""
    if plan.launch is None:
        return ["the plan has no launch table: no manifest was made and the orbital cost holds no launch"]
    flying = {shell.name for shell in plan.fleet if isinstance(shell, ElementFile)}
    count = sum(shell in flying for shell in fleet.shells)
    return [f"{count} satellites of element sets already fly: no launch is paid for them"] if count else []
