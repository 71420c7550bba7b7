"""Ranges, grazing altitudes and lines of sight."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.arrays import FloatArray
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, WGS72_RADIUS_KM
from planner.links import grazing_altitude_km, in_sight, maximum_range_km, range_km

HYPATIA_RADIUS_KM = WGS72_RADIUS_KM
"""Hypatia counts altitudes from 6,378.135 km."""

points = st.builds(
    lambda r, x, y, z: r * np.array([x, y, z]) / max(np.sqrt(x * x + y * y + z * z), 1e-3),
    st.floats(6500.0, 45_000.0),
    *[st.floats(-1.0, 1.0)] * 3,
).filter(lambda p: np.linalg.norm(p) > 6400.0)


def rotation(a: float, b: float) -> FloatArray:
    z = np.array([[np.cos(a), -np.sin(a), 0.0], [np.sin(a), np.cos(a), 0.0], [0.0, 0.0, 1.0]])
    x = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(b), -np.sin(b)], [0.0, np.sin(b), np.cos(b)]])
    return z @ x


@pytest.mark.parametrize(
    ("altitude_km", "grazing_km", "expected_km"), [(550.0, 80.0, 5016.6), (550.0, 0.0, 5410.5), (630.0, 80.0, 5443.0)]
)
def test_the_longest_link_is_that_of_hypatia(altitude_km: float, grazing_km: float, expected_km: float) -> None:
    # 2·√((R + h)² − (R + h_g)²), printed to 0.1 km.
    longest = maximum_range_km(altitude_km, grazing_altitude_km=grazing_km, earth_radius_km=HYPATIA_RADIUS_KM)
    assert longest == pytest.approx(expected_km, abs=0.05)


def test_a_link_of_the_greatest_range_just_grazes() -> None:
    half = maximum_range_km(550.0, 1200.0) - maximum_range_km(550.0, 550.0) / 2.0
    other = maximum_range_km(550.0, 550.0) / 2.0
    level = EARTH_EQUATORIAL_RADIUS_KM + 80.0
    a, b = np.array([-other, level, 0.0]), np.array([half, level, 0.0])
    assert np.linalg.norm(a) == pytest.approx(EARTH_EQUATORIAL_RADIUS_KM + 550.0, abs=1e-9)
    assert np.linalg.norm(b) == pytest.approx(EARTH_EQUATORIAL_RADIUS_KM + 1200.0, abs=1e-9)
    assert grazing_altitude_km(a, b) == pytest.approx(80.0, abs=1e-9)
    assert in_sight(a, b, grazing_altitude_km=79.999)
    assert not in_sight(a, b, grazing_altitude_km=80.001)


def test_an_end_below_the_grazing_altitude_is_refused() -> None:
    with pytest.raises(ValueError, match="below the grazing altitude"):
        maximum_range_km(70.0)


def test_the_earth_hides_the_other_side() -> None:
    # One published tool stores the occlusion and never applies it.
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([-7000.0, 1.0, 0.0])
    assert grazing_altitude_km(a, b) < -6000.0
    assert not in_sight(a, b)


def test_one_above_the_other_sees_straight_down() -> None:
    # The foot of the perpendicular lies outside the segment: the lower end is the lowest point.
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([42_000.0, 0.0, 0.0])
    assert grazing_altitude_km(a, b) == pytest.approx(7000.0 - EARTH_EQUATORIAL_RADIUS_KM)
    assert in_sight(a, b)
    assert in_sight(a, a)


def test_a_lost_satellite_is_out_of_sight() -> None:
    assert not in_sight(np.full(3, np.nan), np.array([7000.0, 0.0, 0.0]))


def test_neighbours_a_hundred_metres_apart_keep_their_altitude_and_range() -> None:
    # Cancellation: the cross product of two vectors of 7,000 km that differ by 100 m keeps 1e-8 km.
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([7000.0, 0.1, 0.0])
    assert grazing_altitude_km(a, b) == pytest.approx(7000.0 - EARTH_EQUATORIAL_RADIUS_KM, abs=1e-6)
    assert range_km(a, b) == pytest.approx(0.1, abs=1e-12)


@given(points, points)
def test_line_of_sight_is_exactly_symmetric(a: FloatArray, b: FloatArray) -> None:
    assert range_km(a, b) == range_km(b, a)
    assert grazing_altitude_km(a, b) == grazing_altitude_km(b, a)
    limit = float(grazing_altitude_km(a, b))
    assert in_sight(a, b, grazing_altitude_km=limit) == in_sight(b, a, grazing_altitude_km=limit)


@given(points, points, st.floats(0.0, 6.28), st.floats(0.0, 6.28))
def test_a_rotation_of_the_frame_changes_neither_range_nor_grazing_altitude(
    a: FloatArray, b: FloatArray, first: float, second: float
) -> None:
    turn = rotation(first, second)
    assert range_km(turn @ a, turn @ b) == pytest.approx(range_km(a, b), abs=1e-8)
    # Two points closer than a metre leave the direction of the segment, and with it the foot, to rounding.
    if range_km(a, b) > 1e-3:
        assert grazing_altitude_km(turn @ a, turn @ b) == pytest.approx(grazing_altitude_km(a, b), abs=1e-4)


@given(points, points)
def test_the_grazing_altitude_is_the_least_along_the_segment(a: FloatArray, b: FloatArray) -> None:
    along = np.linspace(0.0, 1.0, 2001)[:, None]
    sampled = np.linalg.norm(a + along * (b - a), axis=1).min() - EARTH_EQUATORIAL_RADIUS_KM
    lowest = grazing_altitude_km(a, b)
    # Samples lie above the minimum by at most (half a step)²/(2 r): 23²/(2·1) km only where the segment passes the
    # centre itself; bound it by the half step.
    half_step = range_km(a, b) / 4000.0
    assert lowest - 1e-6 <= sampled + 1e-6
    assert sampled - lowest <= half_step + 1e-6
