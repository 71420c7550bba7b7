"""Every figure of the report, made from plain tables; each returns a `planner.report.page.Figure`.

To use one outside the report page: ``plotly.graph_objects.Figure(resolve(figure.plot, "light"))``.
"""

from planner.report.figures_costs import option_costs
from planner.report.figures_globe import fleet_view
from planner.report.figures_laser import gateways, link_loads, links_over_time, losses, training
from planner.report.figures_launch import fleet_in_orbit, flights_by_month
from planner.report.figures_map import world_map
from planner.report.figures_network import latency_bounds, latency_over_time
from planner.report.figures_orbit import cluster_view, coverage_by_latitude, decay, eclipse_seasons
from planner.report.figures_placement import jobs_served, placement_use, unserved_reasons
from planner.report.figures_power import fleet_power, power_limits, satellite_power
from planner.report.style import resolve

__all__ = [
    "cluster_view",
    "coverage_by_latitude",
    "decay",
    "eclipse_seasons",
    "fleet_in_orbit",
    "fleet_power",
    "fleet_view",
    "flights_by_month",
    "gateways",
    "jobs_served",
    "latency_bounds",
    "latency_over_time",
    "link_loads",
    "links_over_time",
    "losses",
    "option_costs",
    "placement_use",
    "power_limits",
    "resolve",
    "satellite_power",
    "training",
    "unserved_reasons",
    "world_map",
]
