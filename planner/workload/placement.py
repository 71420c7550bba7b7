"""Answers which satellite runs which job when, so that the value served is as large as can be shown.

1. `fit`: what fits where when nothing else runs.
2. `bound`: a relaxation over all slots at once: what no placement can beat, how many groups are worth having, and what
   an accelerator is worth in each slot.
3. `groups`: which satellites each group takes for its whole window.
4. `singles`: the replicas of single jobs in what is left, slot after slot, moves paid.
5. `reasons`: why the rest does not run.

A job that does not fit is left out, so only a required job can make a plan infeasible.

Measured on two shared cores, 240 satellites of 72 accelerators × 96 slots of 15 min at 650 km dawn-dusk in the eclipse
season, six sites, 12 single jobs that ask for 78 % (317 %) of all accelerators, and 14 groups of 144 to 1,440:

======================================  =====  =======
case                                    s      gap
======================================  =====  =======
throttled, no groups, free moves        4.1    0.01 %
the same, a move costs 1 min            4.0    1.6 %
throttled, 78 % and groups              12.7   2.4 %
ride-through, 78 % and groups           9.9    3.5 %
throttled, 317 % and groups             5.4    0.4 %
ride-through, 317 % and groups          13.7   0.7 %
======================================  =====  =======

The bound forgives all moves but those that cannot be avoided, and lets groups wander; that is most of these gaps.
See `planner.workload.solver` for the choice of solver.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import Final

import numpy as np

from planner.arrays import FloatArray, require_shape
from planner.links import LinkTable
from planner.workload.assemble import assemble, job_totals, proof, served_replicas
from planner.workload.bound import Relaxation, relax
from planner.workload.capacity import SlotCapacity
from planner.workload.fit import Fit, fit_jobs
from planner.workload.groups import GroupRun, Used, most_groups, place_groups
from planner.workload.jobs import Job, require_consistent
from planner.workload.required import require_served
from planner.workload.result import Placement
from planner.workload.singles import place_singles, start_loss_h

_NODES: Final = 100
"""Branch-and-bound nodes per integer programme at effort 1: a limit that does not depend on the machine."""
_SMALLEST: Final = 1e-6
"""A job is worth at least this part of the dearest to the solver, so that work worth nothing still runs if it can."""
_ATTEMPTS: Final = 3


def place(
    jobs: Sequence[Job],
    capacity: SlotCapacity,
    *,
    round_trip_ms: FloatArray,
    site_names: Sequence[str],
    links: LinkTable,
    migration_cost_h: float = 0.0,
    gap_fraction: float = 2e-3,
    seed: int = 1,
    effort: float = 1.0,
) -> Placement:
    """Place jobs on satellites.

    Parameters
    ----------
    jobs
        What to place.
    capacity
        What each satellite has in each slot.
    round_trip_ms
        ``[slot, site, sat]``, worst round trip in the slot.
    site_names
        ``[site]``.
    links
        Laser links; a group holds together over links that exist at every instant of its window.
    migration_cost_h
        Service lost by a replica that starts on a satellite which did not run it in the slot before; at most the slot.
        The first slot of a job's window is free.
    gap_fraction
        The answer is called optimal when bound and objective are this close.
    seed, effort
        Solver seed, and a factor on its limits.

    Returns
    -------
    Placement
        The same for the same arguments, on every machine and run.

    Raises
    ------
    InputError
        For jobs that contradict the plan.
    InfeasibleError
        When a required job is proved not to fit, alone or with the other required ones.
    LimitError
        When a required job was not placed in full and no proof was found either.
    SolverError
        When the solver fails.
    """
    started = perf_counter()
    _check(capacity, round_trip_ms, site_names, links, (migration_cost_h, gap_fraction, effort))
    require_consistent(jobs, site_names, float(capacity.edges_h[-1]))
    nodes = max(1, round(_NODES * effort))
    fit = fit_jobs(jobs, capacity, round_trip_ms=round_trip_ms, site_names=site_names, links=links)
    value = np.array([job.value_usd_h for job in jobs], dtype=np.float64)
    urgency = _urgency(jobs, value)
    relaxed, groups = _settle_groups(fit, value, urgency, start_loss_h(fit, migration_cost_h), seed, nodes)
    singles = place_singles(
        fit,
        Used.by(fit, groups),
        urgency,
        migration_cost_h=migration_cost_h,
        gap_fraction=gap_fraction / 2.0,
        seed=seed,
        nodes=nodes,
    )
    served = served_replicas(fit, groups, singles.replicas)
    require_served(fit, served, seed, nodes)
    totals = job_totals(fit, value, served, singles.replicas, migration_cost_h)
    by_slot = not fit.groups and np.array_equal(urgency, value)
    outcome = proof(
        fit,
        float(totals[2].sum()),
        min(relaxed.bound, singles.bound_usd) if by_slot else relaxed.bound,
        gap_fraction=gap_fraction,
        seed=seed,
        nodes=nodes,
        wall_s=perf_counter() - started,
    )
    return assemble(fit, groups, singles.replicas, served, totals, outcome, migration_cost_h=migration_cost_h)


def _check(
    capacity: SlotCapacity,
    round_trip_ms: FloatArray,
    site_names: Sequence[str],
    links: LinkTable,
    options: tuple[float, float, float],
) -> None:
    migration_cost_h, gap_fraction, effort = options
    require_shape("round_trip_ms", round_trip_ms, (capacity.slots, len(site_names), capacity.satellites))
    if links.satellites != capacity.satellites:
        raise ValueError(f"links: for {links.satellites} satellites, capacity for {capacity.satellites}")
    if not (np.isfinite(migration_cost_h) and migration_cost_h >= 0.0 and gap_fraction >= 0.0 and effort > 0.0):
        raise ValueError("migration_cost_h, gap_fraction: must be at least 0; effort: must be above 0")


def _urgency(jobs: Sequence[Job], value: FloatArray) -> FloatArray:
    """Return what the solver maximises: value, never nothing, and required work before all other."""
    dearest = float(value.max(initial=0.0))
    worth = np.maximum(value, _SMALLEST * dearest if dearest > 0.0 else 1.0)
    if any(job.required for job in jobs) and not all(job.required for job in jobs):
        # One accelerator of required work outweighs all that any accelerator could earn otherwise.
        size = np.array([job.accelerators for job in jobs], dtype=np.float64)
        top = 10.0 * float((worth / size).max())
        worth = np.where([job.required for job in jobs], worth + top * size, worth)
    return np.asarray(worth)


def _settle_groups(
    fit: Fit, value: FloatArray, urgency: FloatArray, loss_h: FloatArray, seed: int, nodes: int
) -> tuple[Relaxation, tuple[GroupRun, ...]]:
    """Return the relaxation whose bound holds, and groups that are worth it and can be built.

    Where fewer groups can be built than the relaxation wants, it is asked again with no more than what could.
    """
    most = most_groups(fit)
    relaxed = relax(fit, value, loss_h=loss_h, most_groups=most, seed=seed, nodes=nodes)
    if not fit.groups:
        return relaxed, ()
    jobs = np.array([group.job for group in fit.groups])
    worth = urgency[jobs] * fit.hours_h[jobs].sum(axis=1)
    guide = relaxed if np.array_equal(urgency, value) else None
    best: tuple[GroupRun, ...] = ()
    for _ in range(_ATTEMPTS):
        if guide is None:
            guide = relax(fit, urgency, loss_h=loss_h, most_groups=most, seed=seed, nodes=nodes)
        best = place_groups(fit, guide.groups, worth, guide.price, seed=seed, nodes=nodes)
        built = np.array([sum(run.job == job for run in best) for job in jobs])
        if np.array_equal(built, guide.groups):
            break
        most = np.where(built < guide.groups, built, most)
        guide = None
    return relaxed, best
