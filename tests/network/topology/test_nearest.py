"""Links made shortest first: the definition, a pair at a time, is the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray, IntArray
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM
from planner.links import range_km
from planner.links.feasible import candidate_pairs
from planner.network import mutual_nearest
from planner.network.topology import nearest


def scattered(count: int, seed: int, *, highest_km: float = 1500.0) -> FloatArray:
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(count, 3))
    radius = EARTH_EQUATORIAL_RADIUS_KM + rng.uniform(400.0, highest_km, (count, 1))
    return radius * direction / np.linalg.norm(direction, axis=1)[:, None]


def one_at_a_time(positions: FloatArray, terminals: IntArray, longest_km: float) -> IntArray:
    """Match by the definition: all pairs in order of range, each taken if both ends are free."""
    i, j = candidate_pairs(positions, maximum_range_km=longest_km).T
    metres = np.round(range_km(positions[i], positions[j]) * 1e3)
    free = np.array(terminals)
    taken = []
    for k in np.argsort(metres, kind="stable"):
        if free[i[k]] and free[j[k]]:
            taken.append((i[k], j[k]))
            free[i[k]] -= 1
            free[j[k]] -= 1
    return np.array(sorted(taken), dtype=np.int64).reshape(-1, 2)


@settings(deadline=None)
@given(st.integers(2, 120), st.integers(1, 5), st.floats(500.0, 9000.0), st.integers(0, 2**32 - 1))
def test_the_match_is_the_one_made_a_pair_at_a_time(count: int, terminals: int, longest_km: float, seed: int) -> None:
    positions = scattered(count, seed)
    found = mutual_nearest(positions, terminals=terminals, maximum_range_km=longest_km)
    assert np.array_equal(found, one_at_a_time(positions, np.full(count, terminals), longest_km))


@settings(deadline=None)
@given(st.integers(2, 80), st.integers(0, 2**32 - 1))
def test_satellites_may_have_different_numbers_of_terminals(count: int, seed: int) -> None:
    positions = scattered(count, seed)
    terminals = np.random.default_rng(seed).integers(1, 6, count)
    found = mutual_nearest(positions, terminals=terminals, maximum_range_km=6000.0)
    assert np.array_equal(found, one_at_a_time(positions, terminals, 6000.0))


@pytest.mark.parametrize(("neighbours", "growth"), [(0.01, 1.1), (0.3, 1.7), (40.0, 3.0)])
def test_the_match_does_not_depend_on_the_stages_of_range(
    neighbours: float, growth: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two crowds far apart and a few strays between them use up near neighbours and need far ones.
    monkeypatch.setattr(nearest, "_FIRST_NEIGHBOURS", neighbours)
    monkeypatch.setattr(nearest, "GROWTH", growth)
    for seed in range(10):
        positions = scattered(60, seed, highest_km=20_000.0)
        found = mutual_nearest(positions, terminals=2, maximum_range_km=30_000.0)
        assert np.array_equal(found, one_at_a_time(positions, np.full(60, 2), 30_000.0))


@settings(deadline=None)
@given(st.integers(2, 60), st.integers(0, 2**32 - 1))
def test_numbering_the_satellites_anew_changes_no_link(count: int, seed: int) -> None:
    positions = scattered(count, seed)
    order = np.random.default_rng(seed).permutation(count)
    there = mutual_nearest(positions, terminals=3, maximum_range_km=6000.0)
    again = order[mutual_nearest(positions[order], terminals=3, maximum_range_km=6000.0)]
    assert {frozenset(pair) for pair in again.tolist()} == {frozenset(pair) for pair in there.tolist()}


def test_equal_ranges_go_to_the_lower_indices_whatever_the_frame() -> None:
    # A ring of six: every neighbour is equally near, to rounding that differs with the frame.
    angle = np.radians(60.0) * np.arange(6)
    ring = 42_000.0 * np.stack([np.cos(angle), np.sin(angle), np.zeros(6)], axis=1)
    turn = np.radians(17.3)
    rotation = np.array([[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]])
    for positions in (ring, ring @ rotation.T):
        pairs = mutual_nearest(positions, terminals=1, maximum_range_km=50_000.0)
        assert pairs.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_lost_satellites_get_no_link() -> None:
    positions = scattered(50, 3)
    positions[7] = np.nan
    pairs = mutual_nearest(positions, terminals=4, maximum_range_km=5000.0)
    assert len(pairs)
    assert 7 not in pairs


@pytest.mark.parametrize("count", [0, 1])
def test_row_25_no_satellite_or_one_has_no_links(count: int) -> None:
    assert mutual_nearest(scattered(count, 1), terminals=4, maximum_range_km=5000.0).shape == (0, 2)


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="terminals"):
        mutual_nearest(scattered(3, 1), terminals=0, maximum_range_km=5000.0)
    with pytest.raises(ValueError, match="positive"):
        mutual_nearest(scattered(3, 1), terminals=1, maximum_range_km=np.nan)
