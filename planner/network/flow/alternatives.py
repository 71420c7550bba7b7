"""Answers which other ways lead from one node to another: the next shortest, or ways that share no link or no node.

Sites never relay. Delays are one way, ms, light time only.
"""

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal

import numpy as np

from planner.arrays import FloatArray
from planner.errors import InputError, Problem
from planner.network.flow.arcs import Arcs, arcs_of
from planner.network.flow.residual import Residual
from planner.network.routing.paths import Path
from planner.network.snapshot import NetworkSnapshot

Sharing = Literal["link", "node"]


def k_shortest(snapshot: NetworkSnapshot, source: str, target: str, k: int) -> tuple[Path, ...]:
    """Return the `k` shortest ways by delay that visit no node twice.

    All ways are divided into those that follow the best one up to some node and leave it there, and so on (Yen,
    Management Science 17:712–716, 1971, doi:10.1287/mnsc.17.11.712; Lawler, 18:401–405, 1972,
    doi:10.1287/mnsc.18.7.401).
    A part is searched only when its bound, by delays to the target with nothing barred, is the least of all.

    Parameters
    ----------
    snapshot
        The network.
    source, target
        Names of satellites or sites.
    k
        How many, at least 1.

    Returns
    -------
    tuple of Path
        By delay, then by the order of their nodes in the network; fewer than `k` where there are no more, none where
        there is no way. From a node to itself the one way without a step.

    Raises
    ------
    InputError
        If a name is not in the network.
    ValueError
        If `k` is below 1.
    """
    if k < 1:
        raise ValueError(f"k: {k}, need at least 1")
    start, end = snapshot.index(source), snapshot.index(target)
    if start == end:
        return (Path((source,), 0.0, 0.0),)
    arcs = arcs_of(snapshot)
    chains = _shortest_chains(arcs, start, end, k)
    found = [(arcs.path(chain), arcs.head[list(chain)].tolist()) for chain in chains]
    return tuple(path for path, nodes in sorted(found, key=lambda row: (row[0].latency_ms, row[1])))


def _shortest_chains(arcs: Arcs, start: int, end: int, k: int) -> list[tuple[int, ...]]:
    """Return the arcs of each way, shortest first."""
    from planner.network.flow.search import distances, guided

    first, head, tail, delay = arcs.first.copy(), arcs.head.copy(), arcs.tail.copy(), arcs.delay_ms.copy()
    to_go = distances(first, head, delay, arcs.satellites, end, arcs.twin.copy())
    barred_nodes, barred_arcs = np.zeros(arcs.nodes, dtype=np.bool_), np.zeros(len(head), dtype=np.bool_)
    found: list[tuple[int, ...]] = []
    # A part: its bound, whether that is the delay of `chain`, the arcs up to where its ways part and then those of its
    # best way once searched, how many of them are fixed, and the arcs barred after those.
    parts: list[tuple[float, bool, tuple[int, ...], int, tuple[int, ...]]] = [(to_go[start], False, (), 0, ())]
    while parts and len(found) < k:
        _, searched, chain, fixed, barred = heappop(parts)
        if searched:
            found.append(chain)
            _divide(arcs, to_go, parts, chain, fixed, barred)
            continue
        passed = [start, *arcs.head[list(chain)].tolist()] if chain else [start]
        barred_nodes[passed], barred_arcs[list(barred)] = True, True
        rest = guided(first, head, tail, delay, arcs.satellites, to_go, passed[-1], end, barred_nodes, barred_arcs)
        barred_nodes[passed], barred_arcs[list(barred)] = False, False
        if len(rest):
            whole = (*chain, *rest.tolist())
            exact = sum(delay[list(whole)].tolist())
            heappush(parts, (exact, True, whole, fixed, barred))
    return found


def _divide(
    arcs: Arcs,
    to_go_ms: FloatArray,
    parts: list[tuple[float, bool, tuple[int, ...], int, tuple[int, ...]]],
    chain: tuple[int, ...],
    fixed: int,
    barred: tuple[int, ...],
) -> None:
    """Add the parts that are left when the best way of a part is taken out, each with its bound."""
    passed = {int(arcs.tail[arc]) for arc in chain[: fixed + 1]}
    so_far_ms = sum(arcs.delay_ms[list(chain[:fixed])].tolist())
    for at in range(fixed, len(chain)):
        node = int(arcs.tail[chain[at]])
        passed.add(node)
        closed = {*barred, chain[at]} if at == fixed else {chain[at]}
        bound = min(
            (
                so_far_ms + float(arcs.delay_ms[arc] + to_go_ms[arcs.head[arc]])
                for arc in range(int(arcs.first[node]), int(arcs.first[node + 1]))
                if arc not in closed and int(arcs.head[arc]) not in passed
            ),
            default=np.inf,
        )
        if bound < np.inf:
            heappush(parts, (bound, False, chain[:at], at, tuple(sorted(closed))))
        so_far_ms += float(arcs.delay_ms[chain[at]])


@dataclass(frozen=True)
class Separator:
    """The fewest links and nodes whose loss leaves no way between two nodes.

    As many ways that share no link (no node) exist as it has members, and no more (Menger, Fundamenta Mathematicae
    10:96–115, 1927, doi:10.4064/fm-10-1-96-115).

    Attributes
    ----------
    links
        Pairs of names. When nodes are counted, only the link that joins the two directly.
    nodes
        Names; empty when links are counted.
    """

    links: tuple[tuple[str, str], ...]
    nodes: tuple[str, ...]

    def __len__(self) -> int:
        """Return how many members there are."""
        return len(self.links) + len(self.nodes)


def disjoint_paths(
    snapshot: NetworkSnapshot, source: str, target: str, count: int, *, by: Sharing = "link"
) -> tuple[Path, ...]:
    """Return ways that share no link, or no node between their ends, with the least delay in total.

    Successive shortest ways through what the ways before left over, their steps reversible (Suurballe, Networks
    4:125–145, 1974, doi:10.1002/net.3230040204).

    Parameters
    ----------
    snapshot
        The network.
    source, target
        Names of satellites or sites; they differ.
    count
        How many, at least 1.
    by
        What they may not share.

    Returns
    -------
    tuple of Path
        By delay. Fewer than `count` where there are no more: all there are, with the least delay in total;
        `separator` says what stands in the way of another.

    Raises
    ------
    InputError
        If a name is not in the network, or both are the same.
    ValueError
        If `count` is below 1, or `by` is neither.
    """
    if count < 1:
        raise ValueError(f"count: {count}, need at least 1")
    arcs, start, end = _ends(snapshot, source, target, by)
    residual = Residual.between(arcs, start, end, by)
    residual.send(count)
    paths = [(arcs.path(chain), arcs.head[chain].tolist()) for chain in residual.chains()]
    return tuple(path for path, _ in sorted(paths, key=lambda row: (row[0].latency_ms, row[1])))


def separator(snapshot: NetworkSnapshot, source: str, target: str, *, by: Sharing = "link") -> Separator:
    """Return the fewest links, or nodes, whose loss leaves no way between two nodes.

    Parameters
    ----------
    snapshot
        The network.
    source, target
        Names of satellites or sites; they differ.
    by
        What is counted. A link that joins the two directly is counted among nodes too, as no node can part them.

    Returns
    -------
    Separator
        Of all the smallest ones that nearest to the source; empty where there is no way to begin with.

    Raises
    ------
    InputError
        If a name is not in the network, or both are the same.
    ValueError
        If `by` is neither.
    """
    arcs, start, end = _ends(snapshot, source, target, by)
    residual = Residual.between(arcs, start, end, by)
    reached = residual.send(len(arcs.head) + 1)
    links, nodes = [], []
    for crossing in residual.crossing(reached).tolist():
        arc = int(residual.of[crossing])
        ends = (start, end) if arc < 0 else (int(arcs.tail[arc]), int(arcs.head[arc]))
        inner = (
            [int(residual.head[crossing]) % arcs.nodes]
            if arc < 0
            else [node for node in ends if node not in {start, end}]
        )
        if by == "link" or not inner:
            links.append((arcs.names[ends[0]], arcs.names[ends[1]]))
        else:
            # A full link on the edge of what is reached can stand for the node at its far end.
            nodes.append(arcs.names[inner[-1]])
    return Separator(tuple(links), tuple(nodes))


def _ends(snapshot: NetworkSnapshot, source: str, target: str, by: str) -> tuple[Arcs, int, int]:
    if by not in {"link", "node"}:
        raise ValueError(f'by: {by!r}, need "link" or "node"')
    start, end = snapshot.index(source), snapshot.index(target)
    if start == end:
        raise InputError(Problem("network", f"source and target are both {source}; name two nodes"))
    return arcs_of(snapshot), start, end
