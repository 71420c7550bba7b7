"""Which way does a signal take between two nodes at one instant? The shortest by delay, named node by node.

Of ways equally short to the last bit it is the one of fewest links, and of those the one whose nodes come first in the
network when they are compared from the end back. It is searched from the site where the other end is a satellite, and
else from the node that comes first, so that the way back is the same way reversed.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.network.routing.latency import joined_graph
from planner.network.routing.shortest import Scratch, Seeds
from planner.network.snapshot import NetworkSnapshot


@dataclass(frozen=True)
class Path:
    """The shortest way between two nodes at one instant.

    Attributes
    ----------
    nodes
        Names from source to target; empty when there is no way.
    latency_ms
        One way; infinite when there is none.
    range_km
        Length of the way; infinite when there is none.
    """

    nodes: tuple[str, ...]
    latency_ms: float
    range_km: float

    @property
    def reachable(self) -> bool:
        """Whether there is a way."""
        return bool(self.nodes)

    @property
    def hops(self) -> int:
        """How many links and contacts it takes; 0 where there is no way, and to oneself."""
        return max(0, len(self.nodes) - 1)

    @property
    def round_trip_ms(self) -> float:
        """There and back."""
        return 2.0 * self.latency_ms


def route(snapshot: NetworkSnapshot, source: str, target: str, *, relay: bool = False) -> Path:
    """Return the shortest way by delay between two nodes of a network.

    Parameters
    ----------
    snapshot
        The network.
    source, target
        Names of satellites or sites.
    relay
        Whether the way may come down to a third site and go up again.

    Returns
    -------
    Path
        Empty, with infinite latency, when there is none.

    Raises
    ------
    InputError
        If a name is not in the network.
    """
    asked = (snapshot.index(source), snapshot.index(target))
    if asked[0] == asked[1]:
        return Path((source,), 0.0, 0.0)
    satellites = len(snapshot.satellite_names)
    mixed = (asked[0] < satellites) != (asked[1] < satellites)
    start, end = sorted(asked, reverse=mixed)
    delay_ms, chain = _shortest(snapshot, start, end, relay=relay)
    if start != asked[0]:
        chain.reverse()
    names = snapshot.satellite_names + snapshot.site_names
    return Path(tuple(names[node] for node in chain), delay_ms, _length_km(snapshot, chain) if chain else np.inf)


def _shortest(snapshot: NetworkSnapshot, start: int, end: int, *, relay: bool) -> tuple[float, list[int]]:
    """Return delay and nodes of the shortest way; infinite and none where there is none."""
    satellites = len(snapshot.satellite_names)
    low, high = np.minimum(snapshot.a, snapshot.b), np.maximum(snapshot.a, snapshot.b)
    links = _sorted(low, high, snapshot.delay_ms)
    contacts = _sorted(snapshot.site, snapshot.satellite, snapshot.contact_delay_ms)
    graph, sites = joined_graph(links, contacts, satellites, len(snapshot.site_names), relay=relay)
    seeds, ends = (Seeds.at([node]) if node < satellites else sites.alone(node - satellites) for node in (start, end))
    reached = graph.reach(seeds, 0, 1, Scratch())
    delay_ms = np.min(reached[graph.rank[ends.node], 0] + ends.delay_ms, initial=np.inf)
    return float(delay_ms), graph.way(reached, 0, (start, seeds), (end, ends))


def _sorted(first: IntArray, second: IntArray, delay_ms: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return rows in the order of their ends, on which the choice among equal ways depends."""
    order = np.lexsort((second, first))
    return first[order], second[order], delay_ms[order]


def _length_km(snapshot: NetworkSnapshot, chain: list[int]) -> float:
    """Return the summed ranges of a chain of nodes, satellites first, then sites."""
    satellites = len(snapshot.satellite_names)
    ends = np.sort(np.stack([snapshot.a, snapshot.b], axis=1), axis=1)
    length = dict(zip(map(tuple, ends.tolist()), snapshot.range_km, strict=True))
    site = (snapshot.site + satellites).tolist()
    length |= zip(zip(snapshot.satellite.tolist(), site, strict=True), snapshot.contact_range_km, strict=True)
    return float(sum(length[min(pair), max(pair)] for pair in pairwise(chain)))
