"""Which links does a greedy match take, where any terminal can point anywhere? Kernels of `…topology.seating`.

Links are columns ``[link]``, considered one after the other by falling value, equal ones in their own order. They are
laid out by bucket of even width of value, which leaves a few to each where values are evenly spread, and sorted there.
"""

import numpy as np
from numpy.typing import NDArray

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled, compiled_inline

Places = NDArray[np.int32]
"""Links or buckets in half the memory of other numbers: a table of 2^31 links would not fit any machine."""

FITS = 0
NOT_FINITE = 1
NO_SATELLITE = 2

_TO_A_BUCKET = 16
"""Links to a bucket on average. Only speed depends on it and on the next."""
_PARTS = 4
"""No more parts than this of the links left are sorted one after the other."""
_FEW = 64
"""Up to this many links are sorted by insertion."""


@compiled
def checked(value: FloatArray, a: IntArray, b: IntArray, satellites: int) -> int:
    """Return `FITS`, `NOT_FINITE` for a value that is not, or `NO_SATELLITE` for ends that are not two of them."""
    # Without branches, so that several links are looked at with each instruction.
    odd, strange = False, False
    for i in range(len(value)):
        odd |= value[i] - value[i] != 0.0
    for i in range(len(a)):
        strange |= (a[i] < 0) | (b[i] < 0) | (a[i] >= satellites) | (b[i] >= satellites) | (a[i] == b[i])
    if odd:
        return NOT_FINITE
    return NO_SATELLITE if strange else FITS


@compiled
def _span(value: FloatArray) -> tuple[float, float]:
    """Return the least and the greatest of finite values."""
    # Four at a time: one after the other each comparison would wait for the one before.
    whole = len(value) // 4 * 4
    low_0 = low_1 = low_2 = low_3 = np.inf
    high_0 = high_1 = high_2 = high_3 = -np.inf
    for i in range(0, whole, 4):
        low_0, low_1 = min(low_0, value[i]), min(low_1, value[i + 1])
        low_2, low_3 = min(low_2, value[i + 2]), min(low_3, value[i + 3])
        high_0, high_1 = max(high_0, value[i]), max(high_1, value[i + 1])
        high_2, high_3 = max(high_2, value[i + 2]), max(high_3, value[i + 3])
    for i in range(whole, len(value)):
        low_0, high_0 = min(low_0, value[i]), max(high_0, value[i])
    return min(low_0, low_1, low_2, low_3), max(high_0, high_1, high_2, high_3)


@compiled
def _buckets(value: FloatArray, above: float) -> tuple[Places, int]:
    """Return the bucket of each value, the greatest in the first, and their number, that of values not `above`."""
    count = len(value) // _TO_A_BUCKET + 1
    bucket = np.empty(len(value), dtype=np.int32)
    low, high = _span(value)
    low = max(low, above)
    scale = (count - 1) / (high - low)
    if not (high > low and high - low < np.inf and scale < np.inf):
        # All equal, or so far apart or so near each other that no width can be told: one bucket is sorted as a whole.
        for i in range(len(value)):
            bucket[i] = 0 if value[i] > above else count
        return bucket, count
    for i in range(len(value)):
        bucket[i] = np.int32((high - max(value[i], low)) * scale)
    if low <= above:
        for i in range(len(value)):
            bucket[i] = bucket[i] if value[i] > above else count
    return bucket, count


@compiled_inline
def _sort(order: Places, first: int, stop: int, value: FloatArray) -> None:
    """Sort a few of the links in an order by falling value, equal ones as they are."""
    if stop - first > _FEW:
        inside = order[first:stop].copy()
        order[first:stop] = inside[np.argsort(-value[inside], kind="mergesort")]
        return
    for i in range(first + 1, stop):
        place, j = order[i], i
        while j > first and value[order[j - 1]] < value[place]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = place


@compiled
def sorted_places(value: FloatArray) -> Places:
    """Return the indices that sort finite values downward, equal ones in their own order."""
    bucket, count = _buckets(value, -np.inf)
    starts = np.zeros(count + 1, dtype=np.int64)
    for place in range(len(value)):
        starts[bucket[place] + 1] += 1
    for k in range(count):
        starts[k + 1] += starts[k]
    order = np.empty(len(value), dtype=np.int32)
    for place in range(len(value)):
        order[starts[bucket[place]]] = place
        starts[bucket[place]] += 1
    first = 0
    # Each start has moved on to the end of its bucket.
    for k in range(count):
        _sort(order, first, starts[k], value)
        first = starts[k]
    return order


@compiled
def _border(size: IntArray, done: int, wanted: int, starts: IntArray) -> int:
    """Return a bucket before which there are as many links as wanted, or somewhat more; write where each starts."""
    found, border = 0, done
    while border < len(starts) and found < wanted:
        starts[border] = found
        found += size[border]
        border += 1
    return border


@compiled
def _take_laid_out(
    order: Places,
    stops: IntArray,
    value: FloatArray,
    ends: tuple[IntArray, IntArray],
    free: IntArray,
    taken: BoolArray,
) -> None:
    """Take what can be of links laid out by bucket, each of which ends at a stop; sort those that still can be."""
    a, b = ends
    first = 0
    for k in range(len(stops)):
        found = first
        for n in range(first, stops[k]):
            order[found] = order[n]
            found += (free[a[order[n]]] > 0) & (free[b[order[n]]] > 0)
        if found - first > 1:
            _sort(order, first, found, value)
        for n in range(first, found):
            i, j = a[order[n]], b[order[n]]
            if free[i] > 0 and free[j] > 0:
                free[i] -= 1
                free[j] -= 1
                taken[order[n]] = True
        first = stops[k]


@compiled
def take_counted(value: FloatArray, a: IntArray, b: IntArray, free: IntArray, above: float) -> BoolArray:
    """Return which links are taken, ``[link]``: by falling value, if both ends have a terminal free; uses up `free`.

    Links of no more value than `above` are not. About as many links at a time as there are terminals left: once those
    are taken, most of the others have an end that is not free, and only what is left of them needs sorting.
    """
    bucket, count = _buckets(value, above)
    taken = np.zeros(len(value), dtype=np.bool_)
    size, starts = np.zeros(count + 1, dtype=np.int64), np.zeros(count, dtype=np.int64)
    order = np.empty(len(value), dtype=np.int32)
    places, done = np.arange(len(value), dtype=np.int32), 0
    while len(places) and done < count:
        size[:] = 0
        for place in places:
            size[bucket[place]] += 1
        border = _border(size, done, max(free.sum(), len(places) // _PARTS + 1), starts)
        for place in places:
            if bucket[place] < border:
                order[starts[bucket[place]]] = place
                starts[bucket[place]] += 1
        _take_laid_out(order, starts[done:border], value, (a, b), free, taken)
        has_free = free > 0
        later = 0
        for place in places:
            places[later] = place
            later += (bucket[place] >= border) & has_free[a[place]] & has_free[b[place]]
        places, done = places[:later], border
    return taken
