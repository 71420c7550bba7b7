"""Why are two satellites of a plan linked or not, and by which ways do two nodes reach each other? GCRS, ms one way.

Answers from a `Study` that do not wait for the rest of it: the fleet is followed block by block from the start of the
plan to the instant in question and no further, because links (hysteresis, acquisition), antennas (they stay with a
satellite until it sets) and lost satellites remember what came before. Only the last instant is kept, or what is asked
of each. The fixed links of terminals that turn everywhere do not depend on one another: of such a fleet, only the two
satellites and their fixed neighbours are followed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock
from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.environment import sun_positions_km
from planner.errors import InputError, Problem, legible
from planner.links import (
    AccessTable,
    HeldContacts,
    LinkTable,
    LinkVerdict,
    check_links,
    explain_link,
    gateway_contacts_of,
    ground_access,
)
from planner.network import (
    Held,
    NetworkSnapshot,
    Path,
    Topology,
    great_circle_ms,
    links_of,
    route,
    shortest_ms,
    snapshot,
)
from planner.network.flow import Separator, Sharing, disjoint_paths, k_shortest, separator
from planner.orbit import Ephemeris, Fleet, GroundSites, propagate_blocks
from planner.orbit.frames import pole_directions
from planner.scenario.flight import Progress
from planner.scenario.notes import lost_satellites
from planner.scenario.places import ground_sites, site_gateways
from planner.scenario.study import Study
from planner.times import TimeGrid

State = Literal["working", "acquiring", "refused", "not chosen"]
"""Of a link: carries traffic; pointed, but not for long enough yet; against a rule; allowed, but not pointed."""

SIDES: Final = ("fore", "aft", "port", "starboard")
"""Terminals of `Mounting.four_sides`, in its order; a satellite that has fewer has the first ones."""

_STATES_PER_BLOCK: Final = 250_000
"""Satellites times instants worked on at once: some tens of megabytes, and progress several times a second."""
_MS_PER_S: Final = 1e3
_SECONDS_PER_HOUR: Final = 3600.0


@dataclass(frozen=True)
class Moment:
    """An instant of a plan's grid, and the one that was asked for."""

    index: int
    at: datetime
    asked: datetime


@dataclass(frozen=True)
class Partner:
    """A satellite that another one is linked to, or is to be linked to whenever the rules allow.

    Attributes
    ----------
    name, range_km
        Who it is, and how far away; NaN where either is lost.
    state
        ``working``; ``acquiring``; ``refused``, a fixed neighbour that the rules part now; ``not chosen``, one whose
        terminals are taken.
    since
        Since when it is being acquired, None in any other state.
    terminal
        Which of its own terminals the satellite that was asked about uses; None where they turn everywhere.
    """

    name: str
    range_km: float
    state: State
    since: datetime | None
    terminal: str | None


@dataclass(frozen=True)
class End:
    """One of the two satellites: its terminals and partners, and those of its terminals that can face the other one.

    `facing` is empty where terminals turn everywhere and where none can.
    """

    name: str
    terminals: int
    partners: tuple[Partner, ...]
    facing: tuple[str, ...]

    @property
    def taken(self) -> int:
        """Terminals that point at somebody."""
        return sum(partner.state in {"working", "acquiring"} for partner in self.partners)


@dataclass(frozen=True)
class LinkAnswer:
    """Why two satellites are linked or not.

    Attributes
    ----------
    moment
        When.
    ends
        Both, in the order they were asked for: ``a`` and ``b`` of the verdict.
    verdict
        What every rule of a link says.
    topology
        How the plan chooses partners.
    state
        What becomes of the link.
    since
        Since when it works or is being acquired without a break; None in any other state.
    ready
        When acquisition is over, None where it is not going on.
    last_worked
        The last instant before at which it worked, None where it works, or never did within the plan.
    reasons
        Sentences, why a link that is not pointed is not.
    lost
        Sentences about ends that fly no more.
    """

    moment: Moment
    ends: tuple[End, End]
    verdict: LinkVerdict
    topology: str
    state: State
    since: datetime | None
    ready: datetime | None
    last_worked: datetime | None
    reasons: tuple[str, ...]
    lost: tuple[str, ...]


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


def moment_of(study: Study, asked: datetime | None) -> Moment:
    """Return the instant of the plan's grid nearest to the one asked for, the earlier of two; its start for None.

    Raises
    ------
    InputError
        For an instant before the plan's start or after its end.
    """
    times, span = study.times, study.plan.time
    if asked is None:
        return Moment(0, times.start, times.start)
    if not times.start <= asked <= span.start + span.length:
        reason = (
            f"{_written(asked)} is not within the plan, {_written(times.start)} to "
            f"{_written(span.start + span.length)}; give an instant of it"
        )
        raise InputError(Problem("at", reason))
    step = timedelta(seconds=times.step_s)
    whole, rest = divmod(asked - times.start, step)
    index = min(whole + (2 * rest > step), times.count - 1)
    return Moment(index, times.datetime_at(index), asked)


def why_linked(
    study: Study, a: str, b: str, at: datetime | None = None, *, progress: Progress | None = None
) -> LinkAnswer:
    """Return why two satellites of a plan are linked or not at an instant.

    Parameters
    ----------
    study
        The plan.
    a, b
        Names of satellites.
    at
        When; moved to the nearest instant of the plan. Its start when left out.
    progress
        Told after each block.

    Raises
    ------
    InputError
        For a name that is no satellite's, the same twice, or an instant outside the plan.
    """
    moment = moment_of(study, at)
    rows = [_satellite(study, name) for name in (a, b)]
    if rows[0] == rows[1]:
        raise InputError(Problem("", f'"{legible(a)}" twice; a link takes two satellites'))
    members, topology = _deciding(study, ints(rows))
    ends = (int(np.searchsorted(members, rows[0])), int(np.searchsorted(members, rows[1])))
    times = study.times.part(0, moment.index + 1)
    working = np.zeros(times.count, dtype=np.bool_)
    first = 0
    for now in _follow(study.fleet[members], times, topology, progress):
        working[first : first + now.states.times.count] = _works(now.links, ends)
        first += now.states.times.count
    scene = _Scene(study, moment, members, topology, now)
    verdict, state = scene.verdict(*ends), scene.state(*ends)
    broken = np.flatnonzero(~working)
    worked = np.flatnonzero(working)
    since = times.datetime_at(broken[-1] + 1 if len(broken) else 0) if state == "working" else scene.acquired(*ends)
    over = timedelta(seconds=topology.acquisition_s)
    codes = np.zeros(len(study.fleet), dtype=np.int64)
    codes[rows] = now.states.sgp4_errors[list(ends)]
    return LinkAnswer(
        moment=moment,
        ends=(scene.end(*ends), scene.end(*ends[::-1])),
        verdict=verdict,
        topology=study.plan.links.topology,
        state=state,
        since=since,
        ready=since + over if since is not None and state == "acquiring" else None,
        last_worked=times.datetime_at(worked[-1]) if len(worked) and state != "working" else None,
        reasons=scene.reasons(*ends) if state in {"refused", "not chosen"} else (),
        lost=tuple(lost_satellites(study.fleet, codes)),
    )


def find_ways(
    study: Study,
    source: str,
    target: str,
    at: datetime | None = None,
    *,
    count: int = 1,
    by: Sharing | None = None,
    relay: bool = False,
    progress: Progress | None = None,
) -> Ways:
    """Return the shortest ways between two nodes of a plan at an instant, light time only.

    Parameters
    ----------
    study
        The plan.
    source, target
        Names of satellites or sites.
    at
        When; moved to the nearest instant of the plan. Its start when left out.
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
        For a name that no node has, the same twice, or an instant outside the plan.
    ValueError
        For relays among several ways, or a count below 1.
    """
    if relay and (count > 1 or by is not None):
        raise ValueError("relay: only the shortest way may lead through a third site")
    moment = moment_of(study, at)
    source, target = _two_nodes(study, source, target)
    places = _places(study, (source, target), relay=relay)
    for now in _networks(study, places, moment.index + 1, progress):
        links, access, states = now
    network = snapshot(links, access, links.times.count - 1, study.fleet, places)
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
        unreachable="" if paths else _why_unreachable(network, source, target),
        ground=_ground(study, source, target),
        backhaul_ms=_backhaul_ms(study, source, target),
        notes=tuple(lost_satellites(study.fleet, states.sgp4_errors)),
    )


def way_over_time(
    study: Study, source: str, target: str, *, relay: bool = False, progress: Progress | None = None
) -> WaySeries:
    """Return the shortest way between two nodes at every instant of a plan, light time only.

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
    places = _places(study, (source, target), relay=relay)
    paths = []
    for now in _networks(study, places, study.times.count, progress):
        links, access, states = now
        for time in range(links.times.count):
            paths.append(route(snapshot(links, access, time, study.fleet, places), source, target, relay=relay))
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
        notes=tuple(lost_satellites(study.fleet, states.sgp4_errors)),
    )
