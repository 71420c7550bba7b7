"""Tables as they leave the program: ordered columns, written as CSV or JSON that reads back the same anywhere.

Numbers are rounded to nine significant digits on the way out, so that the last bit of a sum, which may differ between
machines, never shows. Missing and unreachable are empty in CSV and null in JSON; NaN and infinity are never written.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from planner.errors import legible

SIGNIFICANT_DIGITS: Final = 9

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet run a text cell as a formula (OWASP, CSV injection)."""


def clean(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return `value` as JSON can hold it: rounded numbers, ISO dates, null for NaN and infinity."""
    if isinstance(value, Mapping):
        return {str(key): clean(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return [clean(item) for item in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if value is None else legible(value)


@dataclass(frozen=True)
class Table:
    """Named columns of equal length.

    Attributes
    ----------
    name
        Name of the file without ``.csv``.
    columns
        Column name to values, in the order in which they are written.
    """

    name: str
    columns: Mapping[str, Sequence[Any]]

    def __post_init__(self) -> None:
        lengths = {key: len(values) for key, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"table {self.name}: columns of different length {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows, each value as `clean` leaves it."""
        cleaned = [[clean(value) for value in values] for values in self.columns.values()]
        yield from zip(*cleaned, strict=True)

    def csv_text(self) -> str:
        """Return the table as CSV with a header line; cells that a spreadsheet would run are quoted with ``'``."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_cell(value) for value in row] for row in self.rows())
        return buffer.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.{SIGNIFICANT_DIGITS}g}"
    text = str(value)
    return "'" + text if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text
