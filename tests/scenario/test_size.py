"""A plan says how much memory it will take before it takes any."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from planner.errors import PlanError
from planner.scenario import parse_plan
from planner.scenario.size import plan_size, require_size

from .conftest import plan_with

SHELL = {
    "kind": "walker_delta", "name": "w", "altitude_km": 550.0, "inclination_deg": 53.0, "satellites": 1200,
    "planes": 60, "rack": "nvl72_120kw",
}  # fmt: skip
DAY = {"start": "2026-06-21T00:00:00Z", "duration_h": 24.0, "step_s": 60.0}
JOB = {"name": "j", "accelerators": 1, "site": "Oslo", "latency_budget_ms": 200.0, "value_usd_h": 1.0}


def gigabytes(**tables: Any) -> float:
    return plan_size(parse_plan(plan_with(**({"fleet": [SHELL], "time": DAY} | tables))).plan).memory_gb


def test_memory_grows_with_terminals_job_sites_cities_and_slots() -> None:
    usual = gigabytes()
    states = 1200 * 1440
    # 16 terminals make six links a satellite more than 4; half of them belong to either end.
    more = {"topology": "matching", "terminals": 16}
    assert gigabytes(links=more) - usual == pytest.approx(states * 6 * 100.0 / 1e9)
    assert gigabytes(jobs=[JOB]) - usual == pytest.approx(states * 12.0 / 1e9)
    # Two jobs at one site are measured from it once.
    assert gigabytes(jobs=[JOB, JOB | {"name": "k"}]) == gigabytes(jobs=[JOB])
    # 100 cities beside the two sites: contacts with each, and latency between all 102.
    cities = (states * 100 * 3.0 + 1440 * (102**2 - 2**2) * 40.0) / 1e9
    assert gigabytes(cities={"largest": 100}) - usual == pytest.approx(cities)
    assert gigabytes(placement={"slot_min": 10.0}) - usual == pytest.approx(1200 * (144 - 48) * 1500.0 / 1e9)


def test_a_grid_takes_four_links_however_many_terminals_there_are() -> None:
    assert gigabytes(links={"terminals": 16}) == gigabytes(links={"terminals": 4})
    assert gigabytes(links={"topology": "matching", "terminals": 2}) < gigabytes(links={"terminals": 4})


def test_row_24_a_plan_whose_slots_alone_are_too_much_is_not_sent_to_a_longer_step() -> None:
    plan = parse_plan(plan_with(fleet=[SHELL], time=DAY, placement={"slot_min": 1.0}, limits={"memory_gb": 2.0})).plan
    size = plan_size(plan)
    assert size.steady_gb > 2.0
    with pytest.raises(PlanError, match=r"shorten time\.duration_h or fly fewer satellites"):
        require_size(plan, size)


MEASURED = """
import json, sys
from planner.report import build_report, folder_contents
from planner.scenario import Study, parse_plan, plan_size
study = Study(parse_plan(json.loads(sys.argv[1])))
folder_contents(study, build_report(study), {})
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) * 1024 / 1e9, plan_size(study.plan).memory_gb)
"""


def test_row_24_a_run_takes_no_more_memory_than_was_estimated() -> None:
    if not Path("/proc/self/status").is_file():
        pytest.skip("this system does not tell the largest memory of a process (/proc/self/status)")
    plan = plan_with(
        fleet=[SHELL | {"satellites": 300, "planes": 15}], time=DAY | {"duration_h": 12.0}, cities={"largest": 20},
        jobs=[JOB], links={"topology": "matching", "terminals": 4},
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, json.dumps(plan)], capture_output=True, text=True, check=True
    )
    measured_gb, estimated_gb = map(float, done.stdout.split())
    # Numba's compiler, where the machine has not run these kernels before, takes a few hundred megabytes on top.
    assert measured_gb < estimated_gb + 0.3
    assert measured_gb > 0.2
