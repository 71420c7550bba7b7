"""Which contacts do antennas follow? Kernels of `planner.links.gateways`: compressed rows ``[row]`` of all instants.

Rows of an instant are sorted by site, then satellite. Imports Numba: import this module inside the functions that call
it.
"""

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled

Pairs = tuple[IntArray, IntArray]
"""Sites and satellites of pairs, sorted by (site, satellite)."""


@compiled
def follow(
    offsets: IntArray, pairs: Pairs, score: FloatArray, held: Pairs, antennas: IntArray, terminals: IntArray
) -> BoolArray:
    """Return which rows are followed.

    Parameters
    ----------
    offsets, pairs
        Where the rows of each instant begin, ``[time + 1]``, and who they join.
    score
        ``[row]``; of the contacts that are not followed yet, the highest go first, the earlier row where two are equal.
    held
        Pairs followed before the first instant.
    antennas, terminals
        How many satellites a site can follow, ``[site]``, and how many sites a satellite, ``[sat]``.
    """
    site, satellite = pairs
    chosen = np.zeros(len(site), dtype=np.bool_)
    free_antennas, free_terminals = np.empty_like(antennas), np.empty_like(terminals)
    before_site, before_satellite = held
    for t in range(len(offsets) - 1):
        begin, end = offsets[t], offsets[t + 1]
        free_antennas[:], free_terminals[:] = antennas, terminals
        _keep(site[begin:end], satellite[begin:end], before_site, before_satellite, chosen[begin:end])
        for row in range(begin, end):
            if chosen[row]:
                free_antennas[site[row]] -= 1
                free_terminals[satellite[row]] -= 1
        waiting = np.empty(end - begin, dtype=np.int64)
        count = 0
        for row in range(begin, end):
            if not chosen[row] and free_antennas[site[row]] > 0 and free_terminals[satellite[row]] > 0:
                waiting[count] = row
                count += 1
        # A stable sort keeps equals in the order of the rows.
        for place in np.argsort(-score[waiting[:count]], kind="mergesort"):
            row = waiting[place]
            if free_antennas[site[row]] > 0 and free_terminals[satellite[row]] > 0:
                chosen[row] = True
                free_antennas[site[row]] -= 1
                free_terminals[satellite[row]] -= 1
        now = chosen[begin:end]
        before_site, before_satellite = site[begin:end][now], satellite[begin:end][now]
    return chosen


@compiled
def _keep(site: IntArray, satellite: IntArray, old_site: IntArray, old_satellite: IntArray, chosen: BoolArray) -> None:
    """Choose the rows that are among the old pairs; both sorted."""
    k = 0
    for row in range(len(site)):
        while k < len(old_site) and (
            old_site[k] < site[row] or (old_site[k] == site[row] and old_satellite[k] < satellite[row])
        ):
            k += 1
        if k < len(old_site) and old_site[k] == site[row] and old_satellite[k] == satellite[row]:
            chosen[row] = True


@compiled
def remaining_steps(offsets: IntArray, pairs: Pairs) -> IntArray:
    """Return at how many instants in a row, from its own on, each contact is there, ``[row]``."""
    site, satellite = pairs
    left = np.ones(len(site), dtype=np.int64)
    for t in range(len(offsets) - 3, -1, -1):
        k, end = offsets[t + 1], offsets[t + 2]
        for row in range(offsets[t], offsets[t + 1]):
            while k < end and (site[k] < site[row] or (site[k] == site[row] and satellite[k] < satellite[row])):
                k += 1
            if k < end and site[k] == site[row] and satellite[k] == satellite[row]:
                left[row] = left[k] + 1
    return left


@compiled
def begun(offsets: IntArray, pairs: Pairs) -> BoolArray:
    """Return which rows join a pair that the instant before did not; none at the first instant."""
    site, satellite = pairs
    kept = np.zeros(len(site), dtype=np.bool_)
    kept[: offsets[1]] = True
    for t in range(1, len(offsets) - 1):
        old, now = slice(offsets[t - 1], offsets[t]), slice(offsets[t], offsets[t + 1])
        _keep(site[now], satellite[now], site[old], satellite[old], kept[now])
    return ~kept
