"""How long do answers take between places on the ground, and how near is that to the least? One plot for each.

Round trips in milliseconds, ``[time, pair]``; infinity or NaN where no path exists.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.arrays import FloatArray, floats
from planner.report.figures_common import MAX_POINTS, bins, instants, names, nothing, percent, plural, time_axis
from planner.report.page import Figure
from planner.report.style import SERIES, axis, layout, number, numbers
from planner.times import TimeGrid

_MOST_CURVES = 6
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def latency_over_time(
    times: TimeGrid,
    round_trip_ms: FloatArray,
    pairs: Sequence[tuple[str, str]],
    *,
    fibre_round_trip_ms: FloatArray | None = None,
) -> Figure:
    """Draw round trips over the plan; a gap is a time without a path.

    Parameters
    ----------
    times
        ``[time]``.
    round_trip_ms
        ``[time, pair]``, infinity or NaN where unreachable. With more than six pairs the six longest are drawn.
    pairs
        Names of both ends, ``[pair]``.
    fibre_round_trip_ms
        ``[pair]``, along the great circle in glass: the least that any cable could take. Drawn thin.
    """
    if not len(pairs):
        return nothing("latency", "Round trips between sites", "There are no pairs of sites to measure between.")
    reached = np.isfinite(round_trip_ms)
    worst = np.where(reached, round_trip_ms, -np.inf).max(axis=0)
    picked = np.sort(np.argsort(-worst, kind="stable")[:_MOST_CURVES])
    starts = bins(times.count, MAX_POINTS)
    when = instants(times, starts)
    traces: list[dict[str, Any]] = []
    for place, pair in enumerate(picked):
        label = names([f"{pairs[pair][0]} – {pairs[pair][1]}"])[0]
        # The worst of each span: a thinned curve must not hide a gap or a peak.
        values = np.maximum.reduceat(np.where(reached[:, pair], round_trip_ms[:, pair], np.inf), starts)
        line = {"color": SERIES[place], "width": 1.7, "dash": _DASHES[place]}
        traces.append(
            {"type": "scatter", "mode": "lines", "x": when, "y": numbers(values, 5), "name": label,
             "legendgroup": str(pair), "line": line, "connectgaps": False,
             "hovertemplate": f"%{{y:.1f}} ms<extra>{label}</extra>"}
        )  # fmt: skip
        if fibre_round_trip_ms is not None:
            least = number(fibre_round_trip_ms[pair], 5)
            traces.append(
                {"type": "scatter", "mode": "lines", "x": [when[0], when[-1]], "y": [least, least], "name": label,
                 "legendgroup": str(pair), "showlegend": False, "hoverinfo": "skip", "opacity": 0.55,
                 "line": {"color": SERIES[place], "width": 1}}
            )  # fmt: skip
    made = layout(
        xaxis=time_axis(axis("time, UTC", showgrid=False)),
        yaxis=axis("round trip, ms", rangemode="tozero"),
        hovermode="x unified",
    )
    some = f" Drawn are the {_MOST_CURVES} pairs with the longest round trips." if len(pairs) > _MOST_CURVES else ""
    return Figure(
        "latency",
        _latency_headline(round_trip_ms, reached, pairs),
        {"data": traces, "layout": made},
        f"Curves of the round trip over time for {plural(len(picked), 'pair')} of sites.",
        f"Light time through the lasers and back, without queues and processing; gaps are times without a path.{some}"
        + ("" if fibre_round_trip_ms is None else " Thin level lines: the least a straight cable of glass takes."),
        400,
    )  # fmt: skip


def _latency_headline(round_trip_ms: FloatArray, reached: FloatArray, pairs: Sequence[tuple[str, str]]) -> str:
    if not reached.any():
        return f"No path joins any of the {plural(len(pairs), 'pair')} of sites at any time"
    worst = float(np.max(round_trip_ms[reached]))
    pair = pairs[int(np.argmax(np.where(reached, round_trip_ms, -np.inf).max(axis=0)))]
    gone = float(1.0 - reached.mean())
    over = "" if len(pairs) == 1 else f", over all {len(pairs)} pairs,"
    tail = f"; {percent(gone)} of the time{over} there is no path" if gone else "; every pair is joined all the time"
    return f"The longest round trip is {worst:.1f} ms, {pair[0]} – {pair[1]}{tail}"


def latency_bounds(
    round_trip_ms: FloatArray,
    pairs: Sequence[tuple[str, str]],
    *,
    vacuum_round_trip_ms: FloatArray,
    fibre_round_trip_ms: FloatArray,
) -> Figure:
    """Draw the spread of each pair's round trip beside what light needs along the great circle.

    Parameters
    ----------
    round_trip_ms
        ``[time, pair]``, infinity or NaN where unreachable.
    pairs
        ``[pair]``; at most the thirty longest are drawn.
    vacuum_round_trip_ms, fibre_round_trip_ms
        ``[pair]``, there and back along the great circle on the ground, at light speed and in glass.
    """
    title = "Round trips against the least that is possible"
    if not len(pairs):
        return nothing("latency-bounds", title, "There are no pairs of sites to measure between.")
    order = np.argsort(vacuum_round_trip_ms, kind="stable")[-30:]
    label = names(f"{pairs[i][0]} – {pairs[i][1]}" for i in order)
    spread = [_spread(round_trip_ms[:, i]) for i in order]
    low, middle, high = (floats([row[k] for row in spread]) for k in range(3))
    x: list[float | None] = []
    y: list[str | None] = []
    for name, first, last in zip(label, low, high, strict=True):
        x += [number(first, 5), number(last, 5), None]
        y += [name, name, None]
    reach = {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": "shortest to longest through the fleet",
             "line": {"color": "@s1/0.45", "width": 9}, "hoverinfo": "skip"}  # fmt: skip
    marks = [
        _marks(floats(vacuum_round_trip_ms)[order], label, "great circle, vacuum", "@muted", "line-ns-open"),
        _marks(floats(fibre_round_trip_ms)[order], label, "great circle, glass", "@s2", "diamond"),
        _marks(middle, label, "median through the fleet", "@s1", "circle"),
    ]
    better = int(np.sum(middle < floats(fibre_round_trip_ms)[order]))
    made = layout(
        xaxis=axis("round trip, ms", rangemode="tozero"),
        yaxis=axis("", type="category", categoryorder="array", categoryarray=label, showgrid=False, ticks=""),
        margin={"l": 20, "r": 20, "t": 16, "b": 48},
    )
    return Figure(
        "latency-bounds",
        f"While there is a path, its median beats straight glass fibre for {better} of {plural(len(order), 'pair')}",
        {"data": [reach, *marks], "layout": made},
        "Bars from the shortest to the longest round trip for each pair, with marks for the median and for light in "
        "vacuum and in glass along the great circle.",
        "No path can be faster than the upright strokes: light in vacuum along the ground. Real cables are longer "
        "than the great circle, real networks add queues and processing on either side.",
        110 + 30 * len(order) if len(order) > 2 else 200,
    )


def _spread(values: FloatArray) -> tuple[float, float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return np.nan, np.nan, np.nan
    return float(known.min()), float(np.median(known)), float(known.max())


def _marks(values: FloatArray, label: list[str], name: str, colour: str, symbol: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "x": numbers(values, 5), "y": label, "name": name,
        "marker": {"color": colour, "symbol": symbol, "size": 10, "line": {"color": colour, "width": 2}},
        "hovertemplate": f"%{{x:.1f}} ms<extra>{name}</extra>",
    }  # fmt: skip
