"""Is a user's networkx graph a network that can be routed? Its columns, or every reason why not."""

import math
from typing import Any, Final

from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.errors import InputError, Problem

_KINDS: Final = ("satellite", "site")
_KM_PER_MS: Final = SPEED_OF_LIGHT_KM_S / 1e3
_REQUIRED: Final = "delay_ms"
_LASER_COLUMNS: Final = ("a", "b", "range_km", "delay_ms", "capacity_gbps")
_GROUND_COLUMNS: Final = ("site", "satellite", "contact_range_km", "contact_delay_ms", "contact_elevation_deg")


def network_columns(graph: Any) -> dict[str, Any]:  # noqa: ANN401 - networkx is imported where graphs are made
    """Return the columns of a `NetworkSnapshot`, all but the instant, from a ``networkx.Graph``.

    Raises
    ------
    InputError
        Listing every node and edge that is wrong.
    """
    kinds = _checked_kinds(graph)
    names = {kind: tuple(node for node in graph if kinds[node] == kind) for kind in _KINDS}
    place = {name: i for kind in _KINDS for i, name in enumerate(names[kind])}
    lasers, contacts = [], []
    for u, v, data in graph.edges(data=True):
        delay_ms = float(data[_REQUIRED])
        way = float(data.get("range_km", delay_ms * _KM_PER_MS)), delay_ms
        if kinds[u] == kinds[v]:
            low, high = sorted((place[u], place[v]))
            lasers.append((low, high, *way, float(data.get("capacity_gbps", math.nan))))
        else:
            site, satellite = (u, v) if kinds[u] == "site" else (v, u)
            contacts.append((place[site], place[satellite], *way, float(data.get("elevation_deg", math.nan))))
    attributes = {node: {k: v for k, v in data.items() if k != "kind"} for node, data in graph.nodes(data=True)}
    return {
        "satellite_names": names["satellite"],
        "site_names": names["site"],
        "node_attributes": attributes,
        **dict(zip(_LASER_COLUMNS, _columns(lasers), strict=True)),
        **dict(zip(_GROUND_COLUMNS, _columns(contacts), strict=True)),
    }


def _checked_kinds(graph: Any) -> dict[str, str]:  # noqa: ANN401
    """Return the kind of each node of a graph without faults; nodes are judged first, edges by their ends' kinds."""
    if graph.is_directed() or graph.is_multigraph():
        raise InputError(
            Problem("graph", f"is a {type(graph).__name__}; a plain networkx.Graph is needed: nx.Graph(graph)")
        )
    problems = [problem for node, data in graph.nodes(data=True) for problem in _node_problems(node, data)]
    if problems:
        raise InputError(problems)
    kinds = {node: data.get("kind", "satellite") for node, data in graph.nodes(data=True)}
    problems = [problem for edge in graph.edges(data=True) for problem in _edge_problems(edge, kinds)]
    if problems:
        raise InputError(problems)
    return kinds


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Return five columns of sorted rows."""
    return [list(column) for column in zip(*sorted(rows), strict=True)] or [[], [], [], [], []]


def _node_problems(node: object, data: dict[str, Any]) -> list[Problem]:
    place = f"graph: node {node!r}"
    problems = []
    if not isinstance(node, str):
        problems.append(Problem(place, "a node needs a text as its name: nx.relabel_nodes(graph, str)"))
    if data.get("kind", "satellite") not in _KINDS:
        problems.append(Problem(place, f"kind {data['kind']!r}, allowed are {' and '.join(_KINDS)}"))
    return problems


def _edge_problems(edge: tuple[str, str, dict[str, Any]], kinds: dict[str, str]) -> list[Problem]:
    u, v, data = edge
    place = f"graph: edge {u} to {v}"
    if u == v:
        return [Problem(place, "a node linked to itself; remove the edge")]
    if kinds[u] == kinds[v] == "site":
        return [Problem(place, "both ends are sites, and only satellites have links; remove the edge")]
    if _REQUIRED not in data:
        return [Problem(place, "no delay_ms; every edge needs its one-way delay in milliseconds")]
    problems = []
    for name, strict in ((_REQUIRED, False), ("range_km", False), ("capacity_gbps", True)):
        if name in data and not _is_measure(data[name], strict=strict):
            least = "above 0" if strict else "0 or more"
            problems.append(Problem(place, f"{name} is {data[name]!r}; a finite number, {least}, is needed"))
    return problems


def _is_measure(value: object, *, strict: bool) -> bool:
    """Return whether `value` is a finite number that is not negative, nor 0 if `strict`."""
    try:
        number = float(value)  # type: ignore[arg-type]  # what a user put there decides
    except (TypeError, ValueError):
        return False
    return (
        not isinstance(value, bool | str) and math.isfinite(number) and (number > 0.0 or (number == 0.0 and not strict))
    )
