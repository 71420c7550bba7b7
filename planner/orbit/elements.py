"""What flies: a fleet of satellites as columns of SGP4 mean elements.

The columns are the same whether a satellite was designed here or read from a published element set. Angles are
degrees in the TEME frame of each satellite's own epoch; the mean motion is Kozai's, as TLE and OMM carry it.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property, partial
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, lock
from planner.constants import WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.orbit.columns import Columns
from planner.times import utc_julian_date

STALE_AFTER_D: Final = 14.0
"""Age of published elements from which a plan must say so. Planner default: SGP4's error grows by kilometres a day,
faster where drag is strong; Starlink elements were measured to miss by 87 km (median) after six days."""


@dataclass(frozen=True, eq=False)
class Offsets(Columns):
    """Where each satellite of a formation stands beside its chief at the epoch ``[sat]``; zero for one alone.

    The frame is Hill's: x from the Earth's centre through the chief (radial), z along the chief's angular momentum
    (cross-track), y completing them, along the motion. The rates are those seen in that turning frame. A member's own
    row of the fleet holds the mean elements of its chief.
    """

    radial_km: FloatArray
    along_track_km: FloatArray
    cross_track_km: FloatArray
    radial_rate_km_s: FloatArray
    along_track_rate_km_s: FloatArray
    cross_track_rate_km_s: FloatArray

    @classmethod
    def none(cls, satellites: int) -> "Offsets":
        """Return offsets of zero."""
        return cls(*(np.zeros(satellites) for _ in fields(cls)))

    @cached_property
    def flown(self) -> BoolArray:
        """``[sat]``, True for a satellite that stands off its chief."""
        return lock(np.any([getattr(self, column.name) != 0.0 for column in fields(self)], axis=0))


@dataclass(frozen=True, eq=False)
class Published(Columns):
    """What a published element set says beside its elements ``[sat]``; SGP4 uses none of it.

    Attributes
    ----------
    designators
        International designator as OMM writes it, ``1998-067A``; empty when there is none.
    classifications
        ``U``, ``C`` or ``S``.
    mean_motion_dot_rev_d2, mean_motion_ddot_rev_d3
        Half of the first and a sixth of the second derivative of the mean motion, revolutions per day² and day³, as a
        TLE prints them and as published OMM repeats them under MEAN_MOTION_DOT and MEAN_MOTION_DDOT.
    element_set_numbers, revolutions
        Number of the set, and of the revolution at its epoch.
    """

    designators: tuple[str, ...]
    classifications: tuple[str, ...]
    mean_motion_dot_rev_d2: FloatArray
    mean_motion_ddot_rev_d3: FloatArray
    element_set_numbers: IntArray
    revolutions: IntArray

    @classmethod
    def none(cls, satellites: int) -> "Published":
        """Return what a designed satellite has: nothing."""
        numbers, rates = np.zeros(satellites, dtype=np.int64), np.zeros(satellites)
        return cls(("",) * satellites, ("U",) * satellites, rates, rates, numbers, numbers)


@dataclass(frozen=True, eq=False)
class Fleet(Columns):
    """Satellites ``[sat]``.

    Attributes
    ----------
    names
        Name of each satellite, unique within a fleet made by this package.
    shells
        Name of the shell (or of the element-set source) it belongs to.
    planes, slots
        Index of the orbital plane within the shell and of the place within the plane, counted from 0. Satellites
        read from element sets are each a plane of their own until planes are assigned.
    rack_types
        Catalog name (``rack_satellites.<name>``) of the satellite type.
    catalog_numbers
        NORAD catalogue number; 0 for a designed satellite, which has none.
    epoch_jd, epoch_fraction
        UTC Julian date of the epoch as a sum of two floats (the first ends in .5), exact to about 1e-11 d.
    mean_motion_rad_min
        Kozai mean motion, radians per minute.
    eccentricity_fraction
        Eccentricity, 0 ≤ e < 1.
    inclination_deg, raan_deg, argument_of_perigee_deg, mean_anomaly_deg
        Mean elements, degrees.
    bstar_per_radius
        SGP4 drag term B*, per Earth radius.
    offsets
        Where members of a formation stand beside the chief whose elements their rows hold.
    published
        What else a published set says.
    """

    names: tuple[str, ...]
    shells: tuple[str, ...]
    planes: IntArray
    slots: IntArray
    rack_types: tuple[str, ...]
    catalog_numbers: IntArray
    epoch_jd: FloatArray
    epoch_fraction: FloatArray
    mean_motion_rad_min: FloatArray
    eccentricity_fraction: FloatArray
    inclination_deg: FloatArray
    raan_deg: FloatArray
    argument_of_perigee_deg: FloatArray
    mean_anomaly_deg: FloatArray
    bstar_per_radius: FloatArray
    offsets: Offsets = field(default_factory=partial(Offsets.none, 0))
    published: Published = field(default_factory=partial(Published.none, 0))

    def __post_init__(self) -> None:
        # An empty table, the default, stands for one that has nothing to say of any satellite.
        for name, table in (("offsets", Offsets), ("published", Published)):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, table.none(len(self.names)))
        super().__post_init__()

    @cached_property
    def semi_major_axis_km(self) -> FloatArray:
        """Mean (Brouwer) semi-major axis under WGS72, the one that SGP4 flies, ``[sat]``."""
        brouwer = meanmotion.brouwer_rad_min(self.mean_motion_rad_min, self.eccentricity_fraction, self.inclination_deg)
        return floats(meanmotion.semi_major_axis_km(brouwer))

    @cached_property
    def altitude_km(self) -> FloatArray:
        """Mean semi-major axis above the WGS72 equatorial radius, ``[sat]``: the altitude a design asks for."""
        return floats(self.semi_major_axis_km - WGS72_RADIUS_KM)


def element_age_d(fleet: Fleet, at: datetime) -> FloatArray:
    """Return how old the elements are at `at`, days, ``[sat]``; negative where their epoch lies ahead.

    Raises
    ------
    ValueError
        If `at` has no time zone.
    """
    whole, fraction = utc_julian_date(at)
    return floats((whole - fleet.epoch_jd) + (fraction - fleet.epoch_fraction))
