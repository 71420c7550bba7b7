"""How links come and go, from tables small enough to count by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.links import LinkTable
from planner.network import churn
from planner.times import TimeGrid


def table(*instants: list[tuple[int, int]], acquiring: list[int] | None = None) -> LinkTable:
    """Return links of four satellites, a minute from instant to instant."""
    rows = [pair for instant in instants for pair in sorted(instant)]
    ends = np.array(rows, dtype=np.int64).reshape(-1, 2)
    times = TimeGrid(datetime(2026, 3, 1, tzinfo=UTC), 60.0, len(instants))
    offsets = np.cumsum([0, *(len(instant) for instant in instants)])
    waiting = np.array(acquiring or [0] * len(instants))
    nobody = np.zeros(waiting.sum(), dtype=np.int64)
    ones = np.ones(len(rows))
    return LinkTable(times, 4, offsets, ends[:, 0], ends[:, 1], ones, ones, waiting, nobody, nobody + 1)


def test_links_made_and_lost_are_counted_from_one_instant_to_the_next() -> None:
    # Three minutes: (1, 2) goes, then (0, 3) and (1, 2) come, then (0, 1) goes.
    found = churn(table([(0, 1), (1, 2)], [(0, 1)], [(0, 1), (0, 3), (1, 2)], [(0, 3), (1, 2)]))
    assert found.made_per_h == pytest.approx(2 * 20.0)
    assert found.lost_per_h == pytest.approx(2 * 20.0)
    # Each made is a new partner for two of four satellites.
    assert found.handovers_per_h == pytest.approx(20.0)
    assert found.in_use.tolist() == [4, 2, 6, 4]


def test_survival_is_the_product_limit_estimate() -> None:
    # Lives in steps: (0, 1) 3, ended; (1, 2) 1, ended; (0, 3) at least 2; (1, 2) again, at least 2. At risk after 1, 2
    # and 3 steps are 4, 3 and 1, of which 1, 0 and 1 end: survival 3/4, 3/4, 0.
    found = churn(table([(0, 1), (1, 2)], [(0, 1)], [(0, 1), (0, 3), (1, 2)], [(0, 3), (1, 2)]))
    assert found.age_s.tolist() == [0.0, 60.0, 120.0, 180.0, 240.0]
    assert found.survival_fraction == pytest.approx([1.0, 0.75, 0.75, 0.0, 0.0])
    assert found.median_life_s == 180.0
    # The area below the curve: 60·(1 + 0.75 + 0.75).
    assert found.mean_life_s == pytest.approx(150.0)


def test_links_that_never_end_outlive_the_run() -> None:
    found = churn(table([(0, 1), (2, 3)], [(0, 1), (2, 3)], [(0, 1), (2, 3)]))
    assert (found.made_per_h, found.lost_per_h, found.handovers_per_h) == (0.0, 0.0, 0.0)
    assert found.survival_fraction.tolist() == [1.0] * 4
    assert np.isnan(found.median_life_s)
    assert found.mean_life_s == pytest.approx(180.0)


def test_terminals_that_are_acquiring_are_two_a_link() -> None:
    found = churn(table([(0, 1)], [(0, 1)], acquiring=[0, 1]))
    assert found.in_use.tolist() == [2, 2]
    assert found.acquiring.tolist() == [0, 2]


def test_row_25_no_links_and_a_single_instant_are_said_to_be_unknown() -> None:
    nothing = churn(table([], []))
    assert nothing.made_per_h == 0.0
    assert np.isnan([nothing.mean_life_s, nothing.median_life_s]).all()
    assert np.isnan(nothing.survival_fraction).all()
    once = churn(table([(0, 1)]))
    assert np.isnan([once.made_per_h, once.lost_per_h, once.handovers_per_h]).all()
