"""Ranges, grazing altitudes, angular rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from planner.arrays import FloatArray
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, WGS72_RADIUS_KM
from planner.links import angular_rate_deg_s, grazing_altitude_km, in_sight, maximum_range_km, range_km

HYPATIA_RADIUS_KM = WGS72_RADIUS_KM
"""Hypatia counts altitudes from 6,378.135 km."""
POLAR_RADIUS_KM = EARTH_EQUATORIAL_RADIUS_KM * (1.0 - EARTH_FLATTENING)

points = st.builds(
    lambda r, x, y, z: r * np.array([x, y, z]) / max(np.sqrt(x * x + y * y + z * z), 1e-3),
    st.floats(6500.0, 45_000.0),
    *[st.floats(-1.0, 1.0)] * 3,
).filter(lambda p: np.linalg.norm(p) > 6400.0)
speeds = st.lists(st.floats(-8.0, 8.0), min_size=3, max_size=3).map(np.array)


def rotation(a: float, b: float) -> FloatArray:
    z = np.array([[np.cos(a), -np.sin(a), 0.0], [np.sin(a), np.cos(a), 0.0], [0.0, 0.0, 1.0]])
    x = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(b), -np.sin(b)], [0.0, np.sin(b), np.cos(b)]])
    return z @ x


def geodetic_height_km(point: FloatArray) -> float:
    """Return the height above the ellipsoid: the foot's latitude iterated until it stays (a textbook's way)."""
    across, z = np.hypot(point[0], point[1]), abs(point[2])
    square = EARTH_FLATTENING * (2.0 - EARTH_FLATTENING)
    latitude = np.arctan2(z, across * (1.0 - square))
    for _ in range(30):
        normal = EARTH_EQUATORIAL_RADIUS_KM / np.sqrt(1.0 - square * np.sin(latitude) ** 2)
        latitude = np.arctan2(z + square * normal * np.sin(latitude), across)
    # Well founded at the pole, where the distance from the axis over the cosine is not.
    down = EARTH_EQUATORIAL_RADIUS_KM * np.sqrt(1.0 - square * np.sin(latitude) ** 2)
    return float(across * np.cos(latitude) + z * np.sin(latitude) - down)


def least_height_km(a: FloatArray, b: FloatArray) -> float:
    """Return the least geodetic height along a segment, sought numerically."""
    along = np.linspace(0.0, 1.0, 65)
    heights = [geodetic_height_km(a + u * (b - a)) for u in along]
    least = int(np.argmin(heights))
    low, high = along[max(least - 1, 0)], along[min(least + 1, 64)]
    found = minimize_scalar(
        lambda u: geodetic_height_km(a + u * (b - a)), bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    return min(float(found.fun), heights[0], heights[-1])


@pytest.mark.parametrize(
    ("altitude_km", "grazing_km", "expected_km"), [(550.0, 80.0, 5016.6), (550.0, 0.0, 5410.5), (630.0, 80.0, 5443.0)]
)
def test_the_longest_link_is_that_of_hypatia(altitude_km: float, grazing_km: float, expected_km: float) -> None:
    # 2·√((R + h)² − (R + h_g)²), printed to 0.1 km.
    longest = maximum_range_km(altitude_km, grazing_altitude_km=grazing_km, earth_radius_km=HYPATIA_RADIUS_KM)
    assert longest == pytest.approx(expected_km, abs=0.05)


def test_a_link_of_the_greatest_range_just_grazes_the_equator() -> None:
    half = maximum_range_km(550.0, 1200.0) - maximum_range_km(550.0, 550.0) / 2.0
    other = maximum_range_km(550.0, 550.0) / 2.0
    level = EARTH_EQUATORIAL_RADIUS_KM + 80.0
    a, b = np.array([-other, level, 0.0]), np.array([half, level, 0.0])
    assert np.linalg.norm(a) == pytest.approx(EARTH_EQUATORIAL_RADIUS_KM + 550.0, abs=1e-9)
    assert np.linalg.norm(b) == pytest.approx(EARTH_EQUATORIAL_RADIUS_KM + 1200.0, abs=1e-9)
    assert grazing_altitude_km(a, b) == pytest.approx(80.0, abs=1e-9)
    assert in_sight(a, b, grazing_altitude_km=79.999999)
    assert not in_sight(a, b, grazing_altitude_km=80.000001)


def test_an_end_below_the_grazing_altitude_is_refused() -> None:
    with pytest.raises(ValueError, match=r"altitude_a_km: 70\.0 must be .* not below the grazing altitude, 80"):
        maximum_range_km(70.0)


@pytest.mark.parametrize(
    ("altitudes", "grazing_km", "name"),
    [
        ((np.nan,), 80.0, "altitude_a_km: nan"),
        ((np.inf,), 80.0, "altitude_a_km: inf"),
        ((550.0, np.nan), 80.0, "altitude_b_km: nan"),
        ((550.0, 79.0), 80.0, "altitude_b_km: 79"),
        ((550.0,), np.nan, "grazing_altitude_km: nan"),
        ((550.0,), -1.0, "grazing_altitude_km: -1"),
    ],
)
def test_a_length_that_is_none_is_refused_by_name(altitudes: tuple[float, ...], grazing_km: float, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        maximum_range_km(*altitudes, grazing_altitude_km=grazing_km)


def test_a_line_over_the_pole_passes_21_km_higher_than_the_same_line_over_the_equator() -> None:
    # The ellipsoid's half-axes, WGS84: 6,378.137 and 6,356.752 km.
    level, half = EARTH_EQUATORIAL_RADIUS_KM + 80.0, 2500.0
    over_equator = grazing_altitude_km(np.array([-half, level, 0.0]), np.array([half, level, 0.0]))
    over_pole = grazing_altitude_km(np.array([-half, 0.0, level]), np.array([half, 0.0, level]))
    assert over_equator == pytest.approx(80.0, abs=1e-9)
    assert over_pole == pytest.approx(80.0 + EARTH_EQUATORIAL_RADIUS_KM - POLAR_RADIUS_KM, abs=1e-9)


def test_the_pole_can_point_elsewhere() -> None:
    level, half = EARTH_EQUATORIAL_RADIUS_KM + 80.0, 2500.0
    a, b = np.array([-half, level, 0.0]), np.array([half, level, 0.0])
    over_pole = grazing_altitude_km(a, b, pole=np.array([0.0, 1.0, 0.0]))
    assert over_pole == pytest.approx(80.0 + EARTH_EQUATORIAL_RADIUS_KM - POLAR_RADIUS_KM, abs=1e-9)


def test_the_earth_hides_the_other_side() -> None:
    # One published tool stores the occlusion and never applies it.
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([-7000.0, 1.0, 0.0])
    assert grazing_altitude_km(a, b) < -6000.0
    assert not in_sight(a, b)


def test_one_above_the_other_sees_straight_down() -> None:
    # The foot of the perpendicular lies outside the segment: the lower end is the lowest point.
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([42_000.0, 0.0, 0.0])
    assert grazing_altitude_km(a, b) == pytest.approx(7000.0 - EARTH_EQUATORIAL_RADIUS_KM)
    assert grazing_altitude_km(a, a) == pytest.approx(7000.0 - EARTH_EQUATORIAL_RADIUS_KM)


def test_row_12_a_line_to_a_lost_satellite_has_no_altitude() -> None:
    lost, here = np.full(3, np.nan), np.array([7000.0, 0.0, 0.0])
    assert np.isnan(grazing_altitude_km(lost, here))
    assert not in_sight(lost, here)


def test_neighbours_a_hundred_metres_apart_keep_their_altitude_and_range() -> None:
    # Sum and difference of the ends lose nothing, where a cross product of 7,000 km with itself keeps 1e-8 km.
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([7000.0, 0.1, 0.0])
    assert grazing_altitude_km(a, b) == pytest.approx(7000.0 - EARTH_EQUATORIAL_RADIUS_KM, abs=1e-11)
    assert range_km(a, b) == pytest.approx(0.1, abs=1e-12)


def test_points_broadcast() -> None:
    a, b = np.array([[7000.0, 0.0, 0.0], [0.0, 0.0, 7000.0]]), np.array([7000.0, 100.0, 0.0])
    assert grazing_altitude_km(a[:, None], b[None, None]).shape == (2, 1)


@given(points, points, speeds, speeds)
def test_exchanging_the_ends_changes_no_bit(a: FloatArray, b: FloatArray, va: FloatArray, vb: FloatArray) -> None:
    assert range_km(a, b) == range_km(b, a)
    assert grazing_altitude_km(a, b) == grazing_altitude_km(b, a)
    assert np.array_equal(angular_rate_deg_s(a, va, b, vb), angular_rate_deg_s(b, vb, a, va), equal_nan=True)


@given(points, points, speeds, speeds, st.floats(0.0, 6.28), st.floats(0.0, 6.28))
def test_turning_everything_changes_nothing(
    a: FloatArray, b: FloatArray, va: FloatArray, vb: FloatArray, first: float, second: float
) -> None:
    turn = rotation(first, second)
    assert range_km(turn @ a, turn @ b) == pytest.approx(range_km(a, b), abs=1e-8)
    # Two points closer than a metre leave the direction of the segment, and with it the foot, to rounding.
    if range_km(a, b) > 1e-3:
        turned = grazing_altitude_km(turn @ a, turn @ b, pole=turn[:, 2])
        assert turned == pytest.approx(grazing_altitude_km(a, b), abs=1e-4)
        rate = angular_rate_deg_s(turn @ a, turn @ va, turn @ b, turn @ vb)
        assert rate == pytest.approx(angular_rate_deg_s(a, va, b, vb), rel=1e-6, abs=1e-6)


@given(points, points)
def test_sight_is_clear_down_to_the_grazing_altitude_and_no_farther(a: FloatArray, b: FloatArray) -> None:
    lowest = float(grazing_altitude_km(a, b))
    assert in_sight(a, b) == (lowest >= 80.0) or abs(lowest - 80.0) < 1e-6
    assert in_sight(a, b) == in_sight(b, a)
    if lowest > 0.0:
        assert in_sight(a, b, grazing_altitude_km=lowest - 1e-6)
        assert not in_sight(a, b, grazing_altitude_km=lowest + 1e-6)


@given(points, points)
def test_the_grazing_altitude_is_the_least_geodetic_height_along_the_segment(a: FloatArray, b: FloatArray) -> None:
    sought = least_height_km(a, b)
    if sought < 0.0:
        assert grazing_altitude_km(a, b) < 0.0
    else:
        # f²h/8 is the greatest difference between an ellipsoid grown by h and the surface of height h: 1.4e-6 of h.
        # Seen far out (40,000 km of height) higher powers of h/R count as well, so twice that; and 1e-7 km rounding.
        greatest = EARTH_FLATTENING**2 / 8.0 * sought
        assert -1e-6 <= grazing_altitude_km(a, b) - sought <= 2.0 * greatest + 1e-6


def test_the_altitude_of_a_grazing_link_is_good_to_eleven_centimetres() -> None:
    # f²h/8 with h = 80 km. Links that graze at 45° of latitude, along the meridian and across it.
    foot = np.array([1.0, 0.0, 1.0]) / np.sqrt(2.0) * (EARTH_EQUATORIAL_RADIUS_KM + 69.4)
    for along in ([-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]):
        half = 2500.0 * np.array(along) / np.linalg.norm(along)
        a, b = foot - half, foot + half
        error_km = grazing_altitude_km(a, b) - least_height_km(a, b)
        assert 60.0 < grazing_altitude_km(a, b) < 90.0
        assert abs(error_km) <= EARTH_FLATTENING**2 * 80.0 / 8.0 * 1.1


def test_two_satellites_in_opposite_directions_turn_by_their_speed_over_their_distance() -> None:
    # 15 km/s across a line of 1,000 km: 0.015 rad/s.
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([8000.0, 0.0, 0.0])
    rate = angular_rate_deg_s(a, np.array([0.0, 7.5, 0.0]), b, np.array([0.0, -7.5, 0.0]))
    assert rate == pytest.approx(np.degrees(0.015), rel=1e-12)


def test_satellites_of_one_orbit_turn_once_a_revolution() -> None:
    # A rigid rotation about the centre turns every line in its plane by its own rate.
    spin = np.array([0.0, 0.0, 1.1e-3])
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([6900.0, 1100.0, 0.0])
    rate = angular_rate_deg_s(a, np.cross(spin, a), b, np.cross(spin, b))
    assert rate == pytest.approx(np.degrees(1.1e-3), rel=1e-12)


def test_two_satellites_that_close_on_each_other_do_not_turn() -> None:
    a, b = np.array([7000.0, 0.0, 0.0]), np.array([8000.0, 0.0, 0.0])
    assert angular_rate_deg_s(a, np.array([3.0, 1.0, 0.0]), b, np.array([-4.0, 1.0, 0.0])) == 0.0


def test_satellites_at_one_place_have_no_rate() -> None:
    here = np.array([7000.0, 0.0, 0.0])
    assert np.isnan(angular_rate_deg_s(here, here, here, -here))
