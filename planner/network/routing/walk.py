"""Which nodes does a shortest way pass? Kernel of `planner.network.routing` that walks back from its end.

A link from u to v lies on a shortest way if the delay of u plus the link's is exactly that of v. From the end back,
breadth first over such links, the first node found at which the source enters the graph with exactly its delay closes
the way. So of ways that are equally short to the last bit it is the one of fewest links, and of those the one that
comes first when their nodes are compared one by one from the end back (by number, where links are sorted).
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled


@compiled
def walk_back(
    rank: IntArray,
    offsets: IntArray,
    neighbour: IntArray,
    weight: FloatArray,
    reached: FloatArray,
    lane: int,
    seeds: tuple[IntArray, FloatArray],
    ends: tuple[IntArray, FloatArray],
) -> IntArray:
    """Return the nodes of the shortest way from the source to the end, by place; none where there is no way.

    `reached` ``[place + 1, lane]`` holds the least delays from the source in one lane. It enters at nodes ``seeds[0]``
    with delays ``seeds[1]``; the end is reached from nodes ``ends[0]`` with delays ``ends[1]``.
    """
    nodes = len(rank)
    entered = np.zeros(nodes, dtype=np.bool_)
    for s in range(len(seeds[0])):
        p = rank[seeds[0][s]]
        entered[p] |= reached[p, lane] == seeds[1][s]
    whole = np.inf
    for s in range(len(ends[0])):
        whole = min(whole, reached[rank[ends[0][s]], lane] + ends[1][s])
    # The next place towards the end, the place itself where it is the last, `nodes` where the walk has not been.
    after = np.full(nodes + 1, nodes, dtype=np.int64)
    queue = np.empty(nodes, dtype=np.int64)
    found = 0
    for s in range(len(ends[0])):
        p = rank[ends[0][s]]
        if whole < np.inf and after[p] == nodes and reached[p, lane] + ends[1][s] == whole:
            after[p], queue[found] = p, p
            found += 1
    first = _back_to(entered, offsets, neighbour, weight, reached[:, lane], after, queue, found)
    return _chain(after, first)


@compiled
def _back_to(
    entered: BoolArray,
    offsets: IntArray,
    neighbour: IntArray,
    weight: FloatArray,
    delay_ms: FloatArray,
    after: IntArray,
    queue: IntArray,
    found: int,
) -> int:
    """Walk back from the first `found` places of the queue, and return the first that is entered, or how many nodes."""
    at = 0
    while at < found:
        p = queue[at]
        at += 1
        if entered[p]:
            return int(p)
        for e in range(offsets[p], offsets[p + 1]):
            u = neighbour[e]
            if after[u] == len(queue) and delay_ms[u] + weight[e] == delay_ms[p]:
                after[u], queue[found] = p, u
                found += 1
    return len(queue)


@compiled
def _chain(after: IntArray, first: int) -> IntArray:
    """Return the places from `first` to the one that is its own successor; none if `first` is no place."""
    count, p = 0, first
    while first < len(after) - 1:
        count += 1
        if after[p] == p:
            break
        p = after[p]
    chain, p = np.empty(count, dtype=np.int64), first
    for i in range(count):
        chain[i] = p
        p = after[p]
    return chain
