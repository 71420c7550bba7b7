"""What surrounds the fleet: the Sun and the Earth's shadow, the air, radiation, and what else flies there."""

from planner.environment.atmosphere import Activity, Atmosphere, drag_density_kg_m3
from planner.environment.crossings import ShadowTable, shadow_crossings
from planner.environment.debris import close_approaches_per_yr, shell_fraction, spatial_density_per_km3
from planner.environment.decay import (
    REENTRY_ALTITUDE_KM,
    DecayHistory,
    ballistic_coefficient_kg_m2,
    decay_history,
    decay_rate_km_d,
    lifetime_yr,
)
from planner.environment.dose import DoseTable, annual_dose_rad_yr
from planner.environment.eclipse import beta_without_eclipse_deg, eclipse_fraction_circular, longest_eclipse_min
from planner.environment.planes import OrbitalPlanes, circular_planes, orbital_planes
from planner.environment.seasons import Seasons, SeasonTable, eclipse_seasons
from planner.environment.sky import (
    EPHEMERIS_FROM,
    EPHEMERIS_TO,
    analytic_sun_km,
    ephemeris,
    solar_irradiance_w_m2,
    sun_positions_km,
)
from planner.environment.stationkeeping import (
    deorbit_delta_v_m_s,
    drag_delta_v_m_s_yr,
    inclination_delta_v_m_s_yr,
    inclination_drift_deg_yr,
    propellant_kg,
)
from planner.environment.sunlight import beta_deg, sunlit_fraction

__all__ = [
    "EPHEMERIS_FROM",
    "EPHEMERIS_TO",
    "REENTRY_ALTITUDE_KM",
    "Activity",
    "Atmosphere",
    "DecayHistory",
    "DoseTable",
    "OrbitalPlanes",
    "SeasonTable",
    "Seasons",
    "ShadowTable",
    "analytic_sun_km",
    "annual_dose_rad_yr",
    "ballistic_coefficient_kg_m2",
    "beta_deg",
    "beta_without_eclipse_deg",
    "circular_planes",
    "close_approaches_per_yr",
    "decay_history",
    "decay_rate_km_d",
    "deorbit_delta_v_m_s",
    "drag_delta_v_m_s_yr",
    "drag_density_kg_m3",
    "eclipse_fraction_circular",
    "eclipse_seasons",
    "ephemeris",
    "inclination_delta_v_m_s_yr",
    "inclination_drift_deg_yr",
    "lifetime_yr",
    "longest_eclipse_min",
    "orbital_planes",
    "propellant_kg",
    "shadow_crossings",
    "shell_fraction",
    "solar_irradiance_w_m2",
    "spatial_density_per_km3",
    "sun_positions_km",
    "sunlit_fraction",
]
