"""Which tree carries sums up to one member and back down to all soonest? Shortest ways from a centre.

Every link of a tree carries the data once in each direction, all at the same time. Members that are satellites with
several terminals receive from several neighbours at once, which a ring does not make use of.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.errors import InfeasibleError
from planner.network.datacenter.members import Interconnect, Members, interconnect
from planner.network.datacenter.ring import only_links, require_connected, widest_gbps
from planner.network.snapshot import NetworkSnapshot

_TRIED: Final = 512
"""Members tried for the centre; all where there are no more. Planner default: 0.4 s at 10,000 members."""

_TOGETHER: Final = 32
"""Members tried between two looks at the bounds."""

_ROUNDING_FRACTION: Final = 1e-12
"""Taken off bounds on delays, so that rounding excludes no member as good as the best."""


@dataclass(frozen=True, eq=False)
class Tree:
    """A spanning tree of a data center with the best bottleneck, its shortest ways from a centre.

    Attributes
    ----------
    names
        Members ``[member]``, in the order of the snapshot.
    root
        Place of the centre among them; of more than 512, the best of 512 unless bounds prove it.
    parent
        Place of the next member towards the centre, ``[member]``; the centre's is itself.
    depth
        Links to the centre, ``[member]``.
    away_ms
        Delay of the way to the centre, ``[member]``.
    bottleneck_gbps
        Least capacity of its links; infinite where there are none. No spanning tree has a greater one.
    """

    names: tuple[str, ...]
    root: int
    parent: IntArray
    depth: IntArray
    away_ms: FloatArray
    bottleneck_gbps: float


def embed_tree(snapshot: NetworkSnapshot, members: Members = None) -> Tree:
    """Return the tree over the members of the best bottleneck there is that reaches all soonest from its centre.

    Raises
    ------
    InputError
        As `interconnect` does.
    InfeasibleError
        If the members' links do not connect them, or there is no member.
    """
    return embed_tree_in(interconnect(snapshot, members))


def embed_tree_in(network: Interconnect) -> Tree:
    """Return a tree over an interconnect; as `embed_tree`."""
    size = len(network)
    if size == 0:
        raise InfeasibleError("no tree joins no members", "name one member or more")
    require_connected(network)
    rate = widest_gbps(network)
    root, away, before = centre_of(only_links(network, network.capacity_gbps >= rate))
    parent = np.where(before < 0, root, before)
    return Tree(network.names, root, ints(parent), ints(steps_to(parent, root)), floats(away), rate)


def centre_of(network: Interconnect) -> tuple[int, FloatArray, IntArray]:
    """Return the member whose farthest member is nearest, delays to it and the next member on the way; -1 at itself.

    The lowest of equal ones. Members that no link leads to are infinitely far and do not count, nor are they centres
    while others reach more members. Beyond 512 members at most 512 are tried, those first that may be the most central:
    a member is no nearer to its farthest than another's farthest less the delay between the two (Takes and Kosters,
    Computing the eccentricity distribution of large graphs, Algorithms 6 (2013) 100–118, doi:10.3390/a6010100). The
    best of them is the centre wherever those bounds say so, and in a network that is alike all over no worse than most.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    size = len(network)
    here, there = np.concatenate([network.a, network.b]), np.concatenate([network.b, network.a])
    weight = np.concatenate([network.delay_ms] * 2)
    graph = coo_array((weight, (here.astype(np.int32), there.astype(np.int32))), (size, size)).tocsr()
    parts = network.components
    reached = np.bincount(parts)[parts]
    # What each member's farthest is away at least; of members of smaller parts nothing is asked.
    least = np.where(reached == reached.max(), 0.0, np.inf)
    best_ms, centre, tried = np.inf, 0, 0
    while tried < _TRIED and least.min() <= best_ms and np.isfinite(least).any():
        nodes = np.argsort(least, kind="stable")[: _TRIED if size <= _TRIED else _TOGETHER]
        nodes = np.sort(nodes[np.isfinite(least[nodes])])
        away = dijkstra(graph, indices=nodes)
        away[~np.isfinite(away)] = 0.0
        farthest = away.max(axis=1)
        for node, far_ms in zip(nodes.tolist(), farthest.tolist(), strict=True):
            best_ms, centre = min((best_ms, centre), (far_ms, node))
        least = np.maximum(least, ((farthest[:, None] - away) * (1.0 - _ROUNDING_FRACTION)).max(axis=0))
        least[nodes] = np.inf
        tried += len(nodes)
    away, before = dijkstra(graph, indices=centre, return_predecessors=True)
    return centre, np.asarray(away), np.maximum(np.asarray(before, dtype=np.int64), -1)


def steps_to(parent: IntArray, root: int) -> IntArray:
    """Return the links to the root, ``[member]``."""
    steps, climbing = np.zeros(len(parent), dtype=np.int64), np.arange(len(parent))
    while (climbing != root).any():
        steps += climbing != root
        climbing = parent[climbing]
    return steps
