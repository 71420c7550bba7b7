"""How long is a circular orbit in shadow? Closed forms from the angle β between Sun and orbital plane.

A designer's first answer, and a check on the others: the Earth is a sphere here. `seasons` follows orbits of any shape
past the flattened Earth through the year, with β from the true Sun and the true node.
"""

from typing import Final, Literal, get_args

import numpy as np

from planner.arrays import FloatArray, lock
from planner.constants import ASTRONOMICAL_UNIT_KM, EARTH_EQUATORIAL_RADIUS_KM, EARTH_MU_KM3_S2, SUN_RADIUS_KM

Shadow = Literal["cylinder", "umbra", "penumbra"]
"""A point Sun at infinity; no light at all; not the full light. The closed forms' cones are those of the Sun at one
unit's distance, which the seasons change by 0.005°."""

_CONE_SINE: Final[dict[str, float]] = {
    "cylinder": 0.0,
    "umbra": -(SUN_RADIUS_KM - EARTH_EQUATORIAL_RADIUS_KM) / ASTRONOMICAL_UNIT_KM,
    "penumbra": (SUN_RADIUS_KM + EARTH_EQUATORIAL_RADIUS_KM) / ASTRONOMICAL_UNIT_KM,
}


def eclipse_fraction_circular(
    altitude_km: float | FloatArray, beta_deg: float | FloatArray, *, shadow: Shadow = "umbra"
) -> FloatArray:
    """Return the part of a circular revolution that lies in the Earth's shadow.

    Parameters
    ----------
    altitude_km
        Above the WGS84 equatorial radius; broadcasts with `beta_deg`.
    beta_deg
        Sun above the orbital plane.
    shadow
        See `Shadow`.

    Returns
    -------
    FloatArray
        Broadcast shape, 0 to ½.

    Raises
    ------
    ValueError
        For an altitude that is not positive or an unknown shadow.

    Notes
    -----
    A tangent cone of half-angle α meets the sphere r at the angle ψ = asin(R/r) ± α from the shadow's axis, so
    f = acos(cos ψ/cos β)/π, and 0 where |β| ≥ ψ. With α = 0 this is the cylindrical shadow's
    f = acos(√(r² − R²)/(r cos β))/π (Vallado, Fundamentals of Astrodynamics and Applications, 4th ed., section 5.3).
    """
    altitude = np.asarray(altitude_km, dtype=np.float64)
    if not np.all(altitude > 0.0):
        raise ValueError(f"altitude_km: {altitude_km} must be positive")
    beta = np.radians(np.asarray(beta_deg, dtype=np.float64))
    half_width = _half_width(altitude, shadow)
    ratio = np.cos(half_width) / np.maximum(np.cos(beta), np.finfo(np.float64).tiny)
    return lock(np.arccos(np.minimum(ratio, 1.0)) / np.pi)


def beta_without_eclipse_deg(altitude_km: float, *, shadow: Shadow = "umbra") -> float:
    """Return the angle of the Sun above a circular orbit from which on there is no eclipse.

    Raises
    ------
    ValueError
        For an unknown shadow.
    """
    return float(np.degrees(_half_width(np.asarray(altitude_km, dtype=np.float64), shadow)))


def _half_width(altitude: FloatArray, shadow: Shadow) -> FloatArray:
    """Return ψ, the half-width of the shadow on the sphere of that altitude, radians."""
    if shadow not in get_args(Shadow):
        raise ValueError(f"shadow: {shadow!r} is not one of {get_args(Shadow)}")
    width = np.arcsin(EARTH_EQUATORIAL_RADIUS_KM / (EARTH_EQUATORIAL_RADIUS_KM + altitude))
    # Far enough out the umbra has come to its tip.
    half_width: FloatArray = np.maximum(width + np.arcsin(_CONE_SINE[shadow]), 0.0)
    return half_width


def longest_eclipse_min(altitude_km: float, *, lowest_beta_deg: float = 0.0, shadow: Shadow = "umbra") -> float:
    """Return the longest eclipse of a circular orbit whose Sun never comes closer to its plane than `lowest_beta_deg`.

    Raises
    ------
    ValueError
        For an altitude that is not positive or an unknown shadow.
    """
    return float(eclipse_fraction_circular(altitude_km, lowest_beta_deg, shadow=shadow)) * _period_min(altitude_km)


def _period_min(altitude_km: float) -> float:
    """Return the Keplerian period of a circular orbit, minutes."""
    radius = EARTH_EQUATORIAL_RADIUS_KM + altitude_km
    return float(2.0 * np.pi * np.sqrt(radius**3 / EARTH_MU_KM3_S2) / 60.0)
