"""Who links to whom at each moment, and how long are those links? Pairs of satellites, then a `LinkTable`.

Two ways to choose pairs: `plus_grid`, fixed, for designed shells, and `mutual_nearest`, chosen anew each instant, for
any fleet. `link_table` measures either over time and keeps the links that are within range and clear of the Earth.
A link exists as soon as both hold: changing partners costs nothing here, neither time to point nor to acquire.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, ints, require_shape
from planner.links.geometry import GRAZING_ALTITUDE_KM, in_sight, range_km
from planner.links.optical import LaserTerminal
from planner.links.table import LinkTable, offsets_of
from planner.network.grid import plus_grid
from planner.orbit.propagate import Ephemeris

__all__ = ["Chooser", "link_table", "mutual_nearest", "plus_grid"]

Chooser = Callable[[FloatArray], IntArray]
"""From positions ``[sat, xyz]`` of one instant to pairs ``[pair, 2]``."""

_BLOCK_PAIRS: Final = 500_000
"""Pairs measured at once: about 100 MB of temporaries whatever the length of the run."""

_FIRST_NEIGHBOURS: Final = 4
"""Neighbours listed per terminal at first; satellites that need more get more. Only speed depends on it."""

_METRES_PER_KM: Final = 1e3


def mutual_nearest(
    positions_km: FloatArray,
    *,
    terminals: int,
    maximum_range_km: float,
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
) -> IntArray:
    """Return links made shortest first between satellites that both have a terminal free.

    Each link is, at the moment it is made, the nearest free partner of both its ends: what a fleet settles into when
    every satellite keeps asking its nearest free neighbour. No satellite gets more links than terminals, and none
    could be added between two that have one left.

    Parameters
    ----------
    positions_km
        ``[sat, xyz]``; satellites that are NaN get no link.
    terminals
        Laser terminals of each satellite.
    maximum_range_km
        Longest link.
    grazing_altitude_km
        Lowest altitude that a link may pass.

    Returns
    -------
    IntArray
        ``[pair, 2]``, indices a < b, sorted. Ranges that agree to the metre count as equal, and then the lower indices
        come first, so that rounding never decides.

    Raises
    ------
    ValueError
        If `terminals` is below 1 or the range is not positive.
    """
    require_shape("positions_km", positions_km, (None, 3))
    if terminals < 1 or not maximum_range_km > 0.0:
        raise ValueError(f"terminals: {terminals} must be at least 1, maximum_range_km: {maximum_range_km} positive")
    alive = np.flatnonzero(np.isfinite(positions_km).all(axis=1))
    if len(alive) < 2:
        return ints(np.empty((0, 2)))
    pairs = _match(np.ascontiguousarray(positions_km[alive]), terminals, maximum_range_km, grazing_altitude_km)
    chosen = alive[pairs]
    return ints(chosen[np.lexsort((chosen[:, 1], chosen[:, 0]))])


def _match(positions: FloatArray, terminals: int, longest_km: float, grazing_km: float) -> IntArray:
    """Match on lists of nearest neighbours, completed where a longer list could change the result.

    A pair is missing from the candidates only if it is longer than the lists of both its ends, so it could be matched
    only if both had a terminal free at the end of their lists. Pairs of such open satellites are added until all of
    them are there; then the first pair on which the match of all pairs could differ from this one does not exist.
    """
    from scipy.spatial import cKDTree

    satellites = len(positions)
    listed = min(_FIRST_NEIGHBOURS * terminals + 1, satellites)
    distance, neighbour = cKDTree(positions).query(positions, k=listed, distance_upper_bound=longest_km)
    near = np.isfinite(distance)
    own, _ = np.nonzero(near)
    cut = near[:, -1] & (listed < satellites)
    horizon_m = np.where(cut, np.floor(distance[:, -1] * _METRES_PER_KM), np.inf)
    key = _keys(own, neighbour[near], satellites)
    covered = np.zeros(satellites, dtype=np.bool_)
    while True:
        pairs, range_m = _in_order(key, positions, longest_km, grazing_km)
        chosen = _shortest_first(pairs, satellites, terminals)
        taken = pairs[chosen]
        used = np.bincount(taken[range_m[chosen, None] < horizon_m[taken]], minlength=satellites)
        open_ends = (used < terminals) & cut
        if not np.any(open_ends & ~covered):
            return taken
        covered |= open_ends
        members = np.flatnonzero(covered)
        more = cKDTree(positions[members]).query_pairs(longest_km, output_type="ndarray")
        key = np.concatenate([key, _keys(members[more[:, 0]], members[more[:, 1]], satellites)])


def _keys(a: IntArray, b: IntArray, satellites: int) -> IntArray:
    """Return one number per pair, the same for (a, b) and (b, a)."""
    keys: IntArray = np.minimum(a, b) * satellites + np.maximum(a, b)
    return keys


def _in_order(
    key: IntArray, positions: FloatArray, longest_km: float, grazing_km: float
) -> tuple[IntArray, FloatArray]:
    """Return the usable pairs of `key`, each once, shortest first, and their ranges rounded to metres."""
    key = np.sort(key)
    key = key[np.diff(key, prepend=-1) > 0]
    first, second = np.divmod(key, len(positions))
    a, b = positions[first], positions[second]
    span = range_km(a, b)
    usable = (span > 0.0) & (span <= longest_km) & in_sight(a, b, grazing_altitude_km=grazing_km)
    pairs, range_m = np.stack([first, second], axis=1)[usable], np.round(span[usable] * _METRES_PER_KM)
    order = np.argsort(range_m, kind="stable")
    return pairs[order], range_m[order]


def _shortest_first(pairs: IntArray, satellites: int, terminals: int) -> IntArray:
    """Return which of the ordered pairs the match takes, each where both ends have a terminal left.

    One pair after the other over plain lists: rounds of whole arrays take the same pairs, but in a regular shell one
    choice hangs on the next in chains across whole planes, and there are more rounds than arrays gain.
    """
    free = [terminals] * satellites
    taken = []
    for place, (a, b) in enumerate(pairs.tolist()):
        if free[a] and free[b]:
            free[a] -= 1
            free[b] -= 1
            taken.append(place)
    return np.array(taken, dtype=np.int64)


def link_table(
    ephemeris: Ephemeris,
    *,
    terminal: LaserTerminal,
    pairs: IntArray | None = None,
    choose: Chooser | None = None,
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
) -> LinkTable:
    """Return the laser links over time.

    Parameters
    ----------
    ephemeris
        ``[time, sat, xyz]``.
    terminal
        Sets the greatest range and the capacity of a link.
    pairs
        ``[pair, 2]``, the same at every instant (`plus_grid`); or
    choose
        the pairs of each instant from its positions (`mutual_nearest` with its limits). Exactly one of the two.
    grazing_altitude_km
        Lowest altitude that a link may pass.

    Returns
    -------
    LinkTable
        The links that are in range and in sight; a satellite that is NaN has none.

    Raises
    ------
    ValueError
        If both or neither of `pairs` and `choose` are given, or a pair names no satellite or one satellite twice.
    """
    if (pairs is None) == (choose is None):
        raise ValueError("link_table: give exactly one of pairs and choose")
    times, positions = ephemeris.times, ephemeris.positions_km
    satellites = positions.shape[1]
    if pairs is not None:
        fixed = _checked(pairs, satellites)
        step = max(1, _BLOCK_PAIRS // max(len(fixed), 1))
    else:
        step = 1
    found, counts = [], []
    for first in range(0, times.count, step):
        block = positions[first : first + step]
        these = fixed if choose is None else _checked(choose(block[0]), satellites)
        found.append(_measure(block, these, terminal, grazing_altitude_km))
        counts.append(len(block))
    offsets = offsets_of([rows[0] for rows in found], counts)
    a, b = (np.concatenate([rows[column] for rows in found]) for column in (1, 2))
    span = np.concatenate([rows[3] for rows in found])
    return LinkTable(times, satellites, offsets, a, b, span, terminal.capacity_gbps(span))


def _checked(pairs: IntArray, satellites: int) -> IntArray:
    """Return pairs as a < b, each once, sorted."""
    pairs = np.asarray(pairs, dtype=np.int64)
    require_shape("pairs", pairs, (None, 2))
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= satellites or np.any(pairs[:, 0] == pairs[:, 1])):
        raise ValueError(f"pairs: need two different satellites of 0 to {satellites - 1}")
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _measure(
    positions: FloatArray, pairs: IntArray, terminal: LaserTerminal, grazing_km: float
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return instant, ends and range of each usable link of one block ``[time, sat, xyz]``."""
    a, b = positions[:, pairs[:, 0]], positions[:, pairs[:, 1]]
    span = range_km(a, b)
    usable: BoolArray = (span > 0.0) & (span <= terminal.maximum_range_km)
    usable &= in_sight(a, b, grazing_altitude_km=grazing_km)
    time, pair = np.nonzero(usable)
    return time, pairs[pair, 0], pairs[pair, 1], span[time, pair]
