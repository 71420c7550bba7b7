"""When in the year do orbits meet the Earth's shadow, and for how long each revolution? ``[plane, time]``.

Every day of the grid one revolution of every orbital plane (`planes`) is flown past the true Sun, and the contacts with
the shadow of the flattened Earth are sought on it: some microseconds for a day and plane, where a year of a fleet
minute by minute is billions of states. The Sun stands still during a revolution.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Final, get_args

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints, lock, require_shape
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, SECONDS_PER_DAY, SUN_RADIUS_KM
from planner.environment.crossings import Track, find_contacts
from planner.environment.eclipse import Shadow
from planner.environment.planes import OrbitalPlanes, orbital_planes
from planner.environment.sky import sun_positions_km
from planner.environment.sunlight import Shape, shadow_frame
from planner.orbit import Fleet
from planner.orbit.frames import teme_to_gcrs
from planner.times import TimeGrid

_STEPS: Final = 36
"""Of a revolution; between them the orbit is a cubic, 17 m off the ellipse of a low orbit."""


@dataclass(frozen=True, eq=False)
class SeasonTable:
    """Runs of days on which the revolutions of a plane meet the shadow ``[row]``, sorted by plane and day.

    Attributes
    ----------
    plane
        Which one.
    first_day, last_day
        Index of the day on the grid. A season that touches the grid's first or last day may go on beyond it.
    longest_day
        Day of the longest eclipse.
    longest_min
        The shadow of one revolution on that day, minutes.
    """

    plane: IntArray
    first_day: IntArray
    last_day: IntArray
    longest_day: IntArray
    longest_min: FloatArray

    def __post_init__(self) -> None:
        for column in fields(self):
            value = lock(np.asarray(getattr(self, column.name)))
            require_shape(column.name, value, (len(self.plane),))
            object.__setattr__(self, column.name, value)

    def __len__(self) -> int:
        return len(self.plane)

    @property
    def days(self) -> IntArray:
        """``[row]``, number of days."""
        return ints(self.last_day - self.first_day + 1)


@dataclass(frozen=True, eq=False)
class Seasons:
    """A year, or any run of days, of sunlight on orbital planes.

    Attributes
    ----------
    times
        One instant a day.
    planes
        ``[plane]``.
    plane_of
        ``[sat]``, the plane of each satellite of the fleet; one satellite to a plane where there was no fleet.
    beta_deg
        ``[plane, time]``, the true Sun above the plane, positive on the side of the orbit's angular momentum.
    eclipse_fraction
        ``[plane, time]``, part of a revolution in shadow; NaN where the elements make no orbit.
    eclipse_min
        ``[plane, time]``, shadow of one revolution, minutes.
    """

    times: TimeGrid
    planes: OrbitalPlanes
    plane_of: IntArray
    beta_deg: FloatArray
    eclipse_fraction: FloatArray
    eclipse_min: FloatArray

    @cached_property
    def sunlit_fraction(self) -> FloatArray:
        """``[plane]``, mean part of the time out of the shadow."""
        return floats(1.0 - self.eclipse_fraction.mean(axis=1))

    @cached_property
    def longest_eclipse_min(self) -> FloatArray:
        """``[plane]``, longest shadow of a revolution."""
        return floats(self.eclipse_min.max(axis=1))

    @cached_property
    def eclipse_days_d(self) -> FloatArray:
        """``[plane]``, number of days with an eclipse."""
        return floats(np.count_nonzero(self.eclipse_min > 0.0, axis=1))

    @cached_property
    def table(self) -> SeasonTable:
        """The seasons one by one."""
        shaded = np.pad(self.eclipse_min > 0.0, ((0, 0), (1, 1)))
        turns = np.diff(shaded.astype(np.int8), axis=1)
        (plane, first), (_, after) = np.nonzero(turns == 1), np.nonzero(turns == -1)
        runs = zip(plane, first, after, strict=True)
        longest = ints([begin + int(np.argmax(self.eclipse_min[row, begin:end])) for row, begin, end in runs])
        return SeasonTable(plane, first, after - 1, longest, self.eclipse_min[plane, longest])


def eclipse_seasons(
    orbits: Fleet | OrbitalPlanes,
    *,
    start: datetime,
    days: int = 365,
    shadow: Shadow = "umbra",
    flattening: float = EARTH_FLATTENING,
) -> Seasons:
    """Return Sun and shadow of every orbital plane, day by day.

    Parameters
    ----------
    orbits
        A fleet, of which every distinct plane is followed, or planes that begin at `start`.
    start
        Instant of the first day, at whose hour every day is looked at; must carry a zone.
    days
        Number of days.
    shadow
        See `Shadow`.
    flattening
        Of the Earth; 0 for a sphere. At 650 km dawn-dusk, whose eclipses are polar, the sphere adds four days a year.

    Raises
    ------
    ValueError
        For a start without zone, a number of days below 1 or an unknown shadow.
    """
    if shadow not in get_args(Shadow):
        raise ValueError(f"shadow: {shadow!r} is not one of {get_args(Shadow)}")
    times = TimeGrid(start, SECONDS_PER_DAY, days)
    planes, plane_of = orbital_planes(orbits, start) if isinstance(orbits, Fleet) else (orbits, np.arange(len(orbits)))
    # A point Sun at infinity casts the shadow of a Sun as large as the Earth.
    sun_radius_km = EARTH_EQUATORIAL_RADIUS_KM if shadow == "cylinder" else SUN_RADIUS_KM
    sun_km = np.einsum("tji,tj->ti", teme_to_gcrs(times), sun_positions_km(times))
    suns, poles, shape = shadow_frame(days, sun_km, None, flattening, EARTH_EQUATORIAL_RADIUS_KM, sun_radius_km)
    beta, shaded = np.empty((len(planes), days)), np.empty((len(planes), days))
    for day in range(days):
        ahead, aside, eccentricity = _ellipse(planes, day)
        normal = np.cross(ahead, aside)
        towards = suns[day] / np.linalg.norm(suns[day])
        beta[:, day] = np.degrees(np.arcsin(np.clip(normal @ towards, -1.0, 1.0)))
        track, begin = _revolution(planes, ahead, aside, eccentricity, suns[day], poles[day])
        shaded[:, day] = _shaded(track, shape, begin, eccentricity, umbra=shadow != "penumbra")
    shaded[np.isnan(beta)] = np.nan
    return Seasons(times, planes, ints(plane_of), lock(beta), lock(shaded), floats(shaded * planes.period_min[:, None]))


def _ellipse(planes: OrbitalPlanes, day: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return unit vectors towards perigee and a quarter turn on, ``[plane, xyz]``, and the eccentricity flown."""
    node = np.radians(planes.raan_deg + planes.raan_rate_deg_d * day)
    perigee = np.radians(planes.argument_of_perigee_deg + planes.perigee_rate_deg_d * day)
    inclination = np.radians(planes.inclination_deg)
    level = np.stack([np.cos(node), np.sin(node), np.zeros(len(planes))], axis=1)
    up = np.stack(
        [-np.cos(inclination) * np.sin(node), np.cos(inclination) * np.cos(node), np.sin(inclination)], axis=1
    )
    x = planes.eccentricity_fraction * np.cos(perigee)
    y = planes.eccentricity_fraction * np.sin(perigee) + planes.sinking_fraction
    lowest = np.arctan2(y, x)[:, None]
    ahead = np.cos(lowest) * level + np.sin(lowest) * up
    return ahead, np.cos(lowest) * up - np.sin(lowest) * level, np.hypot(x, y)


def _revolution(
    planes: OrbitalPlanes,
    ahead: FloatArray,
    aside: FloatArray,
    eccentricity: FloatArray,
    sun: FloatArray,
    pole: FloatArray,
) -> tuple[Track, FloatArray]:
    """Return a revolution in equal steps of the eccentric anomaly, which plays the time, and where it begins.

    It begins where the orbit is nearest to the Sun, so that it holds the passage through the shadow as a whole.
    """
    x, y = ahead @ sun, aside @ sun
    away = np.hypot(x, y)
    away = np.where(away > 0.0, away, 1.0)
    minor = np.sqrt(1.0 - eccentricity**2)
    begin = np.arctan2(minor * y / away, eccentricity + x / away)
    step = 2.0 * np.pi / _STEPS
    anomaly = begin + step * np.arange(_STEPS + 1)[:, None]
    cosine, sine = np.cos(anomaly)[:, :, None], np.sin(anomaly)[:, :, None]
    major = planes.semi_major_axis_km[:, None] * ahead
    across = (planes.semi_major_axis_km * minor)[:, None] * aside
    positions = floats((cosine - eccentricity[:, None]) * major + sine * across)
    rates = floats(cosine * across - sine * major)
    suns, poles = (floats(np.broadcast_to(vector, (_STEPS + 1, 3))) for vector in (sun, pole))
    return (positions, rates, suns, poles, step), floats(begin)


def _shaded(
    track: Track,
    shape: Shape,
    begin: FloatArray,
    eccentricity: FloatArray,
    *,
    umbra: bool,
) -> FloatArray:
    """Return the part of each revolution in shadow, by Kepler's equation, ``[plane]``."""
    plane, kind, entered, since = find_contacts(track, shape, 4 * len(begin))
    anomaly = begin[plane] + since
    mean = anomaly - eccentricity[plane] * np.sin(anomaly)
    shaded = np.zeros(len(begin))
    chosen = kind == umbra
    np.add.at(shaded, plane[chosen], np.where(entered[chosen], -mean[chosen], mean[chosen]))
    return shaded / (2.0 * np.pi)
