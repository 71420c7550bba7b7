"""Can every graph format hold this graph? A copy for GraphML, GEXF and their like.

Those are XML, which has no place for control characters, and know only texts, whole numbers, floats and truth values.
"""

import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any, Final

import numpy as np

from planner.errors import legible

_RESERVED: Final = {
    "end", "id", "key", "label", "networkx_key", "parents", "pid", "slices", "spells", "start", "type", "viz", "weight",
}  # fmt: skip
"""Attributes by which GEXF means something of its own."""


def portable_graph(graph: Any) -> Any:  # noqa: ANN401 - any class of networkx graph, the same back
    """Return a copy of a networkx graph of any class that every format can write.

    Names and texts lose what cannot be shown (control characters, bidirectional marks); names that come out the same
    or empty are told apart by a number, ``"S1 (2)"``. Attributes without a value (None, NaN, infinite) are left out,
    NumPy's numbers become Python's, and anything else its text. Attributes that GEXF would take for its own get a
    trailing underscore.
    """
    nodes = list(graph)
    names = dict(zip(nodes, _told_apart(nodes), strict=True))
    copy = graph.__class__(**_attributes(graph.graph))
    copy.add_nodes_from((names[node], _attributes(data)) for node, data in graph.nodes(data=True))
    copy.add_edges_from((names[u], names[v], _attributes(data)) for u, v, data in graph.edges(data=True))
    return copy


def _told_apart(texts: Iterable[object]) -> list[str]:
    """Return legible texts, all different."""
    taken: dict[str, int] = {}
    found = []
    for text in texts:
        shown = base = legible(text).strip() or "?"
        while shown in taken:
            taken[base] += 1
            shown = f"{base} ({taken[base]})"
        taken[shown] = 1
        found.append(shown)
    return found


def _attributes(data: Mapping[Any, object]) -> dict[str, Any]:
    named = ((key, _plain(value)) for key, value in data.items())
    known = [(key, value) for key, value in named if value is not None]
    keys = _told_apart(f"{key}_" if key in _RESERVED else key for key, _ in known)
    return dict(zip(keys, (value for _, value in known), strict=True))


def _plain(value: object) -> str | bool | int | float | None:
    """Return a value as plain Python; None where it has none."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        number = float(value)
        return number if math.isfinite(number) else None
    return legible(value)
