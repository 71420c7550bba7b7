"""Which links does a greedy match take, and by which terminals? Kernels of `planner.network.topology.seating`.

Links are columns ``[link]``, considered one after the other in the order of a sorted key. Terminals of a satellite are
either counted, where any can point anywhere, or told apart, where a bit mask says which of them can face the other end.
"""

import numpy as np
from numpy.typing import NDArray

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled, compiled_inline

Buckets = NDArray[np.int32]
"""Half the memory of other numbers: there are never as many buckets as links."""

FREE = -1
"""Occupant of a terminal that no link holds."""
ABSENT = -2
"""Occupant of a terminal that the satellite does not have."""

_HELD_DEMAND = 1 << 32
"""What a held link weighs among those that want a terminal: more than all others together."""
_TO_A_BUCKET = 8
"""Keys to a bucket on average. Only speed depends on it and on the next."""
_COARSE = 5
"""Of a bucket's number, the bits that do not count for where a part to be sorted ends."""
_PARTS = 4
"""No more parts than this of the links left are sorted one after the other."""
_FEW = 24
"""Up to this many keys are sorted by insertion."""


@compiled
def _write_buckets(key: FloatArray, bucket: Buckets, buckets: int) -> None:
    """Write the bucket of each finite key: even in width, and all keys of one are at most those of the next."""
    lowest, highest = np.inf, -np.inf
    for i in range(len(key)):
        lowest, highest = min(lowest, key[i]), max(highest, key[i])
    scale = (buckets - 1) / (highest - lowest)
    if not (highest > lowest and highest - lowest < np.inf and scale < np.inf):
        # All equal, or so far apart or so near each other that no width can be told: one bucket is sorted as a whole.
        bucket[:] = 0
        return
    for i in range(len(key)):
        bucket[i] = int((key[i] - lowest) * scale)


@compiled
def _sort(places: IntArray, key: FloatArray, bucket: Buckets, buckets: int) -> IntArray:
    """Return some rising indices in the order of their keys, equal ones in their own.

    They are laid out by bucket, which for evenly spread keys leaves a few to each, and sorted there.
    """
    starts = np.zeros(buckets + 1, dtype=np.int64)
    for place in places:
        starts[bucket[place] + 1] += 1
    for k in range(buckets):
        starts[k + 1] += starts[k]
    order = np.empty(len(places), dtype=np.int64)
    for place in places:
        order[starts[bucket[place]]] = place
        starts[bucket[place]] += 1
    first = 0
    # Each start has moved on to the end of its bucket.
    for k in range(buckets):
        stop = starts[k]
        if stop - first > _FEW:
            inside = order[first:stop].copy()
            order[first:stop] = inside[np.argsort(key[inside], kind="mergesort")]
        else:
            for i in range(first + 1, stop):
                place, j = order[i], i
                while j > first and key[order[j - 1]] > key[place]:
                    order[j] = order[j - 1]
                    j -= 1
                order[j] = place
        first = stop
    return order


@compiled
def sorted_places(key: FloatArray) -> IntArray:
    """Return the indices that sort finite keys upward, equal ones in their own order."""
    buckets = len(key) // _TO_A_BUCKET + 1
    bucket = np.empty(len(key), dtype=np.int32)
    _write_buckets(key, bucket, buckets)
    return _sort(np.arange(len(key)), key, bucket, buckets)


@compiled
def _border(places: IntArray, bucket: Buckets, buckets: int, wanted: int) -> int:
    """Return a bucket before which there are as many of the places as wanted, or somewhat more."""
    # Counted by many buckets at a time: there is no need to be exact, and few counters stay in the nearest memory.
    size = np.zeros((buckets >> _COARSE) + 1, dtype=np.int64)
    for place in places:
        size[bucket[place] >> _COARSE] += 1
    found = 0
    for k in range(len(size)):
        found += size[k]
        if found >= wanted:
            return (k + 1) << _COARSE
    return buckets


@compiled
def take_counted(key: FloatArray, a: IntArray, b: IntArray, free: IntArray) -> BoolArray:
    """Return which links are taken, ``[link]``: by rising key, if both ends have a terminal free; uses up `free`.

    About as many links at a time as there are terminals left: once those are taken, most of the others have an end that
    is not free, and only what is left of them needs sorting.
    """
    buckets = len(key) // _TO_A_BUCKET + 1
    taken = np.zeros(len(key), dtype=np.bool_)
    bucket, places = np.empty(len(key), dtype=np.int32), np.arange(len(key))
    _write_buckets(key, bucket, buckets)
    while len(places):
        border = _border(places, bucket, buckets, max(free.sum(), len(places) // _PARTS + 1))
        now, later = np.empty(len(places), dtype=np.int64), 0
        found = 0
        for place in places:
            now[found] = place
            found += bucket[place] < border
        for place in _sort(now[:found], key, bucket, buckets):
            i, j = a[place], b[place]
            if free[i] > 0 and free[j] > 0:
                free[i] -= 1
                free[j] -= 1
                taken[place] = True
        has_free = free > 0
        for place in places:
            places[later] = place
            later += (bucket[place] >= border) & has_free[a[place]] & has_free[b[place]]
        places = places[:later]
    return taken


@compiled_inline
def _least_wanted(satellite: int, among: int, occupant: IntArray, demand: IntArray) -> int:
    """Return the free terminal of a mask that is least in demand, −1 if none is free."""
    best = -1
    for t in range(occupant.shape[1]):
        free = (among >> t) & 1 and occupant[satellite, t] == FREE
        if free and (best < 0 or demand[satellite, t] < demand[satellite, best]):
            best = t
    return best


@compiled_inline
def _way_to_free(
    satellite: int, wanted: int, occupant: IntArray, movable: IntArray, demand: IntArray, came: IntArray
) -> int:
    """Return a free terminal that one of the wanted can be traded for, or −1.

    `came` says by which terminal each was reached: its link moves on to the one reached. A terminal that is free
    itself comes first, then those that one link moved makes free, and so on; among equals the least in demand.
    """
    seen, frontier = wanted, wanted
    terminals = occupant.shape[1]
    came[:] = -1
    while frontier:
        best = _least_wanted(satellite, frontier, occupant, demand)
        if best >= 0:
            return best
        reached = 0
        for t in range(terminals):
            if (frontier >> t) & 1 and occupant[satellite, t] != ABSENT:
                more = movable[satellite, t] & ~(seen | reached)
                reached |= more
                for u in range(terminals):
                    if (more >> u) & 1:
                        came[u] = t
        seen |= reached
        frontier = reached
    return -1


@compiled_inline
def _seat(
    satellite: int, end: int, link: int, mask: int, occupant: IntArray, movable: IntArray, came: IntArray
) -> None:
    """Move links along the way found to the free terminal `end`, and put `link` where the way began."""
    while came[end] >= 0:
        before = came[end]
        occupant[satellite, end] = occupant[satellite, before]
        movable[satellite, end] = movable[satellite, before]
        end = before
    occupant[satellite, end] = link
    movable[satellite, end] = mask


@compiled_inline
def _wish(satellite: int, mask: int, held: int, change: int, demand: IntArray) -> None:
    """Add to, or take from, the demand for the terminals that a link could use."""
    for t in range(demand.shape[1]):
        if (mask >> t) & 1:
            demand[satellite, t] += change
    if held >= 0:
        demand[satellite, held] += change * _HELD_DEMAND


@compiled
def take_mounted(
    order: IntArray,
    ends: tuple[IntArray, IntArray],
    faces: tuple[IntArray, IntArray],
    held: tuple[IntArray, IntArray],
    first: int,
    occupant: IntArray,
    movable: IntArray,
) -> BoolArray:
    """Return which links are taken, ``[link]``: each in turn, if both ends can give it a terminal that faces it.

    Each pair of columns is that of a and that of b. `held` are the terminals that a link holds already, −1 for a new
    one. A held link keeps them where they can still face; nothing moves it then. New links are moved among the
    terminals that face them as long as it makes room for one more. Links are called ``first + index`` in `occupant`
    ``[sat, terminal]``; `movable` holds the mask of a link that may be moved, 0 for others. Both are carried on.
    """
    a, b = ends
    faces_a, faces_b = faces
    held_a, held_b = held
    taken = np.zeros(len(a), dtype=np.bool_)
    demand = np.zeros_like(occupant)
    came_a, came_b = np.empty(occupant.shape[1], dtype=np.int64), np.empty(occupant.shape[1], dtype=np.int64)
    for n in range(len(a)):
        _wish(a[n], faces_a[n], held_a[n], 1, demand)
        _wish(b[n], faces_b[n], held_b[n], 1, demand)
    for n in order:
        i, j, link = a[n], b[n], first + n
        _wish(i, faces_a[n], held_a[n], -1, demand)
        _wish(j, faces_b[n], held_b[n], -1, demand)
        if held_a[n] >= 0 and (faces_a[n] >> held_a[n]) & 1 and (faces_b[n] >> held_b[n]) & 1:
            end_a = _way_to_free(i, 1 << held_a[n], occupant, movable, demand, came_a)
            end_b = _way_to_free(j, 1 << held_b[n], occupant, movable, demand, came_b)
            if end_a >= 0 and end_b >= 0:
                _seat(i, end_a, link, 0, occupant, movable, came_a)
                _seat(j, end_b, link, 0, occupant, movable, came_b)
                taken[n] = True
                continue
        end_a = _way_to_free(i, faces_a[n], occupant, movable, demand, came_a)
        if end_a < 0:
            continue
        end_b = _way_to_free(j, faces_b[n], occupant, movable, demand, came_b)
        if end_b < 0:
            continue
        _seat(i, end_a, link, faces_a[n], occupant, movable, came_a)
        _seat(j, end_b, link, faces_b[n], occupant, movable, came_b)
        taken[n] = True
    return taken
