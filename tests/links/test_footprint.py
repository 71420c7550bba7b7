"""Closed forms of what a satellite sees: textbook geometry and published constellations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.links import (
    earth_central_angle_deg,
    footprint_fraction,
    highest_latitude_deg,
    slant_range_km,
    star_margin_deg,
    street_half_width_deg,
)

RADIUS_KM = 6378.137
altitudes = st.floats(150.0, 40_000.0)
elevations = st.floats(0.0, 89.0)


@given(altitudes, elevations)
def test_the_central_angle_closes_the_triangle_with_the_slant_range(altitude_km: float, elevation_deg: float) -> None:
    # Sine rule: the slant range is (R + h) sin(lambda) / cos(elevation).
    angle = math.radians(earth_central_angle_deg(altitude_km, elevation_deg))
    across = (RADIUS_KM + altitude_km) * math.sin(angle) / math.cos(math.radians(elevation_deg))
    assert slant_range_km(altitude_km, elevation_deg) == pytest.approx(across, rel=1e-6, abs=1e-6)


@given(altitudes)
def test_the_horizon_is_where_the_sight_grazes(altitude_km: float) -> None:
    horizon = math.degrees(math.acos(RADIUS_KM / (RADIUS_KM + altitude_km)))
    assert earth_central_angle_deg(altitude_km, 0.0) == pytest.approx(horizon, rel=1e-12)
    assert earth_central_angle_deg(altitude_km, 90.0) == pytest.approx(0.0, abs=1e-9)


def test_a_geostationary_satellite_sees_81_degrees_and_42_per_cent() -> None:
    # From 35,786 km: acos(6378/42164) = 81.3 degrees, (1 - cos)/2 = 42.4 %.
    assert earth_central_angle_deg(35_786.0, 0.0) == pytest.approx(81.3, abs=0.05)
    assert footprint_fraction(35_786.0, 0.0) == pytest.approx(0.424, abs=0.001)


@given(altitudes, elevations)
def test_the_footprint_is_a_cap(altitude_km: float, elevation_deg: float) -> None:
    angle = math.radians(earth_central_angle_deg(altitude_km, elevation_deg))
    assert footprint_fraction(altitude_km, elevation_deg) == pytest.approx((1.0 - math.cos(angle)) / 2.0, abs=1e-12)


@pytest.mark.parametrize(
    ("inclination_deg", "expected_deg"), [(0.0, 8.45), (53.0, 61.45), (81.0, 89.45), (97.6, 90.0), (127.0, 61.45)]
)
def test_the_highest_latitude_lies_a_footprint_beyond_the_track(inclination_deg: float, expected_deg: float) -> None:
    assert highest_latitude_deg(550.0, inclination_deg, 25.0) == pytest.approx(expected_deg, abs=0.01)


@given(altitudes, elevations, st.integers(3, 100))
def test_the_street_is_where_the_footprints_of_neighbours_meet(
    altitude_km: float, elevation_deg: float, satellites: int
) -> None:
    half = math.radians(street_half_width_deg(altitude_km, elevation_deg, satellites))
    reach = math.radians(earth_central_angle_deg(altitude_km, elevation_deg))
    apart = math.pi / satellites
    if reach <= apart:
        assert half == 0.0
        return
    # A point at `half` from the track, midway between two satellites, is `reach` from both.
    point = np.array([math.cos(half) * math.cos(apart), math.cos(half) * math.sin(apart), math.sin(half)])
    assert math.acos(min(1.0, point[0])) == pytest.approx(reach, abs=1e-7)
    assert half < reach


def test_iridium_closes_with_a_third_of_a_degree_to_spare() -> None:
    # 66 satellites in 6 planes at 780 km, 8.2 degrees: footprints of 19.9 degrees and half-streets of 11.5, for planes
    # that are flown 31.6 degrees apart with a seam of 22: 5 (19.9 + 11.5) + 2 x 11.5 = 180.3.
    assert earth_central_angle_deg(780.0, 8.2) == pytest.approx(19.9, abs=0.05)
    assert street_half_width_deg(780.0, 8.2, 11) == pytest.approx(11.5, abs=0.05)
    assert star_margin_deg(780.0, 8.2, planes=6, satellites_per_plane=11) == pytest.approx(0.31, abs=0.01)
    # Neither one satellite a plane fewer nor one plane fewer would do.
    assert star_margin_deg(780.0, 8.2, planes=6, satellites_per_plane=10) < 0.0
    assert star_margin_deg(780.0, 8.2, planes=5, satellites_per_plane=11) < -30.0


def test_planes_without_a_street_cover_nothing_for_good() -> None:
    assert street_half_width_deg(550.0, 25.0, 20) == 0.0
    assert star_margin_deg(550.0, 25.0, planes=50, satellites_per_plane=20) == -180.0
    assert street_half_width_deg(35_786.0, 0.0, 2) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: earth_central_angle_deg(0.0, 10.0), "altitude_km: 0.0 must be positive"),
        (lambda: earth_central_angle_deg(math.nan, 10.0), "altitude_km: nan must be positive"),
        (lambda: earth_central_angle_deg(550.0, -1.0), "elevation_deg: -1.0 must be between 0 and 90 degrees"),
        (lambda: footprint_fraction(550.0, math.nan), "elevation_deg: nan must be between"),
        (lambda: highest_latitude_deg(550.0, 181.0, 10.0), "inclination_deg: 181.0 must be between"),
        (lambda: street_half_width_deg(550.0, 10.0, 0), "satellites_per_plane: 0 must be at least 1"),
        (lambda: star_margin_deg(550.0, 10.0, planes=0, satellites_per_plane=5), "planes: 0 must be at least 1"),
    ],
)
def test_row_18_impossible_sights_are_refused(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
