"""What near-Earth SGP4 knows of a satellite before any time has passed: the constants of its motion.

The theory is that of Hoots and Roehrich, Spacetrack Report No. 3 (1980), section 6, with the repairs of Vallado,
Crawford, Hujsak and Kelso, AIAA 2006-6753 ("improved" mode, WGS72); symbols follow the report. Lengths are in Earth
radii, times in minutes, angles in radians. `kernel` flies with these constants.

A mean longitude grows to millions of radians where drag runs away or elements are decades old. So that it comes out as
that paper's code has it, products and sums here come in the order of its equations and every sine, cosine and power
from the C library: the constants agree with that code to the last bit.

States lie within 1e-4 m of that code's: 1.1e-5 m at most over all published catalogues that are tested, two weeks to
either side of their epochs. Only where drag has run away may it be more, since both codes are rounded to some 1e-14 of
the distance and of the mean longitude: 1.2e-4 m was seen of one made-up orbit at 6,775 km from the Earth's centre,
5e-3 m at 5 million km, and more beyond.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.constants import WGS72_MU_KM3_S2, WGS72_RADIUS_KM
from planner.orbit.elements import Fleet
from planner.orbit.meanmotion import WGS72_J2, WGS72_J4

WGS72_J3: Final = -2.538_81e-6
"""Third zonal harmonic inside SGP4. Vallado et al., AIAA 2006-6753, appendix C."""

DEEP_SPACE_PERIOD_MIN: Final = 225.0
"""From this period on, the Moon, the Sun and resonances are part of the theory. AIAA 2006-6753, section IV."""

SQRT_MU: Final = 60.0 / float(np.sqrt(WGS72_RADIUS_KM * WGS72_RADIUS_KM * WGS72_RADIUS_KM / WGS72_MU_KM3_S2))
"""Square root of the gravitational parameter, Earth radii^1.5 per minute (kₑ of the report)."""

ECCENTRIC: Final = 0.1
"""Up to this eccentricity a fixed number of steps solves Kepler's equation to the last digit; beyond, a loop does."""

_TILT: Final = WGS72_J3 / WGS72_J2
_DENSITY_TOP_KM: Final = 120.0
"""Height q₀ of the report's density function ((q₀ − s)/(r − s))⁴."""
_SIMPLE_PERIGEE_KM: Final = 220.0
"""Below this perigee the drag series is cut off after its first terms."""
_ROUND_ECCENTRICITY: Final = 1e-4
"""Below this the drag terms that divide by the eccentricity are left out."""
_POLAR_LIMIT: Final = 1.5e-12
"""Least divisor 1 + cos i, for orbits inclined by 180°."""

CONSTANTS: Final = (
    "epoch_jd", "epoch_fraction", "anomaly", "anomaly_rate", "perigee", "perigee_rate", "node", "node_rate",
    "node_drag", "motion", "axis", "eccentricity", "inclination", "sine", "cosine", "long_anomaly", "long_perigee",
    "c1", "bc4", "bc5", "d2", "d3", "d4", "t2", "t3", "t4", "t5", "eta", "swell", "anomaly_drag", "perigee_drag",
    "anomaly_sine",
)  # fmt: skip
"""Rows of the table of constants.

``anomaly``, ``perigee`` and ``node`` at the epoch with their secular rates, and what drag does to the node per minute²;
Brouwer's mean ``motion`` and ``axis``; the coefficients of the long-period terms; C₁, B*C₄, B*C₅, D₂ to D₄ and the
powers of time in the mean longitude; η, (1 + η cos M₀)³, the drag terms of anomaly and perigee and sin M₀.
"""


@dataclass(frozen=True, eq=False)
class _Orbit:
    """Elements, and what most constants are made of, ``[sat]``."""

    e: FloatArray
    sine: FloatArray
    cosine: FloatArray
    n: FloatArray
    axis: FloatArray
    bstar: FloatArray
    perigee: FloatArray
    anomaly: FloatArray

    @property
    def roundness(self) -> FloatArray:
        """1 − e²."""
        return 1.0 - self.e * self.e

    @property
    def square(self) -> FloatArray:
        """cos² i."""
        return self.cosine * self.cosine

    @property
    def bulge(self) -> FloatArray:
        """3 cos² i − 1."""
        return 5.0 * self.square - 1.0 - self.square - self.square


def is_near_earth(fleet: Fleet) -> BoolArray:
    """Return which satellites this theory covers: finite elements of an ellipse, period below 225 minutes."""
    e, kozai = fleet.eccentricity_fraction, fleet.mean_motion_rad_min
    columns = (
        fleet.epoch_jd, fleet.epoch_fraction, kozai, e, fleet.inclination_deg, fleet.raan_deg,
        fleet.argument_of_perigee_deg, fleet.mean_anomaly_deg, fleet.bstar_per_radius,
    )  # fmt: skip
    known = np.isfinite(columns).all(axis=0) & (e >= 0.0) & (e < 1.0) & (kozai > 0.0)
    with np.errstate(all="ignore"):
        motion = _brouwer(kozai, e, _cosine(np.radians(fleet.inclination_deg)))
        # An eccentricity near 1 can turn Kozai's motion into a negative one; that is left to sgp4 to refuse.
        return np.asarray(known & (motion > 0.0) & (2.0 * np.pi / motion < DEEP_SPACE_PERIOD_MIN))


def constants(fleet: Fleet, picked: IntArray) -> FloatArray:
    """Return the rows of `CONSTANTS`, ``[constant, picked]``, of satellites that `is_near_earth` accepts."""
    angles = (fleet.inclination_deg, fleet.argument_of_perigee_deg, fleet.mean_anomaly_deg, fleet.raan_deg)
    inclination, perigee, anomaly, node = (np.radians(column[picked]) for column in angles)
    e, bstar = fleet.eccentricity_fraction[picked], fleet.bstar_per_radius[picked]
    # Orbits deep inside the Earth can overflow; their states come out as not finite and are masked as such.
    with np.errstate(all="ignore"):
        sine, cosine = _sine(inclination), _cosine(inclination)
        motion = _brouwer(fleet.mean_motion_rad_min[picked], e, cosine)
        axis = _power(SQRT_MU / motion, 2.0 / 3.0)
        orbit = _Orbit(e, sine, cosine, motion, axis, bstar, perigee, anomaly)
        drag = _drag(orbit)
        found = {
            "epoch_jd": fleet.epoch_jd[picked], "epoch_fraction": fleet.epoch_fraction[picked], "anomaly": anomaly,
            "perigee": perigee, "node": node, "motion": motion, "axis": axis, "eccentricity": e,
            "inclination": inclination, "sine": sine, "cosine": cosine,
            **drag, **_rates(orbit, drag["c1"]), **_long_period(orbit),
        }  # fmt: skip
    return np.stack([found[name] for name in CONSTANTS])


def _brouwer(kozai: FloatArray, e: FloatArray, cosine: FloatArray) -> FloatArray:
    """Return Brouwer's mean motion from Kozai's: `meanmotion.brouwer_rad_min` to the last bit of the reference."""
    roundness = 1.0 - e * e
    strength = 0.75 * WGS72_J2 * (3.0 * (cosine * cosine) - 1.0) / (np.sqrt(roundness) * roundness)
    first_axis = _power(SQRT_MU / kozai, 2.0 / 3.0)
    first = strength / (first_axis * first_axis)
    axis = first_axis * (1.0 - first * first - first * (1.0 / 3.0 + 134.0 * first * first / 81.0))
    return np.asarray(kozai / (1.0 + strength / (axis * axis)))


def _rates(orbit: _Orbit, c1: FloatArray) -> dict[str, FloatArray]:
    """Return the secular rates that J2 (to second order) and J4 give to anomaly, perigee and node."""
    square, fourth = orbit.square, orbit.square * orbit.square
    latus = orbit.axis * orbit.roundness
    inverse = 1.0 / (latus * latus)
    root = np.sqrt(orbit.roundness)
    first = 1.5 * WGS72_J2 * inverse * orbit.n
    second = 0.5 * first * WGS72_J2 * inverse
    of_j4 = -0.46875 * WGS72_J4 * inverse * inverse * orbit.n
    node = -first * orbit.cosine
    return {
        "anomaly_rate": orbit.n
        + 0.5 * first * root * orbit.bulge
        + 0.0625 * second * root * (13.0 - 78.0 * square + 137.0 * fourth),
        "perigee_rate": -0.5 * first * (1.0 - 5.0 * square)
        + 0.0625 * second * (7.0 - 114.0 * square + 395.0 * fourth)
        + of_j4 * (3.0 - 36.0 * square + 49.0 * fourth),
        "node_rate": node + (0.5 * second * (4.0 - 19.0 * square) + 2.0 * of_j4 * (3.0 - 7.0 * square)) * orbit.cosine,
        "node_drag": 3.5 * orbit.roundness * node * c1,
    }


def _long_period(orbit: _Orbit) -> dict[str, FloatArray]:
    """Return the coefficients of the terms of J3 that follow the perigee."""
    polar = np.where(np.abs(orbit.cosine + 1.0) > _POLAR_LIMIT, 1.0 + orbit.cosine, _POLAR_LIMIT)
    return {
        "long_anomaly": -0.25 * _TILT * orbit.sine * (3.0 + 5.0 * orbit.cosine) / polar,
        "long_perigee": -0.5 * _TILT * orbit.sine,
    }


def _drag(orbit: _Orbit) -> dict[str, FloatArray]:
    """Return all that drag brings: C₁ to C₅, D₂ to D₄, the powers of time and the periodic terms at the epoch."""
    s, strength = _density(orbit)
    xi = 1.0 / (orbit.axis - s)
    eta = orbit.axis * orbit.e * xi
    steep = strength * _power(xi, 4.0)
    c1, bc4, bc5 = _drag_rates(orbit, xi, eta, steep)
    eccentric = orbit.e > _ROUND_ECCENTRICITY
    c3 = np.where(eccentric, -2.0 * steep * xi * _TILT * orbit.n * orbit.sine / orbit.e, 0.0)
    swell = 1.0 + eta * _cosine(orbit.anomaly)
    later = {
        "bc5": bc5, "eta": eta, "perigee_drag": orbit.bstar * c3 * _cosine(orbit.perigee),
        "anomaly_drag": np.where(eccentric, -(2.0 / 3.0) * steep * orbit.bstar / (orbit.e * eta), 0.0),
        **_drag_powers(orbit, s, xi, c1),
    }  # fmt: skip
    simple = orbit.axis * (1.0 - orbit.e) < _SIMPLE_PERIGEE_KM / WGS72_RADIUS_KM + 1.0
    return {
        "c1": c1, "bc4": bc4, "t2": 1.5 * c1, "swell": swell * swell * swell, "anomaly_sine": _sine(orbit.anomaly),
        **{name: np.where(simple, 0.0, value) for name, value in later.items()},
    }  # fmt: skip


def _density(orbit: _Orbit) -> tuple[FloatArray, FloatArray]:
    """Return s and (q₀ − s)⁴ of the density function; s comes down with a perigee below 156 km, to 20 km at least."""
    height_km = (orbit.axis * (1.0 - orbit.e) - 1.0) * WGS72_RADIUS_KM
    bottom_km = np.where(height_km < 98.0, 20.0, np.where(height_km < 156.0, height_km - 78.0, 78.0))
    depth = (_DENSITY_TOP_KM - bottom_km) / WGS72_RADIUS_KM
    return bottom_km / WGS72_RADIUS_KM + 1.0, depth * depth * depth * depth


def _drag_rates(
    orbit: _Orbit, xi: FloatArray, eta: FloatArray, steep: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return C₁, B*C₄ and B*C₅."""
    e, n, axis, bulge, roundness = orbit.e, orbit.n, orbit.axis, orbit.bulge, orbit.roundness
    square, mixed = eta * eta, e * eta
    width = np.abs(1.0 - square)
    steeper = steep / _power(width, 3.5)
    round_part = axis * (1.0 + 1.5 * square + mixed * (4.0 + square))
    oblate_part = 0.375 * WGS72_J2 * xi / width * bulge * (8.0 + 3.0 * square * (8.0 + square))
    c2 = steeper * n * (round_part + oblate_part)
    symmetric = -3.0 * bulge * (1.0 - 2.0 * mixed + square * (1.5 - 0.5 * mixed))
    turning = 0.75 * (1.0 - orbit.square) * (2.0 * square - mixed * (1.0 + square)) * _cosine(2.0 * orbit.perigee)
    round_part = eta * (2.0 + 0.5 * square) + e * (0.5 + 2.0 * square)
    oblate_part = WGS72_J2 * xi / (axis * width) * (symmetric + turning)
    c4 = 2.0 * n * steeper * axis * roundness * (round_part - oblate_part)
    c5 = 2.0 * steeper * axis * roundness * (1.0 + 2.75 * (square + mixed) + mixed * square)
    return orbit.bstar * c2, orbit.bstar * c4, orbit.bstar * c5


def _drag_powers(orbit: _Orbit, s: FloatArray, xi: FloatArray, c1: FloatArray) -> dict[str, FloatArray]:
    """Return D₂ to D₄ and the coefficients of the third to fifth power of time in the mean longitude."""
    axis, square = orbit.axis, c1 * c1
    d2 = 4.0 * axis * xi * square
    third = d2 * xi * c1 / 3.0
    d3 = (17.0 * axis + s) * third
    d4 = 0.5 * third * axis * xi * (221.0 * axis + 31.0 * s) * c1
    return {
        "d2": d2,
        "d3": d3,
        "d4": d4,
        "t3": d2 + 2.0 * square,
        "t4": 0.25 * (3.0 * d3 + c1 * (12.0 * d2 + 10.0 * square)),
        "t5": 0.2 * (3.0 * d4 + 12.0 * c1 * d3 + 6.0 * d2 * d2 + 15.0 * square * (2.0 * d2 + square)),
    }


def _sine(angles: FloatArray) -> FloatArray:
    from planner.orbit.sgp4.trigonometry import library_sine

    return library_sine(np.array(angles))


def _cosine(angles: FloatArray) -> FloatArray:
    from planner.orbit.sgp4.trigonometry import library_cosine

    return library_cosine(np.array(angles))


def _power(bases: FloatArray, exponent: float) -> FloatArray:
    from planner.orbit.sgp4.trigonometry import library_power

    return library_power(np.array(bases), exponent)
