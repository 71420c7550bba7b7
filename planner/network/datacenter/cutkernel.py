"""Loops behind the data center's cuts: a scan for the minimum cut, halvings refined and counted out.

Graphs come as compressed rows (`start`, `other`, `weight`), every link in the rows of both its ends.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled, compiled_inline
from planner.network.datacenter import heap


@compiled
def adjacency_scan(start: IntArray, other: IntArray, weight: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return nodes in maximum-adjacency order, and how tightly each link is held when it is scanned.

    The next node is always the one most strongly linked to those before it, the lowest where several are. When ``v``
    is taken, the tightness of its link to a later ``w`` is all the weight between ``w`` and the nodes up to ``v``: no
    cut between the two is smaller (Nagamochi and Ibaraki 1992). Tightness stands at the link's place in the row of
    ``v``, 0 in the other row.
    """
    size = len(start) - 1
    reach = np.zeros(size)
    taken = np.zeros(size, dtype=np.bool_)
    order = np.empty(size, dtype=np.int64)
    tight = np.zeros(len(other))
    # Keys are reaches below zero; every growth of a reach is pushed anew, and what was pushed before is stale.
    keys, nodes = heap.room(len(other), size)
    held, place = 0, 0
    for node in range(size):
        held = heap.push(keys, nodes, held, 0.0, node)
    while held > 0:
        held = heap.pop(keys, nodes, held)
        node = nodes[held]
        if taken[node] or -keys[held] != reach[node]:
            continue
        taken[node] = True
        order[place] = node
        place += 1
        for k in range(start[node], start[node + 1]):
            far = other[k]
            if not taken[far]:
                reach[far] += weight[k]
                tight[k] = reach[far]
                held = heap.push(keys, nodes, held, -reach[far], far)
    return order, tight


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
    for node in range(size):
        counts[1 if side[node] else 0] += 1
    total, scale = 0.0, 0.0
    for k in range(len(weight)):
        scale += weight[k]
    best, kept = 0.0, 0
    for move in range(size):
        chosen = _best_move(gain, locked, side, counts[1] > counts[0])
        total += gain[chosen]
        counts[1 if side[chosen] else 0] -= 1
        side[chosen] = not side[chosen]
        counts[1 if side[chosen] else 0] += 1
        locked[chosen] = True
        moved[move] = chosen
        for k in range(start[chosen], start[chosen + 1]):
            gain[other[k]] += -2.0 * weight[k] if side[other[k]] == side[chosen] else 2.0 * weight[k]
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
def _best_move(gain: FloatArray, locked: BoolArray, side: BoolArray, source: bool) -> int:
    """Return the free node of one side that gains most; of the other side where that one has none."""
    chosen, spare = -1, -1
    for node in range(len(gain)):
        if locked[node]:
            continue
        spare = node if spare < 0 or gain[node] > gain[spare] else spare
        if side[node] == source and (chosen < 0 or gain[node] > gain[chosen]):
            chosen = node
    return chosen if chosen >= 0 else spare


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
