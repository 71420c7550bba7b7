"""Answers what a job asks of the fleet: accelerators, power, nearness to its users, and when.

A *single* job runs its replicas each whole on one satellite; a replica may stop and start from slot to slot. A *group*
job runs each replica on a connected group of satellites for its whole window, whole or not at all.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from planner.errors import InputError, Problem

Spread = Literal["single", "group"]

LARGEST_COUNT: Final = 10_000_000
LARGEST_VALUE_USD_H: Final = 1e9
"""Above these a solver working in double precision could no longer tell the smallest jobs from nothing."""


@dataclass(frozen=True)
class Job:
    """Work to be placed.

    Attributes
    ----------
    name
        Unique in a plan.
    accelerators
        Accelerators of one replica.
    value_usd_h
        Worth of one replica served for an hour.
    replicas
        How many are wanted at the same time.
    site
        Ground site that the users are at; None when nearness does not matter.
    latency_budget_ms
        Longest allowed round trip site–satellite–site; None for no limit.
    power_fraction
        Power drawn per accelerator, as part of the satellite's power per accelerator.
    start_h, duration_h
        Window, hours from the start of the plan; None runs to its end.
    spread
        See the module.
    required
        A plan that cannot serve this job in full has no answer.

    Raises
    ------
    InputError
        Lists everything that no job can have.
    """

    name: str
    accelerators: int
    value_usd_h: float
    replicas: int = 1
    site: str | None = None
    latency_budget_ms: float | None = None
    power_fraction: float = 1.0
    start_h: float = 0.0
    duration_h: float | None = None
    spread: Spread = "single"
    required: bool = False

    def __post_init__(self) -> None:
        checks = [
            ("accelerators", self.accelerators, 1 <= self.accelerators <= LARGEST_COUNT, f"1 … {LARGEST_COUNT}"),
            ("replicas", self.replicas, 1 <= self.replicas <= LARGEST_COUNT, f"1 … {LARGEST_COUNT}"),
            (
                "value_usd_h",
                self.value_usd_h,
                0.0 <= self.value_usd_h <= LARGEST_VALUE_USD_H,
                f"0 … {LARGEST_VALUE_USD_H:g} USD/h",
            ),
            ("power_fraction", self.power_fraction, 0.0 < self.power_fraction <= 1.0, "above 0, at most 1"),
            ("start_h", self.start_h, 0.0 <= self.start_h < math.inf, "at least 0 h"),
            ("duration_h", self.duration_h, _absent_or_positive(self.duration_h), "above 0 h"),
            (
                "latency_budget_ms",
                self.latency_budget_ms,
                _absent_or_positive(self.latency_budget_ms),
                "above 0 ms",
            ),
            ("spread", self.spread, self.spread in {"single", "group"}, "single, group"),
        ]
        problems = [
            Problem(f"job {self.name!r}: {key}", f"{value!r}, allowed: {allowed}")
            for key, value, good, allowed in checks
            if not good
        ]
        if self.latency_budget_ms is not None and self.site is None:
            problems.append(Problem(f"job {self.name!r}: latency_budget_ms", "needs a site to measure from; give site"))
        if problems:
            raise InputError(problems)


def require_consistent(jobs: Sequence[Job], site_names: Sequence[str], plan_h: float) -> None:
    """Raise `InputError` listing repeated names, unknown sites and windows that leave the plan of `plan_h` hours."""
    problems = []
    seen: set[str] = set()
    for job in jobs:
        where = f"job {job.name!r}"
        if job.name in seen:
            problems.append(Problem(where, "the name is used twice; give each job its own"))
        seen.add(job.name)
        if job.site is not None and job.site not in site_names:
            known = ", ".join(site_names) or "none"
            problems.append(Problem(f"{where}: site", f"{job.site!r} is no site of the plan; there are: {known}"))
        end_h = plan_h if job.duration_h is None else job.start_h + job.duration_h
        if not (job.start_h < plan_h and end_h <= plan_h * (1.0 + 1e-12)):
            problems.append(
                Problem(
                    f"{where}: start_h, duration_h",
                    f"{job.start_h:g} h to {end_h:g} h is not inside the plan's 0 h to {plan_h:g} h",
                )
            )
    if problems:
        raise InputError(problems)


def _absent_or_positive(value: float | None) -> bool:
    return value is None or 0.0 < value < math.inf
