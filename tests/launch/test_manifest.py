"""The launch manifest: limits, objectives, properties, infeasible and empty cases."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog import load_catalog
from planner.errors import InfeasibleError, InputError, LimitError, SolverError
from planner.launch import (
    Manifest,
    PlaneDemand,
    SolveOptions,
    Vehicle,
    audit_manifest,
    plan_manifest,
    solve,
)

START = date(2027, 1, 1)
BIG = Vehicle("big", "Big", 20_000, 16_000, 200, 5, 12, 1.0, 90e6, 1.0, 0.9, date(2020, 1, 1))
SMALL = Vehicle("small", "Small", 6_000, 5_000, 60, 4, 6, 1.0, 40e6, 4.0, 0.9, date(2020, 1, 1))


def planes(count, satellites, *, shell="s", mass_kg=2_000.0, volume_m3=10.0, it_kw=120.0):
    return [PlaneDemand(shell, plane, satellites, mass_kg, volume_m3, it_kw, 97.98, 650.0) for plane in range(count)]


def cheapest(demands, vehicles, **options) -> Manifest:
    settings_ = {"objective": "minimum_cost", "start": START, "deadline_months": 6, **options}
    manifest = plan_manifest(demands, vehicles, **settings_)
    assert audit(manifest, demands, vehicles) == ()
    return manifest


def audit(manifest, demands, vehicles):
    return audit_manifest(
        manifest,
        demands,
        vehicles,
        start=manifest.start,
        deadline_months=manifest.deadline_months,
        budget_usd=manifest.budget_usd,
    )


def test_a_flight_takes_what_mass_and_volume_allow():
    # 16,000 kg sun-synchronous / 2,000 kg = 8 by mass; 200 m³ / 30 m³ = 6.67 → 6 by volume.
    assert BIG.capacity(planes(1, 1)[0]) == 8
    assert BIG.capacity(planes(1, 1, volume_m3=30.0)[0]) == 6


def test_payload_falls_in_a_straight_line_from_53_to_90_degrees_and_is_constant_outside():
    assert BIG.payload_kg(28.5) == BIG.payload_kg(53.0) == 20_000
    assert BIG.payload_kg(71.5) == pytest.approx(18_000, rel=1e-12)  # half way between 53° and 90°
    assert BIG.payload_kg(90.0) == BIG.payload_kg(97.98) == 16_000


def test_a_fractional_cadence_is_spread_over_the_months_and_waits_for_availability():
    half = replace(SMALL, flights_per_month=0.5)
    assert half.slots(START, 6) == (0, 1, 0, 1, 0, 1)
    late = replace(SMALL, flights_per_month=13.75, available_from=date(2027, 3, 15))
    assert late.slots(START, 6) == (0, 0, 13, 14, 14, 14)  # ⌊13.75 k⌋ = 13, 27, 41, 55


def test_the_cheapest_mix_of_full_and_partial_loads_is_found():
    # 10 satellites to one plane: big takes 8 for $90 M, small 2 for $40 M (5,000 kg / 2,000 kg); big + small = $130 M
    # beats 2 big = $180 M and 5 small = $200 M.
    manifest = cheapest(planes(1, 10), [BIG, SMALL])
    assert manifest.cost_usd == 130e6
    assert manifest.flights_by_vehicle == {"big": 1, "small": 1}
    assert manifest.outcome.status == "optimal"
    assert manifest.outcome.gap_fraction < 1e-12  # scaled and scaled back


def test_flights_are_laid_on_the_earliest_months_within_cadence():
    manifest = cheapest(planes(3, 8), [BIG])
    assert [flight.month for flight in manifest.flights] == [date(2027, m, 1) for m in (1, 2, 3)]
    assert list(manifest.capacity_kw) == [960.0, 1920.0, 2880.0, 2880.0, 2880.0, 2880.0]
    assert list(manifest.spent_usd)[-1] == manifest.cost_usd == 270e6


def test_totals_follow_from_the_rows():
    manifest = cheapest(planes(2, 8), [BIG])
    assert manifest.mass_kg == 32_000
    assert manifest.launch_usd_kg == 180e6 / 32_000
    assert manifest.specific_mass_kg_kw == pytest.approx(2_000 / 120, rel=1e-12)
    assert manifest.launch_usd_kw == 180e6 / 1_920


def test_maximum_capacity_spends_the_budget_on_the_most_power_and_says_why_the_rest_stays():
    manifest = plan_manifest(
        planes(4, 8),
        [BIG, SMALL],
        objective="maximum_capacity",
        start=START,
        deadline_months=6,
        budget_usd=230e6,
    )
    # Within $230 M: 2 big ($180 M, 16) + 1 small ($40 M, 2) = 18 satellites; 1 big + 3 small = 14; 5 small = 10.
    assert manifest.satellites == 18
    assert manifest.it_kw == 18 * 120.0
    assert manifest.cost_usd == 220e6
    assert sum(row.satellites for row in manifest.left_out) == 14
    assert all("budget" in row.reason for row in manifest.left_out)
    assert audit(manifest, planes(4, 8), [BIG, SMALL]) == ()


def test_maximum_capacity_without_a_budget_stops_at_the_last_flight_before_the_deadline():
    manifest = plan_manifest(planes(4, 8), [BIG], objective="maximum_capacity", start=START, deadline_months=2)
    assert manifest.satellites == 16
    assert all("2027-02" in row.reason for row in manifest.left_out)


def test_capacity_is_reached_with_the_least_money():
    # Both vehicles can carry the two satellites; the capacity is equal, the cheaper one flies.
    manifest = plan_manifest(
        planes(1, 2),
        [BIG, SMALL],
        objective="maximum_capacity",
        start=START,
        deadline_months=2,
        budget_usd=500e6,
    )
    assert manifest.flights_by_vehicle == {"small": 1}


def test_a_satellite_too_heavy_for_every_vehicle_is_left_out_with_that_reason():
    heavy = [*planes(1, 8), PlaneDemand("heavy", 0, 2, 50_000.0, 10.0, 120.0, 97.98, 650.0)]
    manifest = plan_manifest(heavy, [BIG], objective="maximum_capacity", start=START, deadline_months=2)
    assert [(row.shell, row.satellites) for row in manifest.left_out] == [("heavy", 2)]
    assert "mass" in manifest.left_out[0].reason
    assert audit(manifest, heavy, [BIG]) == ()


def test_a_flight_that_reaches_neighbouring_planes_serves_several():
    wide = replace(BIG, planes_per_flight=2)
    manifest = cheapest(planes(4, 4), [wide])
    assert [flight.planes for flight in manifest.flights] == [(0, 1), (2, 3)]


def test_planes_further_apart_than_the_reach_do_not_share_a_flight():
    wide = replace(BIG, planes_per_flight=2)
    far = [replace(demand, plane=demand.plane * 2) for demand in planes(4, 4)]
    assert len(cheapest(far, [wide]).flights) == 4


def test_mixed_reaches_carry_a_bound_that_lets_all_vehicles_reach_farthest():
    manifest = cheapest(planes(5, 5), [replace(BIG, planes_per_flight=2), replace(SMALL, flights_per_month=9)])
    assert manifest.outcome.bound <= manifest.outcome.objective


def test_row_25_no_demand_gives_a_valid_empty_manifest():
    for demands in ([], planes(3, 0)):
        manifest = cheapest(demands, [BIG])
        assert manifest.outcome.status == "empty"
        assert manifest.flights == ()
        assert manifest.launch_usd_kg is None
        assert manifest.specific_mass_kg_kw is None
        assert list(manifest.capacity_kw) == [0.0] * 6
    assert cheapest([], []).outcome.status == "empty"


def test_row_25_a_single_satellite_flies_on_one_flight():
    manifest = cheapest(planes(1, 1), [BIG])
    assert manifest.satellites == len(manifest.flights) == 1


def test_row_29_a_proved_infeasible_manifest_names_the_shortfall_and_both_ways_out():
    # 10 planes × 8 satellites by February; big flies once a month: 2 flights, 16 satellites, 64 short.
    demands = planes(10, 8)
    with pytest.raises(InfeasibleError) as caught:
        cheapest(demands, [BIG], deadline_months=2)
    assert caught.value.exit_status == 4
    assert "short by 64 satellites" in caught.value.conflict
    assert "8 more Big flights by 2027-02" in caught.value.relaxation
    assert "8 months later, by 2027-10" in caught.value.relaxation
    assert cheapest(demands, [BIG], deadline_months=10).satellites == 80
    with pytest.raises(InfeasibleError):
        cheapest(demands, [BIG], deadline_months=9)
    # The same ten flights by February: five a month. Nine are not enough.
    assert cheapest(demands, [replace(BIG, flights_per_month=5)], deadline_months=2).satellites == 80
    with pytest.raises(InfeasibleError):
        cheapest(demands, [replace(BIG, flights_per_month=4.5)], deadline_months=2)


def test_row_29_the_cheapest_way_out_comes_first():
    # 12 satellites in one month: big (8) + 4 more: 2 more small ($80 M) or 1 more big ($90 M), in both cases $90 M for
    # the one that flies anyway.
    demands = planes(1, 12)
    with pytest.raises(InfeasibleError) as caught:
        cheapest(demands, [BIG, replace(SMALL, flights_per_month=0)], deadline_months=1)
    text = caught.value.relaxation
    assert text.index("2 more Small flights") < text.index("1 more Big flight")
    assert "$170.0 M" in text
    assert "$180.0 M" in text


def test_row_29_a_budget_too_small_is_named_with_the_least_that_works():
    demands = planes(2, 8)
    with pytest.raises(InfeasibleError) as caught:
        cheapest(demands, [BIG], budget_usd=100e6)
    assert "$180.0 M" in caught.value.conflict
    assert "$180.0 M" in caught.value.relaxation
    assert cheapest(demands, [BIG], budget_usd=180e6).cost_usd == 180e6


def test_row_29_satellites_that_fit_on_no_vehicle_are_not_promised_more_flights():
    with pytest.raises(InfeasibleError) as caught:
        cheapest(planes(1, 1, mass_kg=90_000.0), [BIG, SMALL])
    assert "fits on none of Big, Small" in caught.value.conflict
    assert "more flights or months do not help" in caught.value.relaxation


def test_row_29_a_vehicle_that_never_flies_leaves_no_way_out_by_date():
    with pytest.raises(InfeasibleError) as caught:
        cheapest(planes(1, 8), [replace(BIG, flights_per_month=0)])
    assert "later" not in caught.value.relaxation
    assert "1 more Big flight" in caught.value.relaxation


def test_row_30_a_limit_without_a_solution_is_exit_5_and_never_a_manifest():
    # Forty unequal planes and two vehicles with barely enough flights: presolve alone cannot finish.
    demands = [replace(planes(1, 9 + 7 * plane % 23)[0], plane=plane) for plane in range(40)]
    none = SolveOptions(time_limit_s=0.0, node_limit=0)
    with pytest.raises(LimitError) as caught:
        cheapest(demands, [BIG, SMALL], deadline_months=60, options=none)
    assert caught.value.exit_status == 5
    assert "time_limit_s" in str(caught.value)


def test_row_30_a_limit_with_a_solution_is_feasible_with_its_gap_and_never_called_optimal(monkeypatch):
    real = solve.solve

    def stopped(network, goal, options):
        answer = real(network, goal, options)
        return replace(answer, status="feasible", bound=answer.bound * 0.9)

    monkeypatch.setattr("planner.launch.manifest.solve", stopped)
    manifest = cheapest(planes(2, 10), [BIG, SMALL])
    assert manifest.outcome.status == "feasible"
    assert manifest.outcome.gap_fraction == pytest.approx(0.1, rel=1e-9)


def test_row_31_a_failing_solver_is_an_error_with_its_own_message(monkeypatch):
    from ortools.math_opt.python import mathopt

    def broken(*args, **kwargs):
        raise RuntimeError("model too large")

    monkeypatch.setattr(mathopt, "solve", broken)
    with pytest.raises(SolverError, match="model too large") as caught:
        cheapest(planes(2, 10), [BIG])
    assert caught.value.exit_status == 1


def test_row_32_prices_of_any_size_are_scaled_and_totals_stay_exact():
    # A cent and eleven figures: coefficients are scaled before the solver, costs are summed from the rows.
    for price_usd in (0.01, 123_456_789_012.0):
        manifest = cheapest(planes(3, 8), [replace(BIG, price_usd=price_usd)])
        assert manifest.cost_usd == 3 * price_usd
        assert manifest.outcome.gap_fraction < 1e-9


def test_row_32_a_price_beyond_what_sums_can_hold_is_refused():
    with pytest.raises(InputError, match="price_usd 1e\\+13, allowed 0 to 1e\\+12"):
        cheapest(planes(1, 1), [replace(BIG, price_usd=1e13)])
    with pytest.raises(InputError, match="price_usd inf"):
        cheapest(planes(1, 1), [replace(BIG, price_usd=float("inf"))])


def test_every_wrong_figure_is_reported_at_once():
    wrong = [PlaneDemand("s", 0, -1, 0.0, float("nan"), -1.0, 200.0, 650.0)]
    with pytest.raises(InputError) as caught:
        plan_manifest(
            [*wrong, *wrong],
            [BIG, BIG],
            objective="cheap",  # type: ignore[arg-type]
            start=START,
            deadline_months=0,
            budget_usd=-1.0,
        )
    text = str(caught.value)
    for part in (
        "-1 satellites",
        "mass_kg 0",
        "volume_m3 nan",
        "it_kw -1",
        "inclination_deg 200",
        "more than once",
        "each vehicle may be named once",
        '"cheap"',
        "deadline_months: 0",
        "budget_usd: -1",
    ):
        assert part in text


def test_demand_without_a_vehicle_is_refused():
    with pytest.raises(InputError, match="name at least one launch vehicle"):
        cheapest(planes(1, 1), [])


@given(
    counts=st.lists(st.integers(0, 12), min_size=1, max_size=5),
    rise=st.floats(1.0, 3.0),
    reach=st.integers(1, 3),
)
@settings(max_examples=25, deadline=None)
def test_a_dearer_launch_never_lowers_cost_and_extra_cadence_never_hurts(counts, rise, reach):
    demands = [replace(planes(1, n)[0], plane=plane) for plane, n in enumerate(counts)]
    fleet = [replace(BIG, planes_per_flight=reach), replace(SMALL, planes_per_flight=reach)]
    budget = {"objective": "maximum_capacity", "start": START, "deadline_months": 4, "budget_usd": 300e6}
    base = plan_manifest(demands, fleet, **budget)
    dear = plan_manifest(demands, [fleet[0], replace(fleet[1], price_usd=40e6 * rise)], **budget)
    more = plan_manifest(demands, [replace(fleet[0], flights_per_month=2.0), fleet[1]], **budget)
    assert dear.it_kw <= base.it_kw <= more.it_kw
    if not plan_manifest(demands, fleet, **(budget | {"budget_usd": None})).left_out:
        lowest = cheapest(demands, fleet, deadline_months=4)
        higher = cheapest(demands, [fleet[0], replace(fleet[1], price_usd=40e6 * rise)], deadline_months=4)
        faster = cheapest(demands, [replace(fleet[0], flights_per_month=2.0), fleet[1]], deadline_months=4)
        assert faster.cost_usd <= lowest.cost_usd <= higher.cost_usd


@given(counts=st.lists(st.integers(0, 12), min_size=1, max_size=5), order=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_satellites_are_conserved_and_relabelling_planes_changes_nothing(counts, order):
    demands = [replace(planes(1, n)[0], plane=plane) for plane, n in enumerate(counts)]
    labels = list(range(len(counts)))
    order.shuffle(labels)
    relabelled = [replace(d, plane=label) for d, label in zip(demands, labels, strict=True)]
    asked = {
        "objective": "maximum_capacity",
        "start": START,
        "deadline_months": 3,
        "budget_usd": 260e6,
    }
    one = plan_manifest(demands, [BIG, SMALL], **asked)
    two = plan_manifest(relabelled, [BIG, SMALL], **asked)
    assert one.satellites + sum(row.satellites for row in one.left_out) == sum(counts)
    assert (one.it_kw, one.cost_usd, one.flights_by_vehicle) == (two.it_kw, two.cost_usd, two.flights_by_vehicle)


def test_two_runs_give_the_same_manifest():
    demands = [replace(planes(1, 3 + plane % 7)[0], plane=plane) for plane in range(12)]
    one, two = (cheapest(demands, [BIG, SMALL], deadline_months=12) for _ in range(2))
    assert one.flights == two.flights


def test_80_planes_24_months_and_four_catalog_vehicles_are_solved_to_proven_optimality():
    catalog = load_catalog()
    names = ("falcon_9", "falcon_heavy", "starship", "new_glenn")
    fleet = [Vehicle.from_catalog(catalog, name) for name in names]
    demands = [PlaneDemand("s", plane, 12 + plane % 9, 2_200.0, 14.0, 120.0, 97.98, 650.0) for plane in range(80)]
    manifest = cheapest(demands, fleet, deadline_months=24)
    assert manifest.outcome.status == "optimal"
    assert manifest.outcome.gap_fraction <= 1e-4


def test_row_29_what_an_unequal_reach_hides_is_not_called_impossible():
    # Three planes of 3. "far" takes one of each, "near" the two left in each plane: all 9 fly, but not in plane order.
    near = replace(BIG, name="near", payload_sso_kg=4_000.0, flights_per_month=3.0)
    far = replace(BIG, name="far", payload_sso_kg=6_000.0, planes_per_flight=3)
    with pytest.raises(LimitError, match="nor shown to be impossible"):
        cheapest(planes(3, 3), [near, far], deadline_months=1)
    # With one satellite more to a plane even three vehicles that all reach three planes lift 3·2 + 3 = 9 of 12.
    with pytest.raises(InfeasibleError, match="carry at most 9: short by 3"):
        cheapest(planes(3, 4), [near, far], deadline_months=1)


def test_row_29_a_way_out_that_the_budget_does_not_allow_names_the_budget_that_does():
    pairs = replace(BIG, payload_sso_kg=4_000.0, price_usd=74.04e6)
    with pytest.raises(InfeasibleError) as caught:
        cheapest(planes(1, 4), [pairs], deadline_months=1, budget_usd=100e6)
    # Two flights cost $148.08 M; the budget named is rounded up so that it suffices.
    assert caught.value.relaxation.count("and a launch budget of $148.1 M, now $100.0 M") == 2
    assert cheapest(planes(1, 4), [pairs], deadline_months=2, budget_usd=148.1e6).cost_usd == 148.08e6


def test_row_29_the_budget_named_suffices_after_rounding():
    pairs = replace(BIG, payload_sso_kg=4_000.0, price_usd=74.02e6)
    with pytest.raises(InfeasibleError, match=r"raise the launch budget to \$148\.1 M"):
        cheapest(planes(1, 4), [pairs], budget_usd=100e6)  # two flights: $148.04 M
