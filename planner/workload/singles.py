"""Answers which satellites run the replicas of single jobs, slot after slot.

With the groups settled, slots only touch through moves: a replica that starts on a satellite which did not run it in
the slot before loses `migration_cost_h` of its first slot there. Slots are solved in order, each an integer programme
that sees what the slot before left where: ``stay`` replicas earn the whole slot, ``start`` replicas what the move
leaves of it. In the first slot of its window a job starts free. So that a replica does not start where it soon has to
leave, the programme also charges every place one move spread over the slots for which the job still fits there; what
is reported does not.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.workload.bound import BOUND_SLACK
from planner.workload.fit import SLACK, Fit
from planner.workload.groups import Used
from planner.workload.solver import LinearModel, solve

_IDLE_MOVE_FRACTION: Final = 1e-4
"""Part of a slot that the solver charges a move at least, so that replicas do not wander where moves are free."""


@dataclass(frozen=True, eq=False)
class SingleRuns:
    """Replicas of single jobs.

    Attributes
    ----------
    replicas
        ``[job, slot, sat]``.
    bound_usd
        No choice of replicas earns more where there are no groups, in the unit of the values given.
    """

    replicas: IntArray
    bound_usd: float


def start_loss_h(fit: Fit, migration_cost_h: float) -> FloatArray:
    """Return ``[job, slot]``: service that a replica loses when it starts in a slot; a move loses at most the slot."""
    loss = np.minimum(migration_cost_h, fit.hours_h)
    for job in range(len(fit.jobs)):
        loss[job, fit.window(job).start] = 0.0
    return np.asarray(loss)


def place_singles(
    fit: Fit,
    used: Used,
    value_usd_h: FloatArray,
    *,
    migration_cost_h: float,
    gap_fraction: float,
    seed: int,
    nodes: int,
) -> SingleRuns:
    """Place single jobs beside what groups have `used`; see `planner.workload.placement.place`."""
    shape = (len(fit.jobs), fit.capacity.slots, fit.capacity.satellites)
    replicas = np.zeros(shape, dtype=np.int64)
    before = np.zeros((shape[0], shape[2]), dtype=np.int64)
    loss = start_loss_h(fit, migration_cost_h)
    coming = _coming_loss_h(fit, loss)
    bound = 0.0
    for slot in range(shape[1]):
        task = _Slot.of(fit, used, value_usd_h, before, loss, coming[:, slot], slot)
        replicas[:, slot], earned_at_most = _solve_slot(task, gap_fraction, seed, nodes)
        before = replicas[:, slot]
        bound += earned_at_most
    return SingleRuns(replicas, bound * (1.0 + BOUND_SLACK))


def _coming_loss_h(fit: Fit, loss: FloatArray) -> FloatArray:
    """Return ``[job, slot, sat]``: the move that ends a stay, over the slots it can last; 0 if to the end."""
    slots = fit.capacity.slots
    coming = np.zeros((len(fit.jobs), slots, fit.capacity.satellites))
    stays = np.full((len(fit.jobs), fit.capacity.satellites), np.inf)
    for slot in range(slots - 1, -1, -1):
        inside = (fit.hours_h[:, slot] > 0.0).reshape(-1, 1)
        fits = fit.replicas_at(slot, fit.capacity.installed[slot], fit.capacity.compute_w[slot]) > 0
        stays = np.where(inside, np.where(fits, stays + 1.0, 0.0), np.inf)
        coming[:, slot] = loss.max(axis=1, initial=0.0).reshape(-1, 1) / np.maximum(stays, 1.0)
    return coming


@dataclass(frozen=True, eq=False)
class _Slot:
    """One slot's problem; arrays ``[job]``, ``[sat]`` or ``[job, sat]``."""

    value: FloatArray
    hours: FloatArray
    loss: FloatArray
    coming: FloatArray
    size: IntArray
    watts: FloatArray
    wanted: IntArray
    counts: IntArray
    before: IntArray
    devices: IntArray
    power: FloatArray
    unit: FloatArray

    @classmethod
    def of(
        cls,
        fit: Fit,
        used: Used,
        value_usd_h: FloatArray,
        before: IntArray,
        loss: FloatArray,
        coming: FloatArray,
        slot: int,
    ) -> "_Slot":
        capacity = fit.capacity
        devices = capacity.installed[slot] - used.devices[slot]
        power = np.maximum(capacity.compute_w[slot] * (1.0 + SLACK) - used.watts[slot], 0.0)
        size = np.array([job.accelerators for job in fit.jobs], dtype=np.int64)
        return cls(
            value=value_usd_h,
            hours=fit.hours_h[:, slot],
            loss=loss[:, slot],
            coming=coming,
            size=size,
            watts=size.reshape(-1, 1) * fit.watts_w,
            wanted=np.array([job.replicas for job in fit.jobs], dtype=np.int64),
            counts=fit.replicas_at(slot, devices, power),
            before=before,
            devices=devices,
            power=power,
            unit=capacity.accelerator_power_w,
        )

    def earns(self, runs: IntArray) -> float:
        """Return what replicas ``[job, sat]`` earn, moves paid."""
        starts = np.maximum(runs - self.before, 0).sum(axis=1)
        return float(self.value @ (self.hours * runs.sum(axis=1) - self.loss * starts))

    def at_most(self) -> float:
        """Return what the slot would earn with every replica that fits somewhere."""
        return float(self.value @ (self.hours * np.minimum(self.wanted, self.counts.sum(axis=1))))


def _solve_slot(task: _Slot, gap_fraction: float, seed: int, nodes: int) -> tuple[IntArray, float]:
    """Return replicas ``[job, sat]`` and a bound on what any replicas earn."""
    runs = _carry_on(task)
    if task.earns(runs) >= task.at_most() * (1.0 - SLACK):
        return runs, task.at_most()
    job, satellite = np.nonzero(task.counts)
    idle = _IDLE_MOVE_FRACTION * task.hours
    later = np.minimum(task.coming, task.hours.reshape(-1, 1) / 2.0)
    charge = np.minimum(np.maximum(task.loss, idle).reshape(-1, 1) + later, task.hours.reshape(-1, 1) * 0.999)
    model = LinearModel()
    wanted = model.add_rows(task.wanted.astype(np.float64))
    devices = model.add_rows(task.devices.astype(np.float64))
    power = model.add_rows(task.power / task.unit)

    def add(pick: IntArray, charged: FloatArray, upper: IntArray) -> IntArray:
        k, i = job[pick], satellite[pick]
        gain = task.value[k] * (task.hours[k] - charged[k, i])
        variables = model.add_variables(gain, upper[k, i].astype(np.float64), whole=True)
        model.add_terms(wanted[k], variables, 1.0)
        model.add_terms(devices[i], variables, task.size[k].astype(np.float64))
        model.add_terms(power[i], variables, task.watts[k, i] / task.unit[i])
        return variables

    every = np.arange(len(job))
    start = add(every, charge, np.minimum(task.counts, task.wanted.reshape(-1, 1)))
    ran = every[task.before[job, satellite] > 0]
    stay = add(ran, later, np.minimum(task.counts, task.before))
    solved = solve(model, gap_fraction=gap_fraction, nodes=nodes, seed=seed)
    hours = np.maximum(task.hours, SLACK).reshape(-1, 1)
    part = np.where(task.counts > 0, charge / hours, 0.0)
    bound = min(task.at_most(), solved.bound / max(1.0 - float(part.max(initial=0.0)), SLACK))
    if solved.values is not None:
        best = np.zeros_like(runs)
        best[job, satellite] = np.rint(solved.values[start]).astype(np.int64)
        best[job[ran], satellite[ran]] += np.rint(solved.values[stay]).astype(np.int64)
        if task.earns(best) >= task.earns(runs):
            return best, bound
    return runs, bound


def _carry_on(task: _Slot) -> IntArray:
    """Return the replicas that can stay where they are, and what still fits beside them.

    The dearest per accelerator come first, each where it can stay longest.
    """
    runs = np.zeros_like(task.counts)
    devices, power = task.devices.copy(), task.power.copy()
    order = np.argsort(-task.value * task.hours / task.size, kind="stable")
    for staying in (True, False):
        for k in order.tolist():
            room = np.minimum(devices // task.size[k], np.floor(power / task.watts[k] * (1.0 + SLACK)))
            room = np.where(task.counts[k] > 0, np.maximum(room, 0), 0).astype(np.int64)
            limit = np.minimum(room, task.before[k]) if staying else room
            longest = np.argsort(task.coming[k], kind="stable")
            earlier = np.zeros_like(limit)
            earlier[longest] = np.cumsum(limit[longest]) - limit[longest]
            taken = np.clip(task.wanted[k] - runs[k].sum() - earlier, 0, limit)
            runs[k] += taken
            devices -= taken * task.size[k]
            power -= taken * task.watts[k]
    return runs
