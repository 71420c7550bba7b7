"""What does each way of getting the same computing cost, and what is it made of? Stacked bars, US dollars."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from planner.errors import legible
from planner.report.figures_common import nothing, plural, wrapped
from planner.report.page import Figure
from planner.report.style import SERIES, axis, layout, number, numbers, plain

Measure = Literal["usd_gpu_h", "usd_gw"]

_WORDS: dict[str, tuple[str, str, float]] = {
    "usd_gpu_h": ("cost-per-accelerator-hour", "$ per accelerator-hour", 1.0),
    "usd_gw": ("cost-per-gigawatt", "billion $ per GW of IT power", 1e-9),
}
_PATTERNS = ("", "/", ".", "x", "-", "+", "\\", "|")


def option_costs(
    lines: Mapping[str, Sequence[Any]], totals: Mapping[str, Sequence[Any]], *, measure: Measure
) -> Figure:
    """Draw the options side by side, stacked by cost line, with the range of each total.

    Parameters
    ----------
    lines
        Columns ``option``, ``line`` (what is paid for) and `measure`; lines keep the order of their first appearance.
    totals
        Columns ``option`` and ``low_<measure>``, ``high_<measure>``: the range of the total; NaN for none.
    measure
        ``usd_gpu_h`` (dollars per accelerator-hour) or ``usd_gw`` (dollars per GW, drawn in billions).
    """
    identifier, unit, scale = _WORDS[measure]
    if not len(lines.get("option", ())):
        return nothing(identifier, f"Costs in {unit}", "No option was costed.")
    options = list(dict.fromkeys(map(str, lines["option"])))
    kinds = list(dict.fromkeys(map(str, lines["line"])))
    stack = np.zeros((len(kinds), len(options)))
    for option, kind, value in zip(lines["option"], lines["line"], lines[measure], strict=True):
        stack[kinds.index(str(kind)), options.index(str(option))] += float(value) * scale
    labels = [wrapped(option, 24) for option in options]
    traces = [_part(stack[k], labels, kind, k, unit) for k, kind in enumerate(kinds)]
    sums = stack.sum(axis=0)
    low, high = (_bounds(totals, f"{end}_{measure}", options, scale) for end in ("low", "high"))
    traces.append(_whiskers(sums, low, high, labels, unit))
    cheapest, dearest = int(np.argmin(sums)), int(np.argmax(sums))
    made = layout(
        barmode="stack",
        bargap=0.42,
        xaxis=axis(unit, rangemode="tozero"),
        yaxis=axis("", type="category", autorange="reversed", showgrid=False, ticks=""),
        showlegend=True,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": -0.24, "yanchor": "top",
                "traceorder": "normal", "font": {"size": 12}},
        margin={"l": 20, "r": 20, "t": 8, "b": 48},
    )  # fmt: skip
    return Figure(
        identifier,
        _headline(options, sums, cheapest, dearest, unit),
        {"data": traces, "layout": made},
        "Stacked bars: " + "; ".join(f"{legible(o)} {s:.3g} {unit}" for o, s in zip(options, sums, strict=True)) + ".",
        "Bars are the planning values; the strokes span the low and high assumptions taken together. What each option "
        "includes and leaves out stands in the table of boundaries: without it the ratio means nothing.",
        460,
        half=True,
    )


def _headline(options: list[str], sums: Any, cheapest: int, dearest: int, unit: str) -> str:  # noqa: ANN401 - array
    if len(options) == 1:
        return f"{options[0]}: {sums[0]:.3g} {unit}"
    return (
        f"Of {plural(len(options), 'option')}, “{options[cheapest]}” is cheapest at {sums[cheapest]:.3g} and "
        f"“{options[dearest]}” dearest at {sums[dearest]:.3g} {unit}"
    )


def _part(values: Any, labels: list[str], kind: str, place: int, unit: str) -> dict[str, Any]:  # noqa: ANN401 - array
    label = plain(kind)
    return {
        "type": "bar", "orientation": "h", "x": numbers(values, 5), "y": labels, "name": label,
        "marker": {
            "color": SERIES[place % len(SERIES)], "line": {"width": 0.5, "color": "@surface"},
            "pattern": {"shape": _PATTERNS[place // len(SERIES)], "size": 6, "fgcolor": "@surface",
                        "fillmode": "overlay"},
        },
        "hovertemplate": f"{label}: %{{x:.3~g}} {unit}<extra></extra>",
    }  # fmt: skip


def _bounds(totals: Mapping[str, Sequence[Any]], column: str, options: list[str], scale: float) -> list[float]:
    found = dict(zip(map(str, totals.get("option", ())), totals.get(column, ()), strict=False))
    return [float(found.get(option, np.nan)) * scale for option in options]


def _whiskers(sums: Any, low: list[float], high: list[float], labels: list[str], unit: str) -> dict[str, Any]:  # noqa: ANN401 - array
    """Return invisible markers at the totals that carry the range and, for the hover, its two ends."""
    up = [number(max(h - s, 0.0), 5) if np.isfinite(h) else 0.0 for h, s in zip(high, sums, strict=True)]
    down = [number(max(s - b, 0.0), 5) if np.isfinite(b) else 0.0 for b, s in zip(low, sums, strict=True)]
    words = [
        f"{s:.3g}" + (f" ({b:.3g} – {h:.3g})" if np.isfinite(b) and np.isfinite(h) else "")
        for s, b, h in zip(sums, low, high, strict=True)
    ]
    return {
        "type": "scatter", "mode": "markers", "x": numbers(sums, 5), "y": labels, "text": words, "showlegend": False,
        "name": "total", "marker": {"color": "@ink", "size": 7, "symbol": "diamond"},
        "error_x": {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "color": "@ink",
                    "thickness": 1.6, "width": 6},
        "hovertemplate": f"total %{{text}} {unit}<extra></extra>",
    }  # fmt: skip
