"""What does the network look like at one instant? Arrays for the work, a networkx graph for people and their tools.

Nodes of `NetworkSnapshot.graph` are names. Every node carries ``kind``, ``"satellite"`` or ``"site"``; satellites also
``shell``, ``plane``, ``slot`` and ``rack_type``, sites ``latitude_deg``, ``longitude_deg`` and ``elevation_m``.

==============  =========  ====================================================================
edge attribute  unit       meaning
==============  =========  ====================================================================
kind                       ``"laser"`` (satellite to satellite) or ``"ground"`` (site to satellite)
range_km        km         straight-line distance
delay_ms        ms         one-way light time: the weight to route by
capacity_gbps   Gbit/s     rate in each direction; left out where it is not known (networkx takes a
                           missing capacity as unlimited)
elevation_deg   degrees    of the satellite above the site's horizon; ground contacts only
==============  =========  ====================================================================

Name the weight when routing with networkx (``weight="delay_ms"``): it silently takes a missing weight as 1. And sites
never relay: route over `NetworkSnapshot.between`, which leaves out all sites but the ones named.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property, partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints, require_shape
from planner.errors import InputError, Problem, legible
from planner.links.table import AccessTable, LinkTable
from planner.network.attributes import NodeAttributes
from planner.orbit.elements import Fleet
from planner.orbit.sites import GroundSites

if TYPE_CHECKING:
    import networkx as nx

_WHOLE: Final = {"a", "b", "site", "satellite"}
_PLAIN: Final = {"at", "satellite_names", "site_names", "node_attributes"}
_LASER: Final = ("range_km", "delay_ms", "capacity_gbps")
_GROUND: Final = ("range_km", "delay_ms", "elevation_deg", "capacity_gbps")
_MEASURES: Final = ("range_km", "delay_ms", "contact_range_km", "contact_delay_ms")
_LINK_COLUMNS: Final = ("a", "b", "range_km", "delay_ms", "capacity_gbps")
_CONTACT_COLUMNS: Final = (
    "site", "satellite", "contact_range_km", "contact_delay_ms", "contact_elevation_deg", "contact_capacity_gbps",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class NetworkSnapshot:
    """The network at one instant.

    Attributes
    ----------
    satellite_names, site_names
        Names ``[sat]`` and ``[site]``, all different; the order that indices refer to.
    a, b
        ``[link]``, the two satellites of each laser link, in either order; no two links join the same two.
    range_km, delay_ms, capacity_gbps
        ``[link]``, at least 0; NaN in `capacity_gbps` where it is not known.
    site, satellite
        ``[contact]``, ends of each ground contact, no two of them the same.
    contact_range_km, contact_delay_ms, contact_elevation_deg
        ``[contact]``, the first two at least 0; NaN in the elevation where it is not known.
    node_attributes
        Further attributes of nodes by name.
    at
        The instant, None where it is not known.
    contact_capacity_gbps
        ``[contact]``, rate in each direction; NaN where it is not known, which is taken as no limit. Nothing given, the
        default, stands for a column of NaN.

    Raises
    ------
    InputError
        If a name occurs twice.
    ValueError
        If columns differ in length, refer to a satellite or site that is not there, give a link twice or from a
        satellite to itself, or hold a range or delay that is negative, NaN or infinite, or a capacity that is negative
        or infinite.
    """

    satellite_names: tuple[str, ...]
    site_names: tuple[str, ...]
    a: IntArray
    b: IntArray
    range_km: FloatArray
    delay_ms: FloatArray
    capacity_gbps: FloatArray
    site: IntArray
    satellite: IntArray
    contact_range_km: FloatArray
    contact_delay_ms: FloatArray
    contact_elevation_deg: FloatArray
    node_attributes: Mapping[str, Mapping[str, object]]
    at: datetime | None = None
    contact_capacity_gbps: FloatArray = field(default_factory=partial(floats, ()))

    def __post_init__(self) -> None:
        if not len(self.contact_capacity_gbps):
            object.__setattr__(self, "contact_capacity_gbps", np.full(len(self.site), np.nan))
        for column in fields(self):
            if column.name not in _PLAIN:
                values = getattr(self, column.name)
                object.__setattr__(self, column.name, ints(values) if column.name in _WHOLE else floats(values))
        self._require_rows()
        self._require_measures()
        names = self.satellite_names + self.site_names
        if len(set(names)) < len(names):
            twice = [legible(name) for name, count in Counter(names).items() if count > 1]
            raise InputError(
                Problem("network", f"names of nodes need to differ, {', '.join(twice)} occurs twice; rename one")
            )

    def _require_rows(self) -> None:
        satellites, sites = len(self.satellite_names), len(self.site_names)
        for length_of, columns in (("a", _LINK_COLUMNS), ("site", _CONTACT_COLUMNS)):
            for name in columns:
                require_shape(name, getattr(self, name), (len(getattr(self, length_of)),))
        for name, count in (("a", satellites), ("b", satellites), ("satellite", satellites), ("site", sites)):
            index = getattr(self, name)
            if len(index) and (index.min() < 0 or index.max() >= count):
                raise ValueError(f"{name}: needs to be from 0 to {count - 1}, found {index.min()} to {index.max()}")
        _require_once("a, b", np.minimum(self.a, self.b), np.maximum(self.a, self.b))
        _require_once("site, satellite", self.site, self.satellite)

    def _require_measures(self) -> None:
        """Refuse delays by which no way can be searched, and what no link can have."""
        if (self.a == self.b).any():
            raise ValueError(f"a, b: satellite {self.a[self.a == self.b][0]} linked to itself; remove the link")
        for name in _MEASURES:
            values = getattr(self, name)
            # NaN compares with nothing, and is both the least and the greatest of a column that holds it.
            if len(values) and not 0.0 <= values.min() <= values.max() < np.inf:
                wrong = values[~((values >= 0.0) & (values < np.inf))][0]
                raise ValueError(f"{name}: {wrong} is not a finite number of at least 0; remove what cannot be used")
        for name in ("capacity_gbps", "contact_capacity_gbps"):
            values = getattr(self, name)
            wrong = values[(values < 0.0) | np.isinf(values)]
            if len(wrong):
                raise ValueError(f"{name}: {wrong[0]} must be finite and at least 0, or NaN where it is not known")

    @cached_property
    def graph(self) -> "nx.Graph[str]":
        """The network as a frozen ``networkx.Graph``; attributes as the module describes."""
        import networkx as nx

        graph: nx.Graph[str] = nx.Graph()
        for kind, names in (("satellite", self.satellite_names), ("site", self.site_names)):
            graph.add_nodes_from((name, {**self.node_attributes.get(name, {}), "kind": kind}) for name in names)
        satellites, sites = self.satellite_names, self.site_names
        lasers = edge_attributes("laser", {name: getattr(self, name) for name in _LASER})
        ends = zip(self.a.tolist(), self.b.tolist(), lasers, strict=True)
        graph.add_edges_from((satellites[i], satellites[j], edge) for i, j, edge in ends)
        contacts = edge_attributes("ground", {name: getattr(self, f"contact_{name}") for name in _GROUND})
        ends = zip(self.site.tolist(), self.satellite.tolist(), contacts, strict=True)
        graph.add_edges_from((sites[i], satellites[j], edge) for i, j, edge in ends)
        frozen: nx.Graph[str] = nx.freeze(graph)
        return frozen

    def between(self, *names: str) -> "nx.Graph[str]":
        """Return the graph with every satellite but only the named sites, so that no other site relays.

        Raises
        ------
        InputError
            If a name is not in the network.
        """
        for name in names:
            self.index(name)
        view: nx.Graph[str] = self.graph.subgraph([*self.satellite_names, *names])
        return view

    def index(self, name: str) -> int:
        """Return the number of a node: satellites first, then sites.

        Raises
        ------
        InputError
            If there is no such node.
        """
        return find_node(self._index, name)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.satellite_names + self.site_names)}

    @classmethod
    def from_graph(cls, graph: "nx.Graph[Any]", *, at: datetime | None = None) -> "NetworkSnapshot":
        """Return the network of a user's graph, refusing what would make paths wrong without a word.

        Parameters
        ----------
        graph
            Undirected, without parallel edges; nodes are text. A node is a satellite unless its ``kind`` is ``"site"``.
            Every edge needs ``delay_ms``; ``range_km`` is the light's way in that time where it is missing. An edge may
            carry ``capacity_gbps``, that of a site ``elevation_deg``. Edges of two sites are refused.
        at
            The instant, kept for the record.

        Raises
        ------
        InputError
            Listing the nodes, or the edges, that are wrong, the first 50 of them: a delay missing, NaN, infinite or
            negative, for one.
        """
        from planner.network.reading import network_columns

        return cls(**network_columns(graph), at=at)


def _require_once(name: str, first: IntArray, second: IntArray) -> None:
    """Raise `ValueError` if a pair occurs twice: a way names only its nodes, and could not tell which was meant."""
    if not len(first):
        return
    key = first * (second.max() + 1) + second
    if (key[1:] > key[:-1]).all():  # as tables have them
        return
    key = np.sort(key)
    twice = key[1:][key[1:] == key[:-1]]
    if len(twice):
        pair = divmod(int(twice[0]), int(second.max()) + 1)
        raise ValueError(f"{name}: {pair[0]} and {pair[1]} are joined twice; keep the one to route by")


def find_node(places: Mapping[str, int], name: str) -> int:
    """Return the place of a node; `InputError` with the nearest name if there is none of that name."""
    try:
        return places[name]
    except (KeyError, TypeError):
        from difflib import get_close_matches

        close = get_close_matches(name, places, n=1) if isinstance(name, str) else []
        hint = f'did you mean "{legible(close[0])}"?' if close else "it has to be a satellite or a site of the plan"
        raise InputError(Problem("network", f'no node "{legible(name)}"; {hint}')) from None


def edge_attributes(kind: str, columns: Mapping[str, FloatArray]) -> Iterator[dict[str, Any]]:
    """Yield the attributes of each edge as plain Python values, which every graph format can write; NaN is left out."""
    names = ("kind", *columns)
    rows = len(next(iter(columns.values())))
    table = zip(repeat(kind, rows), *(column.tolist() for column in columns.values()), strict=True)
    if any(np.isnan(column).any() for column in columns.values()):
        # NaN alone differs from itself.
        return ({name: value for name, value in zip(names, row, strict=True) if value == value} for row in table)
    return (dict(zip(names, row, strict=True)) for row in table)


def snapshot(
    links: LinkTable,
    access: AccessTable,
    time: int,
    fleet: Fleet,
    sites: GroundSites,
    *,
    contact_capacity_gbps: FloatArray | None = None,
) -> NetworkSnapshot:
    """Return the network at instant `time` of two tables.

    Parameters
    ----------
    links, access
        On the same times, for the same satellites.
    time
        Index of the instant.
    fleet, sites
        What the indices of the tables refer to.
    contact_capacity_gbps
        ``[row]`` of `access`, all instants; None where no contact has a known limit.

    Raises
    ------
    ValueError
        If tables, fleet, sites and capacities do not belong together, or there is no such instant.
    InputError
        If a name occurs twice.
    """
    require_same(links, access)
    if links.satellites != len(fleet) or access.sites != len(sites):
        raise ValueError("snapshot: the tables are not those of this fleet and these sites")
    if not 0 <= time < links.times.count:
        raise ValueError(f"time: {time} is not an instant of 0 to {links.times.count - 1}")
    rows, contacts = links.rows(time), access.rows(time)
    capacity_gbps = np.full(len(access.site), np.nan) if contact_capacity_gbps is None else contact_capacity_gbps
    require_shape("contact_capacity_gbps", capacity_gbps, (len(access.site),))
    return NetworkSnapshot(
        satellite_names=fleet.names,
        site_names=sites.names,
        a=links.a[rows],
        b=links.b[rows],
        range_km=links.range_km[rows],
        delay_ms=links.delay_ms[rows],
        capacity_gbps=links.capacity_gbps[rows],
        site=access.site[contacts],
        satellite=access.satellite[contacts],
        contact_range_km=access.range_km[contacts],
        contact_delay_ms=access.delay_ms[contacts],
        contact_elevation_deg=access.elevation_deg[contacts],
        node_attributes=NodeAttributes(fleet, sites),
        at=links.times.datetime_at(time),
        contact_capacity_gbps=capacity_gbps[contacts],
    )


def require_same(links: LinkTable, access: AccessTable) -> None:
    """Raise `ValueError` unless both tables are on the same times and about the same satellites."""
    if links.times != access.times or links.satellites != access.satellites:
        raise ValueError("links, access: need the same times and the same satellites")
