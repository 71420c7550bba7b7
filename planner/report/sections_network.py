"""The chapter of the report page on the laser network: delays, links, gateways."""

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.links import contact_counts, handovers_per_h, space_ground_capacity_gbps
from planner.network.routing import great_circle_ms
from planner.report import figures
from planner.report.page import Block, Cell, Figure, Note, Section, TableView
from planner.scenario import Study
from planner.scenario.notes import length
from planner.scenario.places import people

_MOST_SITES = 40


def network_section(study: Study) -> Section:
    """Return the chapter."""
    names = study.sites.names
    first, second = np.triu_indices(len(names), k=1)
    trips = floats(2.0 * study.site_latency_ms[:, first, second])
    pairs = [(names[a], names[b]) for a, b in zip(first, second, strict=True)]
    vacuum, fibre = _ground_ms(study, ints(first), ints(second))
    links = study.links
    delays: tuple[Block, ...] = (Note("The plan has fewer than two ground sites, so no delays between them."),)
    if pairs:
        delays = (
            figures.latency_over_time(study.times, trips, pairs, fibre_round_trip_ms=fibre),
            figures.latency_bounds(trips, pairs, vacuum_round_trip_ms=vacuum, fibre_round_trip_ms=fibre),
        )
    return Section(
        "network",
        "Network",
        f"{_topology(study).capitalize()} laser links up to {length(study.terminal.maximum_range_km)} "
        f"({study.terminal.name}); delays are light time plus each site's backhaul, there and back.",
        (
            *delays,
            figures.links_over_time(study.times, ints(np.diff(links.offsets)), links.acquiring),
            _links(study),
            _gateways(study),
            _sites(study),
        ),
    )


def _topology(study: Study) -> str:
    return study.plan.links.topology.replace("_", " ")


def _ground_ms(study: Study, first: IntArray, second: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the round trip along the ground, at light speed and in glass, ``[pair]``, with both ends' backhaul."""
    group_index = study.loaded.catalog.entry("fibre", "smf28")["group_index"]
    backhaul = 2.0 * (study.backhaul_ms[first] + study.backhaul_ms[second])
    ways = (great_circle_ms(study.sites), great_circle_ms(study.sites, group_index=group_index))
    vacuum, fibre = (floats(2.0 * way[first, second] + backhaul) for way in ways)
    return vacuum, fibre


def _links(study: Study) -> TableView:
    """Return how links come and go, and what their terminals draw."""
    found, terminal = study.network.churn, study.terminal
    installed = int(study.terminals.sum())
    rows: list[tuple[str, Cell]] = [
        ("links made per hour, whole network", _rounded(found.made_per_h)),
        ("links lost per hour, whole network", _rounded(found.lost_per_h)),
        ("new partners of a satellite per hour", _rounded(found.handovers_per_h)),
        ("mean life of a link within the plan, min", _rounded(found.mean_life_s / 60.0)),
        (
            "terminals at work, mean, of all installed, %",
            _rounded(100.0 * float(found.in_use.mean()) / max(1, installed)),
        ),
        ("acquisition of a new link, s", terminal.acquisition_s),
        ("least angle between link and Sun, °", terminal.sun_exclusion_deg),
        ("power of a working terminal, W", terminal.power_w),
        ("power of all terminals, mean, kW", _rounded(study.network.terminal_power_w.sum(axis=1).mean() / 1e3)),
    ]
    return TableView.first(
        "Laser links: how they come and go",
        {"what": [row[0] for row in rows], "value": [row[1] for row in rows]},
        limit=20,
    )


def _rounded(value: float) -> float | None:
    return float(f"{value:.3g}") if np.isfinite(value) else None


def _gateways(study: Study) -> Figure:
    seen, followed = (contact_counts(table).mean(axis=0) for table in (study.flight.access, study.access))
    return figures.gateways(study.sites.names, floats(followed), floats(seen))


def _sites(study: Study) -> TableView:
    """Return how long each site sees the fleet, from how far, and what it can carry."""
    access, sites, gateways = study.access, study.sites, study.gateways
    count = len(sites)
    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, access.site, access.range_km)
    seen = study.network.contacts_seen.mean(axis=0)
    capacity = space_ground_capacity_gbps(access, gateways, weather=True).mean(axis=0)
    living = people(study.places)
    cities = bool(np.isfinite(living).any())
    order = np.argsort(-living, kind="stable")[:_MOST_SITES] if cities else np.arange(count)
    columns: dict[str, list[Cell]] = {
        "site": [sites.names[i] for i in order],
        "in view, %": [round(100.0 * float(seen[i]), 1) for i in order],
        "nearest, km": [round(float(nearest[i])) if np.isfinite(nearest[i]) else None for i in order],
        "from elevation, °": sites.minimum_elevation_deg[order].tolist(),
        "contacts per hour": [_rounded(rate) for rate in handovers_per_h(access)[order].tolist()],
        "closed by weather, %": (100.0 * gateways.outage_fraction[order]).tolist(),
        "capacity, Gbit/s": [_rounded(rate) for rate in capacity[order].tolist()],
        "backhaul, ms": study.backhaul_ms[order].tolist(),
    }
    if cities:
        columns["people, millions"] = [_rounded(living[i] / 1e6) for i in order]
    return TableView.first(
        "Ground sites: when they see the fleet, and what they carry", columns, limit=_MOST_SITES,
        file="sites.csv", empty="The plan has no ground sites.",
    )  # fmt: skip
