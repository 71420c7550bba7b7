"""Which pairs carry traffic when, and which were linked before? Kernels of `planner.network.topology.tracking`.

Axes ``[time, pair]``; pairs of one instant are sorted by (a, b).
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled

NOT_POINTED = -1
"""In place of the steps of a pair that is not pointed at all."""


@compiled
def carrying(
    usable: BoolArray, range_km: FloatArray, a: IntArray, b: IntArray, needed: int, steps: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray, FloatArray, IntArray, IntArray]:
    """Return rows and links acquiring per instant ``[time]``, a, b and range of the rows, a and b of those acquiring.

    `steps` ``[pair]`` tells for how many steps each pair has been pointed before the first instant, `NOT_POINTED` where
    it was not; it is carried on. A pair carries traffic from `needed` steps on.
    """
    times, pairs = usable.shape
    rows = np.zeros(times, dtype=np.int64)
    acquiring = np.zeros(times, dtype=np.int64)
    most = 0
    for t in range(times):
        for p in range(pairs):
            most += usable[t, p]
    row_a, row_b = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    row_range = np.empty(most)
    wait_a, wait_b = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    found = waiting = 0
    for t in range(times):
        first = found
        for p in range(pairs):
            if not usable[t, p]:
                steps[p] = NOT_POINTED
                continue
            steps[p] = min(steps[p] + 1, needed)
            if steps[p] < needed:
                wait_a[waiting], wait_b[waiting] = a[p], b[p]
                acquiring[t] += 1
                waiting += 1
                continue
            row_a[found], row_b[found], row_range[found] = a[p], b[p], range_km[t, p]
            found += 1
        rows[t] = found - first
    columns = row_a[:found], row_b[:found], row_range[:found]
    return rows, acquiring, columns[0], columns[1], columns[2], wait_a[:waiting].copy(), wait_b[:waiting].copy()


@compiled
def places_of(wanted: tuple[IntArray, IntArray], known: tuple[IntArray, IntArray]) -> IntArray:
    """Return where each of some pairs is among known ones, ``[pair]``, −1 for one that is not; both are sorted."""
    (a, b), (known_a, known_b) = wanted, known
    place = np.full(len(a), -1)
    k = 0
    for n in range(len(a)):
        while k < len(known_a) and (known_a[k] < a[n] or (known_a[k] == a[n] and known_b[k] < b[n])):
            k += 1
        if k < len(known_a) and known_a[k] == a[n] and known_b[k] == b[n]:
            place[n] = k
    return place
