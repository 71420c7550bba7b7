"""Satellites far enough out that the Earth is in nobody's way, and a terminal for them."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from planner.arrays import FloatArray
from planner.links import LaserTerminal
from planner.orbit import Ephemeris
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def flown() -> Callable[[FloatArray], Ephemeris]:
    """Return what makes an ephemeris, a minute a step, of positions ``[time, sat, xyz]``: all on the way along y."""

    def fly(positions_km: FloatArray) -> Ephemeris:
        times, satellites = positions_km.shape[:2]
        velocities = np.ones_like(positions_km) * [0.0, 3.0, 0.0]
        return Ephemeris(TimeGrid(EPOCH, 60.0, times), positions_km, velocities, np.zeros(satellites, dtype=np.int64))

    return fly


@pytest.fixture(scope="session")
def strewn(flown: Callable[[FloatArray], Ephemeris]) -> Callable[[int, int, int], Ephemeris]:
    """Return what strews satellites in a box of 4,000 km, 42,000 km from the Earth, and moves them at random."""

    def strew(times: int, satellites: int, seed: int) -> Ephemeris:
        rng = np.random.default_rng(seed)
        start = rng.uniform(-2000.0, 2000.0, (satellites, 3)) + np.array([42_000.0, 0.0, 0.0])
        return flown(start + np.cumsum(rng.normal(0.0, 200.0, (times, satellites, 3)), axis=0))

    return strew


@pytest.fixture(scope="session")
def laser() -> LaserTerminal:
    """Return a terminal of 100 Gbit/s that reaches 2,000 km and takes two minutes to acquire."""
    return LaserTerminal("test", 100.0, 2000.0, 10.0, 100.0, acquisition_s=120.0)
