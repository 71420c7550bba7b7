"""What a table of links refuses, and what it derives."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.links import AccessTable, LinkTable
from planner.times import TimeGrid

TIMES = TimeGrid(datetime(2026, 1, 1, tzinfo=UTC), 60.0, 2)

COLUMNS = ("offsets", "a", "b", "range_km", "capacity_gbps", "acquiring", "acquiring_a", "acquiring_b")


def table(**changes: object) -> LinkTable:
    columns: dict[str, object] = {
        "offsets": [0, 2, 3], "a": [0, 1, 0], "b": [1, 2, 1], "range_km": [1000.0, 2000.0, 3000.0],
        "capacity_gbps": [100.0] * 3,
    }  # fmt: skip
    return LinkTable(times=TIMES, satellites=3, **{**columns, **changes})  # type: ignore[arg-type]


def contacts(**changes: object) -> AccessTable:
    columns: dict[str, object] = {
        "offsets": [0, 2, 3], "site": [0, 0, 1], "satellite": [0, 2, 1], "range_km": [600.0, 700.0, 800.0],
        "elevation_deg": [60.0, 50.0, 40.0],
    }  # fmt: skip
    return AccessTable(times=TIMES, satellites=3, sites=2, **{**columns, **changes})  # type: ignore[arg-type]


def test_delay_is_light_time() -> None:
    # Exactly a light-second is a second.
    assert table(range_km=[299_792.458] * 3).delay_ms.tolist() == [1000.0] * 3
    assert contacts(range_km=[299.792458] * 3).delay_ms == pytest.approx([1.0] * 3, rel=1e-15)


def test_rows_are_those_of_the_instant() -> None:
    assert table().a[table().rows(0)].tolist() == [0, 1]
    assert contacts().satellite[contacts().rows(1)].tolist() == [1]


def test_links_that_are_acquiring_are_none_unless_something_else_is_said() -> None:
    assert table().acquiring.tolist() == [0, 0]
    assert table().acquiring_terminals.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_terminals_that_are_acquiring_are_told_by_instant_and_satellite() -> None:
    found = table(acquiring=[0, 2], acquiring_a=[0, 1], acquiring_b=[2, 2])
    assert found.acquiring.tolist() == [0, 2]
    assert found.acquiring_terminals.tolist() == [[0, 0, 0], [1, 1, 2]]


def test_parts_that_follow_each_other_join_to_the_whole() -> None:
    whole = table(acquiring=[1, 2], acquiring_a=[0, 0, 1], acquiring_b=[2, 2, 2])
    first = LinkTable(
        TIMES.part(0, 1), 3, [0, 2], [0, 1], [1, 2], [1000.0, 2000.0], [100.0] * 2, [1], [0], [2]  # type: ignore[arg-type]
    )  # fmt: skip
    second = LinkTable(TIMES.part(1, 2), 3, [0, 1], [0], [1], [3000.0], [100.0], [2], [0, 1], [2, 2])  # type: ignore[arg-type]
    joined = LinkTable.joined(TIMES, [first, second])
    for column in COLUMNS:
        assert getattr(joined, column).tolist() == getattr(whole, column).tolist()


def test_parts_that_do_not_make_up_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="need 2 instants of the same satellites"):
        LinkTable.joined(TIMES, [table(), table()])


def test_a_table_that_is_trusted_still_refuses_a_terminal_that_carries_nothing() -> None:
    whole = table()
    columns = [getattr(whole, column) for column in COLUMNS]
    same = LinkTable.trusted(TIMES, 3, *columns)
    assert all(getattr(same, column) is not None and not getattr(same, column).flags.writeable for column in COLUMNS)
    columns[4] = np.array([100.0, 0.0, 100.0])
    with pytest.raises(ValueError, match="capacity_gbps"):
        LinkTable.trusted(TIMES, 3, *columns)


def test_columns_are_locked() -> None:
    with pytest.raises(ValueError, match="read-only"):
        table().range_km[0] = 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"offsets": [0, 3]}, "offsets"),
        ({"offsets": [0, 4, 3]}, "offsets"),
        ({"offsets": [1, 2, 3]}, "offsets"),
        ({"a": [1, 1, 0]}, "0 ≤ a < b < satellites"),
        ({"b": [1, 3, 1]}, "0 ≤ a < b < satellites"),
        ({"a": [1, 0, 0], "b": [2, 1, 1]}, "sorted"),
        ({"a": [0, 0, 0], "b": [1, 1, 1]}, "repeats"),
        ({"range_km": [1000.0, np.nan, 3000.0]}, "range_km"),
        ({"range_km": [1000.0, 0.0, 3000.0]}, "range_km"),
        ({"range_km": [1000.0, 2000.0]}, "range_km"),
        ({"capacity_gbps": [100.0, -1.0, 100.0]}, "capacity_gbps"),
        ({"acquiring": [1]}, "acquiring"),
        ({"acquiring": [1, -1]}, "acquiring"),
        ({"acquiring": [0, 1]}, "acquiring_a"),
        ({"acquiring": [0, 1], "acquiring_a": [0], "acquiring_b": [3]}, "acquiring_a, acquiring_b: need 0 ≤ a < b"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        table(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"site": [0, 0, 2]}, "site"),
        ({"satellite": [0, 3, 1]}, "satellite"),
        ({"satellite": [2, 0, 1]}, "sorted"),
        ({"range_km": [600.0, np.inf, 800.0]}, "range_km"),
        ({"elevation_deg": [60.0]}, "elevation_deg"),
    ],
)
def test_contacts_that_contradict_themselves_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        contacts(**changes)


def test_row_25_a_table_may_be_empty() -> None:
    empty = table(offsets=[0, 0, 0], a=[], b=[], range_km=[], capacity_gbps=[])
    assert len(empty.delay_ms) == 0
