"""Are a halving and a minimum cut what they say they are, and are their lower bounds true? No search, no solver.

What links carry across is added up anew, and so are proofs that no other cut carries less:

- every halving of 20 members or fewer is counted out;
- the routing that comes with a bisection is replayed: what crosses any halving must fit through its links;
- the second eigenvalue is taken from all eigenvalues of the dense Laplacian of up to 2,048 members, and beyond, the
  eigenvalues below the one claimed are counted;
- members that no cut smaller than the one claimed can part are joined until one is left.

A bisection needs one of these to hold. A replay takes about as long as the rounds of routing that it repeats.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.network.datacenter.mincut import MinimumCut
from planner.network.datacenter.results import Bisection, Routing
from planner.network.snapshot import NetworkSnapshot
from planner.outcome import Violation

_CLOSE_FRACTION = 1e-9
_BLOCK = 256
_MOST_COUNTED = 20
_MOST_DENSE = 2048
_MOST_JOINED = 2048


@dataclass(frozen=True)
class _Inside:
    """The members' links: ends as places among the members, rising; and their places in the snapshot."""

    names: tuple[str, ...]
    satellites: IntArray
    links: IntArray
    a: IntArray
    b: IntArray
    capacity: FloatArray


def audit_bisection(
    found: Bisection, snapshot: NetworkSnapshot, members: Collection[str] | None = None
) -> tuple[Violation, ...]:
    """Return what is wrong with a bisection: halves, the capacity between them, and a lower bound that has no proof.

    Parameters
    ----------
    found
        The bisection, with the routing that its bound may follow from.
    snapshot
        The network.
    members
        Names of those it must halve; None for all satellites.
    """
    network = _inside(snapshot, members)
    first, second = (set(half) for half in found.halves)
    counts = (
        ("halves", "members of both", len(first & second), 0),
        ("halves", "members of neither", len(set(network.names) - first - second), 0),
        ("halves", "others", len((first | second) - set(network.names)), 0),
        ("balance", "halves", abs(len(found.halves[0]) - len(found.halves[1])), len(network.names) % 2),
    )
    wrong = [Violation(rule, place, float(n), float(m), "members") for rule, place, n, m in counts if n != m]
    side = np.array([name in first for name in network.names], dtype=bool)
    across = side[network.a] != side[network.b]
    upper = float(network.capacity[across].sum())
    wrong += _untrue_links(found.links, network.links[across])
    for rule, place, says, is_ in (
        ("capacity", "links between the halves", found.upper_gbps, upper),
        ("objective", "outcome", found.outcome.objective, upper),
        ("objective", "outcome's bound", found.outcome.bound, found.lower_gbps),
    ):
        if not abs(says - is_) <= _CLOSE_FRACTION * max(abs(is_), 1.0):
            wrong.append(Violation(rule, place, says, is_, "Gbit/s"))
    claims = (found.spectral_gbps, found.routed_gbps, found.cut_gbps)
    told = max((claim for claim in (*claims, found.lower_gbps) if np.isfinite(claim)), default=0.0)
    # The routed bound meets the halving in a network like a torus, and a minimum cut exceeds it by rounding.
    if told > upper * (1.0 + _CLOSE_FRACTION):
        wrong.append(Violation("bound", "lower bounds, above the halving", told, upper, "Gbit/s"))
    elif not wrong:
        proved = _proved_gbps(found, network)
        if found.lower_gbps > proved * (1.0 + _CLOSE_FRACTION):
            wrong.append(Violation("bound", "lower bound", found.lower_gbps, proved, "Gbit/s"))
    return tuple(wrong)


def audit_minimum_cut(
    found: MinimumCut, snapshot: NetworkSnapshot, members: Collection[str] | None = None
) -> tuple[Violation, ...]:
    """Return what is wrong with a minimum cut: its side, the capacity across, and a smaller cut that may be.

    Parameters
    ----------
    found
        The cut.
    snapshot
        The network.
    members
        Names of those it must part; None for all satellites.

    Notes
    -----
    Up to 2,048 members it is proved that no cut is smaller: a second for 1,584. Beyond, only single members are tried.
    """
    network = _inside(snapshot, members)
    size, side = len(network.names), np.array([name in set(found.side) for name in network.names], dtype=bool)
    if size < 2:
        right = np.isinf(found.capacity_gbps) and not found.side and not len(found.links)
        return () if right else (Violation("side", "fewer than two members", found.capacity_gbps, np.inf, "Gbit/s"),)
    wrong = []
    if side.sum() != len(found.side) or not 1 <= len(found.side) <= size // 2:
        wrong.append(Violation("side", "members of the smaller side", float(len(found.side)), size // 2, "members"))
    across = side[network.a] != side[network.b]
    wrong += _untrue_links(found.links, network.links[across])
    total = float(network.capacity[across].sum())
    if not abs(total - found.capacity_gbps) <= _CLOSE_FRACTION * max(total, 1.0):
        wrong.append(Violation("capacity", "links across", found.capacity_gbps, total, "Gbit/s"))
    if not wrong and not _no_smaller_cut(network, total * (1.0 - _CLOSE_FRACTION)):
        wrong.append(Violation("bound", "a smaller cut is not ruled out", total, total, "Gbit/s"))
    return tuple(wrong)


def _inside(snapshot: NetworkSnapshot, members: Collection[str] | None) -> _Inside:
    wanted = set(snapshot.satellite_names if members is None else members)
    place: dict[int, int] = {}
    satellites: list[int] = []
    for i, name in enumerate(snapshot.satellite_names):
        if name in wanted:
            place[i] = len(satellites)
            satellites.append(i)
    links = [
        link
        for link, (a, b) in enumerate(zip(snapshot.a.tolist(), snapshot.b.tolist(), strict=True))
        if a in place and b in place and snapshot.capacity_gbps[link] > 0.0
    ]
    a, b = ([place[int(ends[link])] for link in links] for ends in (snapshot.a, snapshot.b))
    return _Inside(
        tuple(snapshot.satellite_names[i] for i in satellites),
        np.array(satellites, dtype=np.int64),
        np.array(links, dtype=np.int64),
        np.array(a, dtype=np.int64),
        np.array(b, dtype=np.int64),
        np.array(snapshot.capacity_gbps[links] if links else [], dtype=np.float64),
    )


def _untrue_links(told: IntArray, across: IntArray) -> list[Violation]:
    odd = set(told.tolist()) ^ set(across.tolist())
    return [Violation("links", "links across, one of both only", float(len(odd)), 0.0, "links")] if odd else []


def _proved_gbps(found: Bisection, network: _Inside) -> float:
    """Return a capacity that every halving has; proofs are tried until one reaches the claim."""
    size, claim = len(network.names), found.lower_gbps
    enough = claim * (1.0 - _CLOSE_FRACTION)
    if size < 2 or claim <= 0.0:
        return 0.0
    if size <= _MOST_COUNTED:
        return _least_halving_gbps(network)
    proved = 0.0
    if found.routing is not None and found.routed_gbps >= enough:
        proved = _replayed_gbps(found.routing, network)
    if proved < enough and found.spectral_gbps >= enough:
        proved = max(proved, _eigenvalue_gbps(network, enough))
    if proved < enough and found.cut_gbps >= enough and _no_smaller_cut(network, enough, most=size):
        proved = enough
    return proved


def _least_halving_gbps(network: _Inside) -> float:
    size = len(network.names)
    chosen = np.array(list(combinations(range(size), size // 2)), dtype=np.int64)
    side = np.zeros((len(chosen), size), dtype=bool)
    side[np.arange(len(chosen))[:, None], chosen] = True
    return float(((side[:, network.a] != side[:, network.b]) @ network.capacity).min())


def _replayed_gbps(routing: Routing, network: _Inside) -> float:
    """Return the least capacity between halves that the routing fits through; 0 for a routing of other links.

    In a round in which all n members send a unit to each, halves of k and n − k exchange 2 k (n − k); of s senders each
    has k members or more on the other side, so that s k cross. With loads of the rounds divided by that and mixed by
    shares that add up to 1, what links carry across a halving adds up to 1 at least: one that carries no more than c
    times each link's capacity has 1 / c of capacity.
    """
    size, shares = len(network.names), routing.share_fraction
    if routing.links.tolist() != network.links.tolist() or routing.length.shape != (len(shares), len(network.links)):
        return 0.0
    if (shares < 0.0).any() or not abs(shares.sum() - 1.0) <= _CLOSE_FRACTION or not (routing.length > 0.0).all():
        return 0.0
    here, there = np.concatenate([network.a, network.b]), np.concatenate([network.b, network.a])
    order = np.argsort(here, kind="stable")
    rows = (np.searchsorted(here[order], np.arange(size + 1)), there[order], order % len(network.links))
    load = np.zeros(len(network.links))
    for length, share, senders in zip(routing.length, shares.tolist(), routing.senders, strict=True):
        places = np.searchsorted(network.satellites, np.unique(senders))
        if not len(places) or not np.isin(senders, network.satellites).all():
            return 0.0
        half = size // 2
        parted = 2 * half * (size - half) if len(places) == size else len(places) * half
        load += share * _load(rows, np.array(length), places) / parted
    return float(1.0 / (load / network.capacity).max())


def _load(rows: tuple[IntArray, IntArray, IntArray], length: FloatArray, senders: IntArray) -> FloatArray:
    """Return the load of each link, worked out for blocks of senders at once and added up in their order."""
    from planner.network.datacenter.auditkernel import replayed_load

    blocks = [senders[first : first + _BLOCK] for first in range(0, len(senders), _BLOCK)]
    with ThreadPoolExecutor() as pool:
        loads = list(pool.map(lambda block: replayed_load(*rows, length, block), blocks))
    return np.asarray(np.sum(loads, axis=0))


def _eigenvalue_gbps(network: _Inside, enough_gbps: float) -> float:
    """Return what halves have by the Laplacian's second eigenvalue, k (n − k) / n of it; 0 if it falls short."""
    size = len(network.names)
    part = (size // 2) * (size - size // 2) / size
    if size <= _MOST_DENSE:
        laplacian = np.zeros((size, size))
        np.add.at(laplacian, (network.a, network.b), -network.capacity)
        laplacian += laplacian.T
        np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
        return float(np.linalg.eigvalsh(laplacian)[1]) * part
    return enough_gbps if _below(network, enough_gbps / part) == 1 else 0.0


def _below(network: _Inside, value: float) -> int:
    """Return how many eigenvalues of the Laplacian are below a value: signs of pivots (Sylvester); -1 for no answer."""
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import splu

    size = len(network.names)
    ends = np.arange(size)
    rows, columns = np.concatenate([network.a, network.b, ends]), np.concatenate([network.b, network.a, ends])
    degree = np.bincount(rows[:-size], np.tile(network.capacity, 2), size)
    entries = np.concatenate([-network.capacity, -network.capacity, degree - value])
    shifted = csc_array((entries, (rows, columns)), (size, size))
    factors = splu(shifted, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    symmetric = np.array_equal(factors.perm_r, factors.perm_c)
    return int((factors.U.diagonal() < 0.0).sum()) if symmetric else -1


def _no_smaller_cut(network: _Inside, least_gbps: float, *, most: int = _MOST_JOINED) -> bool:
    """Return whether every cut has a capacity, proved by joining members up to `most` of them; beyond, one by one.

    Members are scanned, those first that what is scanned is linked to most. Where the links from there to a member
    reach a capacity, so does every cut between it and the last of their ends (Nagamochi and Ibaraki, SIAM J. Discrete
    Mathematics 5 (1992) 54–66, doi:10.1137/0405004): the two can be joined. In each scan that holds for the last
    member, or its own links are the smaller cut.
    """
    near: list[dict[int, float]] = [{} for _ in network.names]
    for a, b, capacity in zip(network.a.tolist(), network.b.tolist(), network.capacity.tolist(), strict=True):
        near[a][b] = near[b][a] = near[a].get(b, 0.0) + capacity
    if len(near) > most:
        return min(sum(row.values()) for row in near) >= least_gbps
    while len(near) > 1 and least_gbps > 0.0:
        joined = _scanned(near, least_gbps)
        if len(set(joined)) == len(near):
            return False
        near = _contracted(near, joined)
    return True


def _scanned(near: list[dict[int, float]], least_gbps: float) -> list[int]:
    """Return for each member one of those it can be joined with, the same for all of them."""
    root = list(range(len(near)))

    def top(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    reached, scanned, heap = [0.0] * len(near), [False] * len(near), [(0.0, 0)]
    while heap:
        node = heappop(heap)[1]
        if scanned[node]:
            continue
        scanned[node] = True
        for far, capacity in near[node].items():
            if not scanned[far]:
                reached[far] += capacity
                heappush(heap, (-reached[far], far))
                if reached[far] >= least_gbps:
                    root[top(far)] = top(node)
    return [top(node) for node in range(len(near))] if all(scanned) else list(range(len(near)))


def _contracted(near: list[dict[int, float]], joined: list[int]) -> list[dict[int, float]]:
    number = {root: place for place, root in enumerate(sorted(set(joined)))}
    made: list[dict[int, float]] = [{} for _ in number]
    for node, row in enumerate(near):
        here = number[joined[node]]
        for far, capacity in row.items():
            there = number[joined[far]]
            if here != there:
                made[here][there] = made[here].get(there, 0.0) + capacity
    return made
