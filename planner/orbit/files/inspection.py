"""What a set of satellites is made of: numbers, epochs, kinds of orbit, shells with their planes, and what is wrong.

Everything is read off the mean elements, altitudes above the WGS72 equatorial radius as a design asks for them; only
whether SGP4 can still fly an object at the instant of the inspection is asked of SGP4. Arrays are ``[sat]``, in the
order of the fleet; nothing depends on that order.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock
from planner.constants import WGS72_RADIUS_KM
from planner.orbit.drift import secular_rates
from planner.orbit.elements import STALE_AFTER_D, Fleet, element_age_d
from planner.orbit.files.clustering import Reach, dense_groups, middle_deg, plane_groups
from planner.orbit.propagate import teme_states
from planner.times import datetime_of_julian_date, utc_julian_date

ORBIT_CLASSES: Final = ("LEO", "MEO", "GEO", "HEO", "beyond")
"""Kinds of orbit: HEO has an eccentricity of at least 0.25; of the others LEO makes 11.25 revolutions a day or more
(below about 2,000 km), GEO between 0.99 and 1.01, MEO in between, and beyond is slower. The limits are those of
https://www.space-track.org/documentation#/legend, closed so that every orbit has a class."""
LOW_PERIGEE_KM: Final = 160.0
"""Mean perigee below which an object comes down within days; also the lowest orbit that a plan may ask for."""
HIGH_DRAG_PER_RADIUS: Final = 0.01
"""B* (of either sign) from which it is no drag of a satellite: it is m/(C_D A) = 7.85 kg/m² (Vallado, Fundamentals of
Astrodynamics and Applications, section 9.4: 1/(12.741621 B*)), a balloon, or the mark of thrust between two sets."""
LARGEST_FIVE_DIGITS: Final = 99_999
"""Catalogue numbers above this need Alpha-5 in a TLE."""
LARGEST_IN_TLE: Final = 339_999
"""Catalogue numbers above this have no TLE. Z9999 in Alpha-5."""

_LOW: Final = Reach(link_km=1.0, link_deg=0.03, widest_km=4.0, widest_deg=0.15)
"""Below 2,000 km. Planner default: the shells of Starlink, OneWeb and Iridium keep to ±1 km and ±0.02°."""
_HIGH: Final = Reach(link_km=3.0, link_deg=1.0, widest_km=20.0, widest_deg=8.0)
"""Above. Planner default: the Sun and the Moon tilt the planes of one navigation system apart by up to 4°."""
_STACK_KM: Final = 5.0
"""Planes of one shell that fly at altitudes of their own lie at most this far apart. Planner default: OneWeb, 4 km."""
_STACK_DEG: Final = 0.05
_STACK_LEAST: Final = 3
_FULL_PLANE: Final = 4
"""Where the median satellite has three or more beside it in its plane, one alone is between planes. Planner default:
two and more were planes being filled, at the regular distance from the others, in all shells looked at."""
_STEM: Final = re.compile(r"[^\W\d_]{2,}|[^\W\d_]\w*")
"""The first letters of a name, with digits behind a single one: STARLINK of STARLINK-1008, O3B of O3B FM5."""


@dataclass(frozen=True, eq=False)
class Shell:
    """Satellites of one altitude and inclination.

    Attributes
    ----------
    rows
        Rows of the fleet, ascending, ``[member]``.
    label
        First word of their names when at least half of them share it, else empty.
    altitude_km, inclination_deg
        Medians.
    altitude_range_km, inclination_range_deg
        Lowest and highest.
    planes
        Rows of each plane, by ascending node; empty when the nodes show no planes.
    plane_raan_deg
        Right ascension of each plane's ascending node at `epoch`, ``[plane]``.
    epoch
        Median epoch of the members, to which the nodes are carried by their drift under J2.
    """

    rows: IntArray
    label: str
    altitude_km: float
    altitude_range_km: tuple[float, float]
    inclination_deg: float
    inclination_range_deg: tuple[float, float]
    planes: tuple[IntArray, ...]
    plane_raan_deg: FloatArray
    epoch: datetime

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def off_plane(self) -> int:
        """Satellites between the planes; all of them when no planes can be told."""
        return len(self.rows) - sum(len(plane) for plane in self.planes)


@dataclass(frozen=True, eq=False)
class Inspection:
    """What a set of satellites is made of, at one instant.

    Attributes
    ----------
    at
        The instant, UTC.
    first_epoch, median_epoch, last_epoch
        Of the elements, UTC; None without satellites.
    age_d
        Days from each epoch to `at`, negative where the epoch lies ahead.
    orbit_classes
        Each satellite's kind of orbit, one of `ORBIT_CLASSES`.
    perigee_km
        Mean perigee above the equatorial radius.
    sgp4_errors
        Code of SGP4 at `at` (a key of `SGP4_ERRORS`), 0 where it flies.
    low, high_drag, stale
        Masks: perigee below `LOW_PERIGEE_KM`; B* beyond `HIGH_DRAG_PER_RADIUS`; more than `STALE_AFTER_D` from `at`.
    shells
        Largest first.
    """

    at: datetime
    first_epoch: datetime | None
    median_epoch: datetime | None
    last_epoch: datetime | None
    age_d: FloatArray
    orbit_classes: tuple[str, ...]
    perigee_km: FloatArray
    sgp4_errors: IntArray
    low: BoolArray
    high_drag: BoolArray
    stale: BoolArray
    shells: tuple[Shell, ...]

    @property
    def outside(self) -> IntArray:
        """Rows of the satellites in no shell, ascending."""
        inside = np.zeros(len(self.age_d), dtype=bool)
        for shell in self.shells:
            inside[shell.rows] = True
        return ints(np.flatnonzero(~inside))


def inspect_elements(fleet: Fleet, at: datetime | None = None, *, least: int | None = None) -> Inspection:
    """Return what `fleet` is made of.

    Parameters
    ----------
    fleet
        ``[sat]``, as read from element sets or designed.
    at
        The instant at which ages are taken and SGP4 is asked; the newest epoch by default, so that one file always
        gives one answer.
    least
        Fewest satellites of a shell; by default half the cube root of the number below (or above) 2,000 km, 3 at least.
        A larger catalogue has larger chance groups.

    Raises
    ------
    ValueError
        If `at` has no time zone, if it is missing and the fleet is empty, or if `least` is below 2.
    """
    if least is not None and least < 2:
        raise ValueError(f"least: {least} must be at least 2")
    first, median, last = _epochs(fleet)
    instant = at or last
    if instant is None:
        raise ValueError("at: an empty fleet has no newest epoch; give an instant")
    age = element_age_d(fleet, instant)
    perigee = fleet.semi_major_axis_km * (1.0 - fleet.eccentricity_fraction) - WGS72_RADIUS_KM
    classes = orbit_classes(fleet)
    midnight, fraction = utc_julian_date(instant)
    codes, _, _ = teme_states(fleet, floats([midnight]), floats([fraction]))
    return Inspection(
        at=instant.astimezone(UTC),
        first_epoch=first,
        median_epoch=median,
        last_epoch=last,
        age_d=age,
        orbit_classes=classes,
        perigee_km=floats(perigee),
        sgp4_errors=ints(codes[:, 0]),
        low=lock(perigee < LOW_PERIGEE_KM),
        high_drag=lock(np.abs(fleet.bstar_per_radius) > HIGH_DRAG_PER_RADIUS),
        stale=lock(np.abs(age) > STALE_AFTER_D),
        shells=_shells(fleet, classes, least),
    )


def orbit_classes(fleet: Fleet) -> tuple[str, ...]:
    """Return each satellite's kind of orbit, one of `ORBIT_CLASSES`, ``[sat]``."""
    rev_d = fleet.mean_motion_rad_min * (1440.0 / (2.0 * math.pi))
    kinds = np.select(
        [fleet.eccentricity_fraction >= 0.25, rev_d >= 11.25, rev_d > 1.01, rev_d >= 0.99],
        ["HEO", "LEO", "MEO", "GEO"],
        "beyond",
    )
    return tuple(kinds.tolist())


def _epochs(fleet: Fleet) -> tuple[datetime | None, datetime | None, datetime | None]:
    """Return the first, the median and the last epoch; an even number has the earlier of its two middle ones."""
    if not len(fleet):
        return None, None, None
    order = np.lexsort([fleet.epoch_fraction, fleet.epoch_jd])
    chosen = [order[0], order[(len(order) - 1) // 2], order[-1]]
    first, median, last = (datetime_of_julian_date(fleet.epoch_jd[row], fleet.epoch_fraction[row]) for row in chosen)
    return first, median, last


def _shells(fleet: Fleet, classes: tuple[str, ...], least: int | None) -> tuple[Shell, ...]:
    """Return the shells, largest first, of one size the lower first."""
    layers = []
    for reach, kinds in ((_LOW, {"LEO"}), (_HIGH, {"MEO", "GEO", "beyond"})):
        rows = ints([row for row, kind in enumerate(classes) if kind in kinds])
        fewest = least or max(3, math.ceil(0.5 * len(rows) ** (1.0 / 3.0)))
        groups = dense_groups(fleet.altitude_km[rows], fleet.inclination_deg[rows], reach, fewest)
        layers += [rows[group] for group in groups]
    shells = _stacked(fleet, [_shell(fleet, rows) for rows in layers])
    return tuple(sorted(shells, key=lambda shell: (-len(shell), shell.altitude_km, shell.inclination_deg)))


def _shell(fleet: Fleet, rows: IntArray) -> Shell:
    """Return the table of one shell's rows."""
    members = fleet[rows]
    median = _epochs(members)[1] or datetime.max.replace(tzinfo=UTC)
    inclination_deg = float(np.median(members.inclination_deg))
    drift_deg_d = secular_rates(members.altitude_km, members.inclination_deg).node_deg_d
    raan = np.mod(members.raan_deg + drift_deg_d * element_age_d(members, median), 360.0)
    groups = plane_groups(raan, inclination_deg)
    sizes = np.array([len(group) for group in groups])
    typical = np.median(np.repeat(sizes, sizes)) if len(sizes) else 0.0
    planes = [group for group in groups if len(group) > 1 or typical < _FULL_PLANE]
    return Shell(
        rows=ints(rows),
        label=_label(members.names),
        altitude_km=float(np.median(members.altitude_km)),
        altitude_range_km=(float(members.altitude_km.min()), float(members.altitude_km.max())),
        inclination_deg=inclination_deg,
        inclination_range_deg=(float(members.inclination_deg.min()), float(members.inclination_deg.max())),
        planes=tuple(ints(np.sort(rows[plane])) for plane in planes),
        plane_raan_deg=floats([middle_deg(raan[plane]) for plane in planes]),
        epoch=median,
    )


def _stacked(fleet: Fleet, shells: list[Shell]) -> list[Shell]:
    """Join layers that are one plane each and lie close above each other, with nodes of their own, into one shell."""
    single = sorted((shell for shell in shells if len(shell.planes) == 1), key=lambda shell: shell.altitude_km)
    kept = [shell for shell in shells if len(shell.planes) != 1]
    while single:
        stack = [single.pop(0)]
        for shell in list(single):
            above = shell.altitude_km - stack[-1].altitude_km
            beside = abs(shell.inclination_deg - stack[-1].inclination_deg)
            if above <= _STACK_KM and beside <= _STACK_DEG:
                stack.append(shell)
                single.remove(shell)
        joined = _shell(fleet, np.sort(np.concatenate([shell.rows for shell in stack])))
        whole = len(stack) >= _STACK_LEAST and len(joined.planes) == len(stack)
        kept += [joined] if whole else stack
    return kept


def _label(names: tuple[str, ...]) -> str:
    """Return the first word of the names, where half of them share it."""
    words = Counter(match[0] for match in map(_STEM.search, names) if match)
    (word, count) = min(words.items(), key=lambda item: (-item[1], item[0])) if words else ("", 0)
    return word if 2 * count >= len(names) else ""
