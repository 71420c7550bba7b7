"""By which ways do two nodes of a plan reach each other, at an instant or over the whole? One way, ms, light time only.

Contacts are those that the antennas of the sites follow, as in `Study.access`: an antenna stays with its satellite
until that one sets, so they are followed from the plan's start too. Each site has antennas of its own; where no site
relays, only those of the two ends matter. `latency_series` knows no antennas, and no satellite as an end: ways over
time are made here from the same blocks, one instant after another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock
from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.errors import InputError, Problem, legible
from planner.links import AccessTable, HeldContacts, LinkTable, gateway_contacts_of, ground_access
from planner.network import NetworkSnapshot, Path, Seeds, great_circle_ms, route, shortest_ms, snapshot
from planner.network.flow import Separator, Sharing, disjoint_paths, k_shortest, separator
from planner.orbit import Ephemeris, Fleet, GroundSites
from planner.scenario.flight import Progress
from planner.scenario.following import Moment, follow, moment_of, row_of
from planner.scenario.ground import Site
from planner.scenario.notes import lost_satellites
from planner.scenario.places import ground_sites, site_gateways
from planner.scenario.study import Study
from planner.times import TimeGrid

_MS_PER_S: Final = 1e3
_SECONDS_PER_HOUR: Final = 3600.0


@dataclass(frozen=True)
class Ground:
    """The shortest line over the ground between two sites: length, and one way along it in vacuum and in fibre."""

    range_km: float
    vacuum_ms: float
    fibre_ms: float


@dataclass(frozen=True)
class Ways:
    """The ways between two nodes at one instant.

    Attributes
    ----------
    moment, source, target
        What was asked.
    paths
        By delay; none where there is no way.
    asked
        How many ways were asked for.
    by
        What they may not share; None for the shortest ones, whatever they share.
    separator
        The fewest links or nodes that part the two, where that is why disjoint ways are fewer than asked for.
    unreachable
        Why there is no way; empty where there is one.
    ground
        Between two sites, None otherwise.
    backhaul_ms
        One way on the ground between both ends and their users, which `paths` leave out.
    notes
        What a reader must know besides.
    """

    moment: Moment
    source: str
    target: str
    paths: tuple[Path, ...]
    asked: int
    by: Sharing | None
    separator: Separator | None
    unreachable: str
    ground: Ground | None
    backhaul_ms: float
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class WaySeries:
    """The shortest way between two nodes over a plan.

    Attributes
    ----------
    times, source, target
        What was asked.
    latency_ms, range_km
        ``[time]``, one way; infinite where there is none.
    hops
        ``[time]``, links and contacts; 0 where there is no way.
    path_changes
        Instants whose way is another than that of the instant before, one of them having none included.
    ground, backhaul_ms, notes
        As in `Ways`.
    """

    times: TimeGrid
    source: str
    target: str
    latency_ms: FloatArray
    range_km: FloatArray
    hops: IntArray
    path_changes: int
    ground: Ground | None
    backhaul_ms: float
    notes: tuple[str, ...]

    @cached_property
    def reachable(self) -> BoolArray:
        """``[time]``, whether there is a way."""
        return lock(np.isfinite(self.latency_ms))

    @property
    def path_changes_per_h(self) -> float:
        """How often the way changes; NaN for a single instant."""
        hours = (self.times.count - 1) * self.times.step_s / _SECONDS_PER_HOUR
        return self.path_changes / hours if hours else float("nan")

    @property
    def longest_gap_s(self) -> float:
        """The longest time without a way, each instant standing for the step that follows it."""
        edges = np.flatnonzero(np.concatenate([[True], self.reachable, [True]]))
        return (int(np.diff(edges).max()) - 1) * self.times.step_s


def find_ways(
    study: Study,
    source: str,
    target: str,
    moment: Moment | None = None,
    *,
    count: int = 1,
    by: Sharing | None = None,
    relay: bool = False,
    progress: Progress | None = None,
) -> Ways:
    """Return the shortest ways between two nodes of a plan at an instant.

    Parameters
    ----------
    study
        The plan.
    source, target
        Names of satellites or sites.
    moment
        When, see `moment_of`; the plan's start when left out.
    count
        How many ways.
    by
        What they may not share: links, or nodes between the ends. None for the shortest ones, whatever they share.
    relay
        Whether a way may come down to a third site and go up again; for a single way.
    progress
        Told after each block.

    Raises
    ------
    InputError
        For a name that no node has, or the same twice.
    ValueError
        For relays among several ways, or a count below 1.
    """
    if relay and (count > 1 or by is not None):
        raise ValueError("relay: only the shortest way may lead through a third site")
    if count < 1:
        raise ValueError(f"count: {count}, need at least 1")
    moment = moment_of(study, None) if moment is None else moment
    source, target = _two_nodes(study, source, target)
    for block in _follow(study, (source, target), moment.index + 1, relay=relay, progress=progress):
        last = block
    network = last.network(last.links.times.count - 1)
    if by is not None:
        paths = disjoint_paths(network, source, target, count, by=by)
    elif relay:
        paths = tuple(path for path in [route(network, source, target, relay=True)] if path.reachable)
    else:
        paths = k_shortest(network, source, target, count)
    parted = by is not None and 0 < len(paths) < count
    return Ways(
        moment=moment,
        source=source,
        target=target,
        paths=paths,
        asked=count,
        by=by,
        separator=separator(network, source, target, by=by) if by is not None and parted else None,
        unreachable="" if paths else _why_unreachable(network, source, target, relay=relay),
        ground=_ground(study, source, target),
        backhaul_ms=_backhaul_ms(study, source, target),
        notes=tuple(lost_satellites(study.fleet, last.states.sgp4_errors)),
    )


def way_over_time(
    study: Study, source: str, target: str, *, relay: bool = False, progress: Progress | None = None
) -> WaySeries:
    """Return the shortest way between two nodes at every instant of a plan.

    Parameters
    ----------
    study, source, target, relay, progress
        As in `find_ways`.

    Raises
    ------
    InputError
        For a name that no node has, or the same twice.
    """
    source, target = _two_nodes(study, source, target)
    paths: list[Path] = []
    for block in _follow(study, (source, target), study.times.count, relay=relay, progress=progress):
        last = block
        instants = range(block.links.times.count)
        paths += [route(block.network(time), source, target, relay=relay) for time in instants]
    return WaySeries(
        times=study.times,
        source=source,
        target=target,
        latency_ms=floats([path.latency_ms for path in paths]),
        range_km=floats([path.range_km for path in paths]),
        hops=ints([path.hops for path in paths]),
        path_changes=sum(one.nodes != other.nodes for one, other in pairwise(paths)),
        ground=_ground(study, source, target),
        backhaul_ms=_backhaul_ms(study, source, target),
        notes=tuple(lost_satellites(study.fleet, last.states.sgp4_errors)),
    )


def _two_nodes(study: Study, source: str, target: str) -> tuple[str, str]:
    """Return the names of two different nodes as the plan has them."""
    names = (*study.sites.names, *study.fleet.names)
    ends = names[row_of(source, names, "node")], names[row_of(target, names, "node")]
    if ends[0] == ends[1]:
        raise InputError(Problem("", f'from "{legible(source)}" to itself is no way; name two different nodes'))
    return ends


class _Instants(NamedTuple):
    """Consecutive instants: links, contacts and states, of the plan's fleet and of the sites that matter."""

    fleet: Fleet
    sites: GroundSites
    links: LinkTable
    access: AccessTable
    states: Ephemeris

    def network(self, time: int) -> NetworkSnapshot:
        """Return the network at one of them."""
        return snapshot(self.links, self.access, time, self.fleet, self.sites)


def _follow(
    study: Study, ends: tuple[str, str], count: int, *, relay: bool, progress: Progress | None
) -> Iterator[_Instants]:
    """Yield the first `count` instants of a plan, block by block."""
    places = tuple(place for place in study.places if relay or place.name in ends)
    sites, gateways = ground_sites(places), site_gateways(places)
    kept = HeldContacts.none()
    for block in follow(study, study.fleet, study.topology, count=count, progress=progress):
        access, kept = gateway_contacts_of(ground_access(block.states, sites), gateways, held=kept)
        yield _Instants(study.fleet, sites, block.links, access, block.states)


def _why_unreachable(network: NetworkSnapshot, source: str, target: str, *, relay: bool) -> str:
    """Return why no way leads from one node to another."""
    alone = [reason for name in (source, target) if (reason := _why_alone(network, name))]
    if alone:
        return "; ".join(alone)
    satellites = len(network.satellite_names)
    place = network.index(source)
    first = network.satellite[network.site == place - satellites] if place >= satellites else ints([place])
    reached_ms = shortest_ms(network.a, network.b, network.delay_ms, Seeds.at(first), nodes=satellites)
    joined = int(np.isfinite(reached_ms).any(axis=0).sum())
    how = "" if relay else ", and no site relays"
    return (
        f"working links join {legible(source)} to {joined:,} of {satellites:,} satellites, by none of which "
        f"{legible(target)} is reached{how}"
    )


def _why_alone(network: NetworkSnapshot, name: str) -> str:
    """Return why a node has no link at all, or nothing where it has one."""
    satellites, place = len(network.satellite_names), network.index(name)
    if place >= satellites:
        has_contact = (network.site == place - satellites).any()
        return "" if has_contact else f"{legible(name)} has no satellite high and near enough"
    linked = (network.a == place).any() or (network.b == place).any() or (network.satellite == place).any()
    return "" if linked else f"{legible(name)} has no link that works"


def _place(study: Study, name: str) -> Site | None:
    return next((place for place in study.places if place.name == name), None)


def _backhaul_ms(study: Study, source: str, target: str) -> float:
    places = (_place(study, name) for name in (source, target))
    return sum((place.backhaul_ms for place in places if place is not None), 0.0)


def _ground(study: Study, source: str, target: str) -> Ground | None:
    """Return the line over the ground, None unless both ends are sites."""
    first, second = _place(study, source), _place(study, target)
    if first is None or second is None:
        return None
    sites = ground_sites((first, second))
    vacuum_ms = float(great_circle_ms(sites)[0, 1])
    group_index = study.loaded.catalog.entry("fibre", "smf28")["group_index"]
    return Ground(vacuum_ms / _MS_PER_S * SPEED_OF_LIGHT_KM_S, vacuum_ms, vacuum_ms * group_index)
