"""Is a user's networkx graph a network that can be routed? Its columns, or every reason why not."""

import math
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from numbers import Real
from typing import Any, Final

import numpy as np

from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.errors import InputError, Problem, legible

_KINDS: Final = ("satellite", "site")
_EDGE_KINDS: Final = {0: "laser", 1: "ground"}
_KM_PER_MS: Final = SPEED_OF_LIGHT_KM_S / 1e3
_REQUIRED: Final = "delay_ms"
_LASER_COLUMNS: Final = ("a", "b", "range_km", "delay_ms", "capacity_gbps")
_GROUND_COLUMNS: Final = (
    "site", "satellite", "contact_range_km", "contact_delay_ms", "contact_elevation_deg", "contact_capacity_gbps",
)  # fmt: skip
_MOST: Final = sys.float_info.max
_BOUNDS: Final = {
    "delay_ms": (0.0, _MOST, "0 or more", ""),
    "range_km": (0.0, _MOST, "0 or more", "; leave it out for the light's way in the delay"),
    "capacity_gbps": (0.0, _MOST, "0 or more", "; leave it out where it is not known"),
    "elevation_deg": (-90.0, 90.0, "-90 to 90", "; leave it out where it is not known"),
}
"""Least and greatest value of each measure, these in words, and the fix."""
_LIMITS: Final = tuple((name, bounds[:2]) for name, bounds in _BOUNDS.items())

_MOST_PROBLEMS: Final = 50
_MOST_LETTERS: Final = 60


def network_columns(graph: Any) -> dict[str, Any]:  # noqa: ANN401 - networkx is imported where graphs are made
    """Return the columns of a `NetworkSnapshot`, all but the instant, from a ``networkx.Graph``.

    Raises
    ------
    InputError
        Listing every node and edge that is wrong, up to 50 of them.
    """
    _require_plain(graph)
    _refuse(problem for node, data in graph.nodes(data=True) for problem in _node_problems(node, data))
    kinds = {node: data.get("kind", _KINDS[0]) for node, data in graph.nodes(data=True)}
    edges = list(graph.edges(data=True))
    _refuse(problem for edge in edges for problem in _edge_problems(edge, kinds))
    names = {kind: tuple(node for node in graph if kinds[node] == kind) for kind in _KINDS}
    place = {name: number for kind in _KINDS for number, name in enumerate(names[kind])}
    lasers, contacts = [], []
    for u, v, data in edges:
        if kinds[u] == kinds[v]:
            lasers.append((*sorted((place[u], place[v])), data))
        else:
            site, satellite = (u, v) if kinds[u] == "site" else (v, u)
            contacts.append((place[site], place[satellite], data))
    attributes = {node: {k: v for k, v in data.items() if k != "kind"} for node, data in graph.nodes(data=True)}
    return {
        "satellite_names": names["satellite"],
        "site_names": names["site"],
        "node_attributes": attributes,
        **_columns(lasers, _LASER_COLUMNS),
        **_columns(contacts, _GROUND_COLUMNS),
    }


def _columns(rows: list[Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return columns by name of rows (end, end, attributes), sorted by their ends; NaN where nothing is said."""
    rows.sort(key=lambda row: row[:2])
    columns: dict[str, Any] = {name: [row[end] for row in rows] for end, name in enumerate(names[:2])}
    delay_name = next(name for name in names if name.endswith(_REQUIRED))
    for name in names[2:]:
        attribute = name.removeprefix("contact_")
        values = [row[2].get(attribute, math.nan) for row in rows]
        columns[name] = np.array(values, dtype=np.float64)
    range_name = names[2]
    unsaid = np.isnan(columns[range_name])
    columns[range_name] = np.where(unsaid, columns[delay_name] * _KM_PER_MS, columns[range_name])
    return columns


def _require_plain(graph: Any) -> None:  # noqa: ANN401
    """Raise `InputError` unless a graph is undirected and without parallel edges."""
    if not (graph.is_directed() or graph.is_multigraph()):
        return
    kind = type(graph).__name__
    counts = Counter(frozenset(edge[:2]) for edge in graph.edges())
    double = [
        Problem(f"graph: edge {' to '.join(sorted(map(_shown, pair)))}", f"there are {count}; keep the one to route by")
        for pair, count in counts.items()
        if count > 1
    ]
    fix = "nx.Graph(graph)" if not double else "nx.Graph(graph), which keeps one of parallel edges, whichever came last"
    _refuse(iter([Problem("graph", f"is a {kind}; a plain networkx.Graph is needed: {fix}"), *double]))


def _refuse(problems: Iterator[Problem]) -> None:
    """Raise `InputError` with the first of the problems, if there are any, and the number of the others."""
    first = list(islice(problems, _MOST_PROBLEMS))
    if first:
        others = sum(1 for _ in problems)
        more = [Problem("graph", f"and {others} more like these")] if others else []
        raise InputError(first + more)


def _node_problems(node: object, data: dict[str, Any]) -> Iterator[Problem]:
    kind = data.get("kind", _KINDS[0])
    if isinstance(node, str) and node.strip() and isinstance(kind, str) and kind in _KINDS:
        return
    place = f"graph: node {_shown(node)}"
    if not isinstance(node, str):
        yield Problem(place, "a node needs a text as its name: nx.relabel_nodes(graph, str)")
    elif not node.strip():
        yield Problem(place, "a name needs a letter in it: nx.relabel_nodes(graph, {old: new})")
    if not isinstance(kind, str) or kind not in _KINDS:
        yield Problem(place, f"kind {_shown(kind)}, allowed are {' and '.join(_KINDS)}")


def _edge_problems(edge: tuple[str, str, dict[str, Any]], kinds: dict[str, str]) -> Iterator[Problem]:
    u, v, data = edge
    sites = (kinds[u] == "site") + (kinds[v] == "site")
    wrong = [name for name, limits in _LIMITS if name in data and not _is_measure(data[name], *limits)]
    kind_fits = "kind" not in data or (isinstance(data["kind"], str) and data["kind"] == _EDGE_KINDS.get(sites))
    if u != v and kind_fits and not wrong and _REQUIRED in data and sites < len(_KINDS):
        return
    place = f"graph: edge {legible(u)} to {legible(v)}"
    if u == v:
        yield Problem(place, "a node linked to itself; remove the edge")
        return
    if sites == len(_KINDS):
        yield Problem(place, "both ends are sites, and only satellites have links; remove the edge")
        return
    if not kind_fits:
        told = "one end is a site" if sites else "both ends are satellites"
        yield Problem(place, f"kind {_shown(data['kind'])}, but {told}: set kind of the nodes, or leave it out here")
    if _REQUIRED not in data:
        yield Problem(place, "no delay_ms; every edge needs its one-way delay in milliseconds")
    for name in wrong:
        _, _, allowed, fix = _BOUNDS[name]
        yield Problem(place, f"{name} is {_shown(data[name])}; a finite number, {allowed}, is needed{fix}")


def _is_measure(value: object, least: float, most: float) -> bool:
    """Return whether `value` is a finite real number, no truth value, from `least` to `most`."""
    if type(value) is not float:
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            return False
        try:
            value = float(value)
        except OverflowError:
            return False
    # NaN compares with nothing.
    return least <= value <= most


def _shown(value: object) -> str:
    """Return a value as a message can show it: legible, and short."""
    try:
        text = legible(repr(value))
    except ValueError:  # Python writes out no integer of more than 4,300 digits
        text = "an integer of thousands of digits"
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "…"
