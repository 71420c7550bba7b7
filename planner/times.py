"""When: an evenly spaced grid of UTC instants, and Skyfield's view of it.

Skyfield's built-in timescale is used throughout, so nothing is ever downloaded. Its UT1 table ends in the past for
some dates of interest; beyond it UT1 follows Skyfield's long-term model.

The grid is even on the UTC clock, whose days all have 86,400 s here: the one step that contains a leap second is a
second longer, no instant falls inside it, and every instant of a part has the label it has in the whole.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any, Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, lock

_MICROSECONDS_PER_SECOND: Final = 1_000_000
_MICROSECONDS_PER_DAY: Final = 86_400 * _MICROSECONDS_PER_SECOND
ORDINAL_ZERO_JD: Final = 1_721_424.5
"""Julian date of 00:00 on the day before 0001-01-01, from which `date.toordinal` counts."""


@cache
def timescale() -> Any:  # noqa: ANN401 - Skyfield carries no types
    """Return Skyfield's timescale built from the files inside the package itself."""
    from skyfield.api import load

    return load.timescale(builtin=True)


def utc_julian_date(at: datetime) -> tuple[float, float]:
    """Return the UTC Julian date of `at` in two parts, midnight (ends in .5) and the fraction of the day.

    Raises
    ------
    ValueError
        If `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; write 2026-06-21T00:00:00Z")
    at = at.astimezone(UTC)
    return at.toordinal() + ORDINAL_ZERO_JD, _microseconds_of_day(at) / _MICROSECONDS_PER_DAY


def datetime_of_julian_date(utc_jd: float, utc_fraction: float) -> datetime:
    """Return the instant of a UTC Julian date in two parts, to the microsecond; `utc_julian_date` undone.

    Parameters
    ----------
    utc_jd
        A midnight (ends in .5) for the instant to be good to the microsecond; a date with hours in it is rounded to
        the 40 µs of one float.
    utc_fraction
        Days since then; may be negative or above 1.

    Raises
    ------
    ValueError
        For a number that is not finite, or an instant outside the years 1 to 9999.
    """
    days = float(utc_jd) - ORDINAL_ZERO_JD
    try:
        midnight = math.floor(days)
        since = timedelta(days=days - midnight + float(utc_fraction))
        return datetime.fromordinal(midnight).replace(tzinfo=UTC) + since
    except (OverflowError, ValueError) as error:
        raise ValueError(f"utc_jd: {utc_jd} + {utc_fraction} is no instant of the years 1 to 9999") from error


def _microseconds_of_day(at: datetime) -> int:
    return (at.hour * 3600 + at.minute * 60 + at.second) * _MICROSECONDS_PER_SECOND + at.microsecond


@dataclass(frozen=True)
class TimeGrid:
    """`count` instants from `start`, `step_s` apart.

    Attributes
    ----------
    start
        First instant; must carry a zone, is kept as UTC.
    step_s
        Spacing, positive and a whole number of microseconds (the resolution of `start`), so that a part of a grid
        holds exactly the instants of the whole.
    count
        Number of instants, at least 1.

    Raises
    ------
    ValueError
        For a start without zone, a step that is not positive or not whole microseconds, a count below 1 or an end
        beyond the year 9999.
    """

    start: datetime
    step_s: float
    count: int

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError(f"start: {self.start.isoformat()} has no time zone; write 2026-06-21T00:00:00Z")
        if not (np.isfinite(self.step_s) and self.step_s > 0):
            raise ValueError(f"step_s: {self.step_s} must be a positive number of seconds")
        microseconds = self.step_s * _MICROSECONDS_PER_SECOND
        if self._step_us < 1 or not np.isclose(self._step_us, microseconds, rtol=1e-12, atol=1e-4):
            raise ValueError(f"step_s: {self.step_s} must be a whole number of microseconds, such as 0.25")
        if self.count < 1:
            raise ValueError(f"count: {self.count} must be at least 1")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        try:
            self.datetime_at(self.count - 1)
        except OverflowError as error:
            raise ValueError(f"count: {self.count} steps of {self.step_s} s end after the year 9999") from error

    @property
    def _step_us(self) -> int:
        return round(self.step_s * _MICROSECONDS_PER_SECOND)

    @property
    def duration_s(self) -> float:
        """Seconds from the first instant to the end of the last step (``count * step_s``)."""
        return self.step_s * self.count

    @cached_property
    def offsets_s(self) -> FloatArray:
        """Seconds since `start`, shape ``[time]``."""
        return lock(np.arange(self.count, dtype=np.float64) * self.step_s)

    @cached_property
    def _days_and_us(self) -> tuple[IntArray, IntArray]:
        """Whole days since the midnight before `start`, and microseconds into that day; exact."""
        total = _microseconds_of_day(self.start) + self._step_us * np.arange(self.count, dtype=np.int64)
        days, rest = np.divmod(total, _MICROSECONDS_PER_DAY)
        return lock(days), lock(rest)

    @cached_property
    def skyfield(self) -> Any:  # noqa: ANN401 - Skyfield carries no types
        """The grid as one Skyfield ``Time`` array."""
        at = self.start
        days, microseconds = self._days_and_us
        # The day is counted on rather than the seconds, so that Skyfield applies each day's own leap seconds.
        return timescale().utc(at.year, at.month, at.day + days, 0, 0, microseconds / _MICROSECONDS_PER_SECOND)

    @cached_property
    def utc_jd(self) -> tuple[FloatArray, FloatArray]:
        """UTC Julian date as midnight and fraction of the day, each ``[time]``, as SGP4 takes it."""
        days, microseconds = self._days_and_us
        whole = self.start.toordinal() + ORDINAL_ZERO_JD + days
        return floats(whole), floats(microseconds / _MICROSECONDS_PER_DAY)

    def datetime_at(self, index: int) -> datetime:
        """Return instant `index` as an aware datetime."""
        return self.start + timedelta(microseconds=self._step_us * int(index))

    def part(self, first: int, stop: int) -> "TimeGrid":
        """Return instants ``first:stop`` as a grid of their own."""
        if not 0 <= first < stop <= self.count:
            raise ValueError(f"part: {first}:{stop} is not a non-empty range inside 0:{self.count}")
        return TimeGrid(self.datetime_at(first), self.step_s, stop - first)

    def blocks(self, size: int) -> Iterator[tuple[int, "TimeGrid"]]:
        """Yield ``(first index, grid)`` for consecutive parts of at most `size` instants."""
        if size < 1:
            raise ValueError(f"size: {size} must be at least 1")
        for first in range(0, self.count, size):
            yield first, self.part(first, min(first + size, self.count))
