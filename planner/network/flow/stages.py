"""How is the most traffic served, and then at the least cost? The stages of `route_demands`, one after another.

Paths are first sought at a high but finite price of what is left unserved, which leads quickly to paths that serve
nearly everything with little delay. From those the exact stages begin: required demands in full, most traffic,
objective. What a stage has served a later one keeps, demand by demand, but for `SLACK` of each.
"""

from typing import Final, NamedTuple

import numpy as np

from planner.arrays import BoolArray, FloatArray, floats
from planner.network.flow.demands import Objective
from planner.network.flow.generation import Settings, Staged, Start, generate
from planner.network.flow.master import Answer, Duals, Kind, Stage
from planner.network.flow.pricing import SLACK, Ask, Chain, fastest
from planner.network.flow.repair import repaired
from planner.network.flow.required import with_required
from planner.network.flow.spreading import spread

_DEAR: Final = 10.0
"""Price of a Gbit/s left unserved while paths are sought, over that of the longest of the fastest ways; for required
demands the same again."""
_MOST_SPREAD: Final = 500
"""Paths of spread traffic up to which a programme over them betters it; of more, most share full links, and it would
take many times as long as spreading."""


class Solved(NamedTuple):
    """Paths and rates, bounds and prices.

    `served_bound_gbps` is the most that anyone could serve, `bound` the least that the objective could be among plans
    that serve as much; `traffic_duals` and `duals` are the prices of those two stages. `columns` and `rates_gbps` hold
    what flows, and paths that were looked at with a rate of 0.
    """

    columns: list[tuple[int, Chain]]
    rates_gbps: FloatArray
    served_bound_gbps: float
    bound: float
    traffic_duals: Duals
    duals: Duals


def solve(ask: Ask, objective: Objective, settings: Settings) -> Solved:
    """Serve the most traffic, then minimise the objective.

    Raises
    ------
    InfeasibleError
        If required demands are proved to be too much.
    LimitError
        If they were neither served in full nor disproved.
    """
    found = _sought(ask, settings)
    if ask.required.any():
        found = with_required(ask, found, settings)
    traffic_duals = Duals(floats(np.zeros(len(ask.arcs.head))), 0.0, floats(np.zeros(len(ask.gbps))))
    bound_gbps = float(ask.gbps[ask.closed].sum())
    if not _full(ask, found.answer.unserved_gbps).all():
        found = generate(ask, traffic_stage(ask), found.columns, settings, scale=float(ask.gbps.sum()))
        traffic_duals, bound_gbps = found.answer.duals, found.bound
    columns, rates = repaired(ask, found.columns, found.answer.rates_gbps)
    served_bound_gbps = float(ask.gbps.sum()) - bound_gbps
    if objective == "most_traffic":
        return Solved(columns, rates, served_bound_gbps, found.bound, traffic_duals, found.answer.duals)
    served = np.bincount([k for k, _ in columns], weights=rates, minlength=len(ask.gbps))
    stage, found = objective_stage(ask, objective, floats(served)), found._replace(columns=columns)
    if objective == "least_load":
        found = _least_load(ask, stage, found, floats(served), settings)
    else:
        found = generate(ask, stage, found.columns, settings)
    columns, rates = repaired(ask, found.columns, found.answer.rates_gbps)
    return Solved(columns, rates, served_bound_gbps, found.bound, traffic_duals, found.answer.duals)


def _full(ask: Ask, unserved_gbps: FloatArray) -> BoolArray:
    """Return ``[demand]``: whether nothing is left of it, or it has no path anyway."""
    return np.asarray(ask.closed | (unserved_gbps <= SLACK * ask.gbps), dtype=np.bool_)


def _least_load(ask: Ask, stage: Stage, found: Staged, served_gbps: FloatArray, settings: Settings) -> Staged:
    """Return the traffic of least load, or, where a limit comes first, the better of two."""
    even = spread(ask, stage, served_gbps, settings)
    highest = even.highest_load_fraction
    if highest - even.bound <= settings.gap_fraction * highest or len(even.columns) > _MOST_SPREAD:
        unserved = floats(ask.gbps - served_gbps)
        answer = Answer(highest, even.rates_gbps, unserved, even.proof)
        return Staged(answer, even.columns, even.bound, even.proof, 0)
    columns = list(dict.fromkeys([*found.columns, *even.columns]))
    priced = generate(ask, stage, columns, settings, start=Start(even.proof, even.bound))
    if priced.answer.objective <= highest:
        return priced
    # The programme's prices belong to its own answer; those of the bound to any.
    answer = priced.answer._replace(objective=highest, rates_gbps=even.rates_gbps, duals=priced.proof)
    return priced._replace(answer=answer, columns=even.columns)


def traffic_stage(ask: Ask) -> Stage:
    """Return the stage that leaves the least traffic unserved."""
    return Stage("rates", 0.0, floats(np.ones(len(ask.gbps))), _may_be_left(ask, ask.required))


def objective_stage(ask: Ask, objective: Objective, served_gbps: FloatArray) -> Stage:
    """Return the stage of an objective among plans that serve as much, and as much of each demand served in full."""
    full, nothing = _full(ask, floats(ask.gbps - served_gbps)), floats(np.zeros(len(ask.gbps)))
    kind: Kind = "load" if objective == "least_load" else "rates"
    weight = 0.0 if kind == "load" else 1.0
    if full.all():
        return Stage(kind, weight, nothing, _may_be_left(ask, full))
    left_gbps = float((ask.gbps - served_gbps)[~ask.closed].sum()) + SLACK * float(ask.gbps.min())
    return Stage(kind, weight, nothing, _may_be_left(ask, ask.required), left_gbps)


def _may_be_left(ask: Ask, kept: BoolArray) -> FloatArray:
    """Return ``[demand]``: the part that may be left of what is to be kept, and of the rest."""
    return floats(np.where(kept & ~ask.closed, SLACK, 1.0))


def _sought(ask: Ask, settings: Settings) -> Staged:
    """Return paths that serve nearly all with little delay."""
    longest_ms = float(ask.least_ms[np.isfinite(ask.least_ms)].max(initial=0.0)) or 1.0
    price = _DEAR * longest_ms * np.where(ask.required, _DEAR, 1.0)
    stage = Stage("rates", 1.0, floats(price), floats(np.ones(len(ask.gbps))))
    return generate(ask, stage, fastest(ask), settings)
