"""Which links are worth most at one instant? Seated by falling value, in stages of growing range ``[link]``.

All pairs in range can be far too many to look at. Where no longer link can be worth more than a given one, links are
worth looking at in stages, as in `planner.network.topology.nearest`: a stage holds every pair worth more than any of
the next, between satellites that still have a terminal free. The links of the instant before, which count for more
than their range tells, are few: they are known from the start. The links are the same as if all were sorted at once.
"""

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.errors import InputError, Problem
from planner.links.feasible import Sightlines
from planner.network.topology.before import Before
from planner.network.topology.nearest import GROWTH, first_stage_m, new_links
from planner.network.topology.rule import Topology
from planner.network.topology.scene import Scene
from planner.network.topology.seating import Candidates, Seats, writable
from planner.network.topology.value import link_value_gbps, most_value_gbps

_KM_PER_METRE: Final = 1e-3
_ENDS: Final = 2

Viewer = Callable[[IntArray, float], Scene]
"""From satellites, rising, and a range to a scene of the pairs among them that may be linked up to that range."""


def seat_matched(
    seats: Seats, topology: Topology, positions_km: FloatArray, view: Viewer, before: Before, held: Sightlines
) -> None:
    """Seat links by falling value.

    Parameters
    ----------
    seats
        Used up in place.
    topology
        What a link is worth, and how much more one that is held.
    positions_km
        ``[sat, xyz]``.
    view
        What there is to choose from.
    before, held
        The links of the instant before, and those of them that may still be linked, of any range.
    """
    longest_km = topology.rules.maximum_range_km
    if topology.value is link_value_gbps and math.isfinite(longest_km):
        _seat_staged(seats, topology, positions_km, view, before.mark(new_links(held)))
        return
    scene = view(np.arange(len(positions_km)), longest_km)
    candidates = before.mark(new_links(scene.sightlines))
    seats.take(candidates, _favoured(topology, _values(topology, scene), candidates), above=0.0)


def _seat_staged(seats: Seats, topology: Topology, positions_km: FloatArray, view: Viewer, held: Candidates) -> None:
    """Seat links of the value that falls with range, those held among them."""
    longest_km = topology.rules.maximum_range_km
    alive = np.isfinite(positions_km).all(axis=1)
    reach_km, least = 0.0, math.inf
    held_value = np.empty(0)
    from planner.network.topology.trackkernel import places_of

    while least > 0.0:
        members = np.flatnonzero(alive & (seats.left() > 0))
        if len(members) < _ENDS:
            return
        if reach_km:
            reach_km *= GROWTH
        else:
            reach_km = first_stage_m(positions_km[members], int(np.median(seats.left()[members]))) * _KM_PER_METRE
        reach_km = min(reach_km, longest_km)
        scene = view(members, reach_km)
        if math.isinf(least):
            known = Sightlines(held.a, held.b, held.range_km, held.faces_a, held.faces_b)
            held_value = _favoured(topology, _values(topology, replace(scene, sightlines=known)), held)
        most, least = least, 0.0
        if reach_km < longest_km:
            least = most_value_gbps(topology.terminal, reach_km, longest_km)
        found, value = new_links(scene.sightlines), _values(topology, scene)
        # Those held are known already, and worth more.
        now = (value > least) & (value <= most) & (places_of(_ends(found), _ends(held)) < 0)
        if not now.all():
            found, value = found[now], value[now]
        still = np.flatnonzero((held_value > least) & (held_value <= most))
        seats.take(*_merged(found, value, held[still], held_value[still]))


def _ends(candidates: Candidates) -> tuple[IntArray, IntArray]:
    return writable(candidates.a), writable(candidates.b)


def _merged(
    found: Candidates, value: FloatArray, held: Candidates, held_value: FloatArray
) -> tuple[Candidates, FloatArray]:
    """Return new and held links together, sorted by (a, b) as both are."""
    if not len(held.a):
        return found, value
    satellites = max(int(found.b.max(initial=0)), int(held.b.max())) + 1
    place = np.searchsorted(found.a * satellites + found.b, held.a * satellites + held.b)
    columns = (np.insert(getattr(found, one.name), place, getattr(held, one.name)) for one in fields(found))
    return Candidates(*columns), np.insert(value, place, held_value)


def _favoured(topology: Topology, value: FloatArray, candidates: Candidates) -> FloatArray:
    """Return values with those of held links raised."""
    if not candidates.held_a.strides[0] or not topology.hysteresis_fraction:
        return value
    return np.where(candidates.held_a >= 0, value * (1.0 + topology.hysteresis_fraction), value)


def _values(topology: Topology, scene: Scene) -> FloatArray:
    """Return what the pairs of a scene are worth, ``[pair]``; `InputError` unless that is a number each."""
    value = np.asarray(topology.value(scene), dtype=np.float64)
    if value.shape != scene.sightlines.a.shape or not np.isfinite(value).all():
        raise InputError(
            Problem(
                f"value of links at {scene.at.isoformat()}",
                f"shape {value.shape} or a number that is not finite; give one finite value for each of the "
                f"{len(scene.sightlines)} pairs of the scene",
            )
        )
    return value
