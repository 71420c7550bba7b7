"""Answers how much the network can carry from one group of nodes to another, and which links hold it back.

Links and contacts carry their capacity in each direction. A capacity that is not known limits nothing. Sites never
relay, so a site outside both groups carries nothing. Any source may serve any target.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock
from planner.errors import AuditError, InputError, Problem, SolverError
from planner.network.flow.arcs import Arcs, arcs_of
from planner.network.snapshot import NetworkSnapshot

_LARGEST: Final = 2**60
"""Whole units that the capacities out of one node may have together; the solver counts in 64 bits."""


@dataclass(frozen=True, eq=False)
class Cut:
    """The most that flows between two groups, proved from both sides.

    Attributes
    ----------
    capacity_gbps
        What the crossing links can carry from the sources' side to the other: nothing can carry more. Infinite where a
        way of unlimited links leads from a source to a target.
    flow_gbps
        Size of `link_flow_gbps`, a flow that was checked link by link: at least this much fits. It is the capacity, or
        less by what scaling to whole numbers took off (none of capacities with up to some 15 digits, as a rule).
    links, contacts
        Rows of the crossing links and contacts in the snapshot.
    source_side
        ``[node]``, satellites first, then sites: what is still reached from the sources once the cut is full.
    link_flow_gbps
        ``[link]``, from `a` to `b`, negative the other way.
    """

    capacity_gbps: float
    flow_gbps: float
    links: IntArray
    contacts: IntArray
    source_side: BoolArray
    link_flow_gbps: FloatArray


def max_flow_gbps(snapshot: NetworkSnapshot, sources: Sequence[str], targets: Sequence[str]) -> float:
    """Return the most traffic that can flow from a group of nodes to another; infinite where nothing limits it.

    It is the size of a flow that was checked link by link, so that much does fit; `min_cut` proves that no more does
    than its capacity, which is the same but for what scaling to whole numbers took off.

    Parameters
    ----------
    snapshot
        The network.
    sources, targets
        Names of satellites or sites; no name in both.

    Raises
    ------
    InputError
        If a name is not in the network, or in both groups, or a group is empty.
    """
    return min_cut(snapshot, sources, targets).flow_gbps


def min_cut(snapshot: NetworkSnapshot, sources: Sequence[str], targets: Sequence[str]) -> Cut:
    """Return the links of least capacity that part one group of nodes from another, with a flow that fills them.

    Parameters
    ----------
    snapshot
        The network.
    sources, targets
        Names of satellites or sites; no name in both.

    Returns
    -------
    Cut
        Flow and capacity agree (Ford & Fulkerson, Canadian Journal of Mathematics 8:399–404, 1956,
        doi:10.4153/CJM-1956-045-5), which is checked here without the solver's word.

    Raises
    ------
    InputError
        If a name is not in the network, or in both groups, or a group is empty.
    """
    ends = [np.unique([snapshot.index(name) for name in group]).astype(np.int64) for group in (sources, targets)]
    both = np.intersect1d(ends[0], ends[1])
    if len(both) or not all(len(group) for group in ends):
        names = snapshot.satellite_names + snapshot.site_names
        found = f"{names[both[0]]} is in both groups" if len(both) else "a group is empty"
        raise InputError(
            Problem("cut", f"{found}; sources and targets need at least one node each, and none in common")
        )
    return cut_between(arcs_of(snapshot), *ends)


def cut_between(arcs: Arcs, sources: IntArray, targets: IntArray) -> Cut:
    """Return `min_cut` of groups of nodes given by number; each group becomes one node."""
    group = np.arange(arcs.nodes)
    group[sources], group[targets] = sources[0], targets[0]
    source, target = int(sources[0]), int(targets[0])
    tail, head = group[arcs.tail], group[arcs.head]
    carries = ((arcs.tail < arcs.satellites) | (tail == source)) & ((arcs.head < arcs.satellites) | (head == target))
    used = np.flatnonzero(carries & (tail != head) & (head != source) & (tail != target))
    tail, head, capacity = tail[used], head[used], arcs.capacity_gbps[used]
    free = ~np.isfinite(capacity)
    if _reached(tail[free], head[free], source, arcs.nodes)[target]:
        nothing, links = np.zeros(0), len(_link_flow(arcs, used, np.zeros(len(used))))
        side = np.zeros(arcs.nodes, dtype=np.bool_)
        side[sources] = True
        return Cut(math.inf, math.inf, ints(nothing), ints(nothing), lock(side), floats(np.zeros(links)))
    unit_gbps = _unit_gbps(capacity)
    units = np.floor(np.where(free, 0.0, capacity) / unit_gbps).astype(np.int64)
    # More than everything else can bring, so that it is never full.
    units[free] = units.sum() + 1
    flow = _solved(tail, head, units, source, target)
    side = _reached(
        np.concatenate([tail[flow < units], head[flow > 0]]),
        np.concatenate([head[flow < units], tail[flow > 0]]),
        source,
        arcs.nodes,
    )
    crossing = side[tail] & ~side[head]
    _require_certificate(tail, head, units, flow, crossing, source, target)
    side[sources] = True
    rows, links = arcs.row[used[crossing]], len(arcs.row) // 2 - _contacts(arcs)
    return Cut(
        capacity_gbps=math.fsum(capacity[crossing].tolist()),
        flow_gbps=float(flow[crossing].sum()) * unit_gbps,
        links=ints(np.sort(rows[rows < links])),
        contacts=ints(np.sort(rows[rows >= links]) - links),
        source_side=lock(side),
        link_flow_gbps=_link_flow(arcs, used, floats(flow * unit_gbps)),
    )


def _contacts(arcs: Arcs) -> int:
    """Return how many ground contacts there are."""
    return int(np.count_nonzero(arcs.tail >= arcs.satellites))


def _unit_gbps(capacity_gbps: FloatArray) -> float:
    """Return the Gbit/s of one whole unit: the one place where capacities become whole numbers.

    A power of two, so that dividing by it rounds nothing off but what lies below it. The arcs out of a node together
    stay within what the solver can count, each unlimited one counting as much as all the limited ones.
    """
    limited = capacity_gbps[np.isfinite(capacity_gbps)]
    most = _LARGEST // (len(capacity_gbps) - len(limited) + 1)
    total_gbps = float(limited.sum())
    return 2.0 ** math.ceil(math.log2(total_gbps / most)) if total_gbps > 0.0 else 1.0


def _reached(tail: IntArray, head: IntArray, source: int, nodes: int) -> BoolArray:
    """Return ``[node]``: which nodes the arcs lead to from `source`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes, nodes)).tocsr()
    side = np.zeros(nodes, dtype=np.bool_)
    side[breadth_first_order(graph, source, return_predecessors=False)] = True
    return side


def _solved(tail: IntArray, head: IntArray, units: IntArray, source: int, target: int) -> IntArray:
    """Return ``[arc]``: a greatest flow in whole units."""
    from ortools.graph.python.max_flow import SimpleMaxFlow

    solver = SimpleMaxFlow()
    numbers = solver.add_arcs_with_capacity(tail, head, units)
    # Names nodes that no arc does, without which the solver refuses them.
    solver.add_arc_with_capacity(source, target, 0)
    status = solver.solve(source, target)
    if status != SimpleMaxFlow.OPTIMAL:
        raise SolverError(f"cut: the solver stopped with {status.name}")
    return np.asarray(solver.flows(numbers), dtype=np.int64)


def _require_certificate(
    tail: IntArray, head: IntArray, units: IntArray, flow: IntArray, crossing: BoolArray, source: int, target: int
) -> None:
    """Raise unless the flow keeps every capacity, is conserved and is as large as the cut."""
    surplus = np.zeros(1 + max(source, target, int(tail.max(initial=0)), int(head.max(initial=0))), dtype=np.int64)
    np.add.at(surplus, tail, flow)
    np.subtract.at(surplus, head, flow)
    size = int(units[crossing].sum())
    between = np.delete(surplus, [source, target])
    kept = ((flow >= 0) & (flow <= units)).all() and not between.any()
    if not (kept and surplus[source] == size == -surplus[target]):
        raise AuditError(f"cut: a flow of {surplus[source]} units does not fill a cut of {size}")


def _link_flow(arcs: Arcs, used: IntArray, flow_gbps: FloatArray) -> FloatArray:
    """Return ``[link]``: what flows from `a` to `b` less what flows back."""
    signed = np.where(arcs.forward[used] == 0, flow_gbps, -flow_gbps)
    rows = len(arcs.row) // 2
    return floats(np.bincount(arcs.row[used], weights=signed, minlength=rows)[: rows - _contacts(arcs)])
