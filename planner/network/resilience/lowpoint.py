"""Which single satellite or link holds the network together? Kernel of `planner.network.resilience.connectivity`.

Depth-first search with low points (Hopcroft and Tarjan, Commun. ACM 16, 372 (1973), doi:10.1145/362248.362272), with a
stack of its own: a chain of 100,000 satellites is no deeper for it than one of 10. Nodes are satellites ``[sat]``.
"""

import numpy as np

from planner.arrays import BoolArray, IntArray
from planner.compiled import compiled


@compiled
def blocks(nodes: int, a: IntArray, b: IntArray) -> tuple[BoolArray, BoolArray, IntArray]:
    """Return which nodes and links are critical, and which links lie on common rings.

    Returns
    -------
    articulation
        ``[node]``, True where the loss of the node leaves more components than before, itself not counted.
    bridge
        ``[link]``, True where the loss of the link does.
    block
        ``[link]``, number of the biconnected component: links of one block lie on a ring together. Counted from 0 in
        the order of the first link of each.
    """
    links = len(a)
    begin, end, via = neighbours(nodes, a, b)
    articulation, bridge = np.zeros(nodes, dtype=np.bool_), np.zeros(links, dtype=np.bool_)
    block = np.full(links, links, dtype=np.int64)
    # 0 stands for not yet seen; `arrived` is the link by which the search came to a node.
    order, low, arrived = np.zeros((3, nodes), dtype=np.int64)
    following = begin[:nodes].copy()
    stack, pending = np.empty(nodes, dtype=np.int64), np.empty(links, dtype=np.int64)
    clock, waiting, found = 0, 0, 0
    for start in range(nodes):
        if order[start]:
            continue
        clock += 1
        order[start] = low[start] = clock
        arrived[start] = links
        stack[0], depth, branches = start, 1, 0
        while depth:
            node = stack[depth - 1]
            if following[node] < begin[node + 1]:
                place = following[node]
                following[node] += 1
                other, link = end[place], via[place]
                if link == arrived[node]:
                    continue
                if not order[other]:
                    clock += 1
                    order[other] = low[other] = clock
                    arrived[other] = link
                    pending[waiting], waiting = link, waiting + 1
                    stack[depth], depth = other, depth + 1
                elif order[other] < order[node]:
                    pending[waiting], waiting = link, waiting + 1
                    low[node] = min(low[node], order[other])
                continue
            depth -= 1
            if not depth:
                continue
            above, link = stack[depth - 1], arrived[node]
            low[above] = min(low[above], low[node])
            bridge[link] = low[node] > order[above]
            if low[node] >= order[above]:
                # Nothing below `node` reaches past `above`: the links since make up a block.
                branches += depth == 1
                articulation[above] |= depth > 1
                waiting = _close(block, found, pending, waiting, link)
                found += 1
        articulation[start] = branches > 1
    return articulation, bridge, _renumbered(block, found)


@compiled
def _close(block: IntArray, found: int, pending: IntArray, waiting: int, last: int) -> int:
    """Give the waiting links back to `last` their block; return how many go on waiting."""
    while True:
        waiting -= 1
        block[pending[waiting]] = found
        if pending[waiting] == last:
            return waiting


@compiled
def neighbours(nodes: int, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return compressed rows: where those of each node begin ``[node + 1]``, the other end and the link of each."""
    begin = np.zeros(nodes + 1, dtype=np.int64)
    for k in range(len(a)):
        begin[a[k] + 1] += 1
        begin[b[k] + 1] += 1
    for node in range(nodes):
        begin[node + 1] += begin[node]
    end, via = np.empty((2, 2 * len(a)), dtype=np.int64)
    place = begin.copy()
    for k in range(len(a)):
        for one, other in ((a[k], b[k]), (b[k], a[k])):
            end[place[one]], via[place[one]] = other, k
            place[one] += 1
    return begin, end, via


@compiled
def _renumbered(block: IntArray, found: int) -> IntArray:
    """Return blocks counted in the order of their first links."""
    number, count = np.full(found, found, dtype=np.int64), 0
    for link in range(len(block)):
        if number[block[link]] == found:
            number[block[link]] = count
            count += 1
        block[link] = number[block[link]]
    return block
