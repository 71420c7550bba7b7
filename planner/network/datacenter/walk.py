"""A ring out of cycles: one closed walk past all members that uses no link twice in the same direction.

Links join the cycles to a tree, each used once out and once back. The walk passes some members more than once; at
which of its passes a member is visited decides how many links the hops of the ring have.
"""

from typing import Final

import numpy as np

from planner.arrays import BoolArray, IntArray, ints
from planner.network.datacenter.cycles import Cycle
from planner.network.datacenter.members import Interconnect

_ROUNDS: Final = 50
"""Rounds of moving visits, far more than are ever needed: the sum of cubes falls at every move."""


def closed_walk(network: Interconnect, cycles: list[Cycle]) -> list[int]:
    """Return the members that the walk passes, in order; it closes from the last to the first.

    Parameters
    ----------
    network
        Connected.
    cycles
        Every member in one of them; see `planner.network.datacenter.cycles`.
    """
    doors = _doors(network, cycles)
    home = {node: number for number, cycle in enumerate(cycles) for node in cycle}
    walk: list[int] = []
    # Each entry: the rest of a cycle still to walk, in reverse, and doors already passed stay passed.
    stack = [list(reversed(cycles[0]))]
    passed: set[int] = {0}
    while stack:
        if not stack[-1]:
            stack.pop()
            continue
        node = stack[-1].pop()
        walk.append(node)
        onward = [far for far in doors[node] if home[far] not in passed]
        if onward:
            far = onward[0]
            cycle = cycles[home[far]]
            place = cycle.index(far)
            passed.add(home[far])
            stack[-1].append(node)  # back through the same door, and out of the next one from here
            around = cycle[place:] + cycle[:place]
            stack.append([*([far] if len(around) > 1 else []), *reversed(around)])
    return _closed(walk)


def _closed(walk: list[int]) -> list[int]:
    """Return the walk without a repeated step in place, and without its end where that is its beginning again."""
    steps = [node for place, node in enumerate(walk) if place == 0 or node != walk[place - 1]]
    return steps[:-1] if len(steps) > 1 and steps[0] == steps[-1] else steps


def _doors(network: Interconnect, cycles: list[Cycle]) -> dict[int, list[int]]:
    """Return the links that join cycles to a tree: by each member, the members beyond; shortest delays first."""
    number = np.empty(len(network), dtype=np.int64)
    for k, cycle in enumerate(cycles):
        number[cycle] = k
    parent = list(range(len(cycles)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    doors: dict[int, list[int]] = {node: [] for node in range(len(network))}
    for link in np.lexsort((network.b, network.a, network.delay_ms)).tolist():
        a, b = int(network.a[link]), int(network.b[link])
        here, there = root(int(number[a])), root(int(number[b]))
        if here != there:
            parent[here] = there
            doors[a].append(b)
            doors[b].append(a)
    return doors


def visits(walk: list[int]) -> IntArray:
    """Return for each member of a walk the place where it is visited, so that hops are short; ``[member]``, rising.

    Begins with the first pass of each and moves one visit at a time, where that lowers the sum of the cubes of the
    hops' links (long hops weigh most), until nothing is gained. For a tree there is a choice with at most three links
    to a hop: by turns at the first and the last pass, with the depth (Sekanina 1960); the better of both ends is kept.
    """
    passes: dict[int, list[int]] = {}
    for place, node in enumerate(walk):
        passes.setdefault(node, []).append(place)
    choices = [_moved({node: places[0] for node, places in passes.items()}, passes, len(walk))]
    depth = _depths(walk)
    by_turns = {node: places[0] if depth[node] % 2 == 0 else places[-1] for node, places in passes.items()}
    choices.append(_moved(by_turns, passes, len(walk)))
    return min((ints(sorted(choice.values())) for choice in choices), key=lambda places: _cost(places, len(walk)))


def _cost(places: IntArray, length: int) -> tuple[int, int]:
    hops = np.diff(np.append(places, places[0] + length))
    return int(hops.max()), int((hops**3).sum())


def _depths(walk: list[int]) -> dict[int, int]:
    """Return how many doors or steps lie between each member and the first, by the walk's own nesting."""
    depth: dict[int, int] = {}
    trail: list[int] = []
    open_at: dict[int, int] = {}
    for node in walk:
        if node in open_at:
            while trail[-1] != node:
                del open_at[trail.pop()]
        else:
            open_at[node] = len(trail)
            trail.append(node)
        depth.setdefault(node, len(trail) - 1)
    return depth


def _moved(chosen: dict[int, int], passes: dict[int, list[int]], length: int) -> dict[int, int]:
    """Return the choice of visits after moving one at a time to where neighbouring hops are shortest."""
    taken = np.zeros(length, dtype=bool)
    taken[list(chosen.values())] = True
    several = [node for node, places in passes.items() if len(places) > 1]
    for _ in range(_ROUNDS):
        moved = False
        for node in several:
            taken[chosen[node]] = False
            best = min(passes[node], key=lambda place: (_grown(taken, place), place != chosen[node], place))
            moved |= best != chosen[node]
            chosen[node] = best
            taken[best] = True
        if not moved:
            break
    return chosen


def _grown(taken: BoolArray, place: int) -> int:
    """Return by how much a visit at `place` changes the sum of cubes of the hops' links."""
    length = len(taken)
    before, after = 1, 1
    while before < length and not taken[(place - before) % length]:
        before += 1
    while after < length and not taken[(place + after) % length]:
        after += 1
    return before**3 + after**3 - (before + after) ** 3
