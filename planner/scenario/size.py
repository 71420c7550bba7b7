"""How large a plan is before anything is computed: satellite-steps, memory and a way to shrink it."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from planner.errors import PlanError, Problem
from planner.scenario.places import plan_sites
from planner.scenario.schema import Plan

# Each figure below is the growth of the largest resident memory (VmHWM) of a whole run, report included, from one plan
# to a larger one, rounded up. Measured on Linux with Python 3.11, each run a process of its own: Walker shells of 24 to
# 6,000 satellites over 60 to 2,880 steps of a minute, with 2 to 100 cities, 0 to 6 job sites, 4 to 12 terminals, and
# slots of 2 and 30 minutes. The estimate exceeded what was measured in all of them, by a third at the median.

BYTES_PER_SATELLITE_STEP: Final = 60.0
"""Sunlight, power and its limits."""

BYTES_PER_LINK_STEP: Final = 100.0
"""A row of the links: two ends, range, capacity and delay, and their copies while blocks are joined."""

BYTES_PER_SITE_SATELLITE_STEP: Final = 3.0
"""A row of the contacts takes 80; one satellite in thirty is in view, as at 1,000 km from 10° of elevation."""

BYTES_PER_JOB_SITE_SATELLITE_STEP: Final = 12.0
"""Latency from the users of a job to a satellite; of other sites none is kept."""

BYTES_PER_SITE_PAIR_STEP: Final = 40.0
"""Latency between two sites, each pair counted both ways, and its copies in the report."""

BYTES_PER_SATELLITE_SLOT: Final = 1_500.0
"""A satellite in a slot of the placement: the solver's variables, and its row in the tables of the output."""

_BASE_GB: Final = 0.4
"""What the interpreter, the libraries and the solvers hold before any data: 0.27 was measured, jobs hardly asked."""

_USUAL_TERMINALS: Final = 4
"""Where the plan leaves them to the satellite type, which has four at most in the catalog."""

_GRID_TERMINALS: Final = 4
"""Most that a +grid uses, however many there are."""


@dataclass(frozen=True)
class PlanSize:
    """How much a plan asks for.

    Attributes
    ----------
    satellites, steps, sites, jobs
        Counts; `satellites` counts an element file at its limit, or at what it holds when that is known.
    memory_gb
        Estimate of the peak.
    steady_gb
        The part of it that a longer time step does not shrink.
    """

    satellites: int
    steps: int
    sites: int
    jobs: int
    memory_gb: float
    steady_gb: float


def plan_size(plan: Plan, *, satellites: int | None = None) -> PlanSize:
    """Estimate the size of a plan; `satellites` is the fleet's true count once known."""
    count = sum(shell.count for shell in plan.fleet) if satellites is None else satellites
    steps, sites = plan.time.count, len(plan_sites(plan))
    job_sites = len({job.site for job in plan.jobs if job.site is not None})
    slots = ceil(steps * plan.time.step_s / (plan.placement.slot_min * 60.0))
    per_satellite = (
        BYTES_PER_SATELLITE_STEP
        + BYTES_PER_LINK_STEP * _terminals(plan) / 2.0
        + BYTES_PER_SITE_SATELLITE_STEP * sites
        + BYTES_PER_JOB_SITE_SATELLITE_STEP * job_sites
    )
    stepped_gb = (count * per_satellite + BYTES_PER_SITE_PAIR_STEP * sites**2) * steps / 1e9
    steady_gb = _BASE_GB + BYTES_PER_SATELLITE_SLOT * count * slots / 1e9
    return PlanSize(count, steps, sites, len(plan.jobs), steady_gb + stepped_gb, steady_gb)


def _terminals(plan: Plan) -> int:
    """Return how many terminals of a satellite may be linked at once."""
    terminals = _USUAL_TERMINALS if plan.links.terminals is None else plan.links.terminals
    return min(terminals, _GRID_TERMINALS) if plan.links.topology == "plus_grid" else terminals


def require_size(plan: Plan, size: PlanSize) -> None:
    """Raise `PlanError`, with a step that would fit, when the estimate passes the plan's own limit."""
    limit_gb = plan.limits.memory_gb
    if size.memory_gb <= limit_gb:
        return
    step_s = None
    if size.steady_gb < limit_gb:
        factor = (size.memory_gb - size.steady_gb) / (limit_gb - size.steady_gb)
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
