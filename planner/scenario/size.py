"""How large a plan is before anything is computed: satellite-steps, memory and a way to shrink it."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from planner.errors import PlanError, Problem
from planner.scenario.schema import Plan

BYTES_PER_SATELLITE_STEP: Final = 200.0
"""Positions and velocities (48), sunlight and power (56), links (≤ 4 × 24 / 2); rounded up for copies in flight."""

BYTES_PER_SITE_SATELLITE_STEP: Final = 16.0
"""One latency, and its copy while slots are formed."""

_BASE_GB: Final = 0.4
"""What the interpreter, the libraries and the solvers hold before any data."""


@dataclass(frozen=True)
class PlanSize:
    """How much a plan asks for.

    Attributes
    ----------
    satellites, steps, sites, jobs
        Counts; `satellites` counts an element file at its limit, or at what it holds when that is known.
    memory_gb
        Estimate of the peak.
    """

    satellites: int
    steps: int
    sites: int
    jobs: int
    memory_gb: float


def plan_size(plan: Plan, *, satellites: int | None = None) -> PlanSize:
    """Estimate the size of a plan; `satellites` is the fleet's true count once known."""
    count = sum(shell.count for shell in plan.fleet) if satellites is None else satellites
    steps = plan.time.count
    per_step = count * (BYTES_PER_SATELLITE_STEP + BYTES_PER_SITE_SATELLITE_STEP * len(plan.sites))
    return PlanSize(count, steps, len(plan.sites), len(plan.jobs), _BASE_GB + per_step * steps / 1e9)


def require_size(plan: Plan, size: PlanSize) -> None:
    """Raise `PlanError`, with a step that would fit, when the estimate passes the plan's own limit."""
    limit_gb = plan.limits.memory_gb
    if size.memory_gb <= limit_gb:
        return
    factor = (size.memory_gb - _BASE_GB) / max(limit_gb - _BASE_GB, 1e-9)
    if limit_gb > _BASE_GB and plan.time.step_s * factor <= 3600.0:
        fix = f"set time.step_s to {ceil(plan.time.step_s * factor * 1.01)} or more"
    else:
        fix = "shorten time.duration_h or fly fewer satellites"
    raise PlanError(
        Problem(
            "limits.memory_gb",
            f"{size.satellites:,} satellites × {size.steps:,} steps × {size.sites} sites need about "
            f"{size.memory_gb:.1f} GB, allowed {limit_gb:g}; {fix}, or raise limits.memory_gb",
        )
    )
