"""How fast the oblate Earth turns a circular orbit: the secular rates of SGP4, near the Earth.

Rates are those of the mean elements, in the frame that SGP4 flies in (TEME); above a period of 225 minutes SGP4 adds
those of the Moon and the Sun, which are left out here. Scalars and arrays broadcast.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import FloatArray, floats
from planner.constants import WGS72_RADIUS_KM
from planner.orbit import meanmotion

_DEG_D_PER_RAD_MIN: Final = math.degrees(1440.0)


@dataclass(frozen=True)
class SecularRates:
    """Rates of a circular orbit, of the shape of what was asked for.

    Attributes
    ----------
    node_deg_d
        Rate of the right ascension of the ascending node; negative where the orbit is prograde.
    latitude_argument_deg_d
        Rate of the angle from the node to the satellite: a turn of it is the nodal (draconic) period.
    """

    node_deg_d: FloatArray
    latitude_argument_deg_d: FloatArray


def secular_rates(altitude_km: ArrayLike, inclination_deg: ArrayLike) -> SecularRates:
    """Return the secular rates of circular orbits, first order in J4 and second in J2, exactly as SGP4 has them.

    Parameters
    ----------
    altitude_km
        Mean altitude above the WGS72 equatorial radius.
    inclination_deg
        Mean inclination.

    Notes
    -----
    Hoots and Roehrich, Spacetrack Report No. 3 (1980), section 6: the secular rates of M, ω and Ω, with e = 0; the
    argument of latitude is M + ω.
    """
    axis = WGS72_RADIUS_KM + np.asarray(altitude_km, dtype=np.float64)
    mean_motion = meanmotion.mean_motion_rad_min(axis) * _DEG_D_PER_RAD_MIN
    cosine = np.cos(np.radians(inclination_deg))
    squared, fourth = cosine**2, cosine**4
    shape = (WGS72_RADIUS_KM / axis) ** 2
    first = 1.5 * meanmotion.WGS72_J2 * shape
    second = 0.5 * meanmotion.WGS72_J2 * shape * first
    # 15/32 of J4; SGP4 carries the sign of J4 itself.
    hexadecapole = -0.468_75 * meanmotion.WGS72_J4 * shape**2
    node = cosine * (-first + 0.5 * second * (4.0 - 19.0 * squared) + 2.0 * hexadecapole * (3.0 - 7.0 * squared))
    anomaly = 0.5 * first * (3.0 * squared - 1.0) + 0.0625 * second * (13.0 - 78.0 * squared + 137.0 * fourth)
    perigee = (
        0.5 * first * (5.0 * squared - 1.0)
        + 0.0625 * second * (7.0 - 114.0 * squared + 395.0 * fourth)
        + hexadecapole * (3.0 - 36.0 * squared + 49.0 * fourth)
    )
    return SecularRates(floats(mean_motion * node), floats(mean_motion * (1.0 + anomaly + perigee)))
