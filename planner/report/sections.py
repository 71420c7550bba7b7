"""The chapters of the report page on the fleet itself: where it is, its power, its network."""

from collections import Counter

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, SPEED_OF_LIGHT_KM_S
from planner.network import route, snapshot
from planner.orbit import geodetic_deg
from planner.report import figures
from planner.report.page import Section, TableView
from planner.report.sections_costs import costs_section
from planner.report.sections_orbit import orbit_section
from planner.report.sections_work import launch_section, placement_section
from planner.scenario import Study


def sections(study: Study) -> tuple[Section, ...]:
    """Return every chapter that the plan gives something to say about."""
    return (
        _where(study),
        orbit_section(study),
        _power(study),
        _network(study),
        placement_section(study),
        launch_section(study),
        costs_section(study),
    )


def busiest_instant(study: Study) -> int:
    """Return the instant that pictures show: the most site pairs reachable, then the most links, then the first."""
    links = np.diff(study.links.offsets)
    reach = np.isfinite(study.site_latency_ms).sum(axis=(1, 2))
    return int(np.lexsort((-links, -reach))[0])


def linked_pairs(study: Study, time: int) -> IntArray:
    """Return the laser links at an instant, ``[link, 2]``."""
    rows = study.links.rows(time)
    return np.column_stack([study.links.a[rows], study.links.b[rows]])


def _where(study: Study) -> Section:
    time = busiest_instant(study)
    states, sites = study.states_at(time), study.sites
    instant = states.times
    latitude, longitude = geodetic_deg(states.positions_km, instant)
    sun_latitude, sun_longitude = geodetic_deg(study.sun_km[time][None, None], instant)
    world = figures.world_map(
        study.fleet.names,
        latitude[0],
        longitude[0],
        instant=f"{instant.start:%Y-%m-%d %H:%M} UTC",
        pairs=linked_pairs(study, time),
        sunlit_fraction=study.sunlit_fraction[time],
        site_names=sites.names,
        site_latitude_deg=sites.latitude_deg,
        site_longitude_deg=sites.longitude_deg,
        routes=_longest_route(study, time),
        subsolar_deg=(float(sun_latitude[0, 0]), float(sun_longitude[0, 0])),
    )
    shells = Counter(zip(study.fleet.shells, study.fleet.rack_types, strict=True))
    lead = "; ".join(f"{shell}: {count} satellites of type {rack}" for (shell, rack), count in shells.items())
    return Section("where", "Where the fleet is", lead, (world,))


def _longest_route(study: Study, time: int) -> list[list[str]]:
    """Return the node names of the longest route between two sites at an instant, as a list of none or one."""
    delay = np.where(np.isfinite(study.site_latency_ms[time]), study.site_latency_ms[time], -1.0)
    if not delay.size or delay.max() <= 0.0:
        return []
    a, b = np.unravel_index(int(np.argmax(delay)), delay.shape)
    seen = snapshot(study.links, study.access, time, study.fleet, study.sites)
    path = route(seen, study.sites.names[a], study.sites.names[b])
    return [list(path.nodes)] if path.nodes else []


def _power(study: Study) -> Section:
    rated = floats([rack.rack_power_w for rack in study.designs])
    limits = study.budget
    policy = "computes from the battery" if study.plan.satellites.eclipse_policy == "ride_through" else "pauses"
    return Section(
        "power",
        "Power",
        f"What the racks can draw, step by step; in shadow a satellite {policy}.",
        (
            figures.fleet_power(limits, rated_w=rated, used_w=_drawn_w(study)),
            figures.satellite_power(limits, study.fleet.names),
            figures.power_limits(limits),
        ),
    )


def _drawn_w(study: Study) -> FloatArray:
    """Return the power that placed jobs draw, ``[time]``."""
    placement, capacity = study.placement, study.capacity
    by_slot = np.bincount(placement.slot, weights=placement.power_w, minlength=capacity.slots)
    return floats(np.repeat(by_slot, np.diff(capacity.first_step)))


def _network(study: Study) -> Section:
    names = study.sites.names
    first, second = np.triu_indices(len(names), k=1)
    trips = floats(2.0 * study.site_latency_ms[:, first, second])
    pairs = [(names[a], names[b]) for a, b in zip(first, second, strict=True)]
    vacuum, fibre = _great_circle_ms(study, first, second)
    topology = study.plan.links.topology.replace("_", " ")
    return Section(
        "network",
        "Network",
        f"{topology} laser links up to {study.terminal.maximum_range_km:,.0f} km ({study.terminal.name}); "
        "delays are light time plus each site's backhaul, there and back.",
        (
            figures.latency_over_time(study.times, trips, pairs, fibre_round_trip_ms=fibre),
            figures.latency_bounds(trips, pairs, vacuum_round_trip_ms=vacuum, fibre_round_trip_ms=fibre),
            _reach(study),
        ),
    )


def _great_circle_ms(study: Study, first: IntArray, second: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the round trip along the great circle, at light speed and in glass, ``[pair]``; spherical Earth.

    Like the round trips through the fleet, they hold the backhaul of both sites.
    """
    latitude, longitude = np.radians(study.sites.latitude_deg), np.radians(study.sites.longitude_deg)
    half = (
        np.sin((latitude[first] - latitude[second]) / 2.0) ** 2
        + np.cos(latitude[first]) * np.cos(latitude[second]) * np.sin((longitude[first] - longitude[second]) / 2.0) ** 2
    )
    arc_km = 2.0 * EARTH_EQUATORIAL_RADIUS_KM * np.arcsin(np.sqrt(half))
    vacuum = 2e3 * arc_km / SPEED_OF_LIGHT_KM_S
    glass = vacuum * study.loaded.catalog.entry("fibre", "smf28")["group_index"]
    backhaul = 2.0 * (study.backhaul_ms[first] + study.backhaul_ms[second])
    return floats(vacuum + backhaul), floats(glass + backhaul)


def _reach(study: Study) -> TableView:
    """Return how long each site sees the fleet, and from how far."""
    access, names = study.access, study.sites.names
    time = np.repeat(np.arange(access.times.count), np.diff(access.offsets))
    seen = [np.unique(time[access.site == site]).size / access.times.count for site in range(len(names))]
    nearest = [access.range_km[access.site == site].min(initial=np.inf) for site in range(len(names))]
    return TableView.first(
        "Ground sites: part of the plan with a satellite in view",
        {
            "site": names,
            "in view, %": [round(100.0 * share, 1) for share in seen],
            "shortest slant range, km": [round(float(span)) if np.isfinite(span) else None for span in nearest],
            "lowest elevation used, °": study.sites.minimum_elevation_deg.tolist(),
            "backhaul one way, ms": study.backhaul_ms.tolist(),
        },
        limit=30,
        empty="The plan has no ground sites.",
    )
