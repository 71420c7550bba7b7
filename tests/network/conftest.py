"""A small constellation and its network, which more than one test file uses."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.links import AccessTable, LaserTerminal, LinkTable, ground_access
from planner.network import fixed_links, link_table, plus_grid
from planner.orbit import Ephemeris, Fleet, propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def terminal() -> LaserTerminal:
    """Return a terminal that reaches as far as the Earth lets it at 1,200 km."""
    return LaserTerminal("test", 100.0, 7500.0, 10.0, 100.0)


@pytest.fixture(scope="session")
def fleet() -> Fleet:
    """Return a Walker delta shell of 8 planes of 10, high enough that neighbours see each other."""
    return walker_delta(
        name="shell", altitude_km=1200.0, inclination_deg=60.0, satellites=80, planes=8, phasing=3, epoch=EPOCH
    )


@pytest.fixture(scope="session")
def sites() -> GroundSites:
    """Return three cities, and the South Pole, which the shell never sees."""
    return GroundSites(
        ("Paris", "Tokyo", "Nairobi", "South Pole"),
        np.array([48.86, 35.68, -1.29, -90.0]),
        np.array([2.35, 139.69, 36.82, 0.0]),
        np.array([35.0, 40.0, 1795.0, 2835.0]),
        np.full(4, 10.0),
        np.full(4, np.nan),
    )


@pytest.fixture(scope="session")
def states(fleet: Fleet) -> Ephemeris:
    """Return an hour of the shell."""
    return propagate(fleet, TimeGrid(EPOCH, 300.0, 12))


@pytest.fixture(scope="session")
def links(states: Ephemeris, fleet: Fleet, terminal: LaserTerminal) -> LinkTable:
    """Return its +grid."""
    return link_table(states, fixed_links(plus_grid(fleet), terminal=terminal))


@pytest.fixture(scope="session")
def access(states: Ephemeris, sites: GroundSites) -> AccessTable:
    """Return its ground contacts."""
    return ground_access(states, sites)
