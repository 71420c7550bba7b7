"""Where the land is: Natural Earth's 1:110m coastlines as rings, for a flat map and for a globe.

Rings are longitude and latitude in degrees, WGS84, ``[point, 2]``; the last point joins the first, land lies to the
right of the way round. Provenance and conversion stand in ``planner/data/coastline_110m.json`` itself.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from planner.arrays import BoolArray, FloatArray, floats

_POLE_DEG = 90.0


@dataclass(frozen=True, eq=False)
class Coastlines:
    """Rings of land, and of the inland seas that are cut out of it."""

    land: tuple[FloatArray, ...]
    lakes: tuple[FloatArray, ...]
    source: str


@cache
def load_coastlines() -> Coastlines:
    """Read the coastline file that the package carries, once."""
    text = (files("planner") / "data" / "coastline_110m.json").read_text("utf-8")
    table = json.loads(text)
    scale = table["scale_deg"]
    land, lakes = (
        tuple(floats(np.cumsum(np.reshape(ring, (-1, 2)), axis=0) * scale) for ring in table[key])
        for key in ("land", "lakes")
    )
    return Coastlines(land, lakes, table["source"])


def flat_rings(rings: tuple[FloatArray, ...]) -> list[FloatArray]:
    """Return closed rings to fill on a map of longitudes −180…180.

    A ring that crosses the date line comes twice, 360° apart, to be cut off by the map's edge; one that goes round
    the pole is closed along the edge of the map.
    """
    flat: list[FloatArray] = []
    for ring in rings:
        closed = np.vstack([ring, ring[:1]])
        longitude = np.degrees(np.unwrap(np.radians(closed[:, 0])))
        latitude = closed[:, 1]
        if abs(longitude[-1] - longitude[0]) > _POLE_DEG:
            pole = np.copysign(_POLE_DEG, latitude.mean())
            longitude = np.concatenate([longitude, [longitude[-1], longitude[0], longitude[0]]])
            latitude = np.concatenate([latitude, [pole, pole, latitude[0]]])
        flat.append(floats(np.column_stack([longitude, latitude])))
        for shift, over in ((-360.0, longitude.max() > 180.0), (360.0, longitude.min() < -180.0)):
            if over:
                flat.append(floats(np.column_stack([longitude + shift, latitude])))
    return flat


def unit_vectors(longitude_deg: FloatArray, latitude_deg: FloatArray) -> FloatArray:
    """Return directions ``[..., xyz]`` in the frame of longitude and latitude."""
    longitude, latitude = np.radians(longitude_deg), np.radians(latitude_deg)
    return np.stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], axis=-1
    )


def disc_rings(rings: tuple[FloatArray, ...], rotation: FloatArray) -> list[FloatArray]:
    """Return rings on the unit disc, as a distant viewer sees them, to be filled with the nonzero rule.

    Parameters
    ----------
    rings
        Outer rings, land to the right.
    rotation
        ``[3, 3]``, takes Earth-fixed directions to the viewer's: x right, y up, z towards the viewer.

    Returns
    -------
    list
        ``[point, 2]`` each. What lies beyond the limb is pressed onto it; a ring with no visible point is left out.
        Where land covers the point opposite the viewer the pressed ring goes round the whole limb the wrong way,
        and a circle the other way round is added, so that the winding number is 0 on water and −1 on land.
    """
    found: list[FloatArray] = []
    circle = _limb(np.linspace(0.0, -2.0 * np.pi, 121))
    for ring in rings:
        view = _densified(unit_vectors(ring[:, 0], ring[:, 1])) @ rotation.T
        front = view[:, 2] >= 0.0
        if not front.any():
            continue
        azimuth = np.unwrap(np.arctan2(view[:, 1], view[:, 0]))
        found.append(floats(_pressed(view, front, azimuth)))
        if azimuth[-1] - azimuth[0] > np.pi:
            found.append(floats(circle))
    return found


def _densified(points: FloatArray, step_rad: float = 0.05) -> FloatArray:
    """Return a closed ring of unit vectors with no step longer than about `step_rad`."""
    after = np.roll(points, -1, axis=0)
    angle = np.arccos(np.clip((points * after).sum(axis=1), -1.0, 1.0))
    parts = np.maximum(1, np.ceil(angle / step_rad).astype(int))
    along = np.concatenate([np.arange(n) / n for n in parts])
    start, stop = np.repeat(points, parts, axis=0), np.repeat(after, parts, axis=0)
    dense = start + (stop - start) * along[:, None]
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    return np.vstack([dense, dense[:1]])


def _pressed(view: FloatArray, front: BoolArray, azimuth: FloatArray) -> FloatArray:
    """Return x, y of the visible points, and limb points (every 3° at most) for the hidden ones."""
    out: list[FloatArray] = []
    for i in range(len(view)):
        if front[i]:
            out.append(view[i : i + 1, :2])
            continue
        before = azimuth[i - 1] if i and not front[i - 1] else azimuth[i]
        count = int(abs(azimuth[i] - before) / np.radians(3.0)) + 1
        out.append(_limb(before + (azimuth[i] - before) * np.arange(1, count + 1) / count))
    return np.vstack(out)


def _limb(azimuth_rad: FloatArray) -> FloatArray:
    return np.column_stack([np.cos(azimuth_rad), np.sin(azimuth_rad)])
