"""Propagation: equal to Skyfield, indifferent to blocks, slices and order, and dead stays dead.

Each holds for both engines; what is particular to the fast one is in ``test_nearearth.py``, to frames in
``test_frames.py``.
"""

import tracemalloc
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
    cluster,
    propagate,
    propagate_blocks,
    read_elements,
    walker_delta,
)
from planner.orbit.elements import Offsets
from planner.orbit.formation import hill_to_inertial, relative_motion, relative_rate_rad_s
from planner.orbit.frames import Frame
from planner.orbit.propagate import SGP4_ERRORS
from planner.orbit.sgp4.engines import Engine
from planner.times import TimeGrid, timescale

REAL_SETS = (
    "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle",
    "gpconf/alpha5-tle/alpha5-T-analyst-27xxxx-snapshot.tle",
)
"""In the order of the fixture `real_fleet`."""
SKYFIELD_TOLERANCE_KM = 1e-6
SKYFIELD_VELOCITY_TOLERANCE_KM_S = 1e-9
ENGINES: tuple[Engine, ...] = ("auto", "sgp4")
START = datetime(2026, 9, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def some() -> Fleet:
    """A mixed handful: low, high and eccentric."""
    return read_elements(bundled_element_sets() / REAL_SETS[0]).fleet[::16]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param


@pytest.fixture(scope="module")
def reference(some: Fleet, engine: Engine) -> Ephemeris:
    return propagate(some, TimeGrid(START, 977.5, 40), engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_real_object_is_where_skyfield_puts_it(
    engine: Engine, real_fleet: Fleet, element_sets: Path, day: TimeGrid
) -> None:
    from skyfield.api import EarthSatellite

    flown = propagate(real_fleet, day, engine=engine)
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


def assert_same(mine: Ephemeris, positions: np.ndarray, velocities: np.ndarray) -> None:
    """Hold an ephemeris to states, bit for bit."""
    assert np.array_equal(mine.positions_km, positions, equal_nan=True)
    assert np.array_equal(mine.velocities_km_s, velocities, equal_nan=True)


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_a_slice_of_a_run_equals_the_run_of_the_slice(
    data: st.DataObject, some: Fleet, engine: Engine, reference: Ephemeris
) -> None:
    count = reference.times.count
    first = data.draw(st.integers(0, count - 1))
    stop = data.draw(st.integers(first + 1, count))
    sliced = propagate(some, reference.times.part(first, stop), engine=engine)
    assert_same(sliced, reference.positions_km[first:stop], reference.velocities_km_s[first:stop])


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_permuting_satellites_permutes_the_states(
    data: st.DataObject, some: Fleet, engine: Engine, reference: Ephemeris
) -> None:
    order = list(data.draw(st.permutations(range(len(some)))))
    permuted = propagate(some[order], reference.times, engine=engine)
    assert_same(permuted, reference.positions_km[:, order], reference.velocities_km_s[:, order])
    assert permuted.sgp4_errors.tolist() == reference.sgp4_errors[order].tolist()


@pytest.mark.parametrize("frame", ["GCRS", "ITRS", "TEME"])
@pytest.mark.parametrize("block", [1, 7, 40, 1000, None])
def test_blocks_do_not_change_a_bit_of_the_states(
    block: int | None, frame: Frame, some: Fleet, engine: Engine, reference: Ephemeris
) -> None:
    parts = list(propagate_blocks(some, reference.times, block=block, engine=engine, frame=frame))
    assert sum(part.times.count for part in parts) == 40
    assert all(part.frame == frame for part in parts)
    whole = propagate(some, reference.times, engine=engine, frame=frame)
    positions = np.concatenate([part.positions_km for part in parts])
    assert_same(whole, positions, np.concatenate([part.velocities_km_s for part in parts]))
    assert parts[-1].sgp4_errors.tolist() == whole.sgp4_errors.tolist()
    assert parts[-1].times.datetime_at(parts[-1].times.count - 1) == reference.times.datetime_at(39)


def test_a_block_of_no_instants_is_refused(some: Fleet, reference: Ephemeris) -> None:
    with pytest.raises(ValueError, match="size: 0 must be at least 1"):
        next(propagate_blocks(some, reference.times, block=0))


def test_an_engine_that_does_not_exist_is_refused_by_name(some: Fleet, reference: Ephemeris) -> None:
    with pytest.raises(ValueError, match="engine: 'fast' is not one of auto, sgp4"):
        propagate(some, reference.times, engine="fast")


def test_row_24_a_day_of_ten_thousand_satellites_takes_the_memory_of_a_block() -> None:
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=10_000, planes=100, phasing=1, epoch=START
    )
    times = TimeGrid(START, 60.0, 1_440)
    propagate(fleet[:1], times)  # compiles, and sums the nutation of the day
    tracemalloc.start()
    try:
        instants = sum(part.times.count for part in propagate_blocks(fleet, times))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert instants == 1_440
    # The states of the day are 691 MB, a block of a million states is 48 MB; two exist while one replaces the other.
    assert peak < 130e6


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
def test_row_12_a_satellite_that_failed_stays_masked_across_blocks(block: int, engine: Engine, diver: Fleet) -> None:
    times = TimeGrid(START, 120.0, 100)
    parts = list(propagate_blocks(diver, times, block=block, engine=engine))
    alive = np.concatenate([part.alive for part in parts])
    last = int(np.flatnonzero(alive[:, 1])[-1])
    # Half a period of about 140 minutes from apogee to perigee at most, then never again in the 200 minutes.
    assert 0 < last < 35
    assert alive[: last + 1, 1].all()
    assert alive[:, [0, 2]].all()
    assert parts[-1].sgp4_errors.tolist() == [0, 6, 0]
    # An orbit later SGP4 itself returns a state above the ground again.
    alone = propagate(diver[[1]], TimeGrid(times.datetime_at(60), 120.0, 20), engine=engine)
    assert alone.alive[0].all()
    for part in parts:
        assert np.isnan(part.velocities_km_s[~part.alive]).all()


def test_row_12_every_error_code_has_a_meaning(diver: Fleet) -> None:
    flown = propagate(diver, TimeGrid(START, 120.0, 100))
    assert {int(code) for code in flown.sgp4_errors} <= SGP4_ERRORS.keys()
    assert sorted(SGP4_ERRORS) == list(range(8))


def test_row_12_elements_that_are_not_finite_are_masked_from_the_start(engine: Engine) -> None:
    flown = propagate(shell(raan_deg=[0.0, np.nan, 90.0]), TimeGrid(START, 60.0, 3), engine=engine)
    assert flown.alive.tolist() == [[True, False, True]] * 3
    assert flown.sgp4_errors.tolist() == [0, 7, 0]


def test_row_25_an_empty_fleet_has_an_empty_ephemeris(engine: Engine) -> None:
    flown = propagate(shell()[[]], TimeGrid(START, 60.0, 5), engine=engine)
    assert flown.positions_km.shape == flown.velocities_km_s.shape == (5, 0, 3)
    assert flown.alive.shape == (5, 0)
    assert flown.sgp4_errors.shape == (0,)


def test_one_satellite_and_one_instant_are_enough(engine: Engine) -> None:
    flown = propagate(shell()[[0]], TimeGrid(START, 60.0, 1), engine=engine)
    assert flown.positions_km.shape == (1, 1, 3)
    assert np.linalg.norm(flown.positions_km) == pytest.approx(6928, abs=10)


def test_the_epoch_is_counted_to_better_than_a_millimetre_of_track(engine: Engine) -> None:
    # Two sets a tenth of a microsecond apart in epoch differ by 0.8 mm along the track, not by nothing and not by the
    # 40 µs (30 cm) of one float of Julian days.
    early = shell()
    late = replace(early, epoch_fraction=early.epoch_fraction + 1e-7 / 86_400)
    times = TimeGrid(START, 60.0, 1)
    first, second = (propagate(fleet, times, engine=engine).positions_km for fleet in (early, late))
    apart_km = np.linalg.norm(first - second, axis=-1)
    assert apart_km == pytest.approx(7.6e-7, rel=0.05)


def test_states_before_the_epoch_are_states() -> None:
    assert propagate(shell(), TimeGrid(datetime(2026, 9, 20, tzinfo=UTC), 600.0, 10)).alive.all()


def test_an_ephemeris_of_the_wrong_shape_is_refused(reference: Ephemeris) -> None:
    with pytest.raises(ValueError, match="positions_km: shape"):
        Ephemeris(reference.times, reference.positions_km[1:], reference.velocities_km_s, reference.sgp4_errors)


def test_the_states_cannot_be_written_to(reference: Ephemeris) -> None:
    with pytest.raises(ValueError, match="read-only"):
        reference.positions_km[0, 0, 0] = 0.0


@pytest.fixture(scope="module")
def formation() -> Fleet:
    """A cluster of 81 with its chief in the middle, beside a satellite that has nothing to do with it."""
    return cluster(name="c", epoch=START) + shell()[[0]]


@pytest.mark.parametrize("frame", ["GCRS", "TEME"])
def test_members_of_a_formation_fly_beside_their_chief(frame: Frame, formation: Fleet, engine: Engine) -> None:
    times = TimeGrid(START, 300.0, 40)
    flown = propagate(formation, times, engine=engine, frame=frame)
    alone = propagate(replace(formation, offsets=Offsets.none(len(formation))), times, engine=engine, frame=frame)
    beside = relative_motion(formation.offsets, relative_rate_rad_s(formation), times.offsets_s)
    places, motions = hill_to_inertial(alone.positions_km, alone.velocities_km_s, *beside)
    # A sum of 7,000 km and 1 km is rounded to 1e-12 km.
    assert np.abs(flown.positions_km - places).max() < 1e-11
    assert np.abs(flown.velocities_km_s - motions).max() < 1e-14
    still = ~formation.offsets.flown
    assert still.sum() == 2
    assert_same(alone, alone.positions_km, alone.velocities_km_s)
    assert np.array_equal(flown.positions_km[:, still], alone.positions_km[:, still])
    # What was asked for: a cluster within a kilometre of its chief.
    chief = int(np.flatnonzero(still)[0])
    away_km = np.linalg.norm(flown.positions_km[:, :81] - flown.positions_km[:, [chief]], axis=-1)
    assert away_km.max() == pytest.approx(1.0, rel=0.01)


def test_a_formation_keeps_its_distances_in_the_frame_of_the_ground(formation: Fleet, engine: Engine) -> None:
    times = TimeGrid(START, 300.0, 40)
    space, ground = (propagate(formation, times, engine=engine, frame=frame) for frame in ("GCRS", "ITRS"))
    apart_km = [np.linalg.norm(states.positions_km - states.positions_km[:, :1], axis=-1) for states in (space, ground)]
    assert np.abs(apart_km[0] - apart_km[1]).max() < 1e-10
    # Seen from the ground a member's speed relative to another is that of space less what the ground's turning adds.
    relative = ground.velocities_km_s - ground.velocities_km_s[:, :1]
    place = ground.positions_km - ground.positions_km[:, :1]
    spin = np.array([0.0, 0.0, 7.292115e-5])
    in_space = np.linalg.norm(space.velocities_km_s - space.velocities_km_s[:, :1], axis=-1)
    assert np.abs(np.linalg.norm(relative + np.cross(spin, place), axis=-1) - in_space).max() < 1e-12


@pytest.mark.parametrize("frame", ["GCRS", "ITRS"])
def test_blocks_and_company_do_not_change_a_bit_of_a_formation(frame: Frame, formation: Fleet, engine: Engine) -> None:
    times = TimeGrid(START, 300.0, 40)
    whole = propagate(formation, times, engine=engine, frame=frame)
    parts = list(propagate_blocks(formation, times, block=7, engine=engine, frame=frame))
    positions = np.concatenate([part.positions_km for part in parts])
    assert_same(whole, positions, np.concatenate([part.velocities_km_s for part in parts]))
    some = propagate(formation[10:13], times, engine=engine, frame=frame)
    assert_same(some, whole.positions_km[:, 10:13], whole.velocities_km_s[:, 10:13])


def test_row_12_a_formation_fails_with_its_chief(engine: Engine) -> None:
    # An orbit like that of `diver`, whose perigee lies 230 km below the ground.
    lost = cluster(name="c", epoch=START, radius_km=0.2)
    rate = lost.mean_motion_rad_min * 1.25**-1.5
    diving = replace(lost, eccentricity_fraction=0.3 * np.ones(len(lost)), mean_motion_rad_min=rate)
    flown = propagate(
        replace(diving, mean_anomaly_deg=180.0 * np.ones(len(lost))), TimeGrid(START, 120.0, 100), engine=engine
    )
    assert flown.sgp4_errors.tolist() == [6] * len(lost)
    assert flown.alive[0].all()
    assert not flown.alive[-1].any()
