"""From planes and phases to a fleet: what every designed shell has in common, and several shells in one fleet.

A design altitude is the mean (Brouwer) semi-major axis above the WGS72 equatorial radius; the mean motion is stored in
Kozai's form so that SGP4 flies exactly that axis. Orbits are circular. Drag is nil (B* = 0): a designed satellite is
taken to hold its station with its own thrusters. Angles are mean elements in the TEME frame of the epoch. Satellites
come in the order plane, slot, slot fastest.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.constants import WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.orbit.elements import Fleet
from planner.times import utc_julian_date

MINIMUM_ALTITUDE_KM: Final = 160.0
"""Below this a circular orbit decays within about a day. Planner default, the usual lower edge of low Earth orbit."""
MAXIMUM_ALTITUDE_KM: Final = 100_000.0
"""Above this SGP4's expansions of the Moon's pull are not meant to hold. Planner default."""

FULL_TURN_DEG: Final = 360.0
_MINUTES_PER_DAY: Final = 1440.0


def period_min(altitude_km: float) -> float:
    """Return the Keplerian period of the mean orbit, minutes.

    Raises
    ------
    ValueError
        If the altitude is out of range.
    """
    require_altitude(altitude_km)
    return 2.0 * math.pi / float(meanmotion.mean_motion_rad_min(WGS72_RADIUS_KM + altitude_km))


def mean_motion_rev_d(altitude_km: float, inclination_deg: float) -> float:
    """Return the Kozai mean motion, as an element set prints it, of a circular orbit at this mean altitude.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    return _kozai_rad_min(altitude_km, inclination_deg) * _MINUTES_PER_DAY / (2.0 * math.pi)


def combine(*fleets: Fleet) -> Fleet:
    """Return several fleets as one, in this order, with every name used once.

    ``a + b`` joins tables as they are. This is the way for designs, whose satellites and shells are told apart by name:
    in routes, in placements and in the topology, which links the planes of one shell.

    Raises
    ------
    ValueError
        If there is no fleet, or the name of a shell or of a satellite stands in two of them.
    """
    if not fleets:
        raise ValueError("fleets: there is none; give at least one")
    for what, named in (("shell", [set(fleet.shells) for fleet in fleets]), ("satellite", [f.names for f in fleets])):
        counts = Counter(name for names in named for name in names)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            more = f" (and {len(twice) - 1} more)" if len(twice) > 1 else ""
            raise ValueError(f'fleets: the {what} name "{twice[0]}"{more} repeats; give every shell a name of its own')
    return reduce(add, fleets)


def phased_planes(
    *,
    name: str,
    altitude_km: float,
    inclination_deg: float,
    nodes_deg: FloatArray,
    satellites_per_plane: int,
    phasing: int,
    epoch: datetime,
    rack_type: str,
) -> Fleet:
    """Return circular planes at these nodes, each of the next ``360 phasing / total`` degrees ahead of the last."""
    planes = len(nodes_deg)
    total = planes * satellites_per_plane
    require_whole("phasing", phasing, 0, planes - 1)
    plane = np.repeat(np.arange(planes), satellites_per_plane)
    slot = np.tile(np.arange(satellites_per_plane), planes)
    # Counted in whole units of 360°/total, so that no slot is off by a rounding error: s/S + f p/T = (s P + f p)/T.
    units = (slot * planes + phasing * plane) % total
    return circular_orbits(
        name=name,
        altitude_km=altitude_km,
        inclination_deg=inclination_deg,
        planes=plane,
        slots=slot,
        raan_deg=floats(nodes_deg[plane]),
        mean_anomaly_deg=floats(units * (FULL_TURN_DEG / total)),
        epoch=epoch,
        rack_type=rack_type,
    )


def circular_orbits(
    *,
    name: str,
    altitude_km: float,
    inclination_deg: float,
    planes: IntArray,
    slots: IntArray,
    raan_deg: FloatArray,
    mean_anomaly_deg: FloatArray,
    epoch: datetime,
    rack_type: str,
) -> Fleet:
    """Return one shell of circular orbits of one size and inclination from the columns that differ ``[sat]``."""
    total = len(planes)
    mean_motion = _kozai_rad_min(altitude_km, inclination_deg)
    jd, fraction = utc_julian_date(epoch)

    def everyone(value: float) -> FloatArray:
        return np.full(total, value)

    return Fleet(
        names=_names(name, planes, slots),
        shells=(name,) * total,
        planes=planes,
        slots=slots,
        rack_types=(rack_type,) * total,
        catalog_numbers=np.zeros(total, dtype=np.int64),
        epoch_jd=everyone(jd),
        epoch_fraction=everyone(fraction),
        mean_motion_rad_min=everyone(mean_motion),
        eccentricity_fraction=everyone(0.0),
        inclination_deg=everyone(inclination_deg),
        raan_deg=floats(raan_deg % FULL_TURN_DEG),
        argument_of_perigee_deg=everyone(0.0),
        mean_anomaly_deg=floats(mean_anomaly_deg % FULL_TURN_DEG),
        bstar_per_radius=everyone(0.0),
    )


def require_altitude(altitude_km: float, name: str = "altitude_km") -> None:
    """Raise `ValueError` for an altitude that no design may have."""
    allowed = f"between {MINIMUM_ALTITUDE_KM:g} and {MAXIMUM_ALTITUDE_KM:,.0f} km"
    require(name, altitude_km, MINIMUM_ALTITUDE_KM <= altitude_km <= MAXIMUM_ALTITUDE_KM, allowed)


def require_inclination(inclination_deg: float) -> None:
    """Raise `ValueError` for an inclination that does not exist."""
    require("inclination_deg", inclination_deg, 0.0 <= inclination_deg <= 180.0, "between 0 and 180 degrees")


def require_whole(name: str, value: Any, least: int, most: int | None) -> None:  # noqa: ANN401 - checked here
    """Raise `ValueError` unless `value` is a whole number between `least` and `most`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    allowed = f"a whole number of at least {least}" + ("" if most is None else f" and at most {most}")
    require(name, value, whole and least <= value and (most is None or value <= most), allowed)


def require(name: str, value: object, holds: bool, allowed: str) -> None:
    """Raise `ValueError` with the place, the value and what is allowed unless the condition holds."""
    if not holds:
        raise ValueError(f"{name}: {value} is not allowed; it must be {allowed}")


def one_of(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise `ValueError` unless `value` is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name}: {value!r} is not allowed; it must be one of {tuple(choices)}")


def _kozai_rad_min(altitude_km: float, inclination_deg: float) -> float:
    require_altitude(altitude_km)
    require_inclination(inclination_deg)
    brouwer = meanmotion.mean_motion_rad_min(WGS72_RADIUS_KM + altitude_km)
    return float(meanmotion.kozai_rad_min(brouwer, 0.0, inclination_deg))


def _names(name: str, plane: IntArray, slot: IntArray) -> tuple[str, ...]:
    """Name every satellite by shell, plane and slot, padded so that names sort in the order of the fleet."""
    wide, deep = len(str(plane.max())), len(str(slot.max()))
    return tuple(f"{name}-{p:0{wide}d}-{s:0{deep}d}" for p, s in zip(plane, slot, strict=True))
