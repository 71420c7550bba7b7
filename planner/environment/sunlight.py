"""How much of the Sun does each satellite see, and how does the Sun stand to its orbit? GCRS, axes ``[time, sat]``.

The shadow is that of a spherical Earth without atmosphere, lit by a Sun of finite size: full light, umbra, and
between them a penumbra in which part of the solar disc shows.
"""

from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, lock, require_shape
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, SUN_RADIUS_KM

_BLOCK_STATES: Final = 1_000_000
"""Satellite-instants worked on at once: a few tens of megabytes of temporaries whatever the length of the run."""


def sunlit_fraction(
    positions_km: FloatArray,
    sun_km: FloatArray,
    *,
    earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM,
    sun_radius_km: float = SUN_RADIUS_KM,
) -> FloatArray:
    """Return the visible part of the solar disc.

    Parameters
    ----------
    positions_km
        ``[time, sat, xyz]``.
    sun_km
        ``[time, xyz]``, from the Earth's centre, same frame.
    earth_radius_km, sun_radius_km
        Radii of the two spheres. The equatorial radius is the cautious choice: it makes the shadow of an oblate Earth
        too wide, never too narrow.

    Returns
    -------
    FloatArray
        ``[time, sat]``: 1 in full light, 0 in the umbra, between in the penumbra; NaN where the position is NaN.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Overlap of two discs as seen from the satellite: Montenbruck and Gill, Satellite Orbits (2000), section 3.4.2.
    Whether a satellite is in the penumbra at all is decided first by the two tangent cones of the same spheres,
    which needs no trigonometry; only there is the overlap worked out.
    """
    require_shape("positions_km", positions_km, (None, None, 3))
    require_shape("sun_km", sun_km, (positions_km.shape[0], 3))
    times, satellites, _ = positions_km.shape
    lit = np.empty((times, satellites))
    step = max(1, _BLOCK_STATES // max(satellites, 1))
    for first in range(0, times, step):
        part = slice(first, first + step)
        lit[part] = _lit(positions_km[part], sun_km[part], earth_radius_km, sun_radius_km)
    return lock(lit)


def _lit(positions: FloatArray, sun: FloatArray, earth_radius: float, sun_radius: float) -> FloatArray:
    """Return the visible fraction of one block: cones first, discs where they leave it open."""
    umbra, penumbra = _cones(positions, sun, earth_radius, sun_radius)
    lit = np.where(umbra, 0.0, 1.0)
    lit[np.isnan(positions[:, :, 0])] = np.nan
    time, sat = np.nonzero(penumbra)
    lit[time, sat] = disc_fraction(positions[time, sat], sun[time], earth_radius, sun_radius)
    return lit


def _cones(
    positions: FloatArray, sun: FloatArray, earth_radius: float, sun_radius: float
) -> tuple[BoolArray, BoolArray]:
    """Return which states lie inside the umbra, and which between umbra and full light, ``[time, sat]``.

    With the distance s along the shadow axis and p from it, the inner tangent cone (half-angle α,
    sin α = (R☉ + R)/D) bounds the penumbra: p cos α < R + s sin α from its tangent circle s = −R sin α on. The outer
    one (sin α = (R☉ − R)/D) bounds the umbra: p cos α < R − s sin α from s = R sin α on.
    """
    distance = np.linalg.norm(sun, axis=1)
    axis = -sun / distance[:, None]
    along = np.matmul(positions, axis[:, :, None])[:, :, 0]
    beside = np.sqrt(np.maximum(np.einsum("tsi,tsi->ts", positions, positions) - along * along, 0.0))
    inner = ((sun_radius + earth_radius) / distance)[:, None]
    outer = ((sun_radius - earth_radius) / distance)[:, None]
    shaded = (along > -earth_radius * inner) & (beside * np.sqrt(1.0 - inner**2) < earth_radius + along * inner)
    umbra = shaded & (along > earth_radius * outer)
    umbra &= beside * np.sqrt(1.0 - outer**2) <= earth_radius - along * outer
    return umbra, shaded & ~umbra


def disc_fraction(
    positions_km: FloatArray, sun_km: FloatArray, earth_radius_km: float, sun_radius_km: float
) -> FloatArray:
    """Return the part of the solar disc that the Earth's disc leaves visible, for any geometry, ``[…]``.

    Parameters
    ----------
    positions_km, sun_km
        ``[…, xyz]`` from the Earth's centre.
    earth_radius_km, sun_radius_km
        Radii of the spheres.
    """
    to_sun = sun_km - positions_km
    sun_distance = np.linalg.norm(to_sun, axis=-1)
    earth_distance = np.linalg.norm(positions_km, axis=-1)
    a = np.arcsin(np.minimum(sun_radius_km / sun_distance, 1.0))
    b = np.arcsin(np.minimum(earth_radius_km / earth_distance, 1.0))
    cosine = -np.einsum("...i,...i->...", positions_km, to_sun) / (sun_distance * earth_distance)
    c = np.arccos(np.clip(cosine, -1.0, 1.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        x = (c**2 + a**2 - b**2) / (2.0 * c)
        y = np.sqrt(np.maximum(a**2 - x**2, 0.0))
        overlap = a**2 * np.arccos(np.clip(x / a, -1.0, 1.0)) + b**2 * np.arccos(np.clip((c - x) / b, -1.0, 1.0))
        partial = 1.0 - (overlap - c * y) / (np.pi * a**2)
    # One disc inside the other: all of the Sun hidden, or (beyond the tip of the umbra) a ring of it left.
    inside = np.where(b >= a, 0.0, 1.0 - (b / a) ** 2)
    lit = np.where(c >= a + b, 1.0, np.where(c <= np.abs(b - a), inside, partial))
    lit = np.where(np.isnan(c), np.nan, lit)
    return np.clip(lit, 0.0, 1.0)


def beta_deg(positions_km: FloatArray, velocities_km_s: FloatArray, sun_km: FloatArray) -> FloatArray:
    """Return the angle of the Sun above each satellite's orbital plane, positive on the side of its angular momentum.

    Parameters
    ----------
    positions_km, velocities_km_s
        ``[time, sat, xyz]``.
    sun_km
        ``[time, xyz]``, same frame.

    Returns
    -------
    FloatArray
        ``[time, sat]``, −90 to 90; NaN where the state is NaN.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    require_shape("positions_km", positions_km, (None, None, 3))
    require_shape("velocities_km_s", velocities_km_s, positions_km.shape)
    require_shape("sun_km", sun_km, (positions_km.shape[0], 3))
    normal = np.cross(positions_km, velocities_km_s)
    towards = sun_km / np.linalg.norm(sun_km, axis=1)[:, None]
    sine = np.einsum("tsi,ti->ts", normal, towards) / np.linalg.norm(normal, axis=2)
    return lock(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))
