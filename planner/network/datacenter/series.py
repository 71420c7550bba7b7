"""How does a data center change as its satellites move? Its cuts, ring and diameter at several instants.

Links last longer than instants. Where the same links with the same capacities come again, cuts and ring are those
found before and only delays are read anew, so that a fixed topology is searched once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.errors import InfeasibleError
from planner.network.datacenter.bisection import bisection_of
from planner.network.datacenter.circuit import CircuitLimits
from planner.network.datacenter.members import Interconnect, Members, interconnect
from planner.network.datacenter.mincut import minimum_cut_of
from planner.network.datacenter.results import Ring
from planner.network.datacenter.ring import embed_ring_in
from planner.network.snapshot import NetworkSnapshot


@dataclass(frozen=True, eq=False)
class DataCenterSeries:
    """A data center over time.

    Attributes
    ----------
    at
        Instants ``[time]``; None where a snapshot knew none.
    connected
        Members of the largest connected part, ``[time]``.
    bisection_lower_gbps, bisection_upper_gbps, minimum_cut_gbps
        ``[time]``; see `Bisection` and `MinimumCut`.
    ring_gbps, ring_hop_ms
        Rate of the ring and delay of its longest hop, ``[time]``; 0 and NaN while the members are not connected.
    diameter_ms
        Delay between the two connected members farthest apart, over members' links, ``[time]``.
    searches
        How many different networks were among the instants.
    """

    at: tuple[datetime | None, ...]
    connected: IntArray
    bisection_lower_gbps: FloatArray
    bisection_upper_gbps: FloatArray
    minimum_cut_gbps: FloatArray
    ring_gbps: FloatArray
    ring_hop_ms: FloatArray
    diameter_ms: FloatArray
    searches: int


@dataclass(frozen=True)
class _Found:
    connected: int
    lower_gbps: float
    upper_gbps: float
    cut_gbps: float
    ring: Ring | None


def over_time(snapshots: Iterable[NetworkSnapshot], members: Members = None, *, rounds: int = 5) -> DataCenterSeries:
    """Return the figures of a data center at several instants, one snapshot held at a time.

    Parameters
    ----------
    snapshots
        The network at each instant; an iterator will do.
    members
        Names or indices of satellites; None for all.
    rounds
        As `bisection`, fewer unless asked for: the upper bound is the same.

    Raises
    ------
    InputError
        As `interconnect` does.
    """
    known: dict[tuple[bytes, ...], _Found] = {}
    at, rows = [], []
    for snapshot in snapshots:
        network = interconnect(snapshot, members)
        key = (network.satellites.tobytes(), network.a.tobytes(), network.b.tobytes(), network.capacity_gbps.tobytes())
        if key not in known:
            known[key] = _found(network, rounds)
        found = known[key]
        at.append(snapshot.at)
        hop_ms = float("nan") if found.ring is None else _longest_hop_ms(found.ring, network)
        rate_gbps = 0.0 if found.ring is None else found.ring.bottleneck_gbps
        rows.append(
            (
                found.connected,
                found.lower_gbps,
                found.upper_gbps,
                found.cut_gbps,
                rate_gbps,
                hop_ms,
                _diameter_ms(network),
            )
        )
    columns = np.asarray(rows, dtype=np.float64).reshape(len(rows), 7).T
    lower, upper, cut, rate, hop, diameter = (floats(column) for column in columns[1:])
    return DataCenterSeries(tuple(at), ints(columns[0]), lower, upper, cut, rate, hop, diameter, len(known))


def _found(network: Interconnect, rounds: int) -> _Found:
    halves = bisection_of(network, rounds=rounds)
    try:
        ring = embed_ring_in(network, limits=CircuitLimits(members=0))
    except InfeasibleError:
        ring = None
    largest = int(np.bincount(network.components).max(initial=0)) if len(network) else 0
    cut_gbps = minimum_cut_of(network).capacity_gbps
    return _Found(largest, halves.lower_gbps, halves.upper_gbps, cut_gbps, ring)


def _longest_hop_ms(ring: Ring, network: Interconnect) -> float:
    """Return the delay of the longest hop of a ring whose links are as long as they are now."""
    if not len(ring.passed):
        return 0.0
    ends = np.stack([ring.passed, np.roll(ring.passed, -1)], axis=1)
    size = int(network.satellites.max()) + 1
    key = network.satellites[network.a] * size + network.satellites[network.b]
    order = np.argsort(key)
    link = order[np.searchsorted(key[order], ends.min(axis=1) * size + ends.max(axis=1))]
    return float(np.add.reduceat(network.delay_ms[link], ring.start[:-1]).max())


def _diameter_ms(network: Interconnect) -> float:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    size, farthest = len(network), 0.0
    here, there = np.concatenate([network.a, network.b]), np.concatenate([network.b, network.a])
    weight = np.concatenate([network.delay_ms] * 2)
    graph = coo_array((weight, (here.astype(np.int32), there.astype(np.int32))), (size, size)).tocsr()
    for first in range(0, size, 256):
        away = dijkstra(graph, indices=np.arange(first, min(first + 256, size)))
        farthest = max(farthest, float(away[np.isfinite(away)].max(initial=0.0)))
    return farthest
