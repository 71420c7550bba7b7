"""How crowded a shell is: objects are kept, time on an ellipse is Kepler's, a real catalogue has its known peak."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from planner.catalog import load_catalog
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM
from planner.environment import close_approaches_per_yr, shell_fraction, spatial_density_per_km3
from planner.environment.decay import SECONDS_PER_YEAR
from planner.orbit import read_elements, walker_delta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def volume_km3(low_km: float, high_km: float) -> float:
    return float(4.0 / 3.0 * np.pi * np.diff((EARTH_EQUATORIAL_RADIUS_KM + np.array([low_km, high_km])) ** 3)[0])


@given(st.floats(6600.0, 42_000.0), st.floats(0.0, 0.9))
def test_an_object_spends_all_its_time_somewhere(axis: float, eccentricity: float) -> None:
    edges = np.concatenate([[-6378.0], np.linspace(0.0, 100_000.0, 400)])
    parts = shell_fraction(axis, eccentricity_fraction=eccentricity, edges_km=edges)
    assert parts.sum() == pytest.approx(1.0, abs=1e-9)
    assert np.all(parts >= -1e-12)


def test_time_on_an_ellipse_is_keplers() -> None:
    # Sampled evenly in mean anomaly, with Kepler's equation solved by Newton.
    axis, eccentricity = 8000.0, 0.15
    mean = (np.arange(200_000) + 0.5) / 200_000 * 2.0 * np.pi
    anomaly = mean.copy()
    for _ in range(20):
        anomaly -= (anomaly - eccentricity * np.sin(anomaly) - mean) / (1.0 - eccentricity * np.cos(anomaly))
    height = axis * (1.0 - eccentricity * np.cos(anomaly)) - EARTH_EQUATORIAL_RADIUS_KM
    edges = np.arange(400.0, 2900.0, 100.0)
    counted = np.histogram(height, edges)[0] / height.size
    found = shell_fraction(axis, eccentricity_fraction=eccentricity, edges_km=edges)
    assert found == pytest.approx(counted, abs=2e-5)


def test_a_circle_stays_in_its_shell() -> None:
    axis = EARTH_EQUATORIAL_RADIUS_KM + np.array([505.0, 515.0, 700.0])
    parts = shell_fraction(axis, eccentricity_fraction=0.0, edges_km=[500.0, 510.0, 520.0])
    assert parts.tolist() == [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]


def test_a_walker_shell_has_its_satellites_over_its_volume() -> None:
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=72, planes=6, phasing=1, epoch=EPOCH
    )
    density = spatial_density_per_km3(fleet, [540.0, 560.0, 580.0])
    assert_allclose(density, [72.0 / volume_km3(540.0, 560.0), 0.0], rtol=1e-9, atol=0.0)
    assert spatial_density_per_km3(fleet[[]], [540.0, 560.0]).tolist() == [0.0]


def test_fleets_add() -> None:
    one, other = (
        walker_delta(
            name=name, altitude_km=height, inclination_deg=53.0, satellites=24, planes=4, phasing=1, epoch=EPOCH
        )
        for name, height in (("a", 550.0), ("b", 560.0))
    )
    edges = np.arange(500.0, 601.0, 10.0)
    together = spatial_density_per_km3(one + other, edges)
    apart = spatial_density_per_km3(one, edges) + spatial_density_per_km3(other, edges)
    assert_allclose(together, apart, rtol=1e-12, atol=0.0)


def test_the_active_catalogue_is_densest_where_starlink_flies(shared_reference: Path, tmp_path: Path) -> None:
    # July 2026: some 10,000 of 16,000 active satellites are Starlinks between 460 and 570 km, so the peak is there, and
    # of the order of 1e-7 per km³ (thousands of objects in shells of some 1e10 km³).
    packed = shared_reference / "elements" / "active-2026-07-19.omm.csv.gz"
    file = tmp_path / "active.csv"
    file.write_bytes(gzip.decompress(packed.read_bytes()))
    fleet = read_elements(file).fleet
    edges = np.arange(200.0, 2001.0, 20.0)
    density = spatial_density_per_km3(fleet, edges)
    peak = edges[np.argmax(density)]
    assert 440.0 <= peak <= 570.0
    assert 1e-8 < density.max() < 1e-6
    assert density.max() > 10.0 * density[np.searchsorted(edges, 800.0)]


def test_approaches_are_the_volume_that_a_disc_sweeps() -> None:
    # 1e-7 per km³ × 10 km/s × π·(1 km)² × 3.156e7 s = 99 a year.
    speed = load_catalog().entry("environment", "catalogued_objects")["relative_speed_km_s"]
    assert speed == 10.0
    found = close_approaches_per_yr(1e-7, miss_distance_km=[1.0, 2.0], relative_speed_km_s=speed)
    assert found[0] == pytest.approx(1e-7 * 10.0 * np.pi * SECONDS_PER_YEAR, rel=1e-12)
    assert found[0] == pytest.approx(99.1, rel=0.01)
    assert found[1] == pytest.approx(4.0 * found[0], rel=1e-12)


@pytest.mark.parametrize("edges", [[500.0], [500.0, 500.0], [600.0, 500.0], [[500.0, 600.0]], [500.0, float("nan")]])
def test_row_17_edges_that_do_not_ascend_are_refused(edges: list[float]) -> None:
    with pytest.raises(ValueError, match=r"edges_km: .* must be two or more, ascending"):
        shell_fraction(7000.0, eccentricity_fraction=0.0, edges_km=edges)


def test_row_17_no_closed_orbit_and_no_encounter_are_refused() -> None:
    with pytest.raises(ValueError, match="eccentricity_fraction: 1 must be at least 0 and below 1"):
        shell_fraction(7000.0, eccentricity_fraction=[0.0, 1.0], edges_km=[500.0, 600.0])
    with pytest.raises(ValueError, match="semi_major_axis_km: -7000 must be finite and above 0"):
        shell_fraction(-7000.0, eccentricity_fraction=0.0, edges_km=[500.0, 600.0])
    with pytest.raises(ValueError, match="density_per_km3: -1 must be finite and 0 or more"):
        close_approaches_per_yr(-1.0, miss_distance_km=1.0, relative_speed_km_s=10.0)
    with pytest.raises(ValueError, match="miss_distance_km"):
        close_approaches_per_yr(1e-8, miss_distance_km=0.0, relative_speed_km_s=10.0)
    with pytest.raises(ValueError, match="relative_speed_km_s"):
        close_approaches_per_yr(1e-8, miss_distance_km=1.0, relative_speed_km_s=float("nan"))
