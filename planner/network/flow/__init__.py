"""What the laser network can carry, and by which paths: alternatives, cuts, and the traffic of many at once."""

from planner.network.flow.alternatives import Separator, Sharing, disjoint_paths, k_shortest, separator
from planner.network.flow.audit import audit_traffic
from planner.network.flow.cuts import Cut, max_flow_gbps, min_cut
from planner.network.flow.demands import BusyLink, Demand, Objective, TrafficPlan, Unserved
from planner.network.flow.multicommodity import route_demands

__all__ = [
    "BusyLink",
    "Cut",
    "Demand",
    "Objective",
    "Separator",
    "Sharing",
    "TrafficPlan",
    "Unserved",
    "audit_traffic",
    "disjoint_paths",
    "k_shortest",
    "max_flow_gbps",
    "min_cut",
    "route_demands",
    "separator",
]
