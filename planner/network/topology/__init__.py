"""Who links to whom at each moment, under the terminals that there are: pairs of satellites, then a `LinkTable`.

A `Topology` says how partners are chosen; `links_of` follows it through time, acquisition included.
"""

from planner.network.topology.churn import Churn, churn
from planner.network.topology.grid import plus_grid
from planner.network.topology.held import Held
from planner.network.topology.matching import match, matching_bound
from planner.network.topology.mesh import cluster_mesh
from planner.network.topology.nearest import mutual_nearest
from planner.network.topology.rule import Topology, chosen_links, fixed_links, matched_links, nearest_links
from planner.network.topology.scene import Chooser, Ranked, Scene, Valuation
from planner.network.topology.shells import inter_shell
from planner.network.topology.tracking import link_table, links_of
from planner.network.topology.value import expected_life_s, link_value_gbps

__all__ = [
    "Chooser",
    "Churn",
    "Held",
    "Ranked",
    "Scene",
    "Topology",
    "Valuation",
    "chosen_links",
    "churn",
    "cluster_mesh",
    "expected_life_s",
    "fixed_links",
    "inter_shell",
    "link_table",
    "link_value_gbps",
    "links_of",
    "match",
    "matched_links",
    "matching_bound",
    "mutual_nearest",
    "nearest_links",
    "plus_grid",
]
