"""Which links are pointed at one instant? A `Topology` and what is feasible then, ``[sat]``, ``[pair]``, ``[link]``."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from planner.arrays import FloatArray, IntArray, ints
from planner.errors import InputError, Problem
from planner.links.feasible import Sightlines, check_links, feasible_links
from planner.network.topology.before import Before
from planner.network.topology.matched import seat_matched
from planner.network.topology.nearest import among, new_links, seat_nearest
from planner.network.topology.rule import Topology
from planner.network.topology.scene import Ranked, Scene
from planner.network.topology.seating import Candidates, Links, Seats, look_of


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
        found = feasible_links(
            self.positions_km[members],
            self.velocities_km_s[members],
            rules=replace(topology.rules, maximum_range_km=reach_km),
            sun_km=self.sun_km,
            pole=self.pole,
        )
        return found if len(members) == len(self.positions_km) else among(members, found)

    def still_allowed(self, topology: Topology, before: Before) -> Sightlines:
        """Return the links of the instant before that the rules still allow."""
        pairs = before.pairs
        checked = check_links(
            self.positions_km[None],
            self.velocities_km_s[None],
            pairs,
            rules=topology.rules,
            sun_km=None if self.sun_km is None else self.sun_km[None],
            pole=None if self.pole is None else self.pole[None],
        )
        here = np.flatnonzero(checked.usable[0])
        masks = (checked.faces_a[0, here], checked.faces_b[0, here])
        return Sightlines(pairs[here, 0], pairs[here, 1], checked.range_km[0, here], *masks)


def links_at(instant: Instant, topology: Topology, terminals: IntArray, fixed: Candidates, before: Before) -> Links:
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
    mounting = topology.rules.mounting
    look = None if mounting is None else look_of(instant.positions_km, instant.velocities_km_s, mounting)
    seats = Seats.of(terminals, mounted=mounting is not None, held=before.links, look=look)
    if len(topology.pairs):
        fixed = before.mark(fixed)
        seats.take(fixed, _stay_first(fixed))
    if topology.function is None and topology.acquisition_s:
        # A pair that is given has to be linked; for one that another would do for, no link is worth acquiring anew.
        seats = replace(seats, moves=False)
    if topology.choice == "nearest":

        def find(members: IntArray, reach_km: float) -> Candidates:
            return before.mark(new_links(instant.sightlines(topology, members, reach_km)))

        seat_nearest(
            seats,
            instant.positions_km,
            find,
            topology.rules.maximum_range_km,
            shells=topology.shells,
            hysteresis_fraction=topology.hysteresis_fraction,
        )
    elif topology.choice != "fixed":
        _seat_by_scene(seats, instant, topology, terminals, before)
    return seats.links()


def _stay_first(candidates: Candidates) -> FloatArray:
    """Return the value by which links that can stay on their terminals come first, lest another takes those."""
    return np.where(candidates.stay, 1.0, 0.0)


def _seat_by_scene(seats: Seats, instant: Instant, topology: Topology, terminals: IntArray, before: Before) -> None:
    """Seat the links that a value, or a user's function, picks from all that are allowed."""

    def view(members: IntArray, reach_km: float) -> Scene:
        return Scene(
            instant.at,
            instant.positions_km,
            instant.velocities_km_s,
            instant.sightlines(topology, members, reach_km),
            before.pairs,
            terminals,
            topology.terminal,
            topology.acquisition_s,
            topology.rules.maximum_range_km,
        )

    if topology.function is None:
        seat_matched(seats, topology, instant.positions_km, view, before, instant.still_allowed(topology, before))
        return
    scene = view(np.arange(len(terminals)), topology.rules.maximum_range_km)
    _seat_chosen(seats, scene, topology.function(scene), before.mark(new_links(scene.sightlines)))


def _seat_chosen(seats: Seats, scene: Scene, answer: IntArray | Ranked, candidates: Candidates) -> None:
    """Seat what a user's function returned, or say which pair cannot be."""
    if isinstance(answer, Ranked):
        worth = np.flatnonzero(answer.value > 0.0)
        place = _places(scene, answer.pairs[worth])
        order = np.argsort(place)
        seats.take(candidates[place[order]], answer.value[worth][order])
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
    missing = np.setdiff1d(np.arange(len(place)), seats.take(wanted, _stay_first(wanted)))
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
