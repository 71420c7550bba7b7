"""Where the Sun is: the embedded ephemeris, its integrity, and the analytic Sun outside its span."""

import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from planner.arrays import FloatArray
from planner.constants import ASTRONOMICAL_UNIT_KM
from planner.environment import (
    EPHEMERIS_FROM,
    EPHEMERIS_TO,
    analytic_sun_km,
    ephemeris,
    solar_irradiance_w_m2,
    sun_positions_km,
)
from planner.environment.sky import EPHEMERIS_SHA256, read_ephemeris
from planner.errors import DataIntegrityError, PlannerWarning
from planner.times import TimeGrid

ANALYTIC_TOLERANCE_DEG = 0.01
"""What Meeus (chapter 25) promises for the series; 0.0096° is the largest difference from DE421 in 2000–2053."""


def angle_deg(a: FloatArray, b: FloatArray) -> FloatArray:
    a, b = (v / np.linalg.norm(v, axis=1)[:, None] for v in (a, b))
    return np.degrees(2.0 * np.arcsin(np.linalg.norm(a - b, axis=1) / 2.0))


def test_the_sun_crosses_the_equator_when_the_almanac_says() -> None:
    # Checks the plumbing (frame, origin, units) against an independent source. Equinox of 2026-03-20 14:46 UTC
    # (Astronomical Almanac 2026, diary of phenomena): the apparent longitude is 0, and aberration makes the geometric
    # longitude 20.5″ larger.
    times = TimeGrid(datetime(2026, 3, 20, 14, 46, tzinfo=UTC), 60.0, 1)
    from skyfield.framelib import ecliptic_frame

    rotation = np.moveaxis(np.asarray(ecliptic_frame.rotation_at(times.skyfield)), 2, 0)[0]
    x, y, z = rotation @ sun_positions_km(times)[0]
    longitude_arcsec = np.degrees(np.arctan2(y, x)) * 3600.0
    # The Sun moves 2.5″ a minute and the almanac rounds to the minute.
    assert longitude_arcsec == pytest.approx(20.5, abs=2.0)
    assert abs(np.degrees(z / ASTRONOMICAL_UNIT_KM)) * 3600.0 < 1.5


def test_the_distance_at_perihelion_is_that_of_the_almanac() -> None:
    # Astronomical Almanac 2026: perihelion on January 3 at 17 h, 0.98330 au.
    times = TimeGrid(datetime(2026, 1, 3, 17, tzinfo=UTC), 3600.0, 1)
    distance_au = np.linalg.norm(sun_positions_km(times)[0]) / ASTRONOMICAL_UNIT_KM
    assert distance_au == pytest.approx(0.98330, abs=1e-5)


def test_the_excerpt_holds_sun_earth_and_moon_and_nothing_else() -> None:
    segments = {(s.center, s.target) for s in ephemeris().segments}
    assert segments == {(0, 10), (0, 3), (3, 399), (3, 301)}


def test_the_provenance_beside_the_excerpt_records_its_hash(repository: Path) -> None:
    text = (repository / "planner" / "data" / "de421_2000_2053.txt").read_text(encoding="utf-8")
    assert f"SHA-256     {EPHEMERIS_SHA256}\n" in text


def test_the_first_and_the_last_instant_of_the_span_are_inside() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sun_positions_km(TimeGrid(EPHEMERIS_FROM, 60.0, 1))
        sun_positions_km(TimeGrid(EPHEMERIS_TO, 60.0, 1))


def test_row_19_beyond_2053_an_analytic_sun_stands_in_with_a_warning() -> None:
    times = TimeGrid(datetime(2053, 10, 8, tzinfo=UTC), 86_400.0, 4)
    with pytest.warns(PlannerWarning, match="3 of 4 instants lie outside"):
        sun = sun_positions_km(times)
    assert np.array_equal(sun[1:], analytic_sun_km(times)[1:])
    assert angle_deg(sun[:1], analytic_sun_km(times)[:1])[0] > 0.0
    # No jump where one takes over from the other: a day's motion is 0.95° to 1.02°.
    assert angle_deg(sun[:-1], sun[1:]) == pytest.approx(0.985, abs=0.035)


def test_row_19_before_2000_an_analytic_sun_stands_in_with_a_warning() -> None:
    with pytest.warns(PlannerWarning, match="analytic Sun"):
        sun = sun_positions_km(TimeGrid(datetime(1999, 12, 31, tzinfo=UTC), 60.0, 1))
    assert np.isfinite(sun).all()


def test_row_19_the_analytic_sun_leaves_the_grids_time_fit_for_other_frames() -> None:
    times = TimeGrid(datetime(2060, 1, 1, tzinfo=UTC), 60.0, 2)
    with pytest.warns(PlannerWarning, match="analytic Sun"):
        sun_positions_km(times)
    assert times.skyfield.M.shape == (3, 3, 2)


def test_the_analytic_sun_keeps_its_promise_inside_the_excerpt() -> None:
    # Every 1.37 days, so that no part of the year, month or day is favoured.
    times = TimeGrid(datetime(2000, 1, 2, tzinfo=UTC), 118_368.0, 14_300)
    true, analytic = sun_positions_km(times), analytic_sun_km(times)
    assert angle_deg(true, analytic).max() < ANALYTIC_TOLERANCE_DEG
    # The Earth swings by 4,700 km (3e-5 au) about the barycentre with the Moon, and planets pull: 1e-4 in all.
    ratio = np.linalg.norm(analytic, axis=1) / np.linalg.norm(true, axis=1)
    assert np.abs(ratio - 1.0).max() < 1e-4


def test_row_42_a_missing_ephemeris_is_an_error_with_a_repair_hint(tmp_path: Path) -> None:
    with pytest.raises(DataIntegrityError, match=r"cannot be read.*reinstall") as error:
        read_ephemeris(tmp_path / "de421_2000_2053.bsp")
    assert error.value.exit_status == 3


def test_row_42_an_altered_ephemeris_is_an_error_with_a_repair_hint(tmp_path: Path, repository: Path) -> None:
    data = bytearray((repository / "planner" / "data" / "de421_2000_2053.bsp").read_bytes())
    data[len(data) // 2] ^= 1
    altered = tmp_path / "de421_2000_2053.bsp"
    altered.write_bytes(data)
    with pytest.raises(DataIntegrityError, match=r"altered.*reinstall"):
        read_ephemeris(altered)


def test_sunlight_is_strongest_in_january_and_follows_the_square_of_the_distance() -> None:
    # Perihelion 0.98330 au (Astronomical Almanac 2026): 1361/0.98330² = 1407.6 W/m²; aphelion on July 6, 1.01664 au
    # (the same): 1316.8 W/m².
    for at, expected in (
        (datetime(2026, 1, 3, 17, tzinfo=UTC), 1407.6),
        (datetime(2026, 7, 6, 17, tzinfo=UTC), 1316.8),
    ):
        found = solar_irradiance_w_m2(sun_positions_km(TimeGrid(at, 3600.0, 1)))
        assert found == pytest.approx([expected], abs=0.1)
    assert solar_irradiance_w_m2(np.array([[0.0, ASTRONOMICAL_UNIT_KM, 0.0]])) == pytest.approx([1361.0])
    with pytest.raises(ValueError, match="sun_km"):
        solar_irradiance_w_m2(np.array([ASTRONOMICAL_UNIT_KM, 0.0, 0.0]))
