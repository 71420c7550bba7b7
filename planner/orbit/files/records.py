"""What a file of element sets says, before it is a fleet and after it was one.

Every reader turns text into `Record` rows; here their values are held to what an orbit of the Earth can have, repeated
objects are resolved, names are made unique and the columns become a `Fleet`. The writers take the way back. Nothing
here touches a file.

An orbit that meets the ground is an orbit here: published catalogues hold objects in their last days, and SGP4 itself
says when they are down.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from planner.arrays import FloatArray, floats, ints
from planner.errors import Problem
from planner.orbit.elements import Fleet, Published
from planner.times import datetime_of_julian_date

_RAD_MIN_PER_REV_D: Final = 2.0 * math.pi / 1440.0
_SHOWN: Final = 5
"""Objects that a note names before it says how many more there are."""
UNCLASSIFIED: Final = "U"
"""Classification of a set that states none (CCSDS 502.0-B-3, table 4-3: the default of CLASSIFICATION_TYPE)."""


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
    designator: str = ""
    classification: str = UNCLASSIFIED
    mean_motion_dot_rev_d2: float = 0.0
    mean_motion_ddot_rev_d3: float = 0.0
    element_set_number: int = 0
    revolution: int = 0

    @property
    def elements(self) -> tuple[float, ...]:
        """Number, epoch and all that SGP4 flies by: what makes two rows the same element set."""
        return self[2:12]

    @property
    def identity(self) -> int | str:
        """What tells the object from others: its catalogue number, or what it goes by where it has none."""
        return self.catalog_number or self.designator or self.name


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
    # SGP4 flies by neither derivative; the bounds keep out what is no number.
    _Range("mean_motion_dot_rev_d2", "first derivative of the mean motion", -1e6, 1e6, "between -1e6 and 1e6"),
    _Range("mean_motion_ddot_rev_d3", "second derivative of the mean motion", -1e6, 1e6, "between -1e6 and 1e6"),
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
    by_object: dict[int | str, list[Record]] = defaultdict(list)
    for record in records:
        by_object[record.identity].append(record)
    kept, repeated, older, amended = [], [], [], []
    for name, rows in by_object.items():
        if len(rows) == 1:
            kept += rows
            continue
        chosen = max(enumerate(rows), key=lambda row: (row[1].epoch_jd + row[1].epoch_fraction, row[0]))[1]
        kept.append(chosen)
        distinct = {row.elements for row in rows}
        epochs = {(row.epoch_jd, row.epoch_fraction) for row in rows}
        if len(distinct) < len(rows):
            repeated.append(str(name))
        if len(epochs) > 1:
            older.append(f"{name} of {_epoch_text(chosen.epoch_jd, chosen.epoch_fraction)}")
        if len(distinct) > len(epochs):
            amended.append(str(name))
    unnumbered = [str(record.identity) for record in kept if not record.catalog_number]
    notes = [
        _note(source, repeated, "identical rows of one object collapsed"),
        _note(source, older, "several epochs of one object: only the newest is used"),
        _note(source, amended, "different elements of one object at one epoch: the last in the file is used"),
        _note(source, unnumbered, "no catalogue number: the object is told from others by its designator or name"),
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
    return datetime_of_julian_date(epoch_jd, epoch_fraction).strftime("%Y-%m-%dT%H:%M:%SZ")


def unique_names(records: Sequence[Record]) -> tuple[str, ...]:
    """Return every record's name, with the catalogue number behind it where several share a name.

    A record without a name gets its catalogue number; one without a number goes by its designator instead. The
    identities must differ from record to record.
    """
    tags = [_tag(record.catalog_number, record.designator) for record in records]
    return _unique([record.name for record in records], tags)


def _tag(catalog_number: int, designator: str) -> str:
    return str(catalog_number or designator or "unnumbered")


def _unique(published: Sequence[str], tags: Sequence[str]) -> tuple[str, ...]:
    names = [name or tag for name, tag in zip(published, tags, strict=True)]
    while True:
        shared = {name for name, count in Counter(names).items() if count > 1}
        if not shared:
            return tuple(names)
        names = [f"{name} {tag}" if name in shared else name for name, tag in zip(names, tags, strict=True)]


def _published_names(names: tuple[str, ...], tags: Sequence[str]) -> tuple[str, ...]:
    """Return the names that `_unique` made `names` of: without what it put behind them."""
    bare = [name.removesuffix(f" {tag}") for name, tag in zip(names, tags, strict=True)]
    shared = {name for name, count in Counter(bare).items() if count > 1} - set(names)
    back = [short if short in shared else name for short, name in zip(bare, names, strict=True)]
    back = ["" if name == tag else name for name, tag in zip(back, tags, strict=True)]
    return tuple(back) if len(set(tags)) == len(tags) and _unique(back, tags) == names else names


def fleet_of(records: Sequence[Record], *, shell: str, rack_type: str) -> Fleet:
    """Return the records as a fleet, each satellite a plane of its own."""
    count = len(records)
    values: Iterable[tuple[Any, ...]] = zip(*records, strict=True) if count else ((),) * len(Record._fields)
    columns = dict(zip(Record._fields, values, strict=True))
    mean_motion_rev_d = floats(columns["mean_motion_rev_d"])
    return Fleet(
        names=unique_names(records),
        shells=(shell,) * count,
        planes=ints(np.arange(count)),
        slots=ints(np.zeros(count)),
        rack_types=(rack_type,) * count,
        catalog_numbers=ints(columns["catalog_number"]),
        epoch_jd=floats(columns["epoch_jd"]),
        epoch_fraction=floats(columns["epoch_fraction"]),
        mean_motion_rad_min=floats(mean_motion_rev_d * _RAD_MIN_PER_REV_D),
        eccentricity_fraction=floats(columns["eccentricity_fraction"]),
        inclination_deg=floats(columns["inclination_deg"]),
        raan_deg=floats(columns["raan_deg"]),
        argument_of_perigee_deg=floats(columns["argument_of_perigee_deg"]),
        mean_anomaly_deg=floats(columns["mean_anomaly_deg"]),
        bstar_per_radius=floats(columns["bstar_per_radius"]),
        published=Published(
            designators=columns["designator"],
            classifications=columns["classification"],
            mean_motion_dot_rev_d2=floats(columns["mean_motion_dot_rev_d2"]),
            mean_motion_ddot_rev_d3=floats(columns["mean_motion_ddot_rev_d3"]),
            element_set_numbers=ints(columns["element_set_number"]),
            revolutions=ints(columns["revolution"]),
        ),
    )


def records_of(fleet: Fleet) -> list[Record]:
    """Return a fleet as records, `fleet_of` undone: `place` is the satellite's name, `name` the published one.

    The mean motion is the shortest number of revolutions a day, of eight decimals where that is enough, that gives
    the fleet's own to the last bit (one bit beside it where no number of revolutions gives it).
    """
    published = fleet.published
    numbers = fleet.catalog_numbers.tolist()
    tags = [_tag(number, name) for number, name in zip(numbers, published.designators, strict=True)]
    rows = zip(
        fleet.names,
        _published_names(fleet.names, tags),
        numbers,
        fleet.epoch_jd.tolist(),
        fleet.epoch_fraction.tolist(),
        _rev_d(fleet.mean_motion_rad_min).tolist(),
        fleet.eccentricity_fraction.tolist(),
        fleet.inclination_deg.tolist(),
        fleet.raan_deg.tolist(),
        fleet.argument_of_perigee_deg.tolist(),
        fleet.mean_anomaly_deg.tolist(),
        fleet.bstar_per_radius.tolist(),
        published.designators,
        published.classifications,
        published.mean_motion_dot_rev_d2.tolist(),
        published.mean_motion_ddot_rev_d3.tolist(),
        published.element_set_numbers.tolist(),
        published.revolutions.tolist(),
        strict=True,
    )
    return [Record(*row) for row in rows]


def _rev_d(mean_motion_rad_min: FloatArray) -> FloatArray:
    exact = mean_motion_rad_min / _RAD_MIN_PER_REV_D
    chosen = exact
    for candidate in (np.nextafter(exact, 0.0), np.nextafter(exact, np.inf), exact, np.round(exact, 8)):
        chosen = np.where(candidate * _RAD_MIN_PER_REV_D == mean_motion_rad_min, candidate, chosen)
    return floats(chosen)
