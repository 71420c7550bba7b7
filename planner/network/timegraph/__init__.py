"""When can it get there? The network over a window of time, as contacts that begin and end."""

from planner.network.timegraph.contacts import ContactPlan, contact_plan
from planner.network.timegraph.graphs import (
    EarliestArrival,
    Journey,
    earliest_arrival,
    time_expanded_graph,
    time_respecting_graph,
)

__all__ = [
    "ContactPlan",
    "EarliestArrival",
    "Journey",
    "contact_plan",
    "earliest_arrival",
    "time_expanded_graph",
    "time_respecting_graph",
]
