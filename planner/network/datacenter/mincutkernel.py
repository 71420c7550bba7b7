"""Loop behind the minimum cut: nodes join one side of all cuts that are still of interest, until all have.

Graphs come as compressed rows (`start`, `other`, `weight`), every link in the rows of both its ends; `back` is the
place of the same link in the other row.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled, compiled_inline

_SAME = 1.0 - 1e-12
"""A flow this close to the best cut is no smaller: the same weights added in another order."""


@compiled
def least_side(start: IntArray, other: IntArray, back: IntArray, weight: FloatArray, degree: FloatArray) -> BoolArray:
    """Return one side of a minimum cut of two nodes or more.

    All cuts through the joined nodes are known to be no smaller than the best cut found. A node joins them when no
    smaller cut parts it from them: when its links to them weigh as much as the best cut, or as much as its other
    links (Padberg and Rinaldi 1990), or else when a flow to them has been found that does; or the cut that limits the
    flow is the new best.
    """
    size = len(degree)
    least = np.argmin(degree)
    best = degree[least]
    side = np.zeros(size, dtype=np.bool_)
    side[least] = True
    joined, queued = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    tied = np.zeros(size)  # weight of each node's links to the joined
    ready, beside = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    seen, left, since = np.zeros(size, dtype=np.int64), np.empty(len(other)), np.zeros(len(other), dtype=np.int64)
    stamp, sure, first, last = 0, 1, 0, 0
    ready[0] = 0
    queued[0] = True
    for _ in range(size):
        if sure > 0:
            sure -= 1
            node = ready[sure]
        else:
            while first < last and queued[beside[first]]:
                first += 1
            if first == last:
                return joined  # nothing links them to the rest
            node = beside[first]
            flow, stamp = _flow(start, other, back, weight, joined, node, best, seen, stamp, left, since)
            if flow < best * _SAME:
                best = flow
                side = seen == stamp
        queued[node] = True
        sure, last = _joined(start, other, weight, degree, node, best, joined, queued, tied, ready, sure, beside, last)
    return side


@compiled_inline
def _joined(
    start: IntArray,
    other: IntArray,
    weight: FloatArray,
    degree: FloatArray,
    node: int,
    best: float,
    joined: BoolArray,
    queued: BoolArray,
    tied: FloatArray,
    ready: IntArray,
    sure: int,
    beside: IntArray,
    last: int,
) -> tuple[int, int]:
    """Let a node join, list what is now ready to or beside the joined, and return how many both lists hold."""
    joined[node] = True
    for k in range(start[node], start[node + 1]):
        far = other[k]
        if queued[far]:
            continue
        if tied[far] == 0.0:
            beside[last] = far
            last += 1
        tied[far] += weight[k]
        if tied[far] >= best or 2.0 * tied[far] >= degree[far]:
            ready[sure] = far
            queued[far] = True
            sure += 1
    return sure, last


@compiled
def _flow(
    start: IntArray,
    other: IntArray,
    back: IntArray,
    weight: FloatArray,
    joined: BoolArray,
    source: int,
    enough: float,
    seen: IntArray,
    stamp: int,
    left: FloatArray,
    since: IntArray,
) -> tuple[float, int]:
    """Return a flow from a node to the joined ones, the most there is or `enough`, and the stamp of the last search.

    Shortest augmenting paths: Edmonds and Karp, J. ACM 19 (1972) 248-264, doi:10.1145/321694.321699. Where the flow is
    the most there is, the nodes that bear the stamp in `seen` are its source's side of a least cut. What a link can
    still take is in `left` if `since` is a stamp of this flow, and all its weight if not.
    """
    before, queue = np.empty(len(seen), dtype=np.int64), np.empty(len(seen), dtype=np.int64)
    flow, began = 0.0, stamp + 1
    while flow < enough:
        stamp += 1
        seen[source] = stamp
        queue[0] = source
        place, waiting, reached = 0, 1, -1
        while place < waiting and reached < 0:
            node = queue[place]
            place += 1
            for k in range(start[node], start[node + 1]):
                far = other[k]
                if seen[far] != stamp and (left[k] if since[k] >= began else weight[k]) > 0.0:
                    before[far] = k
                    if joined[far]:
                        reached = far
                        break
                    seen[far] = stamp
                    queue[waiting] = far
                    waiting += 1
        if reached < 0:
            break
        room, node = np.inf, reached
        while node != source:
            k = before[node]
            room = min(room, left[k] if since[k] >= began else weight[k])
            node = other[back[k]]
        node = reached
        while node != source:
            k = before[node]
            if since[k] < began:
                left[k], left[back[k]] = weight[k], weight[k]
                since[k], since[back[k]] = stamp, stamp
            left[k] -= room
            left[back[k]] += room
            node = other[back[k]]
        flow += room
    return flow, stamp
