"""When can a message be where? Kernel of `planner.network.timegraph`: earliest arrival over contacts that come and go.

Dijkstra by time of arrival over contact intervals, which is exact because nobody gains by leaving later (Bui-Xuan,
Ferreira and Jarry, Int. J. Found. Comput. Sci. 14, 267 (2003), doi:10.1142/S0129054103001728). Nodes are satellites,
then sites.
"""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled


@compiled
def earliest(
    source: int,
    at_s: float,
    relays: int,
    begin: IntArray,
    end: IntArray,
    via: IntArray,
    start_s: FloatArray,
    end_s: FloatArray,
    delay_s: FloatArray,
) -> tuple[FloatArray, IntArray]:
    """Return when a message can first be at each node, and the contact that brings it there.

    Parameters
    ----------
    source, at_s
        Node that has it, and from when.
    relays
        Nodes below this number pass on what they hear; the others only if they are the source.
    begin, end, via
        Compressed rows of contacts: where those of each node begin ``[node + 1]``, the other end and the contact.
    start_s, end_s, delay_s
        ``[contact]``; a message leaves no earlier than the start and is there no later than the end.

    Returns
    -------
    arrival_s, brought
        ``[node]``; infinite, and the number of contacts, where it never comes, the latter at the source too.
    """
    nodes, contacts = len(begin) - 1, len(start_s)
    arrival = np.full(nodes, np.inf)
    brought = np.full(nodes, contacts, dtype=np.int64)
    # A binary heap of (time, node); a node may wait in it again for every contact that betters it.
    times, members = np.empty(len(end) + 1), np.empty(len(end) + 1, dtype=np.int64)
    times[0], members[0], waiting = at_s, source, 1
    arrival[source] = at_s
    while waiting:
        now, node = times[0], members[0]
        waiting -= 1
        _sink(times, members, waiting)
        if now > arrival[node] or (node >= relays and node != source):
            continue
        for place in range(begin[node], begin[node + 1]):
            other, contact = end[place], via[place]
            there = max(now, start_s[contact]) + delay_s[contact]
            if there <= end_s[contact] and there < arrival[other]:
                arrival[other], brought[other] = there, contact
                _rise(times, members, waiting, there, other)
                waiting += 1
    return arrival, brought


@compiled
def _rise(times: FloatArray, members: IntArray, place: int, time: float, member: int) -> None:
    """Put an entry into the heap from its end upwards."""
    while place and times[(place - 1) // 2] > time:
        times[place], members[place] = times[(place - 1) // 2], members[(place - 1) // 2]
        place = (place - 1) // 2
    times[place], members[place] = time, member


@compiled
def _sink(times: FloatArray, members: IntArray, count: int) -> None:
    """Put the entry at `count`, which leaves the end of the heap, in place of the first."""
    time, member, place = times[count], members[count], 0
    while 2 * place + 1 < count:
        below = 2 * place + 1
        if below + 1 < count and times[below + 1] < times[below]:
            below += 1
        if times[below] >= time:
            break
        times[place], members[place] = times[below], members[below]
        place = below
    times[place], members[place] = time, member
