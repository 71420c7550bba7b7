"""Which links mounted terminals seat, instant after instant: all that any arrangement can, where pairs are given."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray, IntArray
from planner.links import LaserTerminal
from planner.links.feasible import check_links, feasible_links
from planner.links.rules import LinkRules, Mounting
from planner.network import (
    Scene,
    Topology,
    chosen_links,
    fixed_links,
    link_table,
    links_of,
    matched_links,
    nearest_links,
    plus_grid,
)
from planner.network.topology import matched, nearest
from planner.orbit import Ephemeris, propagate
from planner.orbit.design.walker import walker_delta
from planner.times import TimeGrid

Fly = Callable[[FloatArray], Ephemeris]
Strew = Callable[[int, int, int], Ephemeris]

SIDES = LinkRules(4000.0, mounting=Mounting.four_sides(70.0))
REACH = LaserTerminal("far", 100.0, 4000.0, 10.0, 100.0, acquisition_s=120.0)


def seatable(masks: list[int]) -> bool:
    """Return whether every link of a satellite can have one of four terminals of its own, by trying all ways."""
    choices = [[t for t in range(4) if mask >> t & 1] for mask in masks]
    return len(masks) <= 4 and any(len(set(chosen)) == len(chosen) for chosen in product(*choices))


def four_each(satellites: int, seed: int) -> IntArray:
    """Return random pairs, no satellite in more than four."""
    rng = np.random.default_rng(seed)
    every = np.stack(np.triu_indices(satellites, 1), axis=1)
    degree, pairs = np.zeros(satellites, dtype=np.int64), []
    for pair in every[rng.permutation(len(every))]:
        if (degree[pair] < 4).all():
            degree[pair] += 1
            pairs.append(pair)
    return np.array(sorted(map(tuple, pairs)))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_given_pair_is_pointed_unless_those_beside_it_leave_no_arrangement_of_terminals(
    seed: int, strewn: Strew
) -> None:
    states, pairs = strewn(8, 9, seed), four_each(9, seed)
    topology = fixed_links(pairs, terminal=REACH, rules=SIDES)
    checked = check_links(states.positions_km, states.velocities_km_s, pairs, rules=SIDES)
    held = None
    for time in range(8):
        part = Ephemeris(
            states.times.part(time, time + 1), states.positions_km[time : time + 1],
            states.velocities_km_s[time : time + 1], states.sgp4_errors,
        )  # fmt: skip
        _, held = links_of(part, topology, held=held)
        pointed = set(map(tuple, held.pairs.tolist()))
        masks: list[list[int]] = [[] for _ in range(9)]
        for pair, face_a, face_b in zip(pairs.tolist(), checked.faces_a[time], checked.faces_b[time], strict=True):
            if tuple(pair) in pointed:
                masks[pair[0]].append(int(face_a))
                masks[pair[1]].append(int(face_b))
        assert all(map(seatable, masks))
        for pair, usable, face_a, face_b in zip(
            pairs.tolist(), checked.usable[time], checked.faces_a[time], checked.faces_b[time], strict=True
        ):
            if usable and tuple(pair) not in pointed:
                ends = ((pair[0], int(face_a)), (pair[1], int(face_b)))
                assert not all(seatable([*masks[satellite], mask]) for satellite, mask in ends)


@pytest.fixture(scope="module")
def shell() -> tuple[Ephemeris, IntArray]:
    """Return a revolution of a shell of 288 satellites, and its +grid."""
    epoch = datetime(2026, 3, 1, tzinfo=UTC)
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=288, planes=24, phasing=1, epoch=epoch
    )
    return propagate(fleet, TimeGrid(epoch, 60.0, 96)), plus_grid(fleet)


@pytest.mark.parametrize("acquisition_s", [0.0, 60.0])
def test_a_wider_field_of_regard_never_gives_fewer_fixed_links(
    acquisition_s: float, shell: tuple[Ephemeris, IntArray]
) -> None:
    # Those acquiring count as well: a link that crosses from side to side changes its terminal once however wide they
    # look, and which instants that costs depends on when it does.
    states, pairs = shell
    laser = LaserTerminal("s", 200.0, 5016.0, 15.0, 120.0)
    rows = []
    for half_angle_deg in (40.0, 60.0, 80.0, 100.0, 130.0, 180.0):
        rules = LinkRules.of(laser, mounting=Mounting.four_sides(half_angle_deg))
        topology = fixed_links(pairs, terminal=laser, rules=rules, terminals=4, acquisition_s=acquisition_s)
        links = link_table(states, topology)
        rows.append(np.diff(links.offsets) + links.acquiring)
    for narrow, wide in pairwise(rows):
        assert np.all(wide >= narrow)
    # Terminals that point anywhere link the whole grid whenever the rules allow.
    allowed = check_links(states.positions_km, states.velocities_km_s, pairs, rules=LinkRules.of(laser)).usable
    assert rows[-1].tolist() == allowed.sum(axis=1).tolist()


def test_fixed_links_are_those_that_a_function_gives_for_the_same_pairs(shell: tuple[Ephemeris, IntArray]) -> None:
    states, pairs = shell
    laser = LaserTerminal("s", 200.0, 5016.0, 15.0, 120.0)
    rules = LinkRules.of(laser, mounting=Mounting.four_sides(100.0))
    wanted = pairs[:, 0] * 288 + pairs[:, 1]

    def grid(scene: Scene) -> IntArray:
        known = scene.sightlines.a * 288 + scene.sightlines.b
        return scene.pairs[np.isin(known, wanted)]

    given_once = link_table(states, fixed_links(pairs, terminal=laser, rules=rules, acquisition_s=0.0))
    each_time = link_table(states, chosen_links(grid, terminals=4, terminal=laser, rules=rules, acquisition_s=0.0))
    for column in ("offsets", "a", "b"):
        assert np.array_equal(getattr(given_once, column), getattr(each_time, column))


def test_neighbours_come_to_the_terminals_that_look_at_them(flown: Fly) -> None:
    # All round, one a side, and every terminal could face three of them. Whatever the order, each takes its own side.
    around = 1000.0 * np.array([[0, 0, 0], [0, 0, -1], [0, -1, 0], [0, 0, 1], [0, 1, 0]]) + [42_000.0, 0.0, 0.0]
    rules = LinkRules(1200.0, mounting=Mounting.four_sides(100.0))
    star = fixed_links(np.array([[0, 1], [0, 2], [0, 3], [0, 4]]), terminal=REACH, rules=rules)
    for topology in (star, nearest_links(terminals=4, terminal=REACH, rules=rules)):
        _, held = links_of(flown(around[None]), topology)
        assert held.terminal_a[held.a == 0].tolist() == [3, 1, 2, 0]


def test_a_held_link_moves_to_make_room_for_a_given_one_and_is_acquired_anew(flown: Fly) -> None:
    # 0 looks ahead by a wide terminal and by a narrow one. 1, dead ahead, sits on the wide one until 2 comes within
    # reach at 45°, which only that one can face: 1 moves, and for two minutes neither carries traffic.
    looks = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, -1.0, 0.0]])
    rules = LinkRules(2000.0, mounting=Mounting(looks, np.array([60.0, 10.0, 89.0, 89.0])))
    positions = np.zeros((5, 3, 3)) + np.array([42_000.0, 0.0, 0.0])
    positions[:, 1, 1] = positions[:, 2, 1] = positions[:, 2, 2] = 1000.0
    positions[:2, 2] += [0.0, 5000.0, 5000.0]
    pairs = np.array([[0, 1], [0, 2]])
    links = link_table(flown(positions), fixed_links(pairs, terminal=REACH, rules=rules))
    assert np.diff(links.offsets).tolist() == [1, 1, 0, 0, 2]
    assert links.acquiring_terminals[2].tolist() == [2, 1, 1]
    # One that another link would do for does not cost it its place.
    free = link_table(flown(positions), matched_links(terminals=4, terminal=REACH, rules=rules))
    assert [(0, 1) in set(zip(free.a[free.rows(t)], free.b[free.rows(t)], strict=True)) for t in range(5)] == [True] * 5


@pytest.mark.parametrize("rules", [SIDES, LinkRules(4000.0)])
@pytest.mark.parametrize("acquisition_s", [0.0, 120.0])
@pytest.mark.parametrize(("neighbours", "growth"), [(0.05, 1.3), (1.0, 2.0)])
def test_the_most_valuable_links_do_not_depend_on_the_stages_of_range(
    neighbours: float,
    growth: float,
    acquisition_s: float,
    rules: LinkRules,
    strewn: Strew,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    states = strewn(6, 60, 3)

    def staged() -> Topology:
        return matched_links(terminals=3, terminal=REACH, rules=rules, acquisition_s=acquisition_s)

    # A first stage that holds everything looks at all pairs at once.
    monkeypatch.setattr(nearest, "_FIRST_NEIGHBOURS", 1e9)
    at_once = link_table(states, staged())
    assert len(at_once.a)
    monkeypatch.setattr(nearest, "_FIRST_NEIGHBOURS", neighbours)
    monkeypatch.setattr(matched, "GROWTH", growth)
    found = link_table(states, staged())
    for column in ("offsets", "a", "b", "acquiring_a", "acquiring_b"):
        assert np.array_equal(getattr(found, column), getattr(at_once, column))


def test_links_that_must_not_move_are_still_as_many_as_no_free_pair_allows(strewn: Strew) -> None:
    # After any instant no two satellites within reach both have a free terminal that faces the other.
    states = strewn(6, 30, 5)
    topology = nearest_links(terminals=4, terminal=REACH, rules=SIDES, hysteresis_fraction=0.25)
    held = None
    for time in range(6):
        part = Ephemeris(
            states.times.part(time, time + 1), states.positions_km[time : time + 1],
            states.velocities_km_s[time : time + 1], states.sgp4_errors,
        )  # fmt: skip
        _, held = links_of(part, topology, held=held)
        free = np.full(30, 0b1111)
        for ends, terminals in ((held.a, held.terminal_a), (held.b, held.terminal_b)):
            np.subtract.at(free, ends, 1 << terminals)
        pairs = feasible_links(states.positions_km[time], states.velocities_km_s[time], rules=SIDES)
        linked = np.isin(pairs.a * 30 + pairs.b, held.a * 30 + held.b)
        could = (free[pairs.a] & pairs.faces_a > 0) & (free[pairs.b] & pairs.faces_b > 0)
        assert not np.any(could & ~linked)
