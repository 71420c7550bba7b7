"""How is the most traffic served, and then at the least cost? The stages of `route_demands`, one after another.

Paths are first sought at a high but finite price of what is left unserved, which leads quickly to paths that serve
nearly everything with little delay. From those the exact stages begin: required demands in full, most traffic,
objective.
"""

from typing import Final, NamedTuple

import numpy as np

from planner.arrays import BoolArray, FloatArray, floats
from planner.network.flow.demands import Objective
from planner.network.flow.generation import Settings, Staged, generate
from planner.network.flow.master import Duals, Stage, arc_loads_gbps
from planner.network.flow.pricing import Ask, Chain, fastest, rounding_gbps
from planner.network.flow.required import with_required
from planner.network.flow.spreading import spread

_DEAR: Final = 10.0
"""Price of a Gbit/s left unserved while paths are sought, over that of the longest of the fastest ways; for required
demands the same again."""
_NOTHING: Final = 1e-9
"""Part of a demand that is no path of its own but rounding."""

Cap = tuple[BoolArray, float]


class Solved(NamedTuple):
    """Paths and rates, bounds and prices.

    `served_bound_gbps` is the most that anyone could serve, `bound` the least that the objective could be among plans
    that serve as much; `traffic_duals` and `duals` are the prices of those two stages.
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
    caps: tuple[Cap, ...] = ()
    if ask.required.any():
        found = with_required(ask, found, settings)
        caps = ((ask.required, rounding_gbps(ask)),)
    closed_gbps = float(ask.gbps[ask.closed].sum())
    traffic_duals = Duals(floats(np.zeros(len(ask.arcs.head))), floats([]), floats(np.zeros(len(ask.gbps))))
    left_gbps = bound_gbps = closed_gbps
    if float(found.answer.unserved_gbps.sum()) > closed_gbps + rounding_gbps(ask):
        found = generate(ask, traffic_stage(ask, caps), found.columns, settings, scale=float(ask.gbps.sum()))
        traffic_duals, left_gbps, bound_gbps = found.answer.duals, found.answer.objective, found.bound
    served_bound_gbps = float(ask.gbps.sum()) - bound_gbps
    if objective != "most_traffic":
        stage = objective_stage(ask, objective, caps, left_gbps)
        if objective == "least_load":
            found = _least_load(ask, stage, found, settings)
        else:
            found = generate(ask, stage, found.columns, settings)
    rates = repaired(ask, found)
    return Solved(found.columns, rates, served_bound_gbps, found.bound, traffic_duals, found.answer.duals)


def _least_load(ask: Ask, stage: Stage, found: Staged, settings: Settings) -> Staged:
    """Return the traffic of least load, or, where a limit comes first, the better of two."""
    even = spread(ask, stage, floats(ask.gbps - found.answer.unserved_gbps), settings)
    priced = generate(ask, stage, found.columns, settings, start=even.start)
    if priced.answer.objective <= even.highest_load_fraction:
        return priced
    answer = priced.answer._replace(objective=even.highest_load_fraction, rates_gbps=even.rates_gbps)
    return priced._replace(answer=answer, columns=even.columns)


def traffic_stage(ask: Ask, caps: tuple[Cap, ...] = ()) -> Stage:
    """Return the stage that leaves the least traffic unserved."""
    return Stage("rates", 0.0, floats(np.ones(len(ask.gbps))), caps)


def objective_stage(ask: Ask, objective: Objective, caps: tuple[Cap, ...], left_gbps: float) -> Stage:
    """Return the stage of an objective among plans that leave no more unserved than `left_gbps`."""
    everything = np.ones(len(ask.gbps), dtype=np.bool_)
    caps = (*caps, (everything, left_gbps + rounding_gbps(ask)))
    nothing = floats(np.zeros(len(ask.gbps)))
    return Stage("load", 0.0, nothing, caps) if objective == "least_load" else Stage("rates", 1.0, nothing, caps)


def _sought(ask: Ask, settings: Settings) -> Staged:
    """Return paths that serve nearly all with little delay."""
    longest_ms = float(ask.least_ms[np.isfinite(ask.least_ms)].max(initial=0.0)) or 1.0
    price = _DEAR * longest_ms * np.where(ask.required, _DEAR, 1.0)
    return generate(ask, Stage("rates", 1.0, floats(price)), fastest(ask), settings)


def repaired(ask: Ask, found: Staged) -> FloatArray:
    """Return the rates without what the solver's tolerance left over: nothing tiny, no link and no demand exceeded."""
    rates = np.array(found.answer.rates_gbps)
    demand = np.array([k for k, _ in found.columns], dtype=np.int64)
    rates[rates <= _NOTHING * ask.gbps[demand]] = 0.0
    served = np.bincount(demand, weights=rates, minlength=len(ask.gbps))
    rates *= np.minimum(1.0, ask.gbps / np.maximum(served, ask.gbps))[demand]
    loads = arc_loads_gbps(found.columns, rates.tolist(), len(ask.arcs.head))
    with np.errstate(invalid="ignore"):
        fits = np.where(loads > ask.arcs.capacity_gbps, ask.arcs.capacity_gbps / np.maximum(loads, 1e-300), 1.0)
    for number, (_, chain) in enumerate(found.columns):
        rates[number] *= fits[list(chain)].min()
    return floats(rates)
