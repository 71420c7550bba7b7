"""Which satellites are within a distance and in sight of each other? A cell list, compiled; axes ``[sat, xyz]``.

Imports Numba: import this module inside the functions that call it. Any frame that does not turn. Space is divided into
rows of cells as wide as the distance, each row along x into cells of a quarter of it. Satellites are sorted by cell,
row after row, so that those of nine cells of one row are neighbours in memory. Whom a cell's satellites may meet, on in
their own row and in the four rows of half of the directions around it, is laid side by side once for all of them; each
is then compared with the whole list in one loop. The cells are never made, only their numbers sorted: memory goes with
satellites and pairs found, however far apart the satellites are. The answer depends on nothing but the positions.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled
from planner.links.verdict import NEAR, Bits, Limits, Vector, near

Places = NDArray[np.int32]
Sorted = tuple[IntArray, Places, FloatArray]
"""Satellites by cell: numbers of their cells, their indices ``[place]``, their positions ``[xyz, place]``."""

_FINE: Final = 4
"""Cells of a row per distance."""
_WIDER: Final = 1.0 + 1e-8
"""Rounding moves no satellite out of the cells that are looked at."""
_MOST_CELLS: Final = 2.0**19
"""Along one axis; a cell's number then fits 64 bits, and its place is good to far less than `_WIDER` leaves."""
_CLEARLY: Final = 1.0 + 1e-9
"""Rounding brings no segment that is so much above a level below it."""
_DIGIT_BITS: Final = 11
_ROWS: Final = 5
_FIRST_ROOM: Final = 32
"""Partners per satellite that there is room for at first."""


def near_pairs(positions: FloatArray, distance: float, pole: Vector, limits: Limits) -> IntArray:
    """Return the pairs of satellites within range and clear of the Earth, sorted ``[pair, 2]``.

    Large arrays are made here, by NumPy, which asks for large pages of memory: half of the time went into small ones.

    Parameters
    ----------
    positions
        ``[sat, xyz]``; a satellite that is not finite has no partner, nor have two at the same place.
    distance
        At least the root of the limit's square.
    pole, limits
        As in `planner.links.verdict`.
    """
    keys, who, steps, lowest_square = _cells(positions, distance)
    order = _order(keys)
    keys, who = keys[order], who[order]
    satellites = (keys, who, np.ascontiguousarray(positions[who].T))
    # Half a chord above the lowest end's level stays clear of the Earth, whichever way it lies.
    is_clear = 4.0 * lowest_square - limits[0] > limits[1] * _CLEARLY
    starts, found = np.zeros(len(who) + 1, np.int64), np.empty(_FIRST_ROOM * len(who), np.int32)
    done = _scan(0, satellites, steps, pole, limits, is_clear, starts, found)
    while done < len(who):
        # Twice as much, and surely enough for the next satellite.
        wider = np.empty(2 * len(found) + len(who), np.int32)
        wider[: starts[done]] = found[: starts[done]]
        found = wider
        done = _scan(done, satellites, steps, pole, limits, is_clear, starts, found)
    pairs = np.empty((starts[-1], 2), np.int64)
    _sort(len(positions), who, starts, found, pairs, pairs.reshape(-1).view(np.int32))
    return pairs


@compiled
def _cells(positions: FloatArray, distance: float) -> tuple[IntArray, Places, IntArray, float]:
    """Return cell numbers and indices of the satellites that are finite, and the least square of a distance from 0.

    Third are the steps from a cell's number to its own in the rows to look at, its own row first.
    """
    satellites = len(positions)
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    who, alive, lowest_square = np.empty(satellites, np.int32), 0, np.inf
    for sat in range(satellites):
        x, y, z = positions[sat, 0], positions[sat, 1], positions[sat, 2]
        if np.isfinite(x + y + z):
            lowest_square = min(lowest_square, x * x + y * y + z * z)
            who[alive] = sat
            alive += 1
            for axis in range(3):
                low[axis] = min(low[axis], positions[sat, axis])
                high[axis] = max(high[axis], positions[sat, axis])
    who = who[:alive]
    keys = np.zeros(alive, np.int64)
    if alive == 0:
        return keys, who, np.zeros(_ROWS, np.int64), lowest_square
    extent = max(high[0] - low[0], high[1] - low[1], high[2] - low[2])
    # A distance beyond all of them is one cell.
    width = max(min(distance, extent + 1.0), extent / _MOST_CELLS) * _WIDER
    # Room between rows and layers, so that a look past an end meets nobody.
    row = int((high[0] - low[0]) / width * _FINE) + 1 + _FINE
    layer = row * (int((high[1] - low[1]) / width) + 2)
    for place in range(alive):
        sat = who[place]
        x, y, z = positions[sat, 0] - low[0], positions[sat, 1] - low[1], positions[sat, 2] - low[2]
        keys[place] = int(z / width) * layer + int(y / width) * row + int(x / width * _FINE)
    return keys, who, np.array([0, row, layer - row, layer, layer + row]), lowest_square


@compiled
def _order(keys: IntArray) -> IntArray:
    """Return the stable order of numbers from 0 on: a counting sort, digit by digit."""
    order, other = np.arange(len(keys)), np.empty(len(keys), np.int64)
    highest = keys.max() if len(keys) else 0
    shift = 0
    while highest >> shift > 0:
        first = np.zeros((1 << _DIGIT_BITS) + 1, np.int64)
        for key in keys:
            first[((key >> shift) & ((1 << _DIGIT_BITS) - 1)) + 1] += 1
        first = np.cumsum(first)
        for place in order:
            digit = (keys[place] >> shift) & ((1 << _DIGIT_BITS) - 1)
            other[first[digit]] = place
            first[digit] += 1
        order, other = other, order
        shift += _DIGIT_BITS
    return order


@compiled
def _scan(
    done: int,
    satellites: Sorted,
    steps: IntArray,
    pole: Vector,
    limits: Limits,
    is_clear: bool,
    starts: IntArray,
    found: Places,
) -> int:
    """Write whom each satellite, sorted by cell, meets among those after it; return how many satellites are done.

    Partners of the satellite at a place are ``found[starts[place]:starts[place + 1]]``, indices. Begins after `done`
    satellites and ends early where there might not be room for the next one's partners.
    """
    keys = satellites[0]
    count = len(keys)
    head, tail = np.zeros(_ROWS, np.int64), np.zeros(_ROWS, np.int64)
    beside, names, meets = np.empty((3, count)), np.empty(count, np.int32), np.empty(count, np.uint8)
    first = done
    while first > 0 and first < count and keys[first - 1] == keys[first]:
        first -= 1
    while first < count:
        listed = _gather(keys[first], satellites, steps, (head, tail), beside, names)
        after = first
        while after < count and keys[after] == keys[first]:
            after += 1
        for place in range(max(first, done), after):
            # The cell's own satellites come first in the list, in their order.
            own = place - first
            if starts[place] + listed - own > len(found):
                return place
            _compare(own, listed, beside, pole, limits, is_clear, meets)
            total = starts[place]
            for k in range(own + 1, listed):
                found[total] = names[k]
                total += meets[k]
            starts[place + 1] = total
        first = after
    return count


@compiled
def _gather(
    key: int,
    satellites: Sorted,
    steps: IntArray,
    window: tuple[IntArray, IntArray],
    beside: FloatArray,
    names: Places,
) -> int:
    """Write positions ``[xyz, listed]`` and indices of whom a cell's satellites may meet; return how many."""
    (keys, who, xyz), (head, tail) = satellites, window
    count, listed = len(keys), 0
    for row in range(_ROWS):
        # Cells before it in its own row have met it already.
        least = key + steps[row] - (_FINE if row else 0)
        most = key + steps[row] + _FINE
        # Numbers rise along the list, so that both ends of the part to look at only ever move on.
        while head[row] < count and keys[head[row]] < least:
            head[row] += 1
        while tail[row] < count and keys[tail[row]] <= most:
            tail[row] += 1
        for place in range(head[row], tail[row]):
            beside[0, listed], beside[1, listed], beside[2, listed] = xyz[0, place], xyz[1, place], xyz[2, place]
            names[listed] = who[place]
            listed += 1
    return listed


@compiled
def _compare(
    own: int, listed: int, beside: FloatArray, pole: Vector, limits: Limits, is_clear: bool, meets: Bits
) -> None:
    """Write which of those listed one of them is within range and in sight of: no branch inside the loops."""
    x, y, z = beside[0], beside[1], beside[2]
    here = x[own], y[own], z[own]
    if is_clear:
        for k in range(listed):
            dx, dy, dz = x[k] - here[0], y[k] - here[1], z[k] - here[2]
            square = dx * dx + dy * dy + dz * dz
            meets[k] = (square > 0.0) & (square <= limits[0])
    else:
        for k in range(listed):
            bits, _ = near(here, (x[k], y[k], z[k]), pole, limits)
            meets[k] = bits == NEAR


@compiled
def _sort(satellites: int, who: Places, starts: IntArray, found: Places, pairs: IntArray, scratch: Places) -> None:
    """Write the pairs sorted: put into rows of the higher index first, then, in that order, of the lower one.

    `scratch` is the memory of `pairs` as half as wide numbers. Its first quarter takes the lower indices, its last the
    higher ones; a pair is written over none of these that is yet to be read.
    """
    by_higher, by_lower = np.zeros(satellites + 1, np.int64), np.zeros(satellites + 1, np.int64)
    for place in range(len(who)):
        for k in range(starts[place], starts[place + 1]):
            by_higher[max(who[place], found[k]) + 1] += 1
            by_lower[min(who[place], found[k]) + 1] += 1
    by_higher, by_lower = np.cumsum(by_higher), np.cumsum(by_lower)
    lower, later = scratch[: len(pairs)], scratch[3 * len(pairs) :]
    put = by_higher[:-1].copy()
    for place in range(len(who)):
        for k in range(starts[place], starts[place + 1]):
            higher = max(who[place], found[k])
            lower[put[higher]] = min(who[place], found[k])
            put[higher] += 1
    put = by_lower[:-1].copy()
    for higher in range(satellites):
        for k in range(by_higher[higher], by_higher[higher + 1]):
            later[put[lower[k]]] = higher
            put[lower[k]] += 1
    for a in range(satellites):
        for k in range(by_lower[a], by_lower[a + 1]):
            b = later[k]
            pairs[k, 0], pairs[k, 1] = a, b
