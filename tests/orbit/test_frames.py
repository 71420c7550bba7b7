"""The frames: Skyfield's own to a rounding, made once, and the same whoever asks for which instants."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.orbit import Fleet, gcrs_to_itrs, pole_directions, propagate, teme_states, teme_to_gcrs
from planner.orbit.frames import teme_to
from planner.times import TimeGrid, timescale

ROTATION_TOLERANCE = 3e-15
"""Radians, a ten-thousandth of a millimetre in geostationary orbit: what is left is the rounding of Skyfield's own
nutation and sidereal time."""
POSITION_TOLERANCE_KM = 1e-6
VELOCITY_TOLERANCE_KM_S = 1e-9
GRIDS = (
    TimeGrid(datetime(2026, 9, 21, tzinfo=UTC), 60.0, 1_440),
    # Across the last leap second; a month of every tide of the nutation; forty years with an instant here and there.
    TimeGrid(datetime(2016, 12, 31, 23, tzinfo=UTC), 13.0, 600),
    TimeGrid(datetime(2034, 5, 1, tzinfo=UTC), 10_007.0, 260),
    TimeGrid(datetime(1995, 1, 1, tzinfo=UTC), 1_003_337.0, 1_300),
)


@pytest.mark.parametrize("grid", GRIDS)
def test_matrices_are_those_of_skyfield(grid: TimeGrid) -> None:
    from skyfield.framelib import itrs
    from skyfield.sgp4lib import TEME

    # A Time of its own, so that Skyfield sums its nutation itself.
    at = timescale().tt_jd(grid.skyfield.whole, grid.skyfield.tt_fraction)
    assert np.abs(teme_to_gcrs(grid) - TEME.rotation_at(at).transpose(2, 1, 0)).max() < ROTATION_TOLERANCE
    assert np.abs(gcrs_to_itrs(grid) - itrs.rotation_at(at).transpose(2, 0, 1)).max() < ROTATION_TOLERANCE


@pytest.mark.parametrize("grid", GRIDS)
def test_matrices_are_rotations(grid: TimeGrid) -> None:
    for frame in ("TEME", "GCRS", "ITRS"):
        turn = teme_to(frame, grid, 0, grid.count)
        # Skyfield's frame bias is carried to second order only, which leaves 6e-15 in each of two.
        assert np.abs(turn @ np.swapaxes(turn, 1, 2) - np.eye(3)).max() < 2e-14
        assert np.linalg.det(turn) == pytest.approx(1.0)


def test_gcrs_states_are_those_of_earth_satellites(real_fleet: Fleet, day: TimeGrid) -> None:
    from skyfield.api import EarthSatellite

    few = real_fleet[::60]
    flown = propagate(few, day)
    for i, satellite in enumerate(_skyfield(few)):
        assert isinstance(satellite, EarthSatellite)
        theirs = satellite.at(day.skyfield)
        assert np.abs(theirs.position.km.T - flown.positions_km[:, i]).max() < POSITION_TOLERANCE_KM
        assert np.abs(theirs.velocity.km_per_s.T - flown.velocities_km_s[:, i]).max() < VELOCITY_TOLERANCE_KM_S
    assert flown.frame == "GCRS"


def test_itrs_states_are_those_of_skyfield_seen_from_the_turning_earth(real_fleet: Fleet, day: TimeGrid) -> None:
    from skyfield.framelib import itrs

    few = real_fleet[::60]
    flown = propagate(few, day, frame="ITRS")
    for i, satellite in enumerate(_skyfield(few)):
        place, motion = satellite.at(day.skyfield).frame_xyz_and_velocity(itrs)
        assert np.abs(place.km.T - flown.positions_km[:, i]).max() < POSITION_TOLERANCE_KM
        assert np.abs(motion.km_per_s.T - flown.velocities_km_s[:, i]).max() < VELOCITY_TOLERANCE_KM_S
    assert flown.frame == "ITRS"


def _skyfield(fleet: Fleet) -> list[object]:
    from sgp4.api import WGS72, Satrec
    from skyfield.api import EarthSatellite

    made = []
    for i in range(len(fleet)):
        satrec = Satrec()
        satrec.sgp4init(
            WGS72, "i", 0, fleet.epoch_jd[i] + fleet.epoch_fraction[i] - 2433281.5, fleet.bstar_per_radius[i], 0.0, 0.0,
            fleet.eccentricity_fraction[i], np.radians(fleet.argument_of_perigee_deg[i]),
            np.radians(fleet.inclination_deg[i]), np.radians(fleet.mean_anomaly_deg[i]),
            fleet.mean_motion_rad_min[i], np.radians(fleet.raan_deg[i]),
        )  # fmt: skip
        satrec.jdsatepoch, satrec.jdsatepochF = fleet.epoch_jd[i], fleet.epoch_fraction[i]
        made.append(EarthSatellite.from_satrec(satrec, timescale()))
    return made


def test_the_velocity_in_itrs_is_that_of_the_position(real_fleet: Fleet) -> None:
    # SGP4's own velocities leave out how drag and short-period terms change: 4e-5 km/s of the slope of its positions.
    # The Earth's rotation, which this is about, is half a km/s.
    satellites = real_fleet[:50]
    moving = propagate(satellites, TimeGrid(datetime(2026, 9, 21, tzinfo=UTC), 1.0, 3), frame="ITRS")
    slope = (moving.positions_km[2] - moving.positions_km[0]) / 2.0
    assert np.nanmax(np.abs(slope - moving.velocities_km_s[1])) < 1e-4


def test_teme_states_are_those_of_sgp4_untouched(real_fleet: Fleet, day: TimeGrid) -> None:
    flown = propagate(real_fleet[:100], day, frame="TEME", engine="sgp4")
    codes, positions, velocities = teme_states(real_fleet[:100], *day.utc_jd)
    good = codes.T == 0
    assert np.array_equal(flown.positions_km[good], np.swapaxes(positions, 0, 1)[good])
    assert np.array_equal(flown.velocities_km_s[good], np.swapaxes(velocities, 0, 1)[good])


def test_teme_and_gcrs_lie_a_third_of_a_degree_apart_today(real_fleet: Fleet, day: TimeGrid) -> None:
    # General precession, 50.3 arc seconds a year from 2000 to 2026.72: 0.373°; 45 km at 6,900 km, 42 seen aslant.
    turn = teme_to_gcrs(day)
    apart_deg = np.degrees(np.arccos((np.trace(turn, axis1=1, axis2=2) - 1.0) / 2.0))
    assert apart_deg == pytest.approx(0.373, abs=0.006)


def test_the_pole_is_the_z_axis_of_itrs_where_precession_has_carried_it() -> None:
    poles = pole_directions(GRIDS[0])
    assert poles.shape == (1_440, 3)
    assert np.linalg.norm(poles, axis=1) == pytest.approx(1.0)
    # Precession in declination, 20.04 arc seconds a year (IAU 2006) from 2000 to 2026.72; nutation adds 9 at most.
    assert np.degrees(np.arcsin(poles[:, 0])) * 3600 == pytest.approx(20.04 * 26.72, abs=9.5)
    assert np.array_equal(poles, gcrs_to_itrs(GRIDS[0])[:, 2])
    with pytest.raises(ValueError, match="read-only"):
        poles[0, 0] = 0.0


@settings(deadline=None, max_examples=30)
@given(data=st.data(), frame=st.sampled_from(["GCRS", "ITRS", "TEME"]))
def test_instants_asked_for_alone_have_the_matrices_they_have_in_the_whole(data: st.DataObject, frame: str) -> None:
    grid = GRIDS[0]
    first = data.draw(st.integers(0, grid.count - 1))
    stop = data.draw(st.integers(first + 1, grid.count))
    assert np.array_equal(teme_to(frame, grid, first, stop), teme_to(frame, grid, 0, grid.count)[first:stop])


@pytest.mark.parametrize("frame", ["gcrs", "J2000", ""])
def test_a_frame_that_does_not_exist_is_refused_by_name(frame: str, real_fleet: Fleet, day: TimeGrid) -> None:
    with pytest.raises(ValueError, match=f"frame: '{frame}' is not one of GCRS, TEME, ITRS"):
        propagate(real_fleet, day, frame=frame)
