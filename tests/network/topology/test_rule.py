"""What a topology refuses, and what it takes from its terminal."""

from typing import Any

import numpy as np
import pytest

from planner.links import LaserTerminal
from planner.links.rules import LinkRules, Mounting
from planner.network import fixed_links, matched_links, nearest_links

PAIRS = np.array([[1, 0], [0, 2], [1, 0]])


def test_pairs_are_put_in_order_each_once(laser: LaserTerminal) -> None:
    assert fixed_links(PAIRS, terminal=laser).pairs.tolist() == [[0, 1], [0, 2]]


def test_what_is_not_given_is_the_terminal_s_own(laser: LaserTerminal) -> None:
    topology = nearest_links(terminals=4, terminal=laser)
    assert (topology.rules.maximum_range_km, topology.acquisition_s) == (2000.0, 120.0)
    assert nearest_links(terminals=4, terminal=laser, acquisition_s=5.0).acquisition_s == 5.0
    assert nearest_links(terminals=4, terminal=laser, rules=LinkRules(3000.0)).rules.maximum_range_km == 2000.0
    assert nearest_links(terminals=4, terminal=laser, rules=LinkRules(300.0)).rules.maximum_range_km == 300.0


@pytest.mark.parametrize("pairs", [[[0, -1]], [[4, 4]], [[0, 1, 2]], [[0.0, 1.0]]])
def test_pairs_of_no_two_satellites_are_refused(pairs: list[list[float]], laser: LaserTerminal) -> None:
    with pytest.raises(ValueError, match="pairs"):
        fixed_links(np.array(pairs), terminal=laser)


def test_more_fixed_links_than_terminals_are_refused(laser: LaserTerminal) -> None:
    with pytest.raises(ValueError, match="satellite 0 is in 2 of them, but has 1"):
        fixed_links(PAIRS, terminal=laser, terminals=1)
    with pytest.raises(ValueError, match="satellite 0 is in 2 of them, but has 1"):
        fixed_links(PAIRS, terminal=laser, rules=LinkRules(2000.0, mounting=Mounting.everywhere(1)))
    assert len(fixed_links(PAIRS, terminal=laser, terminals=np.array([2, 1, 1])).pairs) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"terminals": 0}, "terminals"),
        ({"terminals": np.array([4, -1])}, "terminals"),
        ({"terminals": np.array([4.0])}, "terminals"),
        ({"terminals": 5, "rules": LinkRules(2000.0, mounting=Mounting.four_sides(60.0))}, "mounting has 4"),
        ({"acquisition_s": -1.0}, "acquisition_s"),
        ({"acquisition_s": np.inf}, "acquisition_s"),
        ({"hysteresis_fraction": -0.1}, "hysteresis_fraction"),
        ({"hysteresis_fraction": np.nan}, "hysteresis_fraction"),
    ],
)
def test_values_out_of_range_are_refused(changes: dict[str, Any], message: str, laser: LaserTerminal) -> None:
    with pytest.raises(ValueError, match=message):
        matched_links(**({"terminals": 4, "terminal": laser} | changes))


def test_terminals_of_fewer_satellites_are_refused(laser: LaserTerminal) -> None:
    topology = nearest_links(terminals=np.array([1, 2]), terminal=laser)
    assert topology.counts(2).tolist() == [1, 2]
    with pytest.raises(ValueError, match="2 of them given for 3"):
        topology.counts(3)


@pytest.mark.parametrize("four", [4, np.int64(4), np.int32(4), np.array(4)])
def test_any_whole_number_counts_terminals(four: int, laser: LaserTerminal) -> None:
    assert nearest_links(terminals=four, terminal=laser).counts(3).tolist() == [4, 4, 4]
