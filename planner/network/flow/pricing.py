"""Which path would each demand take at given prices? The subproblem of column generation, in numbers.

A path's cost is ``weight × delay`` plus the prices of its arcs. Prices are at least 0, so the cheapest way visits no
node twice. A demand with a latency limit takes the cheapest way within it, exactly; see `search.within_limit`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock
from planner.network.flow.arcs import Arcs, arcs_of
from planner.network.flow.demands import Demand
from planner.network.snapshot import NetworkSnapshot

LIMIT_SLACK: Final = 1e-9
"""Part of a latency limit by which a path may exceed it: the same delays, added in another order, differ by less."""

_NEARLY: Final = 1e-6
"""Part of a price by which delay settles what prices leave open."""

SHORT: Final = 1e-6
"""Part of a demand below which it counts as served in full: far above rounding, far below what anyone asks for."""
ROUNDING: Final = 1e-9
"""Relative; what the solver's own tolerance and the order of sums leave open."""
SLACK: Final = 1e-7
"""Part of each demand that a later stage may leave unserved beyond an earlier one; a tenth of `SHORT`."""

Chain = tuple[int, ...]
"""Arcs of a path, in the order of travel."""


@dataclass(frozen=True, eq=False)
class Ask:
    """Demands against arcs.

    Attributes
    ----------
    arcs
        The network.
    source, target
        ``[demand]``, nodes.
    gbps, limit_ms
        ``[demand]``; an infinite limit is none.
    required
        ``[demand]``.
    opened
        Whether links that carry nothing may be used as well, because what is asked is where to add capacity.
    """

    arcs: Arcs
    source: IntArray
    target: IntArray
    gbps: FloatArray
    limit_ms: FloatArray
    required: BoolArray
    opened: bool = False

    @classmethod
    def of(cls, snapshot: NetworkSnapshot, demands: Sequence[Demand]) -> "Ask":
        """Return demands in numbers.

        Raises
        ------
        InputError
            If a name is not in the network.
        """
        limits = [np.inf if demand.latency_limit_ms is None else demand.latency_limit_ms for demand in demands]
        return cls(
            arcs=arcs_of(snapshot),
            source=ints([snapshot.index(demand.source) for demand in demands]),
            target=ints([snapshot.index(demand.target) for demand in demands]),
            gbps=floats([demand.gbps for demand in demands]),
            limit_ms=floats(np.array(limits) * (1.0 + LIMIT_SLACK)),
            required=lock(np.array([demand.required for demand in demands], dtype=np.bool_)),
        )

    def part(self, chosen: Sequence[int]) -> "Ask":
        """Return some of the demands, by number."""
        pick = list(chosen)
        return Ask(
            self.arcs, ints(self.source[pick]), ints(self.target[pick]), floats(self.gbps[pick]),
            floats(self.limit_ms[pick]), lock(self.required[pick]), self.opened,
        )  # fmt: skip

    @cached_property
    def to_go_ms(self) -> FloatArray:
        """``[different target, node]``, least delay from a node to the target, over links that carry something."""
        from planner.network.flow.search import distances

        first, head, twin = self.arcs.first.copy(), self.arcs.head.copy(), self.arcs.twin.copy()
        length = self.open_delay_ms.copy()
        ends = np.unique(self.target).tolist()
        rows = [distances(first, head, length, self.arcs.satellites, end, twin) for end in ends]
        return floats(np.array(rows).reshape(len(ends), self.arcs.nodes))

    @cached_property
    def open_delay_ms(self) -> FloatArray:
        """``[arc]``, infinite where a link carries nothing at all and may not be opened."""
        if self.opened:
            return self.arcs.delay_ms
        return floats(np.where(self.arcs.capacity_gbps > 0.0, self.arcs.delay_ms, np.inf))

    @cached_property
    def to_go_row(self) -> IntArray:
        """``[demand]``, row of `to_go_ms`."""
        return ints(np.searchsorted(np.unique(self.target), self.target))

    @cached_property
    def least_ms(self) -> FloatArray:
        """``[demand]``, delay of the fastest way; infinite where there is none."""
        return floats(self.to_go_ms[self.to_go_row, self.source] if len(self.source) else [])

    @cached_property
    def closed(self) -> BoolArray:
        """``[demand]``, whether no path at all is allowed."""
        return lock(~np.isfinite(self.least_ms) | (self.least_ms > self.limit_ms))


def cheapest(ask: Ask, price: FloatArray, weight: float) -> tuple[FloatArray, list[Chain]]:
    """Return what the cheapest allowed way of each demand costs, and its arcs; infinite and empty where there is none.

    Where delay costs nothing, most ways cost nothing; of those and of the nearly cheapest ones the fast are taken.

    Parameters
    ----------
    ask
        The demands.
    price
        ``[arc]``, at least 0.
    weight
        Cost of a millisecond.
    """
    cost, chains = _cheapest(ask, price, weight)
    if weight:
        return cost, chains
    longest_ms = float(ask.least_ms[np.isfinite(ask.least_ms)].max(initial=0.0)) or 1.0
    _, fast = _cheapest(ask, price, _NEARLY * (float(price.max(initial=0.0)) or 1.0) / longest_ms)
    for k, chain in enumerate(fast):
        if chain and float(price[list(chain)].sum()) <= float(cost[k]) * (1.0 + _NEARLY):
            chains[k] = chain
    return cost, chains


def _cheapest(ask: Ask, price: FloatArray, weight: float) -> tuple[FloatArray, list[Chain]]:
    from planner.network.flow.search import cheapest_of_each

    arcs = ask.arcs
    length = np.where(np.isfinite(ask.open_delay_ms), weight * arcs.delay_ms + price, np.inf)
    offsets, flat = cheapest_of_each(
        arcs.first.copy(), arcs.head.copy(), arcs.tail.copy(), length, arcs.satellites,
        ask.to_go_ms.copy(), weight, ask.source.copy(), ask.target.copy(), ask.to_go_row.copy(),
    )  # fmt: skip
    chains = [tuple(flat[offsets[k] : offsets[k + 1]].tolist()) for k in range(len(ask.source))]
    for k in np.flatnonzero(np.isfinite(ask.limit_ms)).tolist():
        if chains[k] and float(arcs.delay_ms[list(chains[k])].sum()) > ask.limit_ms[k]:
            chains[k] = _within_limit(ask, k, length)
    cost = [float(length[list(chain)].sum()) if chain else np.inf for chain in chains]
    return floats(cost), chains


def _within_limit(ask: Ask, demand: int, length: FloatArray) -> Chain:
    """Return the cheapest way of a demand within its latency limit."""
    from planner.network.flow.search import distances, within_limit

    arcs, source, target = ask.arcs, int(ask.source[demand]), int(ask.target[demand])
    first, head, satellites = arcs.first.copy(), arcs.head.copy(), arcs.satellites
    to_go = distances(first, head, length, satellites, target, arcs.twin.copy())
    late = ask.to_go_ms[ask.to_go_row[demand]].copy()
    found = within_limit(
        first, head, length, arcs.delay_ms.copy(), satellites, to_go, late, source, target,
        float(ask.limit_ms[demand]),
    )  # fmt: skip
    return tuple(found.tolist())


def fastest(ask: Ask) -> list[tuple[int, Chain]]:
    """Return the fastest way of each demand that has one within its limit."""
    _, chains = cheapest(ask, floats(np.zeros(len(ask.arcs.head))), 1.0)
    return [(k, chain) for k, chain in enumerate(chains) if chain]
