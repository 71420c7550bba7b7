"""What a text of Orbit Mean-Elements Messages as JSON says: an array of objects, or one object.

JSON numbers are kept as text, so that they are judged as the other formats' are.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from planner.errors import Problem
from planner.orbit.files.omm import Row, read_rows, shown
from planner.orbit.files.records import Record


def parse_omm_json(text: str, *, source: str) -> tuple[list[Record], list[Problem], list[str]]:
    """Return the element sets of JSON `text`, every problem found in it, and notes.

    Parameters
    ----------
    text
        Whole text: an array of objects with keywords, or one such object.
    source
        Name of the file, for the places of problems.

    Returns
    -------
    records, problems, notes
        Records only of objects without a problem.
    """
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
            problems += [Problem(place, f"{shown(key)} is given more than once") for key in entry.repeats]
        else:
            rows.append(Row(place, entry))
    records, faults = read_rows(rows)
    return records, problems + faults, []


class _Object(dict[str, Any]):
    """A JSON object that remembers the keys it was given more than once."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs) if len(self) < len(pairs) else Counter[str]()
        self.repeats = [key for key, count in counts.items() if count > 1]
