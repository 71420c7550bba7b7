"""What the summary says of the network as one machine."""

from typing import Any

import pytest

from planner.report.summary import summary_lines

FIGURES: dict[str, Any] = {
    "satellites": 3, "it_power_mw": 0.36, "accelerators": 216,
    "sunlit_fraction": 1.0, "longest_shadow_min": 0.0, "compute_fraction": 1.0,
    "year_sunlit_fraction": 1.0, "year_eclipse_days_d": 0.0, "year_longest_eclipse_min": 0.0,
    "median_drag_delta_v_m_s_yr": None, "median_dose_rad_yr": None, "shielding_mm": 10.0,
    "mean_links": 2.0, "reachable_fraction": None, "median_round_trip_ms": None, "worst_round_trip_ms": None,
    "joined_satellites": 3, "satellite_accelerators": 72, "as_one_wanted_fraction": 0.9,
    "as_one_accelerators": 144, "as_one_rarely_accelerators": 216, "rare_steps": 500, "bisection_gbps": 100.0,
    "served_fraction": None, "asked_accelerator_h": 0.0, "placed_value_usd": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "144 accelerators train as one at 90.0% efficiency, 216 if they meet every 500 steps"),
        ({"as_one_accelerators": 72}, "no two satellites of 72 accelerators train as one at 90.0% efficiency, 216 do "),
        ({"as_one_accelerators": 0, "as_one_rarely_accelerators": 72}, "train as one at 90.0% efficiency, nor if they"),
        ({"joined_satellites": 0, "bisection_gbps": None, "rare_steps": None}, "no two satellites are linked"),
    ],
)
def test_what_a_satellite_does_alone_is_no_training_as_one(found: dict[str, Any], said: str) -> None:
    report = {"name": "n", "description": "", "figures": FIGURES | found, "options": [], "proofs": {}}
    (line,) = (line for line in summary_lines(report) if line.startswith("  as one"))
    assert said in line
