"""What laser terminals draw."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.links import LaserTerminal, LinkTable, terminal_power_w
from planner.times import TimeGrid

TERMINAL = LaserTerminal("t", 100.0, 5000.0, 10.0, 100.0, standby_power_w=7.0)
TIMES = TimeGrid(datetime(2026, 3, 1, tzinfo=UTC), 60.0, 3)


def links_of(
    offsets: list[int],
    pairs: list[tuple[int, int]],
    satellites: int = 4,
    acquiring: tuple[list[int], list[tuple[int, int]]] = ([0, 0, 0], []),
) -> LinkTable:
    ends, pointed = (np.array(rows, dtype=np.int64).reshape(-1, 2) for rows in (pairs, acquiring[1]))
    ones = np.ones(len(ends))
    return LinkTable(
        TIMES, satellites, np.array(offsets), ends[:, 0], ends[:, 1], ones, ones,
        np.array(acquiring[0]), pointed[:, 0], pointed[:, 1],
    )  # fmt: skip


def test_a_working_terminal_draws_its_power_and_the_rest_stand_by() -> None:
    links = links_of([0, 2, 2, 3], [(0, 1), (1, 2), (0, 3)])
    drawn = terminal_power_w(links, TERMINAL, 3)
    assert drawn.tolist() == [
        [100 + 2 * 7, 2 * 100 + 7, 100 + 2 * 7, 3 * 7],
        [3 * 7] * 4,
        [100 + 2 * 7, 3 * 7, 3 * 7, 100 + 2 * 7],
    ]


def test_a_terminal_that_acquires_its_partner_draws_the_power_of_a_working_one() -> None:
    links = links_of([0, 1, 1, 1], [(0, 1)], acquiring=([1, 2, 0], [(1, 2), (0, 1), (0, 3)]))
    assert terminal_power_w(links, TERMINAL, 3).tolist() == [
        [100 + 2 * 7, 2 * 100 + 7, 100 + 2 * 7, 3 * 7],
        [2 * 100 + 7, 100 + 2 * 7, 3 * 7, 100 + 2 * 7],
        [3 * 7] * 4,
    ]


def test_links_and_acquiring_ones_share_the_terminals() -> None:
    links = links_of([0, 1, 1, 1], [(0, 1)], acquiring=([1, 0, 0], [(1, 2)]))
    with pytest.raises(ValueError, match="satellite 1 has 2 links at instant 0 but 1 terminals"):
        terminal_power_w(links, TERMINAL, 1)


def test_satellites_can_have_terminals_of_their_own_number() -> None:
    links = links_of([0, 1, 1, 1], [(0, 1)])
    assert terminal_power_w(links, TERMINAL, np.array([1, 2, 0, 4]))[0].tolist() == [100.0, 107.0, 0.0, 28.0]


def test_the_power_of_all_is_that_of_its_links_and_terminals() -> None:
    # Each link works two terminals, each worth the difference to standby.
    links = links_of([0, 2, 2, 3], [(0, 1), (1, 2), (0, 3)])
    assert terminal_power_w(links, TERMINAL, 3).sum() == 2 * 3 * (100.0 - 7.0) + 3 * 4 * 3 * 7.0


@pytest.mark.parametrize("satellites", [0, 1])
def test_row_25_no_links_draw_standby_only(satellites: int) -> None:
    drawn = terminal_power_w(links_of([0, 0, 0, 0], [], satellites), TERMINAL, 2)
    assert drawn.shape == (3, satellites)
    assert np.all(drawn == 14.0)


def test_more_links_than_terminals_are_refused_by_satellite_and_instant() -> None:
    links = links_of([0, 0, 2, 2], [(0, 1), (1, 2)])
    with pytest.raises(ValueError, match="satellite 1 has 2 links at instant 1 but 1 terminals"):
        terminal_power_w(links, TERMINAL, 1)
