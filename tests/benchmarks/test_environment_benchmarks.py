"""How fast sunlight is told, beside rivals measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time
from typing import Any

import numpy as np
import pytest

from planner.arrays import FloatArray, lock
from planner.constants import ASTRONOMICAL_UNIT_KM, EARTH_EQUATORIAL_RADIUS_KM, SUN_RADIUS_KM
from planner.environment import ephemeris, sun_positions_km, sunlit_fraction
from planner.orbit import propagate_blocks, walker_delta
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
DAY = TimeGrid(EPOCH, 60.0, 1440)
SATELLITES = 10_000


@pytest.fixture(scope="module")
def positions() -> FloatArray:
    """A day of ten thousand satellites, minute by minute: 346 MB."""
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=SATELLITES, planes=100, phasing=1, epoch=EPOCH
    )
    places = np.empty((DAY.count, SATELLITES, 3))
    first = 0
    for part in propagate_blocks(fleet, DAY):
        places[first : first + part.times.count] = part.positions_km
        first += part.times.count
    return lock(places)


@pytest.fixture(scope="module")
def sun() -> FloatArray:
    return sun_positions_km(DAY)


def test_eclipse_of_ten_thousand_satellites_over_a_day_beside_skyfield(
    positions: FloatArray, sun: FloatArray, beside: Callable[..., Any]
) -> None:
    from skyfield.positionlib import Geocentric

    few = 10
    lit, rival = beside(
        lambda: sunlit_fraction(positions, sun),
        lambda: [
            Geocentric(positions[:, i].T / ASTRONOMICAL_UNIT_KM, t=DAY.skyfield, center=399).is_sunlit(ephemeris())
            for i in range(few)
        ],
        "Skyfield is_sunlit with a time vector",
        scale=SATELLITES / few,
        clock=process_time,
    )
    # Skyfield's shadow has a point Sun and a sphere of its own: they differ in and near the penumbra only.
    agree = (lit[:, :few] > 0.5) == np.array(rival).T
    assert agree.mean() > 0.998


def numpy_cones(positions: FloatArray, sun: FloatArray) -> FloatArray:
    """Return 1 in full light, 0 in the umbra, ½ between, by the tangent cones of two spheres (`shadow`)."""
    distance = np.linalg.norm(sun, axis=1)
    axis = -sun / distance[:, None]
    along = np.matmul(positions, axis[:, :, None])[:, :, 0]
    beside_axis = np.sqrt(np.maximum(np.einsum("tsi,tsi->ts", positions, positions) - along * along, 0.0))
    inner = ((SUN_RADIUS_KM + EARTH_EQUATORIAL_RADIUS_KM) / distance)[:, None]
    outer = ((SUN_RADIUS_KM - EARTH_EQUATORIAL_RADIUS_KM) / distance)[:, None]
    radius = EARTH_EQUATORIAL_RADIUS_KM
    shaded = (along > -radius * inner) & (beside_axis * np.sqrt(1.0 - inner**2) < radius + along * inner)
    dark = shaded & (along > radius * outer) & (beside_axis * np.sqrt(1.0 - outer**2) <= radius - along * outer)
    return np.where(dark, 0.0, np.where(shaded, 0.5, 1.0))


def test_eclipse_of_ten_thousand_satellites_over_a_day_beside_numpy(
    positions: FloatArray, sun: FloatArray, beside: Callable[..., Any]
) -> None:
    tenth = slice(0, DAY.count // 10)
    lit, rival = beside(
        lambda: sunlit_fraction(positions, sun, flattening=0.0),
        lambda: numpy_cones(positions[tenth], sun[tenth]),
        "two cones in NumPy, without the penumbra's fraction",
        scale=10.0,
        clock=process_time,
    )
    assert np.array_equal(np.where((lit > 0.0) & (lit < 1.0), 0.5, lit)[tenth], rival)


def test_eclipse_grows_with_the_number_of_satellites(
    positions: FloatArray, sun: FloatArray, beside: Callable[..., Any]
) -> None:
    few = lock(np.ascontiguousarray(positions[:, : SATELLITES // 10]))
    lit, part = beside(
        lambda: sunlit_fraction(positions, sun),
        lambda: sunlit_fraction(few, sun),
        "a tenth of the satellites, ten times",
        scale=10.0,
        clock=process_time,
    )
    assert np.array_equal(lit[:, : SATELLITES // 10], part)
