"""The ground sites of a plan as the tables that links and network take."""

import numpy as np

from planner.arrays import floats
from planner.orbit import GroundSites
from planner.scenario.schema import Plan


def ground_sites(plan: Plan) -> GroundSites:
    """Return the sites of a plan, in its order; NaN where only the elevation limits the range."""
    sites = plan.sites
    return GroundSites(
        tuple(site.name for site in sites),
        floats([site.latitude_deg for site in sites]),
        floats([site.longitude_deg for site in sites]),
        floats([site.elevation_m for site in sites]),
        floats([site.minimum_elevation_deg for site in sites]),
        floats([np.nan if site.maximum_range_km is None else site.maximum_range_km for site in sites]),
    )
