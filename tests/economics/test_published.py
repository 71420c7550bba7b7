"""Others' estimates, done again; each test is named by its source."""

import pytest

from planner.catalog import load_catalog
from planner.economics.claims import implied_usd_kg, orbital_total_usd_gw
from planner.economics.published import (
    all_in_usd_kg,
    bridge_usd_gpu_h,
    calculator_total,
    ground_energy_usd,
    launch_usd_kw_yr,
    levelised_usd_gpu_h,
    mass_for_goal_kg,
    running_totals_usd,
)
from planner.errors import InputError


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


def test_mccalip_calculator_defaults_add_up_to_51_095_billion(catalog):
    found = calculator_total(catalog)
    assert found.satellites == 39_731
    assert found.mass_kg == pytest.approx(29.390e6, abs=0.5e3)  # 29,390 t
    half_a_million = 0.5e6  # figures are given in B$ to three decimals
    assert found.spacecraft_usd == pytest.approx(23.600e9, abs=half_a_million)
    assert found.launch_usd == pytest.approx(14.695e9, abs=half_a_million)
    assert found.operations_usd == pytest.approx(1.180e9, abs=half_a_million)
    assert found.replacement_usd == pytest.approx(10.620e9, abs=half_a_million)
    assert found.total_usd == pytest.approx(51.095e9, abs=half_a_million)


@pytest.mark.parametrize(
    ("entry", "usd_kg", "published"),
    [
        ("suncatcher_v2_mini", 3600, 14_700),
        ("suncatcher_v2_mini", 200, 810),
        ("suncatcher_v1", 3600, 26_600),
        ("suncatcher_v1", 200, 1_470),
    ],
)
def test_suncatcher_table_1_price_of_a_kilowatt_year(catalog, entry, usd_kg, published):
    figures = catalog.entry("published_estimates", entry)
    found = launch_usd_kw_yr(figures["mass_kg"], figures["power_kw"], usd_kg, figures["life_yr"])
    assert found == pytest.approx(published, rel=0.015)  # the table's rounding


def test_suncatcher_learning_reaches_200_dollars_at_368_305_tonnes(catalog):
    assert mass_for_goal_kg(catalog) == pytest.approx(368_305e3, rel=1e-5)


def test_semianalysis_bridge_from_ownership_to_available_hours(catalog):
    orbit, ground = bridge_usd_gpu_h(catalog)
    assert orbit == pytest.approx(10.91, abs=0.005)
    assert ground == pytest.approx(2.49, abs=0.005)


def test_starcloud_sums_and_its_energy_line(catalog):
    assert running_totals_usd(catalog) == (167e6, 8.2e6)
    assert ground_energy_usd(catalog) == pytest.approx(140.2e6, abs=0.05e6)


def test_turyshev_launch_plus_build_per_kilogram_and_falcon_price(catalog):
    assert all_in_usd_kg(catalog) == (250, 1000)
    entry = catalog.entry("published_estimates", "turyshev")
    assert entry["falcon_price_usd"] / entry["falcon_payload_kg"] == pytest.approx(3364, abs=0.5)


@pytest.mark.parametrize(("kg_kw", "usd_kg"), [(10, 500), (14.3, 350), (17.9, 279), (40, 125)])
def test_the_5_billion_claim_implies_a_launch_price_for_each_specific_mass(catalog, kg_kw, usd_kg):
    said = catalog.entry("orbital_costs", "claimed")["launch_usd_gw"]
    assert implied_usd_kg(said, kg_kw) == pytest.approx(usd_kg, abs=0.5)


@pytest.mark.parametrize(("figure", "billions"), [("low_usd_w", 45), ("middle_usd_w", 62), ("high_usd_w", 89)])
def test_the_40_billion_claim_prices_the_spacecraft_at_zero(catalog, figure, billions):
    said = catalog.entry("orbital_costs", "claimed")
    bus = catalog.entry("published_estimates", "bus_prices")[figure]
    assert said["bus_usd_gw"] == 0
    assert orbital_total_usd_gw(said["chips_usd_gw"], said["launch_usd_gw"], bus) == billions * 1e9


def test_row_43_zero_output_is_refused():
    for call in (
        lambda: levelised_usd_gpu_h(1.0, 0.0, 0.0),
        lambda: launch_usd_kw_yr(1.0, 0.0, 1.0, 1.0),
        lambda: implied_usd_kg(1.0, 0.0),
    ):
        with pytest.raises(InputError):
            call()
