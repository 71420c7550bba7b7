"""What does the Earth look like from there? One SVG picture of the globe, lit by the Sun, as a ``data:`` image.

Everything is in the view's frame of `planner.report.figures_globe` (x right, y up, Earth radii); SVG's y runs down,
which one transform turns round. No text from any user enters the picture.
"""

import base64

import numpy as np

from planner.arrays import FloatArray
from planner.report.coastline import disc_rings, load_coastlines

_STYLE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{px:.0f}" height="{py:.0f}" viewBox="{left} {top} {width} {height}">\
<defs>\
<radialGradient id="sea" gradientUnits="userSpaceOnUse" cx="{lx}" cy="{ly}" r="1.9">\
<stop offset="0" stop-color="#3f8fd0"/><stop offset=".45" stop-color="#1f5c9c"/>\
<stop offset="1" stop-color="#0d2c58"/></radialGradient>\
<radialGradient id="ground" gradientUnits="userSpaceOnUse" cx="{lx}" cy="{ly}" r="1.9">\
<stop offset="0" stop-color="#8cc09a"/><stop offset=".45" stop-color="#639c80"/>\
<stop offset="1" stop-color="#33605a"/></radialGradient>\
<radialGradient id="air" gradientUnits="userSpaceOnUse" cx="0" cy="0" r="1.16">\
<stop offset=".855" stop-color="#8fd0ff" stop-opacity=".75"/>\
<stop offset=".89" stop-color="#5aa9ee" stop-opacity=".32"/>\
<stop offset="1" stop-color="#3a86d8" stop-opacity="0"/></radialGradient>\
<linearGradient id="day" gradientUnits="userSpaceOnUse" x1="{dx}" y1="{dy}" x2="{ex}" y2="{ey}">\
<stop offset="0" stop-color="#fff"/><stop offset=".42" stop-color="#fff" stop-opacity=".75"/>\
<stop offset=".8" stop-color="#fff" stop-opacity="{dim}"/></linearGradient>\
<radialGradient id="glow" gradientUnits="userSpaceOnUse" cx="{gx}" cy="{gy}" r="{reach}">\
<stop offset="0" stop-color="#5a4a2a" stop-opacity=".75"/><stop offset=".5" stop-color="#1b2233" stop-opacity=".55"/>\
<stop offset="1" stop-color="#060a13" stop-opacity="0"/></radialGradient>\
<radialGradient id="fade" gradientUnits="userSpaceOnUse" cx="0" cy="0" r="1" \
gradientTransform="scale({left} {top})"><stop offset=".45" stop-color="#fff"/>\
<stop offset=".97" stop-color="#fff" stop-opacity="0"/></radialGradient>\
<mask id="inner"><rect x="{left}" y="{top}" width="{width}" height="{height}" fill="url(#fade)"/></mask>\
<mask id="lit"><rect x="{left}" y="{top}" width="{width}" height="{height}" fill="url(#day)"/></mask>\
<filter id="soft" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation=".045"/></filter>\
<clipPath id="disc"><circle r="1"/></clipPath></defs>\
<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#060a13"/>\
<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="url(#glow)" mask="url(#inner)"/>\
<circle r="1.16" fill="url(#air)" mask="url(#lit)"/>\
<g clip-path="url(#disc)"><circle r="1" fill="url(#sea)"/>\
<path d="{grid}" fill="none" stroke="#bfe0ff" stroke-opacity=".13" stroke-width=".0035"/>\
<path d="{land}" fill="url(#ground)" stroke="#a9dcc0" stroke-width=".0045" stroke-opacity=".75"/>\
<path d="{lakes}" fill="#1f5c9c"/>\
<path d="{night}" fill="#02050c" fill-opacity=".84" filter="url(#soft)"/></g>\
<circle r="1" fill="none" stroke="#9fd4ff" stroke-opacity=".5" stroke-width=".006" mask="url(#lit)"/>\
</svg>"""


def earth_image(earth: FloatArray, sun: FloatArray, across: float, reach: float) -> str:
    """Return the Earth and the space around it as a ``data:image/svg+xml`` address.

    Parameters
    ----------
    earth
        ``[3, 3]``, from Earth-fixed axes to the view's frame.
    sun
        ``[xyz]``, unit vector to the Sun in the view's frame.
    across, reach
        Half the width and half the height of the picture, Earth radii.
    """
    flat = float(np.hypot(sun[0], sun[1]))
    way = np.asarray(sun[:2]) / flat if flat > 1e-9 else np.zeros(2)
    edge = 1.2 * way
    far = way * np.hypot(across, reach)
    coast = load_coastlines()
    svg = _STYLE.format(
        # Seen from near the Sun the whole rim is bright; seen from beside it, one side is.
        dim=_f(0.1 + 0.9 * max(0.0, float(sun[2])) ** 4),
        px=800 * across / reach, py=800,
        left=_f(-across), top=_f(-reach), width=_f(2 * across), height=_f(2 * reach),
        lx=_f(sun[0] * 0.8), ly=_f(-sun[1] * 0.8), dx=_f(edge[0]), dy=_f(-edge[1]), ex=_f(-edge[0]), ey=_f(edge[1]),
        gx=_f(far[0]), gy=_f(-far[1]), reach=_f(1.5 * max(across, reach)),
        grid=_grid(earth), land=_path(disc_rings(coast.land, earth)), lakes=_path(disc_rings(coast.lakes, earth)),
        night=_path([night_outline(sun)]),
    )  # fmt: skip
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def night_outline(sun: FloatArray) -> FloatArray:
    """Return the outline ``[point, 2]`` of the dark part of the visible disc; empty seen from the Sun."""
    flat = float(np.hypot(sun[0], sun[1]))
    if flat < 1e-9:
        turn = np.linspace(0.0, 2.0 * np.pi, 91)
        return np.column_stack([np.cos(turn), np.sin(turn)]) if sun[2] < 0.0 else np.zeros((0, 2))
    half = np.linspace(0.0, np.pi, 46)[:, None]
    # `side` lies on both the limb and the terminator; `bulge` is the terminator's nearest point to the viewer.
    side = np.array([-sun[1], sun[0]]) / flat
    bulge = np.cross([side[0], side[1], 0.0], sun)
    bulge = bulge[:2] * np.sign(bulge[2] or 1.0)
    dark = -np.asarray(sun[:2]) / flat
    terminator = np.cos(half) * side + np.sin(half) * bulge
    limb = -np.cos(half) * side + 1.1 * np.sin(half) * dark
    return np.vstack([terminator, limb])


def _grid(earth: FloatArray) -> str:
    """Return the visible parts of the graticule, every 30°, as one SVG path."""
    turn = np.radians(np.arange(0.0, 361.0, 4.0))
    circles = [
        np.column_stack([np.cos(turn) * np.cos(phi), np.sin(turn) * np.cos(phi), np.full_like(turn, np.sin(phi))])
        for phi in np.radians(np.arange(-60.0, 61.0, 30.0))
    ] + [
        np.column_stack([np.cos(turn) * np.cos(lon), np.cos(turn) * np.sin(lon), np.sin(turn)])
        for lon in np.radians(np.arange(0.0, 180.0, 30.0))
    ]
    text = []
    for circle in circles:
        view = circle @ earth.T
        runs = np.split(view, np.flatnonzero(np.diff(view[:, 2] >= 0.0)) + 1)
        text += [_path([run[:, :2]], closed=False) for run in runs if run[0, 2] >= 0.0 and len(run) > 1]
    return "".join(text)


def _path(rings: list[FloatArray], *, closed: bool = True) -> str:
    end = "Z" if closed else ""
    return "".join("M" + "L".join(f"{_f(x)} {_f(-y)}" for x, y in ring) + end for ring in rings if len(ring) > 1)


def _f(value: float) -> str:
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
