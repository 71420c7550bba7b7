"""How much can one half of a data center say to the other? The worst balanced halving, between two bounds.

Bisection bandwidth is what all links between two halves carry in one direction, for the halving where that is least;
halves differ by one member at most. To find it is NP-hard: up to 16 members or so every halving is tried; beyond that
the best one found is an upper bound and `planner.network.datacenter.cutbounds` proves lower ones.
"""

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, ints, lock
from planner.network.datacenter.cutbounds import (
    MOST_EVERYONE,
    MOST_SENDERS,
    halved,
    routed_bound_gbps,
    spectral_bound_gbps,
    spread,
)
from planner.network.datacenter.members import Interconnect, Members, interconnect
from planner.network.datacenter.mincut import minimum_cut_of
from planner.network.datacenter.results import Bisection, Method, Routing
from planner.network.snapshot import NetworkSnapshot
from planner.outcome import Outcome, Status

_MOST_ENUMERATED: Final = 20
"""Members up to which every halving may be tried: 184,756 halvings, a second or so."""

_DIRECTIONS: Final = 8
"""Halvings that the two spectral vectors are turned to. Planner default; on a disc or a torus the two belong to one
eigenvalue, and any direction in their plane is as spectral as another."""

_TRIED: Final = 64
"""Members whose waves are added to the first one's where an eigenvalue has more than two vectors. Planner default."""

_STEPS: Final = 4
"""Distances between linked members' places, the commonest, that are taken for slots of a plane. Planner default."""

_CLOSED_FRACTION: Final = 1e-6
"""Bounds this close count as one. Planner default: floats of capacities are no better known."""


@dataclass(frozen=True)
class _Bounds:
    spectral_gbps: float = np.nan
    routed_gbps: float = np.nan
    cut_gbps: float = np.nan
    routing: Routing | None = None

    @property
    def best_gbps(self) -> float:
        known = [bound for bound in (self.spectral_gbps, self.routed_gbps, self.cut_gbps) if np.isfinite(bound)]
        return max(known, default=0.0)


def bisection(
    snapshot: NetworkSnapshot, members: Members = None, *, rounds: int = 20, enumerated: int = 16
) -> Bisection:
    """Return the bisection bandwidth of the members' links, with a proof of how far off it can be.

    Parameters
    ----------
    snapshot
        The network.
    members
        Names or indices of satellites; None for all.
    rounds
        Rounds of routing for the lower bound, 1 or more; each takes one shortest-path tree per member, and beyond 2,048
        members, after the first, one for each of 512 (`cutbounds`): looser or tighter, it holds. This limit is
        repeatable.
    enumerated
        Members up to which every halving is tried, 20 at most.

    Raises
    ------
    InputError
        As `interconnect` does.
    ValueError
        If `rounds` is below 1, or `enumerated` not from 2 to 20.
    """
    return bisection_of(interconnect(snapshot, members), rounds=rounds, enumerated=enumerated)


def bisection_of(network: Interconnect, *, rounds: int = 20, enumerated: int = 16) -> Bisection:
    """Return the bisection bandwidth of an interconnect; as `bisection`."""
    if rounds < 1:
        raise ValueError(f"rounds: {rounds}, at least 1 is needed")
    if not 2 <= enumerated <= _MOST_ENUMERATED:
        raise ValueError(f"enumerated: {enumerated}, from 2 to {_MOST_ENUMERATED} members is needed")
    began = time.perf_counter()
    size = len(network)
    if size < 2:
        return _result(network, np.zeros(size, dtype=bool), _Bounds(), "trivial", rounds, began)
    if size <= enumerated:
        return _result(network, _enumerated(network), _Bounds(), "enumeration", rounds, began)
    parts = network.components
    if parts.max() > 0:
        side = _refined(network, [_packed(parts), *_in_order(network), *_swept(network)])
        return _result(
            network, side, _Bounds(), "parts" if not _across(network, side).any() else "search", rounds, began
        )
    spectral_gbps, vectors = spectral_bound_gbps(network)
    side = _refined(network, [*_turned(vectors), *_summed(network, vectors), *_in_order(network), *_swept(network)])
    upper_gbps = float(network.capacity_gbps[_across(network, side)].sum())
    routed_gbps, routing = routed_bound_gbps(network, enough_gbps=upper_gbps, rounds=rounds)
    bounds = _Bounds(spectral_gbps, routed_gbps, minimum_cut_of(network).capacity_gbps, routing)
    return _result(network, side, bounds, "search", rounds, began)


def _result(
    network: Interconnect, side: BoolArray, bounds: _Bounds, method: Method, rounds: int, began: float
) -> Bisection:
    across = _across(network, side)
    upper = float(network.capacity_gbps[across].sum())
    exact = method in ("enumeration", "trivial") or upper == 0.0
    lower = upper if exact else min(bounds.best_gbps, upper)
    closed = upper - lower <= _CLOSED_FRACTION * upper
    status: Status = "empty" if method == "trivial" else "optimal" if closed else "feasible"
    first = side == side[0] if len(side) else side
    halves = tuple(
        tuple(name for name, inside in zip(network.names, half.tolist(), strict=True) if inside)
        for half in (first, ~first)
    )
    return Bisection(
        lower,
        upper,
        bounds.spectral_gbps,
        bounds.routed_gbps,
        bounds.cut_gbps,
        bounds.routing,
        (halves[0], halves[1]),
        lock(network.links[across]) if len(network.links) else ints([]),
        method,
        Outcome(
            status=status,
            sense="minimise",
            objective=upper,
            bound=lower,
            unit="Gbit/s",
            solver="none" if method == "trivial" else method,
            seed=0,
            workers=1,
            limit=_routing_limit(len(network), rounds) if method == "search" else "none",
            wall_s=time.perf_counter() - began,
        ),
    )


def _routing_limit(size: int, rounds: int) -> str:
    """Return the limit of the routed bound in words."""
    some = f", after the first from {MOST_SENDERS} members only" if size > MOST_EVERYONE and rounds > 1 else ""
    return f"{rounds} rounds of routing{some}"


def _across(network: Interconnect, side: BoolArray) -> BoolArray:
    return np.asarray(side[network.a] != side[network.b])


def _enumerated(network: Interconnect) -> BoolArray:
    from planner.network.datacenter.cutkernel import best_halving

    size = len(network)
    matrix = np.zeros((size, size))
    np.add.at(matrix, (network.a, network.b), network.capacity_gbps)
    side = np.zeros(size, dtype=bool)
    best_halving(matrix + matrix.T, side)
    return side


def _refined(network: Interconnect, starts: list[BoolArray]) -> BoolArray:
    """Return the best halving that refinement finds from several; the earliest of equal ones."""
    from planner.network.datacenter.cutkernel import refine_halving

    rows = (np.array(network.start), np.array(network.other), network.capacity_gbps[network.way])
    best, kept = np.inf, starts[0]
    for start in starts:
        side = np.array(start)
        refine_halving(*rows, side)
        found = float(network.capacity_gbps[_across(network, side)].sum())
        if found < best:
            best, kept = found, side
    return kept


def _turned(vectors: FloatArray) -> list[BoolArray]:
    """Return halvings at the median along directions in the plane of the first two spectral vectors."""
    angles = np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS
    return [halved(vectors[:, 0] * np.cos(angle) + vectors[:, 1] * np.sin(angle)) for angle in angles]


def _summed(network: Interconnect, vectors: FloatArray) -> list[BoolArray]:
    """Return the best halvings along directions in the space of all vectors of the first eigenvalue.

    Seen from one member that space has a wave around it; the waves around two members add up to others. Around a
    square torus, whose space has four dimensions, those of members opposite along one side cancel along the other, so
    that the sum runs straight along one: the best halving there is, which a plane through the space need not hold.
    """
    if vectors.shape[1] == 2:
        return []
    size = len(network)
    found = []
    for far in spread(size, _TRIED).tolist():
        side = halved(vectors @ (vectors[0] + vectors[far]))
        found.append((float(network.capacity_gbps[_across(network, side)].sum()), far, side))
    return [side for *_, side in sorted(found, key=lambda one: one[:2])[:_DIRECTIONS]]


def _in_order(network: Interconnect) -> list[BoolArray]:
    """Return halvings by place and by slot: members in order, and in order modulo how far apart linked ones are.

    Satellites of a fleet come plane by plane. Then the first half is half of the planes, and with the places between
    neighbours in two planes, which are the slots of a plane, the remainder is the slot.
    """
    place = np.arange(len(network))
    apart, times = np.unique(np.abs(network.b - network.a), return_counts=True)
    usual = apart[np.argsort(-times, kind="stable")][:_STEPS].tolist()
    return [
        halved(place.astype(np.float64)),
        *(halved((place % step).astype(np.float64)) for step in usual if step > 1),
    ]


def _swept(network: Interconnect) -> list[BoolArray]:
    """Return halvings by nearness to four members that are far from each other, in links to pass."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    size = len(network)
    ends = (network.a.astype(np.int32), network.b.astype(np.int32))
    graph = coo_array((np.ones(len(network.a)), ends), (size, size)).tocsr()
    nearest, source, starts = np.full(size, np.inf), 0, []
    for _ in range(4):
        away = np.minimum(dijkstra(graph, directed=False, unweighted=True, indices=source), size)
        starts.append(halved(away))
        nearest = np.minimum(nearest, away)
        source = int(np.argmax(nearest))
    return starts


def _packed(parts: IntArray) -> BoolArray:
    """Return a halving that keeps parts whole where sizes allow: those that add up to a half, else all but one."""
    sizes = np.bincount(parts)
    half = len(parts) // 2
    # reached[k] holds, for each sum of the first k sizes, whether it can be had.
    reached = np.zeros((len(sizes) + 1, half + 1), dtype=bool)
    reached[0, 0] = True
    for k, size in enumerate(sizes.tolist()):
        reached[k + 1] = reached[k]
        reached[k + 1, size:] |= reached[k, : max(half + 1 - size, 0)]
    total = int(np.flatnonzero(reached[-1])[-1])
    order = np.ones(len(parts))
    for k in range(len(sizes) - 1, -1, -1):
        if not reached[k, total]:
            total -= int(sizes[k])
            order[parts == k] = 0.0
    return halved(order)
