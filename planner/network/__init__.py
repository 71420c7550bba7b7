"""The laser network: who links to whom, the network at an instant as a graph, and the shortest ways through it."""

from planner.network.routing import Path, route, satellite_latency_ms, site_latency_ms, unreachable_pairs
from planner.network.snapshot import NetworkSnapshot, snapshot
from planner.network.topology import Chooser, link_table, mutual_nearest, plus_grid

__all__ = [
    "Chooser",
    "NetworkSnapshot",
    "Path",
    "link_table",
    "mutual_nearest",
    "plus_grid",
    "route",
    "satellite_latency_ms",
    "site_latency_ms",
    "snapshot",
    "unreachable_pairs",
]
