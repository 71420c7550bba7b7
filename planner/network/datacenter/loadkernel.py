"""Traffic from everyone to everyone by shortest ways: what does each link carry? Kernel of the routed bound."""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled, compiled_inline
from planner.network.datacenter import heap

_TIE = 1e-12


@compiled
def all_to_all_load(
    start: IntArray, other: IntArray, way: IntArray, length: FloatArray, sources: IntArray
) -> FloatArray:
    """Return the load of each link, ``[link]``, when every source sends half a unit to every other node.

    With all nodes as sources every pair exchanges one unit. Traffic goes by shortest ways; ways equally short to a
    part in 10¹² share it in proportion to their number. Lengths are above 0 and the graph is connected. Brandes, A
    faster algorithm for betweenness centrality, J. Mathematical Sociology 25 (2001) 163–177,
    doi:10.1080/0022250X.2001.9990249, with loads of links kept instead of those of nodes.
    """
    size = len(start) - 1
    load = np.zeros(len(length))
    distance, alike = np.empty(size), True
    for link in range(1, len(length)):
        alike = alike and length[link] == length[0]
    order = np.empty(size, dtype=np.int64)
    keys, nodes = heap.room(len(other), size)
    for source in sources:
        if alike:
            _settle_by_links(start, other, source, distance, order)
        else:
            _settle(start, other, way, length, source, distance, order, keys, nodes)
        ways, passed = np.zeros(size), np.zeros(size)
        ways[source] = 1.0
        for place in range(1, size):
            node = order[place]
            for k in range(start[node], start[node + 1]):
                if _leads_to(distance, other[k], node, 1.0 if alike else length[way[k]]):
                    ways[node] += ways[other[k]]
        for place in range(size - 1, 0, -1):
            node = order[place]
            share = (1.0 + passed[node]) / ways[node]
            for k in range(start[node], start[node + 1]):
                if _leads_to(distance, other[k], node, 1.0 if alike else length[way[k]]):
                    passed[other[k]] += ways[other[k]] * share
                    load[way[k]] += 0.5 * ways[other[k]] * share
    return load


@compiled_inline
def _settle_by_links(start: IntArray, other: IntArray, source: int, distance: FloatArray, order: IntArray) -> None:
    """Write the links to every node from `source`, and all nodes by them, into `distance` and `order`."""
    distance[:] = np.inf
    distance[source] = 0.0
    order[0] = source
    reached = 1
    for place in range(len(order)):
        node = order[place]
        for k in range(start[node], start[node + 1]):
            if distance[other[k]] == np.inf:
                distance[other[k]] = distance[node] + 1.0
                order[reached] = other[k]
                reached += 1


@compiled_inline
def _leads_to(distance: FloatArray, near: int, node: int, length: float) -> bool:
    """Return whether a shortest way to `node` comes over `near`."""
    return bool(distance[near] < distance[node] and distance[near] + length - distance[node] <= _TIE * distance[node])


@compiled_inline
def _settle(
    start: IntArray,
    other: IntArray,
    way: IntArray,
    length: FloatArray,
    source: int,
    distance: FloatArray,
    order: IntArray,
    keys: FloatArray,
    nodes: IntArray,
) -> None:
    """Write the distance of every node from `source`, and all nodes by distance, into `distance` and `order`."""
    distance[:] = np.inf
    distance[source] = 0.0
    held, settled = heap.push(keys, nodes, 0, 0.0, source), 0
    while held > 0:
        held = heap.pop(keys, nodes, held)
        node = nodes[held]
        if keys[held] > distance[node]:
            continue  # reached by a shorter way since
        order[settled] = node
        settled += 1
        for k in range(start[node], start[node + 1]):
            reached = distance[node] + length[way[k]]
            if reached < distance[other[k]]:
                distance[other[k]] = reached
                held = heap.push(keys, nodes, held, reached, other[k])
