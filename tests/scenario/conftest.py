"""Small plans and their studies, for the tests of the scenario."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from planner.errors import PlanError
from planner.scenario import Study, parse_plan

GRID: dict[str, Any] = {
    "version": 1,
    "name": "small",
    "time": {"start": "2026-06-21T00:00:00Z", "duration_h": 0.5, "step_s": 60.0},
    "fleet": [
        {
            "kind": "walker_delta", "name": "w", "altitude_km": 1200.0, "inclination_deg": 60.0, "satellites": 60,
            "planes": 6, "phasing": 1, "rack": "nvl72_120kw",
        }
    ],
    "sites": [
        {"name": "Oslo", "latitude_deg": 59.9, "longitude_deg": 10.7, "minimum_elevation_deg": 10.0},
        {"name": "Quito", "latitude_deg": -0.2, "longitude_deg": -78.5, "minimum_elevation_deg": 10.0},
    ],
    "links": {"maximum_range_km": 8000.0},
}  # fmt: skip
"""Sixty satellites whose +grid is joined all the time, with two sites that always see some of them."""

StudyOf = Callable[..., Study]
Refusal = Callable[..., str]


def plan_with(**tables: Any) -> dict[str, Any]:
    """Return the plan with whole tables replaced; None leaves a table out."""
    plan = copy.deepcopy(GRID) | tables
    return {key: table for key, table in plan.items() if table is not None}


@pytest.fixture(scope="session")
def study_of() -> StudyOf:
    """Return what makes a study of the small plan with whole tables replaced."""
    return lambda **tables: Study(parse_plan(plan_with(**tables)))


@pytest.fixture(scope="session")
def refusal() -> Refusal:
    """Return what tells why the small plan with whole tables replaced is refused."""

    def of(**tables: Any) -> str:
        with pytest.raises(PlanError) as caught:
            parse_plan(plan_with(**tables))
        return str(caught.value)

    return of


@pytest.fixture(scope="session")
def grid(study_of: StudyOf) -> Study:
    """Return the study of the small plan itself."""
    return study_of()
