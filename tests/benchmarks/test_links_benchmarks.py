"""How fast links are judged, beside SciPy's tree and the same rules in NumPy in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.constants import ASTRONOMICAL_UNIT_KM
from planner.environment import sunlit_fraction
from planner.links import (
    LinkRules,
    Mounting,
    angular_rate_deg_s,
    candidate_pairs,
    check_links,
    feasible_links,
    in_sight,
    range_km,
)
from planner.network import plus_grid
from planner.orbit import Ephemeris, propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.elements import Fleet
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
SUN_KM = ASTRONOMICAL_UNIT_KM * np.array([0.6, -0.7, 0.3872983346207417])


def shell(satellites: int, planes: int) -> Fleet:
    return walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=planes, phasing=1, epoch=EPOCH
    )


def states(fleet: Fleet, instants: int) -> Ephemeris:
    return propagate(fleet, TimeGrid(EPOCH, 60.0, instants))


def tree_pairs(positions: FloatArray, longest_km: float) -> IntArray:
    """Return pairs within range and clear of the Earth, sorted, by SciPy and NumPy."""
    found = cKDTree(positions).query_pairs(longest_km, output_type="ndarray")
    clear = found[in_sight(positions[found[:, 0]], positions[found[:, 1]])]
    # One number for each pair, which sorts several times as fast as two keys.
    both = np.sort(clear[:, 0] * len(positions) + clear[:, 1])
    return np.stack(np.divmod(both, len(positions)), axis=1)


def clear_of_the_sun(positions: FloatArray, pairs: IntArray, exclusion_deg: float) -> BoolArray:
    """Return which pairs keep off the Sun at both ends, in NumPy."""
    lit = sunlit_fraction(positions[None], SUN_KM[None])[0] > 0.0
    clear = np.ones(len(pairs), dtype=np.bool_)
    for end in (0, 1):
        here, there = pairs[:, end], pairs[:, 1 - end]
        sight, sunward = positions[there] - positions[here], SUN_KM - positions
        sunward = sunward / np.linalg.norm(sunward, axis=1)[:, None]
        cosine = np.einsum("pi,pi->p", sight, sunward[here]) / np.linalg.norm(sight, axis=1)
        clear &= ~lit[here] | (cosine <= np.cos(np.radians(exclusion_deg)))
    return clear


def within_a_field(positions: FloatArray, velocities: FloatArray, pairs: IntArray, mounting: Mounting) -> BoolArray:
    """Return which pairs some terminal at either end can point at, in NumPy."""
    up, normal = positions, np.cross(positions, velocities)
    axes = np.stack([up, np.cross(normal, up), normal], axis=1)
    axes /= np.linalg.norm(axes, axis=2)[:, :, None]
    within = np.ones(len(pairs), dtype=np.bool_)
    for end in (0, 1):
        here, there = pairs[:, end], pairs[:, 1 - end]
        sight = positions[there] - positions[here]
        seen = np.einsum("pki,pi->pk", axes[here], sight) @ mounting.boresights.T
        least = np.cos(np.radians(mounting.half_angle_deg)) * np.linalg.norm(sight, axis=1)[:, None]
        within &= np.any(seen >= least, axis=1)
    return within


@pytest.mark.parametrize(
    ("satellites", "planes", "longest_km"),
    [(1000, 40, 5000.0), (10_000, 100, 1000.0), (10_000, 100, 5000.0), (100_000, 400, 250.0)],
)
def test_candidates_of_one_instant(beside: Callable[..., Any], satellites: int, planes: int, longest_km: float) -> None:
    positions = states(shell(satellites, planes), 1).positions_km[0]
    ours, theirs = beside(
        lambda: candidate_pairs(positions, maximum_range_km=longest_km),
        lambda: tree_pairs(positions, longest_km),
        "cKDTree and a check of every pair found",
        clock=time.process_time,
    )
    assert len(ours) > 10 * satellites
    assert np.array_equal(ours, theirs)


def test_every_rule_for_every_pair_of_ten_thousand_satellites(beside: Callable[..., Any]) -> None:
    flown = states(shell(10_000, 100), 1)
    positions, velocities = flown.positions_km[0], flown.velocities_km_s[0]
    mounting = Mounting.four_sides(40.0)
    rules = LinkRules(1000.0, maximum_rate_deg_s=0.5, sun_exclusion_deg=3.0, mounting=mounting)

    def rival() -> IntArray:
        found = tree_pairs(positions, 1000.0)
        a, b = found[:, 0], found[:, 1]
        rate = angular_rate_deg_s(positions[a], velocities[a], positions[b], velocities[b])
        kept = found[rate <= rules.maximum_rate_deg_s]
        kept = kept[clear_of_the_sun(positions, kept, rules.sun_exclusion_deg)]
        return kept[within_a_field(positions, velocities, kept, mounting)]

    ours, theirs = beside(
        lambda: feasible_links(positions, velocities, rules=rules, sun_km=SUN_KM),
        rival,
        "cKDTree and every rule in NumPy",
        clock=time.process_time,
    )
    assert len(theirs) > 10_000
    assert np.array_equal(np.stack([ours.a, ours.b], axis=1), theirs)


@pytest.mark.parametrize("exclusion_deg", [0.0, 30.0])
def test_a_grid_of_ten_thousand_satellites_over_an_hour(beside: Callable[..., Any], exclusion_deg: float) -> None:
    # A day of 1,440 instants is 24 times this.
    fleet = shell(10_000, 100)
    flown, pairs = states(fleet, 60), plus_grid(fleet)
    rules, suns = LinkRules(5000.0, sun_exclusion_deg=exclusion_deg), np.tile(SUN_KM, (60, 1))

    def rival() -> BoolArray:
        usable = np.empty((60, len(pairs)), dtype=np.bool_)
        for t in range(60):
            a, b = flown.positions_km[t, pairs[:, 0]], flown.positions_km[t, pairs[:, 1]]
            usable[t] = (range_km(a, b) <= 5000.0) & in_sight(a, b)
            if exclusion_deg > 0.0:
                usable[t] &= clear_of_the_sun(flown.positions_km[t], pairs, exclusion_deg)
        return usable

    ours, theirs = beside(
        lambda: check_links(flown.positions_km, flown.velocities_km_s, pairs, rules=rules, sun_km=suns),
        rival,
        "the same rules in NumPy",
        clock=time.process_time,
    )
    # Without the Sun every link of this grid holds at every instant; near it some do not.
    assert np.all(theirs) == (exclusion_deg == 0.0)
    assert np.any(theirs)
    assert np.array_equal(ours.usable, theirs)
