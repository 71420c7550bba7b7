"""How long and how often is a circular orbit in shadow? Closed forms from the angle β between Sun and orbital plane.

These answer over a year what `sunlight` answers state by state: a designer's view, and a check on it. β always comes
from the true Sun and the true node (`beta_of_plane_deg`), never from a constant.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from planner.arrays import FloatArray, floats, lock, require_shape
from planner.constants import (
    ASTRONOMICAL_UNIT_KM,
    EARTH_EQUATORIAL_RADIUS_KM,
    EARTH_MU_KM3_S2,
    SECONDS_PER_DAY,
    SUN_RADIUS_KM,
)
from planner.environment.sky import sun_positions_km
from planner.times import TimeGrid

Shadow = Literal["cylinder", "umbra", "penumbra"]
"""A point Sun at infinity; no light at all; not the full light. The cones are those of the Sun at one unit's distance,
which the seasons change by 0.005°."""

_CONE_SINE: Final[dict[str, float]] = {
    "cylinder": 0.0,
    "umbra": -(SUN_RADIUS_KM - EARTH_EQUATORIAL_RADIUS_KM) / ASTRONOMICAL_UNIT_KM,
    "penumbra": (SUN_RADIUS_KM + EARTH_EQUATORIAL_RADIUS_KM) / ASTRONOMICAL_UNIT_KM,
}


@dataclass(frozen=True, eq=False)
class PlaneSunlight:
    """Sunlight of one circular orbit on a time grid.

    Attributes
    ----------
    times
        The grid.
    beta_deg
        ``[time]``, Sun above the orbital plane.
    eclipse_fraction
        ``[time]``, part of a revolution in shadow.
    eclipse_min
        ``[time]``, shadow of one revolution, minutes.
    """

    times: TimeGrid
    beta_deg: FloatArray
    eclipse_fraction: FloatArray
    eclipse_min: FloatArray

    @property
    def sunlit_fraction(self) -> float:
        """Mean part of the time in light over the grid."""
        return float(1.0 - self.eclipse_fraction.mean())

    @property
    def longest_eclipse_min(self) -> float:
        """Longest shadow of one revolution on the grid."""
        return float(self.eclipse_min.max())

    @property
    def eclipse_days_d(self) -> float:
        """Part of the grid during which revolutions meet the shadow at all, in days."""
        return float(np.count_nonzero(self.eclipse_fraction > 0.0) * self.times.step_s / SECONDS_PER_DAY)


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


def beta_of_plane_deg(times: TimeGrid, *, inclination_deg: float, raan_deg: FloatArray) -> FloatArray:
    """Return the angle of the true Sun above an orbital plane given by its elements.

    Parameters
    ----------
    times
        ``[time]``.
    inclination_deg, raan_deg
        Of the plane in the TEME frame of each instant; `raan_deg` is ``[time]``.

    Returns
    -------
    FloatArray
        ``[time]``, −90 to 90, positive on the side of the orbit's angular momentum.

    Raises
    ------
    ValueError
        If `raan_deg` is not ``[time]``.
    """
    from skyfield.sgp4lib import TEME

    require_shape("raan_deg", raan_deg, (times.count,))
    node, inclination = np.radians(raan_deg), np.radians(inclination_deg)
    level = np.full(times.count, np.cos(inclination))
    normal = np.stack([np.sin(inclination) * np.sin(node), -np.sin(inclination) * np.cos(node), level], axis=1)
    sun = sun_positions_km(times)
    towards = sun / np.linalg.norm(sun, axis=1)[:, None]
    rotation = np.moveaxis(np.asarray(TEME.rotation_at(times.skyfield)), 2, 0)  # GCRS → TEME, [time, 3, 3]
    sine = np.einsum("ti,tij,tj->t", normal, rotation, towards)
    return lock(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))


def plane_sunlight(
    times: TimeGrid,
    *,
    altitude_km: float,
    inclination_deg: float,
    raan_deg: float,
    raan_rate_deg_d: float,
    shadow: Shadow = "umbra",
) -> PlaneSunlight:
    """Return the sunlight of a circular orbit whose node moves evenly.

    Parameters
    ----------
    times
        ``[time]``; a year at one day a step answers the designer's questions.
    altitude_km, inclination_deg
        The orbit.
    raan_deg, raan_rate_deg_d
        Right ascension of the node at the first instant (TEME) and its rate; 360/365.24219 for a sun-synchronous one.
    shadow
        See `Shadow`.

    Raises
    ------
    ValueError
        For an altitude that is not positive or an unknown shadow.
    """
    node = raan_deg + raan_rate_deg_d * times.offsets_s / SECONDS_PER_DAY
    beta = beta_of_plane_deg(times, inclination_deg=inclination_deg, raan_deg=node)
    fraction = eclipse_fraction_circular(altitude_km, beta, shadow=shadow)
    return PlaneSunlight(times, beta, fraction, floats(fraction * _period_min(altitude_km)))
