"""How do links become arcs that a search can walk? Every laser link and ground contact, once in each direction.

Nodes are numbered as by `NetworkSnapshot.index`: satellites first, then sites. Arcs lie sorted by tail, then head.
Sites never relay: a search may begin at one site and end at another, and expands no other. A capacity that is not
known (NaN) limits nothing and is held as infinite.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.network.routing.paths import Path
from planner.network.snapshot import NetworkSnapshot


@dataclass(frozen=True, eq=False)
class Arcs:
    """The directed arcs of a network.

    Attributes
    ----------
    first
        ``[node + 1]``; arcs ``first[n]:first[n + 1]`` leave node ``n``.
    tail, head
        ``[arc]``, nodes.
    twin
        ``[arc]``, the arc of the same link in the other direction.
    row
        ``[arc]``, which link of the network, or, counted on from the last link, which contact.
    forward
        ``[arc]``, 0 from `a` to `b` of a link or from site to satellite of a contact, else 1.
    delay_ms, range_km
        ``[arc]``.
    capacity_gbps
        ``[arc]``; infinite where nothing is known.
    satellites
        Nodes below this number are satellites.
    names
        ``[node]``.
    """

    first: IntArray
    tail: IntArray
    head: IntArray
    twin: IntArray
    row: IntArray
    forward: IntArray
    delay_ms: FloatArray
    range_km: FloatArray
    capacity_gbps: FloatArray
    satellites: int
    names: tuple[str, ...]

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.names)

    def path(self, chain: Sequence[int]) -> Path:
        """Return the way along consecutive arcs, its delay summed in the order of travel."""
        latency_ms = range_km = 0.0
        for arc in chain:
            latency_ms += float(self.delay_ms[arc])
            range_km += float(self.range_km[arc])
        nodes = [int(self.tail[chain[0]]), *(int(self.head[arc]) for arc in chain)]
        return Path(tuple(self.names[node] for node in nodes), latency_ms, range_km)

    def label(self, arc: int) -> str:
        """Return an arc in words."""
        return f"{self.names[self.tail[arc]]} to {self.names[self.head[arc]]}"


def arcs_of(snapshot: NetworkSnapshot) -> Arcs:
    """Return the arcs of a network.

    Raises
    ------
    ValueError
        If a delay is negative or not finite, a capacity is negative, or two links join the same nodes.
    """
    satellites = len(snapshot.satellite_names)
    low = np.concatenate([snapshot.a, snapshot.site + satellites])
    high = np.concatenate([snapshot.b, snapshot.satellite])
    delay = np.concatenate([snapshot.delay_ms, snapshot.contact_delay_ms])
    length = np.concatenate([snapshot.range_km, snapshot.contact_range_km])
    known = np.concatenate([snapshot.capacity_gbps, snapshot.contact_capacity_gbps])
    capacity = np.where(np.isnan(known), np.inf, known)
    if not (np.isfinite(delay).all() and (delay >= 0.0).all() and (capacity >= 0.0).all()):
        raise ValueError("network: need delays that are finite and at least 0, and no negative capacity")
    rows, nodes = len(low), satellites + len(snapshot.site_names)
    tail, head = np.concatenate([low, high]), np.concatenate([high, low])
    order = np.lexsort((head, tail))
    place = np.empty(2 * rows, dtype=np.int64)
    place[order] = np.arange(2 * rows)
    tail, head = tail[order], head[order]
    if ((tail[1:] == tail[:-1]) & (head[1:] == head[:-1])).any():
        raise ValueError("network: two links join the same nodes; give one, with the capacity of both")
    row = order % rows if rows else order
    return Arcs(
        first=ints(np.searchsorted(tail, np.arange(nodes + 1))),
        tail=ints(tail),
        head=ints(head),
        twin=ints(place[(order + rows) % (2 * rows)] if rows else order),
        row=ints(row),
        forward=ints(order >= rows),
        delay_ms=floats(delay[row]),
        range_km=floats(length[row]),
        capacity_gbps=floats(capacity[row]),
        satellites=satellites,
        names=snapshot.satellite_names + snapshot.site_names,
    )
