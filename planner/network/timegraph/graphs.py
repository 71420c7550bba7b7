"""When can a message get there at all, if it is stored until a link opens? Ways that respect time.

A network that is never connected at one instant may still deliver. Times are seconds after the first instant of a
`ContactPlan`'s window; axis ``[node]``, satellites, then sites. Sites never relay.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.links.table import AccessTable, LinkTable
from planner.network.timegraph.contacts import ContactPlan, contact_plan
from planner.orbit.elements import Fleet
from planner.orbit.sites import GroundSites

_MS_PER_S: Final = 1e3
_ROUNDING: Final = 1e-9
"""Ticks, and relative above one: what a quotient of times may miss a whole number by and be meant as one."""


def time_respecting_graph(
    links: LinkTable,
    access: AccessTable,
    fleet: Fleet,
    sites: GroundSites,
    *,
    first: int = 0,
    stop: int | None = None,
) -> Any:  # noqa: ANN401 - networkx is imported where graphs are made
    """Return the contacts of a window as a frozen networkx graph: `ContactPlan.graph` of `contact_plan`."""
    return contact_plan(links, access, fleet, sites, first=first, stop=stop).graph


def time_expanded_graph(plan: ContactPlan, *sites: str, tick_s: float) -> Any:  # noqa: ANN401
    """Return every node once a tick: a graph without rings in which a way is a way through time.

    Nodes are (name, tick), with ``time_s``; edges ``kind`` ``"wait"`` lead to the next tick, those of contacts to the
    tick at or after the arrival, at least the next. Departures are at ticks, so that a way is never faster than the
    true one, and as fast where contacts begin, end and last whole ticks. What is within 1e-9 of a whole number of ticks
    is taken as that, for 0.3 s / 0.1 s is less than 3 in binary. For small windows: it has as many nodes as ticks and
    names.

    Parameters
    ----------
    plan
        The contacts.
    sites
        The sites to keep, source and target; others would relay.
    tick_s
        Length of a tick.

    Raises
    ------
    ValueError
        If the tick is not positive.
    InputError
        If a name is not in the plan.
    """
    import networkx as nx

    if not tick_s > 0.0:
        raise ValueError(f"tick_s: {tick_s} must be positive")
    ticks = math.floor(_ticks(plan.times.duration_s, tick_s))
    graph: Any = nx.DiGraph()
    for name in (*plan.satellite_names, *sites):
        plan.index(name)
        graph.add_nodes_from(((name, tick), {"time_s": tick * tick_s}) for tick in range(ticks + 1))
        graph.add_edges_from(((name, tick), (name, tick + 1), {"kind": "wait"}) for tick in range(ticks))
    for a, b, contact in plan.between(*sites).edges(data=True):
        lasts = max(1, math.ceil(_ticks(contact["delay_ms"] / _MS_PER_S, tick_s)))
        leaves, closes = math.ceil(_ticks(contact["start_s"], tick_s)), math.floor(_ticks(contact["end_s"], tick_s))
        graph.add_edges_from(((a, k), (b, k + lasts), contact) for k in range(leaves, closes - lasts + 1))
    return graph


def _ticks(time_s: float, tick_s: float) -> float:
    """Return a time in ticks; the whole number where it is one but for rounding."""
    ticks = time_s / tick_s
    return float(round(ticks)) if abs(ticks - round(ticks)) <= _ROUNDING * max(1.0, ticks) else ticks


@dataclass(frozen=True)
class Journey:
    """How a message gets to a node, stored on the way where it has to wait.

    Attributes
    ----------
    nodes
        Names from source to target; empty when it never gets there.
    departures_s, arrivals_s
        One for each hop, seconds after the first instant of the window.
    """

    nodes: tuple[str, ...]
    departures_s: tuple[float, ...]
    arrivals_s: tuple[float, ...]

    @property
    def reachable(self) -> bool:
        """Whether it gets there."""
        return bool(self.nodes)


@dataclass(frozen=True, eq=False)
class EarliestArrival:
    """When a message can first be at every node.

    Attributes
    ----------
    plan
        The contacts.
    source
        Name of the node that has the message.
    at_s
        From when it has it, seconds after the first instant.
    arrival_s
        ``[node]``, satellites first, then sites; infinite where it never comes within the window.
    contact
        ``[node]``, the contact that brings it; the number of contacts where none does.
    """

    plan: ContactPlan
    source: str
    at_s: float
    arrival_s: FloatArray
    contact: IntArray

    def datetime_at(self, name: str) -> datetime | None:
        """Return the instant of arrival at a node; None where it never comes.

        Raises
        ------
        InputError
            If the name is not in the plan.
        """
        arrival_s = float(self.arrival_s[self.plan.index(name)])
        return self.plan.times.start + timedelta(seconds=arrival_s) if math.isfinite(arrival_s) else None

    def journey(self, name: str) -> Journey:
        """Return the way by which the message first comes to a node.

        Raises
        ------
        InputError
            If the name is not in the plan.
        """
        plan, node = self.plan, self.plan.index(name)
        if not math.isfinite(self.arrival_s[node]):
            return Journey((), (), ())
        chain, leaves, comes = [node], [], []
        while self.contact[node] < len(plan):
            contact = int(self.contact[node])
            comes.append(float(self.arrival_s[node]))
            node = int(plan.a[contact] + plan.b[contact]) - node
            leaves.append(max(float(self.arrival_s[node]), float(plan.start_s[contact])))
            chain.append(node)
        names = tuple(plan.names[place] for place in reversed(chain))
        return Journey(names, tuple(reversed(leaves)), tuple(reversed(comes)))


def earliest_arrival(plan: ContactPlan, source: str, *, at_s: float = 0.0) -> EarliestArrival:
    """Return when a message of one node can first be at every other.

    It is stored wherever it waits, leaves by a contact that is open and arrives before that closes; what takes time
    besides light is not counted.

    Parameters
    ----------
    plan
        The contacts.
    source
        Name of the satellite or site that has it.
    at_s
        From when, seconds after the first instant of the window.

    Raises
    ------
    InputError
        If the name is not in the plan.
    ValueError
        If `at_s` is outside the window.
    """
    from planner.network.resilience.lowpoint import neighbours
    from planner.network.timegraph.foremost import earliest

    if not 0.0 <= at_s <= plan.times.duration_s:
        raise ValueError(f"at_s: {at_s} is not in the window of 0 to {plan.times.duration_s:g} s")
    node = plan.index(source)
    rows = neighbours(len(plan.names), np.array(plan.a), np.array(plan.b))
    arrival_s, contact = earliest(
        node,
        float(at_s),
        len(plan.satellite_names),
        *rows,
        np.array(plan.start_s),
        np.array(plan.end_s),
        plan.delay_ms / _MS_PER_S,
    )
    return EarliestArrival(plan, source, float(at_s), floats(arrival_s), ints(contact))
