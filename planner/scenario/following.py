"""What happens to a plan's fleet up to an instant, and no further? Block by block, from the plan's start; GCRS.

For questions that do not wait for a whole `Study`. From the start, because links (hysteresis, acquisition), antennas
(they stay with a satellite until it sets) and lost satellites remember what came before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Final, NamedTuple

from planner.arrays import FloatArray
from planner.environment import sun_positions_km
from planner.errors import InputError, Problem, legible
from planner.links import LinkTable
from planner.network import Held, Topology, links_of
from planner.orbit import Ephemeris, Fleet, propagate_blocks
from planner.orbit.frames import pole_directions
from planner.scenario.flight import Progress
from planner.scenario.study import Study

_STATES_PER_BLOCK: Final = 250_000
"""Satellites times instants worked on at once: some tens of megabytes, and news of progress several times a second."""


@dataclass(frozen=True)
class Moment:
    """An instant of a plan's grid, the one that was asked for, and the plan's first."""

    index: int
    at: datetime
    asked: datetime
    start: datetime


class Block(NamedTuple):
    """Consecutive instants: states ``[time, sat, xyz]``, the links that work, those pointed at the last one, the sky.

    `sun_km` and `pole` are ``[time, xyz]``; no Sun where the rules of a link do not ask for it.
    """

    states: Ephemeris
    links: LinkTable
    held: Held
    sun_km: FloatArray | None
    pole: FloatArray


def moment_of(study: Study, asked: datetime | None) -> Moment:
    """Return the instant of the plan's grid nearest to the one asked for, the earlier of two; its start for None.

    Raises
    ------
    InputError
        For an instant before the plan's start or after its end.
    """
    times = study.times
    if asked is None:
        return Moment(0, times.start, times.start, times.start)
    end = times.start + study.plan.time.length
    if not times.start <= asked <= end:
        reason = f"{iso(asked)} is not within the plan, {iso(times.start)} to {iso(end)}; give an instant of it"
        raise InputError(Problem("at", reason))
    step = timedelta(seconds=times.step_s)
    whole, rest = divmod(asked - times.start, step)
    index = min(whole + (2 * rest > step), times.count - 1)
    return Moment(index, times.datetime_at(index), asked, times.start)


def iso(at: datetime) -> str:
    """Return an instant as a plan writes it, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def row_of(name: str, names: Sequence[str], what: str) -> int:
    """Return the place of a name, given as it is or as it is shown.

    Raises
    ------
    InputError
        With the nearest name, if there is none of that name.
    """
    shown = [legible(known) for known in names]
    rows = [row for row, known in enumerate(names) if known == name]
    rows = rows or [row for row, known in enumerate(shown) if known == name]
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise InputError(Problem("", f'{len(rows)} {what}s are shown as "{legible(name)}"; rename all but one'))
    if not names:
        raise InputError(Problem("", f'no {what} "{legible(name)}"; the plan has none'))
    folded: dict[str, str] = {}
    for known in shown:
        folded.setdefault(known.casefold(), known)
    close = get_close_matches(legible(name).casefold(), folded, n=1)
    hint = f'did you mean "{folded[close[0]]}"?' if close else f'names look like "{shown[0]}"'
    raise InputError(Problem("", f'no {what} "{legible(name)}"; {hint}'))


def follow(
    study: Study, fleet: Fleet, topology: Topology, *, count: int, progress: Progress | None = None
) -> Iterator[Block]:
    """Yield what a fleet, all of the plan's or a part of it, does in the first `count` instants of the plan.

    Parameters
    ----------
    study
        The plan.
    fleet, topology
        ``[sat]``, and who among them links to whom.
    count
        Instants.
    progress
        Told after each block which part is done.
    """
    times = study.times.part(0, count)
    held: Held | None = None
    # All at once: where the ephemeris ends, one warning then says so.
    sun_km = sun_positions_km(times) if topology.rules.asks_for_the_sun else None
    first = 0
    for states in propagate_blocks(fleet, times, block=max(1, _STATES_PER_BLOCK // max(1, len(fleet)))):
        part = slice(first, first + states.times.count)
        sun, pole = None if sun_km is None else sun_km[part], pole_directions(states.times)
        links, held = links_of(states, topology, sun_km=sun, pole=pole, held=held)
        yield Block(states, links, held, sun, pole)
        first = part.stop
        if progress is not None:
            progress(first / count)
