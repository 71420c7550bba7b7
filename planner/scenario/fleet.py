"""From the fleet tables of a plan to one `Fleet`, with a note for everything that was left out or is stale."""

from collections.abc import Callable
from functools import reduce
from operator import add
from pathlib import Path
from typing import Final

from planner.errors import ElementSetError, PlanError, Problem
from planner.orbit import (
    Fleet,
    bundled_element_sets,
    cluster,
    dawn_dusk_train,
    phasing_separations_km,
    read_elements,
    repeat_ground_track,
    safest_phasing,
    shell_gaps_km,
    staleness_note,
    sun_synchronous,
    walker_delta,
    walker_star,
)
from planner.orbit.design.trains import MINIMUM_SEPARATION_KM
from planner.scenario.load import inside_folder
from planner.scenario.places import plan_sites
from planner.scenario.schema import Plan
from planner.scenario.shells import DesignedShell, ElementFile, SunSynchronousShell, WalkerShell

_DESIGNS: Final[dict[str, Callable[..., Fleet]]] = {
    "sun_synchronous": sun_synchronous,
    "walker_delta": walker_delta,
    "walker_star": walker_star,
    "dawn_dusk_train": dawn_dusk_train,
    "repeat_ground_track": repeat_ground_track,
    "cluster": cluster,
}

MOST_PLANES: Final = 200
"""Of a shell whose safest phasing is sought: the work grows with the square of their number, 1.5 s here."""


def build_fleet(
    plan: Plan, folder: Path, *, strict: bool = False, verify_checksum: bool = True
) -> tuple[Fleet, tuple[str, ...]]:
    """Return the fleet of a plan, with notes on its element sets and on shells whose satellites pass too close.

    Parameters
    ----------
    plan
        The plan; designed shells have their epoch at its start.
    folder
        Folder that its element files lie in.
    strict
        Refuse stale elements instead of noting them.
    verify_checksum
        Refuse TLE lines with a wrong checksum instead of noting them.

    Raises
    ------
    PlanError, ElementSetError
        For a file outside the plan's folder, one that cannot be read, one with nothing in its altitude band, stale
        elements when `strict`, and a name that two of satellites and sites share.
    """
    fleets: list[Fleet] = []
    notes: list[str] = []
    for i, shell in enumerate(plan.fleet):
        if isinstance(shell, ElementFile):
            path = _path(shell, folder, f"fleet[{i}]")
            fleet, found = _published(shell, path, plan, strict=strict, verify_checksum=verify_checksum)
        else:
            try:
                fleet, found = _designed(shell, plan)
            except ValueError as error:
                raise PlanError(Problem(f"fleet[{i}]", str(error))) from None
        notes += found
        fleets.append(fleet)
    _require_own_names(fleets, plan)
    designed = [fleet for fleet, shell in zip(fleets, plan.fleet, strict=True) if not isinstance(shell, ElementFile)]
    return reduce(add, fleets), (*notes, *_shells_too_near(designed))


def _shells_too_near(designed: list[Fleet]) -> list[str]:
    """Return a note for every two designed shells whose altitudes do not keep their satellites apart."""
    gaps = shell_gaps_km(reduce(add, designed)) if len(designed) > 1 else ()
    return [
        f"{gap.shells[0]} and {gap.shells[1]}: their altitudes keep satellites no farther apart than "
        f"{gap.gap_km:.2g} km, and their phases drift; put the shells at least {MINIMUM_SEPARATION_KM:g} km apart"
        for gap in gaps
        if gap.gap_km < MINIMUM_SEPARATION_KM
    ]


def _require_own_names(fleets: list[Fleet], plan: Plan) -> None:
    """Raise `PlanError` where a satellite has the name of another shell's, a site or a city: routes go by name."""
    owner = dict.fromkeys((city.name for city in plan_sites(plan)), "cities")
    owner |= {site.name: f"sites[{i}]" for i, site in enumerate(plan.sites)}
    shell_of: dict[str, int] = {}
    problems = []
    for i, fleet in enumerate(fleets):
        for shell in dict.fromkeys(fleet.shells):
            if shell in shell_of:
                reason = f'makes a shell "{shell}", which fleet[{shell_of[shell]}] has already; rename one of the two'
                problems.append(Problem(f"fleet[{i}]", reason))
            shell_of[shell] = i
        taken = [name for name in fleet.names if name in owner]
        if taken:
            more = f" (and {len(taken) - 1} more)" if len(taken) > 1 else ""
            reason = f'the name "{taken[0]}"{more} also stands in {owner[taken[0]]}; leave out or rename one of the two'
            problems.append(Problem(f"fleet[{i}]", reason))
        owner |= dict.fromkeys(fleet.names, f"fleet[{i}]")
    if problems:
        raise PlanError(problems)


def _designed(shell: DesignedShell, plan: Plan) -> tuple[Fleet, list[str]]:
    """Return a shell's satellites, and a note when they pass too close to one another."""
    arguments, notes = shell.arguments, []
    if isinstance(shell, SunSynchronousShell | WalkerShell):
        if shell.phasing == "safest":
            if shell.planes > MOST_PLANES:
                raise ValueError(f"phasing: safest is sought for at most {MOST_PLANES} planes; give a number")
            arguments["phasing"] = safest_phasing(**shell.pattern)
        closest_km = float(phasing_separations_km(**shell.pattern, phasings=[arguments["phasing"]])[0])
        if closest_km < MINIMUM_SEPARATION_KM:
            near = f"{shell.name}: satellites pass within {closest_km:.2g} km of each other"
            notes.append(f"{near}; {_way_apart(shell)}")
    fleet: Fleet = _DESIGNS[shell.kind](**arguments, epoch=plan.time.start, rack_type=shell.rack)
    return fleet, notes


def _way_apart(shell: SunSynchronousShell | WalkerShell) -> str:
    """Return what keeps the satellites of a shell apart, once it was found to."""
    if shell.planes > MOST_PLANES:
        return "try another phasing"
    by_phasing = phasing_separations_km(**shell.pattern)
    best = int(by_phasing.argmax())
    if by_phasing[best] < MINIMUM_SEPARATION_KM:
        return f"no phasing keeps them {MINIMUM_SEPARATION_KM:g} km apart; fly fewer in one shell"
    return f"phasing = {best} keeps them {by_phasing[best]:.3g} km apart"


def _path(shell: ElementFile, folder: Path, key: str) -> Path:
    if shell.bundled is not None:
        return inside_folder(bundled_element_sets(), shell.bundled, f"{key}.bundled", what="tle/ of the planner")
    return inside_folder(folder, shell.file or "", f"{key}.file")


def _published(
    shell: ElementFile, path: Path, plan: Plan, *, strict: bool, verify_checksum: bool
) -> tuple[Fleet, list[str]]:
    read = read_elements(path, rack_type=shell.rack, shell=shell.name, verify_checksum=verify_checksum)
    fleet = read.fleet
    inside = (fleet.altitude_km >= shell.minimum_altitude_km) & (fleet.altitude_km <= shell.maximum_altitude_km)
    band = f"{shell.minimum_altitude_km:g}–{shell.maximum_altitude_km:g} km"
    if not inside.any():
        reason = f"none of {len(fleet)} satellites has its mean altitude in {band}; widen the band"
        raise ElementSetError(Problem(str(path), reason))
    # Without the path, which would make the report of one plan differ from folder to folder.
    notes = [f"{shell.name}: {note.removeprefix(f'{path}: ')}" for note in read.notes]
    if not inside.all():
        notes.append(f"{shell.name}: {int((~inside).sum())} of {len(fleet)} satellites left out, outside {band}")
    fleet = fleet[inside]
    if shell.limit is not None and len(fleet) > shell.limit:
        notes.append(f"{shell.name}: the first {shell.limit} of {len(fleet)} satellites taken (limit)")
        fleet = fleet[: shell.limit]
    stale = staleness_note(fleet, plan.time.start, limit_d=shell.maximum_age_d)
    if stale and strict:
        raise ElementSetError(Problem(str(path), f"{stale}; take fresher elements, or leave out --strict"))
    return fleet, [*notes, f"{shell.name}: {stale}"] if stale else notes
