"""Loops behind the data center's halvings: refined and counted out.

Graphs come as compressed rows (`start`, `other`, `weight`), every link in the rows of both its ends.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled, compiled_inline
from planner.network.datacenter import heap


@compiled
def refine_halving(start: IntArray, other: IntArray, weight: FloatArray, side: BoolArray) -> None:
    """Improve a halving in place until a whole pass finds nothing better.

    A pass moves every node once: from the larger side (from the first where they are equal) the node whose move gains
    most, lowest first; the best balanced state of the pass is kept. Fiduccia and Mattheyses, 19th Design Automation
    Conference (1982) 175–181, with gains compared as numbers instead of kept in buckets, as weights are not whole.
    """
    size = len(side)
    moved = np.empty(size, dtype=np.int64)
    while True:
        kept = _pass(start, other, weight, side, moved)
        for move in range(kept, size):
            side[moved[move]] = not side[moved[move]]
        if kept == 0:
            return


@compiled
def _pass(start: IntArray, other: IntArray, weight: FloatArray, side: BoolArray, moved: IntArray) -> int:
    """Move every node once, list them in `moved`, and return how many moves lead to the best halving; 0 for none."""
    size = len(side)
    gain = _gains(start, other, weight, side)
    locked = np.zeros(size, dtype=np.bool_)
    counts = np.zeros(2, dtype=np.int64)
    # A heap for each side: keys are gains below zero, pushed anew at every change; what was pushed before is stale.
    keys, nodes = np.empty((2, len(other) + size + 1)), np.empty((2, len(other) + size + 1), dtype=np.int64)
    held = np.zeros(2, dtype=np.int64)
    for node in range(size):
        here = 1 if side[node] else 0
        counts[here] += 1
        held[here] = heap.push(keys[here], nodes[here], held[here], -gain[node], node)
    scale = 0.0
    for k in range(len(weight)):
        scale += weight[k]
    total, best, kept = 0.0, 0.0, 0
    for move in range(size):
        source = 1 if counts[1] > counts[0] else 0
        chosen = _best_move(gain, locked, keys, nodes, held, source)
        if chosen < 0:
            source = 1 - source
            chosen = _best_move(gain, locked, keys, nodes, held, source)
        total += gain[chosen]
        counts[source] -= 1
        counts[1 - source] += 1
        side[chosen] = not side[chosen]
        locked[chosen] = True
        moved[move] = chosen
        for k in range(start[chosen], start[chosen + 1]):
            far = other[k]
            gain[far] += -2.0 * weight[k] if side[far] == side[chosen] else 2.0 * weight[k]
            if not locked[far]:
                there = 1 if side[far] else 0
                held[there] = heap.push(keys[there], nodes[there], held[there], -gain[far], far)
        # Gains are sums of differences: what rounding leaves of them is no improvement.
        if abs(counts[0] - counts[1]) <= 1 and total > best + 1e-12 * scale:
            best, kept = total, move + 1
    return kept


@compiled_inline
def _gains(start: IntArray, other: IntArray, weight: FloatArray, side: BoolArray) -> FloatArray:
    gain = np.zeros(len(side))
    for node in range(len(side)):
        for k in range(start[node], start[node + 1]):
            gain[node] += weight[k] if side[other[k]] != side[node] else -weight[k]
    return gain


@compiled_inline
def _best_move(
    gain: FloatArray, locked: BoolArray, keys: FloatArray, nodes: IntArray, held: IntArray, source: int
) -> int:
    """Take the free node of one side that gains most, the lowest of equal ones, off its heap; -1 if there is none."""
    while held[source] > 0:
        held[source] = heap.pop(keys[source], nodes[source], held[source])
        node = nodes[source, held[source]]
        if not locked[node] and -keys[source, held[source]] == gain[node]:
            return int(node)
    return -1


@compiled
def best_halving(matrix: FloatArray, side: BoolArray) -> None:
    """Try every halving of up to some 20 nodes and write the best into `side`, the earliest of equal ones.

    `matrix` is the symmetric matrix of weights. Node 0 stays on the false side for an even number; for an odd one the
    smaller half may be either's.
    """
    size = len(side)
    lower = size // 2
    best = np.inf
    members = np.empty(size, dtype=np.bool_)
    for subset in range(1 << size):
        count = 0
        for i in range(size):
            members[i] = (subset >> i) & 1 == 1
            count += (subset >> i) & 1
        if count != lower or (2 * lower == size and members[0]):
            continue
        total = _crossing(matrix, members)
        if total < best:
            best = total
            side[:] = members


@compiled_inline
def _crossing(matrix: FloatArray, members: BoolArray) -> float:
    total = 0.0
    for i in range(len(members)):
        for j in range(i + 1, len(members)):
            if members[i] != members[j]:
                total += matrix[i, j]
    return total
