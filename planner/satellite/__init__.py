"""The rack satellite itself: its design and the power that its rack gets over time."""

from planner.satellite.budget import LIMITS, PowerBudget
from planner.satellite.design import (
    RackSatellite,
    array_area_m2,
    array_power_w,
    battery_capacity_wh,
    beginning_of_life_power_w,
)
from planner.satellite.power import POLICIES, power_budget

__all__ = [
    "LIMITS",
    "POLICIES",
    "PowerBudget",
    "RackSatellite",
    "array_area_m2",
    "array_power_w",
    "battery_capacity_wh",
    "beginning_of_life_power_w",
    "power_budget",
]
