"""Answers what fits where when nothing else runs: the data that every stage of the placement works on.

Axes ``[job, slot, sat]``. Filtering by what fits, before any solver sees the problem, is what makes its bound tight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock
from planner.links import LinkTable
from planner.workload.capacity import SlotCapacity, instants_of_slots
from planner.workload.jobs import Job

SLACK = 1e-9
"""Relative slack of every power comparison here, against rounding in power = accelerators × watts."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Jobs against capacity.

    Attributes
    ----------
    jobs
        The jobs.
    capacity
        Slots and what satellites have in them.
    links
        Laser links over time.
    round_trip_ms
        ``[job, slot, sat]``, worst round trip to the job's site; 0 for a job without a latency budget.
    hours_h
        ``[job, slot]``, part of the slot that lies in the job's window.
    """

    jobs: tuple[Job, ...]
    capacity: SlotCapacity
    links: LinkTable
    round_trip_ms: FloatArray
    hours_h: FloatArray

    @cached_property
    def watts_w(self) -> FloatArray:
        """``[job, sat]``, power that one accelerator of the job draws on each satellite."""
        part = np.array([job.power_fraction for job in self.jobs]).reshape(-1, 1)
        return floats(part * self.capacity.accelerator_power_w)

    @cached_property
    def near(self) -> BoolArray:
        """``[job, slot, sat]``, within the latency budget for the whole slot."""
        budget = [np.inf if job.latency_budget_ms is None else job.latency_budget_ms for job in self.jobs]
        limit = np.array(budget, dtype=np.float64).reshape(-1, 1, 1)
        return lock((self.round_trip_ms <= limit) & np.isfinite(self.round_trip_ms))

    @cached_property
    def singles(self) -> IntArray:
        """Indices of the single jobs."""
        return ints([k for k, job in enumerate(self.jobs) if job.spread == "single"])

    @cached_property
    def groups(self) -> tuple["GroupFit", ...]:
        """What group jobs need, in order of jobs."""
        return tuple(self._group(k) for k, job in enumerate(self.jobs) if job.spread == "group")

    def window(self, job: int) -> slice:
        """Return the slots that the job's window touches."""
        (slots,) = np.nonzero(self.hours_h[job])
        return slice(int(slots[0]), int(slots[-1]) + 1) if len(slots) else slice(0, 0)

    def replicas_at(self, slot: int, installed: IntArray | FloatArray, watts: FloatArray) -> IntArray:
        """Return ``[job, sat]``: replicas of each single job that fit alone into what is given in `slot`."""
        size = np.array([job.accelerators for job in self.jobs]).reshape(-1, 1)
        each = size * self.watts_w
        counts = np.minimum(installed // size, np.floor(watts / each * (1.0 + SLACK)))
        usable = self.near[:, slot] & (self.hours_h[:, slot] > 0.0).reshape(-1, 1)
        usable &= np.array([job.spread == "single" for job in self.jobs], dtype=bool).reshape(-1, 1)
        return ints(np.where(usable, np.maximum(counts, 0), 0))

    def _group(self, job: int) -> "GroupFit":
        window = self.window(job)
        near = self.near[job, window].all(axis=0)
        installed = self.capacity.installed[window]
        powered = np.floor(self.capacity.compute_w[window] / self.watts_w[job] * (1.0 + SLACK))
        pairs = persistent_pairs(self.links, self.capacity, window)
        return GroupFit(job, window, ints(near), ints(installed.min(axis=0)), ints(powered.min(axis=0)), pairs)


@dataclass(frozen=True, eq=False)
class GroupFit:
    """What one group job can use throughout its window.

    Attributes
    ----------
    job
        Index of the job.
    window
        Its slots.
    near
        ``[sat]``, 1 where the satellite is within the latency budget in every slot, else 0. Every member of a group
        has to be near: any of them may hold the part of the work that a user waits for.
    installed, powered
        ``[sat]``, accelerators aboard, and accelerators that its power can run, in the worst slot.
    pairs
        ``[pair, 2]``, links that exist at every instant of the window.
    """

    job: int
    window: slice
    near: IntArray
    installed: IntArray
    powered: IntArray
    pairs: IntArray

    @cached_property
    def share(self) -> IntArray:
        """``[sat]``, accelerators that a satellite can give throughout the window."""
        return ints(self.near * np.minimum(self.installed, self.powered))

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """``[sat]``, satellites linked throughout the window, ascending."""
        lists: list[list[int]] = [[] for _ in range(len(self.near))]
        for a, b in self.pairs.tolist():
            lists[a].append(b)
            lists[b].append(a)
        return tuple(tuple(sorted(each)) for each in lists)

    def rooms(self, share: IntArray) -> IntArray:
        """Return the accelerators of each connected part of the satellites that have any, given `share` of each."""
        parts = connected_parts(share > 0, self.pairs)
        return ints(np.bincount(parts[parts >= 0], weights=share[parts >= 0]) if np.any(parts >= 0) else [])


def persistent_pairs(links: LinkTable, capacity: SlotCapacity, window: slice) -> IntArray:
    """Return ``[pair, 2]``: the links present at every instant of the slots `window`, sorted."""
    if window.stop <= window.start:
        return ints(np.zeros((0, 2)))
    instants = instants_of_slots(capacity, links.times, window.start, window.stop)
    rows = slice(int(links.offsets[instants.start]), int(links.offsets[instants.stop]))
    keys, seen = np.unique(links.a[rows] * links.satellites + links.b[rows], return_counts=True)
    keys = keys[seen == instants.stop - instants.start]
    return ints(np.stack([keys // max(links.satellites, 1), keys % max(links.satellites, 1)], axis=1))


def connected_parts(members: BoolArray, pairs: IntArray) -> IntArray:
    """Return ``[sat]``: number of the connected part that each member belongs to, −1 for the others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    both = pairs[members[pairs[:, 0]] & members[pairs[:, 1]]]
    size = len(members)
    graph = coo_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(size, size))
    label = connected_components(graph, directed=False)[1] if size else np.zeros(0)
    return ints(np.where(members, label, -1))


def fit_jobs(
    jobs: Sequence[Job],
    capacity: SlotCapacity,
    *,
    round_trip_ms: FloatArray,
    site_names: Sequence[str],
    links: LinkTable,
) -> Fit:
    """Gather what every stage needs; see `planner.workload.placement.place` for the arguments."""
    site = {name: index for index, name in enumerate(site_names)}
    trip = np.zeros((len(jobs), capacity.slots, capacity.satellites))
    hours = np.zeros((len(jobs), capacity.slots))
    edges = capacity.edges_h
    for k, job in enumerate(jobs):
        if job.site is not None and job.latency_budget_ms is not None:
            trip[k] = round_trip_ms[:, site[job.site]]
        end_h = edges[-1] if job.duration_h is None else job.start_h + job.duration_h
        overlap = np.minimum(edges[1:], end_h) - np.maximum(edges[:-1], job.start_h)
        hours[k] = np.where(overlap > SLACK * edges[-1], overlap, 0.0)
    return Fit(tuple(jobs), capacity, links, floats(trip), floats(hours))
