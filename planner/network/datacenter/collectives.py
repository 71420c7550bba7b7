"""How long does it take to add up everyone's gradients and give everyone the sum, over laser links? Closed forms.

Times are of one all-reduce of `data_gb` gigabytes (10⁹ bytes) at every member, over a ring or tree as it is embedded in
the links: hops that share links have been charged for it. Each link that data passes costs `overhead_s` (α: software,
modem and relay) beside its light time.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from planner.network.datacenter.results import Ring
from planner.network.datacenter.tree import Tree

_GBIT_PER_GB = 8.0
_BYTES_PER_GB = 1e9
_MS_PER_S = 1e3


@dataclass(frozen=True)
class AllReduce:
    """The time of an all-reduce, by what it is spent on.

    Attributes
    ----------
    method
        What was run.
    bandwidth_s, latency_s
        Seconds that the data take through the slowest links, and seconds of light time and overhead.
    """

    method: str
    bandwidth_s: float
    latency_s: float

    @property
    def time_s(self) -> float:
        """All of it."""
        return self.bandwidth_s + self.latency_s


def ring_all_reduce(ring: Ring, data_gb: float, *, overhead_s: float, both_ways: bool = False) -> AllReduce:
    """Return the time of a ring all-reduce: ``2 (N − 1)/N · D/B + 2 (N − 1) (α + d/c)``.

    Parameters
    ----------
    ring
        Of N members; B is the rate of its slowest hop and α + d/c the longest time of a hop, relays included: all wait
        for it at every step.
    data_gb
        D at every member, GB.
    overhead_s
        α of each link.
    both_ways
        Whether half of the data goes around the other way at the same time.

    Raises
    ------
    ValueError
        If `data_gb` or `overhead_s` is negative or not finite.

    Notes
    -----
    Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters of workstations, J. Parallel and
    Distributed Computing 69 (2009) 117–124, doi:10.1016/j.jpdc.2008.09.002.
    """
    _require(data_gb=data_gb, overhead_s=overhead_s)
    members = len(ring)
    if members < 2:
        return AllReduce("ring", 0.0, 0.0)
    rate = 2.0 * ring.both_ways_gbps if both_ways else ring.bottleneck_gbps
    steps = 2 * (members - 1)
    return AllReduce(
        "ring both ways" if both_ways else "ring",
        steps / members * data_gb * _GBIT_PER_GB / rate,
        steps * _slowest_hop_s(ring, overhead_s),
    )


def tree_all_reduce(tree: Tree, data_gb: float, *, overhead_s: float) -> AllReduce:
    """Return the time of summing up a tree and sending down the sum, in pieces that follow each other.

    Parameters
    ----------
    tree
        Of depth h.
    data_gb, overhead_s
        As `ring_all_reduce`.

    Raises
    ------
    ValueError
        If `data_gb` or `overhead_s` is negative or not finite.

    Notes
    -----
    With k pieces the first takes ``2h`` links' overheads, light times and sendings of ``D/(kB)``, and each further one
    an overhead and a sending. ``k = √((2h − 1) D/(B α))`` is best, a byte in each at least: pipelining as in Sanders,
    Speck and Träff, Two-tree algorithms for full bandwidth broadcast, reduction and scan, Parallel Computing 35 (2009)
    581–594, doi:10.1016/j.parco.2009.09.001. It is taken that members add at the rate of all their links together,
    which is what several terminals make possible and a ring does not ask for.
    """
    _require(data_gb=data_gb, overhead_s=overhead_s)
    levels = 2 * int(tree.depth.max(initial=0))
    if levels == 0:
        return AllReduce("tree", 0.0, 0.0)
    light_s = 2.0 * float(tree.away_ms.max()) / _MS_PER_S
    return AllReduce("tree", *_in_pieces(levels, data_gb, tree.bottleneck_gbps, overhead_s, light_s))


def _in_pieces(levels: int, data_gb: float, rate_gbps: float, overhead_s: float, light_s: float) -> tuple[float, float]:
    """Return seconds of sending and of waiting over links one after the other, in the best number of pieces."""
    whole_s = data_gb * _GBIT_PER_GB / rate_gbps
    most = max(1, int(data_gb * _BYTES_PER_GB))
    best = math.sqrt((levels - 1) * whole_s / overhead_s) if overhead_s > 0.0 else math.inf
    few = int(min(max(best, 1.0), most))
    pieces = min((few, min(few + 1, most)), key=lambda k: (levels - 1) * whole_s / k + k * overhead_s)
    stages = levels + pieces - 1
    return stages * whole_s / pieces, light_s + stages * overhead_s


def hierarchical_all_reduce(groups: Sequence[Ring], leaders: Ring, data_gb: float, *, overhead_s: float) -> AllReduce:
    """Return the time of three phases: rings within groups, a ring of their leaders, and down within groups again.

    Parameters
    ----------
    groups
        A ring within each group, on links of its own; all run at once, and the slowest counts.
    leaders
        A ring that stops at one member of each group: ``embed_ring(...).over(names)``.
    data_gb, overhead_s
        As `ring_all_reduce`.

    Raises
    ------
    ValueError
        If `data_gb` or `overhead_s` is negative or not finite, or leaders are not one of each group.

    Notes
    -----
    Jia et al., Highly scalable deep learning training system with mixed-precision, arXiv:1807.11205, section 4.2.1.
    With groups of k members and g leaders,

        ``2 (k − 1)/k · D/B + 2 (k − 1) t``  within groups, B and t the rate and the time of the slowest hop,
        ``2 (g − 1)/g · D/B′ + 2 (g − 1) t′``  among leaders, at rates that count what their hops share,
        ``(l + p − 1) (D/(p B) + α) + d/c``  in p pieces around each group, from its leader over l links of length d,

    the first and the last of the slowest group: all run at once on links of their own, and the next phase waits for
    all. The best p is taken, as in `tree_all_reduce`. In a single group all have the sum after the first phase.
    """
    _require(data_gb=data_gb, overhead_s=overhead_s)
    if len(leaders) != len(groups) or any(len(set(group.names) & set(leaders.names)) != 1 for group in groups):
        raise ValueError("leaders: exactly one member of each group is needed")
    phases = [ring_all_reduce(leaders, data_gb, overhead_s=overhead_s)]
    inner = [group for group in groups if len(group) > 1]
    if inner:
        parts = [ring_all_reduce(group, data_gb, overhead_s=overhead_s) for group in inner]
        phases.append(max(parts, key=lambda part: part.time_s))
    if inner and len(groups) > 1:
        led = set(leaders.names)
        downs = [_down(group, led, data_gb, overhead_s) for group in inner]
        phases.append(max(downs, key=lambda part: part.time_s))
    return AllReduce(
        "hierarchical", sum(phase.bandwidth_s for phase in phases), sum(phase.latency_s for phase in phases)
    )


def _down(group: Ring, leaders: Set[str], data_gb: float, overhead_s: float) -> AllReduce:
    """Return the time of passing data from a group's leader around its ring to the member before."""
    back = next(place for place, name in enumerate(group.names) if name in leaders) - 1  # the hop to the leader
    links = int(group.links_per_hop.sum() - group.links_per_hop[back])
    light_s = float(group.hop_ms.sum() - group.hop_ms[back]) / _MS_PER_S
    return AllReduce("ring", *_in_pieces(links, data_gb, group.bottleneck_gbps, overhead_s, light_s))


def _slowest_hop_s(ring: Ring, overhead_s: float) -> float:
    return float((ring.links_per_hop * overhead_s + ring.hop_ms / _MS_PER_S).max())


def _require(**values: float) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value >= 0.0):
            raise ValueError(f"{name}: {value}, a finite number of 0 or more is needed")
