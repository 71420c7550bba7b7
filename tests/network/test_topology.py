"""Choosing links anew by nearness, and measuring them over time."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.arrays import FloatArray, IntArray
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM
from planner.links import LaserTerminal, LinkTable, in_sight, range_km
from planner.network import link_table, mutual_nearest, plus_grid, topology
from planner.orbit import Ephemeris, Fleet
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


def scattered(count: int, seed: int, *, highest_km: float = 1500.0) -> FloatArray:
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(count, 3))
    radius = EARTH_EQUATORIAL_RADIUS_KM + rng.uniform(400.0, highest_km, (count, 1))
    return radius * direction / np.linalg.norm(direction, axis=1)[:, None]


def one_at_a_time(positions: FloatArray, terminals: int, longest_km: float) -> IntArray:
    """Match by the definition: all pairs in order of range, each taken if both ends are free."""
    i, j = np.triu_indices(len(positions), 1)
    span = range_km(positions[i], positions[j])
    usable = (span <= longest_km) & in_sight(positions[i], positions[j])
    i, j, metres = i[usable], j[usable], np.round(span[usable] * 1e3)
    free = np.full(len(positions), terminals)
    taken = []
    for k in np.argsort(metres, kind="stable"):
        if free[i[k]] and free[j[k]]:
            taken.append((i[k], j[k]))
            free[i[k]] -= 1
            free[j[k]] -= 1
    return np.array(sorted(taken), dtype=np.int64).reshape(-1, 2)


@given(st.integers(2, 120), st.integers(1, 5), st.floats(500.0, 9000.0), st.integers(0, 2**32 - 1))
def test_the_match_is_the_one_made_a_pair_at_a_time(count: int, terminals: int, longest_km: float, seed: int) -> None:
    positions = scattered(count, seed)
    found = mutual_nearest(positions, terminals=terminals, maximum_range_km=longest_km)
    assert np.array_equal(found, one_at_a_time(positions, terminals, longest_km))


def test_the_match_is_the_same_when_lists_of_neighbours_have_to_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two crowds far apart and a few strays between them use up near neighbours and need far ones.
    monkeypatch.setattr(topology, "_FIRST_NEIGHBOURS", 1)
    for seed in range(20):
        positions = scattered(60, seed, highest_km=20_000.0)
        found = mutual_nearest(positions, terminals=2, maximum_range_km=30_000.0)
        assert np.array_equal(found, one_at_a_time(positions, 2, 30_000.0))


@given(st.integers(0, 80), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_terminal_limits_range_and_sight_are_never_exceeded(count: int, terminals: int, seed: int) -> None:
    positions = scattered(count, seed)
    pairs = mutual_nearest(positions, terminals=terminals, maximum_range_km=5000.0)
    a, b = positions[pairs[:, 0]], positions[pairs[:, 1]]
    assert np.bincount(pairs.ravel(), minlength=1).max() <= terminals
    assert np.all(range_km(a, b) <= 5000.0)
    assert np.all(in_sight(a, b))
    assert np.all(pairs[:, 0] < pairs[:, 1])


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
    assert 7 not in mutual_nearest(positions, terminals=4, maximum_range_km=5000.0)


@pytest.mark.parametrize("count", [0, 1])
def test_row_25_no_satellite_or_one_has_no_links(count: int, terminal: LaserTerminal) -> None:
    assert mutual_nearest(scattered(count, 1), terminals=4, maximum_range_km=5000.0).shape == (0, 2)
    times = TimeGrid(EPOCH, 60.0, 3)
    states = np.zeros((3, count, 3)) + 7000.0
    nobody = Ephemeris(times, states, states, np.zeros(count, dtype=np.int64))
    table = link_table(nobody, pairs=np.empty((0, 2), dtype=np.int64), terminal=terminal)
    assert table.offsets.tolist() == [0, 0, 0, 0]


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="terminals"):
        mutual_nearest(scattered(3, 1), terminals=0, maximum_range_km=5000.0)
    with pytest.raises(ValueError, match="positive"):
        mutual_nearest(scattered(3, 1), terminals=1, maximum_range_km=np.nan)


def test_links_are_measured_from_positions_that_are_not_rounded(links: LinkTable, states: Ephemeris) -> None:
    # One published tool truncates positions to a kilometre.
    for time in range(states.times.count):
        rows = links.rows(time)
        a, b = states.positions_km[time][links.a[rows]], states.positions_km[time][links.b[rows]]
        assert links.range_km[rows] == pytest.approx(np.linalg.norm(a - b, axis=1), abs=1e-9)
    # The chord and not the arc: neighbours in a plane are 2 r sin(18°) apart.
    within = links.range_km[links.rows(0)][0]
    assert within == pytest.approx(2.0 * 7578.0 * np.sin(np.radians(18.0)), rel=2e-3)


def test_only_links_in_range_and_in_sight_are_kept(states: Ephemeris, fleet: Fleet) -> None:
    pairs = np.stack(np.triu_indices(len(fleet), 1), axis=1)
    short = LaserTerminal("short", 10.0, 4000.0, 1.0, 1.0)
    table = link_table(states, pairs=pairs, terminal=short, grazing_altitude_km=200.0)
    a, b = states.positions_km[0][pairs[:, 0]], states.positions_km[0][pairs[:, 1]]
    expected = (range_km(a, b) <= 4000.0) & in_sight(a, b, grazing_altitude_km=200.0)
    rows = table.rows(0)
    assert np.array_equal(np.stack([table.a[rows], table.b[rows]], axis=1), pairs[expected])
    assert np.all(table.capacity_gbps == 10.0)


def test_blocks_of_time_do_not_change_the_links(
    links: LinkTable, states: Ephemeris, fleet: Fleet, terminal: LaserTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "_BLOCK_PAIRS", 1)
    parts = link_table(states, pairs=plus_grid(fleet), terminal=terminal)
    for name in ("offsets", "a", "b", "range_km"):
        assert np.array_equal(getattr(parts, name), getattr(links, name))


def test_a_slice_of_the_run_has_the_links_of_the_run(
    links: LinkTable, states: Ephemeris, terminal: LaserTerminal
) -> None:
    nearest = partial(mutual_nearest, terminals=3, maximum_range_km=terminal.maximum_range_km)
    whole = link_table(states, choose=nearest, terminal=terminal)
    part = Ephemeris(states.times.part(4, 7), states.positions_km[4:7], states.velocities_km_s[4:7], states.sgp4_errors)
    sliced = link_table(part, choose=nearest, terminal=terminal)
    rows = slice(whole.offsets[4], whole.offsets[7])
    assert np.array_equal(sliced.a, whole.a[rows])
    assert np.array_equal(sliced.range_km, whole.range_km[rows])


def test_a_satellite_lost_on_the_way_loses_its_links_from_then_on(
    states: Ephemeris, fleet: Fleet, terminal: LaserTerminal
) -> None:
    positions = states.positions_km.copy()
    positions[5:, 11] = np.nan
    table = link_table(replace(states, positions_km=positions), pairs=plus_grid(fleet), terminal=terminal)
    linked = [11 in np.concatenate([table.a[table.rows(t)], table.b[table.rows(t)]]) for t in range(12)]
    assert linked == [True] * 5 + [False] * 7


def test_exactly_one_way_of_choosing_is_needed(states: Ephemeris, terminal: LaserTerminal) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        link_table(states, terminal=terminal)


@pytest.mark.parametrize("pair", [[0, 80], [-1, 3], [4, 4]])
def test_pairs_of_no_two_satellites_are_refused(pair: list[int], states: Ephemeris, terminal: LaserTerminal) -> None:
    with pytest.raises(ValueError, match="pairs"):
        link_table(states, pairs=np.array([pair]), terminal=terminal)
