"""How fast a design is judged, coverage and nearest approaches, each beside a rival measured in the same run.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from planner.links import coverage, ground_access
from planner.orbit import Ephemeris, Fleet, GroundSites, closest_approaches, propagate, walker_delta
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


def flown(satellites: int, planes: int, count: int) -> tuple[Fleet, Ephemeris]:
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=planes, phasing=1, epoch=EPOCH
    )
    return fleet, propagate(fleet, TimeGrid(EPOCH, 60.0, count))


def test_coverage_of_ten_thousand_satellites_over_684_points(beside: Callable[..., Any]) -> None:
    _, states = flown(10_000, 100, 200)
    latitudes = np.arange(-90.0, 91.0, 10.0)
    found, contacts = beside(
        lambda: coverage(states, latitudes_deg=latitudes, minimum_elevation_deg=25.0, longitudes=36),
        lambda: ground_access(states, GroundSites.at({"equator": (0.0, 0.0)}, minimum_elevation_deg=25.0)),
        "all contacts of one point, counted",
        scale=684.0,
    )
    # The point on the equator and the meridian of Greenwich is one of the 36 of its latitude.
    counts = np.diff(contacts.offsets)
    equator = int(np.flatnonzero(latitudes == 0.0)[0])
    assert found.fewest[equator] <= counts.min() <= counts.max() <= found.most[equator]


def test_nearest_approaches_of_ten_thousand_satellites(beside: Callable[..., Any]) -> None:
    fleet, states = flown(10_000, 100, 97)

    def every_pair() -> float:
        # One instant of the 97, and a thousand satellites against all that follow, 9.5 of 50 million pairs; nothing
        # between the instants.
        now, nearest = states.positions_km[0], np.inf
        for i in range(1000):
            apart = np.linalg.norm(now[i + 1 :] - now[i], axis=1)
            nearest = min(nearest, float(apart.min()))
        return nearest

    found, sampled = beside(
        lambda: closest_approaches(states, fleet), every_pair, "all pairs at the instants", scale=97 * 50.0 / 9.5
    )
    assert found[0].distance_km <= sampled
