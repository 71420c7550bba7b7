"""Who can see whom, how far away, and what a laser link between them carries."""

from planner.links.coverage import Coverage, coverage, satellites_in_view
from planner.links.footprint import (
    earth_central_angle_deg,
    footprint_fraction,
    highest_latitude_deg,
    star_margin_deg,
    street_half_width_deg,
)
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
    "Coverage",
    "LaserTerminal",
    "LinkTable",
    "OpticalDesign",
    "confocal_distance_km",
    "coverage",
    "earth_central_angle_deg",
    "elevation_and_range",
    "footprint_fraction",
    "geometric_fraction",
    "grazing_altitude_km",
    "ground_access",
    "highest_latitude_deg",
    "in_sight",
    "link_rate_gbps",
    "maximum_range_km",
    "parallel_beams",
    "range_km",
    "received_power_w",
    "satellites_in_view",
    "slant_range_km",
    "star_margin_deg",
    "street_half_width_deg",
]
