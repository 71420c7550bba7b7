"""Who can see whom, how far away, and what a laser link between them carries."""

from planner.links.budget import (
    OpticalDesign,
    confocal_distance_km,
    geometric_fraction,
    link_rate_gbps,
    parallel_beams,
    received_power_w,
)
from planner.links.cities import Cities, load_cities
from planner.links.coverage import Coverage, coverage, satellites_in_view
from planner.links.explain import LinkVerdict, RuleCheck, explain_link
from planner.links.feasible import Checked, Sightlines, candidate_pairs, check_links, feasible_links
from planner.links.footprint import (
    earth_central_angle_deg,
    footprint_fraction,
    highest_latitude_deg,
    star_margin_deg,
    street_half_width_deg,
)
from planner.links.gateways import (
    NO_LIMIT,
    Gateways,
    HeldContacts,
    contact_capacity_gbps,
    contact_counts,
    gateway_contacts,
    gateway_contacts_of,
    handovers,
    handovers_per_h,
    space_ground_capacity_gbps,
)
from planner.links.gatewayset import GatewayChoice, smallest_gateways
from planner.links.geometry import angular_rate_deg_s, grazing_altitude_km, in_sight, maximum_range_km, range_km
from planner.links.ground import Contacts, elevation_and_range, ground_access, ground_contacts, slant_range_km
from planner.links.optical import LaserTerminal
from planner.links.power import terminal_power_w
from planner.links.regions import (
    LatencyOverPeople,
    city_sites,
    largest_cities,
    latency_over_people,
    pair_fraction,
    people_covered_fraction,
    people_fraction,
)
from planner.links.rules import LinkRules, Mounting
from planner.links.table import AccessTable, LinkTable
from planner.links.weather import (
    Diversity,
    assured_capacity_gbps,
    availability_fraction,
    draw_weather,
    gateway_diversity,
    in_view,
    outage_fraction,
    separation_km,
    weather_correlation_fraction,
)

__all__ = [
    "NO_LIMIT",
    "AccessTable",
    "Checked",
    "Cities",
    "Contacts",
    "Coverage",
    "Diversity",
    "GatewayChoice",
    "Gateways",
    "HeldContacts",
    "LaserTerminal",
    "LatencyOverPeople",
    "LinkRules",
    "LinkTable",
    "LinkVerdict",
    "Mounting",
    "OpticalDesign",
    "RuleCheck",
    "Sightlines",
    "angular_rate_deg_s",
    "assured_capacity_gbps",
    "availability_fraction",
    "candidate_pairs",
    "check_links",
    "city_sites",
    "confocal_distance_km",
    "contact_capacity_gbps",
    "contact_counts",
    "coverage",
    "draw_weather",
    "earth_central_angle_deg",
    "elevation_and_range",
    "explain_link",
    "feasible_links",
    "footprint_fraction",
    "gateway_contacts",
    "gateway_contacts_of",
    "gateway_diversity",
    "geometric_fraction",
    "grazing_altitude_km",
    "ground_access",
    "ground_contacts",
    "handovers",
    "handovers_per_h",
    "highest_latitude_deg",
    "in_sight",
    "in_view",
    "largest_cities",
    "latency_over_people",
    "link_rate_gbps",
    "load_cities",
    "maximum_range_km",
    "outage_fraction",
    "pair_fraction",
    "parallel_beams",
    "people_covered_fraction",
    "people_fraction",
    "range_km",
    "received_power_w",
    "satellites_in_view",
    "separation_km",
    "slant_range_km",
    "smallest_gateways",
    "space_ground_capacity_gbps",
    "star_margin_deg",
    "street_half_width_deg",
    "terminal_power_w",
    "weather_correlation_fraction",
]
