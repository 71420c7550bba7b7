"""The grid of instants: validation, exact parts, leap seconds, agreement with Skyfield."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.times import TimeGrid, datetime_of_julian_date, timescale, utc_julian_date

START = datetime(2026, 6, 21, 6, 30, tzinfo=UTC)
INSTANT_TOLERANCE_D = 1e-12
"""A hundred nanoseconds: the resolution of one float that holds seconds of a day."""


def test_a_start_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone; write 2026-06-21T00:00:00Z"):
        TimeGrid(datetime(2026, 6, 21), 60.0, 2)  # noqa: DTZ001 - the fault under test
    with pytest.raises(ValueError, match="no time zone"):
        utc_julian_date(datetime(2026, 6, 21))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize("step_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_step_that_is_not_positive_is_refused(step_s: float) -> None:
    with pytest.raises(ValueError, match=r"step_s: .* must be a positive number"):
        TimeGrid(START, step_s, 2)


@pytest.mark.parametrize("step_s", [1e-9, 1.0 / 3.0, 60.0000004])
def test_a_step_finer_than_the_clock_is_refused(step_s: float) -> None:
    with pytest.raises(ValueError, match="whole number of microseconds"):
        TimeGrid(START, step_s, 2)


def test_a_count_below_one_and_an_end_after_year_9999_are_refused() -> None:
    with pytest.raises(ValueError, match="count: 0 must be at least 1"):
        TimeGrid(START, 60.0, 0)
    with pytest.raises(ValueError, match="year 9999"):
        TimeGrid(START, 86_400.0, 4_000_000)


def test_a_start_in_another_zone_is_kept_as_utc() -> None:
    grid = TimeGrid(START.astimezone(timezone(timedelta(hours=9))), 60.0, 2)
    assert grid == TimeGrid(START, 60.0, 2)
    assert grid.start.tzinfo is UTC


def test_one_instant_is_a_grid() -> None:
    grid = TimeGrid(START, 60.0, 1)
    assert grid.offsets_s.tolist() == [0.0]
    assert grid.skyfield.shape == (1,)
    assert grid.duration_s == 60.0


def test_the_julian_date_is_that_of_the_almanac() -> None:
    # J2000.0 is JD 2451545.0, 2000-01-01 12:00 (IAU 1976); the pair splits it at midnight.
    assert utc_julian_date(datetime(2000, 1, 1, 12, tzinfo=UTC)) == (2451544.5, 0.5)


@given(at=st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_julian_date_gives_back_its_instant_to_the_microsecond(at: datetime) -> None:
    assert datetime_of_julian_date(*utc_julian_date(at)) == at


def test_a_fraction_outside_the_day_counts_into_its_neighbours() -> None:
    # J2000.0 is JD 2451545.0, 2000-01-01 12:00 (IAU 1976).
    noon = datetime(2000, 1, 1, 12, tzinfo=UTC)
    assert datetime_of_julian_date(2_451_543.5, 1.5) == noon
    assert datetime_of_julian_date(2_451_545.5, -0.5) == noon
    assert datetime_of_julian_date(2_451_545.0, 0.0) == noon
    assert datetime_of_julian_date(np.float64(2_451_544.5), np.float64(0.5)).tzinfo is UTC


@pytest.mark.parametrize(
    ("utc_jd", "utc_fraction"),
    [(1_721_424.5, 0.0), (5_373_483.5, 1.0), (1e300, 0.0), (np.inf, 0.0), (np.nan, 0.0), (2_451_544.5, np.nan)],
)
def test_what_is_no_instant_of_the_calendar_is_refused(utc_jd: float, utc_fraction: float) -> None:
    with pytest.raises(ValueError, match=r"utc_jd: .* is no instant of the years 1 to 9999"):
        datetime_of_julian_date(utc_jd, utc_fraction)


@given(
    first=st.integers(0, 99),
    length=st.integers(1, 100),
    step_s=st.sampled_from([0.000001, 0.1, 0.7, 1.0, 59.999999, 5400.123456]),
    day=st.integers(0, 19_000),
    microsecond=st.integers(0, 86_400_000_000 - 1),
)
def test_a_part_holds_exactly_the_instants_of_the_whole(
    first: int, length: int, step_s: float, day: int, microsecond: int
) -> None:
    at = datetime(1999, 1, 1, tzinfo=UTC) + timedelta(days=day, microseconds=microsecond)
    whole = TimeGrid(at, step_s, 200)
    part = whole.part(first, first + length)
    rows = slice(first, first + length)
    # Bit for bit: instants are counted in whole microseconds.
    assert part.utc_jd[0].tolist() == whole.utc_jd[0][rows].tolist()
    assert part.utc_jd[1].tolist() == whole.utc_jd[1][rows].tolist()
    assert part.skyfield.whole.tolist() == whole.skyfield.whole[rows].tolist()
    assert part.skyfield.tt_fraction.tolist() == whole.skyfield.tt_fraction[rows].tolist()
    assert part.datetime_at(0) == whole.datetime_at(first)


def test_blocks_cover_the_grid_once_and_in_order() -> None:
    grid = TimeGrid(START, 60.0, 10)
    blocks = list(grid.blocks(4))
    assert [(first, part.count) for first, part in blocks] == [(0, 4), (4, 4), (8, 2)]
    assert np.concatenate([part.utc_jd[1] for _, part in blocks]).tolist() == grid.utc_jd[1].tolist()


@pytest.mark.parametrize("size", [0, -3])
def test_blocks_of_nothing_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="size"):
        list(TimeGrid(START, 60.0, 10).blocks(size))


@pytest.mark.parametrize(("first", "stop"), [(-1, 2), (3, 3), (0, 11)])
def test_an_empty_or_overlapping_part_is_refused(first: int, stop: int) -> None:
    with pytest.raises(ValueError, match="part"):
        TimeGrid(START, 60.0, 10).part(first, stop)


def test_the_instants_across_a_leap_second_keep_their_labels() -> None:
    # IERS Bulletin C 52: a leap second at the end of 2016-12-31. The step across it lasts 61 s, all others 60 s.
    grid = TimeGrid(datetime(2016, 12, 31, 23, 58, tzinfo=UTC), 60.0, 5)
    labels = [time.strftime("%Y-%m-%d %H:%M:%S") for time in grid.skyfield.utc_datetime()]
    assert labels == [grid.datetime_at(i).strftime("%Y-%m-%d %H:%M:%S") for i in range(5)]
    elapsed_s = np.diff(grid.skyfield.tai) * 86_400.0
    # tai is one float of days, good to 40 µs.
    assert elapsed_s == pytest.approx([60.0, 61.0, 60.0, 60.0], abs=1e-4)


def test_the_instants_after_a_leap_second_are_those_of_skyfield() -> None:
    grid = TimeGrid(datetime(2016, 12, 30, 12, tzinfo=UTC), 43_200.0, 6)
    expected = timescale().utc(2016, 12, 30 + np.array([0, 1, 1, 2, 2, 3]), np.array([12, 0, 12, 0, 12, 0]))
    difference_d = (grid.skyfield.whole - expected.whole) + (grid.skyfield.tt_fraction - expected.tt_fraction)
    assert np.abs(difference_d).max() < INSTANT_TOLERANCE_D


def test_the_utc_date_is_the_one_that_skyfield_hands_to_sgp4() -> None:
    grid = TimeGrid(START, 61.3, 2000)
    time = grid.skyfield
    theirs = time.tai_fraction - time._leap_seconds() / 86_400.0
    difference_d = (time.whole - grid.utc_jd[0]) + (theirs - grid.utc_jd[1])
    assert np.abs(difference_d).max() < INSTANT_TOLERANCE_D


def test_the_columns_cannot_be_written_to() -> None:
    grid = TimeGrid(START, 60.0, 3)
    for column in (grid.offsets_s, *grid.utc_jd):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1.0
