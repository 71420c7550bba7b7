"""Answers which satellites each group runs on.

Candidate groups are grown from every satellite over the links that last for the job's whole window, nearest first and
cheapest first (by the relaxation's price of an accelerator), until their shares add up to the job's accelerators. A
small integer programme chooses among them; what it leaves over is grown from again.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.workload.fit import SLACK, Fit, GroupFit
from planner.workload.solver import LinearModel, solve

_ROUNDS: Final = 4
_TIE: Final = 0.01
"""Part of its price by which a dear group loses against a cheap one: it orders groups, it never forbids one."""


@dataclass(frozen=True)
class GroupRun:
    """One group.

    Attributes
    ----------
    job
        Index of the job.
    members, shares
        Satellites, ascending, and the accelerators that each gives throughout the window.
    """

    job: int
    members: tuple[int, ...]
    shares: tuple[int, ...]


class Used:
    """Accelerators and watts already given away, ``[slot, sat]``."""

    def __init__(self, fit: Fit) -> None:
        self.fit = fit
        self.devices: IntArray = np.zeros(fit.capacity.installed.shape, dtype=np.int64)
        self.watts: FloatArray = np.zeros(fit.capacity.compute_w.shape)

    @classmethod
    def by(cls, fit: Fit, runs: Sequence[GroupRun]) -> "Used":
        """Return what `runs` take together."""
        used = cls(fit)
        for run in runs:
            used.take(run)
        return used

    def take(self, run: GroupRun) -> None:
        """Give a group what it needs for its window."""
        window, members, shares = self.fit.window(run.job), list(run.members), np.array(run.shares)
        self.devices[window, members] += shares
        self.watts[window, members] += shares * self.fit.watts_w[run.job, members]

    def share_left(self, group: GroupFit) -> IntArray:
        """Return ``[sat]``: accelerators that each satellite still has for `group` throughout its window."""
        capacity, window = self.fit.capacity, group.window
        if window.start == window.stop:
            return np.zeros_like(group.near)
        left_w = capacity.compute_w[window] * (1.0 + SLACK) - self.watts[window]
        powered = np.floor(left_w / self.fit.watts_w[group.job] * (1.0 + SLACK)).min(axis=0)
        devices = (capacity.installed[window] - self.devices[window]).min(axis=0)
        return np.asarray(group.near * np.maximum(np.minimum(devices, powered), 0), dtype=np.int64)


def most_groups(fit: Fit) -> IntArray:
    """Return ``[group job]``: how many groups could exist if the job were alone, at most.

    A group lies in one connected part, so each part holds at most its accelerators over the job's, rounded down.
    """
    most = []
    for group in fit.groups:
        job = fit.jobs[group.job]
        most.append(min(job.replicas, int((group.rooms(group.share) // job.accelerators).sum())))
    return np.array(most, dtype=np.int64)


def place_groups(
    fit: Fit, wanted: IntArray, worth_usd: FloatArray, price: FloatArray, *, seed: int, nodes: int
) -> tuple[GroupRun, ...]:
    """Return the groups that run.

    Parameters
    ----------
    fit
        Jobs against capacity.
    wanted
        ``[group job]``, how many groups of each to build at most.
    worth_usd
        ``[group job]``, worth of one group over its window.
    price
        ``[slot, sat]``, worth of an accelerator to everything else.
    seed, nodes
        For the solver.
    """
    used = Used(fit)
    left = wanted.copy()
    runs: list[GroupRun] = []
    for _ in range(_ROUNDS):
        columns = [
            column
            for index, group in enumerate(fit.groups)
            if left[index] > 0
            for column in _grow(fit, group, used.share_left(group), price)
        ]
        chosen = _choose(fit, used, columns, left, worth_usd, price, seed=seed, nodes=nodes)
        if not chosen:
            break
        for run in chosen:
            used.take(run)
            runs.append(run)
            left[_index(fit, run.job)] -= 1
    return tuple(sorted(runs, key=lambda run: (run.job, run.members, run.shares)))


def _index(fit: Fit, job: int) -> int:
    return next(index for index, group in enumerate(fit.groups) if group.job == job)


def _grow(fit: Fit, group: GroupFit, share: IntArray, price: FloatArray) -> list[GroupRun]:
    """Return the candidate groups: one from each satellite by number of hops, one by price."""
    need = fit.jobs[group.job].accelerators
    cost = price[group.window].sum(axis=0)
    found: dict[GroupRun, None] = {}
    for start in np.flatnonzero(share > 0).tolist():
        for by_hops in (True, False):
            run = grow(start, group, share, cost, need, by_hops=by_hops)
            if run is not None:
                found[run] = None
    return list(found)


def grow(
    start: int, group: GroupFit, share: IntArray, cost: FloatArray, need: int, *, by_hops: bool
) -> GroupRun | None:
    """Grow one connected set of satellites from `start` until its shares reach `need`; None where they cannot."""
    queue: list[tuple[int, float, int]] = [(0, float(cost[start]), start)]
    seen = {start}
    taken: dict[int, int] = {}
    while queue and need > 0:
        hops, _, satellite = heapq.heappop(queue)
        taken[satellite] = min(int(share[satellite]), need)
        need -= taken[satellite]
        for other in group.neighbours[satellite]:
            if other not in seen and share[other] > 0:
                seen.add(other)
                heapq.heappush(queue, (hops + 1 if by_hops else 0, float(cost[other]), other))
    if need > 0:
        return None
    members = tuple(sorted(taken))
    return GroupRun(group.job, members, tuple(taken[member] for member in members))


def _choose(
    fit: Fit,
    used: Used,
    columns: Sequence[GroupRun],
    left: IntArray,
    worth_usd: FloatArray,
    price: FloatArray,
    *,
    seed: int,
    nodes: int,
) -> list[GroupRun]:
    """Return the candidates, some more than once, that earn most within capacity."""
    if not columns:
        return []
    index = np.array([_index(fit, run.job) for run in columns])
    cost = np.array([price[fit.window(run.job)][:, list(run.members)].sum(axis=0) @ run.shares for run in columns])
    gain = np.maximum(worth_usd[index] - _TIE * cost, 0.5 * worth_usd[index])
    model = LinearModel()
    variables = model.add_variables(gain, left[index].astype(np.float64), whole=True)
    model.add_terms(model.add_rows(left.astype(np.float64))[index], variables, 1.0)
    column = np.concatenate([np.full(len(run.members), number) for number, run in enumerate(columns)])
    member = np.concatenate([run.members for run in columns])
    share = np.concatenate([run.shares for run in columns]).astype(np.float64)
    watts = fit.watts_w[np.array([run.job for run in columns])[column], member]
    edges = sorted({edge for group in fit.groups for edge in (group.window.start, group.window.stop)})
    for first, stop in pairwise(edges):
        running = [fit.window(run.job).start <= first < fit.window(run.job).stop for run in columns]
        use = np.array(running)[column]
        span = slice(first, stop)
        devices = (fit.capacity.installed[span] - used.devices[span]).min(axis=0).astype(np.float64)
        power = np.maximum(fit.capacity.compute_w[span] * (1.0 + SLACK) - used.watts[span], 0.0).min(axis=0)
        unit = fit.capacity.accelerator_power_w
        model.add_terms(model.add_rows(devices)[member[use]], variables[column[use]], share[use])
        model.add_terms(
            model.add_rows(power / unit)[member[use]], variables[column[use]], (share * watts / unit[member])[use]
        )
    solved = solve(model, gap_fraction=1e-4, nodes=nodes, seed=seed)
    if solved.values is None:
        return []
    times = np.rint(solved.values[variables]).astype(np.int64)
    return [run for number, run in enumerate(columns) for _ in range(int(times[number]))]
