"""Where is a data center weakest? The least capacity that, if lost, parts its members; exact.

Any cut, however lopsided: often one satellite and its links. `planner.network.datacenter.bisection` asks for the
weakest halving.
"""

from dataclasses import dataclass

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, ints, lock
from planner.network.datacenter.members import Interconnect, Members, interconnect
from planner.network.snapshot import NetworkSnapshot


@dataclass(frozen=True, eq=False)
class MinimumCut:
    """The least capacity between two sides of a data center.

    Attributes
    ----------
    capacity_gbps
        What all links across carry in one direction; 0 for a data center in several parts, infinite for fewer than two
        members, which nothing can part.
    side
        Names of the smaller side; of equal ones, the one without the first member.
    links
        Links across, as indices of the snapshot's.
    """

    capacity_gbps: float
    side: tuple[str, ...]
    links: IntArray


def minimum_cut(snapshot: NetworkSnapshot, members: Members = None) -> MinimumCut:
    """Return the global minimum cut of the members' links.

    Parameters
    ----------
    snapshot
        The network.
    members
        Names or indices of satellites; None for all.

    Raises
    ------
    InputError
        As `interconnect` does.

    Notes
    -----
    Nagamochi, Ono and Ibaraki, Implementing an efficient minimum capacity cut algorithm, Mathematical Programming 67
    (1994) 325–341, doi:10.1007/BF01582226: nodes scanned in maximum-adjacency order tell for links how large every cut
    between their ends must be; where that is no less than the best cut known, the ends are merged.
    """
    return minimum_cut_of(interconnect(snapshot, members))


def minimum_cut_of(network: Interconnect) -> MinimumCut:
    """Return the global minimum cut of an interconnect."""
    if len(network) < 2:
        return MinimumCut(np.inf, (), ints([]))
    side = _least_side(network)
    if 2 * side.sum() > len(side) or (2 * side.sum() == len(side) and side[0]):
        side = ~side
    across = side[network.a] != side[network.b]
    names = tuple(name for name, inside in zip(network.names, side.tolist(), strict=True) if inside)
    return MinimumCut(float(network.capacity_gbps[across].sum()), names, lock(network.links[across]))


def _least_side(network: Interconnect) -> BoolArray:
    """Return one side of a minimum cut, ``[member]``."""
    from planner.network.datacenter.cutkernel import adjacency_scan

    home = np.arange(len(network))  # the merged node that each member is in
    a, b, weight = network.a, network.b, network.capacity_gbps
    best, side = np.inf, np.zeros(len(network), dtype=bool)
    while True:
        size = int(home.max()) + 1
        if size == 1:
            return side
        degree = np.bincount(a, weight, size) + np.bincount(b, weight, size)
        least = int(np.argmin(degree))
        if degree[least] < best:
            best, side = float(degree[least]), home == least
        if best == 0.0 or size == 2:
            return side
        here, there, twice = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([weight, weight])
        rows = np.lexsort((there, here))
        start = np.searchsorted(here[rows], np.arange(size + 1))
        order, tight = adjacency_scan(start, there[rows], twice[rows])
        # The tightest link of the last node is as tight as that node's own cut, which is no better than the best: it
        # is merged whatever rounding says, so that every scan gets on.
        last = np.flatnonzero(there[rows] == order[-1])
        merged = tight >= best
        merged[last[np.argmax(tight[last])]] = True
        home, a, b, weight = _merge(home, a, b, weight, (here[rows][merged], there[rows][merged]))


def _merge(
    home: IntArray, a: IntArray, b: IntArray, weight: FloatArray, pairs: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return homes and links after merging the ends of pairs; links side by side are added up, inner ones dropped."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = int(home.max()) + 1
    first, second = (end.astype(np.int32) for end in pairs)
    graph = coo_array((np.ones(len(first)), (first, second)), (size, size))
    fewer, new = connected_components(graph, directed=False)
    low, high = np.minimum(new[a], new[b]).astype(np.int64), np.maximum(new[a], new[b]).astype(np.int64)
    kept = low != high
    keys, inverse = np.unique(low[kept] * fewer + high[kept], return_inverse=True)
    added: FloatArray = np.bincount(inverse, weight[kept], len(keys)).astype(np.float64)
    return new[home].astype(np.int64), keys // fewer, keys % fewer, added
