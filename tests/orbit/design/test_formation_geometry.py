"""Closed-form distances in a formation: against sampled motion, and the formations that have none."""

import math
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.orbit.design.cluster import cluster
from planner.orbit.design.formation_geometry import cluster_geometry, require_separation
from planner.orbit.elements import Fleet, Offsets
from planner.orbit.formation import relative_motion, relative_rate_rad_s

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)

SAMPLES = 720
SAMPLED_TOLERANCE_FRACTION = 1.5 * math.radians(0.25) ** 2
"""Sampled every 0.5°, an end of d is missed by (farthest² − closest²)/(2 closest²)·0.25° ² of it at most: 3/2 in a
flat cluster."""
ROUNDING_TOLERANCE_KM = 1e-8
"""The square root of the rounding of squares of a kilometre: what is left of a distance of nothing."""

lengths = st.floats(-2.0, 2.0)
states = st.lists(st.tuples(lengths, lengths, lengths, lengths), min_size=2, max_size=6)


def suncatcher(**changes: Any) -> Fleet:
    return cluster(**{"name": "s", "epoch": EPOCH, **changes})


def circling(fleet: Fleet, members: list[tuple[float, float, float, float]]) -> Fleet:
    """Members of any drift-free relative orbits (radial, radial velocity / n, cross-track, its velocity / n)."""
    fleet = fleet[: len(members)]
    x, u, z, w = np.array(members).T
    rate = relative_rate_rad_s(fleet)
    return replace(fleet, offsets=Offsets(x, 2.0 * u, z, u * rate, -2.0 * x * rate, w * rate))


@settings(max_examples=50, deadline=None)
@given(members=states)
def test_the_closed_form_is_what_dense_sampling_sees(members: list[tuple[float, float, float, float]]) -> None:
    fleet = circling(suncatcher(), members)
    geometry, rate = cluster_geometry(fleet), relative_rate_rad_s(fleet)
    places, _ = relative_motion(fleet.offsets, rate, np.arange(SAMPLES) * (2.0 * math.pi / SAMPLES) / rate[0])
    ranges = np.linalg.norm(places[:, :, None] - places[:, None], axis=-1)
    assert (ranges.min(axis=0) >= geometry.closest_km - ROUNDING_TOLERANCE_KM).all()
    assert (ranges.max(axis=0) <= geometry.farthest_km + ROUNDING_TOLERANCE_KM).all()
    # d² = middle ± swing cos 2θ is missed by 2 swing sin²(0.25°).
    missed = (geometry.farthest_km**2 - geometry.closest_km**2) * math.sin(math.radians(0.25)) ** 2
    assert (ranges.min(axis=0) ** 2 <= geometry.closest_km**2 + missed + ROUNDING_TOLERANCE_KM).all()
    assert (ranges.max(axis=0) ** 2 >= geometry.farthest_km**2 - missed - ROUNDING_TOLERANCE_KM).all()
    assert np.linalg.norm(places, axis=-1).max(axis=0) == pytest.approx(geometry.reach_km, rel=1e-4, abs=1e-7)


def test_distances_of_pairs_do_not_depend_on_the_order_of_satellites() -> None:
    fleet, order = suncatcher(), np.random.default_rng(3).permutation(81)
    straight, shuffled = cluster_geometry(fleet), cluster_geometry(fleet[order])
    assert np.array_equal(shuffled.closest_km, straight.closest_km[np.ix_(order, order)])
    assert np.array_equal(shuffled.reach_km, straight.reach_km[order])


def test_links_that_last_are_counted_by_range() -> None:
    geometry = cluster_geometry(suncatcher())
    # Horizontal and vertical neighbours among the integer points within radius 5, then diagonal ones, by counting.
    points = {(i, j) for i in range(-5, 6) for j in range(-5, 6) if i * i + j * j <= 25}
    beside = sum((i + 1, j) in points for i, j in points) + sum((i, j + 1) in points for i, j in points)
    across = sum((i + 1, j + 1) in points for i, j in points) + sum((i + 1, j - 1) in points for i, j in points)
    assert np.triu(geometry.always_within(0.2)).sum() == beside
    assert np.triu(geometry.always_within(0.283)).sum() == beside + across
    assert not geometry.always_within(0.199).any()
    assert not np.diag(geometry.always_within(5.0)).any()
    assert geometry.always_within(2.0).sum() == 81 * 80


def test_the_closest_pair_is_named() -> None:
    fleet = circling(suncatcher(), [(0.5, 0.0, 0.0, 0.0), (0.0, 0.5, 0.0, 0.0), (0.45, 0.0, 0.0, 0.0)])
    geometry = cluster_geometry(fleet)
    assert geometry.closest_pair == ("s-0-00", "s-0-02")
    assert geometry.minimum_separation_km == pytest.approx(0.05)
    with pytest.raises(ValueError, match=r"s-0-00 and s-0-02 come within 0\.05 km of each other, 0\.06 km are"):
        require_separation(fleet, 0.06)


def test_satellites_in_one_place_have_no_distance_and_collide() -> None:
    fleet = circling(suncatcher(), [(0.5, 0.0, 0.0, 0.0), (0.5, 0.0, 0.0, 0.0)])
    assert cluster_geometry(fleet).minimum_separation_km == 0.0
    with pytest.raises(ValueError, match="come within 0 km"):
        require_separation(fleet, 0.001)


def test_one_satellite_has_no_pair_and_nobody_no_radius() -> None:
    alone = cluster_geometry(suncatcher(radius_km=0.1))
    assert alone.minimum_separation_km == math.inf
    assert alone.closest_pair is None
    nobody = cluster_geometry(suncatcher()[[]])
    assert nobody.radius_km == 0.0
    assert nobody.closest_pair is None


def test_two_clusters_in_one_table_are_refused() -> None:
    both = suncatcher(radius_km=0.3) + suncatcher(name="t", radius_km=0.3, mean_anomaly_deg=90.0)
    with pytest.raises(ValueError, match=r"mean_anomaly_deg: t-0-0 has 90\.0, s-0-0 has 0\.0; satellites of one"):
        cluster_geometry(both)


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ("along_track_rate_km_s", "s-0-03 drifts along the track"),
        ("along_track_km", "s-0-03 stands ahead of its chief"),
    ],
)
def test_a_satellite_that_does_not_circle_its_chief_is_refused_by_name(column: str, what: str) -> None:
    fleet = suncatcher()
    values = {name.name: np.array(getattr(fleet.offsets, name.name)) for name in fields(Offsets)}
    values[column][3] *= 1.01
    values[column][3] += 1e-6
    with pytest.raises(ValueError, match=what):
        cluster_geometry(replace(fleet, offsets=Offsets(**values)))
