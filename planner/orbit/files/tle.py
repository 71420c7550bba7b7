"""What a text of two-line element sets says, column by column.

A strict reader of TLE (two lines to an object) and 3LE (a name line before them, with or without its leading ``0``).
Columns are those of the published format; they count from 1. Every fault is reported with its line. sgp4's own
``twoline2rv`` is not used to read: it accepts a wrong checksum, a short line and a letter in a number.

Format: Hoots and Roehrich, Spacetrack Report No. 3 (1980), and T. S. Kelso, Frequently asked questions: two-line
element set format, Satellite Times 4(3), 1998. Alpha-5 catalogue numbers: https://www.space-track.org/documentation.
"""

import re
from datetime import date
from typing import Final, NamedTuple

from planner.errors import Problem
from planner.orbit.files.records import UNCLASSIFIED, Record
from planner.times import ORDINAL_ZERO_JD

ALPHA5: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""First character of a catalogue number from 100,000 on, worth 10, 11, …; I and O are left out."""
FIRST_YEAR: Final = 57
"""Two-digit years from here on are 19xx (Sputnik 1), those before are 20xx. Kelso 1998 says so of the epoch; no
document says it of the launch in the designator, which is read alike."""

_COLUMNS: Final = 69
_WORTH: Final = bytes(int(chr(code)) if chr(code) in "0123456789" else chr(code) == "-" for code in range(256))
"""What each character adds to a checksum: digits count themselves, a minus counts 1."""
_SGP4_XP: Final = "4"
_DESIGNATOR: Final = re.compile(r"([0-9]{2})([0-9]{3}[A-Z]{1,3}) *")


class _Field(NamedTuple):
    first: int
    last: int
    pattern: str
    label: str


_NUMBER: Final = rf"(?:[{ALPHA5}][0-9]{{4}}|[0-9]{{5}}| [0-9]{{4}}|  [0-9]{{3}}|   [0-9]{{2}}|    [0-9])"
_ANGLE: Final = r"[ 0-9]{2}[0-9]\.[0-9]{4}"
_POWER: Final = r"[ +-][0-9]{5}[ +-][0-9]"
_LINE_1: Final = (
    _Field(1, 2, "1 ", "line number"),
    _Field(3, 7, _NUMBER, "catalogue number"),
    _Field(8, 9, "[A-Z ] ", "classification"),
    _Field(10, 18, "[A-Z0-9 ]{8} ", "international designator"),
    _Field(19, 20, "[0-9]{2}", "year of the epoch"),
    _Field(21, 33, r"[ 0-9]{2}[0-9]\.[0-9]{8} ", "day of the epoch"),
    _Field(34, 44, r"[ +-]\.[0-9]{8} ", "first derivative of the mean motion"),
    _Field(45, 53, _POWER + " ", "second derivative of the mean motion"),
    _Field(54, 62, _POWER + " ", "B*"),
    _Field(63, 64, "[ 0-9] ", "ephemeris type"),
    _Field(65, 68, "[ 0-9]{4}", "element set number"),
    _Field(69, 69, "[0-9]", "checksum"),
)
_LINE_2: Final = (
    _Field(1, 2, "2 ", "line number"),
    _Field(3, 8, _NUMBER + " ", "catalogue number"),
    _Field(9, 17, _ANGLE + " ", "inclination"),
    _Field(18, 26, _ANGLE + " ", "right ascension of the node"),
    _Field(27, 34, "[0-9]{7} ", "eccentricity"),
    _Field(35, 43, _ANGLE + " ", "argument of perigee"),
    _Field(44, 52, _ANGLE + " ", "mean anomaly"),
    _Field(53, 63, r"[ 0-9][0-9]\.[0-9]{8}", "mean motion"),
    _Field(64, 68, "[ 0-9]{5}", "revolution number"),
    _Field(69, 69, "[0-9]", "checksum"),
)
_FIELDS: Final = {"1": _LINE_1, "2": _LINE_2}
_WHOLE: Final = {
    kind: re.compile("".join(f"({field.pattern})" for field in columns)) for kind, columns in _FIELDS.items()
}
_EACH: Final = {
    kind: tuple((field, re.compile(field.pattern)) for field in columns) for kind, columns in _FIELDS.items()
}


class _Line(NamedTuple):
    number: int
    kind: str
    text: str


class _Pair(NamedTuple):
    name: str
    first: _Line
    second: _Line


def parse_tle(text: str, *, source: str, verify_checksum: bool = True) -> tuple[list[Record], list[Problem], list[str]]:
    """Return the element sets of `text`, every problem found in it, and notes.

    Parameters
    ----------
    text
        Whole text; line ends and trailing blanks do not matter.
    source
        Name of the file, for the places of problems.
    verify_checksum
        False accepts lines whose checksum is wrong and says so in a note.

    Returns
    -------
    records, problems, notes
        Records only of sets without a problem.
    """
    pairs, problems = _pairs(_lines(text), source)
    records = []
    unverified: list[int] = []
    for pair in pairs:
        faults = [fault for line in (pair.first, pair.second) for fault in _line_faults(line, source)]
        wrong = [line for line in (pair.first, pair.second) if not faults and not _checksum_holds(line.text)]
        if verify_checksum:
            faults += [_checksum_fault(line, source) for line in wrong]
        if not faults:
            faults = _set_faults(pair, source)
        problems += faults
        if not faults:
            unverified += [line.number for line in wrong]
            records.append(_record(pair, source))
    notes = []
    if unverified:
        shown = ", ".join(str(number) for number in unverified)
        notes.append(f"{source}: wrong checksum accepted on {len(unverified)} lines: {shown}")
    return records, problems, notes


def _lines(text: str) -> list[_Line]:
    """Return the lines that are not blank, told apart: "1", "2", or "0" for a name."""
    lines = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip()
        if line:
            lines.append(_Line(number, line[0] if line[:2] in {"1 ", "2 "} else "0", line))
    return lines


def _pairs(lines: list[_Line], source: str) -> tuple[list[_Pair], list[Problem]]:
    """Put each line 1 with the line 2 after it; say of every other line why it stands alone."""
    pairs, problems = [], []
    name: _Line | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        after = lines[at + 1] if at + 1 < len(lines) else _Line(0, "", "")
        at += 1
        if line.kind == "0":
            if name is not None:
                problems.append(_lonely_name(name, source))
            name = line
            continue
        if line.kind == "1" and after.kind == "2":
            pairs.append(_Pair(_plain_name(name), line, after))
            at += 1
        elif line.kind == "2" and _swapped(line, lines[at : at + 2]):
            reason = f"lines 1 and 2 are swapped (line 1 stands on line {after.number}); put line 1 first"
            problems.append(Problem(f"{source}:{line.number}", reason))
            at += 1
        else:
            problems.append(_orphan(line, source))
        name = None
    if name is not None:
        problems.append(_lonely_name(name, source))
    return pairs, problems


def _swapped(line: _Line, following: list[_Line]) -> bool:
    """Tell whether a line 2 is followed by its own line 1, and that one not by a line 2."""
    kinds = [other.kind for other in following]
    return kinds[:1] == ["1"] and kinds[1:] != ["2"] and following[0].text[2:7] == line.text[2:7]


def _orphan(line: _Line, source: str) -> Problem:
    wanted = "is not followed by its line 2" if line.kind == "1" else "does not follow its line 1"
    return Problem(
        f"{source}:{line.number}",
        f"line {line.kind} of object {line.text[2:7].strip() or '?'} {wanted}; a set is a line 1 and a line 2",
    )


def _lonely_name(line: _Line, source: str) -> Problem:
    shown = line.text if len(line.text) <= 40 else line.text[:40] + "…"
    return Problem(f"{source}:{line.number}", f"{shown!r} is no element line and no name before a line 1; remove it")


def _plain_name(name: _Line | None) -> str:
    """Return the name without the leading ``0`` of 3LE; empty when there is none."""
    if name is None:
        return ""
    return name.text.removeprefix("0 ").strip()


def _line_faults(line: _Line, source: str) -> list[Problem]:
    """Return what is wrong with the columns of one line."""
    place = f"{source}:{line.number}"
    if len(line.text) != _COLUMNS:
        kind = "short" if len(line.text) < _COLUMNS else "long"
        return [Problem(place, f"the line is too {kind}: {len(line.text)} columns, {_COLUMNS} are needed")]
    if _WHOLE[line.kind].fullmatch(line.text):
        return []
    faults = []
    for field, pattern in _EACH[line.kind]:
        found = line.text[field.first - 1 : field.last]
        if not pattern.fullmatch(found):
            faults.append(Problem(place, f"columns {field.first}-{field.last}, {field.label}: {_why(field, found)}"))
    return faults


def _why(field: _Field, found: str) -> str:
    if field.label == "catalogue number" and found[:1] in {"I", "O"}:
        return f"{found.strip()!r} starts with {found[0]}, which Alpha-5 leaves out (I and O look like 1 and 0)"
    return f"{found!r} does not have the digits, points and blanks of this column where they belong"


def checksum(text: str) -> int:
    """Return the sum of the first 68 columns modulo 10: digits count themselves, a minus counts 1."""
    return sum(text[:68].encode("ascii", "replace").translate(_WORTH)) % 10


def _checksum_holds(text: str) -> bool:
    return checksum(text) == int(text[68])


def _checksum_fault(line: _Line, source: str) -> Problem:
    return Problem(
        f"{source}:{line.number}",
        f"the checksum is {line.text[68]} but the line sums to {checksum(line.text)}: the line was altered; "
        "get it again, or accept it with --no-checksum",
    )


def _set_faults(pair: _Pair, source: str) -> list[Problem]:
    """Return what is wrong with a set whose two lines are each well formed."""
    first, second = pair.first.text, pair.second.text
    place = f"{source}:{pair.first.number}"
    faults = []
    if _catalog_number(first[2:7]) != _catalog_number(second[2:7]):
        reason = f"catalogue number {second[2:7].strip()} differs from {first[2:7].strip()} of its line 1"
        faults.append(Problem(f"{source}:{pair.second.number}", f"{reason}; two objects are mixed up"))
    if _catalog_number(first[2:7]) == 0:
        faults.append(Problem(place, "catalogue number 0 names no object; give each object a number of its own"))
    # Day 366 of a common year is 1 January of the next; published sets have it.
    if not 1 <= int(first[20:23]) <= 366:
        faults.append(Problem(place, f"day {first[20:32].strip()} of the epoch is not allowed; 1 to 366.99999999"))
    if first[62] == _SGP4_XP:
        reason = "ephemeris type 4 marks elements of SGP4-XP, which SGP4 would misread; get the SGP4 elements"
        faults.append(Problem(place, reason))
    return faults


def _catalog_number(columns: str) -> int:
    if columns[0] in ALPHA5:
        return (ALPHA5.index(columns[0]) + 10) * 10_000 + int(columns[1:])
    return int(columns)


def _record(pair: _Pair, source: str) -> Record:
    first, second = pair.first.text, pair.second.text
    year = _full_year(first[18:20])
    return Record(
        f"{source}:{pair.second.number}",
        pair.name,
        _catalog_number(first[2:7]),
        date(year, 1, 1).toordinal() - 1 + int(first[20:23]) + ORDINAL_ZERO_JD,
        int(first[24:32]) / 1e8,
        float(second[52:63]),
        int(second[26:33]) / 1e7,
        float(second[8:16]),
        float(second[17:25]),
        float(second[34:42]),
        float(second[43:51]),
        _power(first[53:61]),
        _designator(first[9:17]),
        first[7].strip() or UNCLASSIFIED,
        float(first[33:43]),
        _power(first[44:52]),
        int(first[64:68].strip() or 0),
        int(second[63:68].strip() or 0),
    )


def _full_year(digits: str) -> int:
    year = int(digits)
    return year + (1900 if year >= FIRST_YEAR else 2000)


def _designator(columns: str) -> str:
    """Return ``98067A`` as ``1998-067A``; what is no launch, number and piece as it stands."""
    match = _DESIGNATOR.fullmatch(columns)
    return f"{_full_year(match[1])}-{match[2]}" if match else columns.strip()


def _power(columns: str) -> float:
    """Return the value of ``±ddddd±d``: a decimal point before the digits, then a power of ten."""
    return float(f"{columns[0].strip()}0.{columns[1:6]}e{columns[6:].replace(' ', '+')}")
