"""How fast positions come, each beside a rival measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree. Seconds
are those of one core; the rival's satellites are made ready beforehand, ours within the time. Every run has a day that
was not asked for before, so that making the rotations counts.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from time import process_time
from typing import Any

import numpy as np
import pytest

from planner.orbit import (
    Ephemeris,
    Fleet,
    bundled_element_sets,
    propagate,
    propagate_blocks,
    read_elements,
    walker_delta,
)
from planner.orbit.sgp4.engines import satrec_array
from planner.orbit.sgp4.nearearth import is_near_earth
from planner.times import TimeGrid, timescale

START = datetime(2026, 9, 21, tzinfo=UTC)
DAY = TimeGrid(START, 60.0, 1440)
PATH = bundled_element_sets() / "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle"
_days = count(1)


def another_day() -> TimeGrid:
    return TimeGrid(START + timedelta(seconds=next(_days)), 60.0, 1440)


def shell(satellites: int) -> Fleet:
    """Return a shell like Starlink's as catalogues have it: not quite round, and with drag."""
    rng = np.random.default_rng(5)
    designed = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=10, phasing=1, epoch=START
    )
    return replace(
        designed,
        eccentricity_fraction=rng.uniform(1e-5, 2e-3, satellites),
        argument_of_perigee_deg=rng.uniform(0.0, 360.0, satellites),
        bstar_per_radius=rng.uniform(1e-5, 1e-3, satellites),
    )


def bare(fleet: Fleet) -> Callable[[], tuple[np.ndarray, ...]]:
    """Return the library's own call for a day, its satellites made ready."""
    array = satrec_array(fleet, np.arange(len(fleet)))
    whole, fraction = (np.array(part) for part in DAY.utc_jd)
    return lambda: array.sgp4(whole, fraction)


def agree(ours: Ephemeris, theirs: tuple[np.ndarray, ...], tolerance_km: float) -> bool:
    """Whether states in TEME are the library's; one that failed is NaN here and a number there."""
    return bool(np.nanmax(np.abs(ours.positions_km - np.swapaxes(theirs[1], 0, 1))) < tolerance_km)


def test_exact_path_of_a_thousand_satellites_over_a_day(beside: Callable[..., Any]) -> None:
    fleet = shell(1_000)
    _, theirs = beside(
        lambda: propagate(fleet, another_day(), engine="sgp4"), bare(fleet), "bare SatrecArray", clock=process_time
    )
    assert agree(propagate(fleet, DAY, engine="sgp4", frame="TEME"), theirs, 1e-12)


@pytest.mark.parametrize("frame", ["TEME", "GCRS"])
def test_near_earth_path_of_a_thousand_satellites_over_a_day(frame: str, beside: Callable[..., Any]) -> None:
    fleet = shell(1_000)
    _, theirs = beside(
        lambda: propagate(fleet, another_day(), frame=frame, workers=1),
        bare(fleet),
        "bare SatrecArray",
        clock=process_time,
    )
    assert agree(propagate(fleet, DAY, frame="TEME"), theirs, 1e-7)


@pytest.mark.parametrize(("engine", "frame"), [("auto", "TEME"), ("auto", "GCRS"), ("sgp4", "GCRS")])
def test_real_satellites_over_a_day(engine: str, frame: str, beside: Callable[..., Any]) -> None:
    fleet = read_elements(PATH).fleet
    near = fleet[is_near_earth(fleet)]
    _, theirs = beside(
        lambda: propagate(near, another_day(), engine=engine, frame=frame, workers=1),
        bare(near),
        "bare SatrecArray",
        clock=process_time,
    )
    assert agree(propagate(near, DAY, engine=engine, frame="TEME"), theirs, 1e-7)


@pytest.mark.parametrize("satellites", [100, 1_000, 10_000])
def test_growth_with_the_fleet_in_a_stream_of_blocks(satellites: int, beside: Callable[..., Any]) -> None:
    fleet, few = shell(satellites), shell(100)

    def stream() -> int:
        return sum(part.times.count for part in propagate_blocks(fleet, another_day(), workers=1))

    scale = satellites / len(few)
    instants, _ = beside(stream, bare(few), "bare SatrecArray", scale=scale, clock=process_time)
    assert instants == 1440


def test_a_snapshot_of_ten_thousand_satellites(beside: Callable[..., Any]) -> None:
    fleet = shell(10_000)
    now = TimeGrid(START, 60.0, 1)
    whole, fraction = (np.array(part) for part in now.utc_jd)
    # Here to make the satellites ready is most of the work, so the rival does it too.
    ours, theirs = beside(
        lambda: propagate(fleet, now, frame="TEME", workers=1),
        lambda: satrec_array(fleet, np.arange(len(fleet))).sgp4(whole, fraction),
        "SatrecArray made and called",
        clock=process_time,
    )
    assert agree(ours, theirs, 1e-7)


def test_two_threads_beside_one(beside: Callable[..., Any]) -> None:
    fleet = shell(10_000)

    def stream(workers: int) -> list[int]:
        parts = propagate_blocks(fleet, another_day(), workers=workers)
        return [int(part.sgp4_errors.sum()) for part in parts]

    two, one = beside(lambda: stream(2), lambda: stream(1), "one thread, by the clock on the wall")
    assert two == one


@pytest.mark.parametrize("engine", ["auto", "sgp4"])
def test_a_day_of_real_satellites_beside_skyfield(engine: str, beside: Callable[..., Any]) -> None:
    from skyfield.api import EarthSatellite

    fleet = read_elements(PATH).fleet
    lines = PATH.read_text(encoding="ascii").splitlines()
    few = 8
    flying = [EarthSatellite(lines[3 * i + 1], lines[3 * i + 2], ts=timescale()) for i in range(few)]
    ours, theirs = beside(
        lambda: propagate(fleet, DAY, engine=engine, workers=1),
        lambda: [satellite.at(DAY.skyfield).position.km for satellite in flying],
        "Skyfield .at with a time vector",
        scale=len(fleet) / few,
        clock=process_time,
    )
    assert np.allclose(ours.positions_km[:, 0], theirs[0].T, rtol=0, atol=1e-6)
