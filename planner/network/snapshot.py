"""What does the network look like at one instant? Arrays for the work, a networkx graph for people and their tools.

Nodes of `NetworkSnapshot.graph` are names. Every node carries ``kind``, ``"satellite"`` or ``"site"``; satellites also
``shell``, ``plane``, ``slot`` and ``rack_type``, sites ``latitude_deg``, ``longitude_deg`` and ``elevation_m``.

==============  =========  ====================================================================
edge attribute  unit       meaning
==============  =========  ====================================================================
kind                       ``"laser"`` (satellite to satellite) or ``"ground"`` (site to satellite)
range_km        km         straight-line distance
delay_ms        ms         one-way light time: the weight to route by
capacity_gbps   Gbit/s     rate in each direction; laser links only (networkx takes a missing
                           capacity as unlimited)
elevation_deg   degrees    of the satellite above the site's horizon; ground contacts only
==============  =========  ====================================================================

Name the weight when routing with networkx (``weight="delay_ms"``): it silently takes a missing weight as 1. And sites
never relay: route over `NetworkSnapshot.between`, which leaves out all sites but the ones named.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.errors import InputError, Problem
from planner.links.table import AccessTable, LinkTable
from planner.orbit.elements import Fleet
from planner.orbit.sites import GroundSites

if TYPE_CHECKING:
    import networkx as nx

_WHOLE: Final = {"a", "b", "site", "satellite"}
_PLAIN: Final = {"at", "satellite_names", "site_names", "node_attributes"}


@dataclass(frozen=True, eq=False)
class NetworkSnapshot:
    """The network at one instant.

    Attributes
    ----------
    satellite_names, site_names
        Names ``[sat]`` and ``[site]``, all different; the order that indices refer to.
    a, b
        ``[link]``, satellites of each laser link.
    range_km, delay_ms, capacity_gbps
        ``[link]``; NaN in `capacity_gbps` where it is not known.
    site, satellite
        ``[contact]``, ends of each ground contact.
    contact_range_km, contact_delay_ms, contact_elevation_deg
        ``[contact]``; NaN in the elevation where it is not known.
    node_attributes
        Further attributes of nodes by name.
    at
        The instant, None where it is not known.

    Raises
    ------
    InputError
        If a name occurs twice.
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

    def __post_init__(self) -> None:
        for column in fields(self):
            if column.name not in _PLAIN:
                values = getattr(self, column.name)
                object.__setattr__(self, column.name, ints(values) if column.name in _WHOLE else floats(values))
        names = self.satellite_names + self.site_names
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise InputError(
                Problem("network", f"names of nodes need to differ, {', '.join(twice)} occurs twice; rename one")
            )

    @cached_property
    def graph(self) -> "nx.Graph[str]":
        """The network as a frozen ``networkx.Graph``; attributes as the module describes."""
        import networkx as nx

        graph: nx.Graph[str] = nx.Graph()
        for kind, names in (("satellite", self.satellite_names), ("site", self.site_names)):
            graph.add_nodes_from((name, {**self.node_attributes.get(name, {}), "kind": kind}) for name in names)
        satellites, sites = self.satellite_names, self.site_names
        for i, j, *row in _rows(self.a, self.b, self.range_km, self.delay_ms, self.capacity_gbps):
            graph.add_edge(satellites[i], satellites[j], kind="laser", **_known("capacity_gbps", *row))
        for i, j, *row in _rows(
            self.site, self.satellite, self.contact_range_km, self.contact_delay_ms, self.contact_elevation_deg
        ):
            graph.add_edge(sites[i], satellites[j], kind="ground", **_known("elevation_deg", *row))
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
        """Return the place of a node in `matrix`: satellites first, then sites.

        Raises
        ------
        InputError
            If there is no such node.
        """
        try:
            return self._index[name]
        except KeyError:
            from difflib import get_close_matches

            close = get_close_matches(name, self._index, n=1)
            hint = f'; did you mean "{close[0]}"?' if close else "; it has to be a satellite or a site of the plan"
            raise InputError(Problem("network", f'no node "{name}"{hint}')) from None

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.satellite_names + self.site_names)}

    @cached_property
    def matrix(self) -> Any:  # noqa: ANN401 - SciPy carries no types
        """One-way delays (ms) as ``scipy.sparse.csr_array``, satellites first, then sites.

        Laser links stand in both directions, ground contacts only from the site up, so that no path of the matrix leads
        through a site.
        """
        return delay_matrix(
            (self.a, self.b, self.delay_ms),
            (self.site, self.satellite, self.contact_delay_ms),
            satellites=len(self.satellite_names),
            sites=len(self.site_names),
        )

    @classmethod
    def from_graph(cls, graph: "nx.Graph[Any]", *, at: datetime | None = None) -> "NetworkSnapshot":
        """Return the network of a user's graph, refusing what would make paths wrong without a word.

        Parameters
        ----------
        graph
            Undirected, without parallel edges; nodes are text. A node is a satellite unless its ``kind`` is ``"site"``.
            Every edge needs ``delay_ms``; ``range_km`` is the light's way in that time where it is missing. Edges of
            two sites are refused.
        at
            The instant, kept for the record.

        Raises
        ------
        InputError
            Listing every node and edge that is wrong: a delay missing, NaN, infinite or negative, for one.
        """
        from planner.network.reading import network_columns

        return cls(**network_columns(graph), at=at)


def _rows(*columns: Any) -> Any:  # noqa: ANN401 - columns of several types
    """Yield the columns row by row as plain Python numbers, which every graph format can write."""
    return zip(*(column.tolist() for column in columns), strict=True)


def _known(
    last: Literal["capacity_gbps", "elevation_deg"], range_km: float, delay_ms: float, value: float
) -> dict[str, Any]:
    """Return the attributes of an edge; `value` is left out where it is not known."""
    attributes = {"range_km": range_km, "delay_ms": delay_ms}
    return attributes if math.isnan(value) else {**attributes, last: value}


def delay_matrix(
    links: tuple[IntArray, IntArray, FloatArray],
    contacts: tuple[IntArray, IntArray, FloatArray],
    *,
    satellites: int,
    sites: int,
) -> Any:  # noqa: ANN401 - SciPy carries no types
    """Return delays as ``scipy.sparse.csr_array``: satellites first, then sites; sites have no edge towards them.

    Parameters
    ----------
    links
        Both satellites and the delay of each laser link.
    contacts
        Site, satellite and delay of each ground contact.
    satellites, sites
        Numbers of each.
    """
    from scipy.sparse import coo_array

    a, b, delay = links
    site, satellite, up = contacts
    rows = np.concatenate([a, b, site + satellites]).astype(np.int32)
    columns = np.concatenate([b, a, satellite]).astype(np.int32)
    size = satellites + sites
    return coo_array((np.concatenate([delay, delay, up]), (rows, columns)), shape=(size, size)).tocsr()


def snapshot(links: LinkTable, access: AccessTable, time: int, fleet: Fleet, sites: GroundSites) -> NetworkSnapshot:
    """Return the network at instant `time` of two tables.

    Parameters
    ----------
    links, access
        On the same times, for the same satellites.
    time
        Index of the instant.
    fleet, sites
        What the indices of the tables refer to.

    Raises
    ------
    ValueError
        If tables, fleet and sites do not belong together, or there is no such instant.
    InputError
        If a name occurs twice.
    """
    require_same(links, access)
    if links.satellites != len(fleet) or access.sites != len(sites):
        raise ValueError("snapshot: the tables are not those of this fleet and these sites")
    if not 0 <= time < links.times.count:
        raise ValueError(f"time: {time} is not an instant of 0 to {links.times.count - 1}")
    rows, contacts = links.rows(time), access.rows(time)
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
        node_attributes=_attributes(fleet, sites),
        at=links.times.datetime_at(time),
    )


def require_same(links: LinkTable, access: AccessTable) -> None:
    """Raise `ValueError` unless both tables are on the same times and about the same satellites."""
    if links.times != access.times or links.satellites != access.satellites:
        raise ValueError("links, access: need the same times and the same satellites")


def _attributes(fleet: Fleet, sites: GroundSites) -> dict[str, dict[str, object]]:
    columns = zip(fleet.names, fleet.shells, fleet.planes.tolist(), fleet.slots.tolist(), fleet.rack_types, strict=True)
    found: dict[str, dict[str, object]] = {
        name: {"shell": shell, "plane": plane, "slot": slot, "rack_type": rack}
        for name, shell, plane, slot, rack in columns
    }
    places = _rows(sites.latitude_deg, sites.longitude_deg, sites.elevation_m)
    for name, (latitude, longitude, elevation) in zip(sites.names, places, strict=True):
        found[name] = {"latitude_deg": latitude, "longitude_deg": longitude, "elevation_m": elevation}
    return found
