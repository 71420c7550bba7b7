"""What a text of Orbit Mean-Elements Messages as CSV says: a row of keywords, then one row to an object."""

import csv
from collections import Counter

from planner.errors import Problem
from planner.orbit.files.omm import REQUIRED, Row, read_rows, shown
from planner.orbit.files.records import Record


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
    rows, problems = _rows(text, source)
    records, faults = read_rows(rows)
    notes = []
    if rows and not text.endswith("\n"):
        notes.append(f"{source}: the last row has no line end; if the file was cut off, its last value is wrong")
    return records, problems + faults, notes


def _rows(text: str, source: str) -> tuple[list[Row], list[Problem]]:
    """Return the rows under the header; one that has not as many values as the header is a problem."""
    # The text is split at line feeds only: csv itself would also split at a lone carriage return.
    reader = csv.reader((line + "\n" for line in text.split("\n")), strict=True)
    rows: list[Row] = []
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
                rows.append(Row(place, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        problems.append(Problem(f"{source}:{reader.line_num}", f"{error}; the file was cut off or is not CSV"))
    return rows, problems


def _header_problems(header: list[str], place: str) -> list[Problem]:
    missing = [key for key in REQUIRED if key not in header]
    repeated = sorted(key for key, count in Counter(header).items() if count > 1)
    return [Problem(place, f"no column {key}; the header must name it") for key in missing] + [
        Problem(place, f"column {shown(key)} is named more than once") for key in repeated
    ]
