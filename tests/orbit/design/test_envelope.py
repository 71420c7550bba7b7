"""Bounds of radius and of the gap between shells: they must hold for every flown orbit, and not by much."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from planner.arrays import FloatArray
from planner.orbit import (
    Fleet,
    closest_approaches,
    propagate,
    radial_range_km,
    read_elements,
    shell_gaps_km,
    sun_synchronous,
    walker_delta,
)
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)
RADIUS_KM = 6378.135


def shell(name: str = "w", **changes: Any) -> Fleet:
    given_ = {"altitude_km": 550.0, "inclination_deg": 53.0, "satellites": 12, "planes": 3, "phasing": 1}
    return walker_delta(**{"name": name, "epoch": EPOCH, **given_, **changes})


def dawn(name: str, altitude_km: float, **changes: Any) -> Fleet:
    given_ = {"ltan_h": 18.0, "planes": 1, "satellites_per_plane": 16, "plane_spacing_deg": 0.0, "phasing": 0}
    return sun_synchronous(**{"name": name, "altitude_km": altitude_km, "epoch": EPOCH, **given_, **changes})


def _radii_km(fleet: Fleet, times: TimeGrid) -> np.ndarray:
    return np.linalg.norm(propagate(fleet, times).positions_km, axis=2)


@given(altitude_km=st.floats(200.0, 5_000.0), inclination_deg=st.floats(0.0, 180.0))
@settings(max_examples=30, deadline=None)
def test_designed_satellites_stay_in_their_range_and_use_the_lower_end_of_it(
    altitude_km: float, inclination_deg: float
) -> None:
    fleet = shell(altitude_km=altitude_km, inclination_deg=inclination_deg)
    radii = _radii_km(fleet, TimeGrid(EPOCH, 60.0, 250))
    lowest, highest = radial_range_km(fleet)
    assert (radii >= lowest).all()
    assert (radii <= highest).all()
    # Both waves are lowest together, a quarter turn after the node, but not highest: the slack of 50 m and the step.
    assert radii.min() - lowest.min() < 0.1


def test_real_satellites_stay_in_their_range_while_their_altitude_is_held(real_fleet: Fleet) -> None:
    held = replace(real_fleet, bstar_per_radius=np.zeros(len(real_fleet)))
    at = datetime(2026, 9, 21, tzinfo=UTC)
    radii = _radii_km(held, TimeGrid(at, 120.0, 100))
    lowest, highest = radial_range_km(held)
    near = np.isfinite(lowest) & np.isfinite(radii).all(axis=0)
    assert near.sum() > 400
    assert (radii[:, near] >= lowest[near]).all()
    assert (radii[:, near] <= highest[near]).all()


def test_ten_thousand_starlinks_stay_in_their_range(shared_reference: Path, tmp_path: Path) -> None:
    packed = shared_reference / "elements" / "starlink-2026-05-24.tle.gz"
    if not packed.is_file():
        pytest.skip(f"{packed} is absent")
    import gzip

    plain = tmp_path / "starlink.tle"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    fleet = read_elements(plain).fleet
    held = replace(fleet, bstar_per_radius=np.zeros(len(fleet)))
    radii = _radii_km(held, TimeGrid(datetime(2026, 5, 24, 12, tzinfo=UTC), 300.0, 20))
    lowest, highest = radial_range_km(held)
    assert len(fleet) > 10_000
    assert ((radii >= lowest) & (radii <= highest)).all()


def test_the_pear_shape_lifts_the_south_by_seven_kilometres() -> None:
    # A circular polar orbit: -(1/2)(J3/J2) R = 7.478 km, and J2's (1/4) J2 R^2/a = 1.59 km lower at both poles.
    fleet = shell(inclination_deg=90.0, satellites=360, planes=1, phasing=0)
    positions = propagate(fleet, TimeGrid(EPOCH, 1.0, 1)).positions_km[0]
    radii = np.linalg.norm(positions, axis=1)
    north, south = radii[positions[:, 2].argmax()], radii[positions[:, 2].argmin()]
    assert south - north == pytest.approx(2 * 7.478, abs=0.02)


@pytest.mark.parametrize("altitude_km", [6_000.0, 20_200.0, 35_786.0, 60_000.0])
@pytest.mark.parametrize("inclination_deg", [0.0, 55.0, 90.0])
def test_deep_satellites_stay_in_their_range_for_ten_years(altitude_km: float, inclination_deg: float) -> None:
    fleet = shell(altitude_km=altitude_km, inclination_deg=inclination_deg)
    # Every 11 hours or so, which is in step with none of the periods.
    radii = _radii_km(fleet, TimeGrid(EPOCH, 39_595.0, 7_960))
    lowest, highest = radial_range_km(fleet)
    assert (radii >= lowest).all()
    assert (radii <= highest).all()
    # No wider than an eccentricity of 0.009 needs, 40 km of resonance and the waves of 25 km at most.
    assert (highest - lowest < 2.0 * (0.009 * fleet.semi_major_axis_km + 40.0 + 25.0)).all()


def test_real_deep_satellites_stay_in_their_range_for_ten_years(real_fleet: Fleet) -> None:
    deep = real_fleet[2.0 * np.pi / real_fleet.mean_motion_rad_min > 225.1]
    radii = _radii_km(deep, TimeGrid(datetime(2026, 9, 21, tzinfo=UTC), 39_595.0, 7_960))
    lowest, highest = radial_range_km(deep)
    held = np.isfinite(radii).all(axis=0)
    assert held.sum() >= 10
    assert (radii[:, held] >= lowest[held]).all()
    assert (radii[:, held] <= highest[held]).all()


def test_low_and_navigation_shells_keep_what_lies_between_their_ranges() -> None:
    low, navigation = shell("b"), shell("a", altitude_km=20_200.0, inclination_deg=55.0)
    (gap,) = shell_gaps_km(navigation + low)
    # 19,650 km, less 44 km of eccentricity, 40 km of resonance and both waves: 1.75 J2 R^2/a = 3 km and 2 x 7.5 km; the
    # low shell's surface lies 0.2 km above its axis at the equator.
    assert gap.gap_km == pytest.approx(19_650.0 - 44.0 - 40.0 - 18.0, abs=2.0)
    between = next(
        near
        for near in closest_approaches(propagate(navigation + low, TimeGrid(EPOCH, 60.0, 500)), navigation + low)
        if near.shells == ("a", "b")
    )
    assert gap.gap_km <= between.distance_km < gap.gap_km + 300.0


@pytest.mark.parametrize(("low_km", "high_km"), [(500.0, 505.0), (650.0, 660.0), (650.0, 700.0), (1_400.0, 1_450.0)])
@pytest.mark.parametrize("theory", ["j2", "sgp4"])
@pytest.mark.parametrize("days", [0, 700])
def test_stacked_dawn_dusk_planes_keep_nearly_all_of_their_difference(
    low_km: float, high_km: float, theory: str, days: int
) -> None:
    train = dawn("low", low_km, theory=theory) + dawn("high", high_km, theory=theory)
    (gap,) = shell_gaps_km(train)
    assert gap.shells == ("low", "high")
    assert high_km - low_km - 0.15 < gap.gap_km < high_km - low_km
    # 50 km make a lower satellite gain 1.07 % of a turn a revolution, 3.8 degrees; neighbours of 16 are 22.5 degrees
    # apart, so in a day and a half, 22 revolutions, each has passed several of the other shell.
    times = TimeGrid(EPOCH + timedelta(days=days), 60.0, 2160)
    states = propagate(train, times)
    between = next(near for near in closest_approaches(states, train) if near.shells == ("low", "high"))
    assert between.distance_km >= gap.gap_km
    assert between.distance_km < (gap.gap_km + 0.2 if high_km - low_km > 40.0 else 400.0)


def test_the_gap_is_met_when_the_phases_meet() -> None:
    # Both shells start with a satellite at the node, one above the other.
    for low_km, high_km in [(500.0, 505.0), (650.0, 652.0)]:
        train = dawn("low", low_km) + dawn("high", high_km)
        (gap,) = shell_gaps_km(train)
        states = propagate(train, TimeGrid(EPOCH, 30.0, 4))
        between = next(near for near in closest_approaches(states, train) if near.shells == ("low", "high"))
        assert 0.0 < between.distance_km - gap.gap_km < 0.1


def _meridian_km(fleet: Fleet) -> FloatArray:
    """Return where a shell of one full plane can be, turned about the pole into one half-plane, ``[point, xz]``."""
    positions = propagate(fleet, TimeGrid(EPOCH, 1.0, 1), frame="TEME").positions_km[0]
    return np.stack([np.hypot(positions[:, 0], positions[:, 1]), positions[:, 2]], axis=-1)


def _apart_km(points: FloatArray, curve: FloatArray) -> float:
    """Return how near any of the points comes to the closed polygon through the curve's."""
    nearest = cKDTree(curve).query(points)[1]
    least = np.inf
    for before in (nearest - 1, nearest):
        start, side = curve[before], curve[(before + 1) % len(curve)] - curve[before]
        along = np.clip(((points - start) * side).sum(axis=1) / (side * side).sum(axis=1), 0.0, 1.0)
        least = min(least, float(np.linalg.norm(points - start - along[:, None] * side, axis=1).min()))
    return least


def _flown_gap_km(one: Fleet, other: Fleet) -> float:
    """Return how near satellites of two shells come over all phases and all nodes: what one full plane each shows."""
    first, second = _meridian_km(one), _meridian_km(other)
    return min(_apart_km(first, second), _apart_km(second, first))


def full(name: str, altitude_km: float, inclination_deg: float) -> Fleet:
    return shell(name, altitude_km=altitude_km, inclination_deg=inclination_deg, satellites=2048, planes=1, phasing=0)


# Chords between points of a full plane cut up to 20 km x 20 km / 8 / 6,500 km off the curve.
CHORD_KM = 0.008


@given(
    altitude_km=st.floats(160.0, 5_500.0), higher_km=st.floats(0.0, 300.0),
    inclination_deg=st.floats(1.0, 179.0), other_deg=st.floats(1.0, 179.0),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_no_phases_and_no_nodes_bring_shells_nearer_than_the_gap_and_some_use_it(
    altitude_km: float, higher_km: float, inclination_deg: float, other_deg: float
) -> None:
    one, other = full("a", altitude_km, inclination_deg), full("b", altitude_km + higher_km, other_deg)
    (gap,) = shell_gaps_km(one + other)
    flown_km = _flown_gap_km(one, other)
    assert flown_km >= gap.gap_km - CHORD_KM
    if gap.gap_km > 0.0 and higher_km < 40.0:
        assert flown_km < gap.gap_km + 0.1


@given(
    altitude_km=st.floats(400.0, 1_500.0), higher_km=st.floats(0.0, 30.0), inclination_deg=st.floats(0.0, 180.0),
    other_deg=st.floats(0.0, 180.0), raan_deg=st.floats(0.0, 360.0),
    wobble=st.sampled_from([0.0, 1e-4, 2e-3]), days=st.integers(0, 3_000),
)  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_no_flight_comes_nearer_than_the_gap(
    altitude_km: float, higher_km: float, inclination_deg: float, other_deg: float, raan_deg: float,
    wobble: float, days: int,
) -> None:  # fmt: skip
    one = shell("a", altitude_km=altitude_km, inclination_deg=inclination_deg, satellites=30)
    other = shell("b", altitude_km=altitude_km + higher_km, inclination_deg=other_deg, raan_deg=raan_deg, satellites=30)
    fleet = one + replace(other, eccentricity_fraction=np.full(len(other), wobble))
    (gap,) = shell_gaps_km(fleet)
    states = propagate(fleet, TimeGrid(EPOCH + timedelta(days=days), 60.0, 200))
    between = next(near for near in closest_approaches(states, fleet) if near.shells == ("a", "b"))
    assert between.distance_km >= gap.gap_km


def test_neighbouring_starlink_shells_stay_ten_kilometres_apart() -> None:
    # 540 km at 53.2 and 550 km at 53.0 degrees: 10 km, less 2.5 J2 R^2/a (sin^2 53.2 - sin^2 53.0) = 0.053 km.
    one, other = full("a", 540.0, 53.2), full("b", 550.0, 53.0)
    (gap,) = shell_gaps_km(one + other)
    assert gap.gap_km == pytest.approx(9.947 - 0.05, abs=0.002)
    assert 0.0 < _flown_gap_km(one, other) - gap.gap_km < 0.05


def test_overlapping_shells_have_no_gap() -> None:
    # 97 degrees lift an orbit by 2.5 J2 R^2/a (sin^2 97 - sin^2 53) = 5.5 km: 555 km at 53 lie as high as 549.5 at 97.
    (gap,) = shell_gaps_km(shell("a", altitude_km=555.5) + shell("b", inclination_deg=97.0))
    assert gap.gap_km == 0.0
    (gap,) = shell_gaps_km(shell("a") + shell("b"))
    assert gap.gap_km == 0.0


def test_a_shell_of_many_heights_takes_the_worst_of_them() -> None:
    mixed = replace(shell("b") + shell("b", altitude_km=590.0, inclination_deg=70.0), shells=("b",) * 24)
    for altitude_km, nearest in ((500.0, shell("b")), (620.0, mixed[12:])):
        other = shell("a", altitude_km=altitude_km, inclination_deg=30.0)
        (gap,), (alone,) = shell_gaps_km(mixed + other), shell_gaps_km(nearest + other)
        assert gap.gap_km == pytest.approx(alone.gap_km, abs=1e-9)
    # A shell that flies above and below has no gap, though no satellite of it is at the other's height.
    (gap,) = shell_gaps_km(mixed + shell("a", altitude_km=570.0))
    assert gap.gap_km == 0.0


def test_formations_and_eccentric_orbits_take_a_wider_bound_and_drag_does_not() -> None:
    train = dawn("low", 650.0) + dawn("high", 700.0)
    narrow = shell_gaps_km(train)[0].gap_km
    dragged = replace(train, bstar_per_radius=np.full(len(train), 1e-5))
    oval = replace(train, eccentricity_fraction=np.full(len(train), 1e-4))
    offsets = replace(train.offsets, radial_km=np.full(len(train), 1.0))
    # Both shells by a e = 0.7 km, or by the kilometre that they stand off their chiefs.
    for other, wider_km in ((dragged, 0.0), (oval, 2 * 0.7), (replace(train, offsets=offsets), 2 * 1.0)):
        assert shell_gaps_km(other)[0].gap_km == pytest.approx(narrow - wider_km, abs=0.02)


def test_gaps_come_smallest_first_and_single_shells_have_none() -> None:
    fleet = dawn("a", 600.0) + dawn("b", 650.0) + dawn("c", 660.0)
    assert [gap.shells for gap in shell_gaps_km(fleet)] == [("b", "c"), ("a", "b"), ("a", "c")]
    assert shell_gaps_km(dawn("a", 600.0)) == ()
    assert shell_gaps_km(fleet[[]]) == ()
