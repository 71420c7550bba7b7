"""How good is the best traffic on all paths, when only a few are ever looked at? Column generation, one stage.

The master programme prices links, the cheapest path of each demand at those prices joins it, and so on. At any prices

    Σ demand × min(cost of its cheapest path, cost of leaving it unserved) − Σ price × capacity − price of the cap × cap

is a bound that no traffic passes (the Lagrangian dual), so the gap is proved whenever it stops. Paths are sought
between the master's prices and those of the best bound, where bounds are better (Wentges, International Transactions
in Operational Research 4:151–162, 1997, doi:10.1111/j.1475-3995.1997.tb00071.x).
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from planner.arrays import FloatArray, floats
from planner.network.flow.master import Answer, Duals, Master, Stage
from planner.network.flow.pricing import Ask, Chain, cheapest

_TRUST: Final = 0.5
"""Weight of the best bound's prices: halfway, so that neither side's prices are followed alone."""
_WORTHWHILE: Final = 1e-9
"""Relative gain below which a path is no improvement but rounding."""


class Staged(NamedTuple):
    """Answer of a stage.

    `columns` are demand and path of each of `answer.rates_gbps`; `bound` is proved by the prices `proof`; `rounds`
    were used.
    """

    answer: Answer
    columns: list[tuple[int, Chain]]
    bound: float
    proof: Duals
    rounds: int


class Settings(NamedTuple):
    """When a stage ends: at a gap, as part of the objective or of a scale given for it, or after some rounds."""

    gap_fraction: float
    rounds: int
    seed: int


class Start(NamedTuple):
    """Prices to begin with, and the bound that they prove."""

    best: Duals
    bound: float


def generate(
    ask: Ask,
    stage: Stage,
    columns: Iterable[tuple[int, Chain]],
    settings: Settings,
    *,
    scale: float | None = None,
    start: Start | None = None,
) -> Staged:
    """Minimise a stage, beginning with some paths of every demand, until bound and objective are near enough.

    Parameters
    ----------
    ask, stage
        The question.
    columns
        Demand and path; together they need to allow what the stage asks for.
    settings
        When to end.
    scale
        What the gap is a part of, in the unit of the objective; the objective itself where left out.
    start
        Prices that are known beforehand.
    """
    master = Master(ask, stage, settings.seed)
    for demand, chain in columns:
        master.add(demand, chain)
    known = set(master.columns)
    best, bound, used = (start.best, start.bound, 0) if start else (None, -np.inf, 0)
    trust = _TRUST
    while True:
        answer = master.solve()
        wanted = settings.gap_fraction * (abs(answer.objective) if scale is None else scale)
        if used >= settings.rounds or answer.objective - bound <= wanted:
            break
        used += 1
        point = answer.duals if best is None or not trust else _between(best, answer.duals, trust)
        cost, chains = cheapest(ask, point.arc, stage.delay_weight)
        reached = lower_bound(ask, stage, point, cost)
        if reached > bound:
            best, bound = point, reached
        fresh = [
            (k, chain)
            for k, chain in enumerate(chains)
            if chain and (k, chain) not in known and _gains(ask, stage, answer.duals, k, chain)
        ]
        if not fresh and point is answer.duals:
            break
        # Without a path that gains, the prices in between only bettered the bound; ask at the master's own next.
        trust = _TRUST if fresh else 0.0
        for column in fresh:
            known.add(column)
            master.add(*column)
    return Staged(answer, master.columns, min(bound, answer.objective), best or answer.duals, used)


def lower_bound(ask: Ask, stage: Stage, duals: Duals, cost: FloatArray) -> float:
    """Return what no traffic costs less than, whatever the prices, given each demand's cheapest path at them."""
    price, limited = duals.arc, np.isfinite(ask.arcs.capacity_gbps)
    paid = float(price[limited] @ ask.arcs.capacity_gbps[limited])
    scale = 1.0
    if stage.kind == "load":
        # The highest load may be any number, so what it pays for capacity must not be above its own cost of 1.
        scale, paid = 1.0 / max(1.0, paid), 0.0
    elif stage.kind == "growth":
        scale = 1.0 / max(1.0, float(price.max(initial=0.0)))
    unserved = stage.unserved_weight + np.where(ask.closed, 0.0, duals.cap)
    # What may be left unserved goes the cheaper way, the rest pays for its path.
    most = np.where(unserved < cost, stage.most_unserved_fraction, 0.0)
    pays = most * unserved + np.multiply(1.0 - most, cost, out=np.zeros(len(cost)), where=most < 1.0)
    capped = duals.cap * stage.left_gbps if duals.cap else 0.0
    return scale * (float(ask.gbps @ pays) - paid - capped)


def _between(best: Duals, latest: Duals, trust: float) -> Duals:
    """Return prices between two; the bound is concave in them, so no worse than the worse of both."""
    rest = 1.0 - trust
    return Duals(
        floats(trust * best.arc + rest * latest.arc),
        trust * best.cap + rest * latest.cap,
        floats(trust * best.demand + rest * latest.demand),
    )


def _gains(ask: Ask, stage: Stage, duals: Duals, demand: int, chain: Chain) -> bool:
    """Tell whether a path costs less than its demand is worth at the master's prices."""
    arcs = list(chain)
    cost = stage.delay_weight * float(ask.arcs.delay_ms[arcs].sum()) + float(duals.arc[arcs].sum())
    worth = float(duals.demand[demand])
    return cost < worth - _WORTHWHILE * max(abs(worth), abs(cost))
