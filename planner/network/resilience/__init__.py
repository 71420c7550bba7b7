"""What does the network survive? Losses and what they leave, weak points, and how it falls apart."""

from planner.network.resilience.betweenness import betweenness
from planner.network.resilience.connectivity import Connectivity, components, connectivity
from planner.network.resilience.losing import lose, planes_of
from planner.network.resilience.losses import Kind, SingleLosses, single_losses
from planner.network.resilience.percolation import Attack, Percolation, Unit, percolation
from planner.network.resilience.remaining import Remaining, pair_latency_ms, remaining

__all__ = [
    "Attack",
    "Connectivity",
    "Kind",
    "Percolation",
    "Remaining",
    "SingleLosses",
    "Unit",
    "betweenness",
    "components",
    "connectivity",
    "lose",
    "pair_latency_ms",
    "percolation",
    "planes_of",
    "remaining",
    "single_losses",
]
