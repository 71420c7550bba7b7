"""What a plan says of sites, cities, antennas and traffic becomes tables, or is refused by its place."""

from typing import Any

import numpy as np
import pytest

from planner.errors import PlanError
from planner.links import NO_LIMIT, contact_counts, load_cities
from planner.scenario.places import people

from .conftest import Refusal, StudyOf

OSLO = {"name": "Oslo", "latitude_deg": 59.9, "longitude_deg": 10.7, "minimum_elevation_deg": 10.0}
ASK = {"source": "Oslo", "target": "Quito", "gbps": 10.0}


def test_cities_follow_the_sites_the_largest_first_all_alike(study_of: StudyOf) -> None:
    cities = {"largest": 3, "minimum_elevation_deg": 20.0, "antennas": 2, "antenna_gbps": 50.0, "backhaul_ms": 1.5}
    study = study_of(cities=cities)
    listed = load_cities()
    largest = np.argsort(-listed.population, kind="stable")[:3]
    assert study.sites.names == ("Oslo", "Quito", *(listed.names[i] for i in largest))
    assert study.sites.latitude_deg[2:] == pytest.approx(listed.latitude_deg[largest], abs=0.0)
    assert study.sites.longitude_deg[2:] == pytest.approx(listed.longitude_deg[largest], abs=0.0)
    assert study.sites.minimum_elevation_deg.tolist() == [10.0, 10.0, 20.0, 20.0, 20.0]
    assert study.gateways.antennas.tolist() == [NO_LIMIT, NO_LIMIT, 2, 2, 2]
    assert study.gateways.antenna_gbps == pytest.approx([np.nan, np.nan, 50.0, 50.0, 50.0], nan_ok=True)
    assert study.backhaul_ms.tolist() == [0.0, 0.0, 1.5, 1.5, 1.5]
    # Oslo and Quito are cities as well, and lie where the list has them.
    living = [int(listed.population[listed.names.index(name)]) for name in study.sites.names]
    assert people(study.places).tolist() == living


def test_a_city_is_known_by_its_first_words(study_of: StudyOf) -> None:
    listed = load_cities()
    new_york = int(listed.population[listed.names.index("New York City")])
    places = [("New York", 40.7, -74.0), ("New York City", 40.7, -74.0), ("New", 40.7, -74.0), ("York", 40.7, -74.0)]
    sites = [OSLO | {"name": name, "latitude_deg": north, "longitude_deg": east} for name, north, east in places]
    expected = pytest.approx([new_york, new_york, new_york, np.nan], nan_ok=True)
    assert people(study_of(sites=sites, traffic=[]).places) == expected


def test_nobody_lives_in_a_site_that_only_has_the_name_of_a_city(study_of: StudyOf) -> None:
    # London in Ontario is not London.
    study = study_of(sites=[OSLO | {"name": "London", "latitude_deg": 42.98, "longitude_deg": -81.25}])
    assert np.isnan(people(study.places)).all()


def test_cities_of_a_region_are_of_that_region(study_of: StudyOf) -> None:
    found = study_of(cities={"largest": 4, "continents": ["Oceania"], "countries": ["NO"]}).sites.names[2:]
    listed = load_cities()
    for name in found:
        place = listed.names.index(name)
        assert listed.continents[place] == "Oceania" or listed.country_codes[place] == "NO"


def test_a_continent_that_there_is_not_is_refused_with_those_that_there_are(refusal: Refusal) -> None:
    text = refusal(cities={"largest": 3, "continents": ["Atlantis"]})
    assert text.startswith("plan: cities: ")
    assert 'continents: no city in "Atlantis"; there are: Africa, ' in text
    assert 'countries: no city in "Norwegia"' in refusal(cities={"largest": 3, "countries": ["Norwegia"]})


def test_more_cities_than_a_region_has_are_refused_with_how_many_it_has(refusal: Refusal) -> None:
    has = load_cities().country_codes.count("NO")
    assert f"{has + 1} cities asked for, of a region that has {has} in the list" in refusal(
        cities={"largest": has + 1, "countries": ["NO"]}
    )
    assert "cities.largest" in refusal(cities={"largest": 201})
    assert "cities.largest: is missing" in refusal(cities={"continents": ["Europe"]})


def test_a_site_with_the_name_of_one_of_the_cities_is_refused(refusal: Refusal) -> None:
    first = load_cities().names[int(np.argmax(load_cities().population))]
    for name in (first, f"{first}\u200b"):
        text = refusal(sites=[OSLO | {"name": name}], cities={"largest": 2})
        assert f'sites[0].name: "{name}" is one of the 2 cities that the plan takes as sites; rename it' in text


def test_row_28_a_satellite_with_the_name_of_a_city_is_refused(study_of: StudyOf) -> None:
    # A formation's satellites are called by their shell and number, so the name is put there by hand.
    from planner.scenario import fleet as building

    study = study_of(cities={"largest": 2})
    named = study.fleet[[0]]
    object.__setattr__(named, "names", (study.places[2].name,))
    with pytest.raises(PlanError, match=rf'fleet\[0\]: the name "{study.places[2].name}" also stands in cities'):
        building._require_own_names([named], study.plan)


def test_jobs_and_traffic_may_name_cities(study_of: StudyOf) -> None:
    first = load_cities().names[int(np.argmax(load_cities().population))]
    jobs = [{"name": "j", "accelerators": 1, "site": first, "latency_budget_ms": 200.0, "value_usd_h": 1.0}]
    study = study_of(cities={"largest": 1}, traffic=[ASK | {"target": first}], jobs=jobs)
    assert study.job_sites == (first,)
    assert study.plan.traffic[0].target == first


@pytest.mark.parametrize("end", ["source", "target"])
def test_traffic_of_a_site_that_is_not_there_gets_a_suggestion(refusal: Refusal, end: str) -> None:
    other = "Oslo" if end == "target" else "Quito"
    wrong = {"source": "Quitto", "target": "Quitto", "gbps": 1.0} | ({"source": other} if end == "target" else {})
    wrong |= {"target": other} if end == "source" else {}
    assert refusal(traffic=[wrong]) == f'plan: traffic[0].{end}: no site "Quitto"; did you mean "Quito"?'


def test_a_name_like_no_site_gets_the_sites_and_how_many_more(refusal: Refusal) -> None:
    text = refusal(traffic=[ASK | {"target": "Xyzzy"}], cities={"largest": 30})
    assert 'traffic[0].target: no site "Xyzzy"; sites are: Oslo, Quito, ' in text
    assert text.endswith("and 20 more")
    assert refusal(sites=None, traffic=[ASK]).splitlines() == [
        f'plan: traffic[0].{end}: no site "{name}"; sites are: none'
        for end, name in (("source", "Oslo"), ("target", "Quito"))
    ]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"target": "Oslo"}, "traffic[0]: "),
        ({"gbps": 0.0}, "traffic[0].gbps: 0.0"),
        ({"gbps": 1e7}, "traffic[0].gbps: 10000000.0"),
        ({"gbps": float("nan")}, "traffic[0].gbps"),
        ({"maximum_ms": 0.0}, "traffic[0].maximum_ms: 0.0"),
        ({"required": "yes"}, "traffic[0].required: 'yes'"),
    ],
)
def test_traffic_that_cannot_be_is_refused_by_its_place(refusal: Refusal, changes: dict[str, Any], place: str) -> None:
    assert refusal(traffic=[ASK | changes]).startswith(f"plan: {place}")


@pytest.mark.parametrize(
    ("key", "value"),
    [("antennas", 0), ("antennas", 10_001), ("antenna_gbps", 0.0), ("outage_fraction", 1.0), ("outage_fraction", -0.1),
     ("backhaul_ms", -1.0)],
)  # fmt: skip
@pytest.mark.parametrize("table", ["sites", "cities"])
def test_what_no_gateway_can_have_is_refused(refusal: Refusal, table: str, key: str, value: float) -> None:
    tables = {"sites": [OSLO | {key: value}]} if table == "sites" else {"cities": {"largest": 2, key: value}}
    place = "sites[0]" if table == "sites" else "cities"
    assert f"plan: {place}.{key}: {value!r}: " in refusal(**tables, traffic=None)


def test_antennas_limit_contacts_and_never_make_one(study_of: StudyOf) -> None:
    free = study_of(sites=[OSLO])
    seen = contact_counts(free.access)
    assert seen.tolist() == contact_counts(free.flight.access).tolist()
    held = study_of(sites=[OSLO | {"antennas": 3}])
    assert seen.min() < 3 < seen.max()  # so that three antennas are too few at times, and enough at others
    assert contact_counts(held.access).tolist() == np.minimum(seen, 3).tolist()
    every = {*zip(held.flight.access.satellite.tolist(), held.flight.access.range_km.tolist(), strict=True)}
    assert {*zip(held.access.satellite.tolist(), held.access.range_km.tolist(), strict=True)} <= every


def test_fewer_antennas_never_shorten_a_way(study_of: StudyOf) -> None:
    free = study_of()
    held = study_of(sites=[site.model_dump() | {"antennas": 1} for site in free.plan.sites])
    assert np.all(held.site_latency_ms >= free.site_latency_ms - 1e-9)
    assert np.any(held.site_latency_ms > free.site_latency_ms + 1e-3)


def test_backhaul_is_added_at_both_ends_and_not_from_a_site_to_itself(study_of: StudyOf) -> None:
    free = study_of()
    late = [site.model_dump() | {"backhaul_ms": delay} for site, delay in zip(free.plan.sites, (2.0, 3.0), strict=True)]
    held = study_of(sites=late)
    # One way, so both are added once.
    assert held.site_latency_ms - free.site_latency_ms == pytest.approx(
        np.broadcast_to([[0.0, 5.0], [5.0, 0.0]], (free.times.count, 2, 2)), abs=1e-9
    )
