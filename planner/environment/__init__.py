"""What surrounds the fleet: where the Sun is, who is in shadow, and for how long."""

from planner.environment.eclipse import (
    PlaneSunlight,
    beta_of_plane_deg,
    beta_without_eclipse_deg,
    eclipse_fraction_circular,
    longest_eclipse_min,
    plane_sunlight,
)
from planner.environment.sky import EPHEMERIS_FROM, EPHEMERIS_TO, analytic_sun_km, ephemeris, sun_positions_km
from planner.environment.sunlight import beta_deg, disc_fraction, sunlit_fraction

__all__ = [
    "EPHEMERIS_FROM",
    "EPHEMERIS_TO",
    "PlaneSunlight",
    "analytic_sun_km",
    "beta_deg",
    "beta_of_plane_deg",
    "beta_without_eclipse_deg",
    "disc_fraction",
    "eclipse_fraction_circular",
    "ephemeris",
    "longest_eclipse_min",
    "plane_sunlight",
    "sun_positions_km",
    "sunlit_fraction",
]
