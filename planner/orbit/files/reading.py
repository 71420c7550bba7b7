"""Which satellites a file holds: element-set files of any supported kind, told apart by what is in them.

TLE, 3LE, and OMM as CSV, JSON, XML or key-value notation; UTF-8 or UTF-16, any line ends. What cannot be read for
certain is refused with every problem that was found, and read in part only where that is asked for.
"""

import re
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from planner.errors import DataIntegrityError, ElementSetError, Problem
from planner.orbit.elements import STALE_AFTER_D, Fleet, element_age_d
from planner.orbit.files.omm import REQUIRED
from planner.orbit.files.omm_csv import parse_omm_csv
from planner.orbit.files.omm_json import parse_omm_json
from planner.orbit.files.omm_kvn import START, parse_omm_kvn
from planner.orbit.files.omm_xml import parse_omm_xml
from planner.orbit.files.records import Record, fleet_of, newest, range_problems
from planner.orbit.files.tle import parse_tle

MAXIMUM_FILE_MB: Final = 200
"""Larger files are refused unread. Planner default: the whole public catalogue is about 10 MB."""

_BYTES_PER_MB: Final = 1_000_000
_PACKED: Final = {
    b"\x1f\x8b": ("gzip", "gunzip it first"),
    b"PK\x03\x04": ("zip (or npz)", "unzip it first"),
    b"PK\x05\x06": ("zip (or npz)", "it is empty"),
    b"BZh": ("bzip2", "bunzip2 it first"),
    b"\xfd7zXZ": ("xz", "unxz it first"),
    b"\x28\xb5\x2f\xfd": ("zstandard", "unzstd it first"),
    b"\x93NUMPY": ("NumPy", "give the element sets as text"),
    b"\x80\x04": ("pickled", "give the element sets as text"),
}
_SUPPORTED: Final = "TLE, 3LE or OMM (CSV, JSON, XML or key-value notation)"
_ELEMENT_LINE: Final = re.compile(r"^[12] ", re.MULTILINE)
_SET_FIRST: Final = re.compile(r"(?:[^\n]*\n)?1 [^\n]{60,}\n2 ")
"""A text that begins with a set of elements, whatever the first object's name looks like."""
_MESSAGES: Final = re.compile(r"<(?:\w+:)?(?:ndm|omm)\b")
_KEY_VALUE: Final = re.compile(rf"(?:COMMENT\b[^\n]*\n\s*+)*+{START}\b")

_Parsed = tuple[list[Record], list[Problem], list[str]]


@dataclass(frozen=True, eq=False)
class ElementFile:
    """What a file of element sets held.

    Attributes
    ----------
    fleet
        ``[sat]``, one satellite to an object, each a plane of its own.
    notes
        What a reader of the plan must know: rows that were collapsed, epochs left out, checksums not verified.
    format
        What the file is: ``TLE`` (or 3LE), ``OMM CSV``, ``OMM JSON``, ``OMM XML`` or ``OMM KVN``.
    refused
        What was wrong with the sets left out; nothing, unless faulty ones were to be skipped.
    """

    fleet: Fleet
    notes: tuple[str, ...]
    format: str = ""
    refused: tuple[Problem, ...] = ()


def read_elements(
    path: Path, *, rack_type: str = "", shell: str = "", verify_checksum: bool = True, skip_faulty: bool = False
) -> ElementFile:
    """Return the satellites of an element-set file.

    Parameters
    ----------
    path
        File of TLE, 3LE or OMM (CSV, JSON, XML, key-value notation); which one is told by its content, not by its
        name.
    rack_type
        Catalog name of the satellite type that the objects stand for.
    shell
        Name of the shell; the file's name without its ending when empty.
    verify_checksum
        False accepts TLE lines with a wrong checksum, and says so in a note.
    skip_faulty
        True leaves out the sets that are wrong, with a note and the problems in `ElementFile.refused`, where any set
        is right.

    Returns
    -------
    ElementFile
        In the order of the file, one satellite to a catalogue number.

    Raises
    ------
    ElementSetError
        With every problem of the file, each with its line.
    """
    path = Path(path)
    source = str(path)
    kind, (records, problems, notes) = _parse(_text(path), source, verify_checksum)
    impossible = range_problems(records)
    problems = problems + impossible
    if problems and skip_faulty:
        places = {problem.place for problem in impossible}
        records = [record for record in records if record.place not in places]
        notes = [*notes, f"{source}: element sets with faults are left out; faults: {len(problems)}"]
    if problems and not (skip_faulty and records):
        raise ElementSetError(problems)
    records, more = newest(records, source)
    fleet = fleet_of(records, shell=shell or path.stem, rack_type=rack_type)
    return ElementFile(fleet, (*notes, *more), kind, tuple(problems))


def staleness_note(fleet: Fleet, start: datetime, *, limit_d: float = STALE_AFTER_D) -> str:
    """Return a sentence about the elements too far from `start` to be trusted, or an empty one when all are near.

    Elements of a later epoch count as well: SGP4 errs backwards in time as it does forwards.

    Raises
    ------
    ValueError
        If `start` has no time zone.
    """
    age = element_age_d(fleet, start)
    far = abs(age) > limit_d
    if not far.any():
        return ""
    worst = int(abs(age).argmax())
    side = "older than" if age[worst] > 0 else "ahead of"
    return (
        f"{int(far.sum())} of {len(fleet)} element sets lie more than {limit_d:g} d from {start.isoformat()}; the "
        f"furthest, {fleet.names[worst]}, is {abs(age[worst]):.1f} d {side} it; give newer elements or another start"
    )


def bundled_element_sets() -> Path:
    """Return the folder of published element sets that comes with the package.

    Raises
    ------
    DataIntegrityError
        If it is neither inside the installed package nor beside it in a checkout.
    """
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "data" / "tle", package.parent / "tle"):
        if (folder / "README.md").is_file():
            return folder
    raise DataIntegrityError(f"the element sets are missing from {package / 'data' / 'tle'}; reinstall the package")


def _text(path: Path) -> str:
    """Return the file's text with plain line ends, or say why it is none."""
    source = str(path)
    data = _bytes(path)
    for mark, (kind, fix) in _PACKED.items():
        if data.startswith(mark):
            raise ElementSetError(Problem(source, f"is a {kind} file, which is not unpacked here; {fix}"))
    wide = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"bytes that are not {'UTF-16' if wide else 'UTF-8'} ({error.reason}); save the file as UTF-8"
        raise ElementSetError(Problem(f"{source}:{line}", reason)) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise ElementSetError(Problem(f"{source}:{line}", "a NUL character; the file is damaged or not text"))
    return text


def _bytes(path: Path) -> bytes:
    """Return the content of a regular file of bearable size."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ElementSetError(Problem(str(path), "is not a regular file"))
        if status.st_size > MAXIMUM_FILE_MB * _BYTES_PER_MB:
            size = status.st_size / _BYTES_PER_MB
            raise ElementSetError(Problem(str(path), f"is {size:,.0f} MB large; at most {MAXIMUM_FILE_MB} MB are read"))
        return path.read_bytes()
    except OSError as error:
        raise ElementSetError(Problem(str(path), f"cannot be read: {error.strerror or error}")) from error


def _parse(text: str, source: str, verify_checksum: bool) -> tuple[str, _Parsed]:
    """Return what the text is, and the records, problems and notes of the reader that this calls for."""
    start = text.lstrip()
    if _SET_FIRST.match(start):
        kind, parsed = "TLE", parse_tle(text, source=source, verify_checksum=verify_checksum)
    elif start[:1] in {"[", "{"}:
        kind, parsed = "OMM JSON", parse_omm_json(text, source=source)
    elif start[:1] == "<" and _MESSAGES.search(start):
        kind, parsed = "OMM XML", parse_omm_xml(text, source=source)
    elif _KEY_VALUE.match(start):
        kind, parsed = "OMM KVN", parse_omm_kvn(text, source=source)
    elif _is_csv(start):
        kind, parsed = "OMM CSV", parse_omm_csv(text, source=source)
    elif _ELEMENT_LINE.search(text) and not start.startswith("<"):
        kind, parsed = "TLE", parse_tle(text, source=source, verify_checksum=verify_checksum)
    else:
        raise ElementSetError(Problem(source, f"no element sets found: {_what(start)}"))
    records, problems, _ = parsed
    if not records and not problems:
        raise ElementSetError(Problem(source, f"no element sets found: no objects in it; {_SUPPORTED} is needed"))
    return kind, parsed


def _is_csv(start: str) -> bool:
    cells = {cell.strip().strip('"') for cell in start.split("\n", 1)[0].split(",")}
    return len(cells) > 1 and not cells.isdisjoint(REQUIRED)


def _what(start: str) -> str:
    """Say what a text that is no element set looks like, and what would be read."""
    first = start.split("\n", 1)[0].strip()
    if not first:
        found = "the file is empty"
    elif start.startswith("<"):
        found = "this is a web page (HTML) or other markup"
    else:
        found = f"it says {first[:60]!r}"
    return f"{found}; {_SUPPORTED} is needed"
