"""How far apart are two points, how low does the line between them pass, how fast does it turn? Axes ``[…, xyz]``.

Any Earth-centred frame that does not turn. Everything here is exactly symmetric: exchanging the two ends gives the
same bits. Altitudes of lines are above the WGS84 ellipsoid, whose pole is the frame's z axis unless it is given.
"""

import math
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING

GRAZING_ALTITUDE_KM: Final = 80.0
"""Lowest altitude that a laser link may pass: the limit that Hypatia sets for Starlink (Kassing et al., Exploring the
"Internet from space" with Hypatia, IMC 2020), above clouds and nearly all air. Planner default for other fleets."""

_POLAR_RADIUS_KM: Final = EARTH_EQUATORIAL_RADIUS_KM * (1.0 - EARTH_FLATTENING)
_Z_AXIS: Final = (0.0, 0.0, 1.0)
_ROUNDS: Final = 4
"""Each leaves a third of a hundredth of the error: from 700 km to a micrometre."""


def range_km(a_km: FloatArray, b_km: FloatArray) -> FloatArray:
    """Return the straight-line distance of two points.

    Parameters
    ----------
    a_km, b_km
        ``[…, xyz]``, broadcast against each other.

    Returns
    -------
    FloatArray
        ``[…]``.
    """
    difference = b_km - a_km
    return np.sqrt(_dot(difference, difference))


def grazing_altitude_km(a_km: FloatArray, b_km: FloatArray, *, pole: FloatArray | None = None) -> FloatArray:
    """Return the lowest altitude of the straight segment between two points above the WGS84 ellipsoid.

    Parameters
    ----------
    a_km, b_km
        ``[…, xyz]`` from the Earth's centre, broadcast against each other.
    pole
        ``[…, xyz]``, unit vector of the Earth's axis; the frame's z axis when left out.

    Returns
    -------
    FloatArray
        ``[…]``; negative where the Earth is in the way, the lower end's altitude where the segment does not dip
        below it, NaN where a point is NaN.

    Notes
    -----
    The height h for which the segment touches the ellipsoid of half-axes A + h and B + h. Space stretched along the
    axis by k = (A + h)/(B + h) makes that a sphere, and the segment's least distance from the centre there is A + h
    (see `planner.links.verdict`). k hardly depends on h, so that a few rounds find both. Geodetic height is constant
    on a surface that lies f² h/8 farther out at 45° of latitude: the answer is at most 0.11 m too great at 80 km, 1.4 m
    at 1,000 km. Below the ground, where only the sign matters, k is that of the ground: the answer is then the depth of
    a similar ellipsoid's equator.
    """
    parts = _sum_and_difference(a_km, b_km, pole)
    height = _lowest_km(parts, 0.0) - EARTH_EQUATORIAL_RADIUS_KM
    for _ in range(_ROUNDS):
        height = _lowest_km(parts, np.maximum(height, 0.0)) - EARTH_EQUATORIAL_RADIUS_KM
    return height


def in_sight(
    a_km: FloatArray,
    b_km: FloatArray,
    *,
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
    pole: FloatArray | None = None,
) -> BoolArray:
    """Return whether the segment between two points stays at or above a grazing altitude over the WGS84 ellipsoid.

    Parameters
    ----------
    a_km, b_km, pole
        As in the function `grazing_altitude_km`.
    grazing_altitude_km
        Lowest altitude allowed.

    Returns
    -------
    BoolArray
        ``[…]``; False where a point is NaN.
    """
    parts = _sum_and_difference(a_km, b_km, pole)
    clear: BoolArray = _lowest_km(parts, grazing_altitude_km) >= EARTH_EQUATORIAL_RADIUS_KM + grazing_altitude_km
    return clear


def angular_rate_deg_s(a_km: FloatArray, a_km_s: FloatArray, b_km: FloatArray, b_km_s: FloatArray) -> FloatArray:
    """Return how fast the line of sight between two satellites turns against the stars.

    It holds the turn of the orbits: two satellites that follow each other in one orbit turn by that orbit's rate,
    0.063°/s at 550 km, though neither needs to move its terminal as long as it flies upright. A terminal must follow
    this turn less that of its own satellite.

    Parameters
    ----------
    a_km, b_km
        Positions ``[…, xyz]``, broadcast against each other.
    a_km_s, b_km_s
        Velocities in the same frame, which does not turn.

    Returns
    -------
    FloatArray
        ``[…]``, the same seen from either end; NaN for two satellites at one place.

    Notes
    -----
    |d × v|/|d|² with the relative position d and velocity v.
    """
    d, v = b_km - a_km, b_km_s - a_km_s
    cross = np.stack(
        [d[..., i] * v[..., j] - d[..., j] * v[..., i] for i, j in ((1, 2), (2, 0), (0, 1))],
        axis=-1,
    )
    square = _dot(d, d)
    with np.errstate(invalid="ignore"):
        return np.degrees(np.sqrt(_dot(cross, cross)) / np.where(square > 0.0, square, np.nan))


def maximum_range_km(
    altitude_a_km: float,
    altitude_b_km: float | None = None,
    *,
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
    earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM,
) -> float:
    """Return the longest link between two altitudes over a sphere that clears a grazing altitude.

    A designer's first answer; whether satellites of a plan see each other is judged over the ellipsoid.

    Parameters
    ----------
    altitude_a_km, altitude_b_km
        Altitudes of the ends; the second is the first's when left out.
    grazing_altitude_km
        Lowest altitude allowed.
    earth_radius_km
        Radius of the sphere that all altitudes count from. The equatorial radius is that of links in the plane of the
        equator; Hypatia's figures (5,016.6 km at 550 km) come with 6,378.135 km.

    Raises
    ------
    ValueError
        If an end lies below the grazing altitude, or a length is not finite.

    Notes
    -----
    Each end is √((R + h)² − (R + h_g)²) from the point where the link grazes: Pythagoras.
    """
    altitude_b_km = altitude_a_km if altitude_b_km is None else altitude_b_km
    if not 0.0 <= grazing_altitude_km < math.inf:
        raise ValueError(f"grazing_altitude_km: {grazing_altitude_km} must be finite and at least 0")
    for name, altitude_km in (("altitude_a_km", altitude_a_km), ("altitude_b_km", altitude_b_km)):
        if not grazing_altitude_km <= altitude_km < math.inf:
            raise ValueError(
                f"{name}: {altitude_km} must be finite and not below the grazing altitude, {grazing_altitude_km:g}"
            )
    grazing = earth_radius_km + grazing_altitude_km
    return sum(math.sqrt((earth_radius_km + altitude) ** 2 - grazing**2) for altitude in (altitude_a_km, altitude_b_km))


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the inner product over the last axis, in an order that does not depend on which factor comes first."""
    product: FloatArray = a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]
    return product


def _sum_and_difference(a_km: FloatArray, b_km: FloatArray, pole: FloatArray | None) -> tuple[FloatArray, ...]:
    """Return inner products of the ends' sum s and difference d: d·d, s·s, s·d, and of d and s with the pole."""
    axis = np.asarray(_Z_AXIS if pole is None else pole, dtype=np.float64)
    d, s = b_km - a_km, b_km + a_km
    return _dot(d, d), _dot(s, s), _dot(s, d), _dot(d, axis), _dot(s, axis)


def _lowest_km(parts: tuple[FloatArray, ...], height: FloatArray | float) -> FloatArray:
    """Return a segment's least distance from the centre where the level of a height is stretched into a sphere.

    `parts` are those of `_sum_and_difference`.
    """
    d_square, s_square, along, up_d, up_s = parts
    oblate = ((EARTH_EQUATORIAL_RADIUS_KM + height) / (_POLAR_RADIUS_KM + height)) ** 2 - 1.0
    d_square, s_square = d_square + oblate * up_d * up_d, s_square + oblate * up_s * up_s
    inwards = np.abs(along + oblate * up_s * up_d)
    t = np.minimum(inwards / np.where(d_square > 0.0, d_square, np.inf), 1.0)
    lowest: FloatArray = np.sqrt(np.maximum(s_square - 2.0 * t * inwards + t * t * d_square, 0.0)) / 2.0
    return lowest
