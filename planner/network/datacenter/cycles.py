"""One cycle through all members over links of their own, or as few cycles as can be joined: the frame of a ring.

Members are first covered by cycles of links (an assignment of a successor to each, cheapest in delay; two members and
their link are a cycle, and so is one member alone, at a price). Then two cycles that run side by side, with links
``u–v`` and ``x–y`` in them and links ``u–x`` and ``v–y`` between, become one. In a grid that is how a boustrophedon
comes about. What is left are cycles that no such square joins.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from planner.arrays import IntArray
from planner.network.datacenter.members import Interconnect

Cycle = list[int]

_STEPS: Final = 1e6
"""Whole steps that the longest delay is told in when links are chosen."""


def joined_cycles(network: Interconnect) -> list[Cycle]:
    """Return cycles of linked members that hold every member once, few and long; the longest first.

    Neighbours in a cycle are linked, and so are its last and first, but for cycles of one member. No link is used
    twice in one direction.
    """
    following = _cover(network)
    neighbours = [set(network.other[network.start[i] : network.start[i + 1]].tolist()) for i in range(len(network))]
    cycles = _merged(_traced(following), neighbours)
    return sorted(cycles, key=lambda cycle: (-len(cycle), min(cycle)))


def _cover(network: Interconnect) -> IntArray:
    """Return a linked successor for every member, each the successor of one; itself only where it must be."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    size = len(network)
    # Whole numbers, which add without rounding: with others the matching of SciPy 1.17 may run for ever. None is 0,
    # for it takes no zero weights.
    longest = max(float(network.delay_ms.max(initial=0.0)), 1e-9)
    delay = 1.0 + np.round(network.delay_ms / longest * _STEPS)
    alone = 4.0 * size * (1.0 + _STEPS)  # dearer than all links together, so that as few as can be stand alone
    here = np.concatenate([network.a, network.b, np.arange(size)]).astype(np.int32)
    there = np.concatenate([network.b, network.a, np.arange(size)]).astype(np.int32)
    cost = np.concatenate([delay, delay, np.full(size, alone)])
    rows, columns = min_weight_full_bipartite_matching(coo_array((cost, (here, there)), (size, size)).tocsr())
    following = np.empty(size, dtype=np.int64)
    following[rows] = columns
    return following


def _traced(following: IntArray) -> list[Cycle]:
    """Return the cycles of a permutation."""
    successor, seen, cycles = following.tolist(), set[int](), []
    for first in range(len(successor)):
        if first not in seen:
            cycle, node = [], first
            while node not in seen:
                seen.add(node)
                cycle.append(node)
                node = successor[node]
            cycles.append(cycle)
    return cycles


def _merged(cycles: list[Cycle], neighbours: list[set[int]]) -> list[Cycle]:
    """Return the cycles after joining side by side ones while there are any, the smallest into what is beside it."""
    home = {node: number for number, cycle in enumerate(cycles) for node in cycle}
    kept = dict(enumerate(cycles))
    waiting = sorted(kept, key=lambda number: (len(kept[number]), min(kept[number])))
    while waiting:
        again = []
        for number in waiting:
            if number not in kept or len(kept) == 1:
                continue
            found = next(_beside(number, kept, home, neighbours), None)
            if found is None:
                again.append(number)
                continue
            other, joined = found
            del kept[number]
            kept[other] = joined
            for node in joined:
                home[node] = other
        # A cycle that found no partner may find one once others have grown.
        waiting = again if len(again) < len(waiting) else []
    return list(kept.values())


def _beside(
    number: int, kept: dict[int, Cycle], home: dict[int, int], neighbours: list[set[int]]
) -> Iterator[tuple[int, Cycle]]:
    """Yield cycles that run side by side with one, and both in one."""
    cycle = kept[number]
    places = {}
    for u, v in pairwise([*cycle, cycle[0]]):
        for x in sorted(neighbours[u]):
            other = home[x]
            if other == number:
                continue
            if other not in places:
                places[other] = {node: place for place, node in enumerate(kept[other])}
            ring = kept[other]
            at = places[other][x]
            for step in (1, -1):
                y = ring[(at + step) % len(ring)]
                if y in neighbours[v] and (y != x or len(ring) == 1) and (u != v or len(cycle) == 1):
                    yield other, _joined(cycle, v, ring, at, step)


def _joined(cycle: Cycle, v: int, ring: Cycle, at: int, step: int) -> Cycle:
    """Return one cycle: from v around to the last before v, over to ``ring[at]``, and around it away from y."""
    place = cycle.index(v)
    around = cycle[place:] + cycle[:place]
    away = ring[at:] + ring[:at] if step < 0 else ring[at::-1] + ring[:at:-1]
    return around + away
