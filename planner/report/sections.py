"""The chapters of the report page in order, and those on the fleet itself: where it is, its power."""

from collections import Counter

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.network import route
from planner.orbit import geodetic_deg
from planner.report import figures
from planner.report.page import Section
from planner.report.sections_costs import costs_section
from planner.report.sections_network import network_section
from planner.report.sections_orbit import orbit_section
from planner.report.sections_whole import whole_section
from planner.report.sections_work import launch_section, placement_section
from planner.scenario import Study


def sections(study: Study) -> tuple[Section, ...]:
    """Return every chapter that the plan gives something to say about."""
    return (
        _where(study),
        orbit_section(study),
        _power(study),
        network_section(study),
        whole_section(study),
        placement_section(study),
        launch_section(study),
        costs_section(study),
    )


def linked_pairs(study: Study, time: int) -> IntArray:
    """Return the laser links at an instant, ``[link, 2]``."""
    rows = study.links.rows(time)
    return np.column_stack([study.links.a[rows], study.links.b[rows]])


def _where(study: Study) -> Section:
    time = study.network.best_instant
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
    path = route(study.network.at(time), study.sites.names[a], study.sites.names[b])
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
