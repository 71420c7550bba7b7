"""Who can see whom, how far away, and what a laser link between them carries."""

from planner.links.geometry import (
    grazing_altitude_km,
    in_sight,
    maximum_range_km,
    range_km,
)
from planner.links.ground import elevation_and_range, ground_access, slant_range_km
from planner.links.optical import (
    LaserTerminal,
    OpticalDesign,
    confocal_distance_km,
    geometric_fraction,
    link_rate_gbps,
    parallel_beams,
    received_power_w,
)
from planner.links.table import AccessTable, LinkTable

__all__ = [
    "AccessTable",
    "LaserTerminal",
    "LinkTable",
    "OpticalDesign",
    "confocal_distance_km",
    "elevation_and_range",
    "geometric_fraction",
    "grazing_altitude_km",
    "ground_access",
    "in_sight",
    "link_rate_gbps",
    "maximum_range_km",
    "parallel_beams",
    "range_km",
    "received_power_w",
    "slant_range_km",
]
