"""Which contacts does a window of time hold, and how long do they last? Intervals instead of instants.

Axis: ``[contact]``. Times are seconds after the first instant of the window. A row of the tables stands for the step
that begins at its instant, and a link that is there at consecutive instants is one contact: memory grows with contacts,
not with instants. Nodes are satellites, then sites, as in `NetworkSnapshot.index`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints, require_shape
from planner.links.table import AccessTable, LinkTable
from planner.network.attributes import NodeAttributes
from planner.network.snapshot import find_node, require_same
from planner.orbit.elements import Fleet
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class ContactPlan:
    """Contacts of a window of time.

    Attributes
    ----------
    satellite_names, site_names
        Names ``[sat]`` and ``[site]``.
    times
        The window.
    a, b
        ``[contact]``, the two nodes, ``a < b``; `b` is a site for a ground contact. Sorted by (a, b, start).
    start_s, end_s
        ``[contact]``, seconds after the first instant.
    delay_ms
        ``[contact]``, one-way light time, the longest during the contact.
    capacity_gbps
        ``[contact]``, the least rate in each direction during the contact; NaN where it is not known.
    node_attributes
        Further attributes of nodes by name.

    Raises
    ------
    ValueError
        If the columns contradict each other or this description.
    """

    satellite_names: tuple[str, ...]
    site_names: tuple[str, ...]
    times: TimeGrid
    a: IntArray
    b: IntArray
    start_s: FloatArray
    end_s: FloatArray
    delay_ms: FloatArray
    capacity_gbps: FloatArray
    node_attributes: Mapping[str, Mapping[str, object]]

    def __post_init__(self) -> None:
        for column in fields(self):
            if column.name in ("a", "b"):
                object.__setattr__(self, column.name, ints(getattr(self, column.name)))
            elif isinstance(getattr(self, column.name), np.ndarray):
                object.__setattr__(self, column.name, floats(getattr(self, column.name)))
        for name in ("a", "b", "start_s", "end_s", "delay_ms", "capacity_gbps"):
            require_shape(name, getattr(self, name), (len(self.a),))
        if not np.all((self.a >= 0) & (self.a < self.b) & (self.b < len(self.names))):
            raise ValueError("a, b: need 0 ≤ a < b < nodes")
        if not np.all(self.a < len(self.satellite_names)):
            raise ValueError("a: need a satellite; sites have no contacts with each other")
        if not np.all((self.start_s >= 0.0) & (self.start_s <= self.end_s) & (self.end_s <= self.times.duration_s)):
            raise ValueError("start_s, end_s: need 0 ≤ start ≤ end ≤ duration of the window")
        if not np.all(np.isfinite(self.delay_ms) & (self.delay_ms >= 0.0)):
            raise ValueError("delay_ms: every contact needs a finite delay of 0 or more")

    def __len__(self) -> int:
        return len(self.a)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all nodes, satellites first, then sites."""
        return self.satellite_names + self.site_names

    def index(self, name: str) -> int:
        """Return the place of a node: satellites first, then sites.

        Raises
        ------
        InputError
            If there is no such node.
        """
        return find_node(self._index, name)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def graph(self) -> "nx.MultiDiGraph[str]":
        """The contacts as a frozen ``networkx.MultiDiGraph``: an edge each way for every contact.

        Edges carry ``kind`` (``"laser"`` or ``"ground"``), ``start_s``, ``end_s``, ``delay_ms`` and, where it is known,
        ``capacity_gbps``; nodes what those of `NetworkSnapshot.graph` carry. A way along it respects time if each edge
        is left at or after its start and after the arrival by the edge before, and arrives by its end. Sites must not
        relay: take `between`.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(start=self.times.start.isoformat())
        for kind, names in (("satellite", self.satellite_names), ("site", self.site_names)):
            graph.add_nodes_from((name, {**self.node_attributes.get(name, {}), "kind": kind}) for name in names)
        for a, b, attributes in self._edges():
            graph.add_edge(a, b, **attributes)
            graph.add_edge(b, a, **attributes)
        frozen: nx.MultiDiGraph[str] = nx.freeze(graph)
        return frozen

    def between(self, *names: str) -> "nx.MultiDiGraph[str]":
        """Return the graph with every satellite but only the named sites, so that no other site relays.

        Raises
        ------
        InputError
            If a name is not in the plan.
        """
        for name in names:
            self.index(name)
        view: nx.MultiDiGraph[str] = self.graph.subgraph([*self.satellite_names, *names])
        return view

    def _edges(self) -> Any:  # noqa: ANN401 - names and attributes
        """Yield the names of both ends and the attributes of every contact, in plain Python numbers."""
        columns = (self.a, self.b, self.start_s, self.end_s, self.delay_ms, self.capacity_gbps)
        for a, b, start_s, end_s, delay_ms, capacity_gbps in zip(*(column.tolist() for column in columns), strict=True):
            kind = "laser" if b < len(self.satellite_names) else "ground"
            attributes = {"kind": kind, "start_s": start_s, "end_s": end_s, "delay_ms": delay_ms}
            known = {} if math.isnan(capacity_gbps) else {"capacity_gbps": capacity_gbps}
            yield self.names[a], self.names[b], {**attributes, **known}


def contact_plan(
    links: LinkTable,
    access: AccessTable,
    fleet: Fleet,
    sites: GroundSites,
    *,
    first: int = 0,
    stop: int | None = None,
    contact_capacity_gbps: FloatArray | None = None,
) -> ContactPlan:
    """Return the contacts of instants ``first:stop`` of two tables.

    Parameters
    ----------
    links, access
        On the same times, for the same satellites.
    fleet, sites
        What the indices of the tables refer to.
    first, stop
        Indices of the instants; `stop` None for all that follow.
    contact_capacity_gbps
        ``[row]`` of `access`, all instants; None where no contact has a known limit.

    Raises
    ------
    ValueError
        If tables, fleet, sites and capacities do not belong together, or there is no such window.
    """
    require_same(links, access)
    if links.satellites != len(fleet) or access.sites != len(sites):
        raise ValueError("contact_plan: the tables are not those of this fleet and these sites")
    times = links.times.part(first, links.times.count if stop is None else stop)
    rows = slice(links.rows(first).start, links.rows(first + times.count - 1).stop)
    seen = slice(access.rows(first).start, access.rows(first + times.count - 1).stop)
    when = np.repeat(np.arange(links.times.count), np.diff(links.offsets))[rows] - first
    when_seen = np.repeat(np.arange(links.times.count), np.diff(access.offsets))[seen] - first
    lasers = _joined(links.a[rows], links.b[rows], when, links.delay_ms[rows], links.capacity_gbps[rows])
    rates_gbps = np.full(len(access.site), np.nan) if contact_capacity_gbps is None else contact_capacity_gbps
    require_shape("contact_capacity_gbps", rates_gbps, (len(access.site),))
    upper = access.site[seen] + len(fleet)
    ground = _joined(access.satellite[seen], upper, when_seen, access.delay_ms[seen], rates_gbps[seen])
    a, b, opened, closed, delay_ms, capacity_gbps = (np.concatenate(pair) for pair in zip(lasers, ground, strict=True))
    order = np.lexsort((opened, b, a))
    return ContactPlan(
        satellite_names=fleet.names,
        site_names=sites.names,
        times=times,
        a=a[order],
        b=b[order],
        start_s=opened[order] * times.step_s,
        end_s=closed[order] * times.step_s,
        delay_ms=delay_ms[order],
        capacity_gbps=capacity_gbps[order],
        node_attributes=NodeAttributes(fleet, sites),
    )


def _joined(
    a: IntArray, b: IntArray, when: IntArray, delay_ms: FloatArray, capacity_gbps: FloatArray
) -> tuple[IntArray, IntArray, IntArray, IntArray, FloatArray, FloatArray]:
    """Return contacts from rows of instants: consecutive ones of a pair are one, longest delay and least capacity."""
    order = np.lexsort((when, b, a))
    a, b, when = a[order], b[order], when[order]
    opens = np.ones(len(a), dtype=np.bool_)
    opens[1:] = (np.diff(a) != 0) | (np.diff(b) != 0) | (np.diff(when) != 1)
    starts = np.flatnonzero(opens)
    if not len(starts):
        return a, b, when, when, delay_ms, capacity_gbps
    lasts = np.append(starts[1:], len(a)) - 1
    longest, least = np.maximum.reduceat(delay_ms[order], starts), np.minimum.reduceat(capacity_gbps[order], starts)
    return a[starts], b[starts], when[starts], when[lasts] + 1, longest, least
