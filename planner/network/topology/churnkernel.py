"""Which links of an instant were there before, and for how long? Kernel of `planner.network.topology.churn`."""

import numpy as np

from planner.arrays import IntArray
from planner.compiled import compiled


@compiled
def lives(offsets: IntArray, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return links made and lost ``[time]``, and how many ended and how many were still there after k instants ``[k]``.

    Rows are sorted by (a, b) within each instant, so two instants are compared by walking through both at once.
    """
    times = len(offsets) - 1
    made, lost = np.zeros(times, dtype=np.int64), np.zeros(times, dtype=np.int64)
    ended, lasting = np.zeros(times + 1, dtype=np.int64), np.zeros(times + 1, dtype=np.int64)
    ages = np.empty(0, dtype=np.int64)
    for t in range(times):
        first, stop = offsets[t], offsets[t + 1]
        before, last = (offsets[t - 1], first) if t > 0 else (first, first)
        now = np.ones(stop - first, dtype=np.int64)
        row, old = first, before
        while row < stop or old < last:
            if old >= last or (row < stop and (a[row] < a[old] or (a[row] == a[old] and b[row] < b[old]))):
                made[t] += t > 0
                row += 1
            elif row >= stop or a[row] != a[old] or b[row] != b[old]:
                lost[t] += 1
                ended[ages[old - before]] += 1
                old += 1
            else:
                now[row - first] = ages[old - before] + 1
                row += 1
                old += 1
        ages = now
    for age in ages:
        lasting[age] += 1
    return made, lost, ended, lasting
