"""What a text of Orbit Mean-Elements Messages says, as CSV or JSON.

Both carry one object to a row with the keywords of the standard (CCSDS 502.0-B-3, Orbit Data Messages, table 4-3).
Numbers are judged by their text, so that a number too large, a NaN or a digit of another script never becomes a
value; JSON numbers are kept as text for the same reason. Unknown keywords are ignored, as publishers add their own.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from planner.errors import Problem
from planner.orbit.records import Record
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
"""Keywords that every object must have."""

_FIXED: Final = {
    "CENTER_NAME": {"EARTH"},
    "REF_FRAME": {"TEME"},
    "TIME_SYSTEM": {"UTC"},
    "MEAN_ELEMENT_THEORY": {"SGP4", "SGP/SGP4"},
    "EPHEMERIS_TYPE": {"0", "2", "3"},
}
"""What these must say where they are given; publishers' CSV and JSON leave the first four out. Ephemeris type 4 is
SGP4-XP, whose elements SGP4 would misread."""
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_ID: Final = re.compile(r"\+?0*([0-9]{1,9})")
_EPOCH: Final = re.compile(
    r"([0-9]{4})-(?:([0-9]{2})-([0-9]{2})|([0-9]{3}))T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,12}))?Z?"
)
_SECONDS_PER_DAY: Final = 86_400
_LONGEST_NUMBER: Final = 64
"""Characters; no published element has more than about 20."""


class _Row(NamedTuple):
    place: str
    values: Mapping[str, object]


def parse_omm_csv(text: str, *, source: str) -> tuple[list[Record], list[Problem], list[str]]:
    """Return the element sets of CSV `text`, every problem found in it, and notes.

    Parameters
    ----------
    text
        Whole text: a row of keywords, then one row to an object.
    source
        Name of the file, for the places of problems.

    Returns
    -------
    records, problems, notes
        Records only of rows without a problem.
    """
    rows, problems = _csv_rows(text, source)
    records, faults = _records(rows)
    notes = []
    if rows and not text.endswith("\n"):
        notes.append(f"{source}: the last row has no line end; if the file was cut off, its last value is wrong")
    return records, problems + faults, notes


def parse_omm_json(text: str, *, source: str) -> tuple[list[Record], list[Problem], list[str]]:
    """Return the element sets of JSON `text`, an array of objects or one object; as `parse_omm_csv`."""
    try:
        data = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_Object)
    except json.JSONDecodeError as error:
        place = f"{source}:{error.lineno}"
        reason = f"column {error.colno}: {error.msg}; the file was cut off or is not JSON"
        return [], [Problem(place, reason)], []
    except RecursionError:
        return [], [Problem(source, "nested too deeply; a flat array of objects is needed")], []
    entries = data if isinstance(data, list) else [data]
    rows, problems = [], []
    for number, entry in enumerate(entries, start=1):
        place = f"{source}: record {number}"
        if not isinstance(entry, _Object):
            problems.append(Problem(place, "is not an object with keywords such as NORAD_CAT_ID"))
        elif entry.repeats:
            problems += [Problem(place, f"{_shown(key)} is given more than once") for key in entry.repeats]
        else:
            rows.append(_Row(place, entry))
    records, faults = _records(rows)
    return records, problems + faults, []


class _Object(dict[str, Any]):
    """A JSON object that remembers the keys it was given more than once."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs) if len(self) < len(pairs) else Counter[str]()
        self.repeats = [key for key, count in counts.items() if count > 1]


def _csv_rows(text: str, source: str) -> tuple[list[_Row], list[Problem]]:
    """Return the rows under the header; one that has not as many values as the header is a problem."""
    # The text is split at line feeds only: csv itself would also split at a lone carriage return.
    reader = csv.reader((line + "\n" for line in text.split("\n")), strict=True)
    rows: list[_Row] = []
    problems: list[Problem] = []
    header: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"{source}:{reader.line_num}"
            if not header:
                header = [cell.strip() for cell in cells]
                problems = _header_problems(header, place)
                if problems:
                    break
            elif len(cells) != len(header):
                reason = f"{len(cells)} values under {len(header)} keywords; the row was cut off or misses a comma"
                problems.append(Problem(place, reason))
            else:
                rows.append(_Row(place, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        problems.append(Problem(f"{source}:{reader.line_num}", f"{error}; the file was cut off or is not CSV"))
    return rows, problems


def _header_problems(header: list[str], place: str) -> list[Problem]:
    missing = [key for key in REQUIRED if key not in header]
    repeated = sorted({key for key in header if header.count(key) > 1})
    return [Problem(place, f"no column {key}; the header must name it") for key in missing] + [
        Problem(place, f"column {key!r} is named more than once") for key in repeated
    ]


def _records(rows: Iterable[_Row]) -> tuple[list[Record], list[Problem]]:
    records, problems = [], []
    for row in rows:
        faults: list[Problem] = []
        record = _record(row, faults)
        problems += faults
        if not faults:
            records.append(record)
    return records, problems


def _record(row: _Row, faults: list[Problem]) -> Record:
    """Read one row and add what is wrong with it to `faults`; the record means nothing when something is."""
    place = row.place
    for key, allowed in _FIXED.items():
        given = _text(row.values.get(key))
        if given and given.upper() not in allowed:
            reason = f"{key}: {given!r} is not allowed; SGP4 needs {' or '.join(sorted(allowed))}"
            faults.append(Problem(place, reason))
    number = _whole_number(row, faults)
    jd, fraction = _epoch(row, faults)
    values = [_decimal(key, row, faults) for key in _NUMBERS]
    return Record(place, _name(row, faults), number, jd, fraction, *values)


def _text(value: object) -> str:
    """Return a value as text without surrounding blanks; nothing for a missing one."""
    return "" if value is None else str(value).strip()


def _name(row: _Row, faults: list[Problem]) -> str:
    """Return the name; JSON escapes can smuggle in a NUL or half a character, which no output can carry."""
    name = _text(row.values.get("OBJECT_NAME"))
    if "\0" in name or any("\ud800" <= character <= "\udfff" for character in name):
        faults.append(Problem(row.place, f"OBJECT_NAME: {_shown(name)} holds a NUL or an unpaired surrogate"))
    return name


def _given(key: str, row: _Row, faults: list[Problem]) -> str:
    text = _text(row.values.get(key))
    if not text:
        faults.append(Problem(row.place, f"{key} is missing; every object needs it"))
    return text


def _decimal(key: str, row: _Row, faults: list[Problem]) -> float:
    text = _given(key, row, faults)
    if len(text) <= _LONGEST_NUMBER and _DECIMAL.fullmatch(text):
        return float(text)
    if text:
        faults.append(Problem(row.place, f"{key}: {_shown(text)} is not a finite decimal number"))
    return 0.0


def _whole_number(row: _Row, faults: list[Problem]) -> int:
    text = _given("NORAD_CAT_ID", row, faults)
    match = _ID.fullmatch(text)
    if match and int(match[1]) > 0:
        return int(match[1])
    if text:
        reason = f"NORAD_CAT_ID: {_shown(text)} is not allowed; it must be a whole number from 1 to 999999999"
        faults.append(Problem(row.place, reason))
    return 0


def _epoch(row: _Row, faults: list[Problem]) -> tuple[float, float]:
    """Return the epoch as midnight and fraction of the day; a leap second is the next midnight."""
    text = _given("EPOCH", row, faults)
    match = _EPOCH.fullmatch(text)
    day = _ordinal(match) if match else None
    if match and day is not None:
        hour, minute, second = int(match[5]), int(match[6]), int(match[7])
        leap = (hour, minute, second) == (23, 59, 60)
        if hour < 24 and minute < 60 and (second < 60 or leap):
            seconds = hour * 3600 + minute * 60 + second
            rest = int(match[8]) / 10 ** len(match[8]) if match[8] and not leap else 0.0
            return ORDINAL_ZERO_JD + day + leap, 0.0 if leap else (seconds + rest) / _SECONDS_PER_DAY
    if text:
        reason = f"EPOCH: {_shown(text)} is not allowed; it must be UTC such as 2026-09-20T12:42:37.141056"
        faults.append(Problem(row.place, reason))
    return ORDINAL_ZERO_JD + 1.0, 0.0


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


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_NUMBER else text[:_LONGEST_NUMBER] + "…")
