"""How do paths and rates become a plan that says what holds it back? Loads, prices, and why demands go unserved."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from planner.arrays import FloatArray, floats, ints
from planner.network.flow.arcs import Arcs
from planner.network.flow.demands import BusyLink, Demand, Objective, TrafficPlan
from planner.network.flow.generation import Settings
from planner.network.flow.master import arc_loads_gbps
from planner.network.flow.pricing import SHORT, SLACK, Ask, Chain
from planner.network.flow.reasons import unserved
from planner.network.flow.stages import Solved
from planner.network.routing.paths import Path
from planner.network.snapshot import NetworkSnapshot
from planner.outcome import Outcome

_PRICED: Final = 1e-7
"""Part of the highest price below which a price is none."""


def assemble(
    ask: Ask,
    demands: Sequence[Demand],
    objective: Objective,
    solved: Solved,
    settings: Settings,
    *,
    split: bool,
    wall_s: float,
) -> TrafficPlan:
    """Return the plan of paths and rates."""
    arcs = ask.arcs
    rows = [
        (k, arcs.path(chain), rate, chain)
        for (k, chain), rate in zip(solved.columns, solved.rates_gbps.tolist(), strict=True)
        if rate > 0.0
    ]
    rows.sort(key=lambda row: (row[0], row[1].latency_ms, row[3]))
    rates = floats([row[2] for row in rows])
    demand = ints([row[0] for row in rows])
    served = np.bincount(demand, weights=rates, minlength=len(demands))
    loads = arc_loads_gbps([(row[0], row[3]) for row in rows], rates.tolist(), len(arcs.head))
    by_row = np.zeros((len(arcs.head) // 2, 2))
    by_row[arcs.row, arcs.forward] = loads
    contacts = int(np.count_nonzero(arcs.tail >= arcs.satellites))
    value = _value(arcs, objective, rows, loads, float(served.sum()))
    traffic, outcome = _outcomes(ask, objective, solved, settings, value, float(served.sum()), wall_s)
    return TrafficPlan(
        demands=tuple(demands),
        objective=objective,
        paths=tuple(row[1] for row in rows),
        demand=demand,
        rate_gbps=rates,
        served_gbps=floats(served),
        link_load_gbps=floats(by_row[: len(by_row) - contacts]),
        contact_load_gbps=floats(by_row[len(by_row) - contacts :]),
        busy=_busy(ask, objective, solved, loads),
        unserved=unserved(ask, floats(served), loads, traffic.bound, settings, split=split),
        traffic=traffic,
        outcome=outcome,
    )


def _value(
    arcs: Arcs, objective: Objective, rows: list[tuple[int, Path, float, Chain]], loads: FloatArray, served_gbps: float
) -> float:
    """Return the objective, worked out from the plan and not taken from the solver."""
    if objective == "most_traffic":
        return served_gbps
    if objective == "least_delay":
        return math.fsum(rate * path.latency_ms for _, path, rate, _ in rows)
    limited = np.isfinite(arcs.capacity_gbps) & (arcs.capacity_gbps > 0.0)
    return float(np.max(loads[limited] / arcs.capacity_gbps[limited], initial=0.0))


def _outcomes(
    ask: Ask, objective: Objective, solved: Solved, settings: Settings, value: float, served_gbps: float, wall_s: float
) -> tuple[Outcome, Outcome]:
    """Return what is proved about the served traffic and about the objective."""
    most_gbps = max(served_gbps, solved.served_bound_gbps)
    whole = most_gbps - served_gbps <= (settings.gap_fraction + SLACK) * float(ask.gbps.sum())
    traffic = _outcome("maximise", served_gbps, most_gbps, "Gbit/s", whole, settings, wall_s)
    if objective == "most_traffic":
        return traffic, traffic
    least = min(value, solved.bound)
    near = value - least <= (settings.gap_fraction + SHORT) * value
    unit = "Gbit/s·ms" if objective == "least_delay" else "1"
    return traffic, _outcome("minimise", value, least, unit, whole and near, settings, wall_s)


def _outcome(
    sense: Literal["maximise", "minimise"],
    objective: float,
    bound: float,
    unit: str,
    near: bool,
    settings: Settings,
    wall_s: float,
) -> Outcome:
    from importlib.metadata import version

    return Outcome(
        status="optimal" if near else "feasible",
        sense=sense,
        objective=objective,
        bound=bound,
        unit=unit,
        solver=f"GLOP (OR-Tools {version('ortools')}), column generation",
        seed=settings.seed,
        workers=1,
        limit=limit_in_words(settings),
        wall_s=wall_s,
    )


def limit_in_words(settings: Settings) -> str:
    """Return when a stage ends, in words."""
    return f"gap {settings.gap_fraction:g}, {settings.rounds} rounds of pricing per stage"


def empty_plan(snapshot: NetworkSnapshot, objective: Objective, settings: Settings) -> TrafficPlan:
    """Return the plan of no demands."""
    nothing = Outcome("empty", "maximise", 0.0, 0.0, "Gbit/s", "none", settings.seed, 1, limit_in_words(settings), 0.0)
    unit = {"least_delay": "Gbit/s·ms", "least_load": "1", "most_traffic": "Gbit/s"}[objective]
    sense: Literal["maximise", "minimise"] = "maximise" if objective == "most_traffic" else "minimise"
    return TrafficPlan(
        demands=(),
        objective=objective,
        paths=(),
        demand=ints([]),
        rate_gbps=floats([]),
        served_gbps=floats([]),
        link_load_gbps=floats(np.zeros((len(snapshot.a), 2))),
        contact_load_gbps=floats(np.zeros((len(snapshot.site), 2))),
        busy=(),
        unserved=(),
        traffic=nothing,
        outcome=replace(nothing, unit=unit, sense=sense),
    )


def _busy(ask: Ask, objective: Objective, solved: Solved, loads: FloatArray) -> tuple[BusyLink, ...]:
    """Return the arcs with a price, the dearest in the traffic they hold back first, then in the objective."""
    arcs, traffic, price = ask.arcs, solved.traffic_duals.arc, solved.duals.arc
    if objective == "most_traffic":
        price = floats(np.zeros(len(price)))
    elif objective == "least_load":
        price = floats(price * np.where(np.isfinite(arcs.capacity_gbps), arcs.capacity_gbps, 0.0))
    priced = np.flatnonzero((traffic > _PRICED * traffic.max(initial=0.0)) | (price > _PRICED * price.max(initial=0.0)))
    order = sorted(priced.tolist(), key=lambda arc: (-traffic[arc], -price[arc], arc))
    return tuple(
        BusyLink(
            source=arcs.names[arcs.tail[arc]],
            target=arcs.names[arcs.head[arc]],
            load_gbps=float(loads[arc]),
            capacity_gbps=float(arcs.capacity_gbps[arc]),
            traffic_worth_fraction=float(traffic[arc]),
            delay_worth_ms=float(price[arc]) if objective == "least_delay" else math.nan,
            load_share_fraction=float(price[arc]) if objective == "least_load" else math.nan,
        )
        for arc in order
    )
