"""Tables read back the same on every machine."""

import csv
import io
import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import legible
from planner.report.tables import Table, clean


def test_row_28_cells_that_a_spreadsheet_would_run_are_quoted() -> None:
    table = Table("t", {"name": ["=1+1", "+x", "-x", "@x", "safe"], "value": [-1.0, 2.5, -3.0, 4.0, 5.0]})
    rows = list(csv.reader(io.StringIO(table.csv_text())))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+x", "'-x", "'@x", "safe"]
    assert [row[1] for row in rows[1:]] == ["-1", "2.5", "-3", "4", "5"]


def test_row_28_control_characters_and_bidirectional_marks_are_stripped() -> None:
    assert legible("a\x1b[31mb\u202ec\u2066d\u200fe\x00f") == "a[31mbcdef"


def test_row_26_what_is_not_finite_is_null_in_json_and_empty_in_csv() -> None:
    table = Table("t", {"site": ["a", "b", "c"], "x_ms": [1.0, math.inf, math.nan]})
    assert table.csv_text() == "site,x_ms\na,1\nb,\nc,\n"
    assert clean({"x": np.array([1.0, np.inf])}) == {"x": [1.0, None]}


@given(st.floats())
def test_every_number_survives_json_within_nine_digits(value: float) -> None:
    read = json.loads(json.dumps(clean(value), allow_nan=False))
    assert read is None if not math.isfinite(value) else math.isclose(read, value, rel_tol=1e-8)


def test_row_25_a_table_without_rows_is_only_its_header() -> None:
    assert Table("t", {"a": [], "b": []}).csv_text() == "a,b\n"
