"""Fleets and where they are: elements, design, element-set files, propagation, frames and ground sites."""

from planner.orbit.design.cluster import cluster
from planner.orbit.design.envelope import ShellGap, radial_range_km, shell_gaps_km
from planner.orbit.design.formation_drift import J2Drift, j2_drift
from planner.orbit.design.formation_geometry import ClusterGeometry, cluster_geometry
from planner.orbit.design.groundtrack import repeat_altitude_km, repeat_ground_track
from planner.orbit.design.phasing import miss_distance_km, phasing_separations_km, safest_phasing
from planner.orbit.design.separation import Approach, closest_approaches, require_clearance
from planner.orbit.design.shells import combine, mean_motion_rev_d, period_min
from planner.orbit.design.sunsync import raan_of_local_time_deg, sun_synchronous_inclination_deg
from planner.orbit.design.trains import dawn_dusk_train
from planner.orbit.design.walker import sun_synchronous, walker_delta, walker_star
from planner.orbit.drift import SecularRates, secular_rates
from planner.orbit.elements import Fleet, element_age_d
from planner.orbit.files.fetch import Fetched, fetch_group
from planner.orbit.files.inspection import Inspection, Shell, inspect_elements
from planner.orbit.files.oem import OemSegment, read_oem, write_oem
from planner.orbit.files.reading import ElementFile, bundled_element_sets, read_elements, staleness_note
from planner.orbit.files.writing_omm import write_omm_csv, write_omm_json, write_omm_kvn, write_omm_xml
from planner.orbit.files.writing_tle import write_tle
from planner.orbit.frames import gcrs_to_itrs, pole_directions, teme_to_gcrs
from planner.orbit.propagate import Ephemeris, propagate, propagate_blocks, teme_states
from planner.orbit.sites import GroundSites, geodetic_deg, site_positions_km, site_zeniths

__all__ = [
    "Approach",
    "ClusterGeometry",
    "ElementFile",
    "Ephemeris",
    "Fetched",
    "Fleet",
    "GroundSites",
    "Inspection",
    "J2Drift",
    "OemSegment",
    "SecularRates",
    "Shell",
    "ShellGap",
    "bundled_element_sets",
    "closest_approaches",
    "cluster",
    "cluster_geometry",
    "combine",
    "dawn_dusk_train",
    "element_age_d",
    "fetch_group",
    "gcrs_to_itrs",
    "geodetic_deg",
    "inspect_elements",
    "j2_drift",
    "mean_motion_rev_d",
    "miss_distance_km",
    "period_min",
    "phasing_separations_km",
    "pole_directions",
    "propagate",
    "propagate_blocks",
    "raan_of_local_time_deg",
    "radial_range_km",
    "read_elements",
    "read_oem",
    "repeat_altitude_km",
    "repeat_ground_track",
    "require_clearance",
    "safest_phasing",
    "secular_rates",
    "shell_gaps_km",
    "site_positions_km",
    "site_zeniths",
    "staleness_note",
    "sun_synchronous",
    "sun_synchronous_inclination_deg",
    "teme_states",
    "teme_to_gcrs",
    "walker_delta",
    "walker_star",
    "write_oem",
    "write_omm_csv",
    "write_omm_json",
    "write_omm_kvn",
    "write_omm_xml",
    "write_tle",
]
