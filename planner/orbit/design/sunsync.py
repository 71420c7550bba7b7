"""Which inclination keeps an orbit's local time, and where its node must lie for it.

Mean local time, that of the mean Sun: a sun-synchronous node advances evenly, with it. Right ascensions are in the TEME
frame of the epoch.
"""

import math
from datetime import datetime
from typing import Final, Literal, get_args

from planner.constants import TROPICAL_YEAR_D, WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.orbit.design.shells import FULL_TURN_DEG, one_of, require, require_altitude
from planner.times import timescale, utc_julian_date

_DEG_PER_HOUR: Final = 15.0
_HOURS_PER_DAY: Final = 24.0
_MINUTES_PER_DAY: Final = 1440.0
_CORRECTIONS: Final = 10
"""Each gains more than two digits: the terms left out of the first order are 0.4 % of it."""

NodeTheory = Literal["j2", "sgp4"]


def sun_synchronous_inclination_deg(altitude_km: float, *, theory: NodeTheory = "j2") -> float:
    """Return the inclination at which the node of a circular orbit follows the mean Sun.

    Parameters
    ----------
    altitude_km
        Mean semi-major axis above the WGS72 equatorial radius.
    theory
        ``"j2"``: first order in J2, the published formula and the figure that mission descriptions quote; flown by
        SGP4, its local time wanders by 4 to 5 minutes a year at 500 to 650 km. ``"sgp4"``: with SGP4's own terms of
        J2² and J4, some 0.02° more, whose local time stays.

    Raises
    ------
    ValueError
        If the altitude is below 160 km, or so high that no inclination does it (5,974 km in first order).

    Notes
    -----
    First order: Vallado, Fundamentals of Astrodynamics and Applications, 4th ed., chapter 11, sun-synchronous orbits,
    ``cos i = −(2/3) Ω̇ a^(7/2) / (J2 R² √μ)``. SGP4: Hoots and Roehrich, Spacetrack Report No. 3, section 6, the
    secular rate of the node.
    """
    require_altitude(altitude_km)
    one_of("theory", theory, get_args(NodeTheory))
    axis = WGS72_RADIUS_KM + altitude_km
    oblateness = meanmotion.WGS72_J2 * (WGS72_RADIUS_KM / axis) ** 2
    hexadecapole = meanmotion.WGS72_J4 * (WGS72_RADIUS_KM / axis) ** 4
    # The Sun's mean advance in right ascension per radian of mean anomaly.
    sun_rate = 2.0 * math.pi / (TROPICAL_YEAR_D * _MINUTES_PER_DAY) / float(meanmotion.mean_motion_rad_min(axis))
    cosine = -sun_rate / (1.5 * oblateness)
    for _ in range(_CORRECTIONS if theory == "sgp4" else 0):
        squared = min(cosine * cosine, 1.0)
        second = 0.375 * oblateness**2 * (4.0 - 19.0 * squared)
        fourth = -0.9375 * hexadecapole * (3.0 - 7.0 * squared)
        cosine = -sun_rate / (1.5 * oblateness - second - fourth)
    if cosine < -1.0:
        raise ValueError(f"altitude_km: no orbit at {altitude_km} km is sun-synchronous; at most 5,974 km")
    return math.degrees(math.acos(cosine))


def raan_of_local_time_deg(ltan_h: float, epoch: datetime) -> float:
    """Return the right ascension (TEME of `epoch`) of a node that passes the equator at mean local time `ltan_h`.

    The mean Sun is used, not the true one: a sun-synchronous node advances evenly, with the mean Sun, so only the
    mean local time of a node stays constant; the local time under the true Sun swings by the equation of time, up to
    16 minutes, and would make the design depend on the season of the epoch. Sunlight itself is always computed from
    the true Sun. By the definition of Universal Time the mean Sun stands over longitude ``15 (12 − UT1)``, so the
    node lies over ``15 (ltan − UT1)``; Greenwich mean sidereal time turns that longitude into right ascension.

    Raises
    ------
    ValueError
        If `epoch` has no time zone.
    """
    sidereal_deg, ut1_h = sidereal_time(epoch)
    return (sidereal_deg + _DEG_PER_HOUR * (ltan_h - ut1_h)) % FULL_TURN_DEG


def sidereal_time(epoch: datetime) -> tuple[float, float]:
    """Return Greenwich mean sidereal time (IAU 1982, TEME's), degrees, and UT1, hours of the day, at `epoch`."""
    from skyfield.sgp4lib import theta_GMST1982

    utc_julian_date(epoch)  # refuses an epoch without a zone
    at = timescale().from_datetime(epoch)
    whole, fraction = at.whole, at.ut1_fraction
    sidereal_rad, _ = theta_GMST1982(whole, fraction)
    ut1_h = (whole + fraction + 0.5) % 1.0 * _HOURS_PER_DAY
    return math.degrees(float(sidereal_rad)), float(ut1_h)


def require_local_time(ltan_h: float) -> None:
    """Raise `ValueError` for an hour that no day has."""
    require("ltan_h", ltan_h, 0.0 <= ltan_h < _HOURS_PER_DAY, "at least 0 and below 24 hours")
