"""Sizing of rack satellites against published figures."""

from dataclasses import replace

import pytest

from planner.catalog import load_catalog
from planner.errors import CatalogError
from planner.satellite import (
    RackSatellite,
    array_area_m2,
    array_power_w,
    battery_capacity_wh,
    beginning_of_life_power_w,
)

# The worst orbit at 650 km dawn-dusk: period 97.73 min, longest eclipse 19.73 min (models.md, section 1).
ECLIPSE_MIN = 19.73
SUNLIT_MIN = 97.73 - 19.73


def test_suncatcher_starlink_v2_mini_array_of_105_m2_gives_28_3_kw() -> None:
    # Suncatcher, arXiv:2511.19468: 105 m², 22 % cells, 0.9 packing → 28.3 kW (three figures published).
    area = array_area_m2(28.3e3, cell_efficiency_fraction=0.22, packing_fraction=0.9)
    assert area == pytest.approx(105.0, rel=1e-3)
    assert load_catalog().entry("rack_satellites", "starlink_v2_mini_class")["array_power_w"] == pytest.approx(
        1361.0 * 105.0 * 0.22 * 0.9, rel=1e-3
    )


def test_an_array_turned_60_degrees_away_needs_twice_the_area() -> None:
    facing, turned = (
        array_area_m2(1e3, cell_efficiency_fraction=0.3, packing_fraction=0.85, incidence_deg=angle)
        for angle in (0.0, 60.0)
    )
    assert turned == pytest.approx(2.0 * facing, rel=1e-12)


def test_the_array_for_constant_load_is_1_2803_times_the_load_with_95_percent_each_way() -> None:
    # optimisation.md, section 3: 1 + (19.73 / 78.00) / 0.95² = 1.2803, no loss between array and bus.
    factor = array_power_w(
        eclipse_load_w=1.0,
        sunlit_load_w=1.0,
        eclipse_min=ECLIPSE_MIN,
        sunlit_min=SUNLIT_MIN,
        eclipse_path_fraction=0.95**2,
        sunlit_path_fraction=1.0,
    )
    assert factor == pytest.approx(1.2803, abs=5e-5)


def test_the_battery_formula_gives_the_57_8_kw_that_20_kwh_carry_through_the_eclipse() -> None:
    # optimisation.md, section 3: all of 20 kWh at 0.95 over 19.73 min → 57.8 kW.
    capacity = battery_capacity_wh(
        57.78e3, eclipse_min=ECLIPSE_MIN, depth_of_discharge_fraction=1.0, discharge_efficiency_fraction=0.95
    )
    assert capacity == pytest.approx(20e3, rel=1e-3)


def test_power_at_the_beginning_of_life_decays_to_the_end_of_life() -> None:
    new = beginning_of_life_power_w(100.0, degradation_per_yr=0.025, life_yr=5.0)
    assert new * 0.975**5 == pytest.approx(100.0, rel=1e-12)


def _sized(name: str) -> tuple[RackSatellite, float]:
    """Return a catalog satellite and its array by the formula its source states."""
    satellite = RackSatellite.from_catalog(load_catalog(), name)
    load = satellite.rack_power_w + satellite.bus_power_w
    in_eclipse = load if name.endswith("ride_through") else satellite.bus_power_w
    end = array_power_w(eclipse_load_w=in_eclipse, sunlit_load_w=load, eclipse_min=ECLIPSE_MIN, sunlit_min=SUNLIT_MIN)
    years, loss = satellite.life_yr, satellite.array_degradation_per_yr
    return satellite, beginning_of_life_power_w(end, degradation_per_yr=loss, life_yr=years)


@pytest.mark.parametrize("name", ["nvl72_120kw", "nvl72_120kw_ride_through", "h100_8gpu", "starcloud_1_class"])
def test_catalog_arrays_are_what_their_source_says_they_were_sized_to(name: str) -> None:
    satellite, array_w = _sized(name)
    assert satellite.array_power_w == pytest.approx(array_w, rel=5e-3)  # rounded to four figures or 10 W


def test_the_ride_through_battery_carries_rack_and_bus_through_the_longest_eclipse() -> None:
    satellite = RackSatellite.from_catalog(load_catalog(), "nvl72_120kw_ride_through")
    need = battery_capacity_wh(
        satellite.rack_power_w + satellite.bus_power_w,
        eclipse_min=ECLIPSE_MIN,
        depth_of_discharge_fraction=satellite.depth_of_discharge_fraction,
        discharge_efficiency_fraction=satellite.discharge_efficiency_fraction,
    )
    assert need <= satellite.battery_wh <= 1.02 * need


def test_gb200_nvl72_is_72_accelerators_and_120_kw() -> None:
    satellite = RackSatellite.from_catalog(load_catalog(), "nvl72_120kw")
    assert satellite.accelerators == 72
    assert satellite.rack_power_w == pytest.approx(120e3, rel=1e-12)
    assert satellite.accelerator == "gb200"


def test_every_satellite_of_the_catalog_can_be_read_and_names_an_accelerator_of_the_catalog() -> None:
    catalog = load_catalog()
    for entry in catalog.collection("rack_satellites"):
        satellite = RackSatellite.from_catalog(catalog, entry.name)
        catalog.entry("accelerators", satellite.accelerator)
        assert satellite.compute_cap_w == pytest.approx(satellite.rack_power_w, rel=1e-12)


def test_an_impossible_figure_is_refused_with_its_path_and_what_is_allowed() -> None:
    catalog = load_catalog().override(
        {
            "rack_satellites.h100_8gpu.depth_of_discharge_fraction": 1.4,
            "rack_satellites.h100_8gpu.accelerators": 7.5,
        }
    )
    with pytest.raises(CatalogError) as caught:
        RackSatellite.from_catalog(catalog, "h100_8gpu")
    text = str(caught.value)
    assert "rack_satellites.h100_8gpu.depth_of_discharge_fraction: 1.4 must be between 0 and 1" in text
    assert "rack_satellites.h100_8gpu.accelerators: 7.5 must be a whole number" in text


def test_a_radiator_smaller_than_the_load_caps_the_rack(make_satellite) -> None:
    satellite = make_satellite(bus_overhead_fraction=0.1, radiator_power_w=100e3)
    assert satellite.compute_cap_w == pytest.approx(100e3 - 12e3, rel=1e-12)
    assert replace(satellite, radiator_power_w=5e3).compute_cap_w == 0.0


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan")])
def test_sizing_refuses_efficiencies_that_are_not_positive(bad: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        battery_capacity_wh(1.0, eclipse_min=1.0, depth_of_discharge_fraction=bad, discharge_efficiency_fraction=0.9)
