"""Through which satellites do the shortest ways lead? Betweenness by delay over the laser links, ``[sat]``."""

from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, lock

_SOURCES: Final = 256
"""Sources at a time: bounds the memory to 20 MB for 10,000 satellites."""


def betweenness(satellites: int, a: IntArray, b: IntArray, delay_ms: FloatArray) -> FloatArray:
    """Return how many pairs of other satellites have their shortest way through each, ``[sat]``.

    Equal ways share a pair between them. Links of delay 0 carry nothing.

    Parameters
    ----------
    satellites
        Number of satellites.
    a, b, delay_ms
        ``[link]``.
    """
    from planner.network.resilience.lowpoint import neighbours
    from planner.network.resilience.shares import add_shares
    from planner.network.routing import shortest_ms

    total = np.zeros(satellites)
    begin, end, via = neighbours(satellites, np.array(a), np.array(b))
    weight = np.array(delay_ms)[via]
    for first in range(0, satellites, _SOURCES):
        sources = np.arange(first, min(first + _SOURCES, satellites))
        distance = shortest_ms(a, b, delay_ms, sources, nodes=satellites, workers=1)
        add_shares(np.array(distance), sources, begin, end, weight, total)
    # Every pair was counted from both its ends.
    return lock(total / 2.0)
