"""How far is every node from every source? Kernel of `planner.network.routing`: all sources side by side in SIMD lanes.

``reached[node, lane]`` is the least delay found so far. A node is *relaxed* by setting its whole row to the least of
itself and its neighbours' rows plus the delays of the links to them; it needs that only if a neighbour's row has
changed since (it is dirty). Sweeps over the nodes, forwards and backwards in turn, relax every dirty node in place
until none is left: the method of Bellman and Ford with Gauss and Seidel's order of work.

Exact: sums are rounded by IEEE 754, whose addition never falls when a summand rises and never falls below a summand
where none is negative. The rows that are left at the end are therefore, bit for bit, the least over all ways of the
delays added one after the other from the source on, which is also what Dijkstra's algorithm finds; no order of nodes,
sweeps or threads can change that.

Only speed depends on the order of the nodes. They are renumbered breadth first: neighbours come close together, and a
sweep carries a row far whatever order the satellites were named in. In a grid six to nine sweeps end the work. Links
that follow no pattern, whose lengths vary, take ten times as many; so after the first few, sweeps follow the delays
found so far from a few of the sources, outwards and inwards (fast sweeping with reference points: Qian, Zhang and Zhao,
SIAM J. Numerical Analysis 45 (2007) 83-107, doi:10.1137/050627083).

No order suits every graph: a node joined to all others hides a long way of small delays from breadth-first order, and
each sweep then finds but a few of its nodes. So sweeps are counted, and after as many as cost about what Dijkstra's
algorithm does (one serves all lanes in the time in which that serves half a lane) `dijkstra` ends the work: whatever
the graph, the whole takes no more than a small multiple of Dijkstra's time.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled, compiled_inline
from planner.network.routing.dijkstra import settle

GROUP = 4
"""Neighbours relaxed in one pass over the lanes: the terminals of most satellites."""
_LINE = 8
"""Floats of a cache line."""
PATIENCE = 10
"""Sweeps in breadth-first order: as many as grids take. Then `LANDMARKS` sources give the order, in turn."""
LANDMARKS = 3
"""As there are dimensions; more or fewer were slower on matched links."""
FEW = 6
"""Fewer sources than these a heap serves sooner than sweeps in such orders, the sorting included."""
SWEEPS_PER_SOURCE = 2
"""That may follow `PATIENCE` before a heap takes over; matched links need 44 in all for 100 sources, at most 210."""


@compiled
def adjacency(
    a: IntArray, b: IntArray, weight_ms: FloatArray, nodes: int
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return undirected links as compressed rows of neighbours in breadth-first order.

    `rank` is the place of each node in that order ``[node]``. ``offsets[p]:offsets[p + 1]`` are the neighbours of the
    node in place p, by place, in the order in which the links are given. Rows are filled up to whole groups with a
    place after the last, which nothing reaches: to name the node itself there would have the compiler's loop read what
    it writes, and run one lane at a time.
    """
    first = np.zeros(nodes + 1, dtype=np.int64)
    for k in range(len(a)):
        first[a[k] + 1] += 1
        first[b[k] + 1] += 1
    for v in range(nodes):
        first[v + 1] += first[v]
    link, free = np.empty(first[nodes], dtype=np.int64), first.copy()
    for k in range(len(a)):
        link[free[a[k]]] = k
        free[a[k]] += 1
        link[free[b[k]]] = k
        free[b[k]] += 1
    order, rank = _breadth_first(first, link, a, b)
    offsets = np.zeros(nodes + 1, dtype=np.int64)
    for p in range(nodes):
        v = order[p]
        offsets[p + 1] = offsets[p] + (first[v + 1] - first[v] + GROUP - 1) // GROUP * GROUP
    neighbour, weight = np.empty(offsets[nodes], dtype=np.int64), np.full(offsets[nodes], np.inf)
    for p in range(nodes):
        v, place = order[p], offsets[p]
        for e in range(first[v], first[v + 1]):
            k = link[e]
            neighbour[place] = rank[a[k] + b[k] - v]
            weight[place] = weight_ms[k]
            place += 1
        neighbour[place : offsets[p + 1]] = nodes
    return rank, offsets, neighbour, weight


@compiled
def _breadth_first(first: IntArray, link: IntArray, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray]:
    """Return the nodes in breadth-first order from the lowest of each component, and the place of each in it."""
    nodes = len(first) - 1
    order, rank = np.empty(nodes, dtype=np.int64), np.full(nodes, nodes, dtype=np.int64)
    found, at = 0, 0
    for start in range(nodes):
        if rank[start] == nodes:
            order[found], rank[start] = start, found
            found += 1
        while at < found:
            v = order[at]
            at += 1
            for e in range(first[v], first[v + 1]):
                u = a[link[e]] + b[link[e]] - v
                if rank[u] == nodes:
                    order[found], rank[u] = u, found
                    found += 1
    return order, rank


@compiled
def reach(
    rank: IntArray,
    offsets: IntArray,
    neighbour: IntArray,
    weight: FloatArray,
    seed_offsets: IntArray,
    seed_node: IntArray,
    seed_ms: FloatArray,
    first: int,
    reached: FloatArray,
) -> bool:
    """Write into `reached` ``[place + 1, lane]`` the least delays of sources `first` on, one lane each.

    The last row is the place that nothing reaches. Source s enters the graph at nodes `seed_node` with delays
    `seed_ms`, rows ``seed_offsets[s]:seed_offsets[s + 1]``. Lanes beyond the last source stay infinite. Returns whether
    sweeps alone ended the work; where they would have been too many, a heap did.
    """
    reached[:] = np.inf
    dirty = np.zeros(len(rank) + 1, dtype=np.bool_)
    last = min(first + reached.shape[1], len(seed_offsets) - 1)
    for source in range(first, last):
        for s in range(seed_offsets[source], seed_offsets[source + 1]):
            p = rank[seed_node[s]]
            reached[p, source - first] = min(reached[p, source - first], seed_ms[s])
            for e in range(offsets[p], offsets[p + 1]):
                dirty[neighbour[e]] = True
    swept = _sweep(offsets, neighbour, weight, dirty, reached, last - first)
    if not swept:
        settle(offsets, neighbour, weight, dirty, reached, last - first)
    return swept


@compiled
def _sweep(
    offsets: IntArray, neighbour: IntArray, weight: FloatArray, dirty: BoolArray, reached: FloatArray, sources: int
) -> bool:
    """Relax dirty nodes, forwards and backwards in turn, and return whether none is left."""
    nodes = len(dirty) - 1
    orders = np.empty((LANDMARKS, nodes), dtype=np.int64)
    for number in range(PATIENCE if sources < FEW else PATIENCE + SWEEPS_PER_SOURCE * sources):
        if number == PATIENCE:
            _follow_delays(reached, sources, orders)
        landmark = number // 2 % LANDMARKS
        changes = False
        for k in range(nodes):
            p = k if number % 2 == 0 else nodes - 1 - k
            if number >= PATIENCE:
                p = orders[landmark, p]
            if not dirty[p]:
                continue
            dirty[p] = False
            changed = 0
            for e in range(offsets[p], offsets[p + 1], GROUP):
                changed |= _relax(reached, p, neighbour, weight, e)
            if changed:
                changes = True
                for e in range(offsets[p], offsets[p + 1]):
                    dirty[neighbour[e]] = True
        if not changes:
            return True
    return False


@compiled
def _follow_delays(reached: FloatArray, sources: int, orders: IntArray) -> None:
    """Write the places in the order of the delays found so far from each of a few sources, ``[landmark, place]``."""
    for landmark in range(LANDMARKS):
        delay_ms = reached[: orders.shape[1], landmark * sources // LANDMARKS].copy()
        orders[landmark] = np.argsort(delay_ms, kind="mergesort")


@compiled_inline
def _relax(reached: FloatArray, p: int, neighbour: IntArray, weight: FloatArray, e: int) -> int:
    """Lower the row of p to what four neighbours from e on offer, and return 1 if that changed any lane; no branches.

    Rows are indexed rather than taken out: an array for each would be counted up and down by every thread, which costs
    more than all the lanes.
    """
    q0, q1, q2, q3 = neighbour[e], neighbour[e + 1], neighbour[e + 2], neighbour[e + 3]
    w0, w1, w2, w3 = weight[e], weight[e + 1], weight[e + 2], weight[e + 3]
    changed = 0
    for lane in range(reached.shape[1]):
        before = reached[p, lane]
        least = before
        offer = reached[q0, lane] + w0
        least = min(least, offer)
        offer = reached[q1, lane] + w1
        least = min(least, offer)
        offer = reached[q2, lane] + w2
        least = min(least, offer)
        offer = reached[q3, lane] + w3
        least = min(least, offer)
        reached[p, lane] = least
        changed |= least < before
    return changed


@compiled
def to_nodes(rank: IntArray, reached: FloatArray, first: int, latency_ms: FloatArray) -> None:
    """Write the lanes of sources `first` on into ``latency_ms[source, node]``, as many nodes as it has."""
    last = min(first + reached.shape[1], latency_ms.shape[0])
    # A cache line of lanes at a time, so that few rows are written side by side.
    for start in range(first, last, _LINE):
        for v in range(latency_ms.shape[1]):
            p = rank[v]
            for source in range(start, min(start + _LINE, last)):
                latency_ms[source, v] = reached[p, source - first]


@compiled
def to_ends(
    rank: IntArray,
    reached: FloatArray,
    end_offsets: IntArray,
    end_node: IntArray,
    end_ms: FloatArray,
    first: int,
    latency_ms: FloatArray,
) -> None:
    """Write the least delays between sources and ends that are the same places, ``latency_ms[place, place]``.

    The lanes hold sources `first` on. The figure of a pair is that found from the one of lower number, for both ways.
    """
    least = np.empty(reached.shape[1])
    last = min(first + len(least), latency_ms.shape[0])
    for end in range(latency_ms.shape[0]):
        least[:] = np.inf
        for s in range(end_offsets[end], end_offsets[end + 1]):
            p, delay = rank[end_node[s]], end_ms[s]
            for lane in range(len(least)):
                whole = reached[p, lane] + delay
                least[lane] = min(least[lane], whole)
        for source in range(first, min(end, last)):
            latency_ms[source, end] = least[source - first]
            latency_ms[end, source] = least[source - first]
        if first <= end < last:
            latency_ms[end, end] = 0.0
