"""What must a reader know before believing the rest? Sentences, from tables that are already there."""

import warnings
from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np

from planner.arrays import IntArray
from planner.errors import PlannerWarning
from planner.links import LaserTerminal, LinkTable
from planner.orbit import Fleet
from planner.orbit.propagate import SGP4_ERRORS
from planner.scenario.schema import Plan
from planner.scenario.shells import ElementFile

_NAMED: Final = 5
"""Satellites that a note names before it says how many more there are."""


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
    reach = f"within {terminal.maximum_range_km:,.0f} km and sight of each other"
    return [f"no two satellites are ever linked: none that {topology} pairs come {reach}"]


def without_grid(fleet: Fleet, topology: str) -> list[str]:
    """Return a note when a grid of planes and slots is asked of a formation, which has neither."""
    if topology != "plus_grid" or not fleet.offsets.flown.any():
        return []
    shells = ", ".join(dict.fromkeys(np.array(fleet.shells)[fleet.offsets.flown].tolist()))
    return [f"plus_grid links neighbours along and across planes, which {shells} has not; take mutual_nearest"]


def without_launch(plan: Plan, fleet: Fleet) -> list[str]:
    """Return a note when the orbital cost holds no launch, or not that of all satellites."""
    if plan.launch is None:
        return ["the plan has no launch table: no manifest was made and the orbital cost holds no launch"]
    flying = {shell.name for shell in plan.fleet if isinstance(shell, ElementFile)}
    count = sum(shell in flying for shell in fleet.shells)
    return [f"{count} satellites of element sets already fly: no launch is paid for them"] if count else []
