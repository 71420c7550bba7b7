"""How do orbits fare over the years? Their seasons of eclipse, and how they come down without thrust."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.arrays import FloatArray
from planner.links import Coverage
from planner.orbit import ClusterGeometry, Fleet
from planner.orbit.formation import relative_motion, relative_rate_rad_s
from planner.report.figures_common import (
    MAX_POINTS,
    bins,
    evenly,
    gapped,
    instants,
    names,
    nothing,
    percent,
    plural,
    time_axis,
)
from planner.report.page import Figure
from planner.report.style import SERIES, axis, layout, numbers
from planner.times import TimeGrid

_MOST_CURVES = 8
_MOST_WAYS = 200
_WAY_POINTS = 49
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")


def eclipse_seasons(
    times: TimeGrid, beta_deg: FloatArray, eclipse_min: FloatArray, labels: Sequence[str], *, tallest: float = 440
) -> Figure:
    """Draw the Sun's angle above orbital planes over a year, and the longest shadow of a revolution below it.

    Parameters
    ----------
    times
        ``[time]``, a year at about a day a step.
    beta_deg
        ``[plane, time]``, Sun above the plane.
    eclipse_min
        ``[plane, time]``, shadow of one revolution.
    labels
        ``[plane]``; the eight planes with the longest shadows are drawn.
    tallest
        Height of the picture, pixels.
    """
    title = "Eclipse seasons over the year"
    if not len(labels):
        return nothing("eclipse-seasons", title, "There are no orbits to look at.")
    longest = eclipse_min.max(axis=1)
    picked = np.sort(np.argsort(-longest, kind="stable")[:_MOST_CURVES])
    starts = bins(times.count, MAX_POINTS)
    when = instants(times, starts)
    traces: list[dict[str, Any]] = []
    for place, plane in enumerate(picked):
        label = names([labels[plane]])[0]
        line = {"color": SERIES[place], "width": 1.8, "dash": _DASHES[place]}
        shared = {"type": "scatter", "mode": "lines", "x": when, "name": label, "legendgroup": str(plane), "line": line}
        traces += [
            shared | {"y": numbers(beta_deg[plane, starts], 5), "hovertemplate": f"%{{y:.1f}}°<extra>{label}</extra>"},
            shared
            | {
                "y": numbers(np.maximum.reduceat(eclipse_min[plane], starts), 4),
                "yaxis": "y2", "showlegend": False, "hovertemplate": f"%{{y:.1f}} min<extra>{label}</extra>",
            },
        ]  # fmt: skip
    made = layout(
        xaxis=time_axis(axis("date", anchor="y2", showgrid=False)) | {"hoverformat": "%Y-%m-%d"},
        yaxis=axis("Sun above the plane, °", domain=[0.46, 1.0], nticks=6),
        yaxis2=axis("shadow, min per revolution", domain=[0.0, 0.38], rangemode="tozero", nticks=5),
        hovermode="x unified",
    )
    some = f" Drawn are the {_MOST_CURVES} planes with the longest shadows." if len(labels) > _MOST_CURVES else ""
    return Figure(
        "eclipse-seasons",
        _season_headline(times, eclipse_min, labels),
        {"data": traces, "layout": made},
        f"Curves of the Sun's angle above {plural(len(picked), 'orbital plane')} over a year, and below them the "
        f"minutes of shadow per revolution, at most {float(longest.max()):.1f}.",
        f"Above: β, the angle of the true Sun above the orbital plane. Below: how long each revolution is in shadow, "
        f"day by day.{some}",
        int(tallest),
    )


def _season_headline(times: TimeGrid, eclipse_min: FloatArray, labels: Sequence[str]) -> str:
    """Say how many days of the year bring shadow, and how long the worst of it is."""
    worst = int(np.argmax(eclipse_min.max(axis=1)))
    days = np.count_nonzero(eclipse_min[worst] > 0.0) * times.step_s / 86_400.0
    if not days:
        return "No revolution of the year meets the shadow"
    day = times.datetime_at(int(np.argmax(eclipse_min[worst])))
    who = f" of {labels[worst]}" if len(labels) > 1 else ""
    span = "every day" if days >= times.duration_s / 86_400.0 - 1.0 else f"on {days:.0f} days of the year"
    return (
        f"The orbit{who} meets the shadow {span}, for {float(eclipse_min[worst].max()):.1f} minutes a revolution at "
        f"most, around {day:%d %B}"
    )


def decay(histories: Mapping[str, tuple[FloatArray, FloatArray]], *, floor_km: float) -> Figure:
    """Draw how orbits come down once nothing holds them up.

    Parameters
    ----------
    histories
        By label, years and mean altitudes in km, both ``[point]``; at most eight are drawn.
    floor_km
        Altitude at which a satellite counts as having come down.
    """
    title = "How the orbits decay without thrust"
    if not histories:
        return nothing("decay", title, "No orbit is circular and below 2,000 km, where drag is reckoned.")
    traces: list[dict[str, Any]] = []
    for place, (label, (years, altitude)) in enumerate(list(histories.items())[:_MOST_CURVES]):
        shown = names([label])[0]
        picks = bins(len(years), MAX_POINTS)
        traces.append(
            {"type": "scatter", "mode": "lines", "x": numbers(years[picks], 5), "y": numbers(altitude[picks], 5),
             "name": shown, "line": {"color": SERIES[place], "width": 1.8, "dash": _DASHES[place]},
             "hovertemplate": f"%{{x:.2f}} yr: %{{y:.0f}} km<extra>{shown}</extra>"}
        )  # fmt: skip
    made = layout(
        xaxis=axis("years without thrust", rangemode="tozero"),
        yaxis=axis("mean altitude, km"),
    )
    return Figure(
        "decay",
        _decay_headline({label: float(years[-1]) for label, (years, _) in histories.items()}),
        {"data": traces, "layout": made},
        f"Curves of altitude over years without thrust for {plural(len(traces), 'case')}.",
        f"Circular orbits under drag alone, tumbling, down to {floor_km:g} km, each level of solar activity held "
        "throughout; the Sun goes through all of them in eleven years, so the outer two bound what lasts longer than a "
        "few.",
        360,
    )


def _decay_headline(ends_yr: Mapping[str, float]) -> str:
    first, last = min(ends_yr, key=ends_yr.__getitem__), max(ends_yr, key=ends_yr.__getitem__)
    if first == last:
        return f"A satellite that fails comes down after {ends_yr[first]:.2g} years ({first})"
    return (
        f"A satellite that fails comes down after {ends_yr[first]:.2g} years ({first}) to {ends_yr[last]:.2g} ({last})"
    )


def cluster_view(fleet: Fleet, geometry: ClusterGeometry, *, number: int = 0) -> Figure:
    """Draw a cluster in its orbital plane: satellites at the epoch, and the way each goes in one revolution.

    `number` tells several clusters of one page apart.
    """
    offsets, rate = fleet.offsets, relative_rate_rad_s(fleet)
    ways, _ = relative_motion(offsets, rate, np.linspace(0.0, 2.0 * np.pi / float(rate[0]), _WAY_POINTS))
    drawn = evenly(len(fleet), _MOST_WAYS)
    x, y = gapped([1e3 * ways[:, i, 1::-1] for i in drawn], digits=1)
    labels = names(fleet.names)
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": "way of one revolution", "hoverinfo": "skip",
         "line": {"color": "@s1/0.25", "width": 1}},
        {"type": "scatter", "mode": "markers", "x": numbers(1e3 * offsets.along_track_km, 5),
         "y": numbers(1e3 * offsets.radial_km, 5), "name": "satellite at the start", "text": labels,
         "marker": {"color": "@s2", "size": 6},
         "hovertemplate": "%{text}<br>along %{x:.0f} m, up %{y:.0f} m<extra></extra>"},
    ]  # fmt: skip
    made = layout(
        xaxis=axis("along the track, m"),
        yaxis=axis("radial, m", scaleanchor="x", scaleratio=1),
    )
    least, most = 1e3 * geometry.minimum_separation_km, 1e3 * geometry.radius_km
    return Figure(
        f"cluster-{number}",
        f"{len(fleet)} satellites within {most:,.0f} m of their chief never come nearer than {least:.3g} m",
        {"data": traces, "layout": made},
        f"Places of {plural(len(fleet), 'satellite')} around their chief and the ellipses that they fly around it.",
        "Seen from the chief, in the plane of the orbit, the Earth below. Each satellite goes round its ellipse "
        "once in a revolution, so that the cells of the pattern stretch and shrink twice.",
        460,
    )


def coverage_by_latitude(found: Coverage, *, minimum_elevation_deg: float) -> Figure:
    """Draw how many satellites each latitude has in view: fewest, mean and most over time and longitude."""
    latitude = numbers(found.latitudes_deg, 4)
    shared = {"type": "scatter", "x": latitude, "mode": "lines"}
    seen = "%{x}°: %{y:.3g} in view"
    traces: list[dict[str, Any]] = [
        shared | {"y": found.most.tolist(), "name": "most", "line": {"color": "@s1", "width": 1, "dash": "dot"},
                  "hovertemplate": f"{seen}<extra>most</extra>"},
        shared | {"y": found.fewest.tolist(), "name": "fewest", "fill": "tonexty", "fillcolor": "@s1/0.15",
                  "line": {"color": "@s1", "width": 2.2}, "hovertemplate": f"{seen}<extra>fewest</extra>"},
        shared | {"y": numbers(found.mean, 4), "name": "mean", "line": {"color": "@s2", "width": 1.8, "dash": "dash"},
                  "hovertemplate": f"{seen}<extra>mean</extra>"},
    ]  # fmt: skip
    made = layout(
        xaxis=axis("geodetic latitude, °", range=[-90, 90], tickvals=list(range(-90, 91, 30))),
        yaxis=axis("satellites in view", rangemode="tozero"),
        hovermode="x unified",
    )
    return Figure(
        "coverage",
        _coverage_headline(found),
        {"data": traces, "layout": made},
        f"Satellites in view by latitude, at most {int(found.most.max(initial=0))}, between the fewest and the most.",
        f"At {minimum_elevation_deg:g}° elevation or higher, over all longitudes and instants looked at; the band runs "
        "from the fewest to the most.",
        320,
    )


def _coverage_headline(found: Coverage) -> str:
    """Say which latitudes always have a satellite in view, and what the others get."""
    always = found.latitudes_deg[found.fewest > 0]
    share = percent(found.area_covered_fraction)
    if not always.size:
        return f"No latitude has a satellite in view all the time; ground and time are covered to {share}"
    if always.size == len(found.latitudes_deg):
        return f"Every latitude has at least {int(found.fewest.min())} in view all the time"
    shown = _runs(always, float(np.diff(found.latitudes_deg).min()))
    return f"Latitudes {shown} always have a satellite in view; ground and time are covered to {share}"


def _runs(latitudes_deg: FloatArray, step_deg: float) -> str:
    """Return latitudes of a grid as runs, "−60° to −30° and 30° to 60°"."""
    runs = np.split(latitudes_deg, np.flatnonzero(np.diff(latitudes_deg) > 1.5 * step_deg) + 1)
    shown = [f"{run[0]:g}° to {run[-1]:g}°" if len(run) > 1 else f"{run[0]:g}°" for run in runs]
    return " and ".join(shown).replace("-", "−")
