"""Which orbital planes does a fleet fly, and how do they turn? Mean orbits in TEME, ``[plane]``.

Over months SGP4's orbit is an ellipse whose node and perigee turn evenly, with small periodic terms on top. Two of
those matter to a shadow and are kept: J2's that lifts a polar orbit by 5 km and sinks an equatorial one by 10, and J3's
that sinks an inclined orbit over the north and lifts it over the south by up to 7.5 km. Left out are the rest of J2's
(2 km, 0.02°), drag, and the pull of Moon and Sun, which SGP4 adds from periods of 225 minutes on and which turns
geostationary planes by 0.9° a year.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_MU_KM3_S2, WGS72_RADIUS_KM
from planner.orbit import Fleet, element_age_d, meanmotion
from planner.orbit.columns import Columns
from planner.orbit.drift import secular_rates
from planner.orbit.sgp4.nearearth import CONSTANTS, constants

WITHIN_DEG: Final = 0.25
"""Satellites whose planes lie in one cell of this width are taken together. Planner default: about the Sun's radius."""
WITHIN_KM: Final = 5.0
"""The same for size and shape of the orbit. Planner default: some seconds of shadow."""

_SECONDS_PER_MINUTE: Final = 60.0
_MINUTES_PER_DAY: Final = 1440.0
_FULL_TURN_DEG: Final = 360.0


@dataclass(frozen=True, eq=False)
class OrbitalPlanes(Columns):
    """Orbits whose node and perigee turn evenly ``[plane]``, TEME.

    Attributes
    ----------
    semi_major_axis_km, eccentricity_fraction, inclination_deg
        The ellipse that is flown.
    raan_deg, argument_of_perigee_deg
        At the instant for which the planes were made.
    raan_rate_deg_d, perigee_rate_deg_d
        How fast those two turn.
    sinking_fraction
        Part of the semi-major axis by which the orbit is lower at its northernmost point, and higher at its
        southernmost: a second eccentricity, whose perigee does not turn.
    period_min
        From node to node.
    """

    semi_major_axis_km: FloatArray
    eccentricity_fraction: FloatArray
    inclination_deg: FloatArray
    raan_deg: FloatArray
    argument_of_perigee_deg: FloatArray
    raan_rate_deg_d: FloatArray
    perigee_rate_deg_d: FloatArray
    sinking_fraction: FloatArray
    period_min: FloatArray


def circular_planes(
    *, altitude_km: ArrayLike, inclination_deg: ArrayLike, raan_deg: ArrayLike, raan_rate_deg_d: ArrayLike | None = None
) -> OrbitalPlanes:
    """Return circular orbits of Keplerian period; the arguments broadcast to ``[plane]``.

    Parameters
    ----------
    altitude_km
        Above the WGS84 equatorial radius.
    inclination_deg, raan_deg
        Orientation at the instant from which the planes are to be followed.
    raan_rate_deg_d
        Of the node; 360/365.24219 for a sun-synchronous one. SGP4's secular rate when left out.

    Raises
    ------
    ValueError
        For an altitude that is not positive or an inclination outside 0 to 180.
    """
    given = [np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in (altitude_km, inclination_deg, raan_deg)]
    altitude, inclination, node = np.broadcast_arrays(*given)
    if not np.all(altitude > 0.0):
        raise ValueError(f"altitude_km: {altitude.min()} must be positive")
    outside = inclination[~((inclination >= 0.0) & (inclination <= 180.0))]
    if outside.size:
        raise ValueError(f"inclination_deg: {outside[0]} must be between 0 and 180 degrees")
    axis, none = EARTH_EQUATORIAL_RADIUS_KM + altitude, np.zeros(altitude.shape)
    rate = secular_rates(altitude, inclination).node_deg_d if raan_rate_deg_d is None else raan_rate_deg_d
    return OrbitalPlanes(
        semi_major_axis_km=axis,
        eccentricity_fraction=none,
        inclination_deg=inclination,
        raan_deg=node,
        argument_of_perigee_deg=none,
        raan_rate_deg_d=floats(np.broadcast_to(np.asarray(rate, dtype=np.float64), none.shape)),
        perigee_rate_deg_d=none,
        sinking_fraction=none,
        period_min=floats(2.0 * np.pi * np.sqrt(axis**3 / EARTH_MU_KM3_S2) / _SECONDS_PER_MINUTE),
    )


def orbital_planes(
    fleet: Fleet, at: datetime, *, within_deg: float = WITHIN_DEG, within_km: float = WITHIN_KM
) -> tuple[OrbitalPlanes, IntArray]:
    """Return the distinct orbital planes of a fleet, and which one each satellite flies in.

    Parameters
    ----------
    fleet
        ``[sat]``; orbits are held against drag.
    at
        Instant at which nodes and perigees are given; must carry a zone.
    within_deg, within_km
        How wide the cells are in which orbits count as one: in the direction of the plane, and in the semi-major axis
        and its product with the eccentricity. The first satellite of a cell stands for all of its shell and type in it.

    Returns
    -------
    planes
        ``[plane]``, in the order of their first satellites.
    plane_of
        ``[sat]``.

    Raises
    ------
    ValueError
        For an instant without zone or a width that is not positive.

    Notes
    -----
    Rates and long-period terms: SGP4's (Hoots and Roehrich, Spacetrack Report No. 3, 1980, section 6), in deep space
    without what section 8 adds there for the Moon and the Sun.
    """
    for name, width in (("within_deg", within_deg), ("within_km", within_km)):
        if not width > 0.0:
            raise ValueError(f"{name}: {width} must be positive")
    flown = _flown(fleet, at)
    cells = np.rint(np.column_stack(_place(flown, np.degrees(1.0 / within_deg), 1.0 / within_km)))
    # Shells and satellite types are never taken together, however near they fly.
    kinds = [
        np.unique(np.array(names, dtype=str), return_inverse=True)[1] for names in (fleet.shells, fleet.rack_types)
    ]
    cells = np.column_stack([cells, *kinds])
    _, first, cell_of = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return flown[ints(first[order])], ints(rank[cell_of.ravel()])


def _flown(fleet: Fleet, at: datetime) -> OrbitalPlanes:
    """Return the mean orbit of every satellite at `at`, ``[sat]``."""
    # Deep space too: there SGP4 begins with these same secular rates and the same J2 and J3 of the short and long
    # periods, and adds the Moon, the Sun and resonances (Spacetrack Report No. 3, section 8), which are left out here.
    known = dict(zip(CONSTANTS, constants(fleet, np.arange(len(fleet))), strict=True))
    age_d = element_age_d(fleet, at)
    per_day = np.degrees(_MINUTES_PER_DAY)
    node_rate, perigee_rate = known["node_rate"] * per_day, known["perigee_rate"] * per_day
    roundness = 1.0 - known["eccentricity"] ** 2
    parameter = known["axis"] * roundness  # Earth radii
    bulge = 3.0 * known["cosine"] ** 2 - 1.0
    lift = 1.0 - 0.75 * meanmotion.WGS72_J2 / parameter**2 * np.sqrt(roundness) * bulge
    return OrbitalPlanes(
        semi_major_axis_km=floats(known["axis"] * lift * WGS72_RADIUS_KM),
        eccentricity_fraction=fleet.eccentricity_fraction,
        inclination_deg=fleet.inclination_deg,
        raan_deg=floats((fleet.raan_deg + node_rate * age_d) % _FULL_TURN_DEG),
        argument_of_perigee_deg=floats((fleet.argument_of_perigee_deg + perigee_rate * age_d) % _FULL_TURN_DEG),
        raan_rate_deg_d=floats(node_rate),
        perigee_rate_deg_d=floats(perigee_rate),
        sinking_fraction=floats(known["long_perigee"] / parameter),
        period_min=floats(2.0 * np.pi / (known["anomaly_rate"] + known["perigee_rate"])),
    )


def _place(planes: OrbitalPlanes, per_rad: float, per_km: float) -> list[FloatArray]:
    """Return coordinates in which like orbits lie within 1: normal, size, and eccentricity from the node."""
    node, inclination, perigee = np.radians([planes.raan_deg, planes.inclination_deg, planes.argument_of_perigee_deg])
    off = planes.semi_major_axis_km * planes.eccentricity_fraction
    return [
        np.sin(inclination) * np.sin(node) * per_rad,
        -np.sin(inclination) * np.cos(node) * per_rad,
        np.cos(inclination) * per_rad,
        planes.semi_major_axis_km * per_km,
        off * np.cos(perigee) * per_km,
        off * np.sin(perigee) * per_km,
    ]
