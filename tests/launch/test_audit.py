"""The audit: a good manifest passes, and each way of spoiling it is seen."""

from dataclasses import replace
from datetime import date

import pytest

from planner.launch import LeftOut, PlaneDemand, Vehicle, audit_manifest, plan_manifest

START = date(2027, 1, 1)
VEHICLES = [
    Vehicle("big", "Big", 20_000, 16_000, 200, 5, 12, 1.0, 90e6, 1.0, 0.9, date(2020, 1, 1), 2),
    Vehicle("small", "Small", 6_000, 5_000, 60, 4, 6, 1.0, 40e6, 4.0, 0.9, date(2027, 2, 1), 2),
]
DEMANDS = [PlaneDemand("s", plane, 6, 2_000.0, 10.0, 120.0, 97.98, 650.0) for plane in range(4)]
BUDGET_USD = 500e6


@pytest.fixture(scope="module")
def good():
    manifest = plan_manifest(
        DEMANDS,
        VEHICLES,
        objective="minimum_cost",
        start=START,
        deadline_months=6,
        budget_usd=BUDGET_USD,
    )
    assert check(manifest) == set()
    return manifest


def check(manifest, vehicles=VEHICLES, **asked):
    question = {"start": START, "deadline_months": 6, "budget_usd": BUDGET_USD} | asked
    return {violation.rule for violation in audit_manifest(manifest, DEMANDS, vehicles, **question)}


def spoil(manifest, **changes):
    return replace(manifest, flights=(replace(manifest.flights[0], **changes), *manifest.flights[1:]))


def test_more_mass_than_the_vehicle_lifts_is_seen(good):
    weak = [replace(vehicle, payload_sso_kg=1_500) for vehicle in VEHICLES]
    assert "mass" in check(good, weak)


def test_more_volume_than_the_fairing_holds_is_seen(good):
    narrow = [replace(vehicle, packing_fraction=0.05) for vehicle in VEHICLES]
    assert "volume" in check(good, narrow)


def test_a_reach_across_too_many_planes_is_seen(good):
    short = [replace(vehicle, planes_per_flight=1) for vehicle in VEHICLES]
    assert "reach" in check(good, short)


def test_too_many_flights_in_a_month_are_seen(good):
    crowded = replace(good, flights=tuple(replace(f, month=date(2027, 6, 1)) for f in good.flights))
    assert "cadence" in check(crowded)


def test_a_flight_before_the_vehicle_is_available_is_seen(good):
    late = [replace(vehicle, available_from=date(2028, 1, 1)) for vehicle in VEHICLES]
    assert {"availability", "cadence"} <= check(good, late)


@pytest.mark.parametrize("month", [date(2027, 7, 1), date(2026, 12, 1), date(2027, 3, 2)])
def test_a_flight_outside_the_allowed_months_is_seen(good, month):
    assert "deadline" in check(spoil(good, month=month))


def test_a_lost_satellite_is_seen(good):
    first = good.flights[0]
    fewer = (first.satellites_by_plane[0] - 1, *first.satellites_by_plane[1:])
    assert "satellites" in check(spoil(good, satellites_by_plane=fewer))


def test_a_satellite_counted_twice_is_seen(good):
    assert "satellites" in check(replace(good, left_out=(LeftOut("s", 0, 1, "lost"),)))


def test_a_manifest_of_least_cost_that_leaves_satellites_behind_is_seen(good):
    assert "all fly" in check(replace(good, left_out=(LeftOut("s", 0, 1, "lost"),)))


def test_a_satellite_to_an_unknown_plane_is_seen(good):
    assert "plane" in check(spoil(good, shell="other"))  # noqa: S604 - a shell of satellites


def test_an_unknown_vehicle_is_seen(good):
    assert "vehicle" in check(spoil(good, vehicle="catapult"))


@pytest.mark.parametrize("counts", [(), (0, 6), (-1, 7)])
def test_a_flight_without_whole_satellites_is_seen(good, counts):
    assert check(spoil(good, satellites_by_plane=counts)) & {"load"}


@pytest.mark.parametrize("column", ["mass_kg", "volume_m3", "it_kw", "load_fraction"])
def test_a_wrong_sum_in_a_row_is_seen(good, column):
    assert "row" in check(spoil(good, **{column: getattr(good.flights[0], column) * 1.01}))
    assert "row" in check(spoil(good, **{column: float("nan")}))


def test_a_wrong_price_is_seen(good):
    assert "price" in check(spoil(good, cost_usd=1.0))


def test_a_budget_overrun_is_seen(good):
    assert "budget" in check(good, budget_usd=good.cost_usd - 1e6)


def test_an_objective_that_does_not_follow_from_the_rows_is_seen(good):
    wrong = replace(good, outcome=replace(good.outcome, objective=1.0, bound=1.0))
    assert "objective" in check(wrong)


def test_a_bound_on_the_wrong_side_is_seen(good):
    wrong = replace(good, outcome=replace(good.outcome, bound=good.cost_usd * 1.1))
    assert check(wrong) == {"bound"}


def test_a_manifest_for_another_question_is_seen(good):
    assert "question" in check(good, start=date(2026, 12, 1))
    assert "question" in check(good, deadline_months=7)
    assert "question" in check(good, budget_usd=None)


def test_two_rows_with_one_name_are_seen(good):
    assert "name" in check(spoil(good, name=good.flights[1].name))


def test_a_violation_says_rule_place_and_both_sides(good):
    violation = audit_manifest(
        spoil(good, cost_usd=1.0), DEMANDS, VEHICLES, start=START, deadline_months=6, budget_usd=BUDGET_USD
    )[0]
    assert str(violation).startswith("price at flight F001: 1 USD, allowed")


def test_two_types_of_satellite_on_one_flight_are_seen():
    # A flight of 6 + 2 of two types can be lighter than two flights; it is not allowed, because no bound covers it.
    demands = [DEMANDS[0], replace(DEMANDS[1], mass_kg=1_900.0)]
    manifest = plan_manifest(
        [replace(demand, mass_kg=2_000.0) for demand in demands],
        VEHICLES,
        objective="minimum_cost",
        start=START,
        deadline_months=6,
    )
    assert any(len(flight.planes) == 2 for flight in manifest.flights)
    found = audit_manifest(manifest, demands, VEHICLES, start=START, deadline_months=6)
    assert "type" in {violation.rule for violation in found}
