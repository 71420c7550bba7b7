"""One plan worked through: every stage a cached property that calls one pure function of a room.

Nothing is computed until it is asked for, so ``study.manifest`` never propagates an orbit. A changed plan is a new
study. Every optimiser's answer is replayed by its room's audit before anybody sees it.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.economics import ClaimTest, Comparison, claim_tests, side_by_side
from planner.environment import sun_positions_km
from planner.launch import Manifest, PlaneDemand, Vehicle
from planner.links import AccessTable, Coverage, Gateways, LaserTerminal, LinkTable, gateway_contacts
from planner.network import Topology, satellite_latency_ms, site_latency_ms
from planner.orbit import Ephemeris, Fleet, GroundSites
from planner.satellite import PowerBudget, RackSatellite, power_budget
from planner.scenario.audited import require_clean
from planner.scenario.demand import plane_demands
from planner.scenario.fleet import build_fleet
from planner.scenario.flight import Flight, Progress, fleet_coverage, fly, states_at
from planner.scenario.ground import Site
from planner.scenario.launches import audited_manifest, launch_vehicles
from planner.scenario.load import LoadedPlan
from planner.scenario.money import fleet_option, flown_racks, require_work
from planner.scenario.network import LaserNetwork
from planner.scenario.notes import (
    blinded_links,
    in_parts,
    lost_satellites,
    told,
    without_grid,
    without_launch,
    without_links,
)
from planner.scenario.outlook import Formation, Outlook, formations, outlook
from planner.scenario.places import ground_sites, plan_sites, site_gateways
from planner.scenario.schema import Plan
from planner.scenario.shells import ElementFile
from planner.scenario.size import plan_size, require_size
from planner.scenario.topology import plan_terminal, plan_topology
from planner.times import TimeGrid
from planner.workload import Job, Placement, SlotCapacity, audit_placement, place, slot_capacity
from planner.workload import slot_latency_ms as worst_in_slot_ms


class Stage(NamedTuple):
    """A step of a study for a progress display: the dotted name of what it makes, and its rough share of the work."""

    attribute: str
    label: str
    weight: float


STAGES = (
    Stage("fleet", "fleet", 1),
    Stage("flight", "orbits, sunlight, links and contacts", 8),
    Stage("satellite_latency_ms", "routing to satellites", 3),
    Stage("site_latency_ms", "routing between sites", 3),
    Stage("network.traffic", "traffic", 2),
    Stage("network.data_center", "virtual data center", 3),
    Stage("network.resilience", "losses", 2),
    Stage("outlook", "the years", 2),
    Stage("coverage", "coverage", 1),
    Stage("budget", "power", 1),
    Stage("placement", "placing jobs", 20),
    Stage("manifest", "launch manifest", 5),
    Stage("comparison", "costs", 1),
)


@dataclass(frozen=True)
class Study:
    """A plan and everything that follows from it.

    Attributes
    ----------
    loaded
        The plan, its catalog and its folder.
    strict
        Refuse stale element sets instead of warning.
    verify_checksum
        Refuse TLE lines with a wrong checksum instead of warning.
    progress
        Told which part of the stage that is being worked on is done, where the stage is a long one.
    """

    loaded: LoadedPlan
    strict: bool = False
    verify_checksum: bool = True
    progress: Progress | None = None

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.loaded.plan

    @cached_property
    def times(self) -> TimeGrid:
        """The plan's time grid."""
        return TimeGrid(self.plan.time.start, self.plan.time.step_s, self.plan.time.count)

    @cached_property
    def _fleet(self) -> tuple[Fleet, tuple[str, ...]]:
        designed = sum(shell.count for shell in self.plan.fleet if not isinstance(shell, ElementFile))
        require_size(self.plan, plan_size(self.plan, satellites=designed))
        made = build_fleet(self.plan, self.loaded.folder, strict=self.strict, verify_checksum=self.verify_checksum)
        require_size(self.plan, plan_size(self.plan, satellites=len(made[0])))
        return made

    @property
    def fleet(self) -> Fleet:
        """All satellites, shell by shell; `PlanError` when the plan would not fit into memory."""
        return self._fleet[0]

    @property
    def element_notes(self) -> tuple[str, ...]:
        """What was left out of element sets, and which are stale."""
        return self._fleet[1]

    @cached_property
    def racks(self) -> dict[str, RackSatellite]:
        """Satellite types in use, by catalog name."""
        names = dict.fromkeys(shell.rack for shell in self.plan.fleet)
        return {name: RackSatellite.from_catalog(self.loaded.catalog, name) for name in names}

    @cached_property
    def designs(self) -> tuple[RackSatellite, ...]:
        """Type of each satellite, ``[sat]``."""
        return tuple(self.racks[name] for name in self.fleet.rack_types)

    @cached_property
    def _sun(self) -> tuple[FloatArray, tuple[str, ...]]:
        return told(lambda: sun_positions_km(self.times))

    @property
    def sun_km(self) -> FloatArray:
        """The Sun, GCRS ``[time, xyz]``."""
        return self._sun[0]

    @cached_property
    def flight(self) -> Flight:
        """Sunlight, laser links and ground contacts, from one pass over the fleet's motion."""
        return fly(
            self.fleet,
            self.times,
            sun_km=self.sun_km,
            sites=self.sites,
            topology=self.topology,
            progress=self.progress,
        )

    def states_at(self, time: int) -> Ephemeris:
        """Return the states at one instant of the plan, GCRS ``[1, sat, xyz]``."""
        return states_at(self.fleet, self.flight, time)

    @property
    def sunlit_fraction(self) -> FloatArray:
        """Visible part of the solar disc, ``[time, sat]``."""
        return self.flight.sunlit_fraction

    @property
    def links(self) -> LinkTable:
        """Laser links over time."""
        return self.flight.links

    @cached_property
    def access(self) -> AccessTable:
        """Ground contacts over time that the antennas of the sites follow."""
        return gateway_contacts(self.flight.access, self.gateways)

    @cached_property
    def terminal(self) -> LaserTerminal:
        """The laser terminal of every satellite, with the plan's own limits."""
        return plan_terminal(self.plan.links, self.loaded.catalog, self.racks.values())

    @cached_property
    def terminals(self) -> IntArray:
        """Laser terminals of each satellite, ``[sat]``."""
        given = self.plan.links.terminals
        return ints([rack.laser_terminals if given is None else given for rack in self.designs])

    @cached_property
    def topology(self) -> Topology:
        """Who links to whom."""
        return plan_topology(self.plan.links, self.fleet, self.terminal, self.terminals)

    @cached_property
    def places(self) -> tuple[Site, ...]:
        """Ground sites of the plan and cities that it takes as such."""
        return plan_sites(self.plan)

    @cached_property
    def sites(self) -> GroundSites:
        """Where the places are and what they see."""
        return ground_sites(self.places)

    @cached_property
    def gateways(self) -> Gateways:
        """What the places can carry."""
        return site_gateways(self.places)

    @cached_property
    def backhaul_ms(self) -> FloatArray:
        """One-way delay on the ground between each site and its users, ``[site]``."""
        return floats([site.backhaul_ms for site in self.places])

    @cached_property
    def site_latency_ms(self) -> FloatArray:
        """One-way delay between the users of two sites through the fleet, ``[time, site, site]``; inf unreachable."""
        both_ends = self.backhaul_ms[:, None] + self.backhaul_ms[None, :]
        np.fill_diagonal(both_ends, 0.0)
        return floats(site_latency_ms(self.links, self.access) + both_ends)

    @cached_property
    def job_sites(self) -> tuple[str, ...]:
        """Sites whose users some job serves."""
        return tuple(dict.fromkeys(job.site for job in self.jobs if job.site is not None))

    @cached_property
    def satellite_latency_ms(self) -> FloatArray:
        """One-way delay from the users of each job site to every satellite, ``[time, job site, sat]``."""
        rows = ints([self.sites.names.index(name) for name in self.job_sites])
        light_ms = satellite_latency_ms(self.links, self.access.of_sites(rows))
        return floats(light_ms + self.backhaul_ms[rows][None, :, None])

    @cached_property
    def network(self) -> LaserNetwork:
        """What the laser network is good for as a whole."""
        return LaserNetwork(
            plan=self.plan,
            catalog=self.loaded.catalog,
            fleet=self.fleet,
            designs=self.designs,
            sites=self.sites,
            gateways=self.gateways,
            terminal=self.terminal,
            terminals=self.terminals,
            links=self.links,
            access=self.access,
            site_latency_ms=self.site_latency_ms,
        )

    @cached_property
    def _outlook(self) -> tuple[Outlook, tuple[str, ...]]:
        years = partial(outlook, self.fleet, self.designs, self.loaded.catalog, start=self.plan.time.start)
        return told(lambda: years(shielding_mm=self.plan.satellites.shielding_mm))

    @property
    def outlook(self) -> Outlook:
        """What the years do to each orbital plane: eclipse seasons, drag, radiation."""
        return self._outlook[0]

    @cached_property
    def clusters(self) -> tuple[Formation, ...]:
        """Shape of each cluster, and what the Earth's oblateness does to it."""
        return formations(self.fleet)

    @cached_property
    def coverage(self) -> Coverage:
        """How many satellites each latitude has in view, over the plan or its first day."""
        return fleet_coverage(self.fleet, self.times)

    @cached_property
    def _budget(self) -> tuple[PowerBudget, tuple[str, ...]]:
        settings, sky = self.plan.satellites, (self.sunlit_fraction, self.flight.alive)
        policy, age_yr = settings.eclipse_policy, settings.age_yr
        return told(lambda: power_budget(self.times, *sky, self.designs, policy=policy, age_yr=age_yr))

    @property
    def budget(self) -> PowerBudget:
        """Power of every satellite over time."""
        return self._budget[0]

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """The work to place."""
        return tuple(Job(**job.model_dump()) for job in self.plan.jobs)

    @cached_property
    def capacity(self) -> SlotCapacity:
        """What each satellite can carry in each slot."""
        return slot_capacity(self.budget, self.designs, slot_s=self.plan.placement.slot_min * 60.0)

    @cached_property
    def placement(self) -> Placement:
        """Jobs on satellites, audited."""
        settings = self.plan.placement
        placement = place(
            self.jobs,
            self.capacity,
            round_trip_ms=worst_in_slot_ms(self.satellite_latency_ms, self.times, self.capacity),
            site_names=self.job_sites,
            links=self.links,
            migration_cost_h=settings.migration_cost_min / 60.0,
            seed=settings.seed,
            effort=settings.effort,
        )
        violations = audit_placement(
            placement,
            self.jobs,
            self.budget,
            self.designs,
            latency_ms=self.satellite_latency_ms,
            site_names=self.job_sites,
            links=self.links,
        )
        require_clean("placement", violations)
        return placement

    @cached_property
    def vehicles(self) -> tuple[Vehicle, ...]:
        """Launch vehicles that the plan may use."""
        return launch_vehicles(self.plan.launch, self.loaded.catalog)

    @cached_property
    def demands(self) -> tuple[PlaneDemand, ...]:
        """Satellites to launch, spares included, plane by plane; those of element sets already fly."""
        return plane_demands(self.plan, self.fleet, self.designs)

    @cached_property
    def manifest(self) -> Manifest | None:
        """Flights that bring the fleet up, audited; None without a launch table."""
        return None if self.plan.launch is None else audited_manifest(self.plan.launch, self.demands, self.vehicles)

    @cached_property
    def comparison(self) -> Comparison:
        """The fleet beside a ground site, containers and a home network."""
        flown = flown_racks(self.fleet, self.demands, self.manifest)
        require_work(flown, self.manifest, powered_fraction=self.powered_fraction)
        economics = self.plan.economics
        return side_by_side(
            self.loaded.catalog,
            fleet_option(
                self.loaded.catalog,
                flown,
                self.manifest,
                powered_fraction=self.powered_fraction,
                rate_fraction=economics.discount_rate_fraction,
            ),
            site=economics.site,
            same_racks=economics.same_racks,
        )

    @property
    def powered_fraction(self) -> float:
        """Accelerator-hours that power allows over those installed, within the plan's span."""
        rated_w = floats([rack.rack_power_w for rack in self.designs])
        installed = sum(rack.accelerators for rack in self.designs)
        running = np.minimum(self.budget.compute_w / rated_w, 1.0).mean(axis=0)
        return float(running @ [rack.accelerators for rack in self.designs]) / installed if installed else 0.0

    @cached_property
    def claims(self) -> tuple[ClaimTest, ...]:
        """The speakers' claims held against this fleet; none without a manifest that flies something."""
        manifest = self.manifest
        if manifest is None or not manifest.flights:
            return ()
        return claim_tests(
            self.loaded.catalog,
            orbital=self.comparison.option("orbital"),
            mass_kg=manifest.mass_kg,
            launch_usd=manifest.cost_usd,
        )

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before believing the rest."""
        best = self.network.best_instant
        return (
            *self.element_notes,
            *self._sun[1],
            *lost_satellites(self.fleet, self.flight.sgp4_errors),
            *without_grid(self.fleet, self.plan.links.topology),
            *without_links(self.fleet, self.links, self.terminal, self.plan.links.topology),
            *in_parts(self.fleet, self.network.best, self.flight.alive[best], self.plan.links.topology),
            *blinded_links(self.fleet, self.times, self.sun_km, self.topology),
            *self._budget[1],
            *(f"the years ahead: {note}" for note in self._outlook[1]),
            *without_launch(self.plan, self.fleet),
        )
