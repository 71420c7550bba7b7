"""When: an evenly spaced grid of UTC instants, and Skyfield's view of it.

Skyfield's built-in timescale is used throughout, so nothing is ever downloaded. Its UT1 table ends in the past for
some dates of interest; beyond it UT1 follows Skyfield's long-term model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any

import numpy as np

from planner.arrays import FloatArray, lock
from planner.constants import SECONDS_PER_DAY


@cache
def timescale() -> Any:  # noqa: ANN401 - Skyfield carries no types
    """Return Skyfield's timescale built from the files inside the package itself."""
    from skyfield.api import load

    return load.timescale(builtin=True)


@dataclass(frozen=True)
class TimeGrid:
    """`count` instants from `start`, `step_s` apart.

    Attributes
    ----------
    start
        First instant; must carry a zone, is kept as UTC.
    step_s
        Spacing, positive.
    count
        Number of instants, at least 1.

    Raises
    ------
    ValueError
        For a start without zone, a step that is not positive or a count below 1.
    """

    start: datetime
    step_s: float
    count: int

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError(f"start: {self.start.isoformat()} has no time zone; write 2026-06-21T00:00:00Z")
        if not (np.isfinite(self.step_s) and self.step_s > 0):
            raise ValueError(f"step_s: {self.step_s} must be a positive number of seconds")
        if self.count < 1:
            raise ValueError(f"count: {self.count} must be at least 1")
        object.__setattr__(self, "start", self.start.astimezone(UTC))

    @property
    def duration_s(self) -> float:
        """Seconds from the first instant to the end of the last step (``count * step_s``)."""
        return self.step_s * self.count

    @cached_property
    def offsets_s(self) -> FloatArray:
        """Seconds since `start`, shape ``[time]``."""
        return lock(np.arange(self.count, dtype=np.float64) * self.step_s)

    @cached_property
    def skyfield(self) -> Any:  # noqa: ANN401 - Skyfield carries no types
        """The grid as one Skyfield ``Time`` array."""
        at = self.start
        seconds = at.second + at.microsecond * 1e-6 + self.offsets_s
        return timescale().utc(at.year, at.month, at.day, at.hour, at.minute, seconds)

    @cached_property
    def utc_jd(self) -> tuple[FloatArray, FloatArray]:
        """UTC Julian date as whole and fraction, each ``[time]``, split as Skyfield hands it to SGP4."""
        time = self.skyfield
        fraction = time.tai_fraction - time._leap_seconds() / SECONDS_PER_DAY  # noqa: SLF001
        return lock(np.asarray(time.whole, dtype=np.float64)), lock(np.asarray(fraction, dtype=np.float64))

    def datetime_at(self, index: int) -> datetime:
        """Return instant `index` as an aware datetime (leap seconds ignored, as Python does)."""
        return self.start + timedelta(seconds=self.step_s * index)

    def part(self, first: int, stop: int) -> "TimeGrid":
        """Return instants ``first:stop`` as a grid of their own."""
        if not 0 <= first < stop <= self.count:
            raise ValueError(f"part: {first}:{stop} is not a non-empty range inside 0:{self.count}")
        return TimeGrid(self.datetime_at(first), self.step_s, stop - first)

    def blocks(self, size: int) -> Iterator[tuple[int, "TimeGrid"]]:
        """Yield ``(first index, grid)`` for consecutive parts of at most `size` instants."""
        for first in range(0, self.count, size):
            yield first, self.part(first, min(first + size, self.count))
