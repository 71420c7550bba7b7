"""What one Orbit Mean-Elements Message says: keywords and their texts turned into a record.

CSV, JSON, XML and KVN carry the keywords of one standard (CCSDS 502.0-B-3, Orbit Data Messages, table 4-3); the readers
of the four take a text apart into rows, and here a row is judged. Numbers are judged by their text, so that a number
too large, a NaN or a digit of another script never becomes a value. Unknown keywords are ignored, as publishers add
their own.

The readers are this package's own. Measured in 2026 against gpconf's files: ``sgp4.omm`` reads no KVN, refuses
catalogue numbers above 339,999 and epochs by day of year; ``ccsds-ndm`` (3.1, GPL) accepts a mean motion that is NaN, a
missing inclination, 30 February and another frame, and of several KVN messages returns one; ``ccsds-ndm-py`` (0.0.9)
refuses every KVN and XML message whose originator is blank, which are all that CelesTrak publishes.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple

from planner.errors import Problem
from planner.orbit.files.records import UNCLASSIFIED, Record
from planner.times import ORDINAL_ZERO_JD

_NUMBERS: Final = (
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
    "BSTAR",
)
"""In the order of `Record`."""
REQUIRED: Final = ("NORAD_CAT_ID", "EPOCH", *_NUMBERS)
"""Keywords that every object must have; the standard lets a message leave the number out."""
VERSIONS: Final = ("2.0", "3.0")
"""Versions of the message that are read; the standard of version 1.0 had no mean elements."""

_FIXED: Final = {
    "CENTER_NAME": ("EARTH",),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
    "MEAN_ELEMENT_THEORY": ("SGP/SGP4", "SGP4"),
    "EPHEMERIS_TYPE": ("0", "2", "3"),
}
"""What these must say where they are given; publishers' CSV and JSON leave the first four out. Ephemeris type 4 is
SGP4-XP, whose elements SGP4 would misread."""
_UNITS: Final = {
    "MEAN_MOTION": "rev/day",
    "INCLINATION": "deg",
    "RA_OF_ASC_NODE": "deg",
    "ARG_OF_PERICENTER": "deg",
    "MEAN_ANOMALY": "deg",
    "BSTAR": "1/ER",
    "MEAN_MOTION_DOT": "rev/day**2",
    "MEAN_MOTION_DDOT": "rev/day**3",
}
"""The one unit that a message may state with these."""
_OPTIONAL: Final = ("MEAN_MOTION_DOT", "MEAN_MOTION_DDOT")
_DECIMALS: Final = (*_NUMBERS, *_OPTIONAL)
_ONE_DECIMAL: Final = r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?"
_DECIMAL: Final = re.compile(_ONE_DECIMAL)
_ALL_DECIMALS: Final = re.compile(" ".join([_ONE_DECIMAL] * len(_DECIMALS)))
_WHOLE: Final = re.compile(r"\+?0*([0-9]{1,9})")
_EPOCH: Final = re.compile(
    r"([0-9]{4})-(?:([0-9]{2})-([0-9]{2})|([0-9]{3}))T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,12}))?Z?"
)
_CLASSIFICATION: Final = re.compile(r"[A-Z]")
_UNPRINTABLE: Final = re.compile("[\0\ud800-\udfff]")
_SECONDS_PER_DAY: Final = 86_400
_LONGEST_SHOWN: Final = 64
_NOWHERE: Final[dict[str, int]] = {}


class Row(NamedTuple):
    """Keywords of one object and what they say, with the lines of `source` on which they stand, where known."""

    place: str
    values: dict[str, Any]
    source: str = ""
    lines: dict[str, int] = _NOWHERE

    def at(self, key: str) -> str:
        """Return where a fault of `key` is to be looked for."""
        return f"{self.source}:{self.lines[key]}" if key in self.lines else self.place


def read_rows(rows: Iterable[Row], *, numbered: bool = True) -> tuple[list[Record], list[Problem]]:
    """Return the records of the rows without a fault, and every fault.

    With `numbered` False an object may lack its catalogue number when it has a name or a designator.
    """
    records, problems = [], []
    for row in rows:
        faults: list[Problem] = []
        record = _record(row, numbered, faults)
        if faults:
            problems += faults
        else:
            records.append(record)
    return records, problems


def unit_fault(key: str, unit: str, place: str) -> list[Problem]:
    """Return a problem when `unit`, stated with `key`, is not the standard's."""
    allowed = _UNITS.get(key)
    if allowed is None or unit.strip().lower() == allowed.lower():
        return []
    return [Problem(place, f"{key}: unit {shown(unit)} is not allowed; it must be {allowed}")]


def has_unit(key: str) -> bool:
    """Tell whether the value of `key` may be followed by a unit."""
    return key in _UNITS


def shown(text: str) -> str:
    """Return `text` as a message quotes it, no longer than a line."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")


def _record(row: Row, numbered: bool, faults: list[Problem]) -> Record:
    """Read one row and add what is wrong with it to `faults`; the record means nothing when something is."""
    for key, allowed in _FIXED.items():
        given = row.values.get(key)
        if given is not None and given not in allowed:
            _check_fixed(key, allowed, row, faults)
    name, designator = _words("OBJECT_NAME", row, faults), _words("OBJECT_ID", row, faults)
    number = _number(row, numbered or not (name or designator), faults)
    jd, fraction = _epoch(row, faults)
    mean_motion, eccentricity, inclination, raan, perigee, anomaly, bstar, dot, ddot = _decimals(row, faults)
    return Record(
        row.place,
        name,
        number,
        jd,
        fraction,
        mean_motion,
        eccentricity,
        inclination,
        raan,
        perigee,
        anomaly,
        bstar,
        designator,
        _classification(row, faults),
        dot,
        ddot,
        _count("ELEMENT_SET_NO", row, faults),
        _count("REV_AT_EPOCH", row, faults),
    )


def _text(value: object) -> str:
    """Return a value as text without surrounding blanks; nothing for a missing one."""
    return "" if value is None else str(value).strip()


def _check_fixed(key: str, allowed: tuple[str, ...], row: Row, faults: list[Problem]) -> None:
    given = _text(row.values.get(key)).upper()
    whole = _WHOLE.fullmatch(given)
    if given and (str(int(whole[1])) if whole else given) not in allowed:
        reason = f"{key}: {shown(given)} is not allowed; SGP4 needs {' or '.join(allowed)}"
        faults.append(Problem(row.at(key), reason))


def _words(key: str, row: Row, faults: list[Problem]) -> str:
    """Return a name; JSON escapes can smuggle in a NUL or half a character, which no output can carry."""
    text = _text(row.values.get(key))
    if _UNPRINTABLE.search(text):
        faults.append(Problem(row.at(key), f"{key}: {shown(text)} holds a NUL or an unpaired surrogate"))
    return text


def _classification(row: Row, faults: list[Problem]) -> str:
    text = _text(row.values.get("CLASSIFICATION_TYPE")).upper() or UNCLASSIFIED
    if not _CLASSIFICATION.fullmatch(text):
        reason = f"CLASSIFICATION_TYPE: {shown(text)} is not allowed; it must be one letter, U for unclassified"
        faults.append(Problem(row.at("CLASSIFICATION_TYPE"), reason))
    return text


def _missing(key: str, row: Row) -> Problem:
    return Problem(row.at(key), f"{key} is missing; every object needs it")


def _decimals(row: Row, faults: list[Problem]) -> list[float]:
    """Return the numbers of `_DECIMALS`, the optional ones 0 where they are left out."""
    values = row.values
    texts = [_text(values.get(key)) for key in _DECIMALS]
    # All are matched at once, which they nearly always do: one with a blank inside cannot take another's place.
    if _ALL_DECIMALS.fullmatch(" ".join(texts)):
        return [float(text) for text in texts]
    return [_decimal(key, text, row, faults) for key, text in zip(_DECIMALS, texts, strict=True)]


def _decimal(key: str, text: str, row: Row, faults: list[Problem]) -> float:
    if _DECIMAL.fullmatch(text):
        return float(text)
    if text:
        faults.append(Problem(row.at(key), f"{key}: {shown(text)} is not a finite decimal number"))
    elif key not in _OPTIONAL:
        faults.append(_missing(key, row))
    return 0.0


def _count(key: str, row: Row, faults: list[Problem]) -> int:
    text = _text(row.values.get(key))
    match = _WHOLE.fullmatch(text)
    if match:
        return int(match[1])
    if text:
        reason = f"{key}: {shown(text)} is not allowed; it must be a whole number from 0 to 999999999"
        faults.append(Problem(row.at(key), reason))
    return 0


def _number(row: Row, needed: bool, faults: list[Problem]) -> int:
    text = _text(row.values.get("NORAD_CAT_ID"))
    match = _WHOLE.fullmatch(text)
    if match and int(match[1]) > 0:
        return int(match[1])
    if text:
        reason = f"NORAD_CAT_ID: {shown(text)} is not allowed; it must be a whole number from 1 to 999999999"
        faults.append(Problem(row.at("NORAD_CAT_ID"), reason))
    elif needed:
        faults.append(_missing("NORAD_CAT_ID", row))
    return 0


def _epoch(row: Row, faults: list[Problem]) -> tuple[float, float]:
    text = _text(row.values.get("EPOCH"))
    found = utc_epoch(text)
    if found is not None:
        return found
    if text:
        reason = f"EPOCH: {shown(text)} is not allowed; it must be UTC such as 2026-09-20T12:42:37.141056"
        faults.append(Problem(row.at("EPOCH"), reason))
    else:
        faults.append(_missing("EPOCH", row))
    return ORDINAL_ZERO_JD + 1.0, 0.0


def utc_epoch(text: str) -> tuple[float, float] | None:
    """Return an epoch as midnight (Julian date) and fraction of the day, None for what is none.

    Calendar or day of year, with or without fraction and ``Z`` (CCSDS 502.0-B-3, 7.5.10). A leap second is the next
    midnight.
    """
    match = _EPOCH.fullmatch(text)
    day = _ordinal(match) if match else None
    if match is None or day is None:
        return None
    hour, minute, second = int(match[5]), int(match[6]), int(match[7])
    if (hour, minute, second) == (23, 59, 60):
        return ORDINAL_ZERO_JD + day + 1, 0.0
    if hour > 23 or minute > 59 or second > 59:
        return None
    # Whole numbers are divided once, so that the float is the nearest, and the same that a TLE of this epoch gives.
    digits = match[8] or ""
    units = int(f"{hour * 3600 + minute * 60 + second}{digits}")
    return ORDINAL_ZERO_JD + day, units / (_SECONDS_PER_DAY * 10 ** len(digits))


def _ordinal(match: re.Match[str]) -> int | None:
    """Return the day that the calendar or day-of-year date names, or None when there is no such day."""
    year = int(match[1])
    try:
        if match[4] is None:
            return date(year, int(match[2]), int(match[3])).toordinal()
        first = date(year, 1, 1).toordinal()
        last = date(year, 12, 31).toordinal()
    except ValueError:
        return None
    day = first - 1 + int(match[4])
    return day if first <= day <= last else None
