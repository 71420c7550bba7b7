"""A rack satellite with round figures, for tests that change one thing at a time."""

from collections.abc import Callable
from typing import Any

import pytest

from planner.satellite import RackSatellite


@pytest.fixture(scope="session")
def make_satellite() -> Callable[..., RackSatellite]:
    """Return a maker of satellites: 120 kW rack, no bus, lossless path, .95 in and out of the battery."""

    def make(**changes: Any) -> RackSatellite:
        figures: dict[str, Any] = {
            "name": "test",
            "title": "Test",
            "accelerator": "gb200",
            "laser_terminal": "any",
            "accelerators": 72,
            "laser_terminals": 4,
            "accelerator_power_w": 120e3 / 72,
            "bus_overhead_fraction": 0.0,
            "array_power_w": 150e3,
            "array_degradation_per_yr": 0.0,
            "path_efficiency_fraction": 1.0,
            "battery_wh": 100e3,
            "depth_of_discharge_fraction": 1.0,
            "charge_efficiency_fraction": 0.95,
            "discharge_efficiency_fraction": 0.95,
            "radiator_power_w": 1e6,
            "mass_kg": 6000.0,
            "stowed_volume_m3": 40.0,
            "drag_area_m2": 100.0,
            "tumbling_area_m2": 430.0,
            "bus_cost_usd": 4e6,
            "rack_cost_usd": 3e6,
            "life_yr": 5.0,
        }
        return RackSatellite(**(figures | changes))

    return make
