"""Capital recovery, learning, crossing and break-even against published and recomputed figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import load_catalog
from planner.economics import claims
from planner.economics.finance import (
    affordable_usd,
    annuity_usd_yr,
    break_even_usd_kw,
    crossing_yr,
    learned_usd,
    recovery_per_yr,
    volume_for,
)
from planner.errors import InputError

FIVE_DIGITS = 5e-6  # the reference figures are given to five decimals


@pytest.mark.parametrize(("life_yr", "factor"), [(5, 0.25046), (7, 0.19207), (12, 0.13270), (20, 0.10185)])
def test_capital_recovery_at_8_percent_matches_the_tables(life_yr, factor):
    assert recovery_per_yr(0.08, life_yr) == pytest.approx(factor, abs=FIVE_DIGITS)


def test_capital_recovery_without_interest_is_one_over_life_and_continuous_there():
    assert recovery_per_yr(0.0, 8) == 1 / 8
    assert recovery_per_yr(1e-9, 8) == pytest.approx(1 / 8, rel=1e-8)
    assert recovery_per_yr(-1e-9, 8) == pytest.approx(1 / 8, rel=1e-8)


@given(rate=st.floats(-0.5, 2.0), years=st.floats(0.5, 60.0))
def test_payments_pay_back_what_was_invested(rate, years):
    whole = math.ceil(years)
    payment = annuity_usd_yr(100.0, rate, whole)
    worth = sum(payment / (1 + rate) ** year for year in range(1, whole + 1))
    assert worth == pytest.approx(100.0, rel=1e-7)
    assert affordable_usd(payment, rate, whole) == pytest.approx(100.0, rel=1e-9)


@pytest.mark.parametrize("rate", [-1.0, -1.5, float("nan"), float("inf")])
def test_row_43_a_discount_rate_of_minus_100_percent_or_less_is_refused(rate):
    with pytest.raises(InputError, match="discount rate") as caught:
        recovery_per_yr(rate, 5)
    assert caught.value.exit_status == 3


@pytest.mark.parametrize("life_yr", [0.0, -3.0, float("nan")])
def test_row_43_a_life_that_is_not_positive_is_refused(life_yr):
    with pytest.raises(InputError, match="life_yr"):
        recovery_per_yr(0.08, life_yr)


def test_row_43_extreme_rates_and_lives_give_finite_factors():
    for rate, life in ((-0.999999, 1e6), (1e6, 1e6), (1e-300, 1e-3)):
        assert math.isfinite(recovery_per_yr(rate, life))


def test_equal_annuity_of_25_billion_over_15_years_buys_12_5_over_5():
    # $25 B over 15 yr at 10 % is $3.29 B a year, which buys $12.5 B over 5 yr (three digits given).
    assert annuity_usd_yr(25.0, 0.10, 15) == pytest.approx(3.29, abs=0.005)
    assert claims.equal_annuity_usd(25.0, 15, 5, 0.10) == pytest.approx(12.5, abs=0.05)


def test_wrights_law_falls_by_the_learning_rate_with_each_doubling():
    assert learned_usd(1000.0, 2.0, 0.2) == pytest.approx(800.0, rel=1e-12)
    assert learned_usd(1000.0, 8.0, 0.2) == pytest.approx(512.0, rel=1e-12)
    assert volume_for(1000.0, 512.0, 0.2) == pytest.approx(8.0, rel=1e-12)


@pytest.mark.parametrize("learning", [0.0, 1.0, -0.1, float("nan")])
def test_a_learning_rate_outside_0_to_1_is_refused(learning):
    with pytest.raises(InputError, match="learning_fraction"):
        learned_usd(1.0, 2.0, learning)


def test_launch_meets_the_ground_after_1_580_years():
    # L₀ = 38.571 ($2,700/kg at 14.286 kg/kW) against 25, rising 5.27 %, falling 20 % a year.
    years = crossing_yr(38.571, 25.0, fall_per_yr=0.20, rise_per_yr=0.0527)
    assert years == pytest.approx(1.580, abs=5e-4)
    assert math.ceil(years * 4) == 7  # in the seventh quarter
    catalog = load_catalog()
    reference = catalog.entry("published_estimates", "reference_fleet")
    launch = reference["launch_usd_kg"] * reference["specific_mass_kg_kw"] * 1e6
    assert claims.crossing_with_ground_yr(catalog, launch) == pytest.approx(1.580, abs=5e-4)


def test_prices_that_never_meet_say_so():
    assert crossing_yr(2.0, 1.0, fall_per_yr=0.0, rise_per_yr=0.0) is None
    assert crossing_yr(2.0, 1.0, fall_per_yr=-0.1, rise_per_yr=0.05) is None
    assert crossing_yr(1.0, 2.0, fall_per_yr=0.0, rise_per_yr=0.0) == 0.0
    with pytest.raises(InputError):
        crossing_yr(1.0, 0.0, fall_per_yr=0.1, rise_per_yr=0.0)


@pytest.mark.parametrize(
    ("life_yr", "per_gw", "per_kg"),
    # (35·(CRF5 − CRF_L) + 25·CRF20 + 0.657)/CRF_L in B$ per GW, over 14.286 kg/kW.
    [(5, 12.79, 895), (7, 27.32, 1912)],
)
def test_break_even_of_launch_and_bus_at_two_orbital_lives(life_yr, per_gw, per_kg):
    found = break_even_usd_kw(
        chips_usd_kw=35_000,
        facility_usd_kw=25_000,
        ground_usd_kw_yr=657,
        chips_life_yr=5,
        facility_life_yr=20,
        orbital_life_yr=life_yr,
        rate_fraction=0.08,
    )
    assert found / 1000 == pytest.approx(per_gw, abs=0.005)
    assert found / 14.286 == pytest.approx(per_kg, abs=0.5)
    catalog = load_catalog()
    assert claims.break_even_usd_kg(catalog, 14.286, orbital_life_yr=life_yr) == pytest.approx(per_kg, abs=0.5)


def test_capital_parity_with_60_billion_is_1750_dollars_a_kilogram():
    assert claims.parity_usd_kg(load_catalog(), 14.286) == pytest.approx(1750, abs=0.5)
