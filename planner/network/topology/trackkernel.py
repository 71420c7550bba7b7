"""Which of a fixed set of pairs carry traffic when? Kernel of `planner.network.topology.tracking`; ``[time, pair]``."""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled

NOT_POINTED = -1
"""In place of the steps of a pair that is not pointed at all."""


@compiled
def carrying(
    usable: BoolArray, range_km: FloatArray, a: IntArray, b: IntArray, needed: int, steps: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray, FloatArray]:
    """Return rows per instant and links acquiring per instant ``[time]``, then a, b and range of the rows.

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
    found = 0
    for t in range(times):
        first = found
        for p in range(pairs):
            if not usable[t, p]:
                steps[p] = NOT_POINTED
                continue
            steps[p] = min(steps[p] + 1, needed)
            if steps[p] < needed:
                acquiring[t] += 1
                continue
            row_a[found], row_b[found], row_range[found] = a[p], b[p], range_km[t, p]
            found += 1
        rows[t] = found - first
    return rows, acquiring, row_a[:found], row_b[:found], row_range[:found]
