"""How long does a signal take from a site to a satellite, or through the fleet to another site? One way, ms.

Shortest ways by delay: up from a site, over any number of laser links, down to a site. Sites never relay unless asked:
ways begin and end there and never pass through. Light time only, no processing or queueing; the round trip is twice
the figure. Axes ``[time, site, sat]``.
"""

from collections.abc import Iterator

import numpy as np

from planner.arrays import FloatArray, IntArray, ints, lock, require_shape
from planner.links.table import AccessTable, LinkTable
from planner.network.routing.shortest import Crew, Graph, Scratch, Seeds, lane_blocks
from planner.network.snapshot import require_same


def satellite_latency_ms(
    links: LinkTable, access: AccessTable, *, relay: bool = False, workers: int | None = None
) -> FloatArray:
    """Return the least delay from every site to every satellite, through the fleet.

    Parameters
    ----------
    links, access
        On the same times, for the same satellites.
    relay
        Whether a way may come down to a site and go up again.
    workers
        Threads; as many as there are processors by default. The answer does not depend on it.

    Returns
    -------
    FloatArray
        ``[time, site, sat]``, one way, ms; infinite where there is no way. The least over all ways of the delays added
        from the site on, to the last bit.

    Raises
    ------
    ValueError
        If the tables do not belong together.
    """
    from planner.network.routing.sweep import to_nodes

    require_same(links, access)
    latency = np.empty((links.times.count, access.sites, links.satellites))

    def search(time: int, scratch: Scratch) -> None:
        graph, seeds = instant(links, access, time, relay=relay)
        for first, count in lane_blocks(access.sites):
            to_nodes(graph.rank, graph.reach(seeds, first, count, scratch), first, latency[time, : first + count])

    with Crew(workers) as crew:
        crew.finish(crew.start(search, links.times.count))
    return lock(latency)


def site_latency_ms(
    links: LinkTable,
    access: AccessTable,
    *,
    satellites_ms: FloatArray | None = None,
    relay: bool = False,
    workers: int | None = None,
) -> FloatArray:
    """Return the least delay between every two sites, through the fleet.

    Parameters
    ----------
    links, access
        On the same times, for the same satellites.
    satellites_ms
        ``[time, site, sat]`` as `satellite_latency_ms` gives it for the same tables and `relay`, where it is at hand:
        no way is searched then. Without it no more than an instant per thread is held.
    relay
        Whether a way may come down to a third site and go up again.
    workers
        Threads; as many as there are processors by default. The answer does not depend on it.

    Returns
    -------
    FloatArray
        ``[time, site, site]``, one way, ms; symmetric, 0 on the diagonal, infinite where there is no way. The least
        over all ways of the delays added from the site of lower number on, to the last bit.

    Raises
    ------
    ValueError
        If the tables do not belong together.
    """
    require_same(links, access)
    latency = np.empty((links.times.count, access.sites, access.sites))
    if satellites_ms is not None:
        require_shape("satellites_ms", satellites_ms, (links.times.count, access.sites, links.satellites))
        for time, reached in enumerate(satellites_ms):
            latency[time] = _down(reached, access, time)
        return lock(latency)

    def search(time: int, scratch: Scratch) -> None:
        graph, seeds = instant(links, access, time, relay=relay)
        for _ in between_sites(graph, seeds, latency[time], scratch):
            pass

    with Crew(workers) as crew:
        crew.finish(crew.start(search, links.times.count))
    return lock(latency)


def instant(links: LinkTable, access: AccessTable, time: int, *, relay: bool) -> tuple[Graph, Seeds]:
    """Return the graph of an instant, and where each site meets it; with `relay` sites are nodes after satellites."""
    rows, contacts = links.rows(time), access.rows(time)
    a, b, delay = links.a[rows], links.b[rows], links.delay_ms[rows]
    site, satellite, up = access.site[contacts], access.satellite[contacts], access.delay_ms[contacts]
    return joined_graph((a, b, delay), (site, satellite, up), links.satellites, access.sites, relay=relay)


def joined_graph(
    links: tuple[IntArray, IntArray, FloatArray],
    contacts: tuple[IntArray, IntArray, FloatArray],
    satellites: int,
    sites: int,
    *,
    relay: bool,
) -> tuple[Graph, Seeds]:
    """Return the graph of links and, where sites relay, contacts; and where each site meets it.

    Parameters
    ----------
    links
        Both satellites and the delay of each.
    contacts
        Site, satellite and delay of each, sorted by site.
    satellites, sites
        Numbers of each.
    relay
        Whether sites are nodes, after satellites.
    """
    if not relay:
        site, satellite, up = contacts
        return Graph.of(*links, nodes=satellites), Seeds.of_rows(site, satellite, up, sources=sites)
    (a, b, delay), (site, satellite, up) = links, contacts
    ends = np.concatenate([a, satellite]), np.concatenate([b, site + satellites])
    graph = Graph.of(*ends, np.concatenate([delay, up]), nodes=satellites + sites)
    return graph, Seeds.at(np.arange(satellites, satellites + sites))


def between_sites(
    graph: Graph, seeds: Seeds, latency_ms: FloatArray, scratch: Scratch
) -> Iterator[tuple[int, int, FloatArray]]:
    """Write the least delay between every two sources into ``latency_ms[site, site]``, and yield on the way.

    Yields first source, number of sources and what `Graph.reach` returned for them; the next are written over it.
    """
    from planner.network.routing.sweep import to_ends

    for first, count in lane_blocks(len(seeds)):
        reached = graph.reach(seeds, first, count, scratch)
        to_ends(graph.rank, reached, seeds.offsets, seeds.node, seeds.delay_ms, first, latency_ms)
        yield first, count, reached


def _down(reached_ms: FloatArray, access: AccessTable, time: int) -> FloatArray:
    """Return the delay between every two sites of an instant from that to every satellite ``[site, sat]``."""
    latency = np.full((access.sites, access.sites), np.inf)
    rows = access.rows(time)
    sites, firsts = np.unique(access.site[rows], return_index=True)
    if len(sites):
        down = reached_ms[:, access.satellite[rows]] + access.delay_ms[rows]
        latency[:, sites] = np.minimum.reduceat(down, firsts, axis=1)
    # Both directions add the same delays in opposite order, which may differ in the last bit: the lower site's counts.
    upper = np.triu(latency, 1)
    return upper + upper.T


def unreachable_pairs(latency_ms: FloatArray) -> IntArray:
    """Return how many pairs of different sites have no way between them, ``[time]``.

    Parameters
    ----------
    latency_ms
        ``[time, site, site]`` as `site_latency_ms` gives it.
    """
    first, second = np.triu_indices(latency_ms.shape[1], 1)
    return ints(np.count_nonzero(~np.isfinite(latency_ms[:, first, second]), axis=1))
