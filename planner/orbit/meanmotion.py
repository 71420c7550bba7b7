"""How fast an orbit of a given size turns, in the mean motion that element sets carry.

SGP4 takes Kozai's mean motion, as TLE and OMM carry it, and turns it into Brouwer's before it does anything else; the
orbit's size follows from Brouwer's. The two differ by about one part in a thousand, two to five kilometres in low
orbit, so a designed altitude must be converted or the fleet flies beside it. Scalars and arrays broadcast.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import FloatArray
from planner.constants import WGS72_MU_KM3_S2, WGS72_RADIUS_KM

WGS72_J2: Final = 1.082_616e-3
"""Second zonal harmonic inside SGP4. Vallado et al., AIAA 2006-6753, appendix C."""

WGS72_J4: Final = -1.655_97e-6
"""Fourth zonal harmonic inside SGP4. Vallado et al., AIAA 2006-6753, appendix C."""

_SECONDS_PER_MINUTE: Final = 60.0
_STEPS: Final = 12
"""Each step gains about three digits, because the correction is of order J2: four reach the last bit, twelve are
safe for the most eccentric orbit that SGP4 accepts."""


def mean_motion_rad_min(semi_major_axis_km: ArrayLike) -> FloatArray:
    """Return the Brouwer mean motion of an orbit of this mean semi-major axis (Kepler's third law, WGS72)."""
    axis = np.asarray(semi_major_axis_km, dtype=np.float64)
    return np.asarray(np.sqrt(WGS72_MU_KM3_S2 / axis**3) * _SECONDS_PER_MINUTE)


def semi_major_axis_km(brouwer_rad_min: ArrayLike) -> FloatArray:
    """Return the mean semi-major axis of this Brouwer mean motion; the inverse of `mean_motion_rad_min`."""
    rate = np.asarray(brouwer_rad_min, dtype=np.float64) / _SECONDS_PER_MINUTE
    return np.asarray((WGS72_MU_KM3_S2 / rate**2) ** (1.0 / 3.0))


def brouwer_rad_min(
    kozai_rad_min: ArrayLike, eccentricity_fraction: ArrayLike, inclination_deg: ArrayLike
) -> FloatArray:
    """Return Brouwer's mean motion from Kozai's, exactly as SGP4 does on initialisation.

    Parameters
    ----------
    kozai_rad_min
        Mean motion of the element set, radians per minute.
    eccentricity_fraction, inclination_deg
        Mean eccentricity and inclination.

    Returns
    -------
    FloatArray
        Radians per minute, of the broadcast shape.

    Notes
    -----
    Hoots and Roehrich, Spacetrack Report No. 3 (1980), section 6, the equations for a₁, δ₁, a₀, δ₀ and n₀″.
    """
    kozai = np.asarray(kozai_rad_min, dtype=np.float64)
    return np.asarray(kozai / (1.0 + _correction(kozai, eccentricity_fraction, inclination_deg)))


def kozai_rad_min(
    brouwer_rad_min: ArrayLike, eccentricity_fraction: ArrayLike, inclination_deg: ArrayLike
) -> FloatArray:
    """Return the Kozai mean motion that SGP4 turns into this Brouwer mean motion; inverse of `brouwer_rad_min`."""
    # SGP4 computes n″ = n / (1 + δ(n)). Given n″, the n sought is the fixed point of n = n″ (1 + δ(n)); the map
    # contracts, because dδ/dn·n″ = (4/3) δ is of order J2.
    brouwer = np.asarray(brouwer_rad_min, dtype=np.float64)
    kozai = brouwer
    for _ in range(_STEPS):
        kozai = brouwer * (1.0 + _correction(kozai, eccentricity_fraction, inclination_deg))
    return np.asarray(kozai)


def _correction(kozai: FloatArray, eccentricity: ArrayLike, inclination_deg: ArrayLike) -> FloatArray:
    """Return δ₀ of Spacetrack Report No. 3, dimensionless; lengths in Earth radii."""
    squared_cosine = np.cos(np.radians(inclination_deg)) ** 2
    shape = (1.0 - np.asarray(eccentricity, dtype=np.float64) ** 2) ** 1.5
    # (3/2) k₂ with k₂ = J2/2.
    strength = 0.75 * WGS72_J2 * (3.0 * squared_cosine - 1.0) / shape
    first_axis = semi_major_axis_km(kozai) / WGS72_RADIUS_KM
    first = strength / first_axis**2
    axis = first_axis * (1.0 - first * (1.0 / 3.0 + first * (1.0 + 134.0 / 81.0 * first)))
    return np.asarray(strength / axis**2)
