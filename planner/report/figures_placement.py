"""Which satellites work when, and which jobs are served? Axes ``[slot, sat]``; a slot is a fixed stretch of time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.arrays import FloatArray
from planner.report.figures_common import (
    MAX_COLUMNS,
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
    wrapped,
)
from planner.report.page import Figure
from planner.report.style import axis, layout, numbers
from planner.times import TimeGrid

_USE_SCALE = ((0.0, "@low"), (0.001, "#cfe6f5"), (0.5, "#3a93c5"), (1.0, "#0b3a66"))


def placement_use(
    slots: TimeGrid, used_accelerators: FloatArray, capacity_accelerators: FloatArray, satellite_names: Sequence[str]
) -> Figure:
    """Draw the part of each satellite's accelerators that is at work in each slot.

    Parameters
    ----------
    slots
        Starts of the slots.
    used_accelerators, capacity_accelerators
        ``[slot, sat]``, at work and aboard; where there are none aboard the cell is empty.
    satellite_names
        ``[sat]``.
    """
    title = "Accelerators in use on each satellite"
    used, capacity = (
        np.asarray(used_accelerators, dtype=np.float64),
        np.asarray(capacity_accelerators, dtype=np.float64),
    )
    if not used.size:
        return nothing("placement-use", title, "There are no satellites, so nothing can be placed.")
    if not used.any():
        return nothing("placement-use", title, "No job runs on any satellite.")
    rows, starts = evenly(used.shape[1], MAX_ROWS), bins(used.shape[0], MAX_COLUMNS)
    part = np.divide(used, capacity, out=np.full_like(used, np.nan), where=capacity > 0.0)
    shown = np.fmax.reduceat(part[:, rows], starts, axis=0) * 100.0
    colours, narrow = color_axis(_USE_SCALE, 100.0, "% used")
    trace = {
        "type": "heatmap", "x": instants(slots, starts), "y": names(satellite_names[i] for i in rows),
        "z": numbers(shown.T, 3), "coloraxis": "coloraxis",
        "hovertemplate": "%{y}<br>%{x|%Y-%m-%d %H:%M} UTC<br>%{z:.3g} % of its accelerators<extra></extra>",
    }  # fmt: skip
    whole = float(used.sum() / capacity.sum()) if capacity.sum() > 0.0 else 0.0
    idle = int((used.sum(axis=0) == 0.0).sum())
    made = layout(
        xaxis=time_axis(axis("slot, UTC", showgrid=False)),
        yaxis=axis("satellite", showgrid=False, autorange="reversed", type="category", nticks=18),
        coloraxis=colours,
        meta={"narrow": {"yaxis": {"nticks": 8, "title": {"text": ""}}, "coloraxis": narrow}},
    )
    some = f"Shown are {len(rows)} of {used.shape[1]} satellites, evenly spread. " if len(rows) < used.shape[1] else ""
    return Figure(
        "placement-use",
        f"{percent(whole)} of the fleet's accelerator-hours are put to work; "
        + (f"{plural(idle, 'satellite')} never work{'s' if idle == 1 else ''}" if idle else "every satellite has some"),
        {"data": [trace], "layout": made},
        f"Heat map of {len(rows)} satellites by slot; {percent(whole)} of the accelerators in use overall.",
        f"{some}Parts are of the accelerators aboard, whether or not there is power for them. All rows are in "
        "placement.csv.",
        480,
    )


def jobs_served(jobs: Mapping[str, Sequence[Any]]) -> Figure:
    """Draw what each job asked for and what it got.

    Parameters
    ----------
    jobs
        Columns ``job`` (name), ``asked_accelerator_h``, ``served_accelerator_h``; at most the thirty largest are drawn.
    """
    title = "Jobs served against asked"
    count = len(jobs.get("job", ()))
    if not count:
        return nothing("jobs-served", title, "The plan holds no jobs, so none is served.")
    asked = np.asarray(jobs["asked_accelerator_h"], dtype=np.float64)
    served = np.asarray(jobs["served_accelerator_h"], dtype=np.float64)
    order = np.argsort(-asked, kind="stable")[:30][::-1]
    label = [wrapped(jobs["job"][i]) for i in order]
    left = np.maximum(asked - served, 0.0)
    traces = [
        _bar(served[order], label, "served", "@s3", ""),
        _bar(left[order], label, "not served", "@s2/0.30", "/"),
    ]
    whole = float(served.sum() / asked.sum()) if asked.sum() > 0.0 else 1.0
    full = int(np.sum(left <= 1e-9 * np.maximum(asked, 1.0)))
    made = layout(
        barmode="stack",
        xaxis=axis("accelerator-hours", rangemode="tozero"),
        yaxis=axis("", type="category", showgrid=False, ticks=""),
        bargap=0.35,
    )
    return Figure(
        "jobs-served",
        f"{percent(whole)} of the accelerator-hours asked for are served; {full} of {plural(count, 'job')} in full",
        {"data": traces, "layout": made},
        f"Bars for {plural(len(order), 'job')}: accelerator-hours served and not served.",
        "Whole bars are what was asked for." + (f" The {len(order)} largest of {count}." if len(order) < count else ""),
        max(200, 90 + 30 * len(order)),
        half=True,
    )


def unserved_reasons(reasons: Mapping[str, Sequence[Any]]) -> Figure:
    """Draw why accelerator-hours went unserved.

    Parameters
    ----------
    reasons
        Columns ``reason`` (words) and ``accelerator_h``.
    """
    title = "Why jobs were left out"
    hours = np.asarray(reasons.get("accelerator_h", ()), dtype=np.float64)
    if not len(hours) or not hours.any():
        return nothing("unserved-reasons", title, "Nothing was left out.")
    order = np.argsort(hours, kind="stable")
    label = [wrapped(reasons["reason"][i]) for i in order]
    trace = _bar(hours[order], label, "not served", "@s2/0.75", "")
    share = float(hours.max() / hours.sum())
    made = layout(
        xaxis=axis("accelerator-hours not served", rangemode="tozero"),
        yaxis=axis("", type="category", showgrid=False, ticks=""),
        bargap=0.35,
        showlegend=False,
    )
    return Figure(
        "unserved-reasons",
        f"{percent(share)} of what is unserved comes from one cause: {reasons['reason'][int(np.argmax(hours))]}",
        {"data": [trace], "layout": made},
        "Bars of unserved accelerator-hours by reason.",
        "Each unserved replica counts once, under the first rule that keeps it out.",
        max(220, 100 + 46 * len(hours)),
        half=True,
    )


def _bar(values: FloatArray, label: list[str], name: str, colour: str, pattern: str) -> dict[str, Any]:
    return {
        "type": "bar", "orientation": "h", "x": numbers(values, 6), "y": label, "name": name,
        "marker": {"color": colour, "line": {"width": 0}, "pattern": {"shape": pattern, "fgcolor": "@s2", "size": 6}},
        "hovertemplate": f"%{{y}}<br>%{{x:,.4~g}} accelerator-hours {name}<extra></extra>",
    }  # fmt: skip
