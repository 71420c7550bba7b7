"""Which paths spread traffic evenly, and how low can the highest load be? A start for the stage that minimises it.

The simplex method prices few links at a time, and every detour then runs into the next unpriced one: over 1,584
satellites 60 rounds of it leave a load of 0.5 and prove next to nothing, where 60 of these reach 0.19 and prove 0.07.
Here all links are priced at once, the more the fuller they are, and part of the traffic moves to the cheapest paths at
those prices (exponential lengths: Shahrokhi & Matula, Journal of the ACM 37:318–334, 1990, doi:10.1145/77600.77620).
Prices of any round prove a bound.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from planner.arrays import FloatArray, floats
from planner.network.flow.generation import Settings, Start, lower_bound
from planner.network.flow.master import Duals, Stage, arc_loads_gbps
from planner.network.flow.pricing import Ask, Chain, cheapest

_ROUNDS: Final = 60
_SHARPNESS: Final = 30.0
"""Exponent of the fullest link's price against an empty one's; on 1,584 satellites 20 to 200 prove bounds within
4 % of each other, and a low one needs the fewest rounds."""
_STEPS: Final = (0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.02, 0.01, 0.005)
"""Parts of the traffic that may move to new paths in a round; the one that evens loads out best is taken."""


class Spread(NamedTuple):
    """Prices with their bound; demand and path of each rate; the highest load with those rates."""

    start: Start
    columns: list[tuple[int, Chain]]
    rates_gbps: FloatArray
    highest_load_fraction: float


def spread(ask: Ask, stage: Stage, served_gbps: FloatArray, settings: Settings) -> Spread:
    """Return traffic that is spread over many paths, and the prices with the best bound.

    Parameters
    ----------
    ask, stage
        The demands, and the stage of least load.
    served_gbps
        ``[demand]``, what of each is to flow.
    settings
        For the most rounds.
    """
    capacity, nothing = ask.arcs.capacity_gbps, np.zeros(len(ask.arcs.head))
    limited = np.isfinite(capacity) & (capacity > 0.0)
    best, bound = Duals(floats(nothing), floats(np.zeros(len(stage.caps))), floats(np.zeros(len(ask.gbps)))), 0.0
    rates: dict[tuple[int, Chain], float] = {}
    load = nothing[limited]
    for _ in range(min(_ROUNDS, settings.rounds)):
        price = nothing.copy()
        price[limited] = _evenness(load)[1] / capacity[limited]
        price /= max(float(price[limited] @ capacity[limited]), 1e-300)
        cost, chains = cheapest(ask, floats(price), 0.0)
        duals = best._replace(arc=floats(price), cap=_cap_price(ask, stage, cost))
        if (reached := lower_bound(ask, stage, duals, cost)) > bound:
            best, bound = duals, reached
        routed = [(k, chain) for k, chain in enumerate(chains) if chain]
        flow = arc_loads_gbps(routed, [float(served_gbps[k]) for k, _ in routed], len(capacity))
        step = _step(load, flow[limited] / capacity[limited]) if rates else 1.0
        load = load + step * (flow[limited] / capacity[limited] - load)
        rates = {column: rate * (1.0 - step) for column, rate in rates.items()}
        for k, chain in routed:
            rates[k, chain] = rates.get((k, chain), 0.0) + step * float(served_gbps[k])
    return Spread(Start(best, bound), list(rates), floats(list(rates.values())), float(load.max(initial=0.0)))


def _step(load: FloatArray, towards: FloatArray) -> float:
    """Return which part of the traffic to move, so that loads become most even."""
    return min(_STEPS, key=lambda step: _evenness(load + step * (towards - load))[0])


def _evenness(load: FloatArray) -> tuple[float, FloatArray]:
    """Return a smooth stand-in for the highest load, and its derivative by each load, up to a factor."""
    highest = float(load.max(initial=0.0)) or 1.0
    weight = np.exp(_SHARPNESS * (load / highest - 1.0))
    return highest * (1.0 + math.log(float(weight.sum()) or 1.0) / _SHARPNESS), floats(weight)


def _cap_price(ask: Ask, stage: Stage, cost: FloatArray) -> FloatArray:
    """Return the price of leaving traffic unserved that gives the best bound: where as much costs more as may be left.

    Only the last cap, that on all demands, has one; the others are left at 0, at which they loosen no bound.
    """
    price = np.zeros(len(stage.caps))
    order = np.argsort(-cost, kind="stable")
    left = int(np.searchsorted(np.cumsum(ask.gbps[order]), stage.caps[-1][1], side="right"))
    price[-1] = cost[order[min(left, len(order) - 1)]]
    return floats(np.where(np.isfinite(price), price, 0.0))
