"""Which links carry traffic when, block after block? Choice at each instant, and acquisition from one to the next.

A link is pointed when its topology chooses it and the rules of a link allow it, and holds a terminal at both ends from
then on. It carries traffic once it has been pointed for the acquisition time without a break; whatever breaks it
(range, the Earth, the Sun, a terminal that must change), it begins anew. Nothing is known between instants: a link that
the rules allow at two instants that follow each other is taken to have been allowed in between.
Axes ``[time, sat, xyz]``, an Earth-centred inertial frame.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, lock
from planner.environment.sky import sun_positions_km
from planner.links.feasible import check_links
from planner.links.table import LinkTable
from planner.network.topology.before import Before
from planner.network.topology.held import Held
from planner.network.topology.instant import Instant, links_at
from planner.network.topology.rule import Topology
from planner.network.topology.seating import Candidates, Links, new_candidates
from planner.orbit.frames import pole_directions
from planner.orbit.propagate import Ephemeris
from planner.times import TimeGrid

__all__ = ["link_table", "links_of"]

_BLOCK_PAIRS: Final = 1_000_000
"""Pairs times instants judged at once: some 50 MB whatever the length of the run."""

_ROUNDING: Final = 1e-9
"""Part of a step by which acquisition may exceed whole steps and still end with them."""


def links_of(
    block: Ephemeris,
    topology: Topology,
    *,
    sun_km: FloatArray | None = None,
    pole: FloatArray | None = None,
    held: Held | None = None,
) -> tuple[LinkTable, Held]:
    """Return the laser links of one block of time, and what the next block needs to know of them.

    Parameters
    ----------
    block
        ``[time, sat, xyz]``, inertial (GCRS or TEME).
    topology
        Who links to whom.
    sun_km, pole
        ``[time, xyz]`` in the frame of the block: the Sun, and the Earth's axis as a unit vector. Worked out when left
        out, for a block in GCRS; in TEME the axis is z, and the Sun is needed where the rules keep clear of it.
    held
        What the block before returned. None where a plan starts: all links of its first instant count as acquired.

    Returns
    -------
    links
        The links that carry traffic; a satellite that is NaN has none.
    held
        For the next block. The links are the same, bit for bit, however a run is cut into blocks.

    Raises
    ------
    InputError
        For an answer of a user's function that cannot be linked; names instant and pair.
    ValueError
        For a block that does not follow the one before, a frame that turns with the Earth, a topology that names
        satellites that are not there, or rules that need the Sun without one.
    """
    satellites = block.positions_km.shape[1]
    _require_block(block, topology, satellites, held)
    if block.frame == "GCRS":
        sun_km, pole = _sky(block.times, topology, sun_km, pole)
    run = _run_fixed if topology.choice == "fixed" and topology.rules.mounting is None else _run_chosen
    rows, acquiring, (a, b, span, waiting_a, waiting_b), links, steps = run(block, topology, sun_km, pole, held)
    offsets, capacity_gbps = np.concatenate([[0], np.cumsum(rows)]), topology.terminal.capacity_gbps(span)
    columns = (offsets, a, b, span, capacity_gbps, acquiring, waiting_a, waiting_b)
    table = LinkTable.trusted(block.times, satellites, *columns)
    return table, Held(
        due=_after(block.times),
        step_s=block.times.step_s,
        acquisition_s=topology.acquisition_s,
        satellites=satellites,
        mounting=topology.rules.mounting,
        a=links.a,
        b=links.b,
        terminal_a=links.terminal_a,
        terminal_b=links.terminal_b,
        steps=steps,
    )


def link_table(
    ephemeris: Ephemeris, topology: Topology, *, sun_km: FloatArray | None = None, pole: FloatArray | None = None
) -> LinkTable:
    """Return the laser links of a whole run; for long ones of large fleets call `links_of` block by block.

    Parameters
    ----------
    ephemeris
        ``[time, sat, xyz]``.
    topology, sun_km, pole
        As in `links_of`.
    """
    return links_of(ephemeris, topology, sun_km=sun_km, pole=pole)[0]


def _sky(
    times: TimeGrid, topology: Topology, sun_km: FloatArray | None, pole: FloatArray | None
) -> tuple[FloatArray | None, FloatArray]:
    """Return the Sun, where the rules ask for it, and the Earth's axis, as given or worked out, GCRS."""
    if sun_km is None and topology.rules.asks_for_the_sun:
        sun_km = sun_positions_km(times)
    return sun_km, pole_directions(times) if pole is None else pole


def _require_block(block: Ephemeris, topology: Topology, satellites: int, held: Held | None) -> None:
    if block.frame == "ITRS":
        raise ValueError("block: ITRS turns with the Earth; links are judged in GCRS or TEME")
    if len(topology.pairs) and topology.pairs.max() >= satellites:
        raise ValueError(f"pairs: need two different satellites of 0 to {satellites - 1}")
    if topology.shells is not None and len(topology.shells) != satellites:
        raise ValueError(f"shells: {len(topology.shells)} of them given for {satellites} satellites")
    if held is not None:
        _require_the_same_run(block, topology, satellites, held)


def _require_the_same_run(block: Ephemeris, topology: Topology, satellites: int, held: Held) -> None:
    """Raise `ValueError` unless a block goes on where another ended."""
    if held.due != block.times.start:
        raise ValueError(f"block: starts at {block.times.start.isoformat()}, but {held.due.isoformat()} is due")
    if held.satellites != satellites:
        raise ValueError(f"held: of {held.satellites} satellites, but the block has {satellites}")
    for name, before, now in (
        ("step_s", held.step_s, block.times.step_s), ("acquisition_s", held.acquisition_s, topology.acquisition_s)
    ):  # fmt: skip
        if before != now:
            raise ValueError(
                f"held: of {name} {before:g}, but now it is {now:g}; steps of acquisition do not carry over, so start "
                "again with held=None or keep it"
            )
    mountings = [mounting for mounting in (held.mounting, topology.rules.mounting) if mounting is not None]
    if len(mountings) == 1 or not all(
        np.array_equal(getattr(mountings[0], name), getattr(mountings[-1], name))
        for name in ("boresights", "half_angle_deg")
        if mountings
    ):
        raise ValueError("held: its links are on terminals of another mounting; start again with held=None or keep it")


def _after(times: TimeGrid) -> datetime:
    """Return the instant that follows a grid."""
    return times.start + timedelta(microseconds=round(times.step_s * 1e6) * times.count)


def _needed(topology: Topology, times: TimeGrid) -> int:
    """Return for how many steps a link is pointed before it carries traffic."""
    return ceil(topology.acquisition_s / times.step_s - _ROUNDING)


_Columns = tuple[IntArray, IntArray, FloatArray, IntArray, IntArray]
_Run = tuple[IntArray, IntArray, _Columns, Links, IntArray]
"""Rows and links acquiring per instant, a, b and range of the rows, a and b of those acquiring, links pointed at the
end, and their steps."""


def _run_fixed(
    block: Ephemeris, topology: Topology, sun_km: FloatArray | None, pole: FloatArray | None, held: Held | None
) -> _Run:
    """Follow fixed pairs whose terminals can point anywhere: all pairs that the rules allow, all the time."""
    from planner.network.topology.trackkernel import NOT_POINTED, carrying, places_of

    pairs, needed = topology.pairs, _needed(topology, block.times)
    a, b = (np.array(column) for column in pairs.T)
    steps = np.full(len(pairs), needed if held is None else NOT_POINTED)
    if held is not None:
        # What another topology held and this one has not is let go.
        place = places_of((np.array(held.a), np.array(held.b)), (a, b))
        steps[place[place >= 0]] = held.steps[place >= 0]
    parts = []
    for part in _parts(block.times.count, len(pairs)):
        checked = check_links(
            block.positions_km[part], block.velocities_km_s[part], pairs, rules=topology.rules,
            sun_km=_of(sun_km, part), pole=_of(pole, part),
        )  # fmt: skip
        # As they are, locked: they are large and always so, and the kernel only reads them.
        parts.append(carrying(checked.usable, checked.range_km, a, b, needed, steps))
    columns = parts[0] if len(parts) == 1 else tuple(np.concatenate(column) for column in zip(*parts, strict=True))
    rows, acquiring, row_a, row_b, span, waiting_a, waiting_b = columns
    pointed = np.flatnonzero(steps != NOT_POINTED)
    nothing = np.zeros(len(pointed), dtype=np.int64)
    links = Links(a[pointed], b[pointed], np.empty(len(pointed)), nothing, nothing)
    return rows, acquiring, (row_a, row_b, span, waiting_a, waiting_b), links, steps[pointed]


def _run_chosen(
    block: Ephemeris, topology: Topology, sun_km: FloatArray | None, pole: FloatArray | None, held: Held | None
) -> _Run:
    """Follow links that are chosen, or whose terminals are, at each instant."""
    satellites, needed = len(block.sgp4_errors), _needed(topology, block.times)
    terminals = topology.counts(satellites)
    links, steps = Links.none(), np.empty(0, dtype=np.int64)
    if held is not None:
        links, steps = _resumed(held, terminals)
    rows, acquiring, columns = [], [], []
    for part in _parts(block.times.count, len(topology.pairs)):
        fixed = _fixed_of(block, topology, sun_km, pole, part)
        for time in range(part.start, part.stop):
            instant = Instant(
                block.times.datetime_at(time), block.positions_km[time], block.velocities_km_s[time],
                None if sun_km is None else sun_km[time], None if pole is None else pole[time],
            )  # fmt: skip
            before, links = links, links_at(instant, topology, terminals, fixed[time - part.start], Before(links))
            fresh = needed if held is None and time == 0 else 0
            steps = _continued(before, steps, links, satellites, needed, fresh)
            ready = steps >= needed
            rows.append(np.count_nonzero(ready))
            acquiring.append(np.count_nonzero(~ready))
            columns.append((links.a[ready], links.b[ready], links.range_km[ready], links.a[~ready], links.b[~ready]))
    a, b, span, waiting_a, waiting_b = (np.concatenate(column) for column in zip(*columns, strict=True))
    return np.array(rows), np.array(acquiring), (a, b, span, waiting_a, waiting_b), links, steps


def _resumed(held: Held, terminals: IntArray) -> tuple[Links, IntArray]:
    """Return the links that were pointed, and their steps, of those on terminals that satellites still have."""
    there = (held.terminal_a < terminals[held.a]) & (held.terminal_b < terminals[held.b])
    columns = (held.a[there], held.b[there], np.empty(np.count_nonzero(there)))
    return Links(*columns, held.terminal_a[there], held.terminal_b[there]), held.steps[there]


def _fixed_of(
    block: Ephemeris, topology: Topology, sun_km: FloatArray | None, pole: FloatArray | None, part: slice
) -> list[Candidates]:
    """Return for each instant of a part which of the fixed pairs the rules allow."""
    pairs = topology.pairs
    checked = check_links(
        block.positions_km[part], block.velocities_km_s[part], pairs, rules=topology.rules,
        sun_km=_of(sun_km, part), pole=_of(pole, part),
    )  # fmt: skip
    found = []
    for time in range(part.stop - part.start):
        here = np.flatnonzero(checked.usable[time])
        faces = (checked.faces_a[time, here], checked.faces_b[time, here])
        found.append(new_candidates(pairs[here, 0], pairs[here, 1], checked.range_km[time, here], *faces))
    return found


def _continued(before: Links, steps: IntArray, links: Links, satellites: int, needed: int, fresh: int) -> IntArray:
    """Return for how many steps each link has been pointed: one more than before, or `fresh` if it is new."""
    old, new = _keys((before.a, before.b), satellites), _keys((links.a, links.b), satellites)
    if not len(old) or not len(new):
        return np.full(len(new), fresh)
    place = np.minimum(np.searchsorted(old, new), len(old) - 1)
    same = old[place] == new
    same &= (before.terminal_a[place] == links.terminal_a) & (before.terminal_b[place] == links.terminal_b)
    return np.where(same, np.minimum(steps[place] + 1, needed), fresh)


def _keys(ends: tuple[IntArray, IntArray], satellites: int) -> IntArray:
    """Return one number a pair, rising as (a, b) does."""
    keys: IntArray = ends[0] * satellites + ends[1]
    return keys


def _parts(times: int, pairs: int) -> list[slice]:
    """Return consecutive parts of a block, small enough to be judged at once."""
    step = max(1, _BLOCK_PAIRS // max(pairs, 1))
    return [slice(first, min(first + step, times)) for first in range(0, times, step)]


def _of(columns: FloatArray | None, part: slice) -> FloatArray | None:
    return None if columns is None else lock(columns[part])
