"""Links between shells: only to the shell beside, from the terminals that the fixed links leave."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.errors import InputError
from planner.links import LaserTerminal
from planner.network import churn, fixed_links, inter_shell, link_table, plus_grid
from planner.orbit import Fleet, propagate
from planner.orbit.design.walker import walker_delta
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
TERMINAL = LaserTerminal("test", 100.0, 5000.0, 10.0, 100.0, acquisition_s=60.0)


def shell(name: str, altitude_km: float, satellites: int, planes: int) -> Fleet:
    return walker_delta(
        name=name, altitude_km=altitude_km, inclination_deg=60.0, satellites=satellites, planes=planes, phasing=1,
        epoch=EPOCH,
    )  # fmt: skip


# In the fleet's order the middle shell comes last.
LOW, HIGH, MIDDLE = shell("low", 900.0, 80, 8), shell("high", 1500.0, 60, 6), shell("middle", 1200.0, 80, 8)
FLEET = LOW + HIGH + MIDDLE
STATES = propagate(FLEET, TimeGrid(EPOCH, 60.0, 10))
RANK = np.array([{"low": 0, "middle": 1, "high": 2}[name] for name in FLEET.shells])


def test_shells_are_linked_to_the_ones_above_and_below_only() -> None:
    links = link_table(STATES, inter_shell(FLEET, terminals=6, terminal=TERMINAL))
    apart = np.abs(RANK[links.a] - RANK[links.b])
    assert set(apart.tolist()) == {0, 1}
    between = {tuple(sorted(pair)) for pair in zip(RANK[links.a[apart == 1]], RANK[links.b[apart == 1]], strict=True)}
    assert between == {(0, 1), (1, 2)}


def test_fixed_links_inside_shells_come_first_and_terminals_are_kept() -> None:
    links = link_table(STATES, inter_shell(FLEET, terminals=5, terminal=TERMINAL))
    grid = {tuple(pair) for pair in plus_grid(FLEET).tolist()}
    for time in range(10):
        rows = links.rows(time)
        inside = RANK[links.a[rows]] == RANK[links.b[rows]]
        here = set(zip(links.a[rows][inside].tolist(), links.b[rows][inside].tolist(), strict=True))
        assert here <= grid
        used = np.bincount(np.concatenate([links.a[rows], links.b[rows]]), minlength=len(FLEET))
        assert used.max() <= 5
    # Whatever the rules allow of the grid at the start is there.
    alone, rows = link_table(STATES, fixed_links(plus_grid(FLEET), terminal=TERMINAL)), links.rows(0)
    assert np.count_nonzero(RANK[links.a[rows]] == RANK[links.b[rows]]) == alone.offsets[1] > 0


def test_each_link_between_shells_is_the_nearest_that_was_free() -> None:
    topology = inter_shell(FLEET, terminals=5, terminal=TERMINAL, acquisition_s=0.0, hysteresis_fraction=0.0)
    links = link_table(STATES, topology)
    rows = links.rows(3)
    a, b, span = links.a[rows], links.b[rows], links.range_km[rows]
    between = RANK[a] != RANK[b]
    farthest = np.full(len(FLEET), np.inf)
    full = np.bincount(np.concatenate([a, b]), minlength=len(FLEET)) == 5
    farthest[full] = 0.0
    for ends in (a[between], b[between]):
        np.maximum.at(farthest, ends, np.where(full[ends], span[between], np.inf))
    # No two of neighbouring shells are both nearer to each other than to a partner that they have, or free.
    positions = STATES.positions_km[3]
    i, j = np.triu_indices(len(FLEET), 1)
    linked = set(zip(a.tolist(), b.tolist(), strict=True))
    near = np.linalg.norm(positions[i] - positions[j], axis=1)
    better = (
        (np.abs(RANK[i] - RANK[j]) == 1) & (near < 4999.0) & (near < farthest[i] - 1e-3) & (near < farthest[j] - 1e-3)
    )
    assert {(x, y) for x, y in zip(i[better].tolist(), j[better].tolist(), strict=True)} <= linked
    assert between.any()


def test_hysteresis_keeps_partners_in_other_shells_for_longer() -> None:
    made = [
        churn(
            link_table(
                STATES, inter_shell(FLEET, terminals=5, terminal=TERMINAL, acquisition_s=0.0, hysteresis_fraction=h)
            )
        ).made_per_h
        for h in (0.0, 0.5)
    ]
    assert made[0] > made[1]


def test_shells_without_a_terminal_to_spare_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"shells low and middle: the fixed links take every laser terminal of low"):
        inter_shell(FLEET, terminals=4, terminal=TERMINAL)
    terminals = np.where(RANK == 2, 4, 5)
    with pytest.raises(InputError, match=r"shells middle and high: the fixed links take every laser terminal of high"):
        inter_shell(FLEET, terminals=terminals, terminal=TERMINAL)


def test_other_fixed_pairs_may_be_given() -> None:
    nobody = np.empty((0, 2), dtype=np.int64)
    links = link_table(STATES, inter_shell(FLEET, terminals=1, terminal=TERMINAL, pairs=nobody))
    assert len(links.a)
    assert np.all(np.abs(RANK[links.a] - RANK[links.b]) == 1)


def test_a_shell_alone_has_its_grid() -> None:
    states = propagate(LOW, TimeGrid(EPOCH, 60.0, 4))
    links = link_table(states, inter_shell(LOW, terminals=4, terminal=TERMINAL))
    grid = link_table(states, fixed_links(plus_grid(LOW), terminal=TERMINAL))
    assert len(grid.a)
    for column in ("offsets", "a", "b", "range_km", "acquiring"):
        assert np.array_equal(getattr(links, column), getattr(grid, column))


def test_row_25_no_satellite_or_one_has_no_links() -> None:
    for count in (0, 1):
        fleet = LOW[np.arange(count)]
        links = link_table(
            propagate(fleet, TimeGrid(EPOCH, 60.0, 2)), inter_shell(fleet, terminals=4, terminal=TERMINAL)
        )
        assert links.offsets.tolist() == [0, 0, 0]
