"""A binary heap for the data center's kernels: the least key first, the lowest node of equal ones."""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled_inline


@compiled_inline
def push(keys: FloatArray, nodes: IntArray, held: int, key: float, node: int) -> int:
    """Add an entry to a heap of `held` and return how many it holds."""
    here = held
    while here > 0:
        above = (here - 1) // 2
        if keys[above] < key or (keys[above] == key and nodes[above] <= node):
            break
        keys[here], nodes[here] = keys[above], nodes[above]
        here = above
    keys[here], nodes[here] = key, node
    return held + 1


@compiled_inline
def pop(keys: FloatArray, nodes: IntArray, held: int) -> int:
    """Move the first entry of a heap of `held` behind its end and return how many are left."""
    left = held - 1
    first_key, first_node = keys[0], nodes[0]
    key, node = keys[left], nodes[left]
    here, below = 0, 1
    while below < left:
        right = below + 1
        if right < left and (keys[right] < keys[below] or (keys[right] == keys[below] and nodes[right] < nodes[below])):
            below = right
        if key < keys[below] or (key == keys[below] and node <= nodes[below]):
            break
        keys[here], nodes[here] = keys[below], nodes[below]
        here, below = below, 2 * below + 1
    keys[here], nodes[here] = key, node
    keys[left], nodes[left] = first_key, first_node
    return left


@compiled_inline
def room(links: int, size: int) -> tuple[FloatArray, IntArray]:
    """Return empty columns of a heap that every link may add to once in each direction, and `size` entries more."""
    return np.empty(2 * links + size + 1), np.empty(2 * links + size + 1, dtype=np.int64)
