"""Answers what no placement can beat, how many groups are worth having, and what an accelerator is worth where.

One linear programme over all slots together. Satellites that look alike in a slot (same accelerators, same power, same
jobs within reach) are merged into a *kind*: by symmetry this loses nothing. Single jobs are relaxed to fractions of
replicas, never above what fits whole on a satellite. Groups may spread over anything that could serve them throughout
their window, connected or not, and differently in each slot; where the programme wants a fraction of a group and is
not too large, it is solved again with whole numbers of them. A move is charged only where none can be avoided: on a
satellite that the job did not fit in the slot before. What any placement earns is therefore at most the bound.

Holding each group's shares still on single satellites as well narrows the gap (4.5 → 2.5 % on 240 satellites with 7
groups, 3.5 → 2.8 % with 14), but kinds no longer merge: 1.5 → 19 s and 10 → 141 s, for answers that earn 0.2 % more.

Whole replicas leave gaps that fractions do not see (three of 40 accelerators on two satellites of 72). Rows from dual
feasible functions see most of them: with x the part of a satellite that a replica takes and d a small whole number,
u(x) = x where (d+1)x is whole, else ⌊(d+1)x⌋/d, no set of replicas that fits one satellite has Σ u(x) > 1
(Fekete & Schepers, Math. Programming 91:11–31, 2001, doi:10.1007/s101070100243, theorem 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints
from planner.workload.fit import SLACK, Fit
from planner.workload.solver import LinearModel, solve

_DIVISORS: Final = (1, 2, 3)
BOUND_SLACK: Final = 1e-6
"""Every bound is widened by this part of itself: the solvers meet their own tolerances to 1e-7."""
_MOST_VARIABLES: Final = 400_000
"""Beyond it power is rounded *up* to steps before satellites are merged: still a bound, a little wider."""
_STEPS: Final = (None, 64, 16, 4)
_MOST_INTEGER: Final = 60_000
"""Beyond it the linear answer is taken even where it counts a fraction of a group: a bound too, a little wider."""
_GAP: Final = 1e-6
_WHOLE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The relaxed answer.

    Attributes
    ----------
    bound
        No placement is worth more, in the unit of the values given.
    groups
        ``[group job]``, how many groups of each the relaxation takes.
    price
        ``[slot, sat]``, worth of one more full-power accelerator.
    """

    bound: float
    groups: IntArray
    price: FloatArray


@dataclass
class _Slots:
    """Where the rows of capacity ended up, so that their prices can be read back."""

    kind_of: list[IntArray]
    device_rows: list[IntArray]
    power_rows: list[IntArray]


def relax(
    fit: Fit, value_usd_h: FloatArray, *, loss_h: FloatArray, most_groups: IntArray, seed: int, nodes: int
) -> Relaxation:
    """Solve the relaxation.

    Parameters
    ----------
    fit
        Jobs against capacity.
    value_usd_h
        ``[job]``, worth of a replica-hour.
    most_groups
        ``[group job]``, how many groups of each can exist at all.
    seed, nodes
        For the solver.
    """
    if not fit.jobs or fit.capacity.satellites == 0:
        return Relaxation(0.0, ints(np.zeros(len(fit.groups))), floats(np.zeros(fit.capacity.compute_w.shape)))
    model, count, slots = _model(fit, value_usd_h, most_groups, loss_h)
    linear = solve(model, gap_fraction=_GAP, nodes=nodes, seed=seed)
    taken = most_groups if linear.values is None else linear.values[count]
    bound = linear.bound
    if np.any(np.abs(taken - np.rint(taken)) > _WHOLE) and model.variables <= _MOST_INTEGER:
        for variable in count.tolist():
            model.whole[variable] = True
        whole = solve(model, gap_fraction=_GAP, nodes=nodes, seed=seed)
        taken = taken if whole.values is None else whole.values[count]
        bound = min(bound, whole.bound)
    price = _prices(fit, slots, linear.prices)
    return Relaxation(bound + BOUND_SLACK * abs(bound), ints(np.rint(taken)), price)


def _model(
    fit: Fit, value_usd_h: FloatArray, most_groups: IntArray, loss_h: FloatArray
) -> tuple[LinearModel, IntArray, _Slots]:
    """Return the linear programme, the variables that count groups, and where its capacity rows are."""
    model = LinearModel()
    worth = np.array([value_usd_h[g.job] * fit.hours_h[g.job].sum() for g in fit.groups])
    count = model.add_variables(worth, most_groups.astype(np.float64), whole=False)
    slots = _Slots([], [], [])
    steps = _coarseness(fit)
    for slot in range(fit.capacity.slots):
        _add_slot(model, slots, fit, value_usd_h, count, slot, steps, loss_h)
    return model, count, slots


def _coarseness(fit: Fit) -> int | None:
    """Return the coarsest rounding of power that is not needed to keep the model small."""
    capacity = fit.capacity
    for steps in _STEPS:
        kinds = sum(len(np.unique(_power(fit, slot, steps))) for slot in range(capacity.slots))
        if kinds * len(fit.jobs) <= _MOST_VARIABLES:
            break
    return steps


def _power(fit: Fit, slot: int, steps: int | None) -> FloatArray:
    """Return ``[sat]``: power in accelerators at full power, never more than are installed, perhaps rounded up."""
    capacity = fit.capacity
    power: FloatArray = np.minimum(capacity.compute_w[slot] / capacity.accelerator_power_w, capacity.installed[slot])
    if steps is None:
        return power
    unit = np.maximum(capacity.installed[slot], 1) / steps
    return np.asarray(np.minimum(np.ceil(power / unit) * unit, capacity.installed[slot]), dtype=np.float64)


class _Kinds(NamedTuple):
    """The kinds of satellites in one slot: ``[kind]``, ``[job, kind]``, ``[active group job, kind]``.

    `of` is ``[sat]``, `members` how many satellites a kind has, `power` what it has in accelerators at full power,
    `counts` the replicas that fit one of them alone, `fresh` 1 where the job did not fit there in the slot before.
    """

    of: IntArray
    members: IntArray
    size: FloatArray
    power: FloatArray
    counts: FloatArray
    fresh: FloatArray
    shares: FloatArray


def _kinds(fit: Fit, slot: int, active: Sequence[int], steps: int | None) -> _Kinds:
    installed = fit.capacity.installed[slot]
    power = _power(fit, slot, steps)
    counts = fit.replicas_at(slot, installed, power * fit.capacity.accelerator_power_w)
    shares = np.array([fit.groups[i].share for i in active]).reshape(len(active), len(installed))
    look = np.vstack([installed, power, counts, _fresh(fit, slot, counts), shares]).T
    kinds, of, members = np.unique(look, axis=0, return_inverse=True, return_counts=True)
    jobs = len(fit.jobs)
    parts = np.split(kinds.T, [1, 2, 2 + jobs, 2 + 2 * jobs])
    return _Kinds(ints(of.reshape(-1)), ints(members), parts[0][0], parts[1][0], *parts[2:])


def _add_slot(
    model: LinearModel,
    slots: _Slots,
    fit: Fit,
    value_usd_h: FloatArray,
    group_count: IntArray,
    slot: int,
    steps: int | None,
    loss_h: FloatArray,
) -> None:
    """Add one slot: capacity of each kind of satellite, single jobs and group shares."""
    active = [i for i, g in enumerate(fit.groups) if g.window.start <= slot < g.window.stop]
    kinds = _kinds(fit, slot, active, steps)
    devices = model.add_rows(kinds.size * kinds.members)
    power = model.add_rows(kinds.power * kinds.members)
    slots.kind_of.append(kinds.of)
    slots.device_rows.append(devices)
    slots.power_rows.append(power)
    _add_singles(model, fit, kinds, value_usd_h * fit.hours_h[:, slot], value_usd_h * loss_h[:, slot], devices, power)

    jobs = np.array([fit.groups[i].job for i in active], dtype=np.int64)
    fraction = np.array([fit.jobs[job].power_fraction for job in jobs])
    needs = model.add_rows(np.zeros(len(active)))
    model.add_terms(needs, group_count[active], np.array([float(fit.jobs[job].accelerators) for job in jobs]))
    which, kind = np.nonzero(kinds.shares)
    shared = model.add_variables(np.zeros(len(which)), kinds.shares[which, kind] * kinds.members[kind], whole=False)
    model.add_terms(needs[which], shared, -1.0)
    model.add_terms(devices[kind], shared, 1.0)
    model.add_terms(power[kind], shared, fraction[which])


def _add_singles(
    model: LinearModel,
    fit: Fit,
    kinds: _Kinds,
    worth: FloatArray,
    start_cost: FloatArray,
    devices: IntArray,
    power: IntArray,
) -> None:
    """Add the replicas of single jobs on each kind; where a job did not fit before, they all have to start."""
    replicas = np.array([job.replicas for job in fit.jobs], dtype=np.float64)
    length = np.array([job.accelerators for job in fit.jobs], dtype=np.float64)
    draw = length * np.array([job.power_fraction for job in fit.jobs])
    wanted = model.add_rows(replicas)
    job, kind = np.nonzero(kinds.counts)
    most = np.minimum(kinds.counts[job, kind] * kinds.members[kind], replicas[job])
    served = model.add_variables(worth[job] - start_cost[job] * kinds.fresh[job, kind], most, whole=False)
    model.add_terms(wanted[job], served, 1.0)
    model.add_terms(devices[kind], served, length[job])
    model.add_terms(power[kind], served, draw[job])
    for size, take in ((kinds.size, length), (kinds.power, draw)):
        _add_packing_rows(model, size, kinds.members, take, job, kind, served)


def _fresh(fit: Fit, slot: int, counts: IntArray) -> BoolArray:
    """Return ``[job, sat]``: whether a job fits now where it did not fit in the slot before, so that it must start."""
    if slot == 0:
        return np.zeros(counts.shape, dtype=bool)
    capacity = fit.capacity
    before = fit.replicas_at(slot - 1, capacity.installed[slot - 1], capacity.compute_w[slot - 1])
    return np.asarray((counts > 0) & (before == 0))


def _add_packing_rows(
    model: LinearModel,
    size: FloatArray,
    members: IntArray,
    take: FloatArray,
    who: IntArray,
    kind: IntArray,
    served: IntArray,
) -> None:
    """Add Σ u(x) ≤ number of satellites for each kind where it says more than Σ x does.

    A group's share is a heap of single accelerators; u of something that small is 0, which the rows leave out.
    """
    part = take[who] / np.maximum(size[kind], SLACK)
    for divisor in _DIVISORS:
        times = part * (divisor + 1)
        exact = np.abs(times - np.rint(times)) <= SLACK * np.maximum(times, 1.0)
        weight = np.where(exact, part, np.floor(times) / divisor)
        tight = np.unique(kind[weight > part + SLACK])
        rows = np.full(len(members), -1)
        rows[tight] = model.add_rows(members[tight].astype(np.float64))
        use = rows[kind] >= 0
        model.add_terms(rows[kind[use]], served[use], weight[use])


def _prices(fit: Fit, slots: _Slots, prices: FloatArray | None) -> FloatArray:
    if prices is None:
        return floats(np.zeros(fit.capacity.compute_w.shape))
    rows = zip(slots.kind_of, slots.device_rows, slots.power_rows, strict=True)
    return floats(np.stack([(prices[device] + prices[power])[kind] for kind, device, power in rows]))
