"""Power over time: energy closes, the battery keeps its limit, and the published figures come out."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import load_catalog
from planner.errors import PlannerWarning
from planner.satellite import LIMITS, PowerBudget, RackSatellite, power_budget
from planner.times import TimeGrid

START = datetime(2026, 6, 21, tzinfo=UTC)
ORBIT_MIN, ECLIPSE_MIN = 97.73, 19.73  # 650 km dawn-dusk, worst orbit (models.md, section 1)
NAME = {name: index for index, name in enumerate(LIMITS)}


def _orbits(count: int, steps: int = 400) -> tuple[TimeGrid, np.ndarray]:
    """Return `count` orbits of `steps` steps that each end in the longest eclipse, for one satellite."""
    dark = round(steps * ECLIPSE_MIN / ORBIT_MIN)
    lit = np.tile(np.r_[np.ones(steps - dark), np.zeros(dark)], count)[:, None]
    return TimeGrid(START, ORBIT_MIN * 60.0 / steps, count * steps), lit


def _run(satellite: RackSatellite, times: TimeGrid, lit: np.ndarray, **options: Any) -> PowerBudget:
    return power_budget(times, lit, np.ones(lit.shape, dtype=bool), [satellite] * lit.shape[1], **options)


def _residual(budget: PowerBudget, designs: list[RackSatellite]) -> np.ndarray:
    """Return what is missing in each step's energy balance over the power that flows."""
    hours = budget.times.step_s / 3600.0
    change = np.diff(budget.battery_wh, axis=0)
    into = np.array([d.charge_efficiency_fraction for d in designs])
    out = np.array([d.discharge_efficiency_fraction for d in designs])
    battery = np.where(change >= 0.0, -change / into, -change * out) / hours
    used = (budget.bus_w + budget.compute_w + budget.spilled_w)[:-1]
    scale = np.maximum(budget.solar_w[:-1] + np.abs(battery), 1.0)
    return (budget.solar_w[:-1] + battery - used) / scale


def test_150_kw_of_array_under_120_kw_of_load_leaves_107_kw_in_eclipse(make_satellite) -> None:
    # optimisation.md, section 3: surplus 30 kW × 78.00 min × .95² / 19.73 min = 107.0 kW; in 400 steps of which 81 are
    # dark: 30 × 319 × .95² / 81 = 106.6 kW, the value of the periodic LP.
    # The battery starts empty, so that every orbit lives on its own sunlight.
    times, lit = _orbits(5)
    budget = _run(make_satellite(), times, lit, policy="ride_through", initial_charge_fraction=0.0)
    dark = lit[-400:, 0] == 0.0
    last = budget.compute_w[-400:, 0]
    assert last[~dark] == pytest.approx(120e3, rel=1e-12)
    assert last[dark] == pytest.approx(106.6e3, rel=1e-3)
    assert np.ptp(last[dark]) < 1e-6 * 120e3


def test_a_20_kwh_battery_leaves_57_8_kw_in_eclipse(make_satellite) -> None:
    # optimisation.md, section 3: 20 kWh × .95 / 19.73 min = 57.78 kW; 81 of 400 steps are 19.79 min → 57.6 kW.
    times, lit = _orbits(3)
    budget = _run(make_satellite(battery_wh=20e3), times, lit, policy="ride_through")
    assert budget.compute_w[-1, 0] == pytest.approx(57.6e3, rel=1e-3)


def test_an_array_1_2803_times_the_load_carries_it_without_a_break(make_satellite) -> None:
    # The factor of optimisation.md, section 3, for the discretised orbit: 1 + (81 / 319) / .95².
    times, lit = _orbits(6)
    enough = 120e3 * (1.0 + 81.0 / 319.0 / 0.95**2) * (1.0 + 1e-9)
    budget = _run(make_satellite(array_power_w=enough), times, lit, policy="ride_through")
    assert budget.compute_w == pytest.approx(120e3, rel=1e-9)
    assert set(np.unique(budget.limit)) == {NAME["rack"]}


def test_throttling_gives_the_rack_nothing_in_shadow_and_feeds_the_bus_from_the_battery(make_satellite) -> None:
    times, lit = _orbits(3)
    satellite = make_satellite(bus_overhead_fraction=0.1, battery_wh=20e3)
    budget = _run(satellite, times, lit, policy="throttle")
    dark = lit == 0.0
    assert np.all(budget.compute_w[dark] == 0.0)
    assert budget.compute_w[~dark] == pytest.approx(120e3, rel=1e-12)
    assert budget.bus_w == pytest.approx(12e3, rel=1e-12)
    assert set(np.unique(budget.limit[dark])) == {NAME["battery"]}


def test_an_array_too_small_for_rack_and_recharging_holds_back_compute_before_it_starves_the_bus(
    make_satellite,
) -> None:
    # 50 kW of array, 12 kW of bus in shadow: the rack gets the orbit's mean, and the bus is never dark.
    times, lit = _orbits(4)
    satellite = make_satellite(array_power_w=50e3, bus_overhead_fraction=0.1, battery_wh=6e3)
    budget = _run(satellite, times, lit, policy="throttle", initial_charge_fraction=0.0)
    after_first_charge = slice(50, None)
    assert budget.bus_w[after_first_charge] == pytest.approx(12e3, rel=1e-12)
    assert np.all(np.abs(_residual(budget, [satellite])) < 1e-9)


def test_a_ride_through_never_starves_the_bus_for_the_rack(make_satellite) -> None:
    times, lit = _orbits(4)
    satellite = make_satellite(bus_overhead_fraction=0.1, battery_wh=10e3, depth_of_discharge_fraction=0.6)
    budget = _run(satellite, times, lit, policy="ride_through")
    assert budget.bus_w == pytest.approx(12e3, rel=1e-12)
    assert np.min(budget.battery_wh) >= 4e3


def test_a_bus_that_cannot_be_fed_is_reported_and_keeps_the_depth_of_discharge(make_satellite) -> None:
    times, lit = _orbits(2)
    satellite = make_satellite(bus_overhead_fraction=0.1, battery_wh=1e3, depth_of_discharge_fraction=0.5)
    with pytest.warns(PlannerWarning, match="rack_satellites.test: array and battery cannot feed the bus"):
        budget = _run(satellite, times, lit)
    assert np.min(budget.battery_wh) >= 500.0
    assert np.min(budget.bus_w) == 0.0


def test_a_lost_satellite_has_no_power_at_all(make_satellite) -> None:
    times, lit = _orbits(1)
    alive = np.ones(lit.shape, dtype=bool)
    alive[100:] = False
    budget = power_budget(times, lit, alive, [make_satellite(bus_overhead_fraction=0.1)], policy="ride_through")
    for name in ("solar_w", "bus_w", "compute_w", "battery_wh", "spilled_w"):
        assert np.all(getattr(budget, name)[100:] == 0.0)
    assert np.all(budget.limit[100:] == NAME["lost"])
    assert budget.compute_w[:100] == pytest.approx(120e3, rel=1e-12)  # nothing is saved for a shadow it never sees


def test_unknown_sunlight_counts_as_a_lost_satellite(make_satellite) -> None:
    times, lit = _orbits(1)
    lit[7:] = np.nan
    budget = _run(make_satellite(), times, lit)
    assert np.all(np.isfinite(budget.compute_w))
    assert np.all(budget.limit[7:] == NAME["lost"])


def test_a_satellite_that_appears_later_starts_with_the_charge_asked_for(make_satellite) -> None:
    times, lit = _orbits(1)
    alive = np.ones(lit.shape, dtype=bool)
    alive[:10] = False
    budget = power_budget(times, lit, alive, [make_satellite()], initial_charge_fraction=0.5)
    assert np.all(budget.battery_wh[:10] == 0.0)
    assert budget.battery_wh[10, 0] == 50e3


def test_the_radiator_limits_a_rack_that_the_array_could_feed(make_satellite) -> None:
    times, lit = _orbits(1)
    satellite = make_satellite(bus_overhead_fraction=0.1, radiator_power_w=100e3)
    budget = _run(satellite, times, lit)
    assert budget.compute_w[0, 0] == pytest.approx(88e3, rel=1e-12)
    assert budget.limit[0, 0] == NAME["radiator"]


def test_an_old_array_gives_what_degradation_leaves(make_satellite) -> None:
    times, lit = _orbits(1)
    satellite = make_satellite(array_power_w=100e3, array_degradation_per_yr=0.025, path_efficiency_fraction=0.85)
    budget = _run(satellite, times, lit, age_yr=5.0)
    assert budget.solar_w[0, 0] == pytest.approx(100e3 * 0.85 * 0.975**5, rel=1e-12)
    assert budget.limit[0, 0] == NAME["sun"]


def test_the_catalog_satellite_computes_at_full_rate_in_sunlight_to_its_end_of_life() -> None:
    satellite = RackSatellite.from_catalog(load_catalog(), "nvl72_120kw")
    times, lit = _orbits(6)
    budget = _run(satellite, times, lit, policy="throttle", age_yr=satellite.life_yr)
    assert budget.compute_w[lit == 1.0] == pytest.approx(120e3, rel=1e-9)
    assert budget.bus_w == pytest.approx(12e3, rel=1e-9)


def test_the_ride_through_satellite_computes_at_full_rate_in_eclipse_to_its_end_of_life() -> None:
    satellite = RackSatellite.from_catalog(load_catalog(), "nvl72_120kw_ride_through")
    times, lit = _orbits(6)
    budget = _run(satellite, times, lit, policy="ride_through", age_yr=satellite.life_yr)
    assert budget.compute_w == pytest.approx(120e3, rel=1e-9)


@given(
    seed=st.integers(0, 2**32 - 1),
    policy=st.sampled_from(["throttle", "ride_through"]),
    array_w=st.floats(0.0, 400e3),
    battery_wh=st.floats(0.0, 100e3),
    depth=st.floats(0.0, 1.0),
    overhead=st.floats(0.0, 0.3),
    charge=st.floats(0.0, 1.0),
)
@pytest.mark.filterwarnings("ignore::planner.errors.PlannerWarning")  # some of these satellites starve, on purpose
def test_energy_closes_and_the_battery_keeps_its_limits_whatever_the_design_and_the_sky(
    make_satellite, seed, policy, array_w, battery_wh, depth, overhead, charge
) -> None:
    rng = np.random.default_rng(seed)
    times = TimeGrid(START, 60.0, 90)
    lit = np.repeat(rng.integers(0, 2, (9, 3)), 10, axis=0) * rng.random((90, 3)).round(1)
    satellite = make_satellite(
        array_power_w=array_w,
        battery_wh=battery_wh,
        depth_of_discharge_fraction=depth,
        bus_overhead_fraction=overhead,
    )
    budget = _run(satellite, times, lit, policy=policy, initial_charge_fraction=charge)
    assert np.all(np.abs(_residual(budget, [satellite] * 3)) < 1e-9)
    assert np.all(budget.battery_wh >= satellite.battery_floor_wh)
    assert np.all(budget.battery_wh <= satellite.battery_wh)
    assert np.all(budget.compute_w <= satellite.compute_cap_w * (1.0 + 1e-12))
    for name in ("compute_w", "bus_w", "spilled_w"):
        assert np.all(getattr(budget, name) >= 0.0)


def test_a_larger_array_never_leaves_less_for_the_rack_in_a_day(make_satellite) -> None:
    times, lit = _orbits(8, steps=100)
    served = [
        _run(
            make_satellite(array_power_w=kw * 1e3, bus_overhead_fraction=0.1), times, lit, policy="ride_through"
        ).compute_w.sum()
        for kw in range(20, 300, 20)
    ]
    assert np.all(np.diff(served) >= -1e-6 * served[-1])


def test_row_25_no_satellites_give_an_empty_budget() -> None:
    times = TimeGrid(START, 60.0, 3)
    budget = power_budget(times, np.zeros((3, 0)), np.zeros((3, 0), dtype=bool), [])
    assert budget.compute_w.shape == (3, 0)


@pytest.mark.parametrize(
    "options", [{"policy": "hope"}, {"age_yr": -1.0}, {"initial_charge_fraction": 1.5}, {"age_yr": float("nan")}]
)
def test_misuse_is_refused_by_name(make_satellite, options: dict[str, Any]) -> None:
    times, lit = _orbits(1, steps=10)
    with pytest.raises(ValueError, match=next(iter(options))):
        _run(make_satellite(), times, lit, **options)
