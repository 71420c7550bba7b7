"""Economics: what each way of getting computing costs, and which claims survive it."""

from planner.economics.claims import ClaimTest, claim_tests
from planner.economics.compare import Comparison, Figure, Ratio, compare, side_by_side
from planner.economics.costs import Amount, CostLine, SatelliteCost, launch_cost
from planner.economics.options import (
    Option,
    claimed_orbital_option,
    home_option,
    megapod_option,
    orbital_option,
    terrestrial_option,
)

__all__ = [
    "Amount",
    "ClaimTest",
    "Comparison",
    "CostLine",
    "Figure",
    "Option",
    "Ratio",
    "SatelliteCost",
    "claim_tests",
    "claimed_orbital_option",
    "compare",
    "home_option",
    "launch_cost",
    "megapod_option",
    "orbital_option",
    "side_by_side",
    "terrestrial_option",
]
