"""How much computing does the fleet power over the plan, and what holds each satellite back? Axes ``[time, sat]``."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.report.figures_common import (
    MAX_COLUMNS,
    MAX_POINTS,
    MAX_ROWS,
    bins,
    color_axis,
    evenly,
    instants,
    names,
    nothing,
    percent,
    plural,
    time_axis,
)
from planner.report.page import Figure
from planner.report.style import POWER_SCALE, axis, layout, numbers
from planner.satellite.budget import LIMITS, PowerBudget

_LIMIT_WORDS = {
    "rack": "nothing: the rack runs at its rating",
    "sun": "array in sunlight",
    "battery": "battery in shadow",
    "radiator": "radiator",
    "lost": "satellite lost",
}
_LIMIT_COLOURS = {"rack": "@none", "sun": "@s4", "battery": "@s1", "radiator": "@s2", "lost": "@s7"}


def fleet_power(budget: PowerBudget, *, rated_w: FloatArray, used_w: FloatArray | None = None) -> Figure:
    """Draw the fleet's compute power over the plan with the share of satellites out of full sunlight.

    Parameters
    ----------
    budget
        ``[time, sat]``.
    rated_w
        ``[sat]``, what each rack would draw with nothing in its way.
    used_w
        ``[time]``, drawn by the placed jobs, summed over the fleet; None when nothing was placed.
    """
    title = "Compute power of the fleet over the plan"
    if not budget.compute_w.size:
        return nothing("fleet-power", title, "There are no satellites, so there is no compute power.")
    total = budget.compute_w.sum(axis=1) / 1e6
    rating = float(np.sum(rated_w)) / 1e6
    known = np.isfinite(budget.sunlit_fraction)
    shaded = (known & (budget.sunlit_fraction < 1.0)).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    starts = bins(len(total), MAX_POINTS)
    when = instants(budget.times, starts)
    lowest = np.minimum.reduceat(total, starts)
    traces = [_curve(when, lowest, "available", "@s1", 2.2, fill="@s1/0.10")]
    if used_w is not None:
        used = np.maximum.reduceat(np.asarray(used_w, dtype=np.float64), starts) / 1e6
        traces.append(_curve(when, used, "used by placed jobs", "@s3", 1.8, fill="@s3/0.25"))
    traces.append(_curve(when, np.full(len(when), rating), "rating of all racks", "@muted", 1.4, dash="dash"))
    traces.append(
        _curve(when, np.maximum.reduceat(shaded, starts) * 100.0, "out of full sunlight", "@eclipse", 1.4,
               fill="@eclipse/0.35", unit="% of satellites")
        | {"yaxis": "y2"}
    )  # fmt: skip
    mean = float(total.mean())
    share = mean / rating if rating else float("nan")
    return Figure(
        "fleet-power",
        f"The fleet powers {mean:.3g} MW of computing on average, {percent(share)} of its rating; "
        f"at its lowest {float(total.min()):.3g} MW",
        {"data": traces, "layout": _two_panels(rating, float(shaded.max()))},
        f"Curve of the fleet's compute power over the plan, between {total.min():.3g} and {total.max():.3g} megawatts "
        f"of a rating of {rating:.3g}, above the share of satellites out of full sunlight, at most "
        f"{percent(float(shaded.max()))}.",
        "Above: compute power summed over the fleet. Below: share of the working satellites that see less than the "
        "whole Sun. All rows are in power.csv.",
        440,
    )


def _curve(
    when: list[str], values: FloatArray, name: str, colour: str, width: float,
    *, fill: str = "", dash: str = "solid", unit: str = "MW",
) -> dict[str, Any]:  # fmt: skip
    """Return a stepped curve: every value holds over the step that begins there."""
    trace: dict[str, Any] = {
        "type": "scatter", "mode": "lines", "x": when, "y": numbers(values, 5), "name": name,
        "line": {"color": colour, "width": width, "dash": dash, "shape": "hv"},
        "hovertemplate": f"%{{y:.4g}} {unit}<extra>{name}</extra>",
    }  # fmt: skip
    return trace | ({"fill": "tozeroy", "fillcolor": fill} if fill else {})


def _two_panels(rating: float, shade: float) -> dict[str, Any]:
    return layout(
        xaxis=time_axis(axis("time, UTC", anchor="y2", showgrid=False)),
        yaxis=axis("compute power, MW", domain=[0.34, 1.0], range=[0, rating * 1.08 or 1.0]),
        yaxis2=axis("shaded, %", domain=[0.0, 0.22], range=[0, max(5.0, shade * 108.0)], nticks=4),
        hovermode="x unified",
        meta={"narrow": {"legend": {"font": {"size": 11}}}},
    )


def satellite_power(budget: PowerBudget, satellite_names: Sequence[str]) -> Figure:
    """Draw every satellite's compute power over the plan as a heat map; hovering names what limits it.

    Each cell is the *lowest* power within its span of time, and the limit at that moment: what a job that runs
    through it can count on. Large fleets show every n-th satellite.
    """
    title = "Compute power of each satellite"
    if not budget.compute_w.size:
        return nothing("satellite-power", title, "There are no satellites, so there is no compute power.")
    rows = evenly(budget.compute_w.shape[1], MAX_ROWS)
    starts = bins(budget.times.count, MAX_COLUMNS)
    power = budget.compute_w[:, rows]
    moments = _lowest_moments(power, starts)
    columns = np.arange(len(rows))
    lowest = power[moments, columns] / 1e3
    limit = budget.limit[:, rows][moments, columns]
    words = [[LIMITS[code] for code in row] for row in limit.T.tolist()]
    top = float(budget.compute_w.max()) / 1e3 or 1.0
    colours, narrow = color_axis(POWER_SCALE, float(f"{top:.4g}"), "kW")
    trace = {
        "type": "heatmap", "x": instants(budget.times, starts), "y": names(satellite_names[i] for i in rows),
        "z": numbers(lowest.T, 4), "text": words, "coloraxis": "coloraxis",
        "hovertemplate": "%{y}<br>%{x|%Y-%m-%d %H:%M} UTC<br>%{z:.4g} kW, limit: %{text}<extra></extra>",
    }  # fmt: skip
    count = budget.compute_w.shape[1]
    made = layout(
        xaxis=time_axis(axis("time, UTC", showgrid=False)),
        yaxis=axis("satellite", showgrid=False, autorange="reversed", type="category", nticks=18, showticklabels=True),
        coloraxis=colours,
        meta={"narrow": {"yaxis": {"nticks": 8, "title": {"text": ""}}, "coloraxis": narrow}},
    )
    return Figure(
        "satellite-power",
        _steady_headline(budget, satellite_names),
        {"data": [trace], "layout": made},
        f"Heat map of {len(rows)} satellites over time; compute power between {float(lowest.min()):.3g} and "
        f"{top:.3g} kilowatts.",
        _heat_caption(len(rows), count, starts, budget.times.step_s),
        520,
    )


_STEADY_FRACTION = 0.99
"""Part of its most that a satellite with steady power never falls below: less than that shows in three digits."""


def _steady_headline(budget: PowerBudget, satellite_names: Sequence[str]) -> str:
    least, most = budget.compute_w.min(axis=0), budget.compute_w.max(axis=0)
    steady = int((least >= most * _STEADY_FRACTION).sum())
    count = len(most)
    if steady == count:
        return "All satellites hold their power within 1 %" if count > 1 else "The satellite holds its power within 1 %"
    worst = int(np.argmax(most - least))
    return (
        f"{steady} of {plural(count, 'satellite')} hold their power within 1 % all the time; the deepest dip is "
        f"{satellite_names[worst]}, down to {least[worst] / 1e3:.3g} of {most[worst] / 1e3:.3g} kW"
    )


def _lowest_moments(power: FloatArray, starts: IntArray) -> IntArray:
    """Return ``[bin, sat]``, the index of the instant with the lowest power in each run of instants."""
    stops = np.append(starts[1:], len(power))
    return np.stack(
        [start + np.argmin(power[start:stop], axis=0) for start, stop in zip(starts, stops, strict=True)]
    ).astype(np.int64)


def _heat_caption(shown: int, count: int, starts: IntArray, step_s: float) -> str:
    span = (starts[1] - starts[0] if len(starts) > 1 else 1) * step_s / 60.0
    some = f"Shown are {shown} of {count} satellites, evenly spread. " if shown < count else ""
    return (
        f"{some}Each cell is the lowest power within {span:.3g} min, which is what a job running through it can count "
        "on; hovering names what limits it there. All rows are in power.csv."
    )


def power_limits(budget: PowerBudget) -> Figure:
    """Draw which limit holds how much of the fleet, over the plan."""
    title = "What limits the compute power"
    if not budget.compute_w.size:
        return nothing("power-limits", title, "There are no satellites, so nothing limits them.")
    share = np.stack([(budget.limit == code).mean(axis=1) for code in range(len(LIMITS))])
    starts = bins(budget.times.count, MAX_POINTS)
    widths = np.diff(np.append(starts, budget.times.count))
    when = instants(budget.times, starts)
    traces = []
    for code, limit in enumerate(LIMITS):
        if share[code].any():
            mean = np.add.reduceat(share[code], starts) / widths * 100.0
            traces.append(
                _curve(when, mean, _LIMIT_WORDS[limit], _LIMIT_COLOURS[limit], 0.5, unit="% of satellites")
                | {"stackgroup": "limit", "fillcolor": f"{_LIMIT_COLOURS[limit]}/0.75"}
            )
    means = share.mean(axis=1)
    first = int(np.argmax(means))
    made = layout(
        xaxis=time_axis(axis("time, UTC", showgrid=False)),
        yaxis=axis("satellites, %", range=[0, 100]),
        hovermode="x unified",
    )
    return Figure(
        "power-limits",
        f"{percent(float(means[0]))} of satellite-time runs at the full rating"
        + ("" if first == 0 else f"; what binds most is the {_LIMIT_WORDS[LIMITS[first]]}"),
        {"data": traces, "layout": made},
        "Stacked shares over time: "
        + ", ".join(f"{_LIMIT_WORDS[name]} {percent(float(part))}" for name, part in zip(LIMITS, means, strict=True)),
        "Share of satellites by what bounds their compute power at each moment.",
        300,
    )
