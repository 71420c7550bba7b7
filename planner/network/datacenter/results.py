"""What is found out about a data center: groups, halvings and rings as tables, which an audit can replay.

No search is here: an audit reads these and the network, and knows nothing of how they were found.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.outcome import Outcome

Method = Literal["enumeration", "search", "parts", "trivial"]


@dataclass(frozen=True, eq=False)
class Groups:
    """A fleet parted into groups that each lie within a diameter.

    Attributes
    ----------
    names
        Names of the satellites, or their numbers as text where only positions were given; ``[sat]``.
    group
        Number of each satellite's group, ``[sat]``; group 0 is the largest found, others as they were taken.
    sizes
        Satellites of each group, ``[group]``.
    fewest
        A number of groups that no partition can undercut: that many satellites are too far from each other in pairs.
    outcome
        How large the largest group can be: maximised, in satellites.
    """

    names: tuple[str, ...]
    group: IntArray
    sizes: IntArray
    fewest: int
    outcome: Outcome

    @property
    def largest(self) -> tuple[str, ...]:
        """Names of the largest group found."""
        return self.members(0)

    def members(self, group: int) -> tuple[str, ...]:
        """Return the names of a group."""
        return tuple(self.names[i] for i in np.flatnonzero(self.group == group).tolist())


@dataclass(frozen=True, eq=False)
class Routing:
    """A way for everyone to exchange data with everyone, from which a lower bound on halvings follows; replayable.

    Attributes
    ----------
    links
        Links among the members, as indices of the snapshot's, ``[link]``.
    length
        Lengths by which ways of each round are the shortest, ``[round, link]``; equally short ones share the traffic.
    share_fraction
        Part of the traffic that goes by each round's ways, ``[round]``; 1 in all.
    senders
        Members who send to all in each round, indices of the snapshot's satellites, ``[round]``: everyone, or some who
        stand for all.
    """

    links: IntArray
    length: FloatArray
    share_fraction: FloatArray
    senders: tuple[IntArray, ...]


@dataclass(frozen=True, eq=False)
class Bisection:
    """The bisection bandwidth of a data center, between bounds.

    Attributes
    ----------
    lower_gbps, upper_gbps
        Proved lower bound, and capacity of the best halving found; one direction. Equal where the answer is exact.
    spectral_gbps, routed_gbps, cut_gbps
        The lower bounds it is the best of: by eigenvalue, by routing everyone to everyone, and the minimum cut. NaN
        where one was not needed.
    routing
        What the routed bound follows from; None where it was not needed.
    halves
        Names of the members on both sides of that halving; the first half holds the first member.
    links
        Links between the halves, as indices of the snapshot's.
    method
        ``enumeration`` of every halving; ``search``; ``parts``: the members are not connected and halves were made of
        whole parts; ``trivial``: fewer than two members, nothing to halve, 0.
    outcome
        The proof, in Gbit/s: minimised, so its bound is `lower_gbps`.
    """

    lower_gbps: float
    upper_gbps: float
    spectral_gbps: float
    routed_gbps: float
    cut_gbps: float
    routing: Routing | None
    halves: tuple[tuple[str, ...], tuple[str, ...]]
    links: IntArray
    method: Method
    outcome: Outcome


@dataclass(frozen=True, eq=False)
class Ring:
    """A ring through the members of a data center, as it runs over their links.

    Attributes
    ----------
    names
        Members in the order of the ring, ``[hop]``; the hop of each leads to the next, the last one's to the first.
    start, passed
        Ways of the hops as compressed rows: hop ``i`` passes the satellites ``passed[start[i]:start[i + 1]]``, indices
        of the snapshot's, and then the next member; the first of them is the member itself.
    hop_ms, hop_gbps
        Delay of each hop's links, and its rate: the least, along its way, of capacity over the hops that share it.
    both_ways_gbps
        Rate of the slowest hop when a second ring runs the other way around at the same time.
    shared_links
        Links that two hops or more use in one direction, indices of the snapshot's.
    relays, fewest_relays
        Members that hops pass on their way, over all hops; and a number that no ring of this rate undercuts.
    why_relayed
        Why there are relays, where that is proved or was the end of the search; empty where there are none.
    outcome
        The rate, maximised, and its bound, in Gbit/s.
    """

    names: tuple[str, ...]
    start: IntArray
    passed: IntArray
    hop_ms: FloatArray
    hop_gbps: FloatArray
    both_ways_gbps: float
    shared_links: IntArray
    relays: int
    fewest_relays: int
    why_relayed: str
    outcome: Outcome

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self.names)

    @property
    def bottleneck_gbps(self) -> float:
        """Rate of the slowest hop; infinite for fewer than two members, which have no hop to wait for."""
        return float(self.hop_gbps.min(initial=np.inf))

    @property
    def longest_hop_ms(self) -> float:
        """Delay of the longest hop; 0 without hops."""
        return float(self.hop_ms.max(initial=0.0))

    def over(self, names: Collection[str]) -> "Ring":
        """Return the ring that runs the same way but stops only at some members; the others relay.

        Its outcome remains that of the longer ring, whose rate it has: fewer stops may allow a faster one.

        Raises
        ------
        ValueError
            If a name is not a member, or none is given.
        """
        stops = np.flatnonzero([name in set(names) for name in self.names])
        if len(stops) < max(len(set(names)), 1):
            raise ValueError("names: some members of the ring are needed, and nobody else")
        turned = np.roll(np.arange(len(self)), -int(stops[0]))
        firsts = stops - stops[0]
        counts = np.concatenate([[0], np.cumsum(self.links_per_hop[turned])])
        passed = np.roll(self.passed, -int(self.start[stops[0]]))
        return replace(
            self,
            names=tuple(self.names[i] for i in stops.tolist()),
            start=ints(counts[[*firsts, len(self)]]),
            passed=ints(passed),
            hop_ms=floats(np.add.reduceat(self.hop_ms[turned], firsts)),
            hop_gbps=floats(np.minimum.reduceat(self.hop_gbps[turned], firsts)),
            relays=len(passed) - len(stops),
            fewest_relays=0,
            why_relayed="stops at some members of a longer ring",
        )

    @property
    def links_per_hop(self) -> IntArray:
        """Links of each hop, ``[hop]``."""
        return ints(np.diff(self.start))


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Members of a data center in groups: a ring within each and one of the groups' leaders.

    Attributes
    ----------
    groups
        A ring within each group, over links between its own members: no two groups use the same link.
    leaders
        A ring of one member of each group, in the order of its own; its hops pass any members, and those that share a
        link share its capacity. It runs while the groups' rings rest.
    """

    groups: tuple[Ring, ...]
    leaders: Ring
