"""At which altitude does a ground track close, and how do satellites share it? TEME mean elements.

A track closes when the Earth has turned a whole number of times under the orbital plane, itself turned by the Earth's
oblateness, while the satellite has made a whole number of nodal revolutions. The rates are SGP4's own, near the Earth,
so the track closes when SGP4 flies it. Orbits are circular; altitudes and the order of the satellites are those of
`planner.orbit.design.shells`.
"""

import math
from datetime import datetime
from typing import Final, Literal, get_args

import numpy as np

from planner.arrays import floats
from planner.constants import TROPICAL_YEAR_D
from planner.orbit.design.phasing import miss_distance_km
from planner.orbit.design.shells import (
    FULL_TURN_DEG,
    MAXIMUM_ALTITUDE_KM,
    MINIMUM_ALTITUDE_KM,
    circular_orbits,
    one_of,
    require,
    require_inclination,
    require_whole,
)
from planner.orbit.design.sunsync import (
    NodeTheory,
    raan_of_local_time_deg,
    require_local_time,
    sidereal_time,
    sun_synchronous_inclination_deg,
)
from planner.orbit.drift import secular_rates
from planner.orbit.elements import Fleet

EARTH_RATE_DEG_D: Final = FULL_TURN_DEG * (1.0 + 1.0 / TROPICAL_YEAR_D)
"""The Earth's turn against the mean equinox, that is, the rate of Greenwich mean sidereal time, in a day of UT1."""

_HIGHEST_SUN_SYNCHRONOUS_KM: Final = 5_900.0
_HALF_TURN_DEG: Final = 180.0

Spread = Literal["track", "plane"]


def repeat_altitude_km(
    *, days: int, revolutions: int, inclination_deg: float | None = None, theory: NodeTheory = "sgp4"
) -> float:
    """Return the mean altitude at which a circular orbit's ground track closes.

    Parameters
    ----------
    days
        Nodal days after which it closes: turns of the Earth against the orbital plane; those of a sun-synchronous orbit
        have 24 hours.
    revolutions
        Nodal revolutions in that time; without a common factor with `days`, or the track closes sooner.
    inclination_deg
        Inclination, or None for the sun-synchronous one of the altitude that is found.
    theory
        Which sun-synchronous inclination: see `sun_synchronous_inclination_deg`.

    Raises
    ------
    ValueError
        For a value out of range, or a track that closes at no altitude that is allowed.

    Notes
    -----
    ``revolutions (θ̇ − Ω̇) = days (Ṁ + ω̇)``; Vallado, Fundamentals of Astrodynamics and Applications, 4th ed., section
    11.4, repeat ground track orbits, with the rates of `secular_rates`. Landsat's 233 revolutions in 16 days give 699.6
    km: its "705 km at the equator" is where the radius stands 5.9 km above the mean axis.
    """
    from scipy.optimize import brentq

    require_whole("days", days, 1, None)
    require_whole("revolutions", revolutions, 1, None)
    common = math.gcd(days, revolutions)
    if common > 1:
        sooner = f"{revolutions // common} revolutions in {days // common} days"
        raise ValueError(f"revolutions: {revolutions} in {days} days close as {sooner}; give those")
    if inclination_deg is not None:
        require_inclination(inclination_deg)

    def surplus(altitude_km: float) -> float:
        inclination = _inclination_deg(altitude_km, inclination_deg, theory)
        turns, tracks = _rates_deg_d(altitude_km, inclination)
        return days * turns / (revolutions * tracks) - 1.0

    highest = MAXIMUM_ALTITUDE_KM if inclination_deg is not None else _HIGHEST_SUN_SYNCHRONOUS_KM
    if not surplus(highest) < 0.0 < surplus(MINIMUM_ALTITUDE_KM):
        what = "an orbit" if inclination_deg is not None else "a sun-synchronous orbit"
        band = f"between {MINIMUM_ALTITUDE_KM:g} and {highest:,.0f} km"
        raise ValueError(f"revolutions: {revolutions} in {days} days is no track of {what} {band}")
    return float(brentq(surplus, MINIMUM_ALTITUDE_KM, highest, xtol=1e-9))


def repeat_ground_track(
    *,
    name: str,
    days: int,
    revolutions: int,
    satellites: int,
    epoch: datetime,
    inclination_deg: float | None = None,
    raan_deg: float = 0.0,
    ltan_h: float | None = None,
    node_longitude_deg: float | None = None,
    spread: Spread = "track",
    rack_type: str = "",
    theory: NodeTheory = "sgp4",
    minimum_separation_km: float = 0.0,
) -> Fleet:
    """Return satellites whose ground track closes after `days` nodal days, evenly spread along it or in one plane.

    Parameters
    ----------
    name
        Name of the shell and first part of every satellite's name.
    days, revolutions
        Of the track: see `repeat_altitude_km`.
    satellites
        How many.
    epoch
        Instant at which the shell has this shape; must carry a zone.
    inclination_deg, raan_deg
        Inclination, and right ascension of the node of the first satellite's plane; or
    ltan_h
        mean local time of that node, for a sun-synchronous orbit. One of `inclination_deg` and `ltan_h` is needed.
    node_longitude_deg
        Geographic longitude at which the first satellite's track crosses the equator northward, for one of its
        crossings; None lets it start from its node at the epoch.
    spread
        ``"track"``: all fly one ground track, each ``days/satellites`` behind the one before. Their nodes differ,
        and so do their local times, unless the number of satellites divides `days`. ``"plane"``: all in one plane,
        equally spaced; they fly one track where their number divides `days`, and interleaved ones otherwise.
    rack_type
        Catalog name of the satellite type.
    theory
        Which sun-synchronous inclination: see `sun_synchronous_inclination_deg`.
    minimum_separation_km
        Nearest that any two satellites may ever come.

    Returns
    -------
    Fleet
        ``[sat]``, one shell.

    Raises
    ------
    ValueError
        For a value out of range, a track that closes at no altitude, and satellites that come nearer than allowed.
    """
    require_whole("satellites", satellites, 1, None)
    one_of("spread", spread, get_args(Spread))
    require("raan_deg", raan_deg, math.isfinite(raan_deg), "a finite number of degrees")
    require("minimum_separation_km", minimum_separation_km, minimum_separation_km >= 0.0, "0 or more")
    if (inclination_deg is None) == (ltan_h is None):
        raise ValueError("inclination_deg, ltan_h: give one of them, the second for a sun-synchronous orbit")
    if ltan_h is not None:
        require_local_time(ltan_h)
        raan_deg = raan_of_local_time_deg(ltan_h, epoch)
    altitude = repeat_altitude_km(days=days, revolutions=revolutions, inclination_deg=inclination_deg, theory=theory)
    inclination = _inclination_deg(altitude, inclination_deg, theory)
    # A satellite that is j/N of the cycle late finds the Earth turned on by j/N of `days` turns, so its node must lie
    # that much farther east, and itself j/N of `revolutions` turns back: whole units of 360°/N.
    late = np.arange(satellites)
    node = late * days % satellites if spread == "track" else np.zeros_like(late)
    phase = -late * revolutions % satellites if spread == "track" else late
    order = np.lexsort((phase, node))
    per_plane = satellites // len(np.unique(node))
    unit_deg = FULL_TURN_DEG / satellites
    start_deg = _phase_at_epoch_deg(altitude, inclination, raan_deg, node_longitude_deg, epoch)
    fleet = circular_orbits(
        name=name,
        altitude_km=altitude,
        inclination_deg=inclination,
        planes=late // per_plane,
        slots=late % per_plane,
        raan_deg=floats(raan_deg + node[order] * unit_deg),
        mean_anomaly_deg=floats(start_deg + phase[order] * unit_deg),
        epoch=epoch,
        rack_type=rack_type,
    )
    _require_apart(fleet, altitude, inclination, minimum_separation_km)
    return fleet


def _inclination_deg(altitude_km: float, inclination_deg: float | None, theory: NodeTheory) -> float:
    if inclination_deg is not None:
        return inclination_deg
    return sun_synchronous_inclination_deg(altitude_km, theory=theory)


def _rates_deg_d(altitude_km: float, inclination_deg: float) -> tuple[float, float]:
    """Return the rates of the satellite along its orbit and of the Earth under its node."""
    rates = secular_rates(altitude_km, inclination_deg)
    return float(rates.latitude_argument_deg_d), EARTH_RATE_DEG_D - float(rates.node_deg_d)


def _phase_at_epoch_deg(
    altitude_km: float, inclination_deg: float, raan_deg: float, node_longitude_deg: float | None, epoch: datetime
) -> float:
    """Return the argument of latitude at the epoch of a satellite that crosses the equator at a longitude later."""
    if node_longitude_deg is None:
        return 0.0
    inside = -_HALF_TURN_DEG <= node_longitude_deg <= FULL_TURN_DEG
    require("node_longitude_deg", node_longitude_deg, inside, "between -180 and 360 degrees")
    sidereal_deg, _ = sidereal_time(epoch)
    turns, tracks = _rates_deg_d(altitude_km, inclination_deg)
    wait_d = ((raan_deg - sidereal_deg - node_longitude_deg) % FULL_TURN_DEG) / tracks
    return -turns * wait_d % FULL_TURN_DEG


def _require_apart(fleet: Fleet, altitude_km: float, inclination_deg: float, minimum_km: float) -> None:
    """Refuse satellites that come too near; the pattern looks the same from each, so the first speaks for all."""
    if minimum_km == 0.0 or len(fleet) < 2:
        return
    raan_apart = fleet.raan_deg[1:] - fleet.raan_deg[0]
    phase_apart = fleet.mean_anomaly_deg[1:] - fleet.mean_anomaly_deg[0]
    apart = miss_distance_km(altitude_km, inclination_deg, raan_apart, phase_apart)
    nearest = int(np.argmin(apart))
    if apart[nearest] < minimum_km:
        raise ValueError(
            f"satellites: {fleet.names[0]} and {fleet.names[nearest + 1]} come within {apart[nearest]:.3g} km, less "
            f"than minimum_separation_km = {minimum_km:g}; take another number of satellites, or another inclination"
        )
