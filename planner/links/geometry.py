"""Can two points see each other past the Earth, and how far apart are they? Any Earth-centred frame, axes ``[…, xyz]``.

Everything here is exactly symmetric: exchanging the two ends gives the same bits, so that a link never exists in one
direction only. Frames do not matter, because rotations change neither ranges nor grazing altitudes.
"""

import math
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM

GRAZING_ALTITUDE_KM: Final = 80.0
"""Lowest altitude that a laser link may pass: the limit that Hypatia sets for Starlink (Kassing et al., Exploring the
"Internet from space" with Hypatia, IMC 2020), above clouds and nearly all air. Planner default for other fleets."""


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


def grazing_altitude_km(
    a_km: FloatArray, b_km: FloatArray, *, earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM
) -> FloatArray:
    """Return the lowest altitude of the straight segment between two points.

    Parameters
    ----------
    a_km, b_km
        ``[…, xyz]`` from the Earth's centre, broadcast against each other.
    earth_radius_km
        Radius of the sphere that altitudes count from. The equatorial radius is the cautious choice: over the poles
        the true altitude is up to 21 km more.

    Returns
    -------
    FloatArray
        ``[…]``; negative where the Earth is in the way, the lower end's altitude where the segment does not dip
        below it, NaN where a point is NaN.

    Notes
    -----
    The line's distance from the centre is |a × b|/|b − a|. Its foot lies between the ends where both angles at the
    ends are acute, a·b ≤ |a|² and a·b ≤ |b|². Each term keeps its value, or only its sign, when the ends change places.
    """
    return _lowest_km(a_km, b_km) - earth_radius_km


def _lowest_km(a_km: FloatArray, b_km: FloatArray) -> FloatArray:
    """Return the least distance of the segment from the Earth's centre, ``[…]``."""
    ax, ay, az = a_km[..., 0], a_km[..., 1], a_km[..., 2]
    bx, by, bz = b_km[..., 0], b_km[..., 1], b_km[..., 2]
    cross_squared = (ay * bz - az * by) ** 2 + (az * bx - ax * bz) ** 2 + (ax * by - ay * bx) ** 2
    length_squared = (bx - ax) ** 2 + (by - ay) ** 2 + (bz - az) ** 2
    a_squared, b_squared, product = _dot(a_km, a_km), _dot(b_km, b_km), _dot(a_km, b_km)
    lower_squared = np.minimum(a_squared, b_squared)
    dips = (product < lower_squared) & (length_squared > 0.0)
    line_squared = cross_squared / np.where(dips, length_squared, 1.0)
    lowest: FloatArray = np.sqrt(np.where(dips, line_squared, lower_squared))
    return lowest


def in_sight(
    a_km: FloatArray,
    b_km: FloatArray,
    *,
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
    earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM,
) -> BoolArray:
    """Return whether the segment between two points stays at or above a grazing altitude.

    Parameters
    ----------
    a_km, b_km
        ``[…, xyz]`` from the Earth's centre, broadcast against each other.
    grazing_altitude_km
        Lowest altitude allowed.
    earth_radius_km
        As in `grazing_altitude_km`.

    Returns
    -------
    BoolArray
        ``[…]``; False where a point is NaN.
    """
    return _lowest_km(a_km, b_km) >= earth_radius_km + grazing_altitude_km


def maximum_range_km(
    altitude_a_km: float,
    altitude_b_km: float | None = None,
    *,
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
    earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM,
) -> float:
    """Return the longest link between two altitudes that clears a grazing altitude.

    Parameters
    ----------
    altitude_a_km, altitude_b_km
        Altitudes of the ends; the second is the first's when left out.
    grazing_altitude_km, earth_radius_km
        As in `in_sight`.

    Raises
    ------
    ValueError
        If an end lies below the grazing altitude.

    Notes
    -----
    Each end is √((R + h)² − (R + h_g)²) from the point where the link grazes: Pythagoras.
    """
    altitude_b_km = altitude_a_km if altitude_b_km is None else altitude_b_km
    if min(altitude_a_km, altitude_b_km) < grazing_altitude_km:
        raise ValueError(
            f"altitude: {min(altitude_a_km, altitude_b_km):g} km is below the grazing altitude {grazing_altitude_km:g}"
        )
    grazing = earth_radius_km + grazing_altitude_km
    return sum(math.sqrt((earth_radius_km + altitude) ** 2 - grazing**2) for altitude in (altitude_a_km, altitude_b_km))


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the inner product over the last axis, in an order that does not depend on which factor comes first."""
    product: FloatArray = a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]
    return product
