"""From a study and its report to the page and the files of the output folder."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from platform import platform, python_version
from typing import Any

from planner.catalog import Assumption
from planner.environment.sky import EPHEMERIS_SHA256
from planner.outcome import Outcome
from planner.report import figures
from planner.report.figures_common import plural
from planner.report.html import render_html
from planner.report.network_rows import graph_text, losses_table, sites_table, traffic_table
from planner.report.page import Page, Proof, Provenance, Tile, Tone
from planner.report.rows import fleet_table, links_table, manifest_table, placement_table, power_table
from planner.report.sections import linked_pairs, sections
from planner.report.sections_orbit import orbits_table
from planner.report.summary import Report, share
from planner.report.tables import Table, clean
from planner.scenario import Study, used_defaults
from planner.scenario.outlook import ACTIVITIES

_GRIDS = ("atmosphere", "radiation")
"""Collections that are one table of a model, hundreds of figures of one source: plan.json lists them, the page does
not."""


def folder_contents(study: Study, report: Report, timings_s: Mapping[str, float]) -> dict[str, str]:
    """Return every file of the output folder, name to text.

    All but run.json are the same for the same plan, whenever and wherever it runs.
    """
    tables = (
        fleet_table(study),
        orbits_table(study),
        links_table(study),
        power_table(study),
        placement_table(study),
        manifest_table(study),
        costs_table(study),
        sites_table(study),
        traffic_table(study),
        losses_table(study),
    )
    ran = {
        "finished_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": python_version(),
        "platform": platform(),
        "timings_s": dict(timings_s),
    }
    return {
        "plan.json": _plan_json(study),
        "report.json": _json(report.as_json()),
        "run.json": _json(ran),
        "report.html": render_html(page_of(study, report)),
        "network.graphml": graph_text(study),
    } | {f"{table.name}.csv": table.csv_text() for table in tables}


def _json(value: object) -> str:
    return json.dumps(clean(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plan_json(study: Study) -> str:
    """Return the resolved plan; the plan itself to the last digit and character, so that it reads back as the same."""
    resolved = resolved_plan(study)
    return json.dumps(clean(resolved) | {"plan": resolved["plan"]}, indent=2, allow_nan=False) + "\n"


def resolved_plan(study: Study) -> dict[str, Any]:
    """Return the plan with every default in place, the source of each, and the assumptions it stands on."""
    return {
        "sha256": study.loaded.sha256,
        "plan": study.plan.model_dump(mode="json"),
        "defaults": [vars(default) for default in used_defaults(study.plan)],
        "assumptions": [vars(figure) for figure in used_assumptions(study)],
    }


def used_assumptions(study: Study) -> tuple[Assumption, ...]:
    """Return every catalog figure that the plan stands on: its satellites, vehicles, terminal and cost sheets."""
    racks = study.racks.values()
    wanted = {
        *(("rack_satellites", rack.name) for rack in racks),
        *(("accelerators", rack.accelerator) for rack in racks),
        ("laser_terminals", study.terminal.name),
        *(("launch_vehicles", vehicle.name) for vehicle in study.vehicles),
        ("terrestrial_sites", study.plan.economics.site),
        ("container_sites", "megapod"),
        ("home_nodes", "powerwall_node"),
        ("orbital_costs", "fleet"),
        ("finance", "capital"),
        ("fibre", "smf28"),
        ("training_models", study.plan.network.training_model),
        ("training", "data_parallel"),
        ("environment", "drag"),
        *(("atmosphere", activity) for activity in ACTIVITIES),
        *(("radiation", row.name) for row in study.loaded.catalog.collection("radiation")),
    }
    return tuple(figure for figure in study.loaded.catalog if tuple(figure.path.split(".")[:2]) in wanted)


def costs_table(study: Study) -> Table:
    """Return one row per option and cost line: what is paid once or yearly, over which life, with its range."""
    rows = [
        (option, line, yearly)
        for option in study.comparison.options
        for line, yearly in zip(option.lines, option.yearly_lines, strict=True)
    ]
    return Table(
        "costs",
        {
            "option": [option.name for option, _, _ in rows],
            "line": [line.name for _, line, _ in rows],
            "paid": ["once" if line.is_capital else "yearly" for _, line, _ in rows],
            "life_yr": [line.life_yr for _, line, _ in rows],
            "usd": [line.amount.usd for _, line, _ in rows],
            "low_usd": [line.amount.low_usd for _, line, _ in rows],
            "high_usd": [line.amount.high_usd for _, line, _ in rows],
            "annual_usd_yr": [yearly.amount.usd for _, _, yearly in rows],
            "annual_usd_gpu_h": [yearly.amount.usd / option.delivered_accelerator_h for option, _, yearly in rows],
        },
    )


def page_of(study: Study, report: Report) -> Page:
    """Return the report page of a study."""
    time = study.network.best_instant
    hero = figures.fleet_view(
        study.fleet,
        study.states_at(time),
        time=0,
        sun_km=study.sun_km[time],
        sunlit_fraction=study.sunlit_fraction[time],
        pairs=linked_pairs(study, time),
    )
    plan = study.plan
    subtitle = (
        f"{len(study.fleet):,} satellites, {plan.time.start:%Y-%m-%d %H:%M} UTC, "
        f"{study.times.duration_s / 3600:g} h at {plan.time.step_s:g} s"
    )
    return Page(
        title=plan.name.replace("_", " "),
        subtitle=f"{plan.description} {subtitle}." if plan.description else f"{subtitle}.",
        verdict=_verdict(study, report.figures),
        tiles=_tiles(study, report.figures),
        warnings=report.warnings,
        proofs=_proofs(study),
        sections=sections(study),
        assumptions=tuple(figure for figure in used_assumptions(study) if figure.path.split(".")[0] not in _GRIDS),
        provenance=Provenance(
            plan_hash=study.loaded.sha256,
            command="planner run plan.json (the plan of this folder's plan.json)",
            versions=report.versions,
            data_hashes={"de421_2000_2053.bsp": EPHEMERIS_SHA256},
        ),
        hero=hero,
    )


def _proofs(study: Study) -> tuple[Proof, ...]:
    made = [Proof("Workload placement", _repeatable(study.placement.outcome), "replay at the plan's own time step")]
    if study.manifest is not None:
        audit = "masses, volumes, months, counts and prices worked out again"
        made.append(Proof("Launch manifest", _repeatable(study.manifest.outcome), audit))
    network = study.network
    if network.traffic is not None:
        audit = "paths walked again: delays, loads of every link, what each demand gets"
        made.append(Proof("Traffic carried", _repeatable(network.traffic.traffic), audit))
        made.append(Proof("How traffic is routed", _repeatable(network.traffic.outcome), audit))
    if network.data_center is not None:
        audit = "halves, links between them and rates counted again"
        made.append(Proof("Bisection of the network", _repeatable(network.data_center.bisection.outcome), audit))
        made.append(Proof("Ring through the network", _repeatable(network.data_center.ring.outcome), audit))
    return tuple(made)


def _repeatable(outcome: Outcome) -> Outcome:
    """Return the outcome without its wall-clock time, which would make equal runs differ."""
    return replace(outcome, wall_s=0.0)


def _verdict(study: Study, found: Mapping[str, Any]) -> str:
    orbital, ground = study.comparison.option("orbital"), study.comparison.option("terrestrial")
    fleet = (
        f"{found['it_power_mw']:.4g} MW of racks on {found['satellites']:,} satellites see the Sun "
        f"{share(found['sunlit_fraction'])} of the time and may draw {share(found['compute_fraction'])} of their "
        "rating."
    )
    parts = [fleet]
    if found["served_fraction"] is not None:
        parts.append(
            f"Of {found['asked_accelerator_h']:,.0f} accelerator-hours asked for, {share(found['served_fraction'])} "
            f"are served, proved within {study.placement.outcome.gap_fraction:.2%} of the best."
        )
    if study.manifest is not None and study.manifest.flights:
        parts.append(
            f"{found['flights']} flights bring them up for ${found['launch_cost_usd'] / 1e6:,.1f} M, "
            f"${found['launch_usd_kg']:,.0f} per kg of satellite."
        )
    parts.append(
        f"An accelerator-hour costs ${orbital.per_accelerator_h.usd:.2f} {_in_orbit(study)} and "
        f"${ground.per_accelerator_h.usd:.2f} on the ground, within the boundary given under Costs."
    )
    return " ".join(parts)


def _in_orbit(study: Study) -> str:
    """Return how the orbital cost is to be called: one without a launch must not pass for one with it."""
    launched = study.manifest is not None and study.manifest.flights
    return "in orbit" if launched else "in orbit, launch left out,"


def _tiles(study: Study, found: Mapping[str, Any]) -> tuple[Tile, ...]:
    options = {option.name: option.per_accelerator_h for option in study.comparison.options}
    served, worst = found["served_fraction"], found["worst_round_trip_ms"]
    reach = found["reachable_fraction"]
    tiles = [
        Tile("Satellites", f"{found['satellites']:,}", "", plural(len(set(study.fleet.shells)), "shell")),
        Tile("Compute in orbit", f"{found['it_power_mw']:.4g}", "MW", f"{found['accelerators']:,} accelerators"),
        Tile(
            "In sunlight",
            share(found["sunlit_fraction"]),
            "",
            f"longest shadow {found['longest_shadow_min']:.1f} min",
        ),
        Tile("Power for computing", share(found["compute_fraction"]), "", "of the racks' rating"),
    ]
    if served is not None:
        tone: Tone = "good" if served > 0.95 else "caution"
        tiles.append(Tile("Work served", share(served), "", "of accelerator-hours asked for", tone))
    if worst is not None:
        tiles.append(Tile("Worst round trip", f"{worst:.0f}", "ms", f"site pairs reachable {reach:.0%} of the time"))
    if study.manifest is not None:
        cost = f"{found['launch_cost_usd'] / 1e6:,.0f}"
        tiles.append(Tile("Launches", cost, "million $", f"{found['flights']} flights"))
    orbital = _in_orbit(study).strip(",").capitalize()
    for name, label in (("orbital", orbital), ("terrestrial", "On the ground")):
        amount = options[name]
        note = f"{amount.low_usd:.2f} – {amount.high_usd:.2f}"
        tiles.append(Tile(label, f"{amount.usd:.2f}", "$ per accelerator-hour", note))
    return tuple(tiles)
