"""Which satellites are within a distance of each other? A cell list, compiled; axes ``[sat, xyz]``, any frame.

Imports Numba: import this module inside the functions that call it. Space is divided into rows of cells as wide as the
distance, each row along x into cells of a quarter of it. Satellites are sorted by cell, row after row, so that those
of nine cells of one row are neighbours in memory; each looks on in its own row and in the four rows of half of the
directions around it. The cells are never made, only their numbers sorted: memory goes with satellites and pairs found,
however far apart the satellites are. The answer depends on nothing but the positions.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled

Places = NDArray[np.int32]

_FINE: Final = 4
"""Cells of a row per distance."""
_WIDER: Final = 1.0 + 1e-8
"""Rounding moves no satellite out of the cells that are looked at."""
_MOST_CELLS: Final = 2.0**19
"""Along one axis; a cell's number then fits 64 bits, and its place is good to far less than `_WIDER` leaves."""
_DIGIT_BITS: Final = 11
_ROWS: Final = 5
_FIRST_ROOM: Final = 16
"""Partners per satellite that there is room for at first."""


@compiled
def partners(positions: FloatArray, distance: float, distance_square: float) -> tuple[IntArray, Places]:
    """Return for each satellite the later ones within a distance, as compressed rows, each rising.

    Parameters
    ----------
    positions
        ``[sat, xyz]``; a satellite that is not finite has no partner, nor have two at the same place.
    distance, distance_square
        Pairs count up to the square; the first is at least its root.

    Returns
    -------
    starts, later
        Partners of ``a`` are ``later[starts[a]:starts[a + 1]]``.
    """
    satellites = len(positions)
    keys, who, row, layer = _cells(positions, distance)
    order = _order(keys)
    keys, who = keys[order], who[order]
    x, y, z = positions[who, 0], positions[who, 1], positions[who, 2]
    offsets = np.array([0, row, layer - row, layer, layer + row])
    starts, found = _scan(keys, who, (x, y, z), distance_square, offsets)
    return _rows(satellites, who, starts, found)


@compiled
def _cells(positions: FloatArray, distance: float) -> tuple[IntArray, Places, int, int]:
    """Return cell numbers and indices of the satellites that are finite, and the steps to the next row and layer."""
    satellites = len(positions)
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    who, alive = np.empty(satellites, np.int32), 0
    for sat in range(satellites):
        if np.isfinite(positions[sat, 0] + positions[sat, 1] + positions[sat, 2]):
            who[alive] = sat
            alive += 1
            for axis in range(3):
                low[axis] = min(low[axis], positions[sat, axis])
                high[axis] = max(high[axis], positions[sat, axis])
    who = who[:alive]
    keys = np.zeros(alive, np.int64)
    if alive == 0:
        return keys, who, 1, 1
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
    return keys, who, row, layer


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
    keys: IntArray,
    who: Places,
    place: tuple[FloatArray, FloatArray, FloatArray],
    distance_square: float,
    offsets: IntArray,
) -> tuple[IntArray, Places]:
    """Return who is near each satellite, sorted by cell, among those after it: compressed rows of indices."""
    x, y, z = place
    count = len(keys)
    starts = np.zeros(count + 1, np.int64)
    found, total = np.empty(_FIRST_ROOM * count + count, np.int32), 0
    is_near = np.empty(count, np.uint8)
    head, tail = np.zeros(_ROWS, np.int64), np.zeros(_ROWS, np.int64)
    for p in range(count):
        here_x, here_y, here_z = x[p], y[p], z[p]
        for row in range(_ROWS):
            # Numbers rise along the list, so that both ends of the part to look at only ever move on.
            least, most = keys[p] + offsets[row] - _FINE, keys[p] + offsets[row] + _FINE
            while head[row] < count and keys[head[row]] < least:
                head[row] += 1
            while tail[row] < count and keys[tail[row]] <= most:
                tail[row] += 1
            first, last = max(head[row], p + 1), tail[row]
            if total + (last - first) > len(found):
                wider = np.empty(2 * len(found) + (last - first), np.int32)
                wider[:total] = found[:total]
                found = wider
            for q in range(first, last):
                dx, dy, dz = x[q] - here_x, y[q] - here_y, z[q] - here_z
                square = dx * dx + dy * dy + dz * dz
                is_near[q - first] = (square > 0.0) & (square <= distance_square)
            for q in range(first, last):
                found[total] = who[q]
                total += is_near[q - first]
        starts[p + 1] = total
    return starts, found[:total]


@compiled
def _rows(satellites: int, who: Places, starts: IntArray, found: Places) -> tuple[IntArray, Places]:
    """Return the pairs as rows of the lower index: sorted by the higher one first, then by the lower one."""
    by_higher, by_lower = np.zeros(satellites + 1, np.int64), np.zeros(satellites + 1, np.int64)
    for p in range(len(who)):
        for k in range(starts[p], starts[p + 1]):
            by_higher[max(who[p], found[k]) + 1] += 1
            by_lower[min(who[p], found[k]) + 1] += 1
    by_higher, by_lower = np.cumsum(by_higher), np.cumsum(by_lower)
    lower, later = np.empty(len(found), np.int32), np.empty(len(found), np.int32)
    put = by_higher[:-1].copy()
    for p in range(len(who)):
        for k in range(starts[p], starts[p + 1]):
            higher = max(who[p], found[k])
            lower[put[higher]] = min(who[p], found[k])
            put[higher] += 1
    put = by_lower[:-1].copy()
    for higher in range(satellites):
        for k in range(by_higher[higher], by_higher[higher + 1]):
            later[put[lower[k]]] = higher
            put[lower[k]] += 1
    return by_lower, later
