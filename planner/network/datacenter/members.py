"""Which satellites make one data center, and which laser links have both ends among them? Its interconnect.

A data center uses the links between its own members only: the satellites around it carry their own traffic. Whoever
wants others to relay makes them members. A link carries its capacity in each direction at once; figures of a cut are
for one direction, what every link across it carries that way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.errors import InputError, Problem
from planner.network.snapshot import NetworkSnapshot

Members = Sequence[str] | IntArray | None
"""Satellites by name or by index in the snapshot, each once; None for all of them."""


@dataclass(frozen=True, eq=False)
class Interconnect:
    """The members of a data center and the links among them.

    Attributes
    ----------
    names
        Names of the members, ``[member]``.
    satellites
        Their indices in the snapshot, ``[member]``, rising.
    links
        Index in the snapshot of each link, ``[link]``.
    a, b
        Ends of each link as places among the members, ``[link]``.
    delay_ms, capacity_gbps
        ``[link]``; capacities are above 0, in each direction.
    start, other, way
        The same links as compressed rows: the links of member ``i`` are ``start[i]:start[i + 1]`` of `other` (the place
        of the far end) and `way` (the link), far ends rising.
    """

    names: tuple[str, ...]
    satellites: IntArray
    links: IntArray
    a: IntArray
    b: IntArray
    delay_ms: FloatArray
    capacity_gbps: FloatArray
    start: IntArray
    other: IntArray
    way: IntArray

    def __post_init__(self) -> None:
        for column in fields(self):
            values = getattr(self, column.name)
            if column.name != "names":
                measure = column.name in ("delay_ms", "capacity_gbps")
                object.__setattr__(self, column.name, floats(values) if measure else ints(values))

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self.names)

    @property
    def components(self) -> IntArray:
        """Number of the connected part that each member belongs to, ``[member]``, counted from 0."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        size = len(self)
        graph = coo_array((np.ones(len(self.a)), (self.a.astype(np.int32), self.b.astype(np.int32))), (size, size))
        return ints(connected_components(graph, directed=False)[1])


def interconnect(snapshot: NetworkSnapshot, members: Members = None) -> Interconnect:
    """Return the links among members of a network.

    Parameters
    ----------
    snapshot
        The network.
    members
        Names or indices of satellites; None for all.

    Raises
    ------
    InputError
        For a member that is not a satellite of the network or is named twice, and for a link among members whose
        capacity or delay is unknown, negative or infinite; all at once. Links of capacity 0 are left out.
    """
    satellites = member_indices(snapshot, members)
    place = np.full(len(snapshot.satellite_names), -1, dtype=np.int64)
    place[satellites] = np.arange(len(satellites))
    links = np.flatnonzero((place[snapshot.a] >= 0) & (place[snapshot.b] >= 0))
    _require_measures(snapshot, links)
    links = links[snapshot.capacity_gbps[links] > 0.0]
    a, b = place[snapshot.a[links]], place[snapshot.b[links]]
    start, other, way = rows_of(a, b, len(satellites))
    return Interconnect(
        tuple(snapshot.satellite_names[i] for i in satellites.tolist()),
        satellites,
        links,
        a,
        b,
        snapshot.delay_ms[links],
        snapshot.capacity_gbps[links],
        start,
        other,
        way,
    )


def member_indices(snapshot: NetworkSnapshot, members: Members) -> IntArray:
    """Return the indices of members in the snapshot, rising; `InputError` as `interconnect` says."""
    count = len(snapshot.satellite_names)
    if members is None:
        return ints(np.arange(count))
    named = list(members)
    if any(isinstance(member, str) for member in named):
        found = [snapshot.index(str(member)) for member in named]
        sites = [str(name) for name, index in zip(named, found, strict=True) if index >= count]
        if sites:
            raise InputError(
                [Problem("members", f"{name} is a site; a data center is made of satellites") for name in sites]
            )
        indices = np.asarray(found, dtype=np.int64)
    else:
        indices = np.asarray(members)
        if indices.dtype.kind not in "iu" and indices.size:
            raise InputError(Problem("members", f"are of type {indices.dtype}; give names or whole numbers"))
        indices = indices.astype(np.int64)
    outside = (indices < 0) | (indices >= count)
    if outside.any():
        raise InputError(
            Problem("members", f"no satellite {indices[outside][0]}; the network's are 0 to {count - 1}, or by name")
        )
    rising, times = np.unique(indices, return_counts=True)
    if (times > 1).any():
        twice = ", ".join(snapshot.satellite_names[i] for i in rising[times > 1].tolist())
        raise InputError(Problem("members", f"{twice}: named more than once; name each member once"))
    return ints(rising)


def _require_measures(snapshot: NetworkSnapshot, links: IntArray) -> None:
    problems = []
    for name, values in (("capacity_gbps", snapshot.capacity_gbps), ("delay_ms", snapshot.delay_ms)):
        wrong = links[~(np.isfinite(values[links]) & (values[links] >= 0.0))]
        problems += [
            Problem(
                f"link {snapshot.satellite_names[snapshot.a[link]]} to {snapshot.satellite_names[snapshot.b[link]]}",
                f"{name} is {values[link]:g}; a data center's links need a finite one, 0 or more: set it on the link",
            )
            for link in wrong.tolist()
        ]
    if problems:
        raise InputError(problems)


def rows_of(a: IntArray, b: IntArray, size: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return links as compressed rows: start, far end and link; far ends rise within a row."""
    here, there = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((there, here))
    start = np.searchsorted(here[order], np.arange(size + 1))
    return ints(start), ints(there[order]), ints(np.concatenate([np.arange(len(a))] * 2)[order])
