"""Which constellation to fly: Walker shells and sun-synchronous shells as fleets of mean elements.

A design altitude is the mean (Brouwer) semi-major axis above the WGS72 equatorial radius; the mean motion is stored in
Kozai's form so that SGP4 flies exactly that axis. Orbits are circular. Drag is nil (B* = 0): a designed satellite is
taken to hold its station with its own thrusters. Right ascensions are in the TEME frame of the epoch. The satellites
come in the order plane, slot, slot fastest.
"""

import math
from datetime import datetime
from typing import Any, Final, Literal, get_args

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.constants import TROPICAL_YEAR_D, WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.orbit.elements import Fleet
from planner.times import timescale, utc_julian_date

MINIMUM_ALTITUDE_KM: Final = 160.0
"""Below this a circular orbit decays within about a day. Planner default, the usual lower edge of low Earth orbit."""
MAXIMUM_ALTITUDE_KM: Final = 100_000.0
"""Above this SGP4's expansions of the Moon's pull are not meant to hold. Planner default."""

_FULL_TURN_DEG: Final = 360.0
_HALF_TURN_DEG: Final = 180.0
_DEG_PER_HOUR: Final = 15.0
_HOURS_PER_DAY: Final = 24.0
_MINUTES_PER_DAY: Final = 1440.0
_CORRECTIONS: Final = 10
"""Each gains more than two digits: the terms left out of the first order are 0.4 % of it."""

NodeTheory = Literal["j2", "sgp4"]


def walker_delta(
    *,
    name: str,
    altitude_km: float,
    inclination_deg: float,
    satellites: int,
    planes: int,
    phasing: int,
    epoch: datetime,
    raan_deg: float = 0.0,
    rack_type: str = "",
) -> Fleet:
    """Return the Walker delta shell ``inclination: satellites / planes / phasing``, nodes over 360°.

    Parameters
    ----------
    name
        Name of the shell and first part of every satellite's name.
    altitude_km, inclination_deg
        Mean altitude (see the module) and inclination.
    satellites, planes, phasing
        Walker's t, p and f: satellite ``s`` of plane ``q`` has mean anomaly ``360 (s/S + f q/t)`` degrees with
        ``S = t/p`` satellites to a plane.
    epoch
        Instant at which the shell has this shape; must carry a zone.
    raan_deg
        Right ascension of the ascending node of plane 0.
    rack_type
        Catalog name of the satellite type.

    Returns
    -------
    Fleet
        ``[sat]``.

    Raises
    ------
    ValueError
        For a value out of range; the message says what is allowed.

    Notes
    -----
    Walker, Satellite constellations, J. British Interplanetary Society 37 (1984) 559–571: f counts units of 360°/t by
    which a satellite leads its neighbour in the next plane to the west.
    """
    return _walker(
        _FULL_TURN_DEG, name, altitude_km, inclination_deg, satellites, planes, phasing, epoch, raan_deg, rack_type
    )


def walker_star(
    *,
    name: str,
    altitude_km: float,
    inclination_deg: float,
    satellites: int,
    planes: int,
    phasing: int,
    epoch: datetime,
    raan_deg: float = 0.0,
    rack_type: str = "",
) -> Fleet:
    """Return the Walker star shell: as `walker_delta`, but the ascending nodes are spread over 180°.

    All satellites of one half of the sky move north and all of the other half south; between the last plane and the
    first runs a seam, where neighbours pass in opposite directions. Parameters, returns and errors are those of
    `walker_delta`.
    """
    return _walker(
        _HALF_TURN_DEG, name, altitude_km, inclination_deg, satellites, planes, phasing, epoch, raan_deg, rack_type
    )


def sun_synchronous(
    *,
    name: str,
    altitude_km: float,
    ltan_h: float,
    planes: int,
    satellites_per_plane: int,
    plane_spacing_deg: float,
    phasing: int,
    epoch: datetime,
    rack_type: str = "",
    theory: NodeTheory = "j2",
) -> Fleet:
    """Return a sun-synchronous shell whose planes are centred on one local time; 6 or 18 h is dawn-dusk.

    Parameters
    ----------
    name, altitude_km, epoch, rack_type
        As in `walker_delta`.
    ltan_h
        Mean local solar time of the ascending node of the middle of the planes, hours, 0 ≤ ltan_h < 24.
    planes, satellites_per_plane
        Numbers of each.
    plane_spacing_deg
        Distance in right ascension from each plane to the next; 15° are an hour of local time.
    phasing
        Walker's f over all satellites of the shell, as in `walker_delta`.
    theory
        Which inclination: see `sun_synchronous_inclination_deg`.

    Returns
    -------
    Fleet
        ``[sat]``.

    Raises
    ------
    ValueError
        For a value out of range; the message says what is allowed.
    """
    _require("ltan_h", ltan_h, 0.0 <= ltan_h < _HOURS_PER_DAY, "at least 0 and below 24 hours")
    _require_whole("planes", planes, 1, None)
    _require_whole("satellites_per_plane", satellites_per_plane, 1, None)
    _require(
        "plane_spacing_deg",
        plane_spacing_deg,
        planes == 1 or 0.0 < plane_spacing_deg * planes <= _FULL_TURN_DEG,
        f"above 0 and at most {_FULL_TURN_DEG / planes:g} degrees for {planes} planes, or two planes coincide",
    )
    inclination = sun_synchronous_inclination_deg(altitude_km, theory=theory)
    middle = raan_of_local_time_deg(ltan_h, epoch)
    spacing = plane_spacing_deg if planes > 1 else 0.0
    nodes = floats(middle + (np.arange(planes) - (planes - 1) / 2) * spacing)
    return _shell(name, altitude_km, inclination, nodes, satellites_per_plane, phasing, epoch, rack_type)


def sun_synchronous_inclination_deg(altitude_km: float, *, theory: NodeTheory = "j2") -> float:
    """Return the inclination at which the node of a circular orbit follows the mean Sun.

    Parameters
    ----------
    altitude_km
        Mean altitude (see the module).
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
    _require_altitude(altitude_km)
    if theory not in get_args(NodeTheory):
        raise ValueError(f"theory: {theory!r} is not allowed; it must be one of {get_args(NodeTheory)}")
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
    from skyfield.sgp4lib import theta_GMST1982

    utc_julian_date(epoch)  # refuses an epoch without a zone
    at = timescale().from_datetime(epoch)
    whole, fraction = at.whole, at.ut1_fraction
    sidereal_rad, _ = theta_GMST1982(whole, fraction)
    ut1_h = (whole + fraction + 0.5) % 1.0 * _HOURS_PER_DAY
    return float((math.degrees(sidereal_rad) + _DEG_PER_HOUR * (ltan_h - ut1_h)) % _FULL_TURN_DEG)


def period_min(altitude_km: float) -> float:
    """Return the Keplerian period of the mean orbit, minutes.

    Raises
    ------
    ValueError
        If the altitude is out of range.
    """
    _require_altitude(altitude_km)
    return 2.0 * math.pi / float(meanmotion.mean_motion_rad_min(WGS72_RADIUS_KM + altitude_km))


def mean_motion_rev_d(altitude_km: float, inclination_deg: float) -> float:
    """Return the Kozai mean motion, as an element set prints it, of a circular orbit at this mean altitude.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    kozai = _kozai_rad_min(altitude_km, inclination_deg)
    return kozai * _MINUTES_PER_DAY / (2.0 * math.pi)


def _kozai_rad_min(altitude_km: float, inclination_deg: float) -> float:
    _require_altitude(altitude_km)
    _require("inclination_deg", inclination_deg, 0.0 <= inclination_deg <= 180.0, "between 0 and 180 degrees")
    brouwer = meanmotion.mean_motion_rad_min(WGS72_RADIUS_KM + altitude_km)
    return float(meanmotion.kozai_rad_min(brouwer, 0.0, inclination_deg))


def _walker(
    nodes_over_deg: float,
    name: str,
    altitude_km: float,
    inclination_deg: float,
    satellites: int,
    planes: int,
    phasing: int,
    epoch: datetime,
    raan_deg: float,
    rack_type: str,
) -> Fleet:
    _require_whole("satellites", satellites, 1, None)
    _require_whole("planes", planes, 1, satellites)
    if satellites % planes:
        raise ValueError(f"planes: {planes} does not divide {satellites} satellites; every plane holds the same number")
    _require("raan_deg", raan_deg, math.isfinite(raan_deg), "a finite number of degrees")
    nodes = floats(raan_deg + np.arange(planes) * (nodes_over_deg / planes))
    return _shell(name, altitude_km, inclination_deg, nodes, satellites // planes, phasing, epoch, rack_type)


def _shell(
    name: str,
    altitude_km: float,
    inclination_deg: float,
    nodes_deg: FloatArray,
    satellites_per_plane: int,
    phasing: int,
    epoch: datetime,
    rack_type: str,
) -> Fleet:
    """Return circular planes at these nodes, each of the next ``360 phasing / total`` degrees ahead."""
    planes = len(nodes_deg)
    total = planes * satellites_per_plane
    _require_whole("phasing", phasing, 0, planes - 1)
    mean_motion = _kozai_rad_min(altitude_km, inclination_deg)
    jd, fraction = utc_julian_date(epoch)
    plane = np.repeat(np.arange(planes), satellites_per_plane)
    slot = np.tile(np.arange(satellites_per_plane), planes)
    # Counted in whole units of 360°/total, so that no slot is off by a rounding error: s/S + f p/T = (s P + f p)/T.
    units = (slot * planes + phasing * plane) % total

    def everyone(value: float) -> FloatArray:
        return np.full(total, value)

    return Fleet(
        names=_names(name, plane, slot),
        shells=(name,) * total,
        planes=plane,
        slots=slot,
        rack_types=(rack_type,) * total,
        catalog_numbers=np.zeros(total, dtype=np.int64),
        epoch_jd=everyone(jd),
        epoch_fraction=everyone(fraction),
        mean_motion_rad_min=everyone(mean_motion),
        eccentricity_fraction=everyone(0.0),
        inclination_deg=everyone(inclination_deg),
        raan_deg=floats(nodes_deg[plane] % _FULL_TURN_DEG),
        argument_of_perigee_deg=everyone(0.0),
        mean_anomaly_deg=floats(units * (_FULL_TURN_DEG / total)),
        bstar_per_radius=everyone(0.0),
    )


def _names(name: str, plane: IntArray, slot: IntArray) -> tuple[str, ...]:
    """Name every satellite by shell, plane and slot, padded so that names sort in the order of the fleet."""
    wide, deep = len(str(plane[-1])), len(str(slot[-1]))
    return tuple(f"{name}-{p:0{wide}d}-{s:0{deep}d}" for p, s in zip(plane, slot, strict=True))


def _require_altitude(altitude_km: float) -> None:
    allowed = f"between {MINIMUM_ALTITUDE_KM:g} and {MAXIMUM_ALTITUDE_KM:,.0f} km"
    _require("altitude_km", altitude_km, MINIMUM_ALTITUDE_KM <= altitude_km <= MAXIMUM_ALTITUDE_KM, allowed)


def _require_whole(name: str, value: Any, least: int, most: int | None) -> None:  # noqa: ANN401 - checked here
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    allowed = f"a whole number of at least {least}" + ("" if most is None else f" and at most {most}")
    _require(name, value, whole and least <= value and (most is None or value <= most), allowed)


def _require(name: str, value: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise ValueError(f"{name}: {value} is not allowed; it must be {allowed}")
