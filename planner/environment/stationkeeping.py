"""What does it cost to stay, and to leave? Velocity changes a year against drag and the Sun's pull, and to deorbit.

Circular orbits; burns are impulsive and lose nothing. Electric thrust that spirals needs the speed difference between
the two circles instead of Hohmann's, which in low orbit is the same to a part in a thousand for small changes.
Leading axes broadcast.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import FloatArray, floats, lock
from planner.constants import (
    EARTH_EQUATORIAL_RADIUS_KM,
    EARTH_J2,
    EARTH_MU_KM3_S2,
    STANDARD_GRAVITY_M_S2,
)
from planner.environment.atmosphere import Atmosphere, drag_density_kg_m3
from planner.environment.checks import require_positive, require_where
from planner.environment.decay import SECONDS_PER_YEAR

OBLIQUITY_DEG: Final = 23.439_279
"""Obliquity of the ecliptic at J2000 (84,381.406″). IAU 2006 precession, Capitaine et al. 2003,
doi:10.1051/0004-6361:20031539."""

SUN_RATE_RAD_S: Final = 2.0 * np.pi / SECONDS_PER_YEAR
"""Rate of the mean Sun in right ascension. Its square is the Sun's μ over its mean distance cubed, to 4e-5."""

_M_PER_KM: Final = 1e3
_NOON_H, _DEG_PER_H = 12.0, 15.0


def drag_delta_v_m_s_yr(
    altitude_km: ArrayLike,
    *,
    ballistic_coefficient_kg_m2: ArrayLike,
    atmosphere: Atmosphere,
    inclination_deg: ArrayLike = 90.0,
) -> FloatArray:
    """Return the velocity change a year that makes up for drag, ``[…]``.

    Parameters
    ----------
    altitude_km
        ``[…]``, mean semi-major axis above the equatorial radius, as in `Fleet.altitude_km`.
    ballistic_coefficient_kg_m2
        m/(C_D·A), broadcasting with the altitude.
    atmosphere
        The air.
    inclination_deg
        See `planner.environment.drag_density_kg_m3`.

    Raises
    ------
    ValueError
        For a value out of range; the message says what is allowed.

    Notes
    -----
    The drag ½ρv²/B for a year, v² = μ/a. Raising the orbit by what it lost, Δv = n·Δa/2, comes to the same.
    """
    coefficient = require_positive("ballistic_coefficient_kg_m2", ballistic_coefficient_kg_m2)
    density = drag_density_kg_m3(altitude_km, atmosphere=atmosphere, inclination_deg=inclination_deg)
    speed_m_s = _M_PER_KM * _speed_km_s(floats(altitude_km))
    return lock(0.5 * density * speed_m_s**2 / coefficient * SECONDS_PER_YEAR)


def inclination_drift_deg_yr(altitude_km: ArrayLike, *, ltan_h: ArrayLike) -> FloatArray:
    """Return how fast the Sun's pull tilts a sun-synchronous orbit, degrees per year, ``[…]``.

    Parameters
    ----------
    altitude_km
        ``[…]``, semi-major axis above the equatorial radius.
    ltan_h
        Mean local time of the ascending node, broadcasting with the altitude.

    Returns
    -------
    FloatArray
        Positive where the inclination grows. Zero at 6, 12, 18 and 24 h, greatest midway between them.

    Raises
    ------
    ValueError
        For a local time outside 0 to 24 h, or an altitude at which no inclination is sun-synchronous.

    Notes
    -----
    The Sun's tide on a ring of radius a has the potential −¾·n_s²·a²·(w·s)² (w the orbit's normal, s the direction of
    the Sun). Lagrange's equation with it, averaged over a year in which the node keeps its distance θ = 15°·(LTAN − 12)
    from the mean Sun, leaves

        di/dt = (3/16)·(n_s²/n)·sin i·(1 + cos ε)²·sin 2θ

    (after Kozai, Smithsonian Astrophysical Observatory Special Report 349, 1973). A fixed node would see no such drift:
    it is the resonance with the year that builds it up. The Moon, which has none, adds only what comes and goes. An
    orbit that drifts loses its local time too, and with it changes θ: near 6 and 18 h slowly.
    """
    altitude = require_positive("altitude_km", altitude_km)
    hours = floats(ltan_h)
    require_where("ltan_h", hours, (hours >= 0.0) & (hours <= 24.0), "lie between 0 and 24")
    axis = EARTH_EQUATORIAL_RADIUS_KM + altitude
    motion = np.sqrt(EARTH_MU_KM3_S2 / axis**3)
    cosine = -SUN_RATE_RAD_S / (1.5 * EARTH_J2 * (EARTH_EQUATORIAL_RADIUS_KM / axis) ** 2 * motion)
    require_where("altitude_km", altitude, cosine >= -1.0, "be lower: no inclination is sun-synchronous there")
    ring = (1.0 + np.cos(np.radians(OBLIQUITY_DEG))) ** 2 * np.sqrt(1.0 - cosine**2)
    double = 2.0 * np.radians(_DEG_PER_H * (hours - _NOON_H))
    rate = 3.0 / 16.0 * SUN_RATE_RAD_S**2 / motion * ring * np.sin(double)
    return lock(np.degrees(rate * SECONDS_PER_YEAR))


def inclination_delta_v_m_s_yr(altitude_km: ArrayLike, *, ltan_h: ArrayLike) -> FloatArray:
    """Return the velocity change a year that holds a sun-synchronous orbit's inclination against the Sun, ``[…]``.

    Parameters
    ----------
    altitude_km, ltan_h
        See `inclination_drift_deg_yr`.

    Raises
    ------
    ValueError
        For a value out of range.

    Notes
    -----
    Δv = 2·v·sin(Δi/2), burnt across the track at the nodes.
    """
    drift = np.abs(np.radians(inclination_drift_deg_yr(altitude_km, ltan_h=ltan_h)))
    return lock(2.0 * _M_PER_KM * _speed_km_s(floats(altitude_km)) * np.sin(drift / 2.0))


def deorbit_delta_v_m_s(altitude_km: ArrayLike, *, perigee_km: ArrayLike) -> FloatArray:
    """Return the one burn that lowers the perigee of a circular orbit, ``[…]``.

    Parameters
    ----------
    altitude_km
        ``[…]``, of the circle, above the equatorial radius.
    perigee_km
        Altitude to come down to; 50 km or less re-enters at once.

    Raises
    ------
    ValueError
        For an altitude that is not above 0, or a perigee below 0 or above the circle.

    Notes
    -----
    Hohmann's first half: Δv = √(μ/r)·(1 − √(2·r_p/(r + r_p))) (Vallado, 4th ed., section 6.3).
    """
    altitude, perigee = require_positive("altitude_km", altitude_km), floats(perigee_km)
    altitude, perigee = np.broadcast_arrays(altitude, perigee)
    require_where(
        "perigee_km", perigee, (perigee >= 0.0) & (perigee <= altitude), "lie between 0 and the orbit's altitude"
    )
    circle, lowest = EARTH_EQUATORIAL_RADIUS_KM + altitude, EARTH_EQUATORIAL_RADIUS_KM + perigee
    return lock(_M_PER_KM * _speed_km_s(altitude) * (1.0 - np.sqrt(2.0 * lowest / (circle + lowest))))


def propellant_kg(mass_kg: ArrayLike, *, delta_v_m_s: ArrayLike, specific_impulse_s: ArrayLike) -> FloatArray:
    """Return the propellant that a velocity change burns, ``[…]``.

    Parameters
    ----------
    mass_kg
        Of the satellite with its propellant, before.
    delta_v_m_s
        The change; of several years or several kinds, their sum.
    specific_impulse_s
        Of the thruster: about 220 s monopropellant hydrazine, 1,500 to 2,500 s Hall thrusters.

    Raises
    ------
    ValueError
        For a mass or impulse that is not above 0, or a negative change.

    Notes
    -----
    Tsiolkovsky: m·(1 − e^(−Δv/(g₀·I_sp))).
    """
    mass = require_positive("mass_kg", mass_kg)
    exhaust_m_s = STANDARD_GRAVITY_M_S2 * require_positive("specific_impulse_s", specific_impulse_s)
    change = floats(delta_v_m_s)
    require_where("delta_v_m_s", change, np.isfinite(change) & (change >= 0.0), "be finite and 0 or more")
    return lock(-mass * np.expm1(-change / exhaust_m_s))


def _speed_km_s(altitude: FloatArray) -> FloatArray:
    """Return the speed of a circular orbit."""
    speed: FloatArray = np.sqrt(EARTH_MU_KM3_S2 / (EARTH_EQUATORIAL_RADIUS_KM + altitude))
    return speed
