"""How far is every node from one source, whatever the graph? Kernel of `planner.network.routing`: Dijkstra's algorithm.

It takes over where the sweeps of `sweep` have not come to an end, one lane after another, and begins with what they
have found: delays that some way has, of which only those that can still fall need work. Places are taken from a heap of
four children to a node in the order of their delays. A place's delay cannot fall any more once it is taken, since no
delay of a link is negative; so each is taken once, and its links are looked at once: the work is at most that of links
times the logarithm of their number. What is left at the end is the least over all ways, to the last bit, as `sweep`
describes it.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled, compiled_inline

_CHILDREN = 4


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
                    size = _push(key, item, size, least, p)
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
        size = _pop(key, item, size)
        if least > delay_ms[p]:  # lowered since, and taken then
            continue
        for e in range(offsets[p], offsets[p + 1]):
            offer = least + weight[e]
            if offer < delay_ms[neighbour[e]]:
                delay_ms[neighbour[e]] = offer
                size = _push(key, item, size, offer, neighbour[e])


@compiled_inline
def _push(key: FloatArray, item: IntArray, size: int, delay_ms: float, place: int) -> int:
    """Put a place into the heap, and return its new size."""
    i = size
    while i > 0:
        parent = (i - 1) // _CHILDREN
        if key[parent] <= delay_ms:
            break
        key[i], item[i] = key[parent], item[parent]
        i = parent
    key[i], item[i] = delay_ms, place
    return size + 1


@compiled_inline
def _pop(key: FloatArray, item: IntArray, size: int) -> int:
    """Drop the least from the heap, and return its new size."""
    last = size - 1
    i, child = 0, 1
    while child < last:
        least = child
        for other in range(child + 1, min(child + _CHILDREN, last)):
            if key[other] < key[least]:
                least = other
        if key[least] >= key[last]:
            break
        key[i], item[i] = key[least], item[least]
        i = least
        child = _CHILDREN * i + 1
    key[i], item[i] = key[last], item[last]
    return last
