"""Answers whether every required job runs in full, and if not, what is proved about it.

A job alone is judged exactly by counting. Required jobs together are judged by the relaxation: if even that cannot
serve them all, no placement can, and dropping one job at a time leaves a set of which each member is needed for the
conflict. What is neither placed nor disproved is a limit, not an answer.
"""

from collections.abc import Sequence

import numpy as np

from planner.arrays import IntArray, floats
from planner.errors import InfeasibleError, LimitError
from planner.workload.bound import relax
from planner.workload.fit import Fit
from planner.workload.groups import most_groups
from planner.workload.reasons import alone, explain, groups_alone, reachable_budget_ms


def require_served(fit: Fit, served: IntArray, seed: int, nodes: int) -> None:
    """Raise unless every required job runs in full; prove it where that can be done."""
    wanted = np.array([job.replicas for job in fit.jobs]).reshape(-1, 1) * (fit.hours_h > 0.0)
    needed = [k for k, job in enumerate(fit.jobs) if job.required]
    failed = [k for k in needed if np.any(served[k] < wanted[k])]
    if not failed:
        return
    for k in failed:
        _require_alone(fit, k)
    if _provably_too_much(fit, needed, seed, nodes):
        core = list(needed)
        for k in needed:
            rest = [other for other in core if other != k]
            if rest and _provably_too_much(fit, rest, seed, nodes):
                core = rest
        names = ", ".join(fit.jobs[k].name for k in core)
        raise InfeasibleError(
            f"required jobs {names} do not fit together in any slot-by-slot sharing of the fleet; no fewer of them "
            "are shown to conflict",
            f"make {fit.jobs[core[-1]].name} optional (the others of these are not shown to conflict), "
            "or add satellites",
        )
    names = ", ".join(fit.jobs[k].name for k in failed)
    raise LimitError(
        f"required jobs {names} were not placed in full within {nodes} nodes per integer programme, "
        "nor shown to be impossible; raise effort or make one optional"
    )


def _require_alone(fit: Fit, job: int) -> None:
    """Raise `InfeasibleError` when a job does not even fit alone, with the smallest change that would let it."""
    spec = fit.jobs[job]
    group = next((group for group in fit.groups if group.job == job), None)
    slots = range(fit.window(job).start, fit.window(job).stop)
    possible = groups_alone(fit, group) if group else min((alone(fit, job, slot) for slot in slots), default=0)
    if possible >= spec.replicas:
        return
    rows = explain(Fit((spec,), fit.capacity, fit.links, fit.round_trip_ms[[job]], fit.hours_h[[job]]), _none(fit))
    worst = min(rows, key=lambda row: row.first_slot)
    if group is None:
        slot = min(slots, key=lambda slot: alone(fit, job, slot))
        worst = next(row for row in rows if row.first_slot <= slot <= row.last_slot)
    budget = reachable_budget_ms(fit, job)
    if worst.reason == "latency" and np.isfinite(budget):
        relaxation = f"latency budget {spec.latency_budget_ms:g} ms: best reachable {budget:.1f} ms"
    else:
        relaxation = f"{spec.replicas} replicas: at most {possible} fit" if possible else "make the job optional"
    raise InfeasibleError(
        f"required job {spec.name} cannot run {spec.replicas} replicas in slot {worst.first_slot}: {worst.detail}",
        relaxation,
    )


def _none(fit: Fit) -> IntArray:
    return np.zeros((1, fit.capacity.slots), dtype=np.int64)


def _provably_too_much(fit: Fit, jobs: Sequence[int], seed: int, nodes: int) -> bool:
    """Tell whether even the relaxation cannot serve these jobs in full."""
    part = Fit(
        tuple(fit.jobs[k] for k in jobs),
        fit.capacity,
        fit.links,
        floats(fit.round_trip_ms[jobs]),
        floats(fit.hours_h[jobs]),
    )
    wanted = np.array([job.replicas for job in part.jobs]) * part.hours_h.sum(axis=1)
    bound = relax(
        part, 1.0 / wanted, loss_h=np.zeros_like(part.hours_h), most_groups=most_groups(part), seed=seed, nodes=nodes
    ).bound
    return bound < len(jobs) * (1.0 - 1e-5)
