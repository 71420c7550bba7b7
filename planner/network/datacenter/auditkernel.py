"""Traffic over shortest ways once more, as an audit works it out: by corrections instead of a heap."""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled, compiled_inline

_TIE_FRACTION = 1e-12
"""Ways this close in length are equally short, as `Routing` has it."""


@compiled
def replayed_load(start: IntArray, far: IntArray, link: IntArray, length: FloatArray, senders: IntArray) -> FloatArray:
    """Return the load of each link, ``[link]``, when every sender sends one unit to every other member.

    Links come as compressed rows; traffic is shared by shortest ways in proportion to their number. Distances are
    corrected until none changes (Bellman, Ford, Moore). The members' links connect them.
    """
    size = len(start) - 1
    load = np.zeros(len(length))
    distance, ways, sent = np.empty(size), np.empty(size), np.empty(size)
    order, room = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    for sender in senders:
        _correct(start, far, link, length, sender, distance, room)
        _count_ways(start, far, link, length, sender, distance, ways, order, room)
        sent[:] = 1.0
        for node in order[:0:-1]:
            for k in range(start[node], start[node + 1]):
                if _is_before(distance, far[k], node, length[link[k]]):
                    part = sent[node] * ways[far[k]] / ways[node]
                    sent[far[k]] += part
                    load[link[k]] += part
    return load


@compiled_inline
def _correct(
    start: IntArray,
    far: IntArray,
    link: IntArray,
    length: FloatArray,
    sender: int,
    distance: FloatArray,
    queue: IntArray,
) -> None:
    """Write the distance of every member into `distance`; corrected ones wait in a queue, the nearest jump it."""
    size = len(distance)
    waiting = np.zeros(size, dtype=np.bool_)
    distance[:] = np.inf
    distance[sender] = 0.0
    queue[0], head, count = sender, 0, 1
    while count > 0:
        node = queue[head]
        head, count = head + 1 if head + 1 < size else 0, count - 1
        waiting[node] = False
        for k in range(start[node], start[node + 1]):
            reached = distance[node] + length[link[k]]
            if reached < distance[far[k]]:
                distance[far[k]] = reached
                if not waiting[far[k]]:
                    waiting[far[k]] = True
                    if count > 0 and reached < distance[queue[head]]:
                        head = head - 1 if head > 0 else size - 1
                        queue[head] = far[k]
                    else:
                        last = head + count
                        queue[last if last < size else last - size] = far[k]
                    count += 1


@compiled_inline
def _count_ways(
    start: IntArray,
    far: IntArray,
    link: IntArray,
    length: FloatArray,
    sender: int,
    distance: FloatArray,
    ways: FloatArray,
    order: IntArray,
    before: IntArray,
) -> None:
    """Write the number of shortest ways to every member, and all members after those before them on such ways."""
    before[:] = 0
    for node in range(len(distance)):
        for k in range(start[node], start[node + 1]):
            before[node] += _is_before(distance, far[k], node, length[link[k]])
    ways[:] = 0.0
    ways[sender], order[0], listed = 1.0, sender, 1
    for place in range(len(order)):
        node = order[place]
        for k in range(start[node], start[node + 1]):
            if _is_before(distance, node, far[k], length[link[k]]):
                ways[far[k]] += ways[node]
                before[far[k]] -= 1
                if before[far[k]] == 0:
                    order[listed] = far[k]
                    listed += 1


@compiled_inline
def _is_before(distance: FloatArray, near: int, node: int, length: float) -> bool:
    """Return whether a shortest way to `node` comes over `near`."""
    late = distance[near] + length - distance[node]
    return bool(distance[near] < distance[node] and late <= _TIE_FRACTION * distance[node])
