"""Answers why a job, or part of it, does not run, and what is proved when a required one cannot.

A shortage is judged on the job alone: if all its replicas would fit with nothing else running, other work took the
room. If not, the reason is the limit that would let them fit if only that limit were lifted; where more than one would
do, power is named before latency and latency before accelerators, because satellites that are near but dark are short
of power. Where no single limit would do, it is the first that bites in the order latency, accelerators, power.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.workload.fit import SLACK, Fit, GroupFit
from planner.workload.groups import grow
from planner.workload.result import Reason, Unserved

_ORDER: tuple[Reason, ...] = ("power", "latency", "accelerators")
_CHAIN: tuple[Reason, ...] = ("latency", "accelerators", "power")


def explain(fit: Fit, served: IntArray) -> tuple[Unserved, ...]:
    """Return why replicas are missing, given ``[job, slot]`` replicas that run."""
    groups = {group.job: group for group in fit.groups}
    rows: list[Unserved] = []
    for k, job in enumerate(fit.jobs):
        missing = np.where(fit.hours_h[k] > 0.0, job.replicas - served[k], 0)
        if k in groups:
            rows.extend(_group_rows(fit, groups[k], missing))
        else:
            rows.extend(_single_rows(fit, k, missing))
    return tuple(rows)


def _single_rows(fit: Fit, job: int, missing: IntArray) -> Iterator[Unserved]:
    slots = [int(slot) for slot in np.flatnonzero(missing > 0)]
    found = {slot: single_reason(fit, job, slot) for slot in slots}

    def key(item: tuple[int, int]) -> tuple[int, int, Reason]:
        """Consecutive slots share slot − rank; equal shortages for equal reasons join into one row."""
        rank, slot = item
        return slot - rank, int(missing[slot]), found[slot]

    for (_, replicas, reason), run in groupby(enumerate(slots), key):
        span = [slot for _, slot in run]
        detail = _single_detail(fit, job, span[0], reason)
        yield Unserved(fit.jobs[job].name, span[0], span[-1], replicas, reason, detail)


def alone(fit: Fit, job: int, slot: int, *, lifted: Sequence[Reason] = ()) -> int:
    """Return how many replicas of a single job fit in `slot` with nothing else running and some limits lifted."""
    each = fit.jobs[job].accelerators
    capacity = fit.capacity
    count = np.full(capacity.satellites, np.inf)
    if "accelerators" not in lifted:
        count = np.minimum(count, capacity.installed[slot] // each)
    if "power" not in lifted:
        count = np.minimum(count, np.floor(capacity.compute_w[slot] / (each * fit.watts_w[job]) * (1.0 + SLACK)))
    if "latency" not in lifted:
        count = np.where(fit.near[job, slot], count, 0.0)
    return int(min(count.sum(), fit.jobs[job].replicas))


def single_reason(fit: Fit, job: int, slot: int) -> Reason:
    """Return why not all replicas of a single job run in `slot`; see the module."""
    need = fit.jobs[job].replicas
    if alone(fit, job, slot) >= need:
        return "contention"
    for reason in _ORDER:
        if alone(fit, job, slot, lifted=[reason]) >= need:
            return reason
    chain = _chain(fit, job)
    for number, reason in enumerate(chain):
        if alone(fit, job, slot, lifted=chain[number + 1 :]) < need:
            return reason
    return "power"


def _chain(fit: Fit, job: int) -> tuple[Reason, ...]:
    """Return the limits in the order in which they bite; a job without a latency budget has no limit of latency."""
    return _CHAIN if fit.jobs[job].latency_budget_ms is not None else _CHAIN[1:]


def _single_detail(fit: Fit, job: int, slot: int, reason: Reason) -> str:
    spec = fit.jobs[job]
    fits = alone(fit, job, slot)
    if reason == "latency":
        return _latency_detail(fit, job, slice(slot, slot + 1))
    if reason == "power":
        powered = alone(fit, job, slot, lifted=["power"])
        return f"power is there for {fits} of {spec.replicas} replicas; with enough power {powered} would fit"
    if reason == "accelerators":
        largest = int(fit.capacity.installed[slot].max(initial=0))
        return (
            f"room for {fits} of {spec.replicas} replicas of {spec.accelerators}; the largest satellite has {largest}"
        )
    return f"alone, {fits} of {spec.replicas} replicas would fit"


def _latency_detail(fit: Fit, job: int, slots: slice) -> str:
    spec = fit.jobs[job]
    worst = fit.round_trip_ms[job, slots].max(axis=0)
    near = int(np.count_nonzero(fit.near[job, slots].all(axis=0)))
    nearest = float(worst.min(initial=np.inf))
    reach = f"the nearest takes {nearest:.1f} ms" if np.isfinite(nearest) else "none can be reached"
    return f"{near} of {len(worst)} satellites within {spec.latency_budget_ms:g} ms of {spec.site}; {reach}"


def groups_alone(fit: Fit, group: GroupFit, *, lifted: Sequence[Reason] = ()) -> int:
    """Return how many groups could exist, at most, with nothing else running and some limits lifted."""
    need = fit.jobs[group.job].accelerators
    many = np.int64(need) * fit.jobs[group.job].replicas
    share = np.full(len(group.near), many)
    if "accelerators" not in lifted:
        share = np.minimum(share, group.installed)
    if "power" not in lifted:
        share = np.minimum(share, group.powered)
    if "latency" not in lifted:
        share = share * group.near
    rooms = np.array([share.sum()]) if "links" in lifted else group.rooms(share)
    return int(min((rooms // need).sum(), fit.jobs[group.job].replicas))


def groups_built(fit: Fit, group: GroupFit, share: IntArray) -> int:
    """Return how many groups of a job can be built one after another from `share`: so many exist for certain."""
    spec = fit.jobs[group.job]
    left = share.copy()
    built = 0
    # Few neighbours first: what they have is the hardest to use later. Where no group grows now, none ever will.
    for start in sorted(range(len(left)), key=lambda sat: (len(group.neighbours[sat]), sat)):
        while built < spec.replicas and left[start] > 0:
            run = grow(start, group, left, floats(left), spec.accelerators, by_hops=False)
            if run is None:
                break
            left[list(run.members)] -= run.shares
            built += 1
    return built


def group_reason(fit: Fit, group: GroupFit) -> Reason:
    """Return why not all groups of a group job run; see the module. Lifting the links is tried first."""
    need = fit.jobs[group.job].replicas
    if groups_alone(fit, group) >= need:
        return "contention" if groups_built(fit, group, group.share) >= need else "links"
    for reason in ("links", *_ORDER):
        if groups_alone(fit, group, lifted=[reason]) >= need:
            return reason
    chain = _chain(fit, group.job)
    for number, reason in enumerate(chain):
        if groups_alone(fit, group, lifted=["links", *chain[number + 1 :]]) < need:
            return reason
    return "links"


def _group_rows(fit: Fit, group: GroupFit, missing: IntArray) -> Iterator[Unserved]:
    window = group.window
    if window.start == window.stop or missing[window.start] <= 0:
        return
    reason = group_reason(fit, group)
    spec = fit.jobs[group.job]
    room = int(group.rooms(group.share).max(initial=0))
    detail = f"the largest connected part has {room} of {spec.accelerators} accelerators throughout the window"
    if reason == "links" and groups_alone(fit, group) >= spec.replicas:
        built = groups_built(fit, group, group.share)
        detail = f"alone, {built} of {spec.replicas} groups of {spec.accelerators} were found that stay connected"
    if reason == "latency":
        detail = _latency_detail(fit, group.job, window)
    replicas = int(missing[window.start])
    yield Unserved(spec.name, window.start, window.stop - 1, replicas, reason, detail)


def reachable_budget_ms(fit: Fit, job: int) -> float:
    """Return a latency budget with which the job alone fits in every slot; inf when none was found.

    The smallest one, except for more than one group of a group job, where it is the first with which they were built.
    """
    spec = fit.jobs[job]
    group = next((group for group in fit.groups if group.job == job), None)
    if group is not None:
        return _reachable_group_ms(fit, group)
    worst = 0.0
    for slot in np.flatnonzero(fit.hours_h[job] > 0.0).tolist():
        counts = np.minimum(
            fit.capacity.installed[slot] // spec.accelerators,
            np.floor(fit.capacity.compute_w[slot] / (spec.accelerators * fit.watts_w[job]) * (1.0 + SLACK)),
        )
        trip = fit.round_trip_ms[job, slot]
        order = np.argsort(trip, kind="stable")
        enough = np.flatnonzero(np.cumsum(counts[order]) >= spec.replicas)
        worst = max(worst, float(trip[order[enough[0]]]) if len(enough) else np.inf)
    return worst


def _reachable_group_ms(fit: Fit, group: GroupFit) -> float:
    spec = fit.jobs[group.job]
    trip: FloatArray = fit.round_trip_ms[group.job, group.window].max(axis=0)
    share = np.minimum(group.installed, group.powered)
    for budget in np.unique(trip[np.isfinite(trip)]).tolist():
        near = np.where(trip <= budget, share, 0)
        enough = int((group.rooms(near) // spec.accelerators).sum()) >= spec.replicas
        if enough and groups_built(fit, group, near) >= spec.replicas:
            return float(budget)
    return float("inf")
