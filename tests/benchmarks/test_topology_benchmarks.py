"""How fast links are chosen and followed, each beside a rival measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from time import process_time
from typing import Any

import numpy as np
import pytest

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.links import LaserTerminal, in_sight, range_km
from planner.links.feasible import Sightlines, feasible_links
from planner.links.rules import LinkRules
from planner.network import (
    churn,
    fixed_links,
    link_table,
    match,
    matched_links,
    matching_bound,
    mutual_nearest,
    plus_grid,
)
from planner.network.topology.rule import HYSTERESIS_FRACTION
from planner.orbit import Ephemeris, Fleet, propagate
from planner.orbit.design.walker import walker_delta
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
TERMINAL = LaserTerminal("bench", 100.0, 5016.0, 10.0, 100.0)
TERMINALS = 4
NEAR_BOUND_FRACTION = 0.98
STAGE = 1 << 15


def shell(satellites: int, planes: int) -> Fleet:
    return walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=planes, phasing=1, epoch=EPOCH
    )


def states_of(fleet: Fleet, instants: int) -> Ephemeris:
    return propagate(fleet, TimeGrid(EPOCH, 60.0, instants))


Match = Callable[[IntArray, IntArray, FloatArray, IntArray], BoolArray]


def plain_rounds(a: IntArray, b: IntArray, value: FloatArray, terminals: IntArray) -> BoolArray:
    """Match by rounds of whole arrays: in each, take every link that is the best still open at both its ends.

    Values are ranked first, so that none are equal and it takes the links of the greedy match. All links are looked at
    in every round.
    """
    rank = np.empty(len(value), dtype=np.int64)
    rank[np.argsort(-value, kind="stable")] = np.arange(len(value))
    free, taken = terminals.copy(), np.zeros(len(value), dtype=np.bool_)
    while (still := ~taken & (free[a] > 0) & (free[b] > 0)).any():
        best = np.full(len(free), len(value))
        for end in (a, b):
            np.minimum.at(best, end, np.where(still, rank, len(value)))
        chosen = still & (best[a] == rank) & (best[b] == rank)
        taken |= chosen
        for end in (a, b):
            free -= np.bincount(end[chosen], minlength=len(free))
    return taken


def _rounds_of_sorted(order: IntArray, a: IntArray, b: IntArray, free: IntArray, taken: BoolArray) -> None:
    """Match links given best first, in rounds that keep only those still open; uses up `free`."""
    while len(order):
        rank = np.arange(len(order))
        best = np.full(len(free), len(order))
        first_a, first_b = a[order], b[order]
        # Of several at one place the last is kept, so the best is written last.
        for end in (first_a, first_b):
            ends = np.full(len(free), len(order))
            ends[end[::-1]] = rank[::-1]
            best = np.minimum(best, ends)
        chosen = (best[first_a] == rank) & (best[first_b] == rank)
        taken[order[chosen]] = True
        for end in (first_a, first_b):
            free -= np.bincount(end[chosen], minlength=len(free))
        order = order[~chosen & (free[first_a] > 0) & (free[first_b] > 0)]


def compacted_rounds(a: IntArray, b: IntArray, value: FloatArray, terminals: IntArray) -> BoolArray:
    """Match by rounds, each of only the links that are still open."""
    taken = np.zeros(len(value), dtype=np.bool_)
    _rounds_of_sorted(np.argsort(-value, kind="stable"), a, b, terminals.copy(), taken)
    return taken


def staged_rounds(a: IntArray, b: IntArray, value: FloatArray, terminals: IntArray) -> BoolArray:
    """Match the best 32,768 links at a time by compacted rounds; what has no free end by then is never sorted."""
    taken, free, left = np.zeros(len(value), dtype=np.bool_), terminals.copy(), np.arange(len(value))
    while len(left):
        worth = value[left]
        least = np.partition(worth, -STAGE)[-STAGE] if len(left) > STAGE else -np.inf
        now = left[worth >= least]
        _rounds_of_sorted(now[np.argsort(-value[now], kind="stable")], a, b, free, taken)
        left = left[worth < least]
        left = left[(free[a[left]] > 0) & (free[b[left]] > 0)]
    return taken


def candidates() -> tuple[Sightlines, FloatArray]:
    states = states_of(shell(10_000, 100), 1)
    pairs = feasible_links(states.positions_km[0], states.velocities_km_s[0], rules=LinkRules(1000.0))
    return pairs, np.asarray(100.0 * (1.0 - 0.5 * pairs.range_km / 1000.0))


@pytest.mark.parametrize(
    ("rival", "name"),
    [
        (plain_rounds, "NumPy, plain rounds over all links"),
        (compacted_rounds, "NumPy, compacted rounds"),
        (staged_rounds, "NumPy, compacted rounds of the best links first"),
    ],
)
def test_matching_10_000_satellites_with_four_terminals(rival: Match, name: str, beside: Callable[..., Any]) -> None:
    """Reached: 16 to 21 times the plain rounds, 13 to 19 times the compacted and some 3 times the staged ones."""
    pairs, value = candidates()
    terminals = np.full(10_000, TERMINALS)
    ours, theirs = beside(
        lambda: match(pairs.a, pairs.b, value, terminals),
        lambda: rival(pairs.a, pairs.b, value, terminals),
        name,
        clock=process_time,
    )
    assert np.array_equal(ours, np.flatnonzero(theirs))


def test_a_match_of_10_000_satellites_is_near_its_bound() -> None:
    pairs, value = candidates()
    terminals = np.full(10_000, TERMINALS)
    taken = match(pairs.a, pairs.b, value, terminals)
    outcome = matching_bound(pairs.a, pairs.b, value, terminals, taken=taken)
    reached = outcome.objective / outcome.bound
    sys.stderr.write(f"\nmatch of {len(pairs.a)} candidates: {reached:.2%} of the linear bound\n")
    assert reached >= NEAR_BOUND_FRACTION


@pytest.mark.parametrize("maximum_range_km", [1500.0, 5016.0])
def test_what_hysteresis_gains(maximum_range_km: float) -> None:
    """Figures and no time: the links that carry traffic, and those made, with and without it over an hour."""
    terminal = replace(TERMINAL, maximum_range_km=maximum_range_km, acquisition_s=60.0)
    states = states_of(shell(1584, 72), 61)
    found = []
    for kept in (0.0, HYSTERESIS_FRACTION):
        links = link_table(states, matched_links(terminals=TERMINALS, terminal=terminal, hysteresis_fraction=kept))
        found.append((len(links.a), churn(links).made_per_h))
    (plain, made), (kept_rows, kept_made) = found
    sys.stderr.write(
        f"\nhysteresis, {maximum_range_km:g} km: {kept_rows / plain - 1.0:+.1%} links that carry traffic, "
        f"{kept_made:.0f} made in an hour instead of {made:.0f}\n"
    )
    assert kept_rows > plain
    assert kept_made < made


def test_matched_links_of_10_000_satellites_up_to_5_016_km(beside: Callable[..., Any]) -> None:
    states = states_of(shell(10_000, 100), 1)
    state = states.positions_km[0], states.velocities_km_s[0]

    def all_at_once() -> IntArray:
        pairs = feasible_links(*state, rules=LinkRules.of(TERMINAL))
        value = 100.0 * (1.0 - 0.5 * pairs.range_km / TERMINAL.maximum_range_km)
        taken = match(pairs.a, pairs.b, value, np.full(10_000, TERMINALS))
        return np.stack([pairs.a[taken], pairs.b[taken]], axis=1)

    links, pairs = beside(
        lambda: link_table(states, matched_links(terminals=TERMINALS, terminal=TERMINAL)),
        all_at_once,
        "every pair in range at once",
        clock=process_time,
    )
    assert np.array_equal(np.stack([links.a, links.b], axis=1), pairs)


def lists_of_neighbours(positions: FloatArray, longest_km: float) -> int:
    """Match by nearest neighbours of a k-d tree, sorted, one link after the other; return how many."""
    from scipy.spatial import cKDTree

    _, near = cKDTree(positions).query(positions, k=8 * TERMINALS, distance_upper_bound=longest_km)
    own, column = np.nonzero(near < len(positions))
    a, b = own, near[own, column]
    key = np.unique(np.minimum(a, b) * len(positions) + np.maximum(a, b))
    a, b = np.divmod(key[key // len(positions) != key % len(positions)], len(positions))
    seen = in_sight(positions[a], positions[b])
    a, b = a[seen], b[seen]
    free = [TERMINALS] * len(positions)
    taken = 0
    for place in np.argsort(np.round(range_km(positions[a], positions[b]) * 1e3), kind="stable").tolist():
        if free[a[place]] and free[b[place]]:
            free[a[place]] -= 1
            free[b[place]] -= 1
            taken += 1
    return taken


def test_nearest_partners_of_16_000_satellites(beside: Callable[..., Any]) -> None:
    positions = states_of(shell(16_000, 100), 1).positions_km[0]
    pairs, taken = beside(
        lambda: mutual_nearest(positions, terminals=TERMINALS, maximum_range_km=5400.0),
        lambda: lists_of_neighbours(positions, 5400.0),
        "SciPy k-d tree, one link after the other",
        clock=process_time,
    )
    # Its lists end with the 32nd neighbour, beyond which a few more would be linked.
    assert abs(taken - len(pairs)) <= 0.01 * len(pairs)


def one_instant_after_the_other(states: Ephemeris, pairs: IntArray, needed: int) -> int:
    """Follow fixed pairs with NumPy, instant by instant; return rows."""
    steps, rows = np.full(len(pairs), needed), 0
    for positions in states.positions_km:
        a, b = positions[pairs[:, 0]], positions[pairs[:, 1]]
        usable = (range_km(a, b) <= TERMINAL.maximum_range_km) & in_sight(a, b)
        steps = np.where(usable, np.minimum(steps + 1, needed), -1)
        rows += int(np.count_nonzero(steps >= needed))
    return rows


def test_a_grid_of_10_000_satellites_over_two_hours(beside: Callable[..., Any]) -> None:
    fleet = shell(10_000, 100)
    states, pairs = states_of(fleet, 120), plus_grid(fleet)
    topology = fixed_links(pairs, terminal=TERMINAL, acquisition_s=60.0)
    links, rows = beside(
        lambda: link_table(states, topology),
        lambda: one_instant_after_the_other(states, pairs, 1),
        "NumPy, one instant after the other",
        clock=process_time,
    )
    assert len(links.a) == rows
