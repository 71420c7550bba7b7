"""How large a plan is before anything is computed: satellite-steps, memory and a way to shrink it."""

from dataclasses import dataclass
from math import floor
from typing import Final

from planner.errors import PlanError, Problem
from planner.scenario.places import plan_sites
from planner.scenario.schema import Plan

BYTES_PER_SATELLITE_STEP: Final = 200.0
"""Positions and velocities (48), sunlight and power (56), links (≤ 4 × 24 / 2); rounded up for copies in flight."""

BYTES_PER_SITE_SATELLITE_STEP: Final = 24.0
"""Light time, latency with backhaul, and its copy while slots are formed."""

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
    per_step = count * (BYTES_PER_SATELLITE_STEP + BYTES_PER_SITE_SATELLITE_STEP * len(plan_sites(plan)))
    return PlanSize(count, steps, len(plan_sites(plan)), len(plan.jobs), _BASE_GB + per_step * steps / 1e9)


def require_size(plan: Plan, size: PlanSize) -> None:
    """Raise `PlanError`, with a step that would fit, when the estimate passes the plan's own limit."""
    limit_gb = plan.limits.memory_gb
    if size.memory_gb <= limit_gb:
        return
    factor = (size.memory_gb - _BASE_GB) / (limit_gb - _BASE_GB)
    step_s = _step_of_slot_s(plan.placement.slot_min * 60.0, at_least_s=plan.time.step_s * factor * 1.01)
    if step_s is None:
        fix = "shorten time.duration_h or fly fewer satellites"
    else:
        fix = f"set time.step_s to {step_s:d} or more"
    raise PlanError(
        Problem(
            "limits.memory_gb",
            f"{size.satellites:,} satellites × {size.steps:,} steps × {size.sites} sites need about "
            f"{size.memory_gb:.1f} GB, allowed {limit_gb:g}; {fix}, or raise limits.memory_gb",
        )
    )


def _step_of_slot_s(slot_s: float, *, at_least_s: float) -> int | None:
    """Return the least whole step that divides a placement slot and is long enough; None where there is none."""
    for steps in range(floor(slot_s / at_least_s), 0, -1):
        step_s = slot_s / steps
        if step_s <= 3600.0 and step_s == round(step_s):
            return round(step_s)
    return None
