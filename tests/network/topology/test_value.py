"""What a link is worth by default, and how long it is expected to last."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.arrays import FloatArray
from planner.links import LaserTerminal
from planner.links.feasible import Sightlines
from planner.network import Scene, expected_life_s, link_value_gbps

RADIUS_KM = 42_000.0


def scene_of(
    positions_km: FloatArray, velocities_km_s: FloatArray, *, longest_km: float = 2000.0, acquisition_s: float = 60.0
) -> Scene:
    """Return all pairs of some satellites."""
    a, b = np.triu_indices(len(positions_km), 1)
    span = np.linalg.norm(positions_km[a] - positions_km[b], axis=1)
    sightlines = Sightlines(a, b, span, np.full(len(a), -1), np.full(len(a), -1))
    terminal = LaserTerminal("test", 100.0, longest_km, 10.0, 100.0)
    held = np.empty((0, 2), dtype=np.int64)
    return Scene(
        datetime(2026, 3, 1, tzinfo=UTC), positions_km, velocities_km_s, sightlines, held,
        np.full(len(positions_km), 4), terminal, acquisition_s, longest_km,
    )  # fmt: skip


def on_a_circle(angle_deg: list[float], rate_rad_s: float) -> tuple[FloatArray, FloatArray]:
    angle = np.radians(angle_deg)
    out, along = (np.stack(axes, axis=1) for axes in (
        [np.cos(angle), np.sin(angle), 0.0 * angle], [-np.sin(angle), np.cos(angle), 0.0 * angle],
    ))  # fmt: skip
    return RADIUS_KM * out, RADIUS_KM * rate_rad_s * along


def test_neighbours_in_one_plane_are_expected_to_stay() -> None:
    # In axes that turn with them they stand still, to rounding: 1e-16 of 3 km/s would take them out in 1e18 s.
    life = expected_life_s(scene_of(*on_a_circle([0.0, 1.0, 2.0], 7.3e-5)))
    assert np.all(life > 1e12)


def test_a_pair_that_parts_straight_away_is_out_of_range_when_its_distance_says_so() -> None:
    # Both on the x axis and at rest but for b's 2 km/s outwards: from 500 to 2,000 km in 750 s. Inwards it passes a,
    # and is 2,000 km beyond it after 2,500 km.
    positions = np.array([[RADIUS_KM, 0.0, 0.0], [RADIUS_KM + 500.0, 0.0, 0.0]])
    velocities = np.zeros((2, 3))
    for speed, life in ((2.0, 750.0), (-2.0, 1250.0)):
        velocities[1, 0] = speed
        assert expected_life_s(scene_of(positions, velocities)) == pytest.approx([life], rel=1e-12)


def test_life_does_not_depend_on_the_frame() -> None:
    rng = np.random.default_rng(3)
    positions = rng.uniform(-500.0, 500.0, (6, 3)) + np.array([RADIUS_KM, 0.0, 0.0])
    velocities = rng.normal(0.0, 3.0, (6, 3))
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    turned = expected_life_s(scene_of(positions @ rotation.T, velocities @ rotation.T))
    # Rounding of 42,000 km against distances of 100 km or more, and its root.
    assert turned == pytest.approx(expected_life_s(scene_of(positions, velocities)), rel=1e-6)


def test_the_value_is_the_rate_less_for_length_and_for_acquisition() -> None:
    # 500 km of 2,000 km: 1 − 0.5·0.25 = 0.875. Life 750 s and 60 s of acquisition: 750/810. Of 100 Gbit/s.
    positions = np.array([[RADIUS_KM, 0.0, 0.0], [RADIUS_KM + 500.0, 0.0, 0.0]])
    velocities = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    assert link_value_gbps(scene_of(positions, velocities)) == pytest.approx([87.5 * 750.0 / 810.0], rel=1e-12)
    assert link_value_gbps(scene_of(positions, velocities, acquisition_s=0.0)) == pytest.approx([87.5], rel=1e-12)


def test_a_link_at_the_end_of_its_life_is_worth_next_to_nothing() -> None:
    positions = np.array([[RADIUS_KM, 0.0, 0.0], [RADIUS_KM + 2000.0, 0.0, 0.0]])
    velocities = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    assert 0.0 <= link_value_gbps(scene_of(positions, velocities))[0] < 1e-6
