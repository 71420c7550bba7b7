"""What a file of element sets says, before it is a fleet.

Both readers (TLE and OMM) turn text into `Records`; here their values are held to what an orbit of the Earth can have,
repeated objects are resolved, names are made unique and the columns become a `Fleet`. Nothing here touches a file.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from planner.arrays import FloatArray, floats, ints
from planner.errors import Problem
from planner.orbit.elements import Fleet
from planner.times import ORDINAL_ZERO_JD

_RAD_MIN_PER_REV_D: Final = 2.0 * math.pi / 1440.0
_SHOWN: Final = 5
"""Objects that a note names before it says how many more there are."""


class Record(NamedTuple):
    """One element set; `place` is where a fault of its values is to be looked for."""

    place: str
    name: str
    catalog_number: int
    epoch_jd: float
    epoch_fraction: float
    mean_motion_rev_d: float
    eccentricity_fraction: float
    inclination_deg: float
    raan_deg: float
    argument_of_perigee_deg: float
    mean_anomaly_deg: float
    bstar_per_radius: float

    @property
    def values(self) -> tuple[float, ...]:
        """Everything but place and name: what makes two rows the same element set."""
        return self[2:]


class _Range(NamedTuple):
    column: str
    label: str
    least: float
    most: float
    allowed: str


_RANGES: Final = (
    # The slowest orbit is that at the edge of the Earth's Hill sphere, 1.5 million km: 0.0047 revolutions a day. The
    # fastest is the circle at the Earth's surface: 17.04.
    _Range("mean_motion_rev_d", "mean motion", 0.004, 17.05, "between 0.004 and 17.05 revolutions a day"),
    _Range("eccentricity_fraction", "eccentricity", 0.0, math.nextafter(1.0, 0.0), "at least 0 and below 1"),
    _Range("inclination_deg", "inclination", 0.0, 180.0, "between 0 and 180 degrees"),
    _Range("raan_deg", "right ascension of the node", -360.0, 360.0, "between -360 and 360 degrees"),
    _Range("argument_of_perigee_deg", "argument of perigee", -360.0, 360.0, "between -360 and 360 degrees"),
    _Range("mean_anomaly_deg", "mean anomaly", -360.0, 360.0, "between -360 and 360 degrees"),
    _Range("bstar_per_radius", "B*", -1e6, 1e6, "between -1e6 and 1e6 per Earth radius"),
)


def range_problems(records: Sequence[Record]) -> list[Problem]:
    """Return a problem for every value that no orbit of the Earth has; one that is not a number is such a value."""
    found = []
    for limits in _RANGES:
        values = np.array([getattr(record, limits.column) for record in records], dtype=np.float64)
        for i in np.flatnonzero(~((values >= limits.least) & (values <= limits.most))).tolist():
            reason = f"{limits.label} {values[i]:g} is not allowed; it must be {limits.allowed}"
            found.append(Problem(records[i].place, reason))
    return found


def newest(records: Sequence[Record], source: str) -> tuple[list[Record], list[str]]:
    """Return one record to an object, in the order of the file, and notes on what was left out.

    Identical rows are collapsed. Of several epochs the newest stays; of several different rows at one epoch the last
    in the file, which is the latest published.
    """
    by_object: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        by_object[record.catalog_number].append(record)
    kept, repeated, older, amended = [], [], [], []
    for number, rows in by_object.items():
        distinct = list(dict.fromkeys(row.values for row in rows))
        chosen = max(enumerate(rows), key=lambda row: (row[1].epoch_jd + row[1].epoch_fraction, row[0]))[1]
        kept.append(chosen)
        epochs = {(row.epoch_jd, row.epoch_fraction) for row in rows}
        if len(distinct) < len(rows):
            repeated.append(str(number))
        if len(epochs) > 1:
            older.append(f"{number} of {_epoch_text(chosen.epoch_jd, chosen.epoch_fraction)}")
        if len(distinct) > len(epochs):
            amended.append(str(number))
    notes = [
        _note(source, repeated, "identical rows of one object collapsed"),
        _note(source, older, "several epochs of one object: only the newest is used"),
        _note(source, amended, "different elements of one object at one epoch: the last in the file is used"),
    ]
    return kept, [note for note in notes if note]


def _note(source: str, objects: list[str], what: str) -> str:
    """Return a note that names the first few objects, or nothing when there are none."""
    if not objects:
        return ""
    more = f" and {len(objects) - _SHOWN} more" if len(objects) > _SHOWN else ""
    return f"{source}: {what}: {', '.join(objects[:_SHOWN])}{more}"


def _epoch_text(epoch_jd: float, epoch_fraction: float) -> str:
    """Return an epoch as ``2026-09-20T09:15:42Z``, to the second."""
    midnight = datetime.fromordinal(int(epoch_jd - ORDINAL_ZERO_JD)).replace(tzinfo=UTC)
    at = midnight + timedelta(days=epoch_fraction)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def unique_names(records: Sequence[Record]) -> tuple[str, ...]:
    """Return every record's name, with the catalogue number behind it where several share a name.

    A record without a name gets its catalogue number. The numbers must differ from record to record.
    """
    names = [record.name or str(record.catalog_number) for record in records]
    while True:
        shared = {name for name, count in Counter(names).items() if count > 1}
        if not shared:
            return tuple(names)
        names = [
            f"{name} {record.catalog_number}" if name in shared else name
            for name, record in zip(names, records, strict=True)
        ]


def fleet_of(records: Sequence[Record], *, shell: str, rack_type: str) -> Fleet:
    """Return the records as a fleet, each satellite a plane of its own."""
    count = len(records)

    def column(name: str) -> FloatArray:
        return floats([getattr(record, name) for record in records])

    return Fleet(
        names=unique_names(records),
        shells=(shell,) * count,
        planes=ints(np.arange(count)),
        slots=ints(np.zeros(count)),
        rack_types=(rack_type,) * count,
        catalog_numbers=ints([record.catalog_number for record in records]),
        epoch_jd=column("epoch_jd"),
        epoch_fraction=column("epoch_fraction"),
        mean_motion_rad_min=floats(column("mean_motion_rev_d") * _RAD_MIN_PER_REV_D),
        eccentricity_fraction=column("eccentricity_fraction"),
        inclination_deg=column("inclination_deg"),
        raan_deg=column("raan_deg"),
        argument_of_perigee_deg=column("argument_of_perigee_deg"),
        mean_anomaly_deg=column("mean_anomaly_deg"),
        bstar_per_radius=column("bstar_per_radius"),
    )
