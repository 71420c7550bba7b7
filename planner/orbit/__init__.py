"""Fleets and where they are: elements, design, element-set files, propagation, frames and ground sites."""

from planner.orbit.design import (
    mean_motion_rev_d,
    period_min,
    raan_of_local_time_deg,
    sun_synchronous,
    sun_synchronous_inclination_deg,
    walker_delta,
    walker_star,
)
from planner.orbit.elements import Fleet, element_age_d
from planner.orbit.propagate import Ephemeris, propagate, propagate_blocks, teme_states
from planner.orbit.reading import ElementFile, bundled_element_sets, read_elements, staleness_note
from planner.orbit.sites import GroundSites, geodetic_deg, site_positions_km, site_zeniths

__all__ = [
    "ElementFile",
    "Ephemeris",
    "Fleet",
    "GroundSites",
    "bundled_element_sets",
    "element_age_d",
    "geodetic_deg",
    "mean_motion_rev_d",
    "period_min",
    "propagate",
    "propagate_blocks",
    "raan_of_local_time_deg",
    "read_elements",
    "site_positions_km",
    "site_zeniths",
    "staleness_note",
    "sun_synchronous",
    "sun_synchronous_inclination_deg",
    "teme_states",
    "walker_delta",
    "walker_star",
]
