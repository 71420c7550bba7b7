"""How much of the laser network acts as one data center? Groups, cuts, rings, collectives and training."""

from planner.network.datacenter.as_one import AsOne, accelerators_as_one
from planner.network.datacenter.audit import audit_hierarchy, audit_ring
from planner.network.datacenter.audit_cuts import audit_bisection, audit_minimum_cut
from planner.network.datacenter.audit_groups import audit_groups, audit_groups_in_range
from planner.network.datacenter.bisection import bisection
from planner.network.datacenter.circuit import CircuitLimits
from planner.network.datacenter.collectives import (
    AllReduce,
    hierarchical_all_reduce,
    ring_all_reduce,
    tree_all_reduce,
)
from planner.network.datacenter.groups import groups_in_range, groups_within
from planner.network.datacenter.hierarchy import embed_hierarchy
from planner.network.datacenter.members import Members
from planner.network.datacenter.mincut import MinimumCut, minimum_cut
from planner.network.datacenter.results import Bisection, Groups, Hierarchy, Ring, Routing
from planner.network.datacenter.ring import embed_ring
from planner.network.datacenter.scaling import ScalingCurve, scaling_curve, scaling_curves
from planner.network.datacenter.series import DataCenterSeries, over_time
from planner.network.datacenter.training import (
    Accelerators,
    Collective,
    TrainingModel,
    efficiency_fraction,
    memory_note,
    step_s,
)
from planner.network.datacenter.tree import Tree, embed_tree

__all__ = [
    "Accelerators",
    "AllReduce",
    "AsOne",
    "Bisection",
    "CircuitLimits",
    "Collective",
    "DataCenterSeries",
    "Groups",
    "Hierarchy",
    "Members",
    "MinimumCut",
    "Ring",
    "Routing",
    "ScalingCurve",
    "TrainingModel",
    "Tree",
    "accelerators_as_one",
    "audit_bisection",
    "audit_groups",
    "audit_groups_in_range",
    "audit_hierarchy",
    "audit_minimum_cut",
    "audit_ring",
    "bisection",
    "efficiency_fraction",
    "embed_hierarchy",
    "embed_ring",
    "embed_tree",
    "groups_in_range",
    "groups_within",
    "hierarchical_all_reduce",
    "memory_note",
    "minimum_cut",
    "over_time",
    "ring_all_reduce",
    "scaling_curve",
    "scaling_curves",
    "step_s",
    "tree_all_reduce",
]
