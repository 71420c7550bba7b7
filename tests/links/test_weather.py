"""Weather over gateways: availability of sets of sites, what each adds, the fewest that are enough."""

from datetime import UTC, datetime
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import BoolArray, FloatArray
from planner.catalog import load_catalog
from planner.links import (
    AccessTable,
    assured_capacity_gbps,
    availability_fraction,
    draw_weather,
    gateway_diversity,
    in_view,
    outage_fraction,
    separation_km,
    smallest_gateways,
    weather_correlation_fraction,
)
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
SUM_TOLERANCE = 1e-12
"""A few dozen sums and products of numbers below 1."""
views = st.integers(1, 5).flatmap(
    lambda sites: st.tuples(
        st.lists(st.tuples(*[st.booleans()] * sites), min_size=1, max_size=4),
        st.lists(st.floats(0.0, 1.0), min_size=sites, max_size=sites),
    )
)


def by_all_states(seen: BoolArray, outage: FloatArray, at_least: int) -> FloatArray:
    """Return the chance of enough clear sites in view, adding up every state of the weather."""
    total = np.zeros(len(seen))
    for clear in product([False, True], repeat=len(outage)):
        chance = np.prod(np.where(clear, 1.0 - outage, outage))
        total += chance * ((seen & np.array(clear)).sum(axis=1) >= at_least)
    return total


def test_two_independent_sites_are_both_closed_as_often_as_the_product_of_their_outages() -> None:
    both = availability_fraction(np.array([[True, True], [True, False], [False, False]]), np.array([0.3, 0.2]))
    assert both == pytest.approx([1.0 - 0.3 * 0.2, 0.7, 0.0], abs=SUM_TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(case=views, at_least=st.integers(1, 3))
def test_the_chance_of_enough_sites_is_the_sum_over_all_states_of_the_weather(
    case: tuple[list[tuple[bool, ...]], list[float]], at_least: int
) -> None:
    seen, outage = np.array(case[0]), np.array(case[1])
    found = availability_fraction(seen, outage, at_least=at_least)
    assert found == pytest.approx(by_all_states(seen, outage, at_least), abs=SUM_TOLERANCE)
    # Sites that are closed half of the time make every state equally likely.
    halves = np.array(list(product([False, True], repeat=len(outage))))
    counted = availability_fraction(seen, outage, at_least=at_least, clear=halves)
    assert counted == pytest.approx(by_all_states(seen, np.full(len(outage), 0.5), at_least), abs=SUM_TOLERANCE)


@settings(max_examples=40, deadline=None)
@given(case=views, at_least=st.integers(1, 2))
def test_another_gateway_never_lowers_availability(
    case: tuple[list[tuple[bool, ...]], list[float]], at_least: int
) -> None:
    diversity = gateway_diversity(np.array(case[0]), np.array(case[1]), at_least=at_least)
    assert (diversity.added_fraction >= -SUM_TOLERANCE).all()


def test_drawn_weather_closes_each_site_as_often_as_it_should() -> None:
    outage = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    states = 40_000
    clear = draw_weather(
        outage, correlation_fraction=np.full((5, 5), 0.6) + 0.4 * np.eye(5), states=states, rng=np.random.default_rng(3)
    )
    # Five standard errors of a part drawn 40,000 times.
    assert np.abs(clear.mean(axis=0) - (1.0 - outage)).max() < 5.0 * 0.5 / np.sqrt(states)
    assert clear[:, 0].all()
    assert not clear[:, 4].any()


def test_weather_that_goes_together_has_the_published_chance_of_two_closures() -> None:
    # Two normal variables of correlation r are both below their medians with probability 1/4 + asin(r)/(2π) (Sheppard).
    for correlation in (0.0, 0.5, 0.9):
        matrix = np.array([[1.0, correlation], [correlation, 1.0]])
        clear = draw_weather(np.full(2, 0.5), correlation_fraction=matrix, states=40_000, rng=np.random.default_rng(5))
        both = float((~clear).all(axis=1).mean())
        assert both == pytest.approx(0.25 + np.arcsin(correlation) / (2.0 * np.pi), abs=5.0 * 0.5 / 200.0)


def test_sites_in_one_place_are_as_good_as_one_and_sites_far_apart_as_good_as_independent() -> None:
    outage = np.full(2, 0.3)
    seen = np.ones((1, 2), dtype=np.bool_)
    same, apart = (
        availability_fraction(
            seen,
            outage,
            clear=draw_weather(
                outage,
                correlation_fraction=weather_correlation_fraction(
                    GroundSites.at({"a": (28.0, -16.0), "b": place}), decorrelation_km=500.0
                ),
                states=40_000,
                rng=np.random.default_rng(7),
            ),
        )[0]
        for place in ((28.0, -16.0), (-24.6, -70.4))
    )
    tolerance = 5.0 * 0.5 / 200.0
    assert same == pytest.approx(0.7, abs=tolerance)
    assert apart == pytest.approx(1.0 - 0.3**2, abs=tolerance)


def test_the_same_random_numbers_draw_the_same_weather() -> None:
    drawn = [
        draw_weather(np.full(3, 0.4), correlation_fraction=np.eye(3), states=50, rng=np.random.default_rng(11))
        for _ in range(2)
    ]
    assert np.array_equal(drawn[0], drawn[1])


def test_separations_are_great_circles() -> None:
    sites = GroundSites.at({"a": (0.0, 0.0), "b": (0.0, 90.0), "c": (90.0, 0.0), "d": (0.0, 180.0)})
    quarter = np.pi / 2.0 * 6378.137
    expected = quarter * np.array([[0, 1, 1, 2], [1, 0, 1, 1], [1, 1, 0, 1], [2, 1, 1, 0]])
    assert separation_km(sites) == pytest.approx(expected, abs=1e-6)
    correlation = weather_correlation_fraction(sites, decorrelation_km=quarter)
    assert correlation == pytest.approx(np.exp(-expected / quarter), abs=1e-12)


def test_a_gateway_that_never_sees_anything_adds_nothing() -> None:
    seen = np.array([[True, True, False], [False, True, False]])
    diversity = gateway_diversity(seen, np.array([0.5, 0.5, 0.0]))
    # Both instants: 3/4 and 1/2. Without the first 1/2 and 1/2, without the second 1/2 and 0.
    assert diversity.availability_fraction == pytest.approx(0.625)
    assert diversity.without_fraction == pytest.approx([0.5, 0.25, 0.625])
    assert diversity.added_fraction == pytest.approx([0.125, 0.375, 0.0])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), at_least=st.integers(1, 2), target=st.floats(0.05, 1.0), drawn=st.booleans())
def test_the_smallest_set_is_as_small_as_trying_all_sets_finds(
    seed: int, at_least: int, target: float, drawn: bool
) -> None:
    rng = np.random.default_rng(seed)
    sites = 6
    seen, outage = rng.random((5, sites)) < 0.7, rng.uniform(0.0, 0.6, sites)
    clear = rng.random((200, sites)) < 1.0 - outage if drawn else None
    chosen = smallest_gateways(seen, outage, target_fraction=target, at_least=at_least, clear=clear)
    enough = []
    for size in range(1, sites + 1):
        for some in combinations(range(sites), size):
            mask = np.isin(np.arange(sites), some)
            reached = availability_fraction(seen & mask, outage, at_least=at_least, clear=clear).mean()
            if reached >= target - 1e-12:
                enough.append(size)
    if not enough:
        assert chosen is None
    else:
        assert chosen is not None
        assert len(chosen.sites) == min(enough)
        assert chosen.outcome.status == "optimal"
        assert chosen.outcome.bound == chosen.outcome.objective == len(chosen.sites)
        assert chosen.availability_fraction >= target - 2e-12


def test_row_30_a_search_that_runs_out_says_so_and_keeps_a_bound_that_holds() -> None:
    rng = np.random.default_rng(2)
    seen, outage = rng.random((20, 14)) < 0.6, np.full(14, 0.4)
    whole = smallest_gateways(seen, outage, target_fraction=0.97)
    cut = smallest_gateways(seen, outage, target_fraction=0.97, evaluations=3)
    assert whole is not None
    assert cut is not None
    assert whole.outcome.status == "optimal"
    assert cut.outcome.status == "feasible"
    assert cut.outcome.bound <= len(whole.sites) <= len(cut.sites)
    assert cut.availability_fraction >= 0.97


def test_assured_capacity_is_what_the_worst_states_but_the_allowed_ones_leave() -> None:
    clear = np.array([[True, True], [True, False], [False, True], [False, False]])
    capacity = np.array([[10.0, 30.0], [10.0, 0.0]])
    # Totals of the four states: 40, 10, 30, 0 and 10, 10, 0, 0.
    for part, expected in ((1.0, [0.0, 0.0]), (0.75, [10.0, 0.0]), (0.5, [30.0, 10.0]), (0.25, [40.0, 10.0])):
        assert assured_capacity_gbps(capacity, clear, availability_fraction=part).tolist() == expected


def test_sites_are_in_view_where_they_have_a_contact() -> None:
    access = AccessTable(
        TimeGrid(EPOCH, 60.0, 2), 5, 3, np.array([0, 2, 3]), np.array([0, 0, 2]), np.array([1, 4, 0]),
        np.full(3, 900.0), np.full(3, 40.0),
    )  # fmt: skip
    assert in_view(access).tolist() == [[True, False, False], [False, False, True]]


def test_published_clear_skies_are_those_of_their_sources() -> None:
    # Clear nights at Paranal 88 %, at Izaña 68.6 % (Cavazzani et al. 2011, 2012); 55 % cloud over land (King et al.
    # 2013).
    found = outage_fraction(load_catalog(), ["paranal", "izana", "land_mean"])
    assert found == pytest.approx([1.0 - 0.88, 1.0 - 0.686, 0.55], abs=1e-9)
    for entry in load_catalog().collection("weather"):
        for figure in entry.figures.values():
            assert 0.0 <= figure.low <= figure.high
            assert figure.unit == "km" or figure.high <= 1.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: availability_fraction(np.ones((1, 2), bool), np.array([0.1, 1.2])), "outage_fraction: 1.2"),
        (lambda: availability_fraction(np.ones((1, 2), bool), np.zeros(2), at_least=0), "at_least: 0"),
        (lambda: availability_fraction(np.ones((1, 3), bool), np.zeros(2)), "in_view: shape"),
        (lambda: availability_fraction(np.ones((1, 2), bool), np.zeros(2), clear=np.ones((0, 2), bool)), "clear:"),
        (lambda: weather_correlation_fraction(GroundSites.at({}), decorrelation_km=0.0), "decorrelation_km: 0.0"),
        (lambda: draw(np.array([[1.0, 0.5], [0.4, 1.0]])), "must be symmetric"),
        (lambda: draw(np.array([[1.0, 2.0], [2.0, 1.0]])), "has the eigenvalue -1"),
        (lambda: draw(np.eye(2), states=0), "states: 0"),
        (lambda: smallest_gateways(np.ones((1, 1), bool), np.zeros(1), target_fraction=0.0), "target_fraction: 0.0"),
        (lambda: smallest_gateways(np.ones((0, 1), bool), np.zeros(1), target_fraction=0.5), "in_view: needs"),
        (lambda: assured_capacity_gbps(np.ones((1, 1)), np.ones((1, 1), bool), availability_fraction=0.0), "tion: 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(call: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()  # type: ignore[operator]


def draw(correlation: FloatArray, states: int = 5) -> BoolArray:
    return draw_weather(np.zeros(2), correlation_fraction=correlation, states=states, rng=np.random.default_rng(1))


def test_row_25_no_sites_are_never_available_and_no_instants_have_no_answer() -> None:
    assert availability_fraction(np.ones((2, 0), bool), np.zeros(0)).tolist() == [0.0, 0.0]
    assert availability_fraction(np.ones((0, 2), bool), np.zeros(2)).shape == (0,)
    assert smallest_gateways(np.zeros((2, 0), bool), np.zeros(0), target_fraction=0.5) is None
    assert np.isnan(gateway_diversity(np.ones((0, 1), bool), np.zeros(1)).availability_fraction)
    nowhere = draw_weather(np.zeros(0), correlation_fraction=np.eye(0), states=4, rng=np.random.default_rng(1))
    assert nowhere.shape == (4, 0)
