"""Answers whether a traffic plan keeps its promises, by adding it all up again.

Shares no code with the optimiser and knows no solver: every path is walked node by node through the links of the
snapshot, and loads, delays and totals are summed anew. Of the bounds it checks that no objective passes them; that no
other plan does either is the solver side's proof, which is not repeated here.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from planner.network.flow.demands import Demand, TrafficPlan
from planner.network.snapshot import NetworkSnapshot
from planner.outcome import Violation

_TOLERANCE: Final = 1e-6
"""Relative; rates are sums of figures from a solver that meets its own rows to 1e-9."""

_Step = tuple[str, str]


def audit_traffic(plan: TrafficPlan, snapshot: NetworkSnapshot, demands: Sequence[Demand]) -> tuple[Violation, ...]:
    """Return every rule that a traffic plan breaks; an empty tuple means that it holds.

    Parameters
    ----------
    plan
        The answer.
    snapshot, demands
        The question.

    Raises
    ------
    ValueError
        If the plan's columns do not belong together, or a path is of a demand that does not exist.
    """
    rows = len(plan.paths)
    if not len(plan.demand) == len(plan.rate_gbps) == rows or len(plan.served_gbps) != len(demands):
        raise ValueError("plan: columns of different lengths")
    if any(not 0 <= number < len(demands) for number in plan.demand.tolist()):
        raise ValueError("plan: a path of a demand that does not exist")
    replay = _Replay(plan, snapshot, demands)
    return (*replay.paths(), *replay.loads(), *replay.demanded(), *replay.totals())


def _differs(found: float, expected: float) -> bool:
    return not abs(found - expected) <= _TOLERANCE * max(abs(expected), 1e-3)


class _Replay:
    """The steps that links and contacts allow, and what flows over each."""

    def __init__(self, plan: TrafficPlan, snapshot: NetworkSnapshot, demands: Sequence[Demand]) -> None:
        self.plan, self.snapshot, self.asked = plan, snapshot, demands
        self.rows = list(zip(plan.demand.tolist(), plan.paths, plan.rate_gbps.tolist(), strict=True))
        satellites, sites = snapshot.satellite_names, snapshot.site_names
        self.links = [
            (satellites[a], satellites[b]) for a, b in zip(snapshot.a.tolist(), snapshot.b.tolist(), strict=True)
        ]
        self.contacts = [
            (sites[s], satellites[b]) for s, b in zip(snapshot.site.tolist(), snapshot.satellite.tolist(), strict=True)
        ]
        self.delay_ms: dict[_Step, float] = {}
        self.range_km: dict[_Step, float] = {}
        self._learn(self.links, snapshot.delay_ms.tolist(), snapshot.range_km.tolist())
        self._learn(self.contacts, snapshot.contact_delay_ms.tolist(), snapshot.contact_range_km.tolist())
        self.flow: dict[_Step, float] = defaultdict(float)
        for _, path, rate in self.rows:
            for step in pairwise(path.nodes):
                self.flow[step] += rate

    def _learn(self, ends: list[_Step], delays_ms: list[float], ranges_km: list[float]) -> None:
        for (one, other), delay, distance in zip(ends, delays_ms, ranges_km, strict=True):
            for step in ((one, other), (other, one)):
                self.delay_ms[step], self.range_km[step] = delay, distance

    def paths(self) -> Iterator[Violation]:
        """Each path leads from its demand's source to its target over links that exist, with a rate above 0."""
        sites = set(self.snapshot.site_names)
        for number, (demand, path, rate) in enumerate(self.rows):
            asked, place = self.asked[demand], f"path {number} of demand {demand}"
            if not rate > 0.0 or math.isinf(rate):
                yield Violation("rate", place, rate, 0.0, "Gbit/s")
            if path.nodes[:1] != (asked.source,) or path.nodes[-1:] != (asked.target,):
                yield Violation("ends of path", place, 1.0, 0.0, "1")
            if len(set(path.nodes)) < len(path.nodes):
                yield Violation("loop", place, float(len(path.nodes)), float(len(set(path.nodes))), "nodes")
            if relays := sites & set(path.nodes[1:-1]):
                yield Violation("site that relays", f"{place}, {min(relays)}", float(len(relays)), 0.0, "sites")
            missing = [step for step in pairwise(path.nodes) if step not in self.delay_ms]
            if missing:
                where = f"{place}, {missing[0][0]} to {missing[0][1]}"
                yield Violation("link that does not exist", where, float(len(missing)), 0.0, "links")
                continue
            delay = math.fsum(self.delay_ms[step] for step in pairwise(path.nodes))
            distance = math.fsum(self.range_km[step] for step in pairwise(path.nodes))
            if _differs(path.latency_ms, delay):
                yield Violation("latency", place, path.latency_ms, delay, "ms")
            if _differs(path.range_km, distance):
                yield Violation("range", place, path.range_km, distance, "km")
            limit = math.inf if asked.latency_limit_ms is None else asked.latency_limit_ms
            if delay > limit * (1.0 + _TOLERANCE):
                yield Violation("latency limit", place, delay, limit, "ms")

    def loads(self) -> Iterator[Violation]:
        """No direction of a link carries more than its capacity, and the loads that the plan states are those."""
        tables = (
            (self.links, self.plan.link_load_gbps.tolist(), self.snapshot.capacity_gbps.tolist()),
            (self.contacts, self.plan.contact_load_gbps.tolist(), self.snapshot.contact_capacity_gbps.tolist()),
        )
        for ends, stated, capacities in tables:
            if len(stated) != len(ends):
                raise ValueError("plan: loads of another network")
            for (one, other), both, capacity in zip(ends, stated, capacities, strict=True):
                for step, load in zip(((one, other), (other, one)), both, strict=True):
                    place, flow = f"{step[0]} to {step[1]}", self.flow.get(step, 0.0)
                    if flow > capacity * (1.0 + _TOLERANCE):
                        yield Violation("capacity", place, flow, capacity, "Gbit/s")
                    if _differs(load, flow):
                        yield Violation("load", place, load, flow, "Gbit/s")

    def demanded(self) -> Iterator[Violation]:
        """No demand gets more than it asked for, a required one no less; what is missing is reported, and only that."""
        reported = {row.demand: row.short_gbps for row in self.plan.unserved}
        for number, (asked, stated) in enumerate(zip(self.asked, self.plan.served_gbps.tolist(), strict=True)):
            place = f"demand {number}, {asked.source} to {asked.target}"
            served = math.fsum(rate for demand, _, rate in self.rows if demand == number)
            if _differs(stated, served):
                yield Violation("served", place, stated, served, "Gbit/s")
            if served > asked.gbps * (1.0 + _TOLERANCE):
                yield Violation("demand", place, served, asked.gbps, "Gbit/s")
            short = asked.gbps - served
            if asked.required and short > _TOLERANCE * asked.gbps * 2.0:
                yield Violation("required demand", place, served, asked.gbps, "Gbit/s")
            if abs(reported.get(number, 0.0) - short) > _TOLERANCE * asked.gbps * 2.0:
                yield Violation("shortfall", place, reported.get(number, 0.0), short, "Gbit/s")

    def totals(self) -> Iterator[Violation]:
        """Check that served traffic and objective are what the paths add up to, and that neither passes its bound."""
        served = math.fsum(rate for _, _, rate in self.rows)
        in_flight = math.fsum(
            rate * self.delay_ms.get(step, math.nan) for _, path, rate in self.rows for step in pairwise(path.nodes)
        )
        capacities = [*self.snapshot.capacity_gbps.tolist(), *self.snapshot.contact_capacity_gbps.tolist()]
        load = max(
            (
                max(self.flow.get((one, other), 0.0), self.flow.get((other, one), 0.0)) / capacity
                for (one, other), capacity in zip([*self.links, *self.contacts], capacities, strict=True)
                if capacity > 0.0
            ),
            default=0.0,
        )
        expected = {"most_traffic": served, "least_delay": in_flight, "least_load": load}[self.plan.objective]
        for name, outcome, value in (
            ("traffic", self.plan.traffic, served),
            ("objective", self.plan.outcome, expected),
        ):
            if _differs(outcome.objective, value):
                yield Violation(f"{name} of outcome", "plan", outcome.objective, value, outcome.unit)
            beyond = outcome.objective - outcome.bound
            beyond = beyond if outcome.sense == "maximise" else -beyond
            if beyond > _TOLERANCE * max(abs(outcome.objective), 1e-3):
                yield Violation(f"bound of {name}", "plan", outcome.objective, outcome.bound, outcome.unit)
