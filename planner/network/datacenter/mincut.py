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
    Members join one side, one after the other, unless a smaller cut than the best known parts them from it: which links
    alone tell of most, and a flow of the rest. The tests on links: Padberg and Rinaldi, An efficient algorithm for the
    minimum capacity cut problem, Mathematical Programming 47 (1990) 19–36, doi:10.1007/BF01580850.
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
    from planner.network.datacenter.mincutkernel import least_side

    weight = network.capacity_gbps[network.way]
    # The two places of a link in the rows are next to each other when places are sorted by link.
    pairs = np.argsort(network.way, kind="stable").reshape(-1, 2)
    back = np.empty(len(weight), dtype=np.int64)
    back[pairs[:, 0]], back[pairs[:, 1]] = pairs[:, 1], pairs[:, 0]
    here = np.repeat(np.arange(len(network)), np.diff(network.start))
    degree: FloatArray = np.bincount(here, weight, len(network)).astype(np.float64)
    return least_side(np.array(network.start), np.array(network.other), back, weight, degree)
