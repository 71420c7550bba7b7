"""What a text of Orbit Mean-Elements Messages in key-value notation says: one line to a keyword, message after message.

Notation: CCSDS 502.0-B-3, section 7. A message begins with ``CCSDS_OMM_VERS`` and ends where the next begins; blank
lines and comments may stand anywhere, blanks around keywords and values do not matter, and a number may be followed by
its unit in brackets.
"""

import re
from typing import Final

from planner.errors import Problem
from planner.orbit.files.omm import VERSIONS, Row, has_unit, read_rows, shown, unit_fault
from planner.orbit.files.records import Record

START: Final = "CCSDS_OMM_VERS"
"""Keyword that begins a message."""
_KEYWORD: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_OTHER_MESSAGE: Final = re.compile(r"CCSDS_[A-Z]{1,8}_VERS")
_WITH_UNIT: Final = re.compile(r"([^\[\]]*)\[([^\[\]]*)\]")


def parse_omm_kvn(text: str, *, source: str) -> tuple[list[Record], list[Problem], list[str]]:
    """Return the element sets of key-value `text`, every problem found in it, and notes.

    Parameters
    ----------
    text
        Whole text: messages one after another.
    source
        Name of the file, for the places of problems.

    Returns
    -------
    records, problems, notes
        Records only of messages without a problem. A message without a catalogue number is read when it names its
        object, as the standard leaves the number out at will.
    """
    rows, problems = _rows(text, source)
    records, faults = read_rows(rows, numbered=False)
    notes = []
    if rows and not text.endswith("\n"):
        notes.append(f"{source}: the last line has no end; if the file was cut off, its last value is wrong")
    return records, problems + faults, notes


def _rows(text: str, source: str) -> tuple[list[Row], list[Problem]]:
    """Return the messages whose lines are well formed, and what is wrong with the lines of the others."""
    rows: list[Row] = []
    problems: list[Problem] = []
    faulty: set[str] = set()
    row: Row | None = None  # The message being read; none before the first and inside those of other kinds.
    for number, line in enumerate(text.split("\n"), start=1):
        key, equals, value = line.partition("=")
        key = key.strip()
        if (not key and not equals) or key.split(maxsplit=1)[:1] == ["COMMENT"]:
            continue
        place = f"{source}:{number}"
        if key == START or _OTHER_MESSAGE.fullmatch(key) or (row is None and not problems):
            row, faults = _begun(key, value.strip(), place, source)
            rows += [row] if row else []
        elif row is None:
            continue
        else:
            value, faults = _read_line(key, equals, value, row, place)
            row.values[key], row.lines[key] = value, number
            faulty |= {row.place} if faults else set()
        problems += faults
    return [row for row in rows if row.place not in faulty], problems


def _begun(key: str, value: str, place: str, source: str) -> tuple[Row | None, list[Problem]]:
    """Return the message that a first line begins, or why none begins there."""
    if key == START and value in VERSIONS:
        return Row(place, {}, source, {}), []
    if key == START:
        reason = f"{START}: version {shown(value)} is not read; it must be {' or '.join(VERSIONS)}"
    elif _OTHER_MESSAGE.fullmatch(key):
        reason = f"a message of another kind begins here ({key}); only {START} is read"
    else:
        reason = f"{shown(key)} stands before {START}, which begins a message"
    return None, [Problem(place, reason)]


def _read_line(key: str, equals: str, value: str, row: Row, place: str) -> tuple[str, list[Problem]]:
    """Return a value without the unit behind it, and what is wrong with its line."""
    if not equals or not _KEYWORD.fullmatch(key):
        return "", [Problem(place, f"{shown(key)} is no line of the form KEYWORD = value")]
    if key in row.values:
        return "", [Problem(place, f"{shown(key)} is given more than once in one message")]
    match = _WITH_UNIT.fullmatch(value.strip()) if has_unit(key) else None
    return (match[1], unit_fault(key, match[2], place)) if match else (value, [])
