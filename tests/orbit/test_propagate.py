"""Propagation: equal to Skyfield, indifferent to blocks, slices and order, and dead stays dead."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.orbit import (
    Ephemeris,
    Fleet,
    bundled_element_sets,
    propagate,
    propagate_blocks,
    read_elements,
    walker_delta,
)
from planner.orbit.propagate import SGP4_ERRORS
from planner.times import TimeGrid, timescale

REAL_SETS = (
    "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle",
    "gpconf/alpha5-tle/alpha5-T-analyst-27xxxx-snapshot.tle",
)
"""In the order of the fixture `real_fleet`."""
SKYFIELD_TOLERANCE_KM = 1e-6
SKYFIELD_VELOCITY_TOLERANCE_KM_S = 1e-9
SLICE_TOLERANCE_KM = 1e-8
"""Ten micrometres: the nutation series and the resonance integrator of SGP4 round differently from run to run."""
START = datetime(2026, 9, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def some() -> Fleet:
    """A mixed handful: low, high and eccentric."""
    return read_elements(bundled_element_sets() / REAL_SETS[0]).fleet[::16]


@pytest.fixture(scope="module")
def reference(some: Fleet) -> Ephemeris:
    return propagate(some, TimeGrid(START, 977.5, 40))


def test_every_real_object_is_where_skyfield_puts_it(real_fleet: Fleet, element_sets: Path, day: TimeGrid) -> None:
    from skyfield.api import EarthSatellite

    flown = propagate(real_fleet, day)
    lines = [line for name in REAL_SETS for line in (element_sets / name).read_text().splitlines()]
    pairs = [(lines[i + 1], lines[i + 2]) for i in range(0, len(lines), 3)]
    assert len(pairs) == len(real_fleet) == 602
    compared = 0
    for i, (first, second) in enumerate(pairs):
        theirs = EarthSatellite(first, second, ts=timescale()).at(day.skyfield)
        alive = flown.alive[:, i]
        compared += alive.sum()
        assert np.abs(theirs.position.km.T - flown.positions_km[:, i])[alive].max(initial=0) < SKYFIELD_TOLERANCE_KM
        away = np.abs(theirs.velocity.km_per_s.T - flown.velocities_km_s[:, i])[alive]
        assert away.max(initial=0) < SKYFIELD_VELOCITY_TOLERANCE_KM_S
    assert compared > 0.99 * flown.alive.size


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_a_slice_of_a_run_equals_the_run_of_the_slice(data: st.DataObject, some: Fleet, reference: Ephemeris) -> None:
    count = reference.times.count
    first = data.draw(st.integers(0, count - 1))
    stop = data.draw(st.integers(first + 1, count))
    sliced = propagate(some, reference.times.part(first, stop))
    for mine, whole in (
        (sliced.positions_km, reference.positions_km),
        (sliced.velocities_km_s, reference.velocities_km_s),
    ):
        assert np.allclose(mine, whole[first:stop], rtol=0.0, atol=SLICE_TOLERANCE_KM, equal_nan=True)


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_permuting_satellites_permutes_the_states(data: st.DataObject, some: Fleet, reference: Ephemeris) -> None:
    order = data.draw(st.permutations(range(len(some))))
    permuted = propagate(some[order], reference.times)
    assert np.array_equal(permuted.positions_km, reference.positions_km[:, order], equal_nan=True)
    assert permuted.sgp4_errors.tolist() == reference.sgp4_errors[list(order)].tolist()


@pytest.mark.parametrize("block", [1, 7, 40, 1000, None])
def test_blocks_do_not_change_the_states(block: int | None, some: Fleet, reference: Ephemeris) -> None:
    parts = list(propagate_blocks(some, reference.times, block=block))
    assert sum(part.times.count for part in parts) == 40
    joined = np.concatenate([part.positions_km for part in parts])
    assert np.allclose(joined, reference.positions_km, rtol=0.0, atol=SLICE_TOLERANCE_KM, equal_nan=True)
    assert parts[-1].times.datetime_at(parts[-1].times.count - 1) == reference.times.datetime_at(39)


def shell(**changes: object) -> Fleet:
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=3, planes=3, phasing=0, epoch=START
    )
    return replace(fleet, **changes)


@pytest.fixture(scope="module")
def diver() -> Fleet:
    """Three satellites, the middle one on an orbit through the ground: SGP4 fails near perigee and not elsewhere."""
    axis = np.array([1.0, 1.30, 1.0])
    rate = shell().mean_motion_rad_min * axis**-1.5
    return shell(eccentricity_fraction=[0.0, 0.3, 0.0], mean_motion_rad_min=rate, mean_anomaly_deg=[0.0, 180.0, 0.0])


@pytest.mark.parametrize("block", [1, 5, 100])
def test_row_12_a_satellite_that_failed_stays_masked_across_blocks(block: int, diver: Fleet) -> None:
    times = TimeGrid(START, 120.0, 100)
    parts = list(propagate_blocks(diver, times, block=block))
    alive = np.concatenate([part.alive for part in parts])
    last = int(np.flatnonzero(alive[:, 1])[-1])
    # Half a period of about 140 minutes from apogee to perigee at most, then never again in the 200 minutes.
    assert 0 < last < 35
    assert alive[: last + 1, 1].all()
    assert alive[:, [0, 2]].all()
    assert parts[-1].sgp4_errors.tolist() == [0, 6, 0]
    # An orbit later SGP4 itself returns a state above the ground again.
    alone = propagate(diver[[1]], TimeGrid(times.datetime_at(60), 120.0, 20))
    assert alone.alive[0].all()
    for part in parts:
        assert np.isnan(part.velocities_km_s[~part.alive]).all()


def test_row_12_every_error_code_has_a_meaning(diver: Fleet) -> None:
    flown = propagate(diver, TimeGrid(START, 120.0, 100))
    assert {int(code) for code in flown.sgp4_errors} <= SGP4_ERRORS.keys()
    assert sorted(SGP4_ERRORS) == list(range(8))


def test_row_12_elements_that_are_not_finite_are_masked_from_the_start() -> None:
    flown = propagate(shell(raan_deg=[0.0, np.nan, 90.0]), TimeGrid(START, 60.0, 3))
    assert flown.alive.tolist() == [[True, False, True]] * 3
    assert flown.sgp4_errors.tolist() == [0, 7, 0]


def test_row_25_an_empty_fleet_has_an_empty_ephemeris() -> None:
    flown = propagate(shell()[[]], TimeGrid(START, 60.0, 5))
    assert flown.positions_km.shape == flown.velocities_km_s.shape == (5, 0, 3)
    assert flown.alive.shape == (5, 0)
    assert flown.sgp4_errors.shape == (0,)


def test_one_satellite_and_one_instant_are_enough() -> None:
    flown = propagate(shell()[[0]], TimeGrid(START, 60.0, 1))
    assert flown.positions_km.shape == (1, 1, 3)
    assert np.linalg.norm(flown.positions_km) == pytest.approx(6928, abs=10)


def test_the_epoch_is_counted_to_better_than_a_millimetre_of_track() -> None:
    # Two sets a tenth of a microsecond apart in epoch differ by 0.8 mm along the track, not by nothing and not by the
    # 40 µs (30 cm) of one float of Julian days.
    early = shell()
    late = replace(early, epoch_fraction=early.epoch_fraction + 1e-7 / 86_400)
    times = TimeGrid(START, 60.0, 1)
    apart_km = np.linalg.norm(propagate(early, times).positions_km - propagate(late, times).positions_km, axis=-1)
    assert apart_km == pytest.approx(7.6e-7, rel=0.05)


def test_states_before_the_epoch_are_states() -> None:
    assert propagate(shell(), TimeGrid(datetime(2026, 9, 20, tzinfo=UTC), 600.0, 10)).alive.all()


def test_an_ephemeris_of_the_wrong_shape_is_refused(reference: Ephemeris) -> None:
    with pytest.raises(ValueError, match="positions_km: shape"):
        Ephemeris(reference.times, reference.positions_km[1:], reference.velocities_km_s, reference.sgp4_errors)


def test_the_states_cannot_be_written_to(reference: Ephemeris) -> None:
    with pytest.raises(ValueError, match="read-only"):
        reference.positions_km[0, 0, 0] = 0.0
