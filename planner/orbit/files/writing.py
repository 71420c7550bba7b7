"""Which satellites of a fleet can go into a file of element sets, and under which numbers.

Everything that a format cannot hold is refused by the satellite's name, all of it at once; nothing is left out, cut or
changed without a word. Mean elements cannot hold the offset of a formation's member, so no format here takes one.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from planner.arrays import BoolArray
from planner.errors import ElementSetError, Problem
from planner.orbit.elements import Fleet
from planner.orbit.files.records import Record, range_problems, records_of
from planner.times import ORDINAL_ZERO_JD

LARGEST_NUMBER: Final = 999_999_999
"""Catalogue numbers have at most nine digits (CCSDS 502.0-B-3, table 4-3)."""


def records_to_write(fleet: Fleet, first_number: int | None) -> tuple[list[Record], list[Problem]]:
    """Return the satellites as records and what keeps them out of every format.

    With `first_number`, satellites without a catalogue number get that one and those after it, in their order.
    """
    records = _numbered(records_of(fleet), first_number)
    problems = [problem for record in records for problem in _problems(record)]
    problems += _twice(records) + _offset(records, fleet.offsets.flown) + range_problems(records)
    return records, problems


def require_writable(problems: Sequence[Problem]) -> None:
    """Raise `ElementSetError` when there is any problem."""
    if problems:
        raise ElementSetError(problems)


def epoch_day(record: Record) -> date | None:
    """Return the day of the epoch, None where no year from 1 to 9999 has it."""
    if not math.isfinite(record.epoch_jd) or not math.isfinite(record.epoch_fraction):
        return None
    # Rounding the fraction can end in the day after.
    ordinal = epoch(record, 1)[0]
    return date.fromordinal(ordinal) if 1 <= ordinal < date.max.toordinal() else None


def epoch(record: Record, units_per_day: int) -> tuple[int, int]:
    """Return the epoch as the ordinal of its day and whole units of the day, rounded."""
    at = record.epoch_jd - ORDINAL_ZERO_JD
    day = math.floor(at)
    rest = (at - day) + record.epoch_fraction
    more = math.floor(rest)
    units = round((rest - more) * units_per_day)
    return day + more + units // units_per_day, units % units_per_day


def stamp(created: datetime | None) -> str:
    """Return when a message was made, UTC to the second; nothing when it is not said.

    Raises
    ------
    ValueError
        If `created` has no time zone.
    """
    if created is None:
        return ""
    if created.tzinfo is None:
        raise ValueError(f"created: {created.isoformat()} has no time zone; write 2026-06-21T00:00:00Z")
    return created.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def printable(label: str, text: str) -> str:
    """Return `text`, which goes into a message as it is, on one line.

    Raises
    ------
    ValueError
        If it holds a line break or another character that is not printed.
    """
    if not text.isprintable():
        raise ValueError(f"{label}: {text!r} holds characters that are not printed")
    return text


def _numbered(records: list[Record], first_number: int | None) -> list[Record]:
    if first_number is None:
        return records
    numbers = iter(range(first_number, first_number + len(records)))
    return [record if record.catalog_number else record._replace(catalog_number=next(numbers)) for record in records]


def _problems(record: Record) -> list[Problem]:
    """Return what no format can hold of one satellite, its elements aside."""
    problems = []
    number = record.catalog_number
    if number == 0:
        reason = "has no catalogue number; give first_number, such as 300000, to number the designed satellites"
        problems.append(Problem(record.place, reason))
    elif not 0 < number <= LARGEST_NUMBER:
        problems.append(Problem(record.place, f"catalogue number {number} is not allowed; 1 to {LARGEST_NUMBER:,}"))
    for label, text in (("name", record.name), ("designator", record.designator)):
        if not text.isprintable():
            problems.append(Problem(record.place, f"{label} {text!r} holds characters that are not printed; rename it"))
    for label, count in (("element set number", record.element_set_number), ("revolution number", record.revolution)):
        if not 0 <= count <= LARGEST_NUMBER:
            problems.append(Problem(record.place, f"{label} {count} is not allowed; 0 to {LARGEST_NUMBER:,}"))
    if len(record.classification) != 1 or not "A" <= record.classification <= "Z":
        reason = f"classification {record.classification!r} is not allowed; one letter, U for unclassified"
        problems.append(Problem(record.place, reason))
    if epoch_day(record) is None:
        reason = f"the epoch, Julian date {record.epoch_jd} + {record.epoch_fraction}, is in no year from 1 to 9999"
        problems.append(Problem(record.place, reason))
    return problems


def _twice(records: list[Record]) -> list[Problem]:
    """Return a problem for each satellite that shares its number: the file would say they are one object."""
    counts = Counter(record.catalog_number for record in records if record.catalog_number)
    reason = "catalogue number {} is another satellite's too; give each its own"
    return [
        Problem(record.place, reason.format(record.catalog_number))
        for record in records
        if counts[record.catalog_number] > 1
    ]


def _offset(records: list[Record], flown: BoolArray) -> list[Problem]:
    reason = (
        "flies off the chief of its formation, and mean elements cannot say so; write the chief, or an ephemeris (OEM)"
    )
    return [Problem(records[i].place, reason) for i in np.flatnonzero(flown).tolist()]
