"""Jobs refuse what no job can be, all at once, by name."""

from typing import Any

import pytest

from planner.errors import InputError
from planner.workload import Job


def test_every_impossible_field_is_listed_with_what_is_allowed() -> None:
    with pytest.raises(InputError) as caught:
        Job(name="bad", accelerators=0, value_usd_h=-1.0, power_fraction=1.5, start_h=-2.0, duration_h=0.0)
    assert [problem.place for problem in caught.value.problems] == [
        "job 'bad': accelerators",
        "job 'bad': value_usd_h",
        "job 'bad': power_fraction",
        "job 'bad': start_h",
        "job 'bad': duration_h",
    ]


def test_a_latency_budget_needs_a_site() -> None:
    with pytest.raises(InputError, match="needs a site"):
        Job(name="bad", accelerators=1, value_usd_h=1.0, latency_budget_ms=10.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300])
def test_row_32_values_that_no_solver_can_scale_are_refused(value: float) -> None:
    with pytest.raises(InputError, match="value_usd_h"):
        Job(name="bad", accelerators=1, value_usd_h=value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"site": "Atlantis"}, "'Atlantis' is no site of the plan; there are: Paris"),
        ({"start_h": 1.0}, "not inside the plan's 0 h to 0.666667 h"),
        ({"duration_h": 3.0}, "0 h to 3 h is not inside"),
    ],
)
def test_a_job_that_contradicts_the_plan_is_refused(make_world, change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        make_world().place([Job(name="odd", accelerators=1, value_usd_h=1.0, **change)])


def test_a_name_used_twice_is_refused(make_world) -> None:
    job = Job(name="twin", accelerators=1, value_usd_h=1.0)
    with pytest.raises(InputError, match="used twice"):
        make_world().place([job, job])
