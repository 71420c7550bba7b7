"""How long does a satellite stay up without thrust, and how does it come down? Circular orbits under drag.

The orbit stays circular and shrinks by da/dt = −ρ·√(μ·a)/B, with the ballistic coefficient B = m/(C_D·A). Eccentric
orbits are refused: their drag is that of the perigee, and the mean altitude would flatter them.

How far to trust it: the density is off by 15 to 20 % (one standard deviation) and C_D by as much, so that a lifetime
is good to a factor of about 1.5 at a given activity. The activity of the next cycle is unknown, and an orbit's
lifetimes at low and high activity differ ten- to sixtyfold: up to three years both can happen, beyond that the mean is
nearer. Give the range, not one number. Leading axes broadcast.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import FloatArray, floats, lock
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_MU_KM3_S2, SECONDS_PER_DAY, TROPICAL_YEAR_D
from planner.environment.atmosphere import Atmosphere, drag_density_kg_m3
from planner.environment.checks import require_positive, require_where

REENTRY_ALTITUDE_KM: Final = 120.0
"""Where a decay ends. Planner default: from 160 km down to it a satellite takes hours, from there on minutes."""

GREATEST_SWING_KM: Final = 20.0
"""Most that an orbit may rise and fall, a·e, and still count as circular: at scale heights from 50 km on its mean drag
is I₀(a·e/H), within 4 % of the circle's."""

SECONDS_PER_YEAR: Final = TROPICAL_YEAR_D * SECONDS_PER_DAY
_M_PER_KM: Final = 1e3
_POINTS: Final = 8
"""Gauss–Legendre points between two rows of the density table. Above an oblate Earth a satellite passes the rows a
little before or after its mean altitude does, so that the slope changes within a piece: up to 5e-5 of a lifetime."""


@dataclass(frozen=True, eq=False)
class DecayHistory:
    """How one satellite comes down.

    Attributes
    ----------
    elapsed_yr
        ``[sample]``, from 0 to the lifetime.
    altitude_km
        ``[sample]``, evenly spaced from the start to re-entry.
    """

    elapsed_yr: FloatArray
    altitude_km: FloatArray

    def altitude_after_km(self, elapsed_yr: ArrayLike) -> FloatArray:
        """Return the altitude after each time, ``[…]``; NaN once it has re-entered.

        Raises
        ------
        ValueError
            For a time before the start.
        """
        elapsed = floats(elapsed_yr)
        require_where("elapsed_yr", elapsed, elapsed >= 0.0, "be 0 or more")
        return lock(np.interp(elapsed, self.elapsed_yr, self.altitude_km, right=np.nan))


def ballistic_coefficient_kg_m2(
    mass_kg: ArrayLike, *, drag_area_m2: ArrayLike, drag_coefficient: ArrayLike
) -> FloatArray:
    """Return m/(C_D·A), ``[…]``.

    Parameters
    ----------
    mass_kg
        Of the satellite.
    drag_area_m2
        Cross-section across the motion, averaged over a revolution; a quarter of the whole surface for a convex body
        that tumbles (Cauchy), so half its one-sided area for a thin panel.
    drag_coefficient
        About 2.2 for a compact satellite.

    Raises
    ------
    ValueError
        For anything that is not finite and above 0.
    """
    mass, area = require_positive("mass_kg", mass_kg), require_positive("drag_area_m2", drag_area_m2)
    return lock(mass / (require_positive("drag_coefficient", drag_coefficient) * area))


def decay_rate_km_d(
    altitude_km: ArrayLike,
    *,
    ballistic_coefficient_kg_m2: ArrayLike,
    atmosphere: Atmosphere,
    inclination_deg: ArrayLike = 90.0,
) -> FloatArray:
    """Return how fast a circular orbit sinks, km per day, positive downwards, ``[…]``.

    Parameters
    ----------
    altitude_km
        ``[…]``, mean semi-major axis above the equatorial radius, as in `Fleet.altitude_km`.
    ballistic_coefficient_kg_m2
        m/(C_D·A), broadcasting with the altitude.
    atmosphere
        The air.
    inclination_deg
        See `drag_density_kg_m3`; the default is right to 2 % for sun-synchronous orbits.

    Raises
    ------
    ValueError
        For a value out of range; the message says what is allowed.

    Notes
    -----
    da/dt = −ρ·√(μ·a)/B: the drag ½ρv²/B along the track in Gauss's equation for a circle, da/dt = 2·a_t/n (Vallado,
    Fundamentals of Astrodynamics and Applications, 4th ed., chapter 9).
    """
    coefficient = require_positive("ballistic_coefficient_kg_m2", ballistic_coefficient_kg_m2)
    return lock(_sinking_km_s(floats(altitude_km), atmosphere, floats(inclination_deg)) / coefficient * SECONDS_PER_DAY)


def lifetime_yr(
    altitude_km: ArrayLike,
    *,
    ballistic_coefficient_kg_m2: ArrayLike,
    atmosphere: Atmosphere,
    inclination_deg: ArrayLike = 90.0,
    eccentricity_fraction: ArrayLike = 0.0,
    reentry_altitude_km: float = REENTRY_ALTITUDE_KM,
) -> FloatArray:
    """Return how long a circular orbit lasts without thrust, ``[…]``.

    Parameters
    ----------
    altitude_km, ballistic_coefficient_kg_m2, atmosphere, inclination_deg
        See `decay_rate_km_d`.
    eccentricity_fraction
        Only to be refused where the orbit is not circular, that is, rises and falls by more than `GREATEST_SWING_KM`.
    reentry_altitude_km
        Where it ends.

    Returns
    -------
    FloatArray
        Years of constant solar activity; proportional to the ballistic coefficient.

    Raises
    ------
    ValueError
        For a value out of range, a start below the end, or an eccentric orbit.

    Notes
    -----
    t = B·∫ da/(ρ·√(μ·a)) from the end to the start, by Gauss–Legendre quadrature between the rows of the density table.
    """
    coefficient = require_positive("ballistic_coefficient_kg_m2", ballistic_coefficient_kg_m2)
    start = atmosphere.within("altitude_km", altitude_km)
    end = float(atmosphere.within("reentry_altitude_km", reentry_altitude_km))
    require_where("altitude_km", start, start >= end, f"not be below the re-entry altitude of {end:g} km")
    _require_circular(start, floats(eccentricity_fraction))
    start, inclination = np.broadcast_arrays(start, floats(inclination_deg))
    # Each piece between two rows of the table, cut to what lies between the end and the start: [..., piece, point].
    rows = atmosphere.altitude_km
    bottom = np.clip(rows[:-1], end, start[..., None])
    half = (np.clip(rows[1:], end, start[..., None]) - bottom) / 2.0
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    altitude = bottom[..., None] + half[..., None] * (1.0 + nodes)
    sinking = _sinking_km_s(altitude, atmosphere, inclination[..., None, None])
    seconds = (half[..., None] * weights / sinking).sum(axis=(-2, -1))
    return lock(coefficient * seconds / SECONDS_PER_YEAR)


def decay_history(
    altitude_km: float,
    *,
    ballistic_coefficient_kg_m2: float,
    atmosphere: Atmosphere,
    inclination_deg: float = 90.0,
    reentry_altitude_km: float = REENTRY_ALTITUDE_KM,
    samples: int = 200,
) -> DecayHistory:
    """Return the altitude of one satellite from its start to re-entry.

    Parameters
    ----------
    altitude_km, ballistic_coefficient_kg_m2, atmosphere, inclination_deg, reentry_altitude_km
        See `lifetime_yr`.
    samples
        How many, 2 or more.

    Raises
    ------
    ValueError
        For a value out of range, or a start below the end.
    """
    if samples < 2:
        raise ValueError(f"samples: {samples} must be 2 or more")
    altitude = np.linspace(altitude_km, reentry_altitude_km, samples)
    left = lifetime_yr(
        altitude,
        ballistic_coefficient_kg_m2=ballistic_coefficient_kg_m2,
        atmosphere=atmosphere,
        inclination_deg=inclination_deg,
        reentry_altitude_km=reentry_altitude_km,
    )
    return DecayHistory(floats(left[0] - left), floats(altitude))


def _require_circular(altitude: FloatArray, eccentricity: FloatArray) -> None:
    swing = (EARTH_EQUATORIAL_RADIUS_KM + altitude) * eccentricity
    allowed = f"not make the orbit rise and fall by more than {GREATEST_SWING_KM:g} km; no eccentric decay is reckoned"
    round_enough = (eccentricity >= 0.0) & (swing <= GREATEST_SWING_KM)
    require_where("eccentricity_fraction", np.broadcast_to(eccentricity, swing.shape), round_enough, allowed)


def _sinking_km_s(altitude: FloatArray, atmosphere: Atmosphere, inclination: FloatArray) -> FloatArray:
    """Return B·|da/dt|, km/s for 1 kg/m², ``[…]``."""
    density = drag_density_kg_m3(altitude, atmosphere=atmosphere, inclination_deg=inclination)
    axis = EARTH_EQUATORIAL_RADIUS_KM + altitude
    sinking: FloatArray = density * _M_PER_KM * np.sqrt(EARTH_MU_KM3_S2 * axis)
    return sinking
