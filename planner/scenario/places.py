"""The ground sites of a plan, cities included, as the tables that links and network take."""

from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats, ints
from planner.links import Gateways, load_cities
from planner.links.gateways import NO_LIMIT, Kind
from planner.orbit import GroundSites
from planner.scenario.ground import Site
from planner.scenario.schema import Plan

_SAME_CITY_DEG: Final = 1.0
"""How far a site of a city's name may lie from it: a gateway may stand outside, a namesake is farther away."""


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


def people(sites: tuple[Site, ...]) -> FloatArray:
    """Return how many people live in each site that is one of the cities by name and place, else NaN, ``[site]``.

    By name or by its first words: New York is New York City.
    """
    known = load_cities()

    def living(site: Site) -> float:
        north_deg = np.abs(site.latitude_deg - known.latitude_deg)
        east_deg = np.abs((site.longitude_deg - known.longitude_deg + 180.0) % 360.0 - 180.0)
        near = np.flatnonzero(np.maximum(north_deg, east_deg) <= _SAME_CITY_DEG).tolist()
        same = [place for place in near if f"{known.names[place]} ".startswith(f"{site.name} ")]
        return float(known.population[same].max()) if same else np.nan

    return floats([living(site) for site in sites])
