"""Why are two satellites of a plan linked or not at an instant? The rules of a link, and what the topology does.

GCRS. The fixed links of terminals that turn everywhere do not depend on one another: of such a fleet only the two
satellites and their fixed neighbours are followed. Where partners are chosen, or terminals are, the whole fleet is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Literal

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, ints
from planner.errors import InputError, Problem, legible
from planner.links import LinkTable, LinkVerdict, check_links, explain_link
from planner.network import Topology
from planner.scenario.flight import Progress
from planner.scenario.following import Block, Moment, follow, moment_of, row_of
from planner.scenario.notes import lost_satellites
from planner.scenario.study import Study

State = Literal["working", "acquiring", "refused", "not chosen"]
"""Of a link: carries traffic; pointed, but not for long enough yet; against a rule; allowed, but not pointed."""

_SIDES: Final = ("fore", "aft", "port", "starboard")
"""Terminals of `Mounting.four_sides`, in its order; a satellite that has fewer has the first ones."""

_BY: Final = {
    "mutual_nearest": "the shortest links are made first",
    "matching": "the most valuable links are made first: short and long-lived ones of a high rate",
    "inter_shell": "fixed links inside a shell are made first, then the shortest ones between shells side by side",
}


@dataclass(frozen=True)
class Partner:
    """A satellite that another one is linked to, or is to be linked to whenever the rules allow.

    Attributes
    ----------
    name, range_km
        Who it is, and how far away; NaN where either is lost.
    state
        Of the link to it; only a fixed neighbour can be in the last two.
    since
        Since when it is being acquired, None in any other state.
    terminal
        Which terminal the satellite uses for it; None where terminals turn everywhere, and where none is pointed.
    """

    name: str
    range_km: float
    state: State
    since: datetime | None
    terminal: str | None

    @property
    def pointed(self) -> bool:
        """Whether it takes a terminal."""
        return self.state in {"working", "acquiring"}


@dataclass(frozen=True)
class End:
    """One of the two satellites.

    Attributes
    ----------
    name, terminals
        Who it is, and how many terminals it has.
    partners
        Those it is linked to, and its fixed neighbours.
    facing
        Which of its terminals can face the other end; None where they turn everywhere.
    """

    name: str
    terminals: int
    partners: tuple[Partner, ...]
    facing: tuple[str, ...] | None

    @property
    def taken(self) -> int:
        """How many of its terminals are pointed at somebody."""
        return sum(partner.pointed for partner in self.partners)


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
        Since when it works, or is being acquired, without a break; None in any other state.
    ready
        When acquisition is over, None where it is not going on.
    last_worked
        The last instant at which it worked, None where it works now, or never did within the plan.
    reasons
        Why a link that is not pointed is not, beside the rules that refuse it.
    lost
        Which ends fly no more, and why.
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


def why_linked(
    study: Study, a: str, b: str, moment: Moment | None = None, *, progress: Progress | None = None
) -> LinkAnswer:
    """Return why two satellites of a plan are linked or not at an instant.

    Parameters
    ----------
    study
        The plan.
    a, b
        Names of satellites.
    moment
        When, see `moment_of`; the plan's start when left out.
    progress
        Told after each block.

    Raises
    ------
    InputError
        For a name that is no satellite's, or the same twice.
    """
    moment = moment_of(study, None) if moment is None else moment
    rows = [_satellite(study, name) for name in (a, b)]
    if rows[0] == rows[1]:
        raise InputError(Problem("", f'"{legible(a)}" twice; a link takes two satellites'))
    members, topology = _deciding(study, ints(rows))
    ends = (int(np.searchsorted(members, rows[0])), int(np.searchsorted(members, rows[1])))
    worked = []
    for block in follow(study, study.fleet[members], topology, count=moment.index + 1, progress=progress):
        last = block
        worked.append(_worked(block.links, ends))
    codes = np.zeros(len(study.fleet), dtype=np.int64)
    codes[rows] = last.states.sgp4_errors[list(ends)]
    scene = _Scene(study, moment, members, topology, last)
    state = scene.state(*ends)
    since, ready, last_worked = scene.history(ends, state, np.concatenate(worked))
    return LinkAnswer(
        moment=moment,
        ends=(scene.end(*ends), scene.end(*ends[::-1])),
        verdict=scene.verdict(*ends),
        topology=study.plan.links.topology,
        state=state,
        since=since,
        ready=ready,
        last_worked=last_worked,
        reasons=() if state in {"working", "acquiring"} else tuple(scene.reasons(*ends)),
        lost=tuple(lost_satellites(study.fleet, codes)),
    )


def _satellite(study: Study, name: str) -> int:
    """Return the row of a satellite, or say that it is none."""
    if name in study.sites.names:
        raise InputError(Problem("", f'"{legible(name)}" is a ground site; a laser link joins two satellites'))
    return row_of(name, study.fleet.names, "satellite")


def _deciding(study: Study, ends: IntArray) -> tuple[IntArray, Topology]:
    """Return the satellites that decide about the links of two, sorted, and who among them links to whom."""
    topology, satellites = study.topology, len(study.fleet)
    if topology.choice != "fixed" or topology.rules.mounting is not None:
        return ints(np.arange(satellites)), topology
    pairs = topology.pairs[np.isin(topology.pairs, ends).any(axis=1)]
    members = ints(np.unique(np.append(pairs, ends)))
    terminals = ints(topology.counts(satellites)[members])
    return members, replace(topology, pairs=ints(np.searchsorted(members, pairs)), terminals=terminals)


def _worked(links: LinkTable, ends: tuple[int, int]) -> BoolArray:
    """Return whether a link worked, ``[time]``."""
    rows = np.flatnonzero((links.a == min(ends)) & (links.b == max(ends)))
    worked = np.zeros(links.times.count, dtype=np.bool_)
    worked[np.searchsorted(links.offsets, rows, side="right") - 1] = True
    return worked


@dataclass(frozen=True, eq=False)
class _Scene:
    """The last instant of a block, as two of its satellites see it; numbers are those of the members followed."""

    study: Study
    moment: Moment
    members: IntArray
    topology: Topology
    block: Block

    @cached_property
    def _working(self) -> frozenset[tuple[int, int]]:
        links = self.block.links
        rows = links.rows(links.times.count - 1)
        return frozenset(zip(links.a[rows].tolist(), links.b[rows].tolist(), strict=True))

    @cached_property
    def _held(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        """Steps and terminals of each link that is pointed."""
        held = self.block.held
        columns = (held.steps.tolist(), held.terminal_a.tolist(), held.terminal_b.tolist())
        return dict(zip(map(tuple, held.pairs.tolist()), zip(*columns, strict=True), strict=True))

    @cached_property
    def _states(self) -> tuple[FloatArray, FloatArray]:
        states = self.block.states
        return states.positions_km[-1], states.velocities_km_s[-1]

    @property
    def _sky(self) -> tuple[FloatArray | None, FloatArray]:
        """The Sun and the Earth's axis, ``[1, xyz]``."""
        sun_km = self.block.sun_km
        return None if sun_km is None else sun_km[-1:], self.block.pole[-1:]

    def _name(self, member: int) -> str:
        return self.study.fleet.names[int(self.members[member])]

    def _terminals(self, member: int) -> int:
        return int(self.study.terminals[self.members[member]])

    def verdict(self, a: int, b: int) -> LinkVerdict:
        """Return what the rules say."""
        (positions, velocities), (sun_km, pole) = self._states, self._sky
        ends = (positions[a], velocities[a], positions[b], velocities[b])
        sun = None if sun_km is None else sun_km[0]
        return explain_link(*ends, rules=self.topology.rules, sun_km=sun, pole=pole[0])

    def state(self, a: int, b: int) -> State:
        """Return what becomes of a link."""
        pair = (min(a, b), max(a, b))
        if pair in self._held:
            return "working" if pair in self._working else "acquiring"
        return "not chosen" if self.verdict(a, b).allowed else "refused"

    def acquired_since(self, a: int, b: int) -> datetime:
        """Return since when a link is pointed that does not work yet."""
        steps = self._held[min(a, b), max(a, b)][0]
        return self.study.times.datetime_at(self.moment.index - steps)

    def history(
        self, ends: tuple[int, int], state: State, worked: BoolArray
    ) -> tuple[datetime | None, datetime | None, datetime | None]:
        """Return since when a link is in its state, when it is acquired, and when it worked last; ``worked[time]``."""
        times = self.study.times
        if state == "working":
            return times.datetime_at(int(np.flatnonzero(np.append(True, ~worked))[-1])), None, None
        before = np.flatnonzero(worked)
        last_worked = times.datetime_at(int(before[-1])) if len(before) else None
        if state != "acquiring":
            return None, None, last_worked
        since = self.acquired_since(*ends)
        return since, since + timedelta(seconds=self.topology.acquisition_s), last_worked

    def end(self, own: int, other: int) -> End:
        """Return one of two satellites and whom it is linked to."""
        near = [pair for pair in self._held if own in pair] + [
            pair for pair in map(tuple, self.topology.pairs.tolist()) if own in pair
        ]
        partners = sorted({sum(pair) - own for pair in near})
        return End(
            self._name(own),
            self._terminals(own),
            tuple(self._partner(own, partner) for partner in partners),
            self._facing(own, other),
        )

    def _partner(self, own: int, partner: int) -> Partner:
        state = self.state(own, partner)
        held = self._held.get((min(own, partner), max(own, partner)))
        mounted = held is not None and self.topology.rules.mounting is not None
        return Partner(
            name=self._name(partner),
            range_km=float(np.linalg.norm(self._states[0][partner] - self._states[0][own])),
            state=state,
            since=self.acquired_since(own, partner) if state == "acquiring" else None,
            terminal=_SIDES[held[1 if own < partner else 2]] if held is not None and mounted else None,
        )

    def _facing(self, own: int, other: int) -> tuple[str, ...] | None:
        """Return which terminals of a satellite can face another; None where they turn everywhere."""
        if self.topology.rules.mounting is None:
            return None
        (positions, velocities), (sun_km, pole) = self._states, self._sky
        pair, states = ints([[own, other]]), (positions[None], velocities[None])
        checked = check_links(*states, pair, rules=self.topology.rules, sun_km=sun_km, pole=pole)
        mask = int(checked.faces_a[0, 0])
        return tuple(side for k, side in enumerate(_SIDES[: self._terminals(own)]) if mask >> k & 1)

    def reasons(self, a: int, b: int) -> Iterator[str]:
        """Yield why the topology does not point a link, whatever the rules of a link say."""
        name = self.study.plan.links.topology
        paired = bool((self.topology.pairs == sorted((a, b))).all(axis=1).any())
        if self.topology.choice == "fixed" and not paired:
            yield f"{name} does not pair them: its pairs are fixed"
            return
        shells = self.topology.shells
        if shells is not None and not paired and abs(int(shells[a]) - int(shells[b])) != 1:
            where = "are in one shell, where only fixed neighbours are linked" if shells[a] == shells[b] else (
                "are in shells that do not lie side by side"
            )  # fmt: skip
            yield f"{name} does not pair them: they {where}"
            return
        if not self.verdict(a, b).allowed:
            return
        full = [reason for ends in ((a, b), (b, a)) if (reason := self._why_full(*ends))]
        yield from full
        if full and name in _BY:
            kept = self.topology.hysteresis_fraction
            yield _BY[name] + (f"; one that stands counts for {kept:.0%} more" if kept else "")

    def _why_full(self, own: int, other: int) -> str:
        """Return why a satellite has no terminal for another, or nothing where it has one."""
        end = self.end(own, other)
        name = legible(end.name)
        if not end.terminals:
            return f"{name} has no terminal"
        if end.facing is None:
            return f"{name} has no terminal free" if end.taken >= end.terminals else ""
        if not end.facing:
            return f"none of the terminals that {name} has ({', '.join(_SIDES[: end.terminals])}) faces the other end"
        users = {partner.terminal: partner.name for partner in end.partners if partner.terminal is not None}
        if not all(side in users for side in end.facing):
            return ""
        taken = " and ".join(f"{side} by {legible(users[side])}" for side in end.facing)
        return f"{name} has no terminal free that faces the other end: {taken}"
