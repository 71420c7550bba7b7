"""Launch manifest: which satellites fly on what, when, at what cost, and what is proved about it."""

from planner.launch.audit import audit_manifest
from planner.launch.manifest import plan_manifest
from planner.launch.rows import Flight, LeftOut, Manifest, Objective
from planner.launch.solve import SolveOptions
from planner.launch.vehicles import PlaneDemand, Vehicle

__all__ = [
    "Flight",
    "LeftOut",
    "Manifest",
    "Objective",
    "PlaneDemand",
    "SolveOptions",
    "Vehicle",
    "audit_manifest",
    "plan_manifest",
]
