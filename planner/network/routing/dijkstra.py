"""How far is every node from one source, whatever the graph? Kernel of `planner.network.routing`: Dijkstra's algorithm.

It takes over where the sweeps of `sweep` have not come to an end, one lane after another, and begins with what they
have found: delays that some way has, of which only those that can still fall need work. Places are taken from a heap in
the order of their delays. A place's delay cannot fall any more once it is taken, since no delay of a link is negative;
so each is taken once, and its links are looked at once: the work is at most that of links times the logarithm of their
number. What is left at the end is the least over all ways, to the last bit, as `sweep` describes it.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled
from planner.network.heap import pop, push


@compiled
def settle(
    offsets: IntArray, neighbour: IntArray, weight: FloatArray, dirty: BoolArray, reached: FloatArray, lanes: int
) -> None:
    """Lower the first `lanes` of ``reached[place + 1, lane]`` to the least delays.

    Places that are not `dirty` have no neighbour that offers less than they have; the last row stays infinite.
    """
    nodes = len(offsets) - 1
    delay_ms = np.empty(nodes + 1)
    # A place enters once at the start, and after that at most once for each of its links.
    key, item = np.empty(nodes + len(neighbour)), np.empty(nodes + len(neighbour), dtype=np.int64)
    for lane in range(lanes):
        delay_ms[:] = reached[:, lane]
        size = 0
        for p in range(nodes):
            if dirty[p]:
                least = delay_ms[p]
                for e in range(offsets[p], offsets[p + 1]):
                    least = min(least, delay_ms[neighbour[e]] + weight[e])
                if least < delay_ms[p]:
                    delay_ms[p] = least
                    size = push(key, item, size, least, p)
        _spread(offsets, neighbour, weight, delay_ms, key, item, size)
        reached[:, lane] = delay_ms


@compiled
def _spread(
    offsets: IntArray,
    neighbour: IntArray,
    weight: FloatArray,
    delay_ms: FloatArray,
    key: FloatArray,
    item: IntArray,
    size: int,
) -> None:
    """Take places in the order of their delays until the heap is empty, and lower their neighbours'."""
    while size:
        least, p = key[0], item[0]
        size = pop(key, item, size)
        if least > delay_ms[p]:  # lowered since, and taken then
            continue
        for e in range(offsets[p], offsets[p + 1]):
            offer = least + weight[e]
            if offer < delay_ms[neighbour[e]]:
                delay_ms[neighbour[e]] = offer
                size = push(key, item, size, offer, neighbour[e])
