"""Which groups, and which of their leaders, add up gradients soonest? Rings within groups, and one of the leaders.

A ring of N members waits for 2 (N − 1) hops one after the other. Rings within groups of about √N, which run all at
once, and one of their leaders wait for some 5 √N. Groups are connected by links of their own, so that their rings
share no link; leaders' hops go through other members and are charged for every link direction that several of them use.

Groups are cut out of a spanning tree of links as wide as the widest tree's narrowest: that of the walk from which
`embed_ring` makes its ring, so that groups of a ring without relays are stretches of it. Leaders are the members
nearest to the centre of all, or each the one nearest to the leader before; hops go the shortest ways, or around links
that others use. Of these rings the soonest is kept. No bound on other groupings is known.
"""

import math
import time
from itertools import pairwise
from typing import Any, Final

import numpy as np

from planner.arrays import FloatArray, IntArray, ints
from planner.errors import InputError, Problem
from planner.network.datacenter.circuit import CircuitLimits, Hop
from planner.network.datacenter.collectives import hierarchical_all_reduce, ring_all_reduce
from planner.network.datacenter.cycles import joined_cycles
from planner.network.datacenter.hops import ring_over
from planner.network.datacenter.members import Interconnect, Members, interconnect, rows_of
from planner.network.datacenter.results import Hierarchy, Ring
from planner.network.datacenter.ring import embed_ring_in, only_links, require_connected, widest_gbps
from planner.network.datacenter.tree import centre_of
from planner.network.datacenter.walk import closed_walk
from planner.network.snapshot import NetworkSnapshot

_CONSTRUCTED = CircuitLimits(members=0)
"""Rings as they are constructed: dozens are asked for, and their rate is the best there is either way."""

_FACTORS: Final = (1.0, 0.5, 2.0)
"""Sizes of groups that are tried, in square roots of all; the earliest of equally good ones. Planner default."""

_SEARCHED: Final = 256
"""Members up to which all these are tried; beyond, the first. Planner default: one takes half a second at 10,000."""


def embed_hierarchy(
    snapshot: NetworkSnapshot,
    members: Members = None,
    *,
    data_gb: float,
    overhead_s: float,
    size: int | None = None,
) -> Hierarchy:
    """Return rings within connected groups of members, and a ring of the groups' leaders.

    Parameters
    ----------
    snapshot
        The network.
    members
        Names or indices of satellites; None for all.
    data_gb, overhead_s
        What is added up, as `hierarchical_all_reduce`: much data ask for links of their own, little for short ways.
    size
        Members of a group that are aimed at, 1 or more; None takes the square root of all, and of up to 256
        the best of it, half and twice as many. Where the tree branches a group may be larger, and one may be smaller.

    Raises
    ------
    InputError
        As `interconnect` does, and for a size below 1.
    InfeasibleError
        If the members' links do not connect them.
    ValueError
        If `data_gb` or `overhead_s` is negative or not finite.
    """
    return embed_hierarchy_in(interconnect(snapshot, members), data_gb=data_gb, overhead_s=overhead_s, size=size)


def embed_hierarchy_in(
    network: Interconnect, *, data_gb: float, overhead_s: float, size: int | None = None
) -> Hierarchy:
    """Return rings within and between groups of an interconnect; as `embed_hierarchy`."""
    if size is not None and size < 1:
        raise InputError(Problem("size", f"{size}; groups of 1 member or more are needed"))
    if len(network) < 2:
        ring = embed_ring_in(network, limits=_CONSTRUCTED)
        return Hierarchy((ring,) if len(network) else (), ring)
    require_connected(network)
    root = math.sqrt(len(network))
    factors = _FACTORS if len(network) <= _SEARCHED else (1.0,)
    sizes = {max(1, round(root * factor)): None for factor in factors} if size is None else [size]
    wide = only_links(network, network.capacity_gbps >= widest_gbps(network))
    _, central_ms, _ = centre_of(wide)
    made = [_of_size(network, wide, central_ms, aim, data_gb, overhead_s) for aim in sizes]
    return min(
        made, key=lambda one: hierarchical_all_reduce(one.groups, one.leaders, data_gb, overhead_s=overhead_s).time_s
    )


def _of_size(
    network: Interconnect, wide: Interconnect, central_ms: FloatArray, size: int, data_gb: float, overhead_s: float
) -> Hierarchy:
    began = time.perf_counter()
    group = _grouped(wide, size)
    inside = only_links(wide, group[wide.a] == group[wide.b])
    rings = tuple(embed_ring_in(part, limits=_CONSTRUCTED) for part in _parts(inside, group))
    if len(rings) == 1:
        alone = _parts(only_links(wide, np.zeros(len(wide.links), dtype=bool)), ints(np.arange(len(group))))[0]
        return Hierarchy(rings, embed_ring_in(alone, limits=_CONSTRUCTED))
    found = []
    for leaders in _leaders(wide, group, central_ms):
        rate_gbps = _widest_between_gbps(network, ints(leaders))
        for shun in (False, True):
            found.append(_ring(wide, _ways(wide, leaders, shun), rate_gbps, began))
            if not len(found[-1].shared_links):
                break  # nothing to shun
    soonest = min(found, key=lambda ring: ring_all_reduce(ring, data_gb, overhead_s=overhead_s).time_s)
    return Hierarchy(rings, soonest)


def _ring(network: Interconnect, hops: list[Hop], rate_gbps: float, began: float) -> Ring:
    return ring_over(
        network,
        hops,
        rate_gbps=rate_gbps,
        solver="shortest ways",
        seed=0,
        limit="none",
        wall_s=time.perf_counter() - began,
        why_relayed="leaders of groups need not be linked" if any(len(hop) > 2 for hop in hops) else "",
    )


def _grouped(network: Interconnect, size: int) -> IntArray:
    """Return each member's group, ``[member]``, connected and of `size` members or more but for the first."""
    walk = closed_walk(network, joined_cycles(network))
    before: dict[int, int] = {}
    for last, node in zip([walk[0], *walk[:-1]], walk, strict=True):
        before.setdefault(node, last)
    # From the tree's leaves down: a branch is cut off as soon as it has enough members.
    held = dict.fromkeys(before, 1)
    roots = []
    for node in reversed(before):
        if held[node] >= size or node == walk[0]:
            roots.append(node)
        else:
            held[before[node]] += held[node]
    group, number = np.empty(len(network), dtype=np.int64), {node: k for k, node in enumerate(reversed(roots))}
    for node, last in before.items():
        group[node] = number[node] if node in number else group[last]
    return group


def _parts(network: Interconnect, group: IntArray) -> list[Interconnect]:
    """Return the interconnect of each group; links within groups only are given."""
    order = np.argsort(group, kind="stable")
    place = np.empty(len(group), dtype=np.int64)
    first = np.searchsorted(group[order], np.arange(int(group.max()) + 2))
    place[order] = np.arange(len(group)) - first[group[order]]
    links = np.argsort(group[network.a], kind="stable")
    bounds = np.searchsorted(group[network.a][links], np.arange(len(first)))
    found = []
    for k in range(len(first) - 1):
        nodes, ways = order[first[k] : first[k + 1]], links[bounds[k] : bounds[k + 1]]
        a, b = place[network.a[ways]], place[network.b[ways]]
        found.append(
            Interconnect(
                tuple(network.names[i] for i in nodes.tolist()),
                network.satellites[nodes],
                network.links[ways],
                a,
                b,
                network.delay_ms[ways],
                network.capacity_gbps[ways],
                *rows_of(a, b, len(nodes)),
            )
        )
    return found


def _leaders(network: Interconnect, group: IntArray, central_ms: FloatArray) -> list[list[int]]:
    """Return two choices of leaders, in the order of their ring: nearest to the centre, and to the one before."""
    order = _order(network, group, int(group.max()) + 1)
    inside = [np.flatnonzero(group == number) for number in order.tolist()]
    central = [int(nodes[np.argmin(central_ms[nodes])]) for nodes in inside]
    graph, chain = _graph(network), central[:1]
    for nodes in inside[1:]:
        away, _ = _shortest(graph, chain[-1])
        chain.append(int(nodes[np.argmin(away[nodes])]))
    return [central, chain]


def _order(network: Interconnect, group: IntArray, count: int) -> IntArray:
    """Return groups in the order of a ring over them in which as many as can be are side by side, ``[group]``."""
    low, high = np.minimum(group[network.a], group[network.b]), np.maximum(group[network.a], group[network.b])
    keys = np.unique(low[low != high] * count + high[low != high])
    a, b = keys // count, keys % count
    names, alike = tuple(map(str, range(count))), np.ones(len(keys))
    groups = Interconnect(
        names, ints(np.arange(count)), ints(np.arange(len(keys))), a, b, alike, alike, *rows_of(a, b, count)
    )
    return ints([int(name) for name in embed_ring_in(groups, limits=_CONSTRUCTED).names])


def _graph(network: Interconnect) -> Any:  # noqa: ANN401 - SciPy carries no types
    from scipy.sparse import csr_array

    # Delays of 0 are no links to SciPy.
    delay = np.maximum(network.delay_ms[network.way], 1e-12)
    rows = (network.other.astype(np.int32), network.start.astype(np.int32))
    return csr_array((delay, *rows), (len(network), len(network)))


def _shortest(graph: Any, source: int) -> tuple[FloatArray, IntArray]:  # noqa: ANN401
    from scipy.sparse.csgraph import dijkstra

    away, before = dijkstra(graph, indices=source, return_predecessors=True)
    return away, before


def _ways(network: Interconnect, stops: list[int], shun: bool) -> list[Hop]:
    """Return the shortest way from each stop to the next, the last to the first; if told to, around links in use."""
    graph = _graph(network)
    dear = float(graph.data.sum())  # a detour over all links is shorter than a link that another hop uses that way
    hops = []
    for source, target in pairwise([*stops, stops[0]]):
        _, before = _shortest(graph, source)
        way = [target]
        while way[-1] != source:
            way.append(int(before[way[-1]]))
        hops.append(tuple(reversed(way)))
        if shun:
            for here, far in pairwise(hops[-1]):
                row = network.other[network.start[here] : network.start[here + 1]]
                graph.data[network.start[here] + int(np.searchsorted(row, far))] += dear
    return hops


def _widest_between_gbps(network: Interconnect, leaders: IntArray) -> float:
    """Return the greatest rate at which links of it still connect the leaders: no ring of theirs is faster."""
    rates = np.unique(network.capacity_gbps)
    low, high = 0, len(rates) - 1  # all links connect all
    while low < high:
        middle = (low + high + 1) // 2
        parts = only_links(network, network.capacity_gbps >= rates[middle]).components[leaders]
        low, high = (middle, high) if (parts == parts[0]).all() else (low, middle - 1)
    return float(rates[low])
