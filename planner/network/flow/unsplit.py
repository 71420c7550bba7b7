"""Which single path should each demand take? Rounded from the answer that may split, with that answer as the bound.

The greatest demands choose first, among the paths they were split over and the fastest with room to spare; then each is
taken out and put back in turn while that betters the objective. Deciding this exactly is NP-hard.
"""

from typing import Final

import numpy as np

from planner.arrays import floats
from planner.errors import LimitError
from planner.network.flow.demands import Objective
from planner.network.flow.generation import Settings, generate
from planner.network.flow.pricing import ROUNDING, Ask, Chain, cheapest
from planner.network.flow.stages import Solved, objective_stage

_PASSES: Final = 20


class _Paths:
    """Which path each demand takes, and what room is left."""

    def __init__(self, ask: Ask, objective: Objective, solved: Solved) -> None:
        self.ask, self.objective = ask, objective
        self.chosen: dict[int, Chain] = {}
        self.loads = np.zeros(len(ask.arcs.head))
        self.offers: list[list[Chain]] = [[] for _ in ask.gbps]
        for (k, chain), rate in zip(solved.columns, solved.rates_gbps.tolist(), strict=True):
            if rate > 0.0:
                self.offers[k].append(chain)

    def place(self, demand: int) -> bool:
        """Give a demand the best path that has room for all of it; return whether there is one."""
        gbps = float(self.ask.gbps[demand])
        room = self.loads + gbps <= self.ask.arcs.capacity_gbps * (1.0 + ROUNDING)
        offers = [chain for chain in self.offers[demand] if room[list(chain)].all()]
        # A price above any detour's bars what is full.
        _, (fast,) = cheapest(self.ask.part([demand]), floats(np.where(room, 0.0, np.inf)), 1.0)
        if fast:
            offers.append(fast)
        if offers:
            best = min(offers, key=lambda chain: (self._cost(demand, chain), chain))
            self.chosen[demand] = best
            self.loads[list(best)] += gbps
        return bool(offers)

    def remove(self, demand: int) -> Chain:
        """Take a demand off its path and return that."""
        chain = self.chosen.pop(demand)
        self.loads[list(chain)] -= self.ask.gbps[demand]
        return chain

    def _cost(self, demand: int, chain: Chain) -> float:
        arcs = list(chain)
        if self.objective == "least_load":
            return float(np.max((self.loads[arcs] + self.ask.gbps[demand]) / self.ask.arcs.capacity_gbps[arcs]))
        return float(self.ask.arcs.delay_ms[arcs].sum())


def unsplit(ask: Ask, objective: Objective, solved: Solved, settings: Settings) -> Solved:
    """Return an answer with one path for each served demand, with the bounds of those that may split.

    Raises
    ------
    LimitError
        If a required demand found no path with room for all of it.
    """
    paths = _Paths(ask, objective, solved)
    order = sorted(range(len(ask.gbps)), key=lambda k: (not ask.required[k], -ask.gbps[k], k))
    for _ in range(_PASSES):
        before = dict(paths.chosen)
        for k in order:
            if k in paths.chosen:
                paths.remove(k)
            paths.place(k)
        if paths.chosen == before:
            break
    if failed := [k for k in order if ask.required[k] and k not in paths.chosen]:
        source, target = (ask.arcs.names[end[failed[0]]] for end in (ask.source, ask.target))
        raise LimitError(
            f"required demand {source} to {target} was not given a single path with room for all of it, nor is it "
            "shown that there is none; let it split"
        )
    served = sorted(paths.chosen)
    columns = [(k, paths.chosen[k]) for k in served]
    served_gbps = np.zeros(len(ask.gbps))
    served_gbps[served] = ask.gbps[served]
    if objective == "most_traffic":
        return solved._replace(columns=columns, rates_gbps=floats(ask.gbps[served]))
    # The least that the objective could be among all plans, split or not, that serve as much.
    stage = objective_stage(ask, objective, floats(served_gbps))
    known = list(dict.fromkeys([*solved.columns, *columns]))
    bound = generate(ask, stage, known, settings).bound
    return solved._replace(columns=columns, rates_gbps=floats(ask.gbps[served]), bound=bound)
