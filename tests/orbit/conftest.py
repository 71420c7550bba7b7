"""What the orbit tests share: the bundled element sets and small helpers to make fleets and files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from planner.orbit import Fleet, bundled_element_sets, read_elements
from planner.times import TimeGrid

REAL_SETS = (
    "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle",
    "gpconf/alpha5-tle/alpha5-T-analyst-27xxxx-snapshot.tle",
)


@pytest.fixture(scope="session")
def element_sets() -> Path:
    return bundled_element_sets()


@pytest.fixture(scope="session")
def real_fleet(element_sets: Path) -> Fleet:
    """The 602 real objects that come with the package."""
    first, second = (read_elements(element_sets / name).fleet for name in REAL_SETS)
    return first + second


@pytest.fixture
def day() -> TimeGrid:
    """One day near the epochs of the real sets, coarse."""
    return TimeGrid(datetime(2026, 9, 21, tzinfo=UTC), 1800.0, 48)
