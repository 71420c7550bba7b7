"""When can a message be where? Kernel of `planner.network.timegraph`: earliest arrival over contacts that come and go.

Dijkstra by time of arrival over contact intervals, which is exact because nobody gains by leaving later (Bui-Xuan,
Ferreira and Jarry, Int. J. Found. Comput. Sci. 14, 267 (2003), doi:10.1142/S0129054103001728). Nodes are satellites,
then sites.
"""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled
from planner.network.heap import pop, push


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
    # A node may wait again for every contact that betters it.
    times, members = np.empty(len(end) + 1), np.empty(len(end) + 1, dtype=np.int64)
    waiting = push(times, members, 0, at_s, source)
    arrival[source] = at_s
    while waiting:
        waiting = pop(times, members, waiting)
        now, node = times[waiting], members[waiting]
        if now > arrival[node] or (node >= relays and node != source):
            continue
        for place in range(begin[node], begin[node + 1]):
            other, contact = end[place], via[place]
            there = max(now, start_s[contact]) + delay_s[contact]
            if there <= end_s[contact] and there < arrival[other]:
                arrival[other], brought[other] = there, contact
                waiting = push(times, members, waiting, there, other)
    return arrival, brought
