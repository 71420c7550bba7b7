"""How much later is a pair of sites where satellites are lost? Kernel of `planner.network.resilience.losses`.

The shortest ways from a site make up a tree. A loss makes stale only what hangs below the lost satellites in it; that
alone is searched again, from its rim inwards (Ramalingam and Reps, J. Algorithms 21, 267 (1996),
doi:10.1006/jagm.1996.0046). All else has its way in the tree still, and a lost satellite cannot shorten any: so every
figure is, to the last bit, that of a search of its own in the network without the lost, ties or not. Nodes are
satellites ``[sat]``.
"""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled
from planner.network.heap import pop, push


@compiled
def delays(
    source: int,
    far: FloatArray,
    graph: tuple[IntArray, IntArray, FloatArray],
    seeds: tuple[IntArray, IntArray, FloatArray],
    losses: tuple[IntArray, IntArray],
) -> tuple[IntArray, FloatArray]:
    """Return by how much each loss delays the ways from a site to those after it.

    Parameters
    ----------
    source
        The site.
    far
        ``[node]``, least delays from it; infinite where there is no way.
    graph
        Compressed rows of neighbours: where they begin ``[node + 1]``, and neighbour and weight of each.
    seeds
        Where every site meets the graph: where its rows begin ``[site + 1]``, and node and delay of each.
    losses
        Where the members of each loss begin ``[loss + 1]``, and their nodes.

    Returns
    -------
    loss, rise
        ``[row]``, one for every loss and site that it delays, losses in order; infinite where no way is left.
    """
    nodes, sites = len(far), len(seeds[0]) - 1
    own = np.full(nodes, np.inf)
    for row in range(seeds[0][source], seeds[0][source + 1]):
        own[seeds[1][row]] = min(own[seeds[1][row]], seeds[2][row])
    order, place, below, parent = _tree(far, own, graph)
    last, whole = _ends(source, far, seeds)
    through = np.zeros(nodes + 1, dtype=np.int64)
    for site in range(source + 1, sites):
        through[last[site]] += 1
    for node in order[::-1]:
        through[parent[node]] += through[node]
    count = 0
    for k in range(len(losses[1])):
        count += through[losses[1][k]]
    found, rise, rows = np.empty(count, dtype=np.int64), np.empty(count), 0
    # What is stale, and what lost, in the current loss bears its number; so nothing has to be wiped between losses.
    stale, gone = np.full((2, nodes + 1), len(losses[0]), dtype=np.int64)
    fresh, work = np.full(nodes, np.inf), np.empty(nodes, dtype=np.int64)
    # Every stale node waits once from the rim, and once more for every neighbour that betters it.
    room = nodes + len(graph[1])
    heap = np.empty(room), np.empty(room, dtype=np.int64)
    for loss in range(len(losses[0]) - 1):
        members = losses[1][losses[0][loss] : losses[0][loss + 1]]
        if not through[members].any():
            continue
        held = _hang(loss, members, order, place, below, stale, gone, work)
        _search(loss, work[:held], far, own, graph, stale, gone, fresh, heap)
        for site in range(source + 1, sites):
            if stale[last[site]] == loss:
                left = _left(loss, site, far, fresh, stale, seeds)
                if left > whole[site]:
                    found[rows], rise[rows], rows = loss, left - whole[site], rows + 1
    return found[:rows], rise[:rows]


@compiled
def _tree(
    far: FloatArray, own: FloatArray, graph: tuple[IntArray, IntArray, FloatArray]
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return a tree of shortest ways, whose branches are whole stretches of an order of the nodes.

    Returns
    -------
    order
        ``[place]``, the nodes that are reached, each before all that hangs below it.
    place, below
        ``[node]``, its place, and how many places from there on hang below it, itself among them; 0 where it is not
        reached.
    parent
        ``[node]``, the one before it; the number of nodes where the way enters the graph, or there is none.
    """
    begin, end, weight = graph
    nodes = len(far)
    place, below = np.zeros((2, nodes), dtype=np.int64)
    parent, order = np.full(nodes, nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    seen, stack = np.zeros(nodes, dtype=np.bool_), np.empty(nodes, dtype=np.int64)
    waiting, found = 0, 0
    for node in range(nodes):
        if own[node] == far[node] < np.inf:
            seen[node] = True
            stack[waiting], waiting = node, waiting + 1
    while waiting:
        waiting -= 1
        node = stack[waiting]
        order[found], place[node], found = node, found, found + 1
        for k in range(begin[node], begin[node + 1]):
            other = end[k]
            if not seen[other] and far[node] + weight[k] == far[other] < np.inf:
                seen[other], parent[other] = True, node
                stack[waiting], waiting = other, waiting + 1
    for node in order[:found][::-1]:
        below[node] += 1
        if parent[node] < nodes:
            below[parent[node]] += below[node]
    return order[:found], place, below, parent


@compiled
def _ends(source: int, far: FloatArray, seeds: tuple[IntArray, IntArray, FloatArray]) -> tuple[IntArray, FloatArray]:
    """Return the last node of a shortest way to each site after the source, and its delay; `nodes` if there is none."""
    sites = len(seeds[0]) - 1
    last, whole = np.full(sites, len(far), dtype=np.int64), np.full(sites, np.inf)
    for site in range(source + 1, sites):
        for row in range(seeds[0][site], seeds[0][site + 1]):
            delay = far[seeds[1][row]] + seeds[2][row]
            if delay < whole[site]:
                last[site], whole[site] = seeds[1][row], delay
    return last, whole


@compiled
def _hang(
    loss: int,
    members: IntArray,
    order: IntArray,
    place: IntArray,
    below: IntArray,
    stale: IntArray,
    gone: IntArray,
    work: IntArray,
) -> int:
    """Write all that hangs below the members into `work`, mark it as stale, and return how many that are."""
    held = 0
    for member in members:
        gone[member] = loss
        for k in range(place[member], place[member] + below[member]):
            if stale[order[k]] != loss:
                stale[order[k]] = loss
                work[held], held = order[k], held + 1
    return held


@compiled
def _search(
    loss: int,
    work: IntArray,
    far: FloatArray,
    own: FloatArray,
    graph: tuple[IntArray, IntArray, FloatArray],
    stale: IntArray,
    gone: IntArray,
    fresh: FloatArray,
    heap: tuple[FloatArray, IntArray],
) -> None:
    """Write the least delays of the stale nodes into `fresh`: Dijkstra's search from what is not stale."""
    begin, end, weight = graph
    keys, members = heap
    held = 0
    for node in work:
        least = np.inf
        if gone[node] != loss:
            least = own[node]
            for k in range(begin[node], begin[node + 1]):
                if stale[end[k]] != loss:
                    least = min(least, far[end[k]] + weight[k])
        fresh[node] = least
        if least < np.inf:
            held = push(keys, members, held, least, node)
    while held:
        held = pop(keys, members, held)
        node = members[held]
        if keys[held] > fresh[node]:
            continue
        for k in range(begin[node], begin[node + 1]):
            other = end[k]
            delay = fresh[node] + weight[k]
            if stale[other] == loss and gone[other] != loss and delay < fresh[other]:
                fresh[other] = delay
                held = push(keys, members, held, delay, other)


@compiled
def _left(
    loss: int,
    site: int,
    far: FloatArray,
    fresh: FloatArray,
    stale: IntArray,
    seeds: tuple[IntArray, IntArray, FloatArray],
) -> float:
    """Return the least delay to a site after a loss."""
    least = np.inf
    for row in range(seeds[0][site], seeds[0][site + 1]):
        node = seeds[1][row]
        least = min(least, (fresh[node] if stale[node] == loss else far[node]) + seeds[2][row])
    return least
