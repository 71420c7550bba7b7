"""How fast a ring runs through all members of a data center? The ring that an all-reduce sends its data around.

A ring visits every member once. Where neighbours in it are not linked, the hop between them is relayed by members, and
hops that share a link share its capacity, each direction for itself: a ring all-reduce keeps all hops busy at once.
The rate of the ring is that of its slowest hop.

*No ring is faster than the widest spanning tree*: any ring crosses every cut, over one link at a time, and so is no
faster than the widest link of any cut, of which the least is the narrowest link of that tree. *And one is as fast*: to
walk around that tree uses each of its links once in each direction. So the best rate is known exactly, for any number
of members, and what there is to search for is a ring of that rate whose hops are short: at best a Hamiltonian cycle,
without relays. There is none, for one, in a lattice linked like a chessboard rook's neighbours with unequal numbers of
black and white places, as each hop changes colour.
"""

import time
from itertools import pairwise
from typing import Final

import numpy as np

from planner.arrays import BoolArray, IntArray, ints
from planner.errors import InfeasibleError
from planner.network.datacenter.circuit import CircuitLimits, Hop, least_relayed
from planner.network.datacenter.cycles import joined_cycles
from planner.network.datacenter.hops import ring_over
from planner.network.datacenter.members import Interconnect, Members, interconnect
from planner.network.datacenter.results import Ring
from planner.network.datacenter.walk import closed_walk, visits
from planner.network.snapshot import NetworkSnapshot

_UNLIMITED: Final = CircuitLimits()


def embed_ring(snapshot: NetworkSnapshot, members: Members = None, *, limits: CircuitLimits = _UNLIMITED) -> Ring:
    """Return a ring over the members, of the best rate there is, with few relays.

    Parameters
    ----------
    snapshot
        The network.
    members
        Names or indices of satellites; None for all.
    limits
        Limits on the search by CP-SAT, which runs only where the construction may have left relays to save.

    Raises
    ------
    InputError
        As `interconnect` does.
    InfeasibleError
        If the members' links do not connect them.

    Notes
    -----
    Cycles of links are joined side by side as far as they go and then by links used out and back; hops of a walk around
    a tree need three links at most (Sekanina, On an ordering of the set of vertices of a connected graph, Publications
    of the Faculty of Sciences of the University of Brno 412 (1960) 137–142).
    """
    return embed_ring_in(interconnect(snapshot, members), limits=limits)


def embed_ring_in(network: Interconnect, *, limits: CircuitLimits = _UNLIMITED) -> Ring:
    """Return a ring over an interconnect; as `embed_ring`."""
    began = time.perf_counter()
    size = len(network)
    if size < 2:
        return _ring(network, [], 0, "", limits, began)
    require_connected(network)
    rate = widest_gbps(network)
    wide = only_links(network, network.capacity_gbps >= rate)
    walk = closed_walk(wide, joined_cycles(wide))
    hops = _hops_of(walk, visits(walk))
    relays = sum(len(hop) - 2 for hop in hops)
    least, reason = _fewest_relays(wide)
    if relays > least and size <= limits.members:
        room = np.floor(wide.capacity_gbps / rate * (1.0 + 1e-12)).astype(np.int64)
        better, bound = least_relayed(wide, room, hops, least, limits)
        if bound > least:
            least, reason = bound, "every ring of this rate relays that often (CP-SAT)"
        hops = better or hops
        relays = sum(len(hop) - 2 for hop in hops)
    if relays > least:
        reason = f"no ring with fewer was found within {limits.text}" + (f"; {reason}" if reason else "")
    return _ring(network, hops, least, reason if relays else "", limits, began)


def widest_gbps(network: Interconnect) -> float:
    """Return the greatest rate at which the members are still connected by links of it: the widest tree's narrowest.

    Infinite for fewer than two members, 0 for a network in parts.
    """
    if len(network) < 2:
        return np.inf
    rates = np.unique(network.capacity_gbps)
    low, high = -1, len(rates) - 1  # links of rates[low] and more connect them, those above high do not
    while low < high:
        middle = (low + high + 1) // 2
        if only_links(network, network.capacity_gbps >= rates[middle]).components.max() == 0:
            low = middle
        else:
            high = middle - 1
    return 0.0 if low < 0 else float(rates[low])


def require_connected(network: Interconnect) -> None:
    """Raise `InfeasibleError` unless the members' links connect them."""
    parts = network.components
    if parts.max(initial=0) > 0:
        sizes = np.bincount(parts)
        raise InfeasibleError(
            f"nothing joins {len(network)} members whose links fall into {len(sizes)} parts, the largest of "
            f"{sizes.max()}; {network.names[int(np.argmax(parts != np.argmax(sizes)))]} is outside it",
            "leave out the members outside the largest part, or link it to them",
        )


def only_links(network: Interconnect, kept: BoolArray) -> Interconnect:
    """Return the interconnect with some of its links only."""
    number = np.cumsum(kept) - 1
    rows = kept[network.way]
    return Interconnect(
        network.names,
        network.satellites,
        network.links[kept],
        network.a[kept],
        network.b[kept],
        network.delay_ms[kept],
        network.capacity_gbps[kept],
        ints(np.concatenate([[0], np.cumsum(rows)])[network.start]),
        network.other[rows],
        number[network.way[rows]],
    )


def _hops_of(walk: list[int], places: IntArray) -> list[Hop]:
    """Return what each hop passes between the visits of a closed walk."""
    ends = [*places.tolist(), int(places[0]) + len(walk)]
    around = walk + walk
    return [tuple(around[first : last + 1]) for first, last in pairwise(ends)]


def _fewest_relays(network: Interconnect) -> tuple[int, str]:
    """Return a number of relays that no ring can undercut, and why; the better of two reasons."""
    size = len(network)
    if size == 2:
        return 0, ""
    reasons = [(0, "")]
    colour = _two_colours(network)
    if colour is not None:
        black = int(colour.sum())
        apart = abs(2 * black - size)
        only = f"links join {black} members of one colour to {size - black} of the other only"
        reasons.append((apart, f"{only}, so that {apart} hops stay within the larger and are relayed"))
    # Both hops of a member with one link pass its only neighbour, which is visited once: one of the two goes on beyond
    # it. That hop may be the one of another such member, too, so that a relay serves two of them at most.
    ends = int((np.diff(network.start) == 1).sum())
    reasons.append((-(-ends // 2), f"{ends} members have a single link, and a ring leaves them by the way it came"))
    return max(reasons, key=lambda reason: reason[0])


def _two_colours(network: Interconnect) -> BoolArray | None:
    """Return a colouring of a connected network in which every link joins two colours; None if there is none."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    size = len(network)
    ends = (network.a.astype(np.int32), network.b.astype(np.int32))
    order, before = breadth_first_order(coo_array((np.ones(len(network.a)), ends), (size, size)).tocsr(), 0, False)
    colour = np.zeros(size, dtype=bool)
    for node in order[1:].tolist():
        colour[node] = not colour[before[node]]
    return colour if np.all(colour[network.a] != colour[network.b]) else None


def _ring(network: Interconnect, hops: list[Hop], least: int, reason: str, limits: CircuitLimits, began: float) -> Ring:
    return ring_over(
        network,
        hops,
        rate_gbps=widest_gbps(network),
        solver="widest spanning tree",
        seed=limits.seed,
        limit=limits.text,
        wall_s=time.perf_counter() - began,
        fewest_relays=least,
        why_relayed=reason,
    )
