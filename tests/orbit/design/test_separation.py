"""Nearest approaches: known passes, brute force, and that nothing between instants, blocks or shells is missed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray
from planner.orbit import Approach, Ephemeris, Fleet, closest_approaches, propagate, require_clearance, walker_delta
from planner.orbit.propagate import propagate_blocks
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)
TOLERANCE_KM = 1e-6


def shell(name: str = "w", **changes: Any) -> Fleet:
    given_ = {"altitude_km": 550.0, "inclination_deg": 53.0, "satellites": 24, "planes": 4, "phasing": 1}
    return walker_delta(**{"name": name, "epoch": EPOCH, **given_, **changes})


def straight(start_km: list[list[float]], speed_km_s: list[list[float]], times: TimeGrid) -> Ephemeris:
    """States of satellites that fly straight on."""
    start, speed = np.array(start_km, dtype=float), np.array(speed_km_s, dtype=float)
    positions = start[None] + times.offsets_s[:, None, None] * speed[None]
    errors = np.zeros(len(start), dtype=np.int64)
    return Ephemeris(times, positions, np.broadcast_to(speed, positions.shape).copy(), errors)


def test_a_pass_between_two_instants_is_found_where_it_is() -> None:
    # Head on along x at 15 km/s with 3 km between the tracks, nearest after 95 s: between the instants 60 and 120 s.
    times = TimeGrid(EPOCH, 60.0, 4)
    states = straight([[7000.0, 0.0, 0.0], [8425.0, 3.0, 0.0]], [[7.5, 0.0, 0.0], [-7.5, 0.0, 0.0]], times)
    (nearest,) = closest_approaches(states, shell(satellites=2, planes=1, phasing=0))
    assert nearest.distance_km == pytest.approx(3.0, abs=TOLERANCE_KM)
    assert abs((nearest.at - EPOCH) / timedelta(seconds=1) - 95.0) < 1e-5
    assert nearest.satellites == ("w-0-0", "w-0-1")
    assert nearest.shells == ("w", "w")


def _brute_force(fleet: Fleet, times: TimeGrid) -> float:
    positions = propagate(fleet, times).positions_km
    first, second = np.triu_indices(len(fleet), 1)
    return float(np.linalg.norm(positions[:, first] - positions[:, second], axis=2).min())


@given(
    altitude_km=st.floats(300.0, 1_500.0), inclination_deg=st.floats(0.0, 180.0),
    planes=st.integers(1, 5), per_plane=st.integers(1, 4), phasing=st.integers(0, 4),
)  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_the_search_finds_what_comparing_all_pairs_every_second_finds(
    altitude_km: float, inclination_deg: float, planes: int, per_plane: int, phasing: int
) -> None:
    fleet = shell(
        altitude_km=altitude_km,
        inclination_deg=inclination_deg,
        satellites=planes * per_plane,
        planes=planes,
        phasing=phasing % planes,
    )
    found = closest_approaches(propagate(fleet, TimeGrid(EPOCH, 60.0, 21)), fleet)
    if len(fleet) == 1:
        assert found == ()
        return
    every_second = _brute_force(fleet, TimeGrid(EPOCH, 1.0, 1201))
    # Within half a second of the minimum two satellites move by less than 8 km against each other.
    assert found[0].distance_km <= every_second + found[0].error_estimate_km
    assert every_second**2 - found[0].distance_km ** 2 < 8.0**2


@pytest.mark.parametrize("step_s", [15.0, 60.0, 120.0])
def test_the_step_changes_the_answer_by_no_more_than_it_says(step_s: float) -> None:
    fleet = shell(satellites=200, planes=10, phasing=3)
    fine = closest_approaches(propagate(fleet, TimeGrid(EPOCH, 5.0, 577)), fleet)[0]
    coarse = closest_approaches(propagate(fleet, TimeGrid(EPOCH, step_s, int(2880 / step_s) + 1)), fleet)[0]
    assert abs(coarse.distance_km - fine.distance_km) <= coarse.error_estimate_km + fine.error_estimate_km
    # 2 n^4 r step^4/384 in low orbit: a metre at 66 s.
    assert coarse.error_estimate_km == pytest.approx(0.001 * (step_s / 66.0) ** 4, rel=0.1)


def _by_names(found: tuple[Approach, ...]) -> dict[tuple[str, str], Approach]:
    return {near.shells: near for near in found}


def test_every_pair_of_shells_is_answered_for() -> None:
    fleet = (
        shell("a") + shell("b", altitude_km=580.0) + shell("c", altitude_km=900.0, satellites=1, planes=1, phasing=0)
    )
    found = closest_approaches(propagate(fleet, TimeGrid(EPOCH, 60.0, 60)), fleet)
    pairs = _by_names(found)
    assert set(pairs) == {("a", "a"), ("a", "b"), ("a", "c"), ("b", "b"), ("b", "c")}
    assert [near.distance_km for near in found] == sorted(near.distance_km for near in found)
    for pair, near in pairs.items():
        members = fleet[np.isin(fleet.shells, pair)]
        alone = _by_names(closest_approaches(propagate(members, TimeGrid(EPOCH, 60.0, 60)), members))
        assert alone[pair].distance_km == pytest.approx(near.distance_km, abs=TOLERANCE_KM)
        assert tuple(name.split("-")[0] for name in near.satellites) == pair


def test_blocks_of_time_leave_no_gap_between_them() -> None:
    fleet, times = shell(satellites=60, planes=6), TimeGrid(EPOCH, 60.0, 50)
    whole = closest_approaches(propagate(fleet, times), fleet)
    for block in (1, 7):
        parts = closest_approaches(propagate_blocks(fleet, times, block=block), fleet)
        assert parts[0].satellites == whole[0].satellites
        assert parts[0].distance_km == pytest.approx(whole[0].distance_km, abs=TOLERANCE_KM)


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_order_of_satellites_changes_no_distance(seed: int) -> None:
    fleet, times = shell(satellites=40, planes=5), TimeGrid(EPOCH, 60.0, 30)
    order = np.random.default_rng(seed).permutation(len(fleet))
    states = propagate(fleet, times)
    shuffled = replace(
        states, positions_km=states.positions_km[:, order], velocities_km_s=states.velocities_km_s[:, order]
    )
    one, other = closest_approaches(states, fleet)[0], closest_approaches(shuffled, fleet[order])[0]
    assert other.distance_km == pytest.approx(one.distance_km, abs=TOLERANCE_KM)


def test_a_lost_satellite_meets_nobody_from_there_on() -> None:
    times = TimeGrid(EPOCH, 60.0, 4)
    states = straight([[7000.0, 0.0, 0.0], [8425.0, 3.0, 0.0]], [[7.5, 0.0, 0.0], [-7.5, 0.0, 0.0]], times)
    positions = states.positions_km.copy()
    positions[2:, 1] = np.nan
    pair = shell(satellites=2, planes=1, phasing=0)
    (nearest,) = closest_approaches(replace(states, positions_km=positions), pair)
    # At 60 s, the last instant with both: 1425 - 900 km along x.
    assert nearest.distance_km == pytest.approx(float(np.hypot(525.0, 3.0)), abs=TOLERANCE_KM)
    positions[:, 1] = np.nan
    assert closest_approaches(replace(states, positions_km=positions), pair) == ()


def test_row_25_nobody_one_and_one_instant_are_answered() -> None:
    one = shell(satellites=1, planes=1, phasing=0)
    assert closest_approaches(propagate(one, TimeGrid(EPOCH, 60.0, 3)), one) == ()
    assert closest_approaches(propagate(one[[]], TimeGrid(EPOCH, 60.0, 3)), one[[]]) == ()
    fleet, now = shell(), TimeGrid(EPOCH, 60.0, 1)
    (nearest,) = closest_approaches(propagate(fleet, now), fleet)
    assert nearest.distance_km == pytest.approx(_brute_force(fleet, now), abs=TOLERANCE_KM)
    assert nearest.at == EPOCH
    assert require_clearance(one[[]], minimum_separation_km=1.0) == ()


def test_states_of_another_fleet_are_refused() -> None:
    with pytest.raises(ValueError, match="states: 24 satellites, but the fleet has 23"):
        closest_approaches(propagate(shell(), TimeGrid(EPOCH, 60.0, 2)), shell()[1:])


def test_a_shell_that_keeps_apart_is_let_through_with_its_distance() -> None:
    fleet = shell(satellites=60, planes=6, phasing=1) + shell("high", altitude_km=590.0)
    pairs = _by_names(require_clearance(fleet, minimum_separation_km=2.0))
    assert set(pairs) == {("w", "w"), ("w", "high"), ("high", "high")}
    assert min(near.distance_km for near in pairs.values()) > 2.0


def test_a_shell_whose_satellites_collide_is_refused_by_name() -> None:
    # Polar planes in step: all meet at the poles.
    fleet = shell(inclination_deg=90.0, phasing=0)
    message = r"w: w-\d-\d and w-\d-\d come within .* km at 2026-03-20 .* UTC, less than minimum_separation_km = 5; "
    with pytest.raises(ValueError, match=message + "take another phasing"):
        require_clearance(fleet, minimum_separation_km=5.0)


def test_shells_that_only_their_phases_keep_apart_are_refused() -> None:
    message = "shells: satellites of a and b fly through the same altitudes, where only their phases, which drift, keep"
    with pytest.raises(ValueError, match=message + " them apart, not minimum_separation_km = 1; fly them at altitudes"):
        require_clearance(shell("a") + shell("b", raan_deg=20.0), minimum_separation_km=1.0)


def test_shells_kept_apart_by_too_little_are_refused_with_how_little() -> None:
    message = r"satellites of a and b are kept no farther apart than 29\.9 km by their altitudes, less than minimum_sep"
    with pytest.raises(ValueError, match=message):
        require_clearance(shell("a") + shell("b", altitude_km=580.0), minimum_separation_km=30.0)


def test_neighbouring_starlink_shells_pass_with_what_their_altitudes_leave() -> None:
    # The first and the fourth shell of Starlink's first generation, 540 km at 53.2 and 550 km at 53.0 degrees, whose
    # planes cross everywhere: 10 km, less 2.5 J2 R^2/a (sin^2 53.2 - sin^2 53.0) = 0.05 km, less the slack.
    fleet = shell("a") + shell("b", altitude_km=540.0, inclination_deg=53.2)
    pairs = _by_names(require_clearance(fleet, minimum_separation_km=9.89))
    assert pairs["a", "b"].distance_km > 9.89
    with pytest.raises(ValueError, match=r"no farther apart than 9\.9 km by their altitudes"):
        require_clearance(fleet, minimum_separation_km=9.91)


def test_low_and_navigation_satellites_pass() -> None:
    fleet = shell("low") + shell("navigation", altitude_km=20_200.0, inclination_deg=55.0)
    assert {("low", "navigation")} <= set(_by_names(require_clearance(fleet, minimum_separation_km=50.0)))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("mean_motion_rad_min", 0.0657),
        ("inclination_deg", 53.001),
        ("eccentricity_fraction", 1e-4),
        ("bstar_per_radius", 1e-5),
    ],
)
def test_satellites_of_a_shell_that_do_not_turn_together_are_refused(column: str, value: float) -> None:
    # One revolution would show them in one of the phases that they drift through.
    fleet = shell("a")
    changed = getattr(fleet, column).copy()
    changed[5] = value
    with pytest.raises(ValueError, match="a: its satellites do not all fly circles of one mean motion, inclination"):
        require_clearance(replace(fleet, **{column: changed}), minimum_separation_km=1.0)
    alone = replace(fleet, **{column: changed})[5:6]
    assert require_clearance(alone, minimum_separation_km=1.0) == ()


def test_a_published_fleet_is_refused(real_fleet: Fleet) -> None:
    one = replace(real_fleet, shells=("all",) * len(real_fleet))
    with pytest.raises(ValueError, match="all: its satellites do not all fly circles"):
        require_clearance(one, minimum_separation_km=0.0)


@pytest.mark.parametrize("minimum_km", [-1.0, float("nan")])
def test_row_18_an_impossible_clearance_is_refused(minimum_km: float) -> None:
    with pytest.raises(ValueError, match=r"minimum_separation_km: .* is not allowed; it must be 0 or more"):
        require_clearance(shell(), minimum_separation_km=minimum_km)


def _curved(times: TimeGrid, radius_km: FloatArray) -> Iterator[FloatArray]:
    rate = np.sqrt(398_600.8 / radius_km**3)
    angle = times.offsets_s[:, None] * rate
    yield np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=-1) * radius_km[:, None]
    yield np.stack([-np.sin(angle), np.cos(angle), 0.0 * angle], axis=-1) * (rate * radius_km)[:, None]


def test_circles_one_above_the_other_are_their_radii_apart() -> None:
    # The inner overtakes the outer: nearest at the start, when both are on the x axis, then again after a synodic
    # revolution; exactly 10 km.
    times, radius = TimeGrid(EPOCH, 60.0, 20), np.array([7000.0, 7010.0])
    positions, velocities = _curved(times, radius)
    states = Ephemeris(times, positions, velocities, np.zeros(2, dtype=np.int64))
    (nearest,) = closest_approaches(states, shell(satellites=2, planes=1, phasing=0))
    assert nearest.distance_km == pytest.approx(10.0, abs=nearest.error_estimate_km)
