"""How long does a signal take from a site to a satellite, or through the fleet to another site? One way, ms.

Shortest paths by delay: up from a site, over any number of laser links, down to a site. Sites never relay: paths begin
and end there and never pass through. Light time only, no processing or queueing; the round trip is twice the figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from planner.arrays import FloatArray, IntArray, ints, lock, require_shape
from planner.links.table import AccessTable, LinkTable
from planner.network.snapshot import NetworkSnapshot, delay_matrix, require_same

_NO_PREDECESSOR = -9999
"""What ``scipy.sparse.csgraph`` puts where a path begins."""


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
    def round_trip_ms(self) -> float:
        """There and back."""
        return 2.0 * self.latency_ms


def satellite_latency_ms(links: LinkTable, access: AccessTable) -> FloatArray:
    """Return the least delay from every site to every satellite, through the fleet.

    Parameters
    ----------
    links, access
        On the same times, for the same satellites.

    Returns
    -------
    FloatArray
        ``[time, site, sat]``, one way, ms; infinite where there is no way.

    Raises
    ------
    ValueError
        If the tables do not belong together.
    """
    latency = np.empty((links.times.count, access.sites, links.satellites))
    for time, reached in enumerate(_reached(links, access)):
        latency[time] = reached
    return lock(latency)


def site_latency_ms(links: LinkTable, access: AccessTable, *, satellites_ms: FloatArray | None = None) -> FloatArray:
    """Return the least delay between every two sites, through the fleet.

    Parameters
    ----------
    links, access
        On the same times, for the same satellites.
    satellites_ms
        ``[time, site, sat]`` as `satellite_latency_ms` gives it for the same tables, where it is at hand: no path is
        searched then. Without it one instant at a time is held.

    Returns
    -------
    FloatArray
        ``[time, site, site]``, one way, ms; symmetric, 0 on the diagonal, infinite where there is no way.

    Raises
    ------
    ValueError
        If the tables do not belong together.
    """
    if satellites_ms is not None:
        require_same(links, access)
        require_shape("satellites_ms", satellites_ms, (links.times.count, access.sites, links.satellites))
    latency = np.full((links.times.count, access.sites, access.sites), np.inf)
    for time, reached in enumerate(_reached(links, access) if satellites_ms is None else satellites_ms):
        rows = access.rows(time)
        sites, firsts = np.unique(access.site[rows], return_index=True)
        if len(sites):
            down = reached[:, access.satellite[rows]] + access.delay_ms[rows]
            latency[time][:, sites] = np.minimum.reduceat(down, firsts, axis=1)
        # Both directions add the same delays in opposite order, which may differ in the last bit.
        latency[time] = np.minimum(latency[time], latency[time].T)
        np.fill_diagonal(latency[time], 0.0)
    return lock(latency)


def _reached(links: LinkTable, access: AccessTable) -> Iterator[FloatArray]:
    """Yield for each instant the delay from every site to every satellite, ``[site, sat]``."""
    from scipy.sparse.csgraph import dijkstra

    require_same(links, access)
    satellites, sites = links.satellites, access.sites
    sources = np.arange(satellites, satellites + sites)
    for time in range(links.times.count):
        if not sites or not satellites:
            yield np.empty((sites, satellites))
            continue
        rows, contacts = links.rows(time), access.rows(time)
        matrix = delay_matrix(
            (links.a[rows], links.b[rows], links.delay_ms[rows]),
            (access.site[contacts], access.satellite[contacts], access.delay_ms[contacts]),
            satellites=satellites,
            sites=sites,
        )
        reached: FloatArray = dijkstra(matrix, indices=sources)[:, :satellites]
        yield reached


def unreachable_pairs(latency_ms: FloatArray) -> IntArray:
    """Return how many pairs of different sites have no way between them, ``[time]``.

    Parameters
    ----------
    latency_ms
        ``[time, site, site]`` as `site_latency_ms` gives it.
    """
    first, second = np.triu_indices(latency_ms.shape[1], 1)
    return ints(np.count_nonzero(~np.isfinite(latency_ms[:, first, second]), axis=1))


def route(snapshot: NetworkSnapshot, source: str, target: str) -> Path:
    """Return the shortest way by delay between two nodes of a network.

    Parameters
    ----------
    snapshot
        The network.
    source, target
        Names of satellites or sites.

    Returns
    -------
    Path
        Empty, with infinite latency, when there is none.

    Raises
    ------
    InputError
        If a name is not in the network.
    """
    from scipy.sparse.csgraph import dijkstra

    start, end = snapshot.index(source), snapshot.index(target)
    if start == end:
        return Path((source,), 0.0, 0.0)
    delay, before = dijkstra(snapshot.matrix, indices=start, return_predecessors=True)
    chain = [end]
    satellites = len(snapshot.satellite_names)
    if end >= satellites:
        last, delay_ms = _last_satellite(snapshot, end - satellites, start, delay)
        chain.append(last)
    else:
        last, delay_ms = end, float(delay[end])
    if not np.isfinite(delay_ms):
        return Path((), np.inf, np.inf)
    while before[chain[-1]] != _NO_PREDECESSOR:
        chain.append(int(before[chain[-1]]))
    chain.reverse()
    names = snapshot.satellite_names + snapshot.site_names
    return Path(tuple(names[node] for node in chain), delay_ms, _length_km(snapshot, chain))


def _last_satellite(snapshot: NetworkSnapshot, site: int, start: int, delay: Any) -> tuple[int, float]:  # noqa: ANN401
    """Return the satellite from which the way comes down to a site, and the delay of the whole way."""
    contacts = np.flatnonzero(snapshot.site == site)
    if not len(contacts):
        return start, np.inf
    whole = delay[snapshot.satellite[contacts]] + snapshot.contact_delay_ms[contacts]
    best = int(np.argmin(whole))
    return int(snapshot.satellite[contacts[best]]), float(whole[best])


def _length_km(snapshot: NetworkSnapshot, chain: list[int]) -> float:
    """Return the summed ranges of a chain of places in the matrix."""
    satellites = len(snapshot.satellite_names)
    length = dict(zip(zip(snapshot.a.tolist(), snapshot.b.tolist(), strict=True), snapshot.range_km, strict=True))
    site = (snapshot.site + satellites).tolist()
    length |= zip(zip(snapshot.satellite.tolist(), site, strict=True), snapshot.contact_range_km, strict=True)
    return float(sum(length[min(pair), max(pair)] for pair in pairwise(chain)))
