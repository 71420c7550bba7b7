"""How does the delay between sites change over time, and along which nodes do the shortest ways lead? One way, ms.

From elements to latencies in blocks of time: the fleet is propagated, linked and seen from the ground, its shortest
ways are found, and then its states and links are dropped. What is kept is the delay of every pair of sites
``[time, site, site]`` and the nodes of the pairs that are followed. Sites never relay unless asked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints, lock, require_shape
from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.errors import InputError, Problem
from planner.links.gateways import Gateways, HeldContacts, gateway_contacts_of
from planner.links.ground import Contacts, ground_access, ground_contacts
from planner.links.table import AccessTable, LinkTable
from planner.network.routing.latency import between_sites, joined_graph
from planner.network.routing.shortest import Crew, Scratch, require_offsets
from planner.network.topology import Held, Topology, links_of
from planner.orbit.elements import Fleet
from planner.orbit.propagate import Ephemeris, propagate_blocks
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

if TYPE_CHECKING:
    from concurrent.futures import Future

Progress = Callable[[float], None]
"""Told now and then which part of the work, of one, is done."""

_STATES_PER_BLOCK: Final = 250_000
"""Satellites times instants of one block: some 100 MB of states, links and contacts, of which two are held."""
_LEAST_INSTANTS: Final = 4
"""Of one block, so that threads have something to share."""
_MS_PER_S: Final = 1e3
_SECONDS_PER_HOUR: Final = 3600.0


@dataclass(frozen=True, eq=False)
class LatencySeries:
    """Delays between sites over time, and the ways of the pairs that were followed.

    Nodes are numbers: satellites in the order of the fleet, then sites.

    Attributes
    ----------
    times
        The grid.
    satellite_names, site_names
        What the numbers refer to.
    latency_ms
        ``[time, site, site]``, one way; symmetric, 0 on the diagonal, infinite where there is no way.
    followed
        ``[pair]``, names of source and target of each pair that was followed.
    path_offsets
        ``[pair * time + 1]``; rows ``path_offsets[k]:path_offsets[k + 1]`` with ``k = pair * times.count + time`` are
        the way of a pair at an instant; none where there is no way.
    path_nodes
        ``[row]``, from source to target, both included.

    Raises
    ------
    ValueError
        If the columns contradict each other.
    """

    times: TimeGrid
    satellite_names: tuple[str, ...]
    site_names: tuple[str, ...]
    latency_ms: FloatArray
    followed: tuple[tuple[str, str], ...]
    path_offsets: IntArray
    path_nodes: IntArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "latency_ms", floats(self.latency_ms))
        require_shape("latency_ms", self.latency_ms, (self.times.count, len(self.site_names), len(self.site_names)))
        for name in ("path_offsets", "path_nodes"):
            object.__setattr__(self, name, ints(getattr(self, name)))
        require_shape("path_offsets", self.path_offsets, (len(self.followed) * self.times.count + 1,))
        require_offsets("path_offsets", self.path_offsets, "path_nodes", self.path_nodes)
        nodes = len(self.satellite_names) + len(self.site_names)
        if len(self.path_nodes) and not 0 <= self.path_nodes.min() <= self.path_nodes.max() < nodes:
            raise ValueError(f"path_nodes: need nodes of 0 to {nodes - 1}")

    def path(self, pair: int, time: int) -> tuple[str, ...]:
        """Return the names of the nodes of a followed pair at an instant, from source to target; none for no way.

        Raises
        ------
        ValueError
            For a pair that was not followed, or an instant that is not in the grid.
        """
        if not 0 <= pair < len(self.followed):
            raise ValueError(f"pair: {pair} is none of the {len(self.followed)} that were followed, counted from 0")
        if not 0 <= time < self.times.count:
            raise ValueError(f"time: {time} is not an instant of 0 to {self.times.count - 1}")
        k = pair * self.times.count + time
        satellites = len(self.satellite_names)
        nodes = self.path_nodes[self.path_offsets[k] : self.path_offsets[k + 1]].tolist()
        return tuple(
            self.satellite_names[node] if node < satellites else self.site_names[node - satellites] for node in nodes
        )

    @cached_property
    def hops(self) -> IntArray:
        """``[pair, time]``, links and contacts of each way; 0 where there is no way."""
        counts = np.maximum(np.diff(self.path_offsets) - 1, 0)
        return ints(counts.reshape(len(self.followed), self.times.count))

    @cached_property
    def path_changes(self) -> IntArray:
        """``[pair]``, instants whose way is another than that of the instant before, one of them having none included.

        What changes and changes back between two instants is not seen.
        """
        counts = np.zeros(len(self.followed), dtype=np.int64)
        ways = np.split(self.path_nodes, self.path_offsets[1:-1])
        for pair in range(len(self.followed)):
            own = ways[pair * self.times.count : (pair + 1) * self.times.count]
            counts[pair] = sum(not np.array_equal(own[i], own[i + 1]) for i in range(len(own) - 1))
        return ints(counts)

    @property
    def path_changes_per_h(self) -> FloatArray:
        """``[pair]``; NaN for a single instant."""
        hours = (self.times.count - 1) * self.times.step_s / _SECONDS_PER_HOUR
        return floats(self.path_changes / hours if hours else np.full(len(self.followed), np.nan))


def latency_series(
    fleet: Fleet,
    times: TimeGrid,
    sites: GroundSites,
    topology: Topology,
    *,
    follow: Sequence[tuple[str, str]] = (),
    gateways: Gateways | None = None,
    relay: bool = False,
    block: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> LatencySeries:
    """Return the least delay between every two sites over time, from a fleet's elements.

    Parameters
    ----------
    fleet
        ``[sat]``.
    times
        ``[time]``.
    sites
        ``[site]``.
    topology
        Who links to whom.
    follow
        Names of source and target of pairs of sites whose ways are kept node by node.
    gateways
        ``[site]``, what stands at the sites: only contacts that antennas follow are used, as `gateway_contacts` chooses
        them for the whole run. None where every satellite in view is a contact.
    relay
        Whether a way may come down to a third site and go up again.
    block
        Instants worked on together; about a quarter of a million states by default. Memory grows with it, and with the
        answer's ``times.count · len(sites)²`` floats; nothing else grows with the length of the run.
    workers
        Threads; as many as there are processors by default. Neither it nor `block` changes a bit of the answer.
    progress
        Told after each block which part is done.

    Returns
    -------
    LatencySeries
        Latencies as `site_latency_ms`, ways as `route` gives them.

    Raises
    ------
    InputError
        For a pair to follow that is no two sites of these.
    ValueError
        If there are not as many gateways as sites.
    """
    asked = [_ends(pair, sites) for pair in follow]
    latency = np.empty((times.count, len(sites), len(sites)))
    chains: list[list[list[int]]] = [[] for _ in range(times.count)]
    size = max(_LEAST_INSTANTS, _STATES_PER_BLOCK // max(1, len(fleet))) if block is None else block
    with Crew(workers) as crew:
        running: list[Future[None]] = []
        ground = _Ground(sites, gateways, workers)
        for first, links, contacts in _blocks(fleet, times, topology, ground, size, workers):
            # While threads search one block, the next was made above.
            crew.finish(running)
            if progress is not None and first:
                progress(first / times.count)
            search = _Search(first, links, contacts, asked, relay, latency, chains)
            running = crew.start(search, links.times.count)
        crew.finish(running)
    if progress is not None:
        progress(1.0)
    ways = [chains[time][pair] for pair in range(len(asked)) for time in range(times.count)]
    offsets = np.concatenate([[0], np.cumsum([len(way) for way in ways], dtype=np.int64)])
    nodes = np.array([node for way in ways for node in way], dtype=np.int64)
    followed = tuple((str(source), str(target)) for source, target in follow)
    return LatencySeries(times, fleet.names, sites.names, lock(latency), followed, offsets, nodes)


def _ends(pair: tuple[str, str], sites: GroundSites) -> tuple[int, int]:
    """Return the indices of two different sites."""
    for name in pair:
        if name not in sites.names:
            raise InputError(
                Problem("follow", f'no site "{name}"; the sites are {", ".join(sites.names[:5])} and so on')
            )
    source, target = pair
    if source == target:
        raise InputError(Problem("follow", f'"{source}" to itself is no way; name two different sites'))
    return sites.names.index(source), sites.names.index(target)


class _Ground:
    """What the sites see, and of that what their antennas follow: called with one block after another."""

    def __init__(self, sites: GroundSites, gateways: Gateways | None, workers: int | None) -> None:
        self._sites, self._gateways, self._workers = sites, gateways, workers
        self._held = HeldContacts.none()

    def __call__(self, states: Ephemeris) -> Contacts | AccessTable:
        if self._gateways is None:
            return ground_contacts(states, self._sites, workers=self._workers)
        access = ground_access(states, self._sites, workers=self._workers)
        followed, self._held = gateway_contacts_of(access, self._gateways, held=self._held)
        return followed


def _blocks(
    fleet: Fleet, times: TimeGrid, topology: Topology, ground: _Ground, size: int, workers: int | None
) -> Iterator[tuple[int, LinkTable, Contacts | AccessTable]]:
    """Yield first instant, links and contacts of consecutive blocks."""
    held: Held | None = None
    first = 0
    for states in propagate_blocks(fleet, times, block=size, workers=workers):
        links, held = links_of(states, topology, held=held)
        yield first, links, ground(states)
        first += states.times.count


@dataclass(frozen=True, eq=False)
class _Search:
    """The searches of one block: called with an instant of it, writes that instant's latencies and ways."""

    first: int
    links: LinkTable
    contacts: Contacts | AccessTable
    asked: list[tuple[int, int]]
    relay: bool
    latency_ms: FloatArray
    chains: list[list[list[int]]]

    def __call__(self, time: int, scratch: Scratch) -> None:
        links, contacts = self.links, self.contacts
        rows = links.rows(time)
        seen = slice(int(contacts.offsets[time]), int(contacts.offsets[time + 1]))
        span_ms = (part / SPEED_OF_LIGHT_KM_S * _MS_PER_S for part in (links.range_km[rows], contacts.range_km[seen]))
        laser_ms, ground_ms = span_ms
        graph, seeds = joined_graph(
            (links.a[rows], links.b[rows], laser_ms),
            (contacts.site[seen], contacts.satellite[seen], ground_ms),
            links.satellites,
            self.latency_ms.shape[1],
            relay=self.relay,
        )
        found: dict[int, list[int]] = {}
        for first, count, reached in between_sites(graph, seeds, self.latency_ms[self.first + time], scratch):
            for place, pair in enumerate(self.asked):
                low, high = min(pair), max(pair)
                if first <= low < first + count:
                    ends = [(links.satellites + site, seeds.alone(site)) for site in (low, high)]
                    way = graph.way(reached, low - first, *ends)
                    found[place] = way if pair[0] == low else way[::-1]
        self.chains[self.first + time] = [found[place] for place in range(len(self.asked))]
