"""Links over time: acquisition, interruption, terminal limits, and runs cut into blocks."""

from collections.abc import Callable
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray, IntArray
from planner.links import LaserTerminal, LinkTable, range_km
from planner.links.feasible import check_links, feasible_links
from planner.links.rules import LinkRules, Mounting
from planner.network import (
    Held,
    Topology,
    churn,
    fixed_links,
    link_table,
    links_of,
    matched_links,
    nearest_links,
    plus_grid,
)
from planner.network.topology import tracking
from planner.orbit import Ephemeris, Fleet
from planner.times import TimeGrid

Fly = Callable[[FloatArray], Ephemeris]
Strew = Callable[[int, int, int], Ephemeris]

MOUNTED = LinkRules(2000.0, mounting=Mounting.four_sides(75.0))
EVERY = np.stack(np.triu_indices(12, 1), axis=1)


def topologies(laser: LaserTerminal) -> dict[str, Topology]:
    few = {"terminals": 3, "terminal": laser}
    return {
        "fixed": fixed_links(EVERY, terminal=laser),
        "fixed, mounted": fixed_links(EVERY[:12:4], terminal=laser, rules=MOUNTED),
        "nearest": nearest_links(**few),  # type: ignore[arg-type]
        "nearest, mounted": nearest_links(**few, rules=MOUNTED),  # type: ignore[arg-type]
        "matched": matched_links(**few),  # type: ignore[arg-type]
        "matched, mounted": matched_links(**few, rules=MOUNTED),  # type: ignore[arg-type]
    }


NAMES = ["fixed", "fixed, mounted", "nearest", "nearest, mounted", "matched", "matched, mounted"]


def of_two(apart_km: list[float], flown: Fly) -> Ephemeris:
    """Return two satellites that are as far apart as this, instant by instant."""
    positions = np.zeros((len(apart_km), 2, 3)) + np.array([42_000.0, 0.0, 0.0])
    positions[:, 1, 2] = apart_km
    return flown(positions)


def carried(links: LinkTable) -> list[int]:
    return [int(rows) for rows in np.diff(links.offsets)]


def test_a_link_carries_traffic_once_it_was_pointed_for_the_acquisition_time(laser: LaserTerminal, flown: Fly) -> None:
    # In reach from instant 2 on, so pointed for 0, 60 and 120 s at instants 2, 3 and 4.
    states = of_two([3000.0, 3000.0, 1000.0, 1000.0, 1000.0, 1000.0], flown)
    for topology in (fixed_links(np.array([[0, 1]]), terminal=laser), nearest_links(terminals=1, terminal=laser)):
        links = link_table(states, topology)
        assert carried(links) == [0, 0, 0, 0, 1, 1]
        assert links.acquiring.tolist() == [0, 0, 1, 1, 0, 0]


@pytest.mark.parametrize(("acquisition_s", "instants"), [(0.0, 0), (1.0, 1), (60.0, 1), (61.0, 2), (120.0, 2)])
def test_acquisition_ends_with_the_first_instant_that_is_long_enough_after(
    acquisition_s: float, instants: int, laser: LaserTerminal, flown: Fly
) -> None:
    states = of_two([3000.0, *([1000.0] * 5)], flown)
    links = link_table(states, fixed_links(np.array([[0, 1]]), terminal=laser, acquisition_s=acquisition_s))
    assert carried(links) == [0] * (1 + instants) + [1] * (5 - instants)


def test_links_of_the_first_instant_of_a_plan_count_as_acquired(laser: LaserTerminal, flown: Fly) -> None:
    assert carried(link_table(of_two([1000.0] * 3, flown), nearest_links(terminals=1, terminal=laser))) == [1, 1, 1]


@pytest.mark.parametrize("name", ["fixed", "nearest", "matched"])
def test_an_interrupted_link_is_acquired_again(name: str, laser: LaserTerminal, flown: Fly) -> None:
    states = of_two([1000.0, 1000.0, 2500.0, 1000.0, 1000.0, 1000.0], flown)
    topology = {
        "fixed": fixed_links(np.array([[0, 1]]), terminal=laser),
        "nearest": nearest_links(terminals=1, terminal=laser),
        "matched": matched_links(terminals=1, terminal=laser),
    }[name]
    links = link_table(states, topology)
    assert carried(links) == [1, 1, 0, 0, 0, 1]
    assert links.acquiring.tolist() == [0, 0, 0, 1, 1, 0]


def test_the_sun_behind_a_partner_interrupts_a_link(laser: LaserTerminal, flown: Fly) -> None:
    # b stands along z from a; the Sun stands there too at instant 1, and along x, away from the Earth, at the others.
    states = of_two([1000.0] * 5, flown)
    sun_km = np.tile([1.5e8, 0.0, 0.0], (5, 1))
    sun_km[1] = [0.0, 0.0, 1.5e8]
    topology = fixed_links(np.array([[0, 1]]), terminal=laser, rules=LinkRules(2000.0, sun_exclusion_deg=10.0))
    assert carried(link_table(states, topology, sun_km=sun_km)) == [1, 0, 0, 0, 1]


def test_a_link_that_has_to_change_terminals_is_acquired_again(laser: LaserTerminal, flown: Fly) -> None:
    # b is ahead of a (along y) and then to port of it (along the orbit's normal, z).
    positions = np.zeros((6, 2, 3)) + np.array([42_000.0, 0.0, 0.0])
    positions[:3, 1, 1] = positions[3:, 1, 2] = 1000.0
    rules = LinkRules(2000.0, mounting=Mounting.four_sides(30.0))
    for topology in (
        fixed_links(np.array([[0, 1]]), terminal=laser, rules=rules),
        nearest_links(terminals=4, terminal=laser, rules=rules),
    ):
        links = link_table(flown(positions), topology)
        assert carried(links) == [1, 1, 1, 0, 0, 1]
    free = link_table(flown(positions), nearest_links(terminals=4, terminal=laser))
    assert carried(free) == [1] * 6


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(1, 11), max_size=4, unique=True))
def test_blocks_of_time_do_not_change_the_links(
    name: str, seed: int, cuts: list[int], laser: LaserTerminal, strewn: Strew
) -> None:
    states, topology = strewn(12, 12, seed), topologies(laser)[name]
    whole = link_table(states, topology)
    held, parts = None, []
    for first, stop in pairwise([0, *sorted(cuts), 12]):
        part = Ephemeris(
            states.times.part(first, stop), states.positions_km[first:stop], states.velocities_km_s[first:stop],
            states.sgp4_errors,
        )  # fmt: skip
        links, held = links_of(part, topology, held=held)
        parts.append(links)
    joined = LinkTable.joined(states.times, parts)
    for column in ("offsets", "a", "b", "range_km", "capacity_gbps", "acquiring"):
        assert np.array_equal(getattr(joined, column), getattr(whole, column))


@pytest.mark.parametrize("name", ["fixed", "fixed, mounted"])
def test_pairs_judged_at_once_do_not_change_the_links(
    name: str, laser: LaserTerminal, strewn: Strew, monkeypatch: pytest.MonkeyPatch
) -> None:
    states, topology = strewn(12, 12, 4), topologies(laser)[name]
    whole = link_table(states, topology)
    monkeypatch.setattr(tracking, "_BLOCK_PAIRS", 1)
    parts = link_table(states, topology)
    for column in ("offsets", "a", "b", "range_km", "acquiring"):
        assert np.array_equal(getattr(parts, column), getattr(whole, column))


@pytest.mark.parametrize("name", ["nearest", "nearest, mounted", "matched", "matched, mounted"])
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_terminal_limits_are_never_exceeded_counting_links_that_are_acquiring(
    name: str, seed: int, laser: LaserTerminal, strewn: Strew
) -> None:
    states = strewn(8, 40, seed)
    terminals = np.random.default_rng(seed).integers(0, 4, 40)
    topology = replace(topologies(laser)[name], terminals=terminals)
    held = None
    for time in range(8):
        part = Ephemeris(
            states.times.part(time, time + 1), states.positions_km[time : time + 1],
            states.velocities_km_s[time : time + 1], states.sgp4_errors,
        )  # fmt: skip
        links, held = links_of(part, topology, held=held)
        assert len(held.a) == len(links.a) + links.acquiring[0]
        assert np.all(np.bincount(held.pairs.ravel(), minlength=40) <= terminals)
        if topology.rules.mounting is not None:
            require_own_terminals(held, terminals, states, time)


def require_own_terminals(held: Held, terminals: IntArray, states: Ephemeris, time: int) -> None:
    """Assert that each terminal has one link at most, which it can face, and that the satellite has it."""
    ends = np.concatenate([held.a * 16 + held.terminal_a, held.b * 16 + held.terminal_b])
    assert len(np.unique(ends)) == len(ends)
    assert np.all(held.terminal_a < terminals[held.a])
    assert np.all(held.terminal_b < terminals[held.b])
    checked = check_links(
        states.positions_km[time : time + 1], states.velocities_km_s[time : time + 1], held.pairs, rules=MOUNTED
    )
    assert np.all(checked.faces_a[0] >> held.terminal_a & 1)
    assert np.all(checked.faces_b[0] >> held.terminal_b & 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_link_is_always_one_that_the_rules_allow(name: str, laser: LaserTerminal, strewn: Strew) -> None:
    states, topology = strewn(6, 12, 8), topologies(laser)[name]
    links = link_table(states, topology)
    assert len(links.a)
    for time in range(6):
        allowed = feasible_links(states.positions_km[time], states.velocities_km_s[time], rules=topology.rules)
        rows = links.rows(time)
        assert set(zip(links.a[rows], links.b[rows], strict=True)) <= set(zip(allowed.a, allowed.b, strict=True))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("choose", [matched_links, nearest_links])
def test_hysteresis_never_raises_churn(
    choose: Callable[..., Topology], seed: int, laser: LaserTerminal, strewn: Strew
) -> None:
    # Without acquisition, so that the table shows all that is pointed. On these samples, not in every conceivable one.
    states = strewn(40, 40, seed)
    made = [
        churn(
            link_table(states, choose(terminals=2, terminal=laser, acquisition_s=0.0, hysteresis_fraction=fraction))
        ).made_per_h
        for fraction in (0.0, 0.25, 1.0)
    ]
    assert made[0] > made[1] > made[2]


def test_a_new_link_replaces_a_held_one_only_if_it_is_clearly_better(laser: LaserTerminal, flown: Fly) -> None:
    # One terminal each. 0 is linked to 1 at 1,000 km, then 2 comes as near as 900 km, and then 700 km: with a value of
    # 1/range and a hysteresis of 0.25 it takes less than 1,000/1.25 = 800 km.
    positions = np.zeros((3, 3, 3)) + np.array([42_000.0, 0.0, 0.0])
    positions[:, 1, 1] = 1000.0
    positions[:, 2, 2] = [1900.0, 900.0, 700.0]
    for topology in (
        matched_links(
            terminals=1, terminal=laser, acquisition_s=0.0, hysteresis_fraction=0.25,
            value=lambda scene: 1.0 / scene.sightlines.range_km,
        ),
        nearest_links(terminals=1, terminal=laser, acquisition_s=0.0, hysteresis_fraction=0.25),
    ):  # fmt: skip
        links = link_table(flown(positions), topology)
        assert np.stack([links.a, links.b], axis=1).tolist() == [[0, 1], [0, 1], [0, 2]]


def test_links_are_measured_from_positions_that_are_not_rounded(links: LinkTable, states: Ephemeris) -> None:
    # One published tool truncates positions to a kilometre.
    for time in range(states.times.count):
        rows = links.rows(time)
        a, b = states.positions_km[time][links.a[rows]], states.positions_km[time][links.b[rows]]
        assert links.range_km[rows] == pytest.approx(np.linalg.norm(a - b, axis=1), abs=1e-9)
    # The chord and not the arc: neighbours in a plane are 2 r sin(18°) apart.
    within = links.range_km[links.rows(0)][0]
    assert within == pytest.approx(2.0 * 7578.0 * np.sin(np.radians(18.0)), rel=2e-3)


def test_only_pairs_within_the_shorter_of_both_reaches_are_linked(states: Ephemeris, fleet: Fleet) -> None:
    pairs = np.stack(np.triu_indices(len(fleet), 1), axis=1)
    short = LaserTerminal("short", 10.0, 4000.0, 1.0, 1.0)
    table = link_table(states, fixed_links(pairs, terminal=short, rules=LinkRules(9000.0)))
    a, b = states.positions_km[0][pairs[:, 0]], states.positions_km[0][pairs[:, 1]]
    rows = table.rows(0)
    assert np.array_equal(np.stack([table.a[rows], table.b[rows]], axis=1), pairs[range_km(a, b) <= 4000.0])
    assert np.all(table.capacity_gbps == 10.0)


def test_a_satellite_lost_on_the_way_loses_its_links_from_then_on(
    states: Ephemeris, fleet: Fleet, terminal: LaserTerminal
) -> None:
    positions = states.positions_km.copy()
    positions[5:, 11] = np.nan
    table = link_table(replace(states, positions_km=positions), fixed_links(plus_grid(fleet), terminal=terminal))
    linked = [11 in np.concatenate([table.a[table.rows(t)], table.b[table.rows(t)]]) for t in range(12)]
    assert linked == [True] * 5 + [False] * 7


@pytest.mark.parametrize("count", [0, 1])
def test_row_25_no_satellite_or_one_has_no_links(count: int, laser: LaserTerminal, strewn: Strew) -> None:
    states = strewn(3, count, 1)
    nobody = np.empty((0, 2), dtype=np.int64)
    for topology in (
        fixed_links(nobody, terminal=laser),
        fixed_links(nobody, terminal=laser, rules=MOUNTED),
        nearest_links(terminals=4, terminal=laser),
        matched_links(terminals=4, terminal=laser),
    ):
        table = link_table(states, topology)
        assert table.offsets.tolist() == [0, 0, 0, 0]


def test_a_block_that_does_not_follow_is_refused(laser: LaserTerminal, strewn: Strew) -> None:
    states, topology = strewn(4, 12, 1), fixed_links(EVERY, terminal=laser)
    _, held = links_of(states, topology)
    assert held.due == states.times.datetime_at(3) + (states.times.datetime_at(1) - states.times.start)
    with pytest.raises(ValueError, match="is due"):
        links_of(states, topology, held=held)


def test_a_frame_that_turns_is_refused(laser: LaserTerminal, strewn: Strew) -> None:
    with pytest.raises(ValueError, match="ITRS"):
        link_table(replace(strewn(2, 12, 1), frame="ITRS"), fixed_links(EVERY, terminal=laser))


def test_pairs_of_satellites_that_are_not_there_are_refused(laser: LaserTerminal, strewn: Strew) -> None:
    with pytest.raises(ValueError, match="different satellites of 0 to 10"):
        link_table(strewn(2, 11, 1), fixed_links(EVERY, terminal=laser))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"step_s": 30.0}, "step_s 30, but now it is 60"),
        ({"acquisition_s": 60.0}, "acquisition_s 60, but now it is 120"),
        ({"satellites": 11}, "of 11 satellites, but the block has 12"),
        ({"mounting": Mounting.four_sides(75.0)}, "another mounting"),
    ],
)
def test_what_another_run_held_is_refused(
    changes: dict[str, object], message: str, laser: LaserTerminal, strewn: Strew
) -> None:
    states, topology = strewn(4, 12, 1), fixed_links(EVERY, terminal=laser)
    _, held = links_of(states, topology)
    after = replace(states, times=TimeGrid(held.due, 60.0, 4))
    links_of(after, topology, held=held)
    with pytest.raises(ValueError, match=message):
        links_of(after, topology, held=replace(held, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["fixed", "nearest", "matched"])
def test_links_that_only_another_topology_held_are_not_taken_over(name: str, laser: LaserTerminal, flown: Fly) -> None:
    # A square of 1,000 km: the first topology holds 0-1 and 2-3, the next one wants 1-2, and 2-3 again if it can.
    positions = np.tile([[0, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]], (2, 1, 1)) * 1000.0 + [42_000.0, 0.0, 0.0]
    states = flown(positions)
    _, held = links_of(states, fixed_links(np.array([[0, 1], [2, 3]]), terminal=laser))
    wanted = np.array([[1, 2], [2, 3]])
    topology = {
        "fixed": fixed_links(wanted, terminal=laser),
        "nearest": nearest_links(terminals=2, terminal=laser, rules=LinkRules(1200.0)),
        "matched": matched_links(terminals=2, terminal=laser, rules=LinkRules(1200.0)),
    }[name]
    links, _ = links_of(replace(states, times=TimeGrid(held.due, 60.0, 2)), topology, held=held)
    carry = [[2, 3]] if name == "fixed" else [[0, 1], [2, 3]]
    assert np.stack([links.a, links.b], axis=1).tolist() == carry * 2


def test_a_table_of_links_stands_the_checks_that_it_was_spared(laser: LaserTerminal, strewn: Strew) -> None:
    for topology in topologies(laser).values():
        table = link_table(strewn(10, 12, 3), topology)
        checked = LinkTable(**{column.name: getattr(table, column.name) for column in fields(table)})
        assert checked.acquiring.sum() == len(checked.acquiring_a)
        pointed = 2 * (np.diff(table.offsets) + table.acquiring)
        working = np.concatenate([table.a, table.b])
        assert pointed.sum() == table.acquiring_terminals.sum() + len(working)
