"""A binary heap for search kernels: which entry has the least key? Of equal keys, the lowest item goes first.

Columns are the caller's, with room for all entries; a kernel that lets a node wait several times needs as much more.
"""

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled_inline


@compiled_inline
def push(keys: FloatArray, items: IntArray, held: int, key: float, item: int) -> int:
    """Add an entry to a heap of `held` and return how many it holds."""
    here = held
    while here > 0:
        above = (here - 1) // 2
        if keys[above] < key or (keys[above] == key and items[above] <= item):
            break
        keys[here], items[here] = keys[above], items[above]
        here = above
    keys[here], items[here] = key, item
    return held + 1


@compiled_inline
def pop(keys: FloatArray, items: IntArray, held: int) -> int:
    """Move the first entry of a heap of `held` behind its end and return how many are left."""
    left = held - 1
    first_key, first_item = keys[0], items[0]
    key, item = keys[left], items[left]
    here, below = 0, 1
    while below < left:
        right = below + 1
        if right < left and (keys[right] < keys[below] or (keys[right] == keys[below] and items[right] < items[below])):
            below = right
        if key < keys[below] or (key == keys[below] and item <= items[below]):
            break
        keys[here], items[here] = keys[below], items[below]
        here, below = below, 2 * below + 1
    keys[here], items[here] = key, item
    keys[left], items[left] = first_key, first_item
    return left
