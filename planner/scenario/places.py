"""The ground sites of a plan, cities included, as the tables that links and network take."""

import numpy as np

from planner.arrays import IntArray, floats, ints
from planner.links import Gateways, load_cities
from planner.links.gateways import NO_LIMIT, Kind
from planner.orbit import GroundSites
from planner.scenario.ground import Site
from planner.scenario.schema import Plan


def plan_sites(plan: Plan) -> tuple[Site, ...]:
    """Return the sites of a plan in its order, then the cities that it takes as sites."""
    return plan.sites if plan.cities is None else (*plan.sites, *plan.cities.sites)


def ground_sites(sites: tuple[Site, ...]) -> GroundSites:
    """Return where sites are and what they see; NaN where only the elevation limits the range."""
    return GroundSites(
        tuple(site.name for site in sites),
        floats([site.latitude_deg for site in sites]),
        floats([site.longitude_deg for site in sites]),
        floats([site.elevation_m for site in sites]),
        floats([site.minimum_elevation_deg for site in sites]),
        floats([np.nan if site.maximum_range_km is None else site.maximum_range_km for site in sites]),
    )


def site_gateways(sites: tuple[Site, ...]) -> Gateways:
    """Return what sites can carry."""
    kind: Kind = "radio"
    return Gateways(
        ints([NO_LIMIT if site.antennas is None else site.antennas for site in sites]),
        floats([np.nan if site.antenna_gbps is None else site.antenna_gbps for site in sites]),
        floats([site.outage_fraction for site in sites]),
        (kind,) * len(sites),
    )


def people(sites: tuple[Site, ...]) -> IntArray:
    """Return how many people live in each site that is one of the cities, 0 for others, ``[site]``."""
    known = load_cities()
    count = dict(zip(known.names, known.population.tolist(), strict=True))
    return ints([count.get(site.name, 0) for site in sites])
