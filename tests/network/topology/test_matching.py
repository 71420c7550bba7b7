"""The greedy match against its definition, against every choice there is, and against the bound."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray, IntArray
from planner.network import match, matching_bound

Problem = tuple[IntArray, IntArray, FloatArray, IntArray]


def drawn(seed: int, *, satellites: int, links: int, most: int, levels: int | None = None) -> Problem:
    """Return ends, values and terminals; of few levels of value where ties are wanted."""
    rng = np.random.default_rng(seed)
    pairs = np.array(list(combinations(range(satellites), 2)))
    pairs = pairs[np.sort(rng.choice(len(pairs), min(links, len(pairs)), replace=False))]
    value = rng.uniform(-1.0, 9.0, len(pairs)) if levels is None else rng.integers(0, levels, len(pairs)) * 1.5
    return pairs[:, 0], pairs[:, 1], value, rng.integers(0, most + 1, satellites)


def by_definition(a: IntArray, b: IntArray, value: FloatArray, terminals: IntArray) -> list[int]:
    free, taken = terminals.tolist(), []
    for n in np.argsort(-value, kind="stable").tolist():
        if value[n] > 0.0 and free[a[n]] and free[b[n]]:
            free[a[n]] -= 1
            free[b[n]] -= 1
            taken.append(n)
    return sorted(taken)


def best_of_all(a: IntArray, b: IntArray, value: FloatArray, terminals: IntArray) -> float:
    best = 0.0
    for size in range(len(a) + 1):
        for chosen in combinations(range(len(a)), size):
            ends = np.concatenate([a[list(chosen)], b[list(chosen)]]).astype(np.int64)
            if np.all(np.bincount(ends, minlength=len(terminals)) <= terminals):
                best = max(best, float(value[list(chosen)].sum()))
    return best


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, 2, 5]))
def test_links_are_taken_by_falling_value_as_long_as_terminals_last(seed: int, levels: int | None) -> None:
    problem = drawn(seed, satellites=20, links=120, most=4, levels=levels)
    assert match(*problem).tolist() == by_definition(*problem)


@pytest.mark.parametrize("power", [1, 20, 200])
def test_values_however_unevenly_spread_are_taken_in_order(power: int) -> None:
    # Nearly all of them in one bucket of even width, some hundreds of orders of magnitude below the greatest.
    a, b, value, terminals = drawn(5, satellites=40, links=700, most=3)
    problem = a, b, (np.abs(value) / 10.0) ** power, terminals
    assert match(*problem).tolist() == by_definition(*problem)


@pytest.mark.parametrize("unit", [1e-323, 1e-310, 1e300, 1.7e307])
def test_values_at_the_ends_of_what_a_number_holds_are_taken_in_order(unit: float) -> None:
    a, b, value, terminals = drawn(6, satellites=20, links=150, most=3, levels=7)
    problem = a, b, value * unit, terminals
    assert match(*problem).tolist() == by_definition(*problem)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_bound_holds_for_every_choice_and_greed_gets_at_least_half_of_the_best(seed: int) -> None:
    a, b, value, terminals = drawn(seed, satellites=6, links=9, most=2)
    taken = match(a, b, value, terminals)
    outcome = matching_bound(a, b, value, terminals, taken=taken)
    best = best_of_all(a, b, value, terminals)
    assert outcome.objective == pytest.approx(float(value[taken].sum()), abs=1e-12)
    # Values are rounded up by 1e-12 of the greatest, over nine links.
    assert best <= outcome.bound + 1e-9
    assert outcome.objective >= 0.5 * best - 1e-12


def test_the_bound_is_the_linear_one() -> None:
    # A triangle of ones with one terminal each: half of every link is 1.5, a whole choice no more than 1.
    a, b, value, terminals = np.array([0, 0, 1]), np.array([1, 2, 2]), np.ones(3), np.ones(3, dtype=np.int64)
    outcome = matching_bound(a, b, value, terminals, taken=match(a, b, value, terminals))
    assert (outcome.objective, outcome.bound) == (1.0, pytest.approx(1.5, rel=1e-11))
    assert outcome.status == "feasible"


def test_what_reaches_the_bound_is_called_optimal() -> None:
    a, b, value, terminals = np.array([0, 2]), np.array([1, 3]), np.array([2.0, 3.0]), np.ones(4, dtype=np.int64)
    outcome = matching_bound(a, b, value, terminals, taken=match(a, b, value, terminals))
    assert outcome.status == "optimal"
    assert outcome.bound == pytest.approx(5.0, rel=1e-11)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_numbering_the_satellites_anew_changes_no_link(seed: int) -> None:
    a, b, value, terminals = drawn(seed, satellites=15, links=60, most=3)
    name = np.random.default_rng(seed).permutation(15)
    renamed = np.empty_like(terminals)
    renamed[name] = terminals
    assert match(name[a], name[b], value, renamed).tolist() == match(a, b, value, terminals).tolist()


def seatable(masks: list[int], terminals: int) -> bool:
    """Return whether every link of a satellite can have a terminal of its own, by trying all ways."""
    if len(masks) > terminals:
        return False
    choices = [[t for t in range(terminals) if mask >> t & 1] for mask in masks]
    return any(len(set(chosen)) == len(chosen) for chosen in product(*choices))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_mounted_terminals_take_a_link_whenever_the_links_before_it_leave_any_way(seed: int) -> None:
    a, b, value, terminals = drawn(seed, satellites=6, links=15, most=3)
    rng = np.random.default_rng(seed + 1)
    faces_a, faces_b = rng.integers(0, 8, (2, len(a)))
    masks: list[list[int]] = [[] for _ in terminals]
    expected = []
    for n in np.argsort(-value, kind="stable").tolist():
        wanted = ((a[n], int(faces_a[n])), (b[n], int(faces_b[n])))
        if value[n] > 0.0 and all(seatable([*masks[s], mask], int(terminals[s])) for s, mask in wanted):
            for s, mask in wanted:
                masks[s].append(mask)
            expected.append(n)
    assert match(a, b, value, terminals, faces_a=faces_a, faces_b=faces_b).tolist() == sorted(expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": np.array([1.0, np.nan])}, "finite"),
        ({"value": np.array([1.0])}, "one length"),
        ({"b": np.array([1, 3])}, "two different satellites"),
        ({"b": np.array([1, 1])}, "two different satellites"),
        ({"terminals": np.array([1, -1, 1])}, "at least 0"),
        ({"faces_a": np.array([1, 1])}, "both or neither"),
        ({"faces_a": np.ones(2, int), "faces_b": np.ones(2, int), "terminals": np.full(3, 17)}, "16 apart at most"),
    ],
)
def test_links_that_cannot_be_are_refused(changes: dict[str, IntArray], message: str) -> None:
    columns = {
        "a": np.array([0, 1]), "b": np.array([1, 2]), "value": np.ones(2), "terminals": np.ones(3, dtype=np.int64)
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        match(**(columns | changes))


def test_row_25_no_links_match_nothing() -> None:
    nobody = np.empty(0, dtype=np.int64)
    assert match(nobody, nobody, np.empty(0), np.array([4, 4])).tolist() == []
    assert matching_bound(nobody, nobody, np.empty(0), np.array([4, 4]), taken=nobody).status == "empty"
