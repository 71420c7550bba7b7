"""Light along the ground, and how the ways through the fleet compare with it."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.links import LaserTerminal
from planner.network import fixed_links, plus_grid
from planner.network.routing import LatencySeries, great_circle_ms, latency_series, stretch
from planner.orbit import Fleet
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

TIMES = TimeGrid(datetime(2026, 3, 1, tzinfo=UTC), 300.0, 4)
MOST = 1.2e-5
"""Relative error of a formula of first order in the flattening, 20° and more from antipodes."""
NEAR_ANTIPODES = 8e-4

latitudes, longitudes = st.floats(-90.0, 90.0), st.floats(-180.0, 180.0)


@pytest.fixture(scope="module")
def series(fleet: Fleet, sites: GroundSites, terminal: LaserTerminal) -> LatencySeries:
    return latency_series(fleet, TIMES, sites, fixed_links(plus_grid(fleet), terminal=terminal))


def length_km(start: tuple[float, float], end: tuple[float, float]) -> float:
    sites = GroundSites.at({"start": start, "end": end})
    return float(great_circle_ms(sites)[0, 1] * SPEED_OF_LIGHT_KM_S / 1e3)


def test_lines_over_the_ground_are_geographiclibs() -> None:
    # The examples of its Rust and JavaScript packages: Berkeley to Port Moresby, and Wellington to Salamanca, which are
    # nearly antipodes. Karney, Algorithms for geodesics, doi:10.1007/s00190-012-0578-z: good to nanometres.
    berkeley = length_km((37.87622, -122.23558), (-9.4047, 147.1597))
    assert berkeley == pytest.approx(10_700.471955, rel=MOST)
    assert length_km((-41.32, 174.81), (40.96, -5.50)) == pytest.approx(19_959.679267, rel=NEAR_ANTIPODES)


@pytest.mark.parametrize(
    ("start", "end", "expected_km", "most"),
    [
        ((6.35, -102.24), (7.55, 63.29), 17_797.554623, MOST),
        ((-0.62, 144.56), (-1.12, -33.51), 19_732.215471, 1e-4),
        ((-0.13, 13.2), (0.02, -166.58), 19_988.000511, NEAR_ANTIPODES),
    ],
)
def test_the_worst_lines_over_the_ground_miss_by_no_more_than_is_said(
    start: tuple[float, float], end: tuple[float, float], expected_km: float, most: float
) -> None:
    # 20°, 2.6° and 0.25° from the antipode, the worst of thousands drawn at each distance; lengths of GeographicLib 2.1
    # for Python. The second and third miss by 0.0096 % and 0.077 %.
    missed = abs(length_km(start, end) / expected_km - 1.0)
    assert most / 2.0 < missed <= most


def test_lines_over_the_ground_in_closed_form() -> None:
    # A quarter of the equator, and from pole to pole half the perimeter of an ellipse of these axes (Ramanujan's first
    # formula, far closer than the tolerance).
    a, b = 6378.137, 6378.137 * (1.0 - 1.0 / 298.257223563)
    perimeter = np.pi * (3.0 * (a + b) - np.sqrt((3.0 * a + b) * (a + 3.0 * b)))
    assert length_km((0.0, 10.0), (0.0, 100.0)) == pytest.approx(a * np.pi / 2.0, rel=MOST)
    assert length_km((90.0, 0.0), (-90.0, 0.0)) == pytest.approx(perimeter / 2.0, rel=MOST)
    # Antipodes of the equator are joined over a pole.
    assert length_km((0.0, 0.0), (0.0, 180.0)) == pytest.approx(perimeter / 2.0, rel=MOST)


@given(latitudes, longitudes, latitudes, longitudes, longitudes)
def test_a_line_is_the_same_back_and_wherever_it_begins(a: float, b: float, c: float, d: float, turn: float) -> None:
    there, back = length_km((a, b), (c, d)), length_km((c, d), (a, b))
    assert there == back
    assert 0.0 <= there <= 20_004.0
    # The ellipsoid is round about its axis; rounding of longitudes shifts short lines by nanometres.
    turned = length_km((a, (b + turn) % 360.0), (c, (d + turn) % 360.0))
    assert turned == pytest.approx(there, rel=1e-9, abs=1e-5)


def test_from_a_site_to_itself_it_is_nothing(sites: GroundSites) -> None:
    assert np.diagonal(great_circle_ms(sites)).tolist() == [0.0] * 4


def test_stretch_is_the_series_over_the_ground(series: LatencySeries, sites: GroundSites) -> None:
    against = stretch(series, sites, group_index=1.4682)
    assert against.fibre_ms == pytest.approx(1.4682 * against.vacuum_ms)
    expected = series.latency_ms[2, 0, 1] / great_circle_ms(sites)[0, 1]
    assert against.over_vacuum_fraction[2, 0, 1] == expected
    assert against.over_fibre_fraction[2, 0, 1] == pytest.approx(expected / 1.4682)
    assert np.isnan(against.over_vacuum_fraction[:, 1, 1]).all()
    # The South Pole, which the shell never sees.
    assert np.isinf(against.over_fibre_fraction[:, 0, 3]).all()


def test_no_way_through_space_is_shorter_than_the_line_over_the_ground(
    series: LatencySeries, sites: GroundSites
) -> None:
    # Satellites and light stay above the ground: up, across and down is longer than along it.
    apart = ~np.eye(len(sites), dtype=np.bool_)
    assert stretch(series, sites, group_index=1.5).over_vacuum_fraction[:, apart].min() > 1.0


def test_sites_of_another_series_and_indices_below_one_are_refused(series: LatencySeries, sites: GroundSites) -> None:
    other = replace(sites, names=("a", "b", "c", "d"))
    with pytest.raises(ValueError, match="sites: not those of the series"):
        stretch(series, other, group_index=1.5)
    with pytest.raises(ValueError, match=r"group_index: 0\.9 must be at least 1"):
        great_circle_ms(sites, group_index=0.9)
