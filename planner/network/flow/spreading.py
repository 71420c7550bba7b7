"""Which paths spread traffic evenly, and how low can the highest load be? A start for the stage that minimises it.

The simplex method prices few links at a time, and every detour then runs into the next unpriced one. Here all links
are priced at once, the more the fuller they are, and part of the traffic moves to the cheapest paths at those prices
(exponential lengths: Shahrokhi & Matula, Journal of the ACM 37:318–334, 1990, doi:10.1145/77600.77620). Prices of any
round prove a bound; so do those that price only the links of one busy end, which everything it sends or gets crosses.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from planner.arrays import FloatArray, floats
from planner.network.flow.generation import Settings, lower_bound
from planner.network.flow.master import Duals, Stage, arc_loads_gbps
from planner.network.flow.pricing import Ask, Chain, cheapest

_SHARPNESS: Final = 30.0
"""Exponent of the fullest link's price against an empty one's, in the first round."""
_SHARPER: Final = 1.02
_SHARPEST: Final = 60.0
"""Its growth from round to round, and its end: first all loads are evened out, then the highest ones."""
_RECENT: Final = 0.05
_EVERY: Final = 10
"""Weight of a round's prices in their mean, and rounds after which the mean is asked for its bound: prices swing from
round to round between links that want them together."""
_ENDS: Final = 8
"""Busiest ends whose links are priced alone."""
_STEPS: Final = (0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Parts of the traffic that may move to new paths in a round; the one that evens loads out best is taken."""


class Spread(NamedTuple):
    """Best bound and the prices that prove it; demand and path of each rate; the highest load with those rates."""

    bound: float
    proof: Duals
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
    capacity = ask.arcs.capacity_gbps
    limited = np.isfinite(capacity) & (capacity > 0.0)
    bounds = _Bounds(ask, stage)
    for price in _at_ends(ask, served_gbps):
        bounds.prove(price)
    rates: dict[tuple[int, Chain], float] = {}
    load = np.zeros(int(np.count_nonzero(limited)))
    mean = np.zeros(len(capacity))
    for used in range(settings.rounds):
        highest = float(load.max(initial=0.0))
        if rates and highest - bounds.best <= settings.gap_fraction * highest:
            break
        sharpness = min(_SHARPEST, _SHARPNESS * _SHARPER**used)
        price = np.zeros(len(capacity))
        price[limited] = _evenness(load, sharpness)[1] / capacity[limited]
        price /= max(float(price[limited] @ capacity[limited]), 1e-300)
        mean += _RECENT * (price - mean) if used else price
        if used % _EVERY == _EVERY - 1:
            bounds.prove(floats(mean))
        chains = bounds.prove(floats(price))
        routed = [(k, chain) for k, chain in enumerate(chains) if chain]
        flow = arc_loads_gbps(routed, [float(served_gbps[k]) for k, _ in routed], len(capacity))
        step = _step(load, flow[limited] / capacity[limited], sharpness) if rates else 1.0
        load = load + step * (flow[limited] / capacity[limited] - load)
        rates = {column: rate * (1.0 - step) for column, rate in rates.items()}
        for k, chain in routed:
            rates[k, chain] = rates.get((k, chain), 0.0) + step * float(served_gbps[k])
    return Spread(bounds.best, bounds.proof, list(rates), floats(list(rates.values())), float(load.max(initial=0.0)))


class _Bounds:
    """The best bound on the highest load so far, and the prices that prove it."""

    def __init__(self, ask: Ask, stage: Stage) -> None:
        self.ask, self.stage, self.best = ask, stage, 0.0
        self.proof = Duals(floats(np.zeros(len(ask.arcs.head))), 0.0, floats(np.zeros(len(ask.gbps))))

    def prove(self, price: FloatArray) -> list[Chain]:
        """Try prices, scaled so that all capacity is worth 1; return each demand's cheapest path at them."""
        limited = np.isfinite(self.ask.arcs.capacity_gbps)
        worth = float(price[limited] @ self.ask.arcs.capacity_gbps[limited])
        scaled = floats(price / max(worth, 1e-300))
        cost, chains = cheapest(self.ask, scaled, 0.0)
        duals = Duals(scaled, _cap_price(self.ask, self.stage, cost), floats(np.zeros(len(cost))))
        if (reached := lower_bound(self.ask, self.stage, duals, cost)) > self.best:
            self.best, self.proof = reached, duals
        return chains


def _at_ends(ask: Ask, served_gbps: FloatArray) -> list[FloatArray]:
    """Return prices of the links of one node, for the nodes that have the most to send or to get for their links."""
    arcs, found = ask.arcs, []
    for ends, side in ((ask.source, arcs.tail), (ask.target, arcs.head)):
        capacity = np.bincount(side, weights=arcs.capacity_gbps, minlength=arcs.nodes)
        traffic = np.bincount(ends, weights=served_gbps, minlength=arcs.nodes)
        busy = np.divide(traffic, capacity, out=np.zeros(arcs.nodes), where=np.isfinite(capacity) & (capacity > 0.0))
        nodes = [node for node in np.argsort(-busy, kind="stable")[:_ENDS].tolist() if busy[node] > 0.0]
        found += [(float(busy[node]), floats(side == node)) for node in nodes]
    found.sort(key=lambda row: -row[0])
    return [price for _, price in found[:_ENDS]]


def _step(load: FloatArray, towards: FloatArray, sharpness: float) -> float:
    """Return which part of the traffic to move, so that loads become most even."""
    return min(_STEPS, key=lambda step: _evenness(load + step * (towards - load), sharpness)[0])


def _evenness(load: FloatArray, sharpness: float) -> tuple[float, FloatArray]:
    """Return a smooth stand-in for the highest load, and its derivative by each load, up to a factor."""
    highest = float(load.max(initial=0.0)) or 1.0
    weight = np.exp(sharpness * (load / highest - 1.0))
    return highest * (1.0 + math.log(float(weight.sum()) or 1.0) / sharpness), floats(weight)


def _cap_price(ask: Ask, stage: Stage, cost: FloatArray) -> float:
    """Return the price of leaving traffic unserved that gives the best bound: where as much costs more as may be left.

    That is 0 where there is no cap.
    """
    open_ones = np.flatnonzero(np.isfinite(cost))
    if not math.isfinite(stage.left_gbps) or not len(open_ones):
        return 0.0
    order = open_ones[np.argsort(-cost[open_ones], kind="stable")]
    left = int(np.searchsorted(np.cumsum(ask.gbps[order]), stage.left_gbps, side="right"))
    return float(cost[order[min(left, len(order) - 1)]])
