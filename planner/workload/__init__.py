"""Work and where it runs: jobs, what satellites can promise, placement and its audit."""

from planner.workload.audit import audit_placement
from planner.workload.capacity import SlotCapacity, slot_capacity, slot_latency_ms
from planner.workload.jobs import Job
from planner.workload.placement import place
from planner.workload.result import REASONS, Placement, Unserved

__all__ = [
    "REASONS",
    "Job",
    "Placement",
    "SlotCapacity",
    "Unserved",
    "audit_placement",
    "place",
    "slot_capacity",
    "slot_latency_ms",
]
