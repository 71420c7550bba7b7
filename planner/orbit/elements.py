"""What flies: a fleet of satellites as columns of SGP4 mean elements.

The columns are the same whether a satellite was designed here or read from a published element set. Angles are
degrees in the TEME frame of each satellite's own epoch; the mean motion is Kozai's, as TLE and OMM carry it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints
from planner.constants import WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.times import utc_julian_date

STALE_AFTER_D: Final = 14.0
"""Age of published elements from which a plan must say so. Planner default: SGP4's error grows by kilometres a day,
faster where drag is strong; Starlink elements were measured to miss by 87 km (median) after six days."""

_TEXT = {"names", "shells", "rack_types"}
_WHOLE = {"planes", "slots", "catalog_numbers"}


@dataclass(frozen=True, eq=False)
class Fleet:
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

    def __post_init__(self) -> None:
        count = len(self.names)
        for column in fields(self):
            values = getattr(self, column.name)
            if column.name in _TEXT:
                values = tuple(str(value) for value in values)
            elif column.name in _WHOLE:
                values = ints(values)
            else:
                values = floats(values)
            if np.shape(values) != (count,):
                raise ValueError(f"{column.name}: shape {np.shape(values)} for {count} satellites")
            object.__setattr__(self, column.name, values)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, pick: BoolArray | IntArray | slice | Sequence[int]) -> "Fleet":
        """Return the picked satellites (mask, indices or slice) as a fleet of their own."""
        everyone = np.arange(len(self))
        index = everyone[pick] if isinstance(pick, slice) else everyone[_indices(pick)]
        columns: dict[str, Any] = {}
        for column in fields(self):
            values = getattr(self, column.name)
            columns[column.name] = tuple(values[i] for i in index) if column.name in _TEXT else values[index]
        return Fleet(**columns)

    def __add__(self, other: "Fleet") -> "Fleet":
        """Return the satellites of both fleets, this one's first."""
        columns: dict[str, Any] = {}
        for column in fields(self):
            mine, theirs = getattr(self, column.name), getattr(other, column.name)
            columns[column.name] = mine + theirs if column.name in _TEXT else np.concatenate([mine, theirs])
        return Fleet(**columns)

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


def _indices(pick: BoolArray | IntArray | Sequence[int]) -> BoolArray | IntArray:
    """Return `pick` as a mask or an index array; an empty list picks nobody."""
    index = np.atleast_1d(np.asarray(pick))
    return index if index.size else index.astype(np.int64)
