"""Which links are pointed at one instant? A `Topology` and what is feasible then, ``[sat]``, ``[pair]``, ``[link]``."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from planner.arrays import FloatArray, IntArray, ints, lock
from planner.errors import InputError, Problem
from planner.links.feasible import Sightlines, feasible_links
from planner.network.topology.nearest import new_links, seat_nearest
from planner.network.topology.rule import Topology
from planner.network.topology.scene import Ranked, Scene
from planner.network.topology.seating import NOT_HELD, Candidates, Links, Seats


@dataclass(frozen=True, eq=False)
class Instant:
    """States ``[sat, xyz]`` of one instant, and the Sun and the pole as far as the rules ask for them."""

    at: datetime
    positions_km: FloatArray
    velocities_km_s: FloatArray
    sun_km: FloatArray | None
    pole: FloatArray | None

    def sightlines(self, topology: Topology, members: IntArray, reach_km: float) -> Sightlines:
        """Return the pairs among some satellites, rising, that the rules allow up to a range."""
        return feasible_links(
            self.positions_km[members],
            self.velocities_km_s[members],
            rules=replace(topology.rules, maximum_range_km=reach_km),
            sun_km=self.sun_km,
            pole=self.pole,
        )


def links_at(instant: Instant, topology: Topology, terminals: IntArray, fixed: Candidates, before: Links) -> Links:
    """Return the links that a topology points at one instant.

    Parameters
    ----------
    instant
        The states.
    topology
        Who links to whom.
    terminals
        ``[sat]``.
    fixed
        Those of the topology's fixed pairs that the rules allow now.
    before
        The links pointed at the instant before.
    """
    seats = Seats.of(terminals, mounted=topology.rules.mounting is not None)
    held = _Before.of(before, len(terminals))
    if len(topology.pairs):
        fixed = held.mark(fixed)
        # Those held come first, lest another takes the terminal that they are on.
        seats.take(fixed, np.where(fixed.held_a >= 0, 0.0, 1.0))
    if topology.choice == "nearest":

        def find(members: IntArray, reach_km: float) -> Candidates:
            return held.mark(new_links(instant.sightlines(topology, members, reach_km), members))

        seat_nearest(
            seats,
            instant.positions_km,
            find,
            topology.rules.maximum_range_km,
            shells=topology.shells,
            hysteresis_fraction=topology.hysteresis_fraction,
        )
    elif topology.choice != "fixed":
        _seat_by_scene(seats, instant, topology, terminals, held)
    return seats.links()


@dataclass(frozen=True, eq=False)
class _Before:
    """The links of the instant before, by one sorted number a pair."""

    links: Links
    key: IntArray
    satellites: int

    @classmethod
    def of(cls, links: Links, satellites: int) -> "_Before":
        return cls(links, links.a * satellites + links.b, satellites)

    def mark(self, candidates: Candidates) -> Candidates:
        """Return candidates with the terminals that those among them hold which were linked before."""
        if not len(self.key) or not len(candidates.a):
            return candidates
        wanted = candidates.a * self.satellites + candidates.b
        place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        same = self.key[place] == wanted
        return replace(
            candidates,
            held_a=np.where(same, self.links.terminal_a[place], NOT_HELD),
            held_b=np.where(same, self.links.terminal_b[place], NOT_HELD),
        )


def _seat_by_scene(seats: Seats, instant: Instant, topology: Topology, terminals: IntArray, before: _Before) -> None:
    """Seat the links that a value, or a user's function, picks from all that are allowed."""
    everyone = np.arange(len(terminals))
    sightlines = instant.sightlines(topology, everyone, topology.rules.maximum_range_km)
    scene = Scene(
        instant.at,
        instant.positions_km,
        instant.velocities_km_s,
        sightlines,
        lock(np.stack([before.links.a, before.links.b], axis=1)),
        terminals,
        topology.terminal,
        topology.acquisition_s,
        topology.rules.maximum_range_km,
    )
    candidates = before.mark(new_links(sightlines, everyone))
    if topology.function is not None:
        _seat_chosen(seats, scene, topology.function(scene), candidates)
        return
    value = np.asarray(topology.value(scene), dtype=np.float64)
    if value.shape != candidates.a.shape or not np.isfinite(value).all():
        raise InputError(
            Problem(
                f"value of links at {scene.at.isoformat()}",
                f"shape {value.shape} or a number that is not finite; give one finite value for each of the "
                f"{len(candidates.a)} pairs of the scene",
            )
        )
    value = np.where(candidates.held_a >= 0, value * (1.0 + topology.hysteresis_fraction), value)
    worth = np.flatnonzero(value > 0.0)
    seats.take(candidates[worth], -value[worth])


def _seat_chosen(seats: Seats, scene: Scene, answer: IntArray | Ranked, candidates: Candidates) -> None:
    """Seat what a user's function returned, or say which pair cannot be."""
    if isinstance(answer, Ranked):
        worth = np.flatnonzero(answer.value > 0.0)
        place = _places(scene, answer.pairs[worth])
        order = np.argsort(place)
        seats.take(candidates[place[order]], -answer.value[worth][order])
        return
    place = np.sort(_places(scene, np.asarray(answer)))
    wanted = candidates[place]
    used = np.bincount(np.concatenate([wanted.a, wanted.b]), minlength=len(scene.terminals))
    over = np.flatnonzero(used > scene.terminals)
    if len(over):
        a_link = int(np.flatnonzero((wanted.a == over[0]) | (wanted.b == over[0]))[-1])
        raise _refused(
            scene, wanted.a[a_link], wanted.b[a_link],
            f"satellite {over[0]} is in {used[over[0]]} pairs, but has {scene.terminals[over[0]]} laser terminals",
        )  # fmt: skip
    held_first = np.where(wanted.held_a >= 0, 0.0, 1.0)
    if len(Seats.of(scene.terminals, mounted=seats.mounted).take(wanted, held_first)) < len(place):
        # Held links in their places leave no room for all; all from the start leave whatever room there is.
        nobody = np.full(len(place), NOT_HELD)
        wanted = replace(wanted, held_a=nobody, held_b=nobody)
    missing = np.setdiff1d(np.arange(len(place)), seats.take(wanted, held_first))
    if len(missing):
        raise _refused(
            scene, wanted.a[missing[0]], wanted.b[missing[0]],
            "no terminal that faces the other end is left beside the pairs chosen with it",
        )  # fmt: skip


def _places(scene: Scene, pairs: IntArray) -> IntArray:
    """Return where in the scene's pairs those of a user are, or refuse the first that is none of them."""
    satellites = len(scene.terminals)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or (pairs.size and pairs.dtype.kind not in "iu"):
        raise InputError(
            Problem(
                f"topology at {scene.at.isoformat()}",
                f"an array of shape {pairs.shape} and type {pairs.dtype}; return whole numbers [pair, 2]",
            )
        )
    a, b = pairs.min(axis=1).astype(np.int64), pairs.max(axis=1).astype(np.int64)
    none = np.flatnonzero((a < 0) | (b >= satellites) | (a == b))
    if len(none):
        raise _refused(scene, a[none[0]], b[none[0]], f"need two different satellites of 0 to {satellites - 1}")
    known = scene.sightlines.a * satellites + scene.sightlines.b
    wanted = a * satellites + b
    values, firsts = np.unique(wanted, return_index=True)
    if len(values) < len(wanted):
        again = np.setdiff1d(np.arange(len(wanted)), firsts)[0]
        raise _refused(scene, a[again], b[again], "given more than once")
    place = np.searchsorted(known, wanted)
    here = np.flatnonzero(np.append(known, -1)[place] != wanted)
    if len(here):
        raise _refused(
            scene, a[here[0]], b[here[0]],
            "the rules do not allow this link now; take pairs of scene.pairs (explain_link says which rule refuses it)",
        )  # fmt: skip
    return ints(place)


def _refused(scene: Scene, a: int, b: int, reason: str) -> InputError:
    return InputError(Problem(f"topology at {scene.at.isoformat()}, pair ({a}, {b})", reason))
