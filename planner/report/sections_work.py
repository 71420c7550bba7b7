"""The chapters of the report page on what the fleet does and how it gets there: placement and launch."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from planner.arrays import floats
from planner.report import figures
from planner.report.page import Note, Section, TableView
from planner.report.rows import manifest_table, placement_table, worst_gap
from planner.report.tables import Table
from planner.scenario import Study
from planner.times import TimeGrid
from planner.workload import REASONS, Unserved


def _first(table: Table, caption: str, *, empty: str, limit: int = 12) -> TableView:
    rows = list(table.rows())
    headings = tuple(_heading(name) for name in table.columns)
    return TableView(caption, headings, tuple(rows[:limit]), len(rows), f"{table.name}.csv", empty)


_UNITS: Final = {"w": "W", "kw": "kW", "kg": "kg", "usd": "$", "utc": "UTC"}


def _heading(column: str) -> str:
    """Return the name of a column in words, its unit behind a comma."""
    name, _, unit = column.rpartition("_")
    return f"{name.replace('_', ' ')}, {_UNITS[unit]}" if unit in _UNITS else column.replace("_", " ")


def placement_section(study: Study) -> Section:
    """Return the chapter on where jobs run, and why some do not."""
    placement, capacity = study.placement, study.capacity
    used = np.zeros(capacity.accelerators.shape)
    np.add.at(used, (placement.slot, placement.satellite), placement.accelerators)
    size = np.array([job.accelerators for job in study.jobs], dtype=np.float64)
    slots = TimeGrid(study.times.start, capacity.slot_s, capacity.slots)
    blocks = (
        figures.placement_use(slots, floats(used), floats(capacity.installed), study.fleet.names),
        figures.jobs_served(
            {
                "job": placement.jobs,
                "asked_accelerator_h": (placement.wanted_h * size).tolist(),
                "served_accelerator_h": (placement.served_h * size).tolist(),
            }
        ),
        figures.unserved_reasons(_reasons(study)),
        _job_table(study),
        _first(placement_table(study), "Where each job runs", empty="No job was placed."),
    )
    return Section(
        "placement",
        "Placement",
        f"Jobs on satellites in slots of {capacity.slot_s / 60:g} min; what a job is promised holds at the worst "
        "instant of its slot.",
        blocks,
    )


def _reasons(study: Study) -> dict[str, Sequence[object]]:
    hours = np.diff(study.capacity.edges_h)
    size = {job.name: job.accelerators for job in study.jobs}
    sums: dict[str, float] = {}
    for row in study.placement.unserved:
        span_h = float(hours[row.first_slot : row.last_slot + 1].sum())
        reason = REASONS[row.reason]
        sums[reason] = sums.get(reason, 0.0) + row.replicas * size[row.job] * span_h
    return {"reason": list(sums), "accelerator_h": list(sums.values())}


def _job_table(study: Study) -> TableView:
    placement = study.placement
    worst = [worst_gap(placement, job.name) for job in study.jobs]
    return TableView.first(
        "Jobs: what was asked, what is served, and what stands in the way",
        {
            "job": [job.name for job in study.jobs],
            "accelerators × replicas": [f"{job.accelerators:,} × {job.replicas:,}" for job in study.jobs],
            "budget, ms": [job.latency_budget_ms for job in study.jobs],
            "served, %": [round(100.0 * share, 1) for share in placement.served_fraction.tolist()],
            "moves": placement.moves.tolist(),
            "value, $": [round(value) for value in placement.value_usd.tolist()],
            "its longest gap": ["" if row is None else _gap(study, row) for row in worst],
        },
        limit=50,
        empty="The plan has no jobs.",
    )


def _gap(study: Study, row: Unserved) -> str:
    span_h = float(np.diff(study.capacity.edges_h)[row.first_slot : row.last_slot + 1].sum())
    return f"for {span_h:.3g} h: {row.detail}"


def launch_section(study: Study) -> Section:
    """Return the chapter on flights."""
    manifest = study.manifest
    if manifest is None:
        return Section("launch", "Launch", "", (Note("The plan has no launch table, so no manifest was made."),))
    flights: dict[str, Sequence[object]] = {
        "month": [f"{flight.month:%Y-%m}" for flight in manifest.flights],
        "vehicle": [flight.vehicle for flight in manifest.flights],
        "flights": [1] * len(manifest.flights),
    }
    months = [f"{month:%Y-%m}" for month in manifest.months]
    used = len(months) if manifest.last_month is None else months.index(f"{manifest.last_month:%Y-%m}") + 1
    growth: dict[str, Sequence[object]] = {"month": months[:used], "mw": (manifest.capacity_kw[:used] / 1e3).tolist()}
    wanted_mw = sum(demand.satellites * demand.it_kw for demand in study.demands) / 1e3
    demand: dict[str, Sequence[object]] = {"month": [months[0], months[used - 1]], "mw": [wanted_mw, wanted_mw]}
    return Section(
        "launch",
        "Launch",
        f"{len(manifest.flights)} flights, {manifest.satellites:,} satellites with spares, "
        f"{manifest.mass_kg / 1e3:,.0f} t, ${manifest.cost_usd / 1e6:,.1f} M.",
        (
            figures.flights_by_month(flights),
            figures.fleet_in_orbit(growth, demand, quantity="mw"),
            _first(manifest_table(study), "Flights", empty="No flight was made."),
        ),
    )
