"""A topology of the user's own: what it is shown, and which of its answers are refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from planner.arrays import FloatArray
from planner.errors import InputError
from planner.links import LaserTerminal
from planner.links.rules import LinkRules, Mounting
from planner.network import Ranked, Scene, chosen_links, link_table, matched_links, nearest_links
from planner.orbit import Ephemeris

Fly = Callable[[FloatArray], Ephemeris]
Strew = Callable[[int, int, int], Ephemeris]


def square(flown: Fly, *, times: int = 1) -> Ephemeris:
    """Return four satellites at the corners of a square of 1,000 km in the plane of y and z; diagonals 1,414 km."""
    corners = np.array([[0.0, 0.0, 0.0], [0.0, 1000.0, 0.0], [0.0, 1000.0, 1000.0], [0.0, 0.0, 1000.0]])
    return flown(np.broadcast_to(corners + np.array([42_000.0, 0.0, 0.0]), (times, 4, 3)).copy())


def answering(*pairs: list[int]) -> Callable[[Scene], Any]:
    return lambda scene: np.array(pairs, dtype=np.int64).reshape(-1, 2)


def test_the_pairs_that_a_function_returns_are_linked(laser: LaserTerminal, flown: Fly) -> None:
    links = link_table(square(flown), chosen_links(answering([2, 0], [0, 1]), terminals=2, terminal=laser))
    assert np.stack([links.a, links.b], axis=1).tolist() == [[0, 1], [0, 2]]
    assert links.range_km == pytest.approx([1000.0, 1000.0 * np.sqrt(2.0)], rel=1e-12)


def test_of_ranked_pairs_the_most_valuable_are_linked(laser: LaserTerminal, flown: Fly) -> None:
    def diagonals_first(scene: Scene) -> Ranked:
        return Ranked(np.array([[1, 0], [0, 2], [3, 1], [2, 3], [1, 2]]), np.array([1.0, 5.0, 4.0, 2.0, -1.0]))

    links = link_table(square(flown), chosen_links(diagonals_first, terminals=2, terminal=laser))
    assert np.stack([links.a, links.b], axis=1).tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]


def test_a_function_is_shown_all_that_the_rules_allow_and_what_is_held(laser: LaserTerminal, flown: Fly) -> None:
    seen: list[Scene] = []

    def first_pair(scene: Scene) -> Any:
        seen.append(scene)
        return scene.pairs[:1]

    states = square(flown, times=2)
    rules = LinkRules(1200.0)
    link_table(states, chosen_links(first_pair, terminals=np.array([1, 2, 3, 4]), terminal=laser, rules=rules))
    assert [scene.at for scene in seen] == [states.times.datetime_at(0), states.times.datetime_at(1)]
    assert seen[0].pairs.tolist() == [[0, 1], [0, 3], [1, 2], [2, 3]]
    assert [scene.held.tolist() for scene in seen] == [[], [[0, 1]]]
    assert seen[0].terminals.tolist() == [1, 2, 3, 4]
    assert seen[0].capacity_gbps.tolist() == [100.0] * 4
    assert (seen[0].acquisition_s, seen[0].maximum_range_km) == (120.0, 1200.0)


def test_choosing_as_the_planner_does_gives_the_planner_s_links(laser: LaserTerminal, strewn: Strew) -> None:
    def by_range(scene: Scene) -> Ranked:
        return Ranked(scene.pairs, 1.0 / np.round(scene.sightlines.range_km * 1e3))

    states = strewn(4, 60, 2)
    ours = link_table(states, chosen_links(by_range, terminals=3, terminal=laser))
    theirs = link_table(states, nearest_links(terminals=3, terminal=laser))
    assert len(ours.a)
    assert np.array_equal(ours.a, theirs.a)
    assert np.array_equal(ours.b, theirs.b)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (answering([0, 4]), r"2026-03-01T00:00:00\+00:00, pair \(0, 4\): need two different satellites of 0 to 3"),
        (answering([0, 1], [2, 2]), r"pair \(2, 2\): need two different satellites"),
        (answering([-1, 2]), r"pair \(-1, 2\): need two different satellites"),
        (answering([0, 1], [2, 3], [1, 0]), r"pair \(0, 1\): given more than once"),
        (answering([0, 1], [1, 3]), r"pair \(1, 3\): the rules do not allow this link now"),
        (answering([0, 1], [0, 3]), r"pair \(0, 3\): satellite 0 is in 2 pairs, but has 1 laser terminals"),
        (lambda scene: np.array([0, 1]), r"shape \(2,\)"),
        (lambda scene: np.array([[0.0, 1.0]]), "float64"),
        (lambda scene: Ranked(np.array([[1, 3]]), np.array([1.0])), r"pair \(1, 3\): the rules do not allow"),
    ],
)
def test_answers_that_cannot_be_linked_are_refused_by_instant_and_pair(
    answer: Callable[[Scene], Any], message: str, laser: LaserTerminal, flown: Fly
) -> None:
    topology = chosen_links(answer, terminals=1, terminal=laser, rules=LinkRules(1200.0))
    with pytest.raises(InputError, match=message):
        link_table(square(flown), topology)


def test_pairs_for_which_no_terminal_looks_the_right_way_are_refused(laser: LaserTerminal, flown: Fly) -> None:
    # 1 and 2 are both ahead of their partner 0 within 60° (0° and 45°), and 0 has one terminal that looks ahead.
    rules = LinkRules(2000.0, mounting=Mounting(np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]]), np.array([60.0, 60.0])))
    topology = chosen_links(answering([0, 1], [0, 2]), terminals=2, terminal=laser, rules=rules)
    with pytest.raises(InputError, match=r"pair \(0, 2\): no terminal that faces the other end is left"):
        link_table(square(flown), topology)


def test_held_links_move_to_other_terminals_where_the_chosen_pairs_leave_no_other_way(
    laser: LaserTerminal, flown: Fly
) -> None:
    # Ahead looks a wide terminal, number 0, and a narrow one. Alone, 0-1 takes one of them, which one does not matter:
    # together with 0-2, at 45°, it has to be on the narrow one.
    def one_then_both(scene: Scene) -> Any:
        return np.array([[0, 1], [0, 2]])[: 1 if scene.at.minute == 0 else 2]

    for half_angles in ([60.0, 10.0, 89.0], [10.0, 60.0, 89.0]):
        looks = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
        rules = LinkRules(2000.0, mounting=Mounting(looks, np.array(half_angles)))
        topology = chosen_links(one_then_both, terminals=3, terminal=laser, rules=rules, acquisition_s=0.0)
        links = link_table(square(flown, times=2), topology)
        assert np.stack([links.a, links.b], axis=1).tolist() == [[0, 1], [0, 1], [0, 2]]


@pytest.mark.parametrize("value", [np.ones(3), np.full(6, np.nan)])
def test_values_that_do_not_fit_the_pairs_are_refused(value: FloatArray, laser: LaserTerminal, flown: Fly) -> None:
    topology = matched_links(terminals=1, terminal=laser, value=lambda scene: value)
    with pytest.raises(InputError, match=r"2026-03-01T00:00:00\+00:00.*one finite value for each of the 6 pairs"):
        link_table(square(flown), topology)


def test_ranked_pairs_need_a_finite_value_each() -> None:
    for value in (np.array([1.0]), np.array([1.0, np.inf])):
        with pytest.raises(ValueError, match="finite number for each of the 2 pairs"):
            Ranked(np.array([[0, 1], [1, 2]]), value)
