"""What does the fleet look like from outside? A parallel (orthographic) view of orbits, Earth, satellites and links.

Positions are GCRS; the view's own frame has x to the right, y up (celestial north upwards), z towards the viewer, all
in units of the Earth's equatorial radius. What the Earth hides is not drawn; what lies beyond it is drawn dimmer.
"""

from typing import Any, Literal

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM
from planner.orbit import Ephemeris, Fleet
from planner.report.figures_common import (
    MAX_LINES,
    MAX_MARKERS,
    evenly,
    gapped,
    names,
    nothing,
    percent,
    plural,
    thinned,
    utc,
)
from planner.report.figures_map import STATES, SYMBOLS, sunlight_state
from planner.report.globe import earth_image
from planner.report.page import Figure
from planner.report.style import layout, numbers
from planner.times import TimeGrid

View = Literal["oblique", "behind", "sun", "pole"]
"""``sun``: from the Sun. ``pole``: from above the north pole, the Sun to the right. ``oblique``: 58° round from the
Sun and a little north, so that day, night and the planes between them all show. ``behind``: the same on the Sun's other
side, taken instead where the Earth would hide nearly the whole fleet."""

_MAX_ORBITS = 80
_ASPECT = 0.66
_LEAST_SHOWN = 0.1
"""Part of the fleet that a picture shows at least, if one of its two sides does."""


def fleet_view(
    fleet: Fleet,
    ephemeris: Ephemeris,
    *,
    time: int,
    sun_km: FloatArray,
    sunlit_fraction: FloatArray,
    pairs: IntArray,
    view: View = "oblique",
) -> Figure:
    """Draw the fleet at one instant, coloured by sunlight.

    Parameters
    ----------
    fleet, ephemeris
        ``[sat]`` and its states.
    time
        Index of the instant.
    sun_km
        ``[xyz]``, the Sun at that instant, GCRS.
    sunlit_fraction
        ``[sat]`` at that instant.
    pairs
        ``[link, 2]``, linked satellites at that instant.
    view
        See `View`.
    """
    when = utc(ephemeris.times, time)
    alive = np.asarray(ephemeris.alive[time])
    if not alive.any():
        return nothing("fleet-view", f"The fleet, {when}", "There are no satellites to draw.")
    view = _with_the_fleet(view, ephemeris.positions_km[time][alive], sun_km)
    rotation = view_rotation(sun_km, view)
    seen = ephemeris.positions_km[time] @ rotation.T / EARTH_EQUATORIAL_RADIUS_KM
    speed = ephemeris.velocities_km_s[time] @ rotation.T
    reach = _reach(seen[alive])
    state = np.where(alive, sunlight_state(sunlit_fraction), -1)
    pairs = np.reshape(pairs, (-1, 2)) if len(pairs) else np.zeros((0, 2), dtype=np.int64)
    links = pairs[alive[pairs].all(axis=1)]
    sun = floats(rotation @ np.asarray(sun_km) / np.linalg.norm(sun_km))
    traces = _orbits(seen, speed, _one_per_plane(fleet, alive)) + _links(seen, links)
    traces += _satellites(fleet, seen, state, fleet.altitude_km)
    lit = int((state == 0).sum())
    count = int(alive.sum())
    return Figure(
        "fleet-view",
        f"{plural(count, 'satellite')} joined by {plural(len(links), 'laser link')}; "
        f"{percent(lit / count)} in full sunlight, {when}",
        {"data": traces, "layout": _layout(sun, _earth_rotation(ephemeris.times, time, rotation), reach)},
        f"The Earth seen {_WORDS[view]} with the orbits of {plural(count, 'satellite')}, of which {lit} are in full "
        f"sunlight, {int((state == 1).sum())} in penumbra and {int((state == 2).sum())} in the Earth's shadow.",
        f"Seen {_WORDS[view]}, without perspective, to scale. Thin curves are orbits, bright lines laser links; "
        "what lies beyond the Earth's centre is dimmer, what the Earth hides is left out."
        f"{thinned(count, len(links))} Land: Natural Earth.",
        0,
    )


_WORDS = {
    "oblique": "from 58° beside the Sun, a little north of it",
    "behind": "from 58° on the other side of the Sun, a little north of it",
    "sun": "from the Sun",
    "pole": "from above the north pole, the Sun to the right",
}


def view_rotation(sun_km: FloatArray, view: View) -> FloatArray:
    """Return ``[3, 3]``, from GCRS to the view's frame."""
    sun = np.asarray(sun_km, dtype=np.float64) / np.linalg.norm(sun_km)
    right_ascension = np.arctan2(sun[1], sun[0])
    if view == "pole":
        x = np.array([np.cos(right_ascension), np.sin(right_ascension), 0.0])
        return floats(np.stack([x, np.cross([0.0, 0.0, 1.0], x), [0.0, 0.0, 1.0]]))
    viewer = sun
    if view in ("oblique", "behind"):
        side = -1.0 if view == "oblique" else 1.0
        around, above = right_ascension + side * np.radians(58.0), np.radians(17.0)
        viewer = np.array(
            [np.cos(above) * np.cos(around), np.cos(above) * np.sin(around), np.sin(above)], dtype=np.float64
        )
    x = np.cross([0.0, 0.0, 1.0], viewer)
    x /= np.linalg.norm(x)
    return floats(np.stack([x, np.cross(viewer, x), viewer]))


def _with_the_fleet(view: View, positions_km: FloatArray, sun_km: FloatArray) -> View:
    """Return the view from the other side where the Earth hides nearly all of a fleet, else `view`."""

    def shown(side: View) -> int:
        x, y, z = (positions_km @ view_rotation(sun_km, side).T / EARTH_EQUATORIAL_RADIUS_KM).T
        return int(np.count_nonzero((z > 0.0) | (np.hypot(x, y) > 1.0)))

    hidden = view == "oblique" and shown(view) < _LEAST_SHOWN * len(positions_km)
    return "behind" if hidden and shown("behind") > shown(view) else view


def _earth_rotation(times: TimeGrid, time: int, rotation: FloatArray) -> FloatArray:
    """Return ``[3, 3]``, from Earth-fixed axes to the view's frame."""
    from skyfield.framelib import itrs

    to_earth_fixed = np.asarray(itrs.rotation_at(times.skyfield[time]), dtype=np.float64)
    return floats(rotation @ to_earth_fixed.T)


def _reach(seen: FloatArray) -> float:
    """Return half the height of the view: room for nineteen satellites in twenty, never less than the Earth."""
    return float(max(1.16, np.quantile(np.linalg.norm(seen, axis=1), 0.95) * 1.07))


def _one_per_plane(fleet: Fleet, alive: FloatArray) -> IntArray:
    """Return one satellite of every plane of every shell; none where there are too many planes to tell apart."""
    first: dict[tuple[str, int], int] = {}
    for i in np.flatnonzero(alive):
        first.setdefault((fleet.shells[i], int(fleet.planes[i])), int(i))
    picked = list(first.values()) if len(first) <= _MAX_ORBITS else []
    return np.array(picked, dtype=np.int64)


def _orbits(seen: FloatArray, speed: FloatArray, picks: IntArray) -> list[dict[str, Any]]:
    """Draw a circle through each picked satellite in the plane of its motion; at map scale e < 0.01 is a circle."""
    angle = np.linspace(0.0, 2.0 * np.pi, 241)[:, None]
    rings = []
    for i in picks:
        radius = np.linalg.norm(seen[i])
        outward = seen[i] / radius
        forward = speed[i] - (speed[i] @ outward) * outward
        forward /= np.linalg.norm(forward)
        rings.append(radius * (np.cos(angle) * outward + np.sin(angle) * forward))
    return _front_and_back(rings, "orbit", "#9fb8d8", (0.42, 0.16), 0.9)


def _links(seen: FloatArray, links: IntArray) -> list[dict[str, Any]]:
    drawn = links[evenly(len(links), MAX_LINES)]
    along = np.linspace(0.0, 1.0, 7)[:, None]
    lines = [seen[a] + (seen[b] - seen[a]) * along for a, b in drawn]
    if len(drawn) > 1500:
        return _front_and_back(lines, "laser link", "#8fe3ff", (0.55, 0.15), 0.6)
    glow = _front_and_back(lines, "glow", "#35c6ff", (0.20, 0.07), 4.5)
    return glow + _front_and_back(lines, "laser link", "#8fe3ff", (0.85, 0.30), 1.3)


def _front_and_back(
    lines: list[FloatArray], name: str, colour: str, opacity: tuple[float, float], width: float
) -> list[dict[str, Any]]:
    """Return one trace for what lies before the Earth's centre and a dimmer one for what lies beyond."""
    traces = []
    for front, alpha in zip((False, True), (opacity[1], opacity[0]), strict=True):
        runs = [run for line in lines for run in _visible_runs(line, front=front)]
        if runs:
            x, y = gapped(runs, 4)
            traces.append(
                {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "hoverinfo": "skip",
                 "opacity": alpha, "line": {"color": colour, "width": width},
                 "showlegend": front and name != "glow"}
            )  # fmt: skip
    return traces


def _visible_runs(line: FloatArray, *, front: bool) -> list[FloatArray]:
    """Cut a line ``[point, xyz]`` into its visible runs before or beyond the centre."""
    ahead = line[:, 2] >= 0.0
    hidden = ~ahead & (np.hypot(line[:, 0], line[:, 1]) < 1.0)
    keep = (ahead if front else ~ahead) & ~hidden
    # A run takes in the first point of the other side, so that front and back meet.
    keep = keep | (np.r_[False, keep[:-1]] & ~hidden)
    edges = np.flatnonzero(np.diff(np.r_[0, keep.astype(np.int64), 0]))
    runs = [line[start:stop, :2] for start, stop in edges.reshape(-1, 2)]
    return [floats(run) for run in runs if len(run) > 1]


def _satellites(fleet: Fleet, seen: FloatArray, state: IntArray, altitude_km: FloatArray) -> list[dict[str, Any]]:
    hidden = (seen[:, 2] < 0.0) & (np.hypot(seen[:, 0], seen[:, 1]) < 1.0)
    drawn = np.flatnonzero((state >= 0) & ~hidden)
    drawn = drawn[evenly(len(drawn), MAX_MARKERS)]
    size = 7.0 if len(drawn) <= 400 else 4.5 if len(drawn) <= 1500 else 3.0
    traces = []
    for code, (token, words) in enumerate(STATES):
        picked = drawn[state[drawn] == code]
        if not len(picked):
            continue
        x, y = numbers(seen[picked, 0], 5), numbers(seen[picked, 1], 5)
        depth = np.where(seen[picked, 2] >= 0.0, 1.0, 0.45)
        halo = {"color": f"@{token}", "size": size * 2.4, "opacity": numbers(0.16 * depth), "line": {"width": 0}}
        core = {"color": f"@{token}", "size": size, "opacity": numbers(depth), "symbol": SYMBOLS[code],
                "line": {"width": 0.7, "color": "#060a13"}}  # fmt: skip
        shared = {"type": "scatter", "mode": "markers", "x": x, "y": y, "legendgroup": token}
        traces.append(shared | {"marker": halo, "hoverinfo": "skip", "showlegend": False, "name": "glow"})
        traces.append(
            shared
            | {
                "marker": core,
                "name": words,
                "text": names(fleet.names[i] for i in picked),
                "customdata": numbers(altitude_km[picked], 4),
                "hovertemplate": f"%{{text}}<br>{words}, %{{customdata}} km up<extra></extra>",
            }
        )
    return traces


def _layout(sun: FloatArray, earth: FloatArray, reach: float) -> dict[str, Any]:
    across = reach / _ASPECT
    bare: dict[str, Any] = {"tickfont": {}, "visible": False, "showgrid": False, "zeroline": False}
    made = layout(
        xaxis=bare | {"range": [-across, across], "constrain": "range"},
        yaxis=bare | {"range": [-reach, reach], "scaleanchor": "x", "scaleratio": 1},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor="#060a13",
        plot_bgcolor="#060a13",
        images=[
            {"source": earth_image(earth, sun, across, reach), "xref": "x", "yref": "y", "x": -across, "y": reach,
             "sizex": 2 * across, "sizey": 2 * reach, "sizing": "stretch", "layer": "below"}
        ],
        annotations=_sun_label(sun, across, reach),
        meta={"aspect": _ASPECT, "theme": "dark",
              "narrow": {"meta": {"aspect": 1.12}, "margin": {"l": 0, "r": 0, "t": 0, "b": 44},
                         "xaxis": {"range": [-1.06 * reach, 1.06 * reach]}}},
    )  # fmt: skip
    made["legend"] |= {"x": 0.012, "y": 0.015, "yanchor": "bottom", "orientation": "v", "itemsizing": "constant"}
    return made


def _sun_label(sun: FloatArray, across: float, reach: float) -> list[dict[str, Any]]:
    """Point an arrow at the Sun, unless the viewer stands there."""
    flat = float(np.hypot(sun[0], sun[1]))
    if flat < 0.2:
        return []
    way = sun[:2] / flat
    outer = min(across * 0.9 / max(abs(way[0]), 1e-9), reach * 0.9 / max(abs(way[1]), 1e-9))
    tip, tail = way * outer, way * (outer - 0.22)
    return [
        {"x": round(float(tip[0]), 4), "y": round(float(tip[1]), 4), "ax": round(float(tail[0]), 4),
         "ay": round(float(tail[1]), 4), "xref": "x", "yref": "y", "axref": "x", "ayref": "y", "text": "",
         "arrowhead": 2, "arrowsize": 1.1, "arrowwidth": 1.6, "arrowcolor": "#ffc857", "showarrow": True},
        {"x": round(float(tail[0] - 0.04 * way[0]), 4), "y": round(float(tail[1] - 0.10 * np.sign(way[1] or 1.0)), 4),
         "xref": "x", "yref": "y", "text": "to the Sun", "showarrow": False,
         "font": {"size": 12, "color": "#ffc857"}},
    ]  # fmt: skip
