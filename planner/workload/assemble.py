"""Answers what the choices made amount to: rows, totals, reasons and the proof that travels with them."""

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.outcome import Outcome, Status
from planner.workload.fit import Fit
from planner.workload.groups import GroupRun
from planner.workload.reasons import explain
from planner.workload.result import Placement
from planner.workload.singles import start_loss_h


def served_replicas(fit: Fit, groups: Sequence[GroupRun], singles: IntArray) -> IntArray:
    """Return ``[job, slot]``, replicas that run, given the groups and single replicas ``[job, slot, sat]``."""
    served = singles.sum(axis=2)
    for run in groups:
        served[run.job, fit.window(run.job)] += 1
    return np.asarray(served)


def proof(
    fit: Fit, objective_usd: float, bound_usd: float, *, gap_fraction: float, seed: int, nodes: int, wall_s: float
) -> Outcome:
    """Return the outcome; "optimal" only where objective and bound are within `gap_fraction`."""
    nothing = not fit.jobs or fit.capacity.satellites == 0
    scale = max(abs(objective_usd), abs(bound_usd))
    closed = abs(bound_usd - objective_usd) <= gap_fraction * scale
    status: Status = "empty" if nothing else "optimal" if closed else "feasible"
    return Outcome(
        status=status,
        sense="maximise",
        objective=objective_usd,
        bound=bound_usd,
        unit="USD",
        solver="none" if nothing else f"HiGHS and SCIP in OR-Tools {version('ortools')}",
        seed=seed,
        workers=1,
        limit=f"{nodes} nodes per integer programme",
        wall_s=wall_s,
    )


def job_totals(
    fit: Fit, value_usd_h: FloatArray, served: IntArray, singles: IntArray, migration_cost_h: float
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return ``[job]`` replica-hours run, moves, and worth less what moves lose."""
    before = np.concatenate([np.zeros_like(singles[:, :1]), singles[:, :-1]], axis=1)
    starts = np.maximum(singles - before, 0).sum(axis=2)
    for job in range(len(fit.jobs)):
        starts[job, fit.window(job).start] = 0
    served_h = (served * fit.hours_h).sum(axis=1)
    lost_h = (starts * start_loss_h(fit, migration_cost_h)).sum(axis=1)
    return np.asarray(served_h), np.asarray(starts.sum(axis=1)), np.asarray(value_usd_h * (served_h - lost_h))


def assemble(
    fit: Fit,
    groups: Sequence[GroupRun],
    singles: IntArray,
    served: IntArray,
    totals: tuple[FloatArray, IntArray, FloatArray],
    outcome: Outcome,
    *,
    migration_cost_h: float,
) -> Placement:
    """Return the answer as rows."""
    served_h, moves, value_usd = totals
    wanted = np.array([job.replicas for job in fit.jobs], dtype=np.float64)
    rows = _rows(fit, groups, singles)
    return Placement(
        jobs=tuple(job.name for job in fit.jobs),
        slot_s=fit.capacity.slot_s,
        slots=fit.capacity.slots,
        migration_cost_h=migration_cost_h,
        job=ints(rows[:, 2]),
        group=ints(rows[:, 3]),
        slot=ints(rows[:, 0]),
        satellite=ints(rows[:, 1]),
        replicas=ints(rows[:, 4]),
        accelerators=ints(rows[:, 5]),
        power_w=floats(rows[:, 5] * fit.watts_w[rows[:, 2], rows[:, 1]]),
        wanted_h=floats(wanted * fit.hours_h.sum(axis=1)),
        served_h=floats(served_h),
        moves=ints(moves),
        value_usd=floats(value_usd),
        unserved=explain(fit, served),
        outcome=outcome,
    )


def _rows(fit: Fit, groups: Sequence[GroupRun], singles: IntArray) -> IntArray:
    """Return ``[row, (slot, satellite, job, group, replicas, accelerators)]``, sorted."""
    job, slot, satellite = np.nonzero(singles)
    count = singles[job, slot, satellite]
    size = np.array([spec.accelerators for spec in fit.jobs], dtype=np.int64)
    parts = [np.stack([slot, satellite, job, np.full(len(job), -1), count, count * size[job]], axis=1)]
    number: dict[int, int] = {}
    for run in groups:
        group = number.get(run.job, 0)
        number[run.job] = group + 1
        window = fit.window(run.job)
        slots = np.repeat(np.arange(window.start, window.stop), len(run.members))
        members = np.tile(run.members, window.stop - window.start)
        first = (members == run.members[0]).astype(np.int64)
        shares = np.tile(run.shares, window.stop - window.start)
        same = np.ones_like(slots)
        parts.append(np.stack([slots, members, same * run.job, same * group, first, shares], axis=1))
    rows = np.concatenate(parts).astype(np.int64)
    return np.asarray(rows[np.lexsort((rows[:, 3], rows[:, 2], rows[:, 1], rows[:, 0]))])
