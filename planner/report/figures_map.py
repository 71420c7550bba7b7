"""Where is the fleet over the Earth at one instant? An equirectangular map; WGS84 longitude and latitude, degrees."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.report.coastline import flat_rings, load_coastlines, unit_vectors
from planner.report.figures_common import MAX_LINES, MAX_MARKERS, evenly, gapped, names, nothing, plural, thinned
from planner.report.page import Figure
from planner.report.style import axis, layout, numbers

STATES = (("sunlit", "full sunlight"), ("penumbra", "penumbra"), ("eclipse", "Earth's shadow"))
SYMBOLS = ("circle", "diamond", "x")


def sunlight_state(sunlit_fraction: FloatArray) -> IntArray:
    """Return 0 in full sunlight, 1 in penumbra, 2 in the umbra, −1 where unknown (a lost satellite)."""
    known = np.isfinite(sunlit_fraction)
    state = np.where(sunlit_fraction >= 1.0, 0, np.where(sunlit_fraction > 0.0, 1, 2))
    return np.where(known, state, -1).astype(np.int64)


def world_map(
    satellite_names: Sequence[str],
    latitude_deg: FloatArray,
    longitude_deg: FloatArray,
    *,
    instant: str,
    pairs: IntArray,
    sunlit_fraction: FloatArray | None = None,
    site_names: Sequence[str] = (),
    site_latitude_deg: FloatArray | Sequence[float] = (),
    site_longitude_deg: FloatArray | Sequence[float] = (),
    routes: Sequence[Sequence[str]] = (),
    subsolar_deg: tuple[float, float] | None = None,
) -> Figure:
    """Map the points under the satellites, the laser links between them, the sites and the routes.

    Parameters
    ----------
    satellite_names, latitude_deg, longitude_deg
        ``[sat]``; NaN for a lost satellite, which is not drawn.
    instant
        When, in words.
    pairs
        ``[link, 2]``, indices of linked satellites at that instant.
    sunlit_fraction
        ``[sat]``, colours the satellites; None leaves them all in one colour.
    site_names, site_latitude_deg, site_longitude_deg
        ``[site]``.
    routes
        Node names from site to site along each routed path; names that are neither a satellite nor a site are
        passed over.
    subsolar_deg
        Latitude and longitude of the point under the Sun, to shade the night; None for no shade.
    """
    title = f"The fleet over the Earth, {instant}"
    alive = np.isfinite(latitude_deg) & np.isfinite(longitude_deg)
    if not alive.any() and not len(site_names):
        return nothing("world-map", title, "There are no satellites and no sites to put on a map.")
    state = sunlight_state(np.where(alive, 1.0, np.nan) if sunlit_fraction is None else sunlit_fraction)
    pairs = np.reshape(pairs, (-1, 2)) if len(pairs) else np.zeros((0, 2), dtype=np.int64)
    links = pairs[alive[pairs].all(axis=1)]
    sites = np.column_stack([np.ravel(site_longitude_deg), np.ravel(site_latitude_deg)])
    places = np.column_stack([longitude_deg, latitude_deg])
    traces = [_land(), *_night(subsolar_deg), *_links(places, links)]
    traces += _routes(routes, satellite_names, places, site_names, sites)
    traces += _satellites(satellite_names, places, np.where(alive, state, -1))
    traces += _sites(site_names, sites)
    hops = f", the path {' – '.join([routes[0][0], routes[0][-1]])} highlighted" if routes and routes[0] else ""
    count = int(alive.sum())
    return Figure(
        "world-map",
        f"{plural(count, 'satellite')} with {plural(len(links), 'laser link')} over "
        f"{plural(len(site_names), 'ground site')}{hops}",
        {"data": traces, "layout": _layout()},
        f"World map at {instant} with the points under {plural(count, 'satellite')}, "
        f"{plural(len(links), 'laser link')} and {plural(len(site_names), 'ground site')}.",
        f"{instant}. Points directly under the satellites; lines between them are laser links, drawn along great "
        f"circles{'; the shaded half is night' if subsolar_deg else ''}.{thinned(count, len(links))} "
        "Equirectangular projection.",
        0,
    )


def _layout() -> dict[str, Any]:
    fixed = {"showgrid": True, "zeroline": False, "ticks": "", "fixedrange": False}
    return layout(
        xaxis=axis("longitude, degrees east", range=[-180, 180], dtick=60, minallowed=-180, maxallowed=180, **fixed),
        yaxis=axis("latitude, degrees", range=[-90, 90], dtick=30, minallowed=-90, maxallowed=90, **fixed),
        plot_bgcolor="@water",
        margin={"l": 56, "r": 12, "t": 8, "b": 44},
        meta={
            "aspect": 0.54,
            "narrow": {
                "meta": {"aspect": 0.98},
                "legend": {"orientation": "v", "y": -0.26, "yanchor": "top"},
                "margin": {"l": 36, "r": 6, "t": 6, "b": 150},
                "yaxis": {"title": {"text": ""}},
            },
        },
    )


def _land() -> dict[str, Any]:
    coast = load_coastlines()
    x, y = gapped(flat_rings(coast.land) + flat_rings(coast.lakes))
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "fill": "toself", "fillcolor": "@land",
        "line": {"color": "@shore", "width": 0.6}, "hoverinfo": "skip", "showlegend": False, "name": "land",
    }  # fmt: skip


def _night(subsolar_deg: tuple[float, float] | None) -> list[dict[str, Any]]:
    """Shade the side of the terminator that the Sun does not see."""
    if subsolar_deg is None:
        return []
    declination = subsolar_deg[0] if abs(subsolar_deg[0]) > 0.05 else 0.05
    longitude = np.linspace(-180.0, 180.0, 181)
    hour_angle = np.radians(longitude - subsolar_deg[1])
    # Sun on the horizon: tan φ = −cos H / tan δ.
    edge = np.degrees(np.arctan(-np.cos(hour_angle) / np.tan(np.radians(declination))))
    dark_pole = -np.copysign(90.0, declination)
    x, y = gapped([floats(np.vstack([np.column_stack([longitude, edge]), [[180.0, dark_pole], [-180.0, dark_pole]]]))])
    return [
        {"type": "scatter", "mode": "lines", "x": x, "y": y, "fill": "toself", "fillcolor": "@night/0.30",
         "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False, "name": "night"}
    ]  # fmt: skip


def great_circle_parts(start_deg: FloatArray, stop_deg: FloatArray, steps: int = 9) -> list[FloatArray]:
    """Return the great circle between two longitude-latitude points, parted where it crosses the date line."""
    first, last = unit_vectors(start_deg[0], start_deg[1]), unit_vectors(stop_deg[0], stop_deg[1])
    along = np.linspace(0.0, 1.0, steps)[:, None]
    chord = first + (last - first) * along
    longitude = np.degrees(np.arctan2(chord[:, 1], chord[:, 0]))
    latitude = np.degrees(np.arctan2(chord[:, 2], np.hypot(chord[:, 0], chord[:, 1])))
    points = np.column_stack([longitude, latitude])
    jumps = np.flatnonzero(np.abs(np.diff(longitude)) > 180.0)
    parts: list[FloatArray] = []
    begin = 0
    lead: FloatArray = np.zeros((0, 2))
    for jump in jumps.tolist():
        before, after = points[jump], points[jump + 1]
        side = np.copysign(180.0, before[0])
        ahead = after[0] + np.copysign(360.0, before[0])
        share = 0.5 if ahead == before[0] else (side - before[0]) / (ahead - before[0])
        height = before[1] + share * (after[1] - before[1])
        parts.append(floats(np.vstack([lead, points[begin : jump + 1], [[side, height]]])))
        lead, begin = np.array([[-side, height]]), jump + 1
    parts.append(floats(np.vstack([lead, points[begin:]])))
    return parts


def _links(places: FloatArray, links: IntArray) -> list[dict[str, Any]]:
    drawn = links[evenly(len(links), MAX_LINES)]
    if not len(drawn):
        return []
    x, y = gapped([part for a, b in drawn for part in great_circle_parts(places[a], places[b])])
    return [
        {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": "laser link", "hoverinfo": "skip",
         "line": {"color": "@link/0.55", "width": 1.1}}
    ]  # fmt: skip


def _routes(
    routes: Sequence[Sequence[str]],
    satellite_names: Sequence[str],
    places: FloatArray,
    site_names: Sequence[str],
    sites: FloatArray,
) -> list[dict[str, Any]]:
    where = dict(zip(satellite_names, places, strict=True)) | dict(zip(site_names, sites, strict=True))
    traces = []
    for route in routes:
        known = [where[node] for node in route if node in where and np.isfinite(where[node]).all()]
        parts = [part for i in range(len(known) - 1) for part in great_circle_parts(known[i], known[i + 1], steps=17)]
        if parts:
            x, y = gapped(parts)
            label = names([f"{route[0]} – {route[-1]}, {len(route) - 2} satellites"])[0]
            traces.append(
                {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": label, "hoverinfo": "name",
                 "line": {"color": "@route", "width": 3}}
            )  # fmt: skip
    return traces


def _satellites(satellite_names: Sequence[str], places: FloatArray, state: IntArray) -> list[dict[str, Any]]:
    drawn = np.flatnonzero(state >= 0)
    drawn = drawn[evenly(len(drawn), MAX_MARKERS)]
    size = 6.5 if len(drawn) <= 400 else 4 if len(drawn) <= 1500 else 3
    traces = []
    for code, (token, words) in enumerate(STATES):
        picked = drawn[state[drawn] == code]
        if len(picked):
            traces.append(
                {"type": "scatter", "mode": "markers", "name": f"satellite in {words}",
                 "x": numbers(places[picked, 0], 5), "y": numbers(places[picked, 1], 5),
                 "text": names(satellite_names[i] for i in picked),
                 "marker": {"color": f"@{token}", "size": size, "symbol": SYMBOLS[code],
                            "line": {"color": "@surface", "width": 0.8}},
                 "hovertemplate": "%{text}<br>%{y:.1f}° N, %{x:.1f}° E<extra></extra>"}
            )  # fmt: skip
    return traces


def _sites(site_names: Sequence[str], sites: FloatArray) -> list[dict[str, Any]]:
    if not len(site_names):
        return []
    labelled = len(site_names) <= 30
    return [
        {"type": "scatter", "mode": "markers+text" if labelled else "markers", "name": "ground site",
         "x": numbers(sites[:, 0], 6), "y": numbers(sites[:, 1], 6), "text": names(site_names),
         "textposition": "top center", "textfont": {"size": 11, "color": "@ink"},
         "marker": {"color": "@ink", "size": 8, "symbol": "square", "line": {"color": "@surface", "width": 1}},
         "hovertemplate": "%{text}<extra></extra>"}
    ]  # fmt: skip
