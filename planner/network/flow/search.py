"""Which way is the shortest? Kernels over arcs sorted by tail; see `planner.network.flow.arcs`.

All lengths are at least 0; an infinite one bars its arc. Equal lengths are settled by the number of the node, so that
every answer is repeatable. Nodes from `satellites` on are sites: only the one that a search begins at is expanded.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled
from planner.network.heap import pop, push

NONE = -1


@compiled
def distances(
    first: IntArray, head: IntArray, length: FloatArray, satellites: int, root: int, arriving: IntArray
) -> FloatArray:
    """Return ``[node]``: the least length from every node to `root`; ``length[arriving[arc]]`` leads the other way.

    With `arriving` the twins of the arcs the ways lead to the root, with the arcs themselves away from it.
    """
    reached = np.full(len(first) - 1, np.inf)
    keys, items = np.empty(len(head) + 1), np.empty(len(head) + 1, dtype=np.int64)
    reached[root] = 0.0
    size = push(keys, items, 0, 0.0, root)
    while size > 0:
        here, node = keys[0], items[0]
        size = pop(keys, items, size)
        if here > reached[node] or (node >= satellites and node != root):
            continue
        for arc in range(first[node], first[node + 1]):
            there = here + length[arriving[arc]]
            if there < reached[head[arc]]:
                reached[head[arc]] = there
                size = push(keys, items, size, there, head[arc])
    return reached


@compiled
def guided(
    first: IntArray,
    head: IntArray,
    tail: IntArray,
    length: FloatArray,
    satellites: int,
    to_go: FloatArray,
    source: int,
    target: int,
    barred_nodes: BoolArray,
    barred_arcs: BoolArray,
) -> IntArray:
    """Return the arcs of the shortest way from `source` to `target` past what is barred, empty where there is none.

    Parameters
    ----------
    first, head, tail, length, satellites
        The arcs.
    to_go
        ``[node]``, at most the length still to go; the nearer to it, the fewer nodes are looked at. Zeros will do.
    source, target
        Nodes; they differ.
    barred_nodes, barred_arcs
        ``[node]`` and ``[arc]``.
    """
    nodes = len(first) - 1
    reached, by = np.full(nodes, np.inf), np.full(nodes, NONE, dtype=np.int64)
    keys, items = np.empty(len(head) + 1), np.empty(len(head) + 1, dtype=np.int64)
    reached[source] = 0.0
    size = 0
    if to_go[source] < np.inf:
        size = push(keys, items, 0, to_go[source], source)
    while size > 0:
        key, node = keys[0], items[0]
        if node == target:
            break
        size = pop(keys, items, size)
        if key > reached[node] + to_go[node] or (node >= satellites and node != source):
            continue
        for arc in range(first[node], first[node + 1]):
            there = head[arc]
            if barred_arcs[arc] or barred_nodes[there]:
                continue
            length_there = reached[node] + length[arc]
            if length_there < reached[there] and to_go[there] < np.inf:
                reached[there], by[there] = length_there, arc
                if size == len(keys):
                    keys, items = np.append(keys, np.empty(size)), np.append(items, np.empty(size, dtype=np.int64))
                size = push(keys, items, size, length_there + to_go[there], there)
    return chain_to(by, tail, target)


@compiled
def chain_to(by: IntArray, tail: IntArray, target: int) -> IntArray:
    """Return the arcs that lead to `target`, each node's last arc being ``by[node]``."""
    count, node = 0, target
    while by[node] != NONE:
        count += 1
        node = tail[by[node]]
    chain = np.empty(count, dtype=np.int64)
    node = target
    for at in range(count - 1, -1, -1):
        chain[at] = by[node]
        node = tail[by[node]]
    return chain


@compiled
def cheapest_of_each(
    first: IntArray,
    head: IntArray,
    tail: IntArray,
    length: FloatArray,
    satellites: int,
    to_go_ms: FloatArray,
    weight: float,
    sources: IntArray,
    targets: IntArray,
    to_go_rows: IntArray,
) -> tuple[IntArray, IntArray]:
    """Return the arcs of the shortest way of each pair of ends, one after another, and where each begins.

    A length is at least ``weight`` times a delay, so ``weight × to_go_ms[to_go_rows]`` is never too much.
    """
    open_nodes, open_arcs = np.zeros(len(first) - 1, dtype=np.bool_), np.zeros(len(head), dtype=np.bool_)
    offsets = np.zeros(len(sources) + 1, dtype=np.int64)
    flat = np.empty(64 * len(sources), dtype=np.int64)
    for k in range(len(sources)):
        # An unlimited stretch may cost nothing at all, and no cost must become infinity times nothing.
        to_go = np.where(to_go_ms[to_go_rows[k]] < np.inf, weight * to_go_ms[to_go_rows[k]], np.inf)
        chain = guided(first, head, tail, length, satellites, to_go, sources[k], targets[k], open_nodes, open_arcs)
        end = offsets[k] + len(chain)
        if end > len(flat):
            flat = np.append(flat, np.empty(end, dtype=np.int64))
        flat[offsets[k] : end] = chain
        offsets[k + 1] = end
    return offsets, flat


@compiled
def _chain_of_labels(by: IntArray, before: IntArray, last: int) -> IntArray:
    """Return the arcs of the way that ends with a label."""
    count, label = 0, last
    while label != NONE and by[label] != NONE:
        count, label = count + 1, before[label]
    chain, label = np.empty(count, np.int64), last
    for at in range(count - 1, -1, -1):
        chain[at], label = by[label], before[label]
    return chain


@compiled
def within_limit(
    first: IntArray,
    head: IntArray,
    length: FloatArray,
    delay_ms: FloatArray,
    satellites: int,
    to_go: FloatArray,
    delay_to_go_ms: FloatArray,
    source: int,
    target: int,
    limit_ms: float,
) -> IntArray:
    """Return the arcs of the shortest way by `length` whose delay keeps the limit, empty where there is none.

    Labels (length, delay) leave the heap by length plus what is at least to go, which is consistent; so a label whose
    node was left before with no more delay cannot be part of a better way. Exact; the number of labels is that of
    the ways that are best for some limit, in the worst case exponential.
    """
    room = 1024
    node_of, by, before = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    spent, late = np.empty(room), np.empty(room)
    keys, items = np.empty(room), np.empty(room, np.int64)
    least = np.full(len(first) - 1, np.inf)
    labels = size = 0
    if delay_to_go_ms[source] <= limit_ms:
        node_of[0], by[0], before[0], spent[0], late[0] = source, NONE, NONE, 0.0, 0.0
        labels, size = 1, push(keys, items, 0, to_go[source], 0)
    last = NONE
    while size > 0:
        label = items[0]
        size = pop(keys, items, size)
        node = node_of[label]
        if late[label] >= least[node]:
            continue
        least[node] = late[label]
        if node == target:
            last = label
            break
        if node >= satellites and node != source:
            continue
        for arc in range(first[node], first[node + 1]):
            there, after = head[arc], late[label] + delay_ms[arc]
            cost = spent[label] + length[arc] + to_go[there]
            if after + delay_to_go_ms[there] > limit_ms or after >= least[there] or not cost < np.inf:
                continue
            if labels == len(late):
                node_of, by = np.append(node_of, np.empty_like(node_of)), np.append(by, np.empty_like(by))
                before, spent = np.append(before, np.empty_like(before)), np.append(spent, np.empty_like(spent))
                late = np.append(late, np.empty_like(late))
                keys, items = np.append(keys, np.empty(labels)), np.append(items, np.empty(labels, np.int64))
            node_of[labels], by[labels], before[labels] = there, arc, label
            spent[labels], late[labels] = spent[label] + length[arc], after
            size = push(keys, items, size, cost, labels)
            labels += 1
    return _chain_of_labels(by, before, last)
