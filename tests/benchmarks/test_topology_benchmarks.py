"""How fast links are chosen and followed, each beside a rival measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time
from typing import Any

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.links import LaserTerminal, in_sight, range_km
from planner.links.feasible import Sightlines, feasible_links
from planner.links.rules import LinkRules
from planner.network import (
    fixed_links,
    link_table,
    match,
    matching_bound,
    mutual_nearest,
    plus_grid,
)
from planner.orbit import Ephemeris, Fleet, propagate
from planner.orbit.design.walker import walker_delta
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
TERMINAL = LaserTerminal("bench", 100.0, 5016.0, 10.0, 100.0)
TERMINALS = 4
NEAR_BOUND_FRACTION = 0.98


def shell(satellites: int, planes: int) -> Fleet:
    return walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=planes, phasing=1, epoch=EPOCH
    )


def states_of(fleet: Fleet, instants: int) -> Ephemeris:
    return propagate(fleet, TimeGrid(EPOCH, 60.0, instants))


def in_rounds(a: IntArray, b: IntArray, value: FloatArray, terminals: IntArray) -> BoolArray:
    """Match by rounds of whole arrays: in each, take every link that is the best still open at both its ends.

    Values are ranked first, so that none are equal and it takes the links of the greedy match.
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


def candidates() -> tuple[Sightlines, FloatArray]:
    states = states_of(shell(10_000, 100), 1)
    pairs = feasible_links(states.positions_km[0], states.velocities_km_s[0], rules=LinkRules(1000.0))
    return pairs, np.asarray(100.0 * (1.0 - 0.5 * pairs.range_km / 1000.0))


def test_matching_10_000_satellites_with_four_terminals(beside: Callable[..., Any]) -> None:
    pairs, value = candidates()
    terminals = np.full(10_000, TERMINALS)
    ours, theirs = beside(
        lambda: match(pairs.a, pairs.b, value, terminals),
        lambda: in_rounds(pairs.a, pairs.b, value, terminals),
        "NumPy, rounds of whole arrays",
        clock=process_time,
    )
    assert np.array_equal(ours, np.flatnonzero(theirs))


def test_a_match_of_10_000_satellites_beside_its_bound(beside: Callable[..., Any]) -> None:
    pairs, value = candidates()
    terminals = np.full(10_000, TERMINALS)
    taken = match(pairs.a, pairs.b, value, terminals)
    _, outcome = beside(
        lambda: match(pairs.a, pairs.b, value, terminals),
        lambda: matching_bound(pairs.a, pairs.b, value, terminals, taken=taken),
        "OR-Tools min-cost flow, the linear bound",
        clock=process_time,
    )
    reached = outcome.objective / outcome.bound
    sys.stderr.write(f"{len(pairs.a)} candidates, {reached:.2%} of the bound\n")
    assert reached >= NEAR_BOUND_FRACTION


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
