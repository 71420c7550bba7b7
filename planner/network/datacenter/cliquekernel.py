"""Sets whose every two members are close, in graphs of closeness kept as bits: search with a proof.

Row ``i`` of `near` has bit ``j % 64`` of word ``j // 64`` set where satellites i and j are close; never its own.
"""

import numpy as np
from numpy.typing import NDArray

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled, compiled_inline

Bits = NDArray[np.uint64]


@compiled_inline
def count_bits(word: np.uint64) -> int:
    """Return the number of set bits of a word (Warren, Hacker's Delight, section 5-1)."""
    pairs = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + ((pairs >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bytes_ = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((bytes_ * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def counted(near: Bits, wanted: Bits) -> IntArray:
    """Return how many wanted satellites are close to each, ``[sat]``."""
    counts = np.zeros(near.shape[0], dtype=np.int64)
    for i in range(near.shape[0]):
        for word in range(near.shape[1]):
            counts[i] += count_bits(near[i, word] & wanted[word])
    return counts


@compiled
def uncount(near: Bits, gone: IntArray, counts: IntArray) -> None:
    """Take satellites that are wanted no more off the counts of those they are close to."""
    for node in gone:
        for word in range(near.shape[1]):
            left = near[node, word]
            while left:
                lowest = left & (~left + np.uint64(1))
                counts[word * 64 + count_bits(lowest - np.uint64(1))] -= 1
                left &= ~lowest


@compiled
def gathered(near: Bits, order: IntArray, wanted: Bits) -> IntArray:
    """Return the satellites that join a group one after the other, in `order`, if wanted and close to all before."""
    joined = np.empty(len(order), dtype=np.int64)
    allowed = wanted.copy()
    count = 0
    for place in range(len(order)):
        node = order[place]
        if (allowed[node >> 6] >> np.uint64(node & 63)) & np.uint64(1):
            joined[count] = node
            count += 1
            for word in range(len(allowed)):
                allowed[word] &= near[node, word]
    return joined[:count]


@compiled
def _coloured(near: Bits, left: Bits, least: int, order: IntArray, colour: IntArray) -> int:
    """Colour the satellites of `left` so that close ones differ; list those of a colour above `least`, colours rising.

    A group needs as many colours as members: one of ``k`` members within the listed first to i-th and the unlisted
    needs the i-th colour to be ``k`` at least.
    """
    words = len(left)
    rest = left.copy()
    free = np.empty(words, dtype=np.uint64)
    listed, shade = 0, 0
    while True:
        empty = True
        for word in range(words):
            if rest[word]:
                empty = False
                break
        if empty:
            return listed
        shade += 1
        for word in range(words):
            free[word] = rest[word]
        for word in range(words):
            while free[word]:
                lowest = free[word] & (~free[word] + np.uint64(1))
                node = word * 64 + count_bits(lowest - np.uint64(1))
                rest[word] &= ~lowest
                free[word] &= ~lowest
                for later in range(word, words):
                    free[later] &= ~near[node, later]
                if shade > least:
                    order[listed] = node
                    colour[listed] = shade
                    listed += 1


@compiled
def largest_group(near: Bits, known: int, nodes: int) -> tuple[IntArray, int, int]:
    """Return a group larger than `known` if there is one, an upper bound on all groups, and the nodes searched.

    Branch and bound over colourings: San Segundo, Rodríguez-Losada and Jiménez, An exact bit-parallel algorithm for
    the maximum clique problem, Computers & Operations Research 38 (2011) 571–581, doi:10.1016/j.cor.2010.07.019. The
    bound is the size found unless the limit of `nodes` ended the search. Satellites should be numbered so that the
    best connected come first.
    """
    size, words = near.shape
    best = known
    found = np.empty(0, dtype=np.int64)
    if size == 0:
        return found, 0, 0
    left = np.zeros((size + 1, words), dtype=np.uint64)
    order = np.empty((size + 1, size), dtype=np.int32)
    colour = np.empty((size + 1, size), dtype=np.int32)
    wide_order, wide_colour = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    place = np.zeros(size + 1, dtype=np.int64)
    chosen = np.empty(size, dtype=np.int64)
    for node in range(size):
        left[0, node >> 6] |= np.uint64(1) << np.uint64(node & 63)
    listed = _coloured(near, left[0], best, wide_order, wide_colour)
    order[0, :listed], colour[0, :listed] = wide_order[:listed], wide_colour[:listed]
    place[0] = listed - 1
    depth, searched = 0, 0
    while depth >= 0:
        here = place[depth]
        if here < 0 or depth + colour[depth, here] <= best:
            depth -= 1
            continue
        if searched >= nodes:
            return found, max(best, int(colour[0, place[0] + (1 if depth > 0 else 0)])), searched
        searched += 1
        node = int(order[depth, here])
        place[depth] -= 1
        bit = np.uint64(1) << np.uint64(node & 63)
        left[depth, node >> 6] &= ~bit
        chosen[depth] = node
        empty = True
        for word in range(words):
            left[depth + 1, word] = left[depth, word] & near[node, word]
            if left[depth + 1, word]:
                empty = False
        if empty:
            if depth + 1 > best:
                best = depth + 1
                found = chosen[:best].copy()
            continue
        listed = _coloured(near, left[depth + 1], max(best - depth - 1, 0), wide_order, wide_colour)
        order[depth + 1, :listed], colour[depth + 1, :listed] = wide_order[:listed], wide_colour[:listed]
        place[depth + 1] = listed - 1
        depth += 1
    return found, best, searched


@compiled
def apart(near: Bits, order: IntArray) -> int:
    """Return how many satellites a greedy choice in `order` finds of which no two are close."""
    blocked = np.zeros(near.shape[1], dtype=np.uint64)
    count = 0
    for node in order:
        if not (blocked[node >> 6] >> np.uint64(node & 63)) & np.uint64(1):
            count += 1
            for word in range(near.shape[1]):
                blocked[word] |= near[node, word]
    return count


@compiled
def set_bits(away: FloatArray, limit: float, first: int, near: Bits) -> None:
    """Set the bits of satellites no farther from `first` and those after it than `limit`, ``away[row, sat]``.

    Each pair is read once, from the lower of the two, and set in the rows of both: delays summed from either end may
    differ in their last bit. No satellite is close to itself.
    """
    for row in range(away.shape[0]):
        node = first + row
        for far in range(node + 1, away.shape[1]):
            if away[row, far] <= limit:
                near[node, far >> 6] |= np.uint64(1) << np.uint64(far & 63)
                near[far, node >> 6] |= np.uint64(1) << np.uint64(node & 63)
