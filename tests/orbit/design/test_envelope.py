"""Bounds of radius and of the gap between shells: they must hold for every flown orbit, and not by much."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_deep_space_has_no_range() -> None:
    # The Moon and the Sun work in the orbits of navigation satellites.
    lowest, highest = radial_range_km(shell(altitude_km=20_200.0))
    assert np.isnan(lowest).all()
    assert np.isnan(highest).all()
    (gap,) = shell_gaps_km(shell("a", altitude_km=20_200.0) + shell("b"))
    assert np.isnan(gap.gap_km)


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


def test_shells_whose_planes_drift_apart_keep_what_their_radii_leave() -> None:
    # At 53 degrees nodes 50 km apart in altitude part by 0.1 degrees a day: any phase meets any.
    one, other = shell("a"), shell("b", altitude_km=600.0)
    (gap,) = shell_gaps_km(one + other)
    (_, highest), (lowest, _) = radial_range_km(one), radial_range_km(other)
    assert gap.gap_km == pytest.approx(lowest.min() - highest.max(), abs=1e-9)
    # Two waves of 7.478 sin 53 + 1.58 sin^2 53 each, and the slack.
    assert gap.gap_km == pytest.approx(50.0 - 2 * (7.478 * 0.7986 + 1.58 * 0.6378 + 0.05), abs=0.1)


def test_overlapping_shells_have_no_gap() -> None:
    (gap,) = shell_gaps_km(shell("a") + shell("b", altitude_km=555.0, inclination_deg=97.0))
    assert gap.gap_km == 0.0


def test_drag_formations_and_eccentric_orbits_take_the_wider_bound() -> None:
    train = dawn("low", 650.0) + dawn("high", 700.0)
    narrow = shell_gaps_km(train)[0].gap_km
    dragged = replace(train, bstar_per_radius=np.full(len(train), 1e-5))
    oval = replace(train, eccentricity_fraction=np.full(len(train), 1e-4))
    offsets = replace(train.offsets, radial_km=np.full(len(train), 1.0))
    for other, wider_km in ((dragged, 0.0), (oval, 2 * 0.7), (replace(train, offsets=offsets), 2 * 1.0)):
        gap = shell_gaps_km(other)[0].gap_km
        assert gap < narrow - 15.0
        base = shell_gaps_km(dragged)[0].gap_km
        assert gap == pytest.approx(base - wider_km, abs=0.05)


def test_gaps_come_smallest_first_and_single_shells_have_none() -> None:
    fleet = dawn("a", 600.0) + dawn("b", 650.0) + dawn("c", 660.0)
    assert [gap.shells for gap in shell_gaps_km(fleet)] == [("b", "c"), ("a", "b"), ("a", "c")]
    assert shell_gaps_km(dawn("a", 600.0)) == ()
    assert shell_gaps_km(fleet[[]]) == ()
