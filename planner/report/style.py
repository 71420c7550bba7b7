"""How the report looks: two palettes, colour tokens in figures, and text that Plotly must not read as markup.

Figures name colours by what they mean (``"@sunlit"``, ``"@link/0.4"`` for 40 % opacity). The page resolves them in
the reader's light or dark scheme; `resolve` does the same here for anybody who wants an ordinary Plotly figure.
The categorical colours are Okabe and Ito's colour-blind-safe set, darkened on white to a contrast of 3:1 or more.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np

from planner.errors import legible

Theme = Literal["light", "dark"]

LIGHT: Final[dict[str, str]] = {
    "ink": "#15202b", "muted": "#55616f", "rule": "#d5dbe3", "grid": "#e6eaef", "surface": "#ffffff",
    "hover": "#ffffff", "sunlit": "#b87a00", "penumbra": "#d55e00", "eclipse": "#3b5b92", "land": "#d9dfd3",
    "shore": "#a9b3a2", "water": "#f1f5f9", "night": "#5b6f96", "link": "#2f7fb8", "route": "#c2185b",
    "good": "#007a5a", "bad": "#b3261e", "s1": "#0072b2", "s2": "#c75400", "s3": "#008560", "s4": "#b87a00",
    "s5": "#b3559a", "s6": "#3a93c5", "s7": "#6b6f76", "s8": "#7a4f1d", "low": "#f3f1e4", "none": "#c3cad3",
    "p0": "#0b2545", "p1": "#1f5f8b", "p2": "#4aa3a8", "p3": "#a9d7ba", "p4": "#eef3df",
}  # fmt: skip
DARK: Final[dict[str, str]] = {
    "ink": "#e8edf3", "muted": "#9fabb9", "rule": "#2c3747", "grid": "#222c3a", "surface": "#121a26",
    "hover": "#1b2635", "sunlit": "#ffc857", "penumbra": "#ff8f4a", "eclipse": "#7fa6ff", "land": "#2a3a3c",
    "shore": "#50656a", "water": "#152238", "night": "#000000", "link": "#4fb3e8", "route": "#ff6fae",
    "good": "#3fc79a", "bad": "#ff8a80", "s1": "#56b4e9", "s2": "#ff8f4a", "s3": "#3fc79a", "s4": "#f0b93a",
    "s5": "#e08cc6", "s6": "#9ad4f5", "s7": "#a7adb6", "s8": "#c9a06a", "low": "#1d2433", "none": "#46525f",
    "p0": "#ffe58a", "p1": "#f2a65a", "p2": "#b3697a", "p3": "#5b4a80", "p4": "#1d2c47",
}  # fmt: skip
THEMES: Final[dict[str, dict[str, str]]] = {"light": LIGHT, "dark": DARK}

SERIES: Final = ("@s1", "@s2", "@s3", "@s4", "@s5", "@s6", "@s7", "@s8")
"""Categorical colours in the order in which they are given out."""

POWER_SCALE: Final = ((0.0, "@p0"), (0.25, "@p1"), (0.5, "@p2"), (0.75, "@p3"), (1.0, "@p4"))
"""From nothing, which stands out from the page, to full power, which recedes: trouble is what shows."""

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
_TOKEN = re.compile(r"@([a-z0-9]+)(?:/([0-9.]+))?")


def plain(text: object) -> str:
    """Return `text` as Plotly must be given it: legible, and with ``& < >`` as entities.

    Plotly reads ``<b>``, ``<a href>`` and a few more in labels, names and hover text, and decodes entities only
    after it has looked for tags; an escaped name therefore shows as it was written. A percent sign before a brace
    would be a template field, so the two are parted.
    """
    escaped = legible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("%{", "% {")


def number(value: object, digits: int = 6) -> float | None:
    """Return `value` rounded to `digits` significant digits, or None when it is not finite."""
    as_float = float(value)  # type: ignore[arg-type]  # anything NumPy hands out
    if not math.isfinite(as_float):
        return None
    return float(f"{as_float:.{digits}g}")


def numbers(values: object, digits: int = 6) -> list[Any]:
    """Return an array as nested lists of `number`."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim > 1:
        return [numbers(row, digits) for row in array]
    return [number(value, digits) for value in array.tolist()]


def layout(**options: Any) -> dict[str, Any]:  # noqa: ANN401 - Plotly's own open-ended tree
    """Return the layout that every figure shares, with `options` laid over it."""
    base: dict[str, Any] = {
        "font": {"family": FONT, "size": 13, "color": "@ink"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 64, "r": 20, "t": 16, "b": 48},
        "hoverlabel": {"bgcolor": "@hover", "bordercolor": "@rule", "font": {"color": "@ink", "size": 12}},
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom",
            "font": {"size": 12}, "bgcolor": "rgba(0,0,0,0)", "traceorder": "normal",
        },
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "@muted", "activecolor": "@ink"},
        "hovermode": "closest",
        "dragmode": "zoom",
    }  # fmt: skip
    return base | options


def axis(title: str = "", **options: Any) -> dict[str, Any]:  # noqa: ANN401 - Plotly's own open-ended tree
    """Return an axis with a `title` (which carries the unit) and the shared look."""
    base: dict[str, Any] = {
        "title": {"text": title, "font": {"size": 12, "color": "@muted"}, "standoff": 8},
        "gridcolor": "@grid",
        "linecolor": "@rule",
        "zerolinecolor": "@rule",
        "tickcolor": "@rule",
        "tickfont": {"size": 12, "color": "@muted"},
        "ticks": "outside",
        "ticklen": 4,
        "automargin": True,
    }
    return base | options


def resolve(plot: Mapping[str, Any], theme: Theme = "light") -> dict[str, Any]:
    """Return `plot` with every colour token replaced by `theme`'s colour: an ordinary Plotly figure."""
    resolved = _resolve(plot, THEMES[theme], colour=False)
    return dict(resolved)


def _resolve(node: Any, palette: Mapping[str, str], *, colour: bool) -> Any:  # noqa: ANN401 - JSON tree
    if isinstance(node, Mapping):
        return {
            key: _resolve(value, palette, colour=colour or str(key).endswith(("color", "colorscale", "colorway")))
            for key, value in node.items()
        }
    if isinstance(node, str):
        found = _TOKEN.fullmatch(node) if colour else None
        return _rgba(palette[found[1]], found[2]) if found else node
    if isinstance(node, Sequence):
        return [_resolve(value, palette, colour=colour) for value in node]
    return node


def _rgba(hexadecimal: str, opacity: str | None) -> str:
    if opacity is None:
        return hexadecimal
    red, green, blue = (int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
