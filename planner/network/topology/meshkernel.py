"""Can satellites be joined by near pairs within their terminals? Kernel of `planner.network.topology.mesh`.

A search for a spanning tree in which no satellite has more links than it may: a Hamiltonian path where that is two.
"""

import numpy as np

from planner.arrays import IntArray
from planner.compiled import compiled

_NOBODY = -1


@compiled
def _slot(tree: IntArray, satellite: int, other: int) -> int:
    """Return where a satellite's link to another is in `tree` ``[sat, slot]``; to nobody, the first empty slot."""
    for slot in range(tree.shape[1]):
        if tree[satellite, slot] == other:
            return slot
    return _NOBODY


@compiled
def _walk(tree: IntArray, start: int, came: IntArray, queue: IntArray) -> None:
    """Write by which satellite each is reached from `start`, itself for the start, `_NOBODY` if it is not."""
    came[:] = _NOBODY
    came[start], queue[0] = start, start
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        for slot in range(tree.shape[1]):
            there = tree[here, slot]
            if there != _NOBODY and came[there] == _NOBODY:
                came[there], queue[tail] = here, there
                tail += 1


@compiled
def join(starts: IntArray, near: IntArray, limits: IntArray, tree: IntArray, parts: int, moves: int) -> bool:
    """Return whether a forest ``[sat, slot]``, changed in place, becomes one tree within some moves.

    A satellite with room is linked to one near it, drawn at random by a generator of its own, so the same one each
    time. Where that one has no room it gives up a link: the one towards the first if that would close a circle, else
    any. As with rotations of a path (Pósa, Discrete Mathematics 14 (1976) 359-364, doi:10.1016/0012-365X(76)90068-6)
    room so moves about, until two parts with room are side by side.

    Parameters
    ----------
    starts, near
        Near satellites of each: ``near[starts[sat]:starts[sat + 1]]``.
    limits
        ``[sat]``, most links of each, no more than there are slots.
    tree
        The other end of each link, −1 in slots that are empty.
    parts
        Of the forest.
    moves
        How many are tried.
    """
    count = len(limits)
    used = np.zeros(count, dtype=np.int64)
    for satellite in range(count):
        for slot in range(tree.shape[1]):
            used[satellite] += tree[satellite, slot] != _NOBODY
    came, queue = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    state = 1
    for _ in range(moves):
        if parts == 1:
            return True
        # Numerical Recipes' quick generator; its high bits are drawn from.
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        here = (state >> 8) % count
        if used[here] >= limits[here] or starts[here] == starts[here + 1]:
            continue
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        there = near[starts[here] + (state >> 8) % (starts[here + 1] - starts[here])]
        if _slot(tree, here, there) != _NOBODY:
            continue
        _walk(tree, here, came, queue)
        joined = came[there] == _NOBODY
        if not joined or used[there] >= limits[there]:
            given = came[there]
            if joined:
                state = (1664525 * state + 1013904223) & 0xFFFFFFFF
                given = tree[there, (state >> 8) % limits[there]]
            tree[there, _slot(tree, there, given)] = _NOBODY
            tree[given, _slot(tree, given, there)] = _NOBODY
            used[there] -= 1
            used[given] -= 1
            joined = False
        tree[here, _slot(tree, here, _NOBODY)] = there
        tree[there, _slot(tree, there, _NOBODY)] = here
        used[here] += 1
        used[there] += 1
        parts -= joined
    return parts == 1
