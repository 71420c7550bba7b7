"""How fast links are judged, beside SciPy's tree with the same checks in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from planner.arrays import FloatArray, IntArray
from planner.constants import ASTRONOMICAL_UNIT_KM
from planner.links import (
    LinkRules,
    Mounting,
    angular_rate_deg_s,
    candidate_pairs,
    check_links,
    feasible_links,
    grazing_altitude_km,
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
    clear = found[grazing_altitude_km(positions[found[:, 0]], positions[found[:, 1]]) >= 80.0]
    ordered: IntArray = clear[np.lexsort((clear[:, 1], clear[:, 0]))]
    return ordered


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
    assert np.array_equal(ours, theirs)


def test_every_rule_for_every_pair_of_ten_thousand_satellites(beside: Callable[..., Any]) -> None:
    # The rival applies range, grazing altitude and angular rate only; ours also Sun and field of regard.
    flown = states(shell(10_000, 100), 1)
    positions, velocities = flown.positions_km[0], flown.velocities_km_s[0]
    rules = LinkRules(1000.0, maximum_rate_deg_s=0.5, sun_exclusion_deg=3.0, mounting=Mounting.four_sides(80.0))

    def rival() -> IntArray:
        found = tree_pairs(positions, 1000.0)
        a, b = found[:, 0], found[:, 1]
        rate = angular_rate_deg_s(positions[a], velocities[a], positions[b], velocities[b])
        kept: IntArray = found[rate <= rules.maximum_rate_deg_s]
        return kept

    ours, theirs = beside(
        lambda: feasible_links(positions, velocities, rules=rules, sun_km=SUN_KM),
        rival,
        "cKDTree, grazing altitude and angular rate",
        clock=time.process_time,
    )
    assert {*zip(ours.a.tolist(), ours.b.tolist(), strict=True)} <= {*map(tuple, theirs.tolist())}


@pytest.mark.parametrize("exclusion_deg", [0.0, 3.0])
def test_a_grid_of_ten_thousand_satellites_over_an_hour(beside: Callable[..., Any], exclusion_deg: float) -> None:
    # A day of 1,440 instants is 24 times this.
    fleet = shell(10_000, 100)
    flown, pairs = states(fleet, 60), plus_grid(fleet)
    rules, suns = LinkRules(5000.0, sun_exclusion_deg=exclusion_deg), np.tile(SUN_KM, (60, 1))

    def rival() -> FloatArray:
        usable = np.empty((60, len(pairs)), dtype=np.bool_)
        for t in range(60):
            a, b = flown.positions_km[t, pairs[:, 0]], flown.positions_km[t, pairs[:, 1]]
            usable[t] = (range_km(a, b) <= 5000.0) & (grazing_altitude_km(a, b) >= 80.0)
        return usable

    ours, theirs = beside(
        lambda: check_links(flown.positions_km, flown.velocities_km_s, pairs, rules=rules, sun_km=suns),
        rival,
        "NumPy, range and grazing altitude",
        clock=time.process_time,
    )
    assert np.array_equal(ours.usable, theirs) or (exclusion_deg > 0.0 and not np.any(ours.usable & ~theirs))
