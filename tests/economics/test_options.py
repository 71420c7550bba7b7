"""The four options, their comparison and the tests of the claims."""

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from planner.catalog import Assumption, load_catalog
from planner.constants import HOURS_PER_YEAR
from planner.economics import (
    Amount,
    CostLine,
    SatelliteCost,
    claim_tests,
    claimed_orbital_option,
    compare,
    home_option,
    launch_cost,
    megapod_option,
    orbital_option,
    side_by_side,
    terrestrial_option,
)
from planner.economics.costs import amount, exact, total
from planner.economics.ground import CACHE_GB, transfer_s
from planner.errors import InputError
from planner.launch import PlaneDemand, Vehicle, plan_manifest


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


SATELLITES = SatelliteCost(
    name="test",
    count=10,
    bus_cost=Amount(4e6, 2e6, 6e6),
    rack_cost=Amount(3e6, 3e6, 3e6),
    it_kw=120.0,
    accelerator="gb200",
    accelerators=72,
    mass_kg=6_000.0,
    life_yr=5.0,
)


@pytest.fixture
def orbital(catalog):
    return orbital_option(catalog, satellites=[SATELLITES], launch=Amount(90e6, 45e6, 180e6), launch_months=7)


def test_a_claimed_gigawatt_on_the_ground_costs_60_billion_and_11_97_a_year(catalog):
    # 35·CRF5 + 25·CRF20 + 0.657 = $11.97 B per GW-year at 8 %, PUE 1.25, $.06/kWh.
    site = terrestrial_option(catalog, it_gw=1.0)
    assert site.capital.usd == 60e9
    assert site.line("energy").amount.usd == pytest.approx(0.657e9, rel=1e-12)
    assert site.yearly.usd == pytest.approx(11.97e9, abs=0.005e9)
    assert site.accelerators == 600_000  # 120 kW per 72


def test_the_ground_site_rises_from_60_towards_70_billion_in_three_years(catalog):
    # The speakers' whole rise, 60 to 70 in three years, is 5.27 % a year; only power and cooling inflate here.
    later = terrestrial_option(catalog, it_gw=1.0, start_in_yr=3.0)
    assert pytest.approx(0.0527, abs=5e-5) == (70 / 60) ** (1 / 3) - 1
    assert later.line("power and cooling").amount.usd == pytest.approx(25e9 * 70 / 60, rel=3e-4)
    assert later.line("racks").amount.usd == 35e9


def test_a_published_gigawatt_restates_bernsteins_rack_per_kilowatt_of_it_power(catalog):
    site = terrestrial_option(catalog, it_gw=1.0, entry="gigawatt_published")
    # ($3.4 M + $2.5 M)/120 kW of IT power = $49.17 B per GW.
    assert site.capital.usd == pytest.approx(5.9e6 / 120 * 1e6, rel=1e-6)


def test_the_claimed_orbital_gigawatt_is_40_billion(catalog):
    claimed = claimed_orbital_option(catalog, it_gw=1.0)
    assert claimed.capital.usd == 40e9
    assert "priced at zero" in claimed.boundary


def test_megapod_is_quick_by_claim_and_says_that_power_is_not_in_it(catalog):
    pod = megapod_option(catalog, it_gw=1.0)
    assert pod.lead_time_months == pytest.approx(90 / 365.25 * 12, abs=1e-3)
    assert "wait for grid power" in pod.boundary
    assert catalog.entry("container_sites", "megapod").assumption("lead_time_months").kind == "claimed"


def test_a_home_node_is_cut_to_what_one_battery_carries(catalog):
    homes = home_option(catalog, it_gw=1.0)
    # min(1, 11.5/12.5)·16 = 14.72 → 14 accelerators of 0.78125 kW = 10.9375 kW a home.
    assert homes.accelerators / math.ceil(1e6 / 10.9375) == 14
    assert homes.it_kw == pytest.approx(1e6, rel=2e-5)
    assert "1.17 h" in homes.notes[0]  # 13.5 kWh / 11.5 kW
    assert "inference cannot be split between homes" in homes.notes[1]


def test_a_cache_of_2000_tokens_takes_262_s_from_a_home_and_52_ms_over_a_laser():
    assert pytest.approx(0.655, abs=5e-4) == CACHE_GB
    assert transfer_s(CACHE_GB, 0.02) == pytest.approx(262, abs=0.5)
    assert transfer_s(CACHE_GB, 100.0) * 1000 == pytest.approx(52.4, abs=0.05)
    with pytest.raises(InputError):
        transfer_s(1.0, 0.0)


def test_an_orbital_option_adds_up_line_by_line(catalog, orbital):
    sheet = catalog.entry("orbital_costs", "fleet")
    buses, racks, launch, it_kw = 40e6, 30e6, 90e6, 1200.0
    insurance = sheet["insurance_fraction"] * (buses + launch)
    spares = sheet["spares_fraction"] * (buses + racks + launch)
    capital = buses + racks + launch + insurance + spares
    capital += (sheet["gateway_usd_kw"] + sheet["nonrecurring_usd_kw"]) * it_kw
    assert orbital.capital.usd == pytest.approx(capital, rel=1e-12)
    assert orbital.running.usd == pytest.approx(sheet["operations_per_yr"] * buses, rel=1e-12)
    assert orbital.it_kw == it_kw
    assert orbital.accelerators == 720
    assert orbital.lead_time_months == sheet["build_lead_months"] + 7
    assert orbital.yearly.usd == pytest.approx(
        sum(line.yearly(orbital.rate_fraction).usd for line in orbital.lines), rel=1e-12
    )


def test_delivered_hours_come_from_the_plan_where_it_has_them(catalog):
    hours = 720 * HOURS_PER_YEAR
    planned = orbital_option(catalog, satellites=[SATELLITES], launch=90e6, delivered_accelerator_h=0.5 * hours)
    assert planned.per_accelerator_h.usd == pytest.approx(planned.yearly.usd / (0.5 * hours), rel=1e-12)
    assert planned.delivered_low_h <= planned.delivered_accelerator_h <= planned.delivered_high_h


def test_a_range_encloses_its_value_in_every_option(catalog, orbital):
    for option in side_by_side(catalog, orbital).options:
        for figure in (option.capital, option.running, option.yearly, option.per_accelerator_h, option.per_kwh):
            assert figure.low_usd <= figure.usd <= figure.high_usd
        assert option.lead_time_low_months <= option.lead_time_months <= option.lead_time_high_months


def test_every_ratio_travels_with_the_boundary_of_both_sides(catalog, orbital):
    comparison = side_by_side(catalog, orbital)
    assert [option.name for option in comparison.options] == ["orbital", "terrestrial", "megapod", "home"]
    base = comparison.option("terrestrial")
    assert len(comparison.ratios) == 3 * 5
    for ratio in comparison.ratios:
        assert base.boundary in ratio.boundary
        assert comparison.option(ratio.option).boundary in ratio.boundary
        assert ratio.low_fraction <= ratio.value_fraction <= ratio.high_fraction


def test_racks_cost_the_same_on_both_sides_unless_the_boundary_says_otherwise(catalog, orbital):
    same = side_by_side(catalog, orbital)
    assert same.option("terrestrial").chips_usd_kw == pytest.approx(orbital.chips_usd_kw, rel=1e-12)
    assert "racks cost" not in same.ratio("orbital", "capital_usd_gw").boundary
    other = side_by_side(catalog, orbital, same_racks=False)
    assert "racks cost $25,000/kW here and $35,000/kW there" in other.ratio("orbital", "capital_usd_gw").boundary
    assert "accelerators differ" in same.ratio("home", "usd_gpu_h").boundary


def test_a_comparison_without_its_baseline_is_refused(catalog, orbital):
    with pytest.raises(InputError, match="baseline"):
        compare([orbital])
    with pytest.raises(InputError, match="names must differ"):
        compare([terrestrial_option(catalog, it_gw=1.0)] * 2)


def test_dearer_launch_never_makes_orbit_cheaper(catalog):
    prices = [
        orbital_option(catalog, satellites=[SATELLITES], launch=launch).per_accelerator_h.usd
        for launch in (0.0, 1e6, 90e6, 1e9)
    ]
    assert prices == sorted(prices)


def test_launch_cost_carries_the_range_of_each_vehicles_price(catalog):
    falcon = Vehicle.from_catalog(catalog, "falcon_9")
    demand = PlaneDemand("s", 0, 2, 6_000.0, 40.0, 120.0, 97.98, 650.0)
    manifest = plan_manifest([demand], [falcon], objective="minimum_cost", start=date(2027, 1, 1), deadline_months=1)
    cost = launch_cost(catalog, manifest)
    figure = catalog.entry("launch_vehicles", "falcon_9").assumption("price_usd")
    assert (cost.usd, cost.low_usd, cost.high_usd) == (figure.value, figure.low, figure.high)
    renamed = replace(manifest, flights=tuple(replace(f, vehicle="own") for f in manifest.flights))
    assert launch_cost(catalog, renamed) == exact(manifest.cost_usd)


def test_claims_are_tested_against_this_fleet_and_say_what_would_make_them_fail(catalog, orbital):
    # 60,000 kg for 1,200 kW = 50 kg/kW: $5 B/GW needs $100/kg; this fleet pays $90 M/60 t = $1,500/kg.
    tests = claim_tests(catalog, orbital=orbital, mass_kg=60_000.0, launch_usd=90e6)
    launch = tests[0]
    assert (launch.needed, launch.found, launch.verdict) == (pytest.approx(100), 1500, "fails")
    assert "3.3 kg/kW" in launch.fails_if  # 5,000 $/kW over 1,500 $/kg
    assert {test.verdict for test in tests} >= {"fails", "not tested"}
    for test in tests:
        assert test.fails_if
        assert test.boundary
        assert test.source


def test_the_launch_claim_holds_for_a_light_fleet_on_cheap_flights(catalog, orbital):
    # 12,000 kg for 1,200 kW = 10 kg/kW: needs $500/kg.
    test = claim_tests(catalog, orbital=orbital, mass_kg=12_000.0, launch_usd=12_000.0 * 499)[0]
    assert test.verdict == "holds"
    free = claim_tests(catalog, orbital=orbital, mass_kg=12_000.0, launch_usd=0.0)[0]
    assert free.verdict == "holds"


def test_a_home_battery_does_not_carry_a_12_5_kw_node(catalog, orbital):
    node = claim_tests(catalog, orbital=orbital, mass_kg=1.0, launch_usd=1.0)[-1]
    assert (node.needed, node.found, node.verdict) == (11.5, 12.5, "fails")


def test_row_43_zero_output_has_no_cost_per_hour_but_an_error(catalog):
    nothing = replace(SATELLITES, count=0)
    for call in (
        lambda: orbital_option(catalog, satellites=[], launch=0.0),
        lambda: orbital_option(catalog, satellites=[nothing], launch=0.0),
        lambda: orbital_option(catalog, satellites=[SATELLITES], launch=0.0, delivered_accelerator_h=0.0),
        lambda: orbital_option(catalog, satellites=[SATELLITES], launch=0.0, delivered_accelerator_h=math.nan),
        lambda: terrestrial_option(catalog, it_gw=0.0),
        lambda: megapod_option(catalog, it_gw=-1.0),
        lambda: home_option(catalog, it_gw=0.0),
        lambda: claimed_orbital_option(catalog, it_gw=0.0),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.exit_status == 3


def test_row_43_a_discount_rate_of_minus_100_percent_is_refused_in_every_option(catalog):
    wrong = catalog.override({"finance.capital.discount_rate_fraction": -1.0})
    for option in (
        terrestrial_option(wrong, it_gw=1.0),
        orbital_option(catalog, satellites=[SATELLITES], launch=0.0, rate_fraction=-1.2),
    ):
        with pytest.raises(InputError, match="discount rate"):
            _ = option.yearly


def test_row_43_mixed_currencies_are_refused(orbital):
    with pytest.raises(InputError, match="EUR, USD in one sum"):
        total([Amount(1.0, 1.0, 1.0), Amount(1.0, 1.0, 1.0, "EUR")])
    with pytest.raises(InputError, match="EUR"):
        total([Amount(1.0, 1.0, 1.0, "EUR")])
    mixed = replace(orbital, lines=(*orbital.lines, CostLine("gate", Amount(1.0, 1.0, 1.0, "EUR"), 10.0)))
    with pytest.raises(InputError, match="currency"):
        _ = mixed.yearly
    euros = Assumption("launch_vehicles.x.price", 1.0, "EUR", 1.0, 1.0, "published", "a list", date(2018, 1, 1))
    with pytest.raises(InputError, match=r"launch_vehicles\.x\.price"):
        amount(euros)


def test_row_43_an_amount_that_is_not_finite_is_refused():
    with pytest.raises(InputError, match="not a finite number"):
        total([exact(math.inf)])


def test_a_rack_satellite_is_priced_from_the_catalog(catalog):
    satellites = SatelliteCost.from_catalog(catalog, "nvl72_120kw", 240)
    assert satellites.it_kw == pytest.approx(120.0, rel=1e-9)
    assert satellites.accelerators == 72
    option = orbital_option(catalog, satellites=[satellites], launch=2e9)
    assert option.it_kw == pytest.approx(28_800, rel=1e-9)


def test_speakers_figures_are_kept_as_claims_with_their_source(catalog):
    for collection, entry, figure, value in (
        ("terrestrial_sites", "gigawatt_claimed", "chips_usd_gw", 35e9),
        ("terrestrial_sites", "gigawatt_claimed", "facility_usd_gw", 25e9),
        ("orbital_costs", "claimed", "launch_usd_gw", 5e9),
        ("orbital_costs", "claimed", "chips_usd_gw", 35e9),
        ("container_sites", "megapod", "lead_time_months", 2.957),
    ):
        found = catalog.entry(collection, entry).assumption(figure)
        assert (found.value, found.kind) == (value, "claimed")
        assert found.source.startswith("All-In podcast discussion, 2026, as reported")


def test_the_range_of_delivered_hours_never_passes_what_power_allows(catalog):
    # Power for half of the hours, times 0.95 for losses: 0.98 and 0.85 of that half are the range, not of all hours.
    hours = 720 * HOURS_PER_YEAR
    available = catalog.entry("orbital_costs", "fleet").assumption("availability_fraction")
    planned = orbital_option(
        catalog, satellites=[SATELLITES], launch=90e6, delivered_accelerator_h=0.5 * hours * available.value
    )
    assert planned.delivered_high_h == pytest.approx(0.5 * hours * available.high, rel=1e-12)
    assert planned.delivered_low_h == pytest.approx(0.5 * hours * available.low, rel=1e-12)


@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("container_sites.megapod.accelerator_w", megapod_option),
        ("terrestrial_sites.gigawatt_claimed.accelerator_w", terrestrial_option),
        ("home_nodes.powerwall_node.node_kw", home_option),
        ("home_nodes.powerwall_node.accelerators", home_option),
        ("home_nodes.powerwall_node.homes_per_month", home_option),
    ],
)
def test_row_43_a_figure_of_zero_that_a_cost_is_divided_by_is_refused_by_name(path: str, option: Any) -> None:
    with pytest.raises(InputError, match=path.replace(".", r"\.") + ": 0, must be positive"):
        option(load_catalog().override({path: 0.0}), it_gw=1.0)
