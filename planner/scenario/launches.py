"""From the launch table of a plan to its vehicles and its audited manifest."""

from collections.abc import Sequence
from dataclasses import replace

from planner.catalog import Catalog
from planner.launch import Manifest, PlaneDemand, SolveOptions, Vehicle, audit_manifest, plan_manifest
from planner.scenario.audited import require_clean
from planner.scenario.schema import LaunchSettings


def launch_vehicles(launch: LaunchSettings | None, catalog: Catalog) -> tuple[Vehicle, ...]:
    """Return the vehicles that a plan may use, with its own reach in place; none without a launch table."""
    if launch is None:
        return ()
    vehicles = [Vehicle.from_catalog(catalog, name) for name in launch.vehicles]
    reach = launch.planes_per_flight
    return tuple(vehicle if reach is None else replace(vehicle, planes_per_flight=reach) for vehicle in vehicles)


def audited_manifest(launch: LaunchSettings, demands: Sequence[PlaneDemand], vehicles: Sequence[Vehicle]) -> Manifest:
    """Return the flights that bring a fleet up; see `planner.launch.plan_manifest` for what it raises."""
    node_limit = max(1, round(SolveOptions().node_limit * launch.effort))
    manifest = plan_manifest(
        demands,
        vehicles,
        objective=launch.objective,
        start=launch.start,
        deadline_months=launch.deadline_months,
        budget_usd=launch.budget_usd,
        options=SolveOptions(seed=launch.seed, node_limit=node_limit),
    )
    violations = audit_manifest(
        manifest,
        demands,
        vehicles,
        start=launch.start,
        deadline_months=launch.deadline_months,
        budget_usd=launch.budget_usd,
    )
    require_clean("manifest", violations)
    return manifest
