"""Which satellites are close enough to act as one? Groups whose every two members are within a latency of each other.

Latency is the least delay through the whole network's laser links, one way, whoever relays; or, with positions
instead of a network, plain distance. To find the largest such group is NP-hard (maximum clique). The search is exact
where it ends before its limit; where it does not, it says between which sizes the largest lies:

- at least all within half the diameter of the best centre, which are within the diameter of each other;
- at most the colours of a colouring, and at most those within the diameter of the best centre.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock, require_shape
from planner.errors import InputError, Problem
from planner.network.datacenter.members import Members, member_indices
from planner.network.datacenter.results import Groups
from planner.network.snapshot import NetworkSnapshot
from planner.outcome import Outcome, Status

_ROUNDING_FRACTION: Final = 1e-12
"""A pair counts as within the diameter when it is beyond by no more than this part: the same delays added in another
order."""

_BLOCK: Final = 256
"""Satellites whose distances to all others are held at once."""

_CENTRES: Final = 512
"""Centres, the best by satellites within half the diameter, around which groups are gathered. Planner default."""

_SEARCHED: Final = 3000
"""Satellites up to which the exact search runs: its stacks take 8 bytes for every two. Planner default."""

_Rows = Callable[[IntArray], FloatArray]


def groups_within(
    snapshot: NetworkSnapshot, diameter_ms: float, *, members: Members = None, nodes: int = 20_000
) -> Groups:
    """Return groups of satellites that reach each other within a latency, one way, through the network.

    Parameters
    ----------
    snapshot
        The network; only its laser links are used.
    diameter_ms
        Most delay between two satellites of a group, 0 or more.
    members
        Satellites to group, by name or index; None for all. The others relay.
    nodes
        Limit on the search for the largest group; repeatable. 0 leaves it to the heuristic, as it is left beyond 3,000
        satellites, where the outcome's solver says so.

    Raises
    ------
    InputError
        If a member is not a satellite of the network or the diameter is negative or NaN.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    if not diameter_ms >= 0.0:
        raise InputError(Problem("diameter_ms", f"{diameter_ms:g}; a latency of 0 or more is needed"))
    chosen, size = member_indices(snapshot, members), len(snapshot.satellite_names)
    here = np.concatenate([snapshot.a, snapshot.b]).astype(np.int32)
    there = np.concatenate([snapshot.b, snapshot.a]).astype(np.int32)
    graph: Any = coo_array((np.concatenate([snapshot.delay_ms] * 2), (here, there)), (size, size)).tocsr()

    def away_ms(places: IntArray) -> FloatArray:
        beyond = diameter_ms * (1.0 + _ROUNDING_FRACTION)
        found: FloatArray = dijkstra(graph, indices=chosen[places], limit=beyond)[:, chosen]
        return found

    return _grouped(tuple(snapshot.satellite_names[i] for i in chosen.tolist()), away_ms, diameter_ms, nodes)


def groups_in_range(positions_km: FloatArray, diameter_km: float, *, nodes: int = 20_000) -> Groups:
    """Return groups of satellites that are within a distance of each other, whether a laser links them or not.

    Parameters
    ----------
    positions_km
        ``[sat, xyz]``, any frame; NaN for a satellite that is not there, which is alone.
    diameter_km
        Most distance between two satellites of a group, 0 or more.
    nodes
        As `groups_within`.

    Raises
    ------
    InputError
        If the diameter is negative or NaN.
    """
    if not diameter_km >= 0.0:
        raise InputError(Problem("diameter_km", f"{diameter_km:g}; a distance of 0 or more is needed"))
    require_shape("positions_km", positions_km, (None, 3))
    positions = floats(positions_km)

    def away_km(places: IntArray) -> FloatArray:
        away = np.linalg.norm(positions[places, None] - positions, axis=-1)
        return np.where(np.isnan(away), np.inf, away)

    return _grouped(tuple(str(i) for i in range(len(positions))), away_km, diameter_km, nodes)


@dataclass(frozen=True, eq=False)
class _Closeness:
    """Who is within the diameter and within half of it, as bits; and distances on demand."""

    near: NDArray[np.uint64]
    half: NDArray[np.uint64]
    away: _Rows

    @property
    def size(self) -> int:
        return len(self.near)


def _grouped(names: tuple[str, ...], away: _Rows, diameter: float, nodes: int) -> Groups:
    began = time.perf_counter()
    size = len(names)
    if size == 0:
        return Groups(names, ints([]), ints([]), 0, _outcome(0, 0, 0, nodes, began))
    close = _closeness(away, size, diameter)
    group, bound, searched, fewest = _partition(close, nodes)
    sizes = np.bincount(group)
    return Groups(
        names,
        lock(group),
        ints(sizes),
        fewest,
        _outcome(int(sizes[0]), max(bound, int(sizes[0])), searched, nodes, began),
    )


def _outcome(found: int, bound: int, searched: int, nodes: int, began: float) -> Outcome:
    status: Status = "empty" if bound == 0 else "optimal" if found == bound else "feasible"
    return Outcome(
        status=status,
        sense="maximise",
        objective=float(found),
        bound=float(bound),
        unit="satellites",
        solver="none" if bound == 0 else "branch and bound" if searched else "centres and colouring",
        seed=0,
        workers=1,
        limit=f"{nodes} nodes",
        wall_s=time.perf_counter() - began,
    )


def _closeness(away: _Rows, size: int, diameter: float) -> _Closeness:
    from planner.network.datacenter.cliquekernel import set_bits

    words = -(-size // 64)
    near, half = (np.zeros((size, words), dtype=np.uint64) for _ in range(2))
    for first in range(0, size, _BLOCK):
        rows = away(ints(np.arange(first, min(first + _BLOCK, size))))
        set_bits(np.array(rows), diameter * (1.0 + _ROUNDING_FRACTION), first, near)
        # Half as far in each of two ways is within the diameter together, whatever way is the shortest.
        set_bits(np.array(rows), 0.5 * diameter, first, half)
    return _Closeness(near, half, away)


def _partition(close: _Closeness, nodes: int) -> tuple[IntArray, int, int, int]:
    """Return each satellite's group, a bound on the largest, nodes searched, and the fewest groups there can be."""
    from planner.network.datacenter.cliquekernel import apart, counted, gathered, uncount

    size = close.size
    free = np.ones(size, dtype=bool)
    largest, bound, searched = _largest(close, nodes)
    group = np.full(size, -1, dtype=np.int64)
    beside = counted(close.half, _as_bits(free))  # free satellites within half the diameter of each
    number = 0
    while True:
        group[largest] = number
        free[largest] = False
        number += 1
        if not free.any():
            break
        uncount(close.half, np.array(largest), beside)
        centre = int(np.argmax(np.where(free, beside, -1)))
        largest = gathered(close.near, _from_centre(close, centre), _as_bits(free))
    loneliest = np.argsort(counted(close.near, _as_bits(np.ones(size, dtype=bool))), kind="stable")
    return group, bound, searched, int(apart(close.near, loneliest))


def _largest(close: _Closeness, nodes: int) -> tuple[IntArray, int, int]:
    """Return the largest group found, a bound on any, and how many nodes were searched."""
    from planner.network.datacenter.cliquekernel import counted, gathered, largest_group

    everyone = _as_bits(np.ones(close.size, dtype=bool))
    best, ball = np.empty(0, dtype=np.int64), 1 + int(counted(close.near, everyone).max())
    for centre in np.argsort(-counted(close.half, everyone), kind="stable")[:_CENTRES].tolist():
        found = gathered(close.near, _from_centre(close, centre), everyone)
        best = found if len(found) > len(best) else best
        if len(best) == ball:
            return best, ball, 0
    if close.size > _SEARCHED or nodes == 0:
        return best, ball, 0
    order = np.argsort(-counted(close.near, everyone), kind="stable")
    found, bound, searched = largest_group(_renumbered(close.near, order), len(best), nodes)
    return (order[found] if len(found) else best), min(bound, ball), searched


def _from_centre(close: _Closeness, centre: int) -> IntArray:
    """Return all satellites by distance from one, itself first; equal ones by index."""
    return np.argsort(close.away(ints([centre]))[0], kind="stable")


def _renumbered(near: NDArray[np.uint64], order: IntArray) -> NDArray[np.uint64]:
    size = len(near)
    bits = np.unpackbits(near.view(np.uint8), axis=1, bitorder="little", count=size)[np.ix_(order, order)]
    renumbered = np.zeros((size, 8 * near.shape[1]), dtype=np.uint8)
    renumbered[:, : -(-size // 8)] = np.packbits(bits, axis=1, bitorder="little")
    return renumbered.view(np.uint64)


def _as_bits(flags: BoolArray) -> NDArray[np.uint64]:
    packed = np.zeros(8 * -(-len(flags) // 64), dtype=np.uint8)
    packed[: -(-len(flags) // 8)] = np.packbits(flags, bitorder="little")
    return packed.view(np.uint64)
