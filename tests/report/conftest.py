"""The fleet that the report's tests draw."""

from datetime import UTC, datetime

import pytest

from planner.arrays import floats, ints
from planner.orbit import propagate
from planner.orbit.design.walker import sun_synchronous
from planner.times import TimeGrid

from .samples import Sample


@pytest.fixture(scope="session")
def sample() -> Sample:
    start = datetime(2027, 3, 20, tzinfo=UTC)
    fleet = sun_synchronous(
        name="dawn", altitude_km=650.0, ltan_h=18.0, planes=2, satellites_per_plane=4, plane_spacing_deg=5.0,
        phasing=0, epoch=start,
    )  # fmt: skip
    times = TimeGrid(start, 600.0, 3)
    pairs = ints([[0, 1], [1, 2], [2, 3], [0, 3], [0, 4], [4, 5], [5, 6], [6, 7], [4, 7]])
    return Sample(fleet, times, propagate(fleet, times), pairs, floats([1.496e8, 0.0, 0.0]))
