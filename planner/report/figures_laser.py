"""How does the laser network hold together? Links over time, what losses leave of it, and how many train as one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.report.figures_common import MAX_POINTS, bins, instants, names, nothing, percent, plural, time_axis
from planner.report.page import Figure
from planner.report.style import SERIES, axis, layout, number, numbers
from planner.times import TimeGrid

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

_LINEAR = 20
"""Counts that span no more than this factor are drawn on a linear axis."""


def links_over_time(times: TimeGrid, working: IntArray, acquiring: IntArray) -> Figure:
    """Draw how many laser links work at each instant, and how many are still being acquired.

    Parameters
    ----------
    times
        ``[time]``.
    working, acquiring
        ``[time]``, links.
    """
    title = "Laser links over time"
    if not working.any() and not acquiring.any():
        return nothing("links", title, "No two satellites are ever linked.")
    starts = bins(times.count, MAX_POINTS)
    when = instants(times, starts)
    shared = {"type": "scatter", "mode": "lines", "x": when}
    traces: list[dict[str, Any]] = [
        shared | {"y": numbers(np.minimum.reduceat(working, starts)), "name": "working",
                  "line": {"color": "@s1", "width": 2}, "hovertemplate": "%{y:,} work<extra></extra>"},
        shared | {"y": numbers(np.maximum.reduceat(acquiring, starts)), "name": "being acquired", "yaxis": "y2",
                  "line": {"color": "@s2", "width": 1.6}, "showlegend": True,
                  "hovertemplate": "%{y:,} being acquired<extra></extra>"},
    ]  # fmt: skip
    made = layout(
        xaxis=time_axis(axis("time, UTC", anchor="y2", showgrid=False)),
        yaxis=axis("links that work", domain=[0.40, 1.0], rangemode="tozero", nticks=5),
        yaxis2=axis("being acquired", domain=[0.0, 0.28], rangemode="tozero", nticks=4),
        hovermode="x unified",
    )
    least, most = int(working.min()), int(working.max())
    steady = f"{most:,} laser links work all the time" if least == most else f"{least:,} to {most:,} laser links work"
    lost = acquiring.sum() / max(1.0, float(working.sum() + acquiring.sum()))
    return Figure(
        "links",
        f"{steady}; {percent(float(lost))} of pointed time goes into acquisition" if lost else steady,
        {"data": traces, "layout": made},
        f"Curves of working laser links, from {least} to {most}, and of those being acquired.",
        "A link that is new, or comes back after the Earth, the Sun or the range broke it, carries nothing until "
        "acquisition ends. Where several instants share a point, the fewest working and the most being acquired.",
        330,
    )


def losses(
    lost_fraction: Mapping[str, FloatArray],
    kept_fraction: Mapping[str, FloatArray],
    spread_fraction: Mapping[str, tuple[FloatArray, FloatArray]],
) -> Figure:
    """Draw what part of the fleet stays joined while satellites are lost.

    Parameters
    ----------
    lost_fraction, kept_fraction
        By kind of loss, ``[point]``: satellites lost, and the largest part that stays joined, of all satellites.
    spread_fraction
        By kind of loss, the band around the curve; may lack kinds.
    """
    title = "What losses leave of the network"
    if not lost_fraction:
        return nothing("losses", title, "There is no network to lose.")
    traces: list[dict[str, Any]] = []
    for place, (kind, lost) in enumerate(lost_fraction.items()):
        label, colour = names([kind])[0], SERIES[place % len(SERIES)]
        x = numbers(100.0 * lost, 4)
        if kind in spread_fraction:
            low, high = spread_fraction[kind]
            band = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip", "showlegend": False,
                    "line": {"color": colour, "width": 0}}  # fmt: skip
            traces += [
                band | {"y": numbers(100.0 * low, 4)},
                band | {"y": numbers(100.0 * high, 4), "fill": "tonexty", "fillcolor": f"{colour}/0.18"},
            ]
        traces.append(
            {"type": "scatter", "mode": "lines", "x": x, "y": numbers(100.0 * kept_fraction[kind], 4), "name": label,
             "line": {"color": colour, "width": 2, "dash": _DASHES[place % len(_DASHES)]},
             "hovertemplate": f"%{{x:.1f}} % lost: %{{y:.1f}} % joined<extra>{label}</extra>"}
        )  # fmt: skip
    traces.append(
        {"type": "scatter", "mode": "lines", "x": [0, 100], "y": [100, 0], "name": "all that is left",
         "hoverinfo": "skip", "line": {"color": "@muted", "width": 1, "dash": "dot"}}
    )  # fmt: skip
    made = layout(
        xaxis=axis("part of the fleet lost, %", range=[0, 100]),
        yaxis=axis("largest joined part of the fleet, %", range=[0, 102]),
    )
    return Figure(
        "losses",
        _loss_headline(lost_fraction, kept_fraction),
        {"data": traces, "layout": made},
        "Curves of the largest joined part of the fleet while satellites are lost, for "
        f"{plural(len(lost_fraction), 'kind')} of loss.",
        "At the instant that the pictures show. Terminals of lost neighbours stay unused: nothing is pointed anew. On "
        "the dotted line whatever is left is still one network; bands reach one standard deviation to either side.",
        380,
    )  # fmt: skip


def _loss_headline(lost: Mapping[str, FloatArray], kept: Mapping[str, FloatArray]) -> str:
    """Say at which loss the fleet falls into parts, kind by kind."""
    said = []
    for kind, fraction in lost.items():
        whole = kept[kind] >= 0.9 * (1.0 - fraction)
        broken = np.flatnonzero(~whole & (fraction < 1.0))
        at = percent(float(fraction[max(broken[0] - 1, 0)])) if broken.size else "any loss"
        said.append(f"{at} ({kind})")
    return f"Nine tenths of what is left stay joined up to a loss of {', '.join(said)}"


def training(
    accelerators: IntArray, efficiency_fraction: Mapping[str, FloatArray], *, wanted_fraction: float, model: str
) -> Figure:
    """Draw how well accelerators train as one machine, the more of them are joined.

    Parameters
    ----------
    accelerators
        ``[point]``, joined accelerators.
    efficiency_fraction
        By way of joining gradients, ``[point]``: part of the time in which accelerators compute; NaN where unknown.
    wanted_fraction
        Least efficiency at which they count as one.
    model
        What is trained, in words.
    """
    title = "How many accelerators train as one"
    if not len(accelerators):
        return nothing("training", title, "No two satellites are linked, so that none train together.")
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines+markers", "x": accelerators.tolist(), "y": numbers(100.0 * curve, 4),
         "name": (label := names([kind])[0]),
         "line": {"color": SERIES[place % len(SERIES)], "width": 2, "dash": _DASHES[place % len(_DASHES)]},
         "marker": {"color": SERIES[place % len(SERIES)], "size": 5},
         "hovertemplate": f"%{{x:,}} accelerators: %{{y:.1f}} %<extra>{label}</extra>"}
        for place, (kind, curve) in enumerate(efficiency_fraction.items())
    ]  # fmt: skip
    ends = [int(accelerators[0]), int(accelerators[-1])]
    traces.append(
        {"type": "scatter", "mode": "lines", "x": ends, "y": [100.0 * wanted_fraction] * 2, "name": "wanted",
         "hoverinfo": "skip", "line": {"color": "@muted", "width": 1, "dash": "dot"}}
    )  # fmt: skip
    made = layout(
        xaxis=_wide_axis("accelerators joined", *ends),
        yaxis=axis("time spent computing, %", range=[0, 102]),
    )
    return Figure(
        "training",
        _training_headline(accelerators, efficiency_fraction, wanted_fraction, model),
        {"data": traces, "layout": made},
        "Curves of efficiency over joined accelerators for "
        f"{plural(len(efficiency_fraction), 'way')} of joining gradients.",
        "Data-parallel steps of one batch, however many share it; gradients go over the laser links as they are, each "
        "link shared by all that passes over it.",
        360,
    )  # fmt: skip


def _wide_axis(title: str, low: int, high: int) -> dict[str, Any]:
    """Return an axis of logarithms where counts span more than a decade, each tick written out."""
    if high <= _LINEAR * max(low, 1):
        return axis(title)
    ticks = [digit * 10**power for power in range(len(str(high))) for digit in (1, 2, 5)]
    ticks = [tick for tick in ticks if low <= tick <= high]
    return axis(title, type="log", tickvals=ticks, ticktext=[f"{tick:,}" for tick in ticks])


def _training_headline(
    accelerators: IntArray, efficiency: Mapping[str, FloatArray], wanted_fraction: float, model: str
) -> str:
    """Say how many train as one by each way; what a satellite does alone is no training as one."""
    best = {kind: np.flatnonzero(curve[1:] >= wanted_fraction) + 1 for kind, curve in efficiency.items()}
    said = ", ".join(f"{accelerators[at[-1]]:,} ({kind})" for kind, at in best.items() if len(at))
    condition = f"At {percent(wanted_fraction)} efficiency"
    if not said:
        return f"{condition} no two satellites train {model} as one"
    none = ", ".join(kind for kind, at in best.items() if not len(at))
    rest = f"; no two satellites ({none})" if none else ""
    return f"{condition} these accelerators train {model} as one: {said}{rest}"


def link_loads(load_fraction: FloatArray, *, objective: str) -> Figure:
    """Draw how full the laser links are, fullest first.

    Parameters
    ----------
    load_fraction
        ``[direction of a link]``, load over capacity.
    objective
        How the traffic was routed, in words.
    """
    title = "How full the laser links are"
    used = np.sort(load_fraction[load_fraction > 0.0])[::-1]
    if not used.size:
        return nothing("link-loads", title, "The plan has no traffic that passes over lasers.")
    picks = bins(len(used), MAX_POINTS)
    made = layout(
        xaxis=axis("link directions that carry traffic, fullest first", rangemode="tozero"),
        yaxis=axis("load, % of capacity", range=[0, max(105.0, 105.0 * float(used[0]))]),
    )
    trace = {
        "type": "scatter", "mode": "lines", "x": (picks + 1).tolist(), "y": numbers(100.0 * used[picks], 4),
        "fill": "tozeroy", "fillcolor": "@s1/0.15", "line": {"color": "@s1", "width": 2, "shape": "hv"},
        "name": "load", "hovertemplate": "number %{x}: %{y:.1f} %<extra></extra>",
    }  # fmt: skip
    full = int(np.count_nonzero(used >= 1.0 - 1e-6))
    busiest = number(100.0 * float(used[0]), 3)
    return Figure(
        "link-loads",
        f"{plural(full, 'link direction')} full" if full else f"The fullest link carries {busiest:g} % of its capacity",
        {"data": [trace], "layout": made},
        f"Loads of {plural(len(used), 'link direction')}, the fullest at {busiest:g} % of its capacity.",
        f"Traffic of the plan, routed for {objective}, at the instant that the pictures show.",
        280,
    )


def gateways(sites: Sequence[str], served: FloatArray, seen: FloatArray) -> Figure:
    """Draw what part of the satellites in view each gateway's antennas follow.

    Parameters
    ----------
    sites
        ``[site]``.
    served, seen
        ``[site]``, mean satellites followed and in view.
    """
    if not len(sites):
        return nothing("gateways", "Gateways", "The plan has no ground sites.")
    order = np.argsort(-seen, kind="stable")[:40]
    label = names(sites[i] for i in order)
    traces = [
        {"type": "bar", "x": label, "y": numbers(seen[order], 4), "name": "in view", "marker": {"color": "@none"},
         "hovertemplate": "%{x}: %{y:.2f} in view<extra></extra>"},
        {"type": "bar", "x": label, "y": numbers(served[order], 4), "name": "followed by an antenna",
         "marker": {"color": "@s1"}, "hovertemplate": "%{x}: %{y:.2f} followed<extra></extra>"},
    ]  # fmt: skip
    made = layout(
        xaxis=axis("", type="category", tickangle=-40, showgrid=False),
        yaxis=axis("satellites, mean over time", rangemode="tozero"),
        barmode="overlay",
    )
    share = float(served.sum() / seen.sum()) if seen.sum() else 0.0
    return Figure(
        "gateways",
        f"Antennas follow {percent(share)} of the satellites that gateways have in view",
        {"data": traces, "layout": made},
        f"Bars of the satellites in view and followed at {plural(len(order), 'site')}.",
        "Behind, the mean number of satellites above each site's lowest elevation; in front, those that its antennas "
        "follow." + (" The forty with the most in view." if len(sites) > len(order) else ""),
        340,
    )
