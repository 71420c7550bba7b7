"""The shortest ways through the laser network: from many sources at once, over time, and named node by node."""

from planner.network.routing.latency import satellite_latency_ms, site_latency_ms, unreachable_pairs
from planner.network.routing.paths import Path, route
from planner.network.routing.series import LatencySeries, latency_series
from planner.network.routing.shortest import Seeds, shortest_ms
from planner.network.routing.stretch import Stretch, great_circle_ms, stretch

__all__ = [
    "LatencySeries",
    "Path",
    "Seeds",
    "Stretch",
    "great_circle_ms",
    "latency_series",
    "route",
    "satellite_latency_ms",
    "shortest_ms",
    "site_latency_ms",
    "stretch",
    "unreachable_pairs",
]
