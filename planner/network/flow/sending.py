"""How many units can be sent one by one, each the cheapest way past the ones before? A kernel over a residual network.

Every arc carries one unit and has a twin that takes it back at minus its cost; `open` says which of the two is free.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled
from planner.network.flow.search import NONE, chain_to
from planner.network.heap import pop, push


@compiled
def send(
    first: IntArray,
    tail: IntArray,
    head: IntArray,
    twin: IntArray,
    cost: FloatArray,
    open_arcs: BoolArray,
    root: int,
    sink: int,
    count: int,
) -> BoolArray:
    """Send up to `count` units at the least total cost; return which nodes the last search reached.

    What is sent is noted in `open_arcs`. The sink is among it only if all units were sent. Potentials keep the costs of
    open arcs from being negative (Edmonds & Karp, Journal of the ACM 19:248–264, 1972, doi:10.1145/321694.321699).
    """
    nodes = len(first) - 1
    potential, reached = np.zeros(nodes), np.full(nodes, np.inf)
    for _ in range(count):
        reached[:] = np.inf
        by = np.full(nodes, NONE, dtype=np.int64)
        keys, items = np.empty(len(head) + 1), np.empty(len(head) + 1, dtype=np.int64)
        reached[root] = 0.0
        size = push(keys, items, 0, 0.0, root)
        while size > 0:
            here, node = keys[0], items[0]
            size = pop(keys, items, size)
            if here > reached[node]:
                continue
            for arc in range(first[node], first[node + 1]):
                # Zero but for rounding where it is below.
                step = max(0.0, cost[arc] + potential[node] - potential[head[arc]])
                if open_arcs[arc] and here + step < reached[head[arc]]:
                    reached[head[arc]], by[head[arc]] = here + step, arc
                    size = push(keys, items, size, here + step, head[arc])
        if not reached[sink] < np.inf:
            break
        for node in range(nodes):
            potential[node] += min(reached[node], reached[sink])
        for arc in chain_to(by, tail, sink):
            open_arcs[arc], open_arcs[twin[arc]] = False, True
    return reached < np.inf
