"""Which satellites of a designed shell are linked for good? The +grid: two in the plane, one in each plane beside.

A fixed pattern needs no acquisition in flight, which is why designed shells fly it. It is derived from the columns of
the fleet alone:

- *In a plane* consecutive slots are linked. The last slot closes the ring onto the first where the gap between them is
  like the other gaps of the plane.
- *Between planes* consecutive plane numbers are linked. The last plane closes onto the first where the gap between
  their ascending nodes is like the other gaps of the shell: in a Walker delta shell it is, in a Walker star (where
  the closing planes run in opposite directions) and in a stack of sun-synchronous planes it is not.
- Each satellite is linked to the satellite beside it that is nearest in phase (argument of latitude): slot ``s`` of
  a plane to slot ``s + k`` of the next, with the one k for all slots that makes the difference of phase least. In
  a shell whose phasing is small, k is 0; at the seam of a Walker delta shell t/p/f, where slot numbers start again
  behind by f slots, k takes up those f. Where two offsets are equally near (half a slot, as with planes staggered
  alternately), the one closer to 0 holds, so equal slot numbers are linked.

Satellites missing from a shell leave their links open; nothing is linked across a gap.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, ints
from planner.constants import SECONDS_PER_DAY
from planner.errors import InputError, Problem
from planner.orbit.elements import Fleet

_FULL_TURN_DEG: Final = 360.0
_MINUTES_PER_DAY: Final = SECONDS_PER_DAY / 60.0

_ALIKE_FRACTION: Final = 0.1
"""A closing gap counts as like the others when it differs from their median by at most this part of it. Planner
default: designed gaps agree to rounding, and the gaps that must not close differ by a factor."""

_MOST_SLOTS: Final = 1000
"""Slots of a plane that are told apart; satellites of a formation fly closer, and count as one such slot apart."""

_TIE_FRACTION: Final = 0.01
"""Phase differences count as equal when they differ by less than this part of a slot. Planner default: element sets
carry angles to 0.0001°, and a hundredth of a slot changes no range that matters."""


@dataclass(frozen=True)
class _Plane:
    """One plane of a shell.

    `slots` rise; `members` are their indices in the fleet, `phase_deg` their phases; `ring` is the number of slots of a
    whole plane of the shell.
    """

    number: int
    node_deg: float
    slots: IntArray
    members: IntArray
    phase_deg: FloatArray
    ring: int


def plus_grid(fleet: Fleet, *, terminals: int | IntArray | None = None) -> IntArray:
    """Return the pairs of the +grid of every shell of a fleet.

    Parameters
    ----------
    fleet
        ``[sat]``, with shells, planes and slots.
    terminals
        Laser terminals of every satellite, or of each ``[sat]``; None does not check. Inside a shell the grid takes
        four.

    Returns
    -------
    IntArray
        ``[pair, 2]``, indices a < b, each pair once, sorted.

    Raises
    ------
    InputError
        For a shell read from element sets whose planes have not been assigned: it has no grid. For a satellite that
        would need more links than it has terminals.
    """
    pairs: list[IntArray] = [np.empty((0, 2), dtype=np.int64)]
    shells = np.asarray(fleet.shells, dtype=object)
    phase = _phase_deg(fleet)
    for name in dict.fromkeys(fleet.shells):
        members = np.flatnonzero(shells == name)
        _require_planes(name, fleet, members)
        planes = _planes(fleet, members, phase)
        pairs.extend(_in_plane(plane) for plane in planes)
        pairs.extend(_between(here, there) for here, there in _neighbours(planes))
    grid = ints(np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0))
    if terminals is not None:
        _require_terminals(fleet, grid, terminals)
    return grid


def _require_terminals(fleet: Fleet, grid: IntArray, terminals: int | IntArray) -> None:
    links = np.bincount(grid.ravel(), minlength=len(fleet))
    there = np.broadcast_to(terminals, len(fleet))
    if (links > there).any():
        worst = int(np.argmax(links - there))
        raise InputError(
            Problem(
                f"satellite {fleet.names[worst]}",
                f"the +grid links it to {links[worst]} others, but it has {there[worst]} laser terminals; "
                "give it more terminals, or link by mutual_nearest",
            )
        )


def _require_planes(name: str, fleet: Fleet, members: IntArray) -> None:
    if len(members) > 1 and np.all(fleet.catalog_numbers[members] > 0):
        _, sizes = np.unique(fleet.planes[members], return_counts=True)
        if sizes.max() == 1:
            raise InputError(
                Problem(
                    f"shell {name}",
                    f"its {len(members)} satellites come from element sets and carry no planes, so there is no +grid; "
                    "link them by mutual_nearest, or assign planes and slots first",
                )
            )


def _phase_deg(fleet: Fleet) -> FloatArray:
    """Return each satellite's mean argument of latitude at the first satellite's epoch, ``[sat]``."""
    if not len(fleet):
        return np.empty(0)
    since_d = (fleet.epoch_jd - fleet.epoch_jd[0]) + (fleet.epoch_fraction - fleet.epoch_fraction[0])
    moved = np.degrees(fleet.mean_motion_rad_min) * since_d * _MINUTES_PER_DAY
    phase: FloatArray = np.mod(fleet.argument_of_perigee_deg + fleet.mean_anomaly_deg - moved, _FULL_TURN_DEG)
    return phase


def _planes(fleet: Fleet, members: IntArray, phase: FloatArray) -> list[_Plane]:
    """Return the planes of one shell in the order of their numbers."""
    ordered = members[np.lexsort((fleet.slots[members], fleet.planes[members]))]
    numbers, firsts = np.unique(fleet.planes[ordered], return_index=True)
    ring = _ring(fleet, ordered, phase)
    return [
        _Plane(int(number), float(fleet.raan_deg[here[0]]), fleet.slots[here], here, phase[here], ring)
        for number, here in zip(numbers, np.split(ordered, firsts[1:]), strict=True)
    ]


def _ring(fleet: Fleet, ordered: IntArray, phase: FloatArray) -> int:
    """Return how many slots a whole plane has: by the spacing of neighbours, so that losses do not change it."""
    highest = int(fleet.slots[ordered].max()) + 1
    beside = (np.diff(fleet.slots[ordered]) == 1) & (np.diff(fleet.planes[ordered]) == 0)
    if not beside.any():
        return highest
    spacing = float(np.median(np.mod(np.diff(phase[ordered])[beside], _FULL_TURN_DEG)))
    return max(highest, round(_FULL_TURN_DEG / max(spacing, _FULL_TURN_DEG / _MOST_SLOTS)))


def _in_plane(plane: _Plane) -> IntArray:
    """Return the links of consecutive slots, and the one that closes the ring where the gaps are alike."""
    members, consecutive = plane.members, np.diff(plane.slots) == 1
    pairs: IntArray = np.stack([members[:-1], members[1:]], axis=1)[consecutive]
    whole = plane.slots[0] == 0 and plane.slots[-1] == plane.ring - 1 and plane.ring > 1
    if whole and consecutive.any():
        gaps = np.mod(np.diff(plane.phase_deg)[consecutive], _FULL_TURN_DEG)
        if _alike(float(plane.phase_deg[0] - plane.phase_deg[-1]), gaps):
            pairs = np.concatenate([pairs, [[members[-1], members[0]]]])
    return pairs


def _neighbours(planes: list[_Plane]) -> list[tuple[_Plane, _Plane]]:
    """Return the planes that fly side by side: consecutive numbers, and last to first where the gaps are alike."""
    beside = [(here, there) for here, there in pairwise(planes) if there.number == here.number + 1]
    if beside and len(planes) > 2:
        gaps = np.mod([there.node_deg - here.node_deg for here, there in beside], _FULL_TURN_DEG)
        if _alike(planes[0].node_deg - planes[-1].node_deg, gaps):
            beside.append((planes[-1], planes[0]))
    return beside


def _alike(closing_deg: float, gaps_deg: FloatArray) -> bool:
    usual = float(np.median(gaps_deg))
    return abs(closing_deg % _FULL_TURN_DEG - usual) <= _ALIKE_FRACTION * usual


def _between(here: _Plane, there: _Plane) -> IntArray:
    """Return the links from one plane to the next, with the offset of slots that brings them nearest in phase."""
    ring = here.ring
    slot_deg = _FULL_TURN_DEG / ring
    away = []
    for offset in range(ring):
        ours, theirs = _partners(here, there, offset)
        difference = _wrapped(there.phase_deg[theirs] - here.phase_deg[ours])
        away.append(float(np.mean(np.abs(difference))) if len(ours) else np.inf)
    least = min(away)
    if not np.isfinite(least):
        return np.empty((0, 2), dtype=np.int64)
    tied = [k for k in range(ring) if away[k] <= least + _TIE_FRACTION * slot_deg]
    offset = min(tied, key=lambda k: (min(k, ring - k), k))
    ours, theirs = _partners(here, there, offset)
    return np.stack([here.members[ours], there.members[theirs]], axis=1)


def _partners(here: _Plane, there: _Plane, offset: int) -> tuple[IntArray, IntArray]:
    """Return places in both planes of the satellites that are `offset` slots apart and both there."""
    wanted = (here.slots + offset) % here.ring
    place = np.minimum(np.searchsorted(there.slots, wanted), len(there.slots) - 1)
    ours = np.flatnonzero(there.slots[place] == wanted)
    return ours, place[ours]


def _wrapped(angle_deg: FloatArray) -> FloatArray:
    """Return angles between −180° and 180°."""
    half = _FULL_TURN_DEG / 2.0
    return np.mod(angle_deg + half, _FULL_TURN_DEG) - half
