"""Answers whether a placement keeps its promises, by replaying it at the plan's own time step.

Shares no code with the placement and knows no solver: powers, counts, latencies, links, windows and values are worked
out again from the tables that the placement was made from, before they were gathered into slots.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.links import LinkTable
from planner.outcome import Violation
from planner.satellite import LIMITS, PowerBudget, RackSatellite
from planner.times import TimeGrid
from planner.workload.jobs import Job
from planner.workload.result import Placement

_TOLERANCE: Final = 1e-6
"""Relative; power and value are sums of products of figures with some six digits."""


def audit_placement(
    placement: Placement,
    jobs: Sequence[Job],
    budget: PowerBudget,
    designs: Sequence[RackSatellite],
    *,
    latency_ms: FloatArray,
    latency_times: TimeGrid | None = None,
    site_names: Sequence[str],
    links: LinkTable,
) -> tuple[Violation, ...]:
    """Replay a placement and return every rule that it breaks; an empty tuple means that it holds.

    Parameters
    ----------
    placement, jobs
        The answer and the question.
    budget, designs
        Power over time and the type of each satellite.
    latency_ms
        ``[time, site, sat]``, one way.
    latency_times
        Instants of `latency_ms`; the grid of `budget` when left out.
    site_names
        ``[site]``.
    links
        Laser links over time.
    """
    replay = _Replay(placement, jobs, budget, designs, latency_ms, latency_times or budget.times, site_names, links)
    return (
        *replay.rows(),
        *replay.satellites(),
        *replay.latency(),
        *replay.replicas(),
        *replay.groups(),
        *replay.value(),
    )


class _Replay:
    """The tables of one audit."""

    def __init__(
        self,
        placement: Placement,
        jobs: Sequence[Job],
        budget: PowerBudget,
        designs: Sequence[RackSatellite],
        latency_ms: FloatArray,
        latency_times: TimeGrid,
        site_names: Sequence[str],
        links: LinkTable,
    ) -> None:
        self.p, self.jobs, self.budget, self.designs = placement, jobs, budget, designs
        self.latency_ms, self.latency_times = latency_ms, latency_times
        self.site_names, self.links = list(site_names), links
        self.end_s = budget.times.count * budget.times.step_s

    def slot_span_s(self, slot: int) -> tuple[float, float]:
        """Return when a slot begins and ends, seconds from the start of the plan."""
        return slot * self.p.slot_s, min((slot + 1) * self.p.slot_s, self.end_s)

    def hours_h(self, job: Job, slot: int) -> float:
        """Return how long a slot lies inside a job's window."""
        begin, end = self.slot_span_s(slot)
        close = self.end_s if job.duration_h is None else (job.start_h + job.duration_h) * 3600.0
        return max(0.0, min(end, close) - max(begin, job.start_h * 3600.0)) / 3600.0

    def instants(self, times: TimeGrid, begin_s: float, end_s: float) -> list[int]:
        """Return the instants of a grid whose values hold at some time within the span."""
        shift = (times.start - self.budget.times.start).total_seconds()
        first = math.floor((begin_s - shift) / times.step_s + 1e-6)
        last = math.ceil((end_s - shift) / times.step_s - 1e-6) - 1
        return list(range(max(first, 0), min(max(last, first), times.count - 1) + 1))

    def rows(self) -> Iterator[Violation]:
        """Each row names things that exist, runs inside its job's window and draws what its accelerators draw."""
        p = self.p
        for row in range(len(p.job)):
            known = (
                0 <= p.job[row] < len(self.jobs)
                and 0 <= p.slot[row] < p.slots
                and 0 <= p.satellite[row] < len(self.designs)
            )
            if not known:
                raise ValueError(f"placement row {row}: job, slot or satellite does not exist")
            job, slot, where = self.jobs[p.job[row]], int(p.slot[row]), self._place(row)
            if self.hours_h(job, slot) <= 0.0:
                yield Violation("window", where, slot * p.slot_s / 3600.0, job.start_h, "h")
            each_w = self.designs[p.satellite[row]].accelerator_power_w * job.power_fraction
            expected_w = float(p.accelerators[row] * each_w)
            if abs(p.power_w[row] - expected_w) > _TOLERANCE * max(expected_w, 1.0):
                yield Violation("power of row", where, float(p.power_w[row]), expected_w, "W")
            if p.accelerators[row] < 1:
                yield Violation("accelerators of row", where, float(p.accelerators[row]), 1.0, "1")
            if (job.spread == "single") != (p.group[row] < 0):
                yield Violation("spread", where, float(p.group[row]), -1.0, "1")
            whole = int(p.replicas[row]) * job.accelerators
            if job.spread == "single" and p.accelerators[row] != whole:
                yield Violation("whole replica", where, float(p.accelerators[row]), float(whole), "accelerators")

    def satellites(self) -> Iterator[Violation]:
        """At every step no satellite gives more power or accelerators than it has, and none that is lost gives any."""
        p, lost = self.p, self.budget.limit == LIMITS.index("lost")
        for slot in range(p.slots):
            mine = p.slot == slot
            size = len(self.designs)
            power = np.bincount(p.satellite[mine], weights=p.power_w[mine], minlength=size)
            count = np.bincount(p.satellite[mine], weights=p.accelerators[mine], minlength=size)
            for step in self.instants(self.budget.times, *self.slot_span_s(slot)):
                for satellite in np.flatnonzero(power > self.budget.compute_w[step] * (1.0 + _TOLERANCE)).tolist():
                    allowed = float(self.budget.compute_w[step, satellite])
                    yield Violation(
                        "power", f"satellite {satellite}, step {step}", float(power[satellite]), allowed, "W"
                    )
                for satellite in np.flatnonzero(count).tolist():
                    aboard = 0 if lost[step, satellite] else self.designs[satellite].accelerators
                    if count[satellite] > aboard:
                        yield Violation(
                            "accelerators",
                            f"satellite {satellite}, step {step}",
                            float(count[satellite]),
                            float(aboard),
                            "accelerators",
                        )

    def latency(self) -> Iterator[Violation]:
        """Every satellite that runs a job is within its latency budget at every instant of the slot."""
        p = self.p
        for row in range(len(p.job)):
            job = self.jobs[p.job[row]]
            if job.latency_budget_ms is None or job.site is None:
                continue
            site = self.site_names.index(job.site)
            instants = self.instants(self.latency_times, *self.slot_span_s(int(p.slot[row])))
            one_way = self.latency_ms[instants, site, p.satellite[row]]
            # Where latencies end before the slot begins, nothing says that the job is near.
            worst = float(2.0 * np.max(np.where(np.isnan(one_way), np.inf, one_way))) if instants else np.inf
            if worst > job.latency_budget_ms * (1.0 + _TOLERANCE):
                yield Violation("latency", self._place(row), worst, job.latency_budget_ms, "ms")

    def replicas(self) -> Iterator[Violation]:
        """No slot runs more replicas than were asked for, nor fewer where required; no satellite appears twice."""
        p = self.p
        counted = np.zeros((len(self.jobs), p.slots))
        np.add.at(counted, (p.job, p.slot), p.replicas)
        wanted = np.array([job.replicas for job in self.jobs], dtype=np.float64).reshape(-1, 1)
        for job, slot in np.argwhere(counted > wanted).tolist():
            place = f"job {self.jobs[job].name}, slot {slot}"
            yield Violation("replicas", place, float(counted[job, slot]), float(self.jobs[job].replicas), "replicas")
        hours = np.array([[self.hours_h(job, slot) for slot in range(p.slots)] for job in self.jobs])
        needed = np.array([job.required for job in self.jobs], dtype=bool).reshape(-1, 1)
        hours = hours.reshape(counted.shape)
        for job, slot in np.argwhere(needed & (hours > 0.0) & (counted < wanted)).tolist():
            place = f"job {self.jobs[job].name}, slot {slot}"
            yield Violation("required", place, float(counted[job, slot]), float(self.jobs[job].replicas), "replicas")
        for job, served_h in enumerate((counted * hours).sum(axis=1).tolist()):
            if abs(served_h - p.served_h[job]) > _TOLERANCE * max(1.0, served_h):
                yield Violation(
                    "served", f"job {self.jobs[job].name}", float(p.served_h[job]), served_h, "replica-hours"
                )
        seen: set[tuple[int, ...]] = set()
        for row in range(len(p.job)):
            key = (int(p.job[row]), int(p.group[row]), int(p.slot[row]), int(p.satellite[row]))
            if key in seen:
                yield Violation("one row each", self._place(row), 2.0, 1.0, "rows")
            seen.add(key)

    def groups(self) -> Iterator[Violation]:
        """Each group keeps its members and shares for its whole window, adds up, and stays connected by itself."""
        p = self.p
        for job, group in sorted({(int(j), int(g)) for j, g in zip(p.job, p.group, strict=True) if g >= 0}):
            spec = self.jobs[job]
            place = f"job {spec.name}, group {group}"
            window = [slot for slot in range(p.slots) if self.hours_h(spec, slot) > 0.0]
            shares: list[dict[int, int]] = []
            for slot in window:
                rows = np.flatnonzero((p.job == job) & (p.group == group) & (p.slot == slot))
                shares.append({int(p.satellite[row]): int(p.accelerators[row]) for row in rows})
                total = sum(shares[-1].values())
                if total != spec.accelerators:
                    where = f"{place}, slot {slot}"
                    yield Violation("whole group", where, float(total), float(spec.accelerators), "accelerators")
                if rows.size and int(p.replicas[rows].sum()) != 1:
                    where = f"{place}, slot {slot}"
                    yield Violation("group counted once", where, float(p.replicas[rows].sum()), 1.0, "replicas")
            changes = sum(before != after for before, after in pairwise(shares))
            if changes:
                yield Violation("fixed group", place, float(changes), 0.0, "changes")
            yield from self._connected(place, window, sorted({sat for each in shares for sat in each}))

    def _connected(self, place: str, window: Sequence[int], members: Sequence[int]) -> Iterator[Violation]:
        """At every instant of the window the members reach each other over links that never break in it."""
        begin, end = self.slot_span_s(window[0])[0], self.slot_span_s(window[-1])[1]
        inside = set(members)
        lasting: set[tuple[int, int]] | None = None
        for instant in self.instants(self.links.times, begin, end):
            rows = self.links.rows(instant)
            now = {
                (int(a), int(b))
                for a, b in zip(self.links.a[rows], self.links.b[rows], strict=True)
                if int(a) in inside and int(b) in inside
            }
            lasting = now if lasting is None else lasting & now
        reached = {members[0]} if members else set()
        grown = True
        while grown:
            more = {b for a, b in lasting or () if a in reached} | {a for a, b in lasting or () if b in reached}
            grown = not more <= reached
            reached |= more
        if len(reached) != len(members):
            yield Violation("connected group", place, float(len(reached)), float(len(members)), "satellites")

    def value(self) -> Iterator[Violation]:
        """Worth of what runs, less what moves lose, is what the placement says it is, job by job and in all."""
        p = self.p
        total = 0.0
        for number, job in enumerate(self.jobs):
            worth = job.value_usd_h * self._served_h(number, job)
            total += worth
            if abs(worth - p.value_usd[number]) > _TOLERANCE * max(1.0, abs(worth)):
                yield Violation("value", f"job {job.name}", float(p.value_usd[number]), worth, "USD")
        if abs(total - p.outcome.objective) > _TOLERANCE * max(1.0, abs(total)):
            yield Violation("value", "objective", p.outcome.objective, total, "USD")
        if p.outcome.bound < total * (1.0 - _TOLERANCE):
            yield Violation("bound", "objective", total, p.outcome.bound, "USD")

    def _served_h(self, number: int, job: Job) -> float:
        p = self.p
        served, before = 0.0, None
        for slot in range(p.slots):
            hours = self.hours_h(job, slot)
            rows = (p.job == number) & (p.slot == slot)
            here: IntArray = np.zeros(len(self.designs), dtype=np.int64)
            np.add.at(here, p.satellite[rows], p.replicas[rows])
            served += hours * float(here.sum())
            if before is not None and hours > 0.0 and job.spread == "single":
                served -= min(p.migration_cost_h, hours) * float(np.maximum(here - before, 0).sum())
            before = here if hours > 0.0 else None
        return served

    def _place(self, row: int) -> str:
        p = self.p
        return f"job {self.jobs[p.job[row]].name}, slot {p.slot[row]}, satellite {p.satellite[row]}"
