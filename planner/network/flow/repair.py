"""What is left of a solver's answer when nothing may be exceeded and nothing forgotten? Rates that hold to the letter.

The solver keeps its rows to a tolerance and ends at a gap. Here no link and no demand is exceeded, and what a demand
lacks is added where there is room: first on its own paths, then, where more than rounding is missing, on others.
"""

from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats
from planner.network.flow.master import arc_loads_gbps
from planner.network.flow.pricing import ROUNDING, SHORT, Ask, Chain, cheapest

_MOST_ADDED: Final = 16
"""Paths that a demand may be given beyond those that the programme chose."""


def repaired(
    ask: Ask, columns: list[tuple[int, Chain]], rates_gbps: FloatArray
) -> tuple[list[tuple[int, Chain]], FloatArray]:
    """Return paths and rates without what tolerances left over, and with what they left out.

    Parameters
    ----------
    ask
        The demands.
    columns, rates_gbps
        Demand and path of each rate.

    Returns
    -------
    list, FloatArray
        The same paths and any that were added, and the rate of each.
    """
    rates, demand = np.array(rates_gbps), np.array([k for k, _ in columns], dtype=np.int64)
    rates[rates <= ROUNDING * ask.gbps[demand]] = 0.0
    served = np.bincount(demand, weights=rates, minlength=len(ask.gbps))
    rates *= np.minimum(1.0, ask.gbps / np.maximum(served, ask.gbps))[demand]
    loads = arc_loads_gbps(columns, rates.tolist(), len(ask.arcs.head))
    over = np.flatnonzero(loads > ask.arcs.capacity_gbps)
    if len(over):
        fits = np.ones(len(loads))
        fits[over] = ask.arcs.capacity_gbps[over] / loads[over]
        for number, (_, chain) in enumerate(columns):
            rates[number] *= fits[list(chain)].min()
    return _topped_up(ask, dict(zip(columns, rates.tolist(), strict=True)))


def _topped_up(ask: Ask, rates: dict[tuple[int, Chain], float]) -> tuple[list[tuple[int, Chain]], FloatArray]:
    """Add what demands lack: required ones first, then in their order."""
    columns = list(rates)
    room = ask.arcs.capacity_gbps - arc_loads_gbps(columns, list(rates.values()), len(ask.arcs.head))
    room = np.maximum(room, 0.0)
    own: list[list[Chain]] = [[] for _ in ask.gbps]
    short = ask.gbps.copy()
    for (k, chain), rate in rates.items():
        short[k] -= rate
        if rate > 0.0:
            own[k].append(chain)
    for k in np.lexsort((np.arange(len(short)), ~ask.required)).tolist():
        if short[k] <= 0.0 or ask.closed[k]:
            continue
        lacking = float(short[k])
        for chain in own[k]:
            lacking -= _add(rates, room, (k, chain), min(lacking, lacking * rates[k, chain] / float(ask.gbps[k])))
        for chain in own[k]:
            lacking -= _add(rates, room, (k, chain), lacking)
        for _ in range(_MOST_ADDED):
            if lacking <= SHORT * ask.gbps[k] or not (chain := way_with_room(ask, k, room, SHORT * float(ask.gbps[k]))):
                break
            lacking -= _add(rates, room, (k, chain), lacking)
    return list(rates), floats(list(rates.values()))


def _add(rates: dict[tuple[int, Chain], float], room: FloatArray, column: tuple[int, Chain], most_gbps: float) -> float:
    """Add to a path what it has room for; return how much that is."""
    arcs = list(column[1])
    added = max(0.0, min(most_gbps, float(room[arcs].min())))
    rates[column] = rates.get(column, 0.0) + added
    room[arcs] -= added
    return added


def way_with_room(ask: Ask, demand: int, room_gbps: FloatArray, least_gbps: float) -> Chain:
    """Return the fastest allowed way of a demand on which every arc has more than `least_gbps` left, empty if none."""
    barred = floats(np.where(room_gbps > least_gbps, 0.0, np.inf))
    _, (chain,) = cheapest(ask.part([demand]), barred, 1.0)
    return chain
