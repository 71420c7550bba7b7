"""Repeat ground tracks: published altitudes, tracks that close when flown, and satellites that share them."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.orbit import (
    Fleet,
    closest_approaches,
    geodetic_deg,
    propagate,
    repeat_altitude_km,
    repeat_ground_track,
    sun_synchronous_inclination_deg,
)
from planner.orbit.design.groundtrack import EARTH_RATE_DEG_D
from planner.orbit.drift import secular_rates
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)
EQUATOR_KM = 6378.137
CLOSURE_TOLERANCE_KM = 0.02
"""For what is not in SGP4's rates: the nutation, 0.1 arcsecond or 3 m a week, and UT1, a millisecond or 0.5 m a day."""


def track(**changes: Any) -> Fleet:
    given_ = {"name": "track", "days": 1, "revolutions": 15, "satellites": 1, "epoch": EPOCH, "inclination_deg": 53.0}
    return repeat_ground_track(**{**given_, **changes})


def _cycle_d(fleet: Fleet, days: int) -> float:
    rates = secular_rates(fleet.altitude_km[0], fleet.inclination_deg[0])
    return days * 360.0 / (EARTH_RATE_DEG_D - float(rates.node_deg_d))


def _ground(fleet: Fleet, at: datetime) -> np.ndarray:
    """Points under the satellites as unit vectors of geodetic latitude and longitude, ``[sat, xyz]``."""
    now = TimeGrid(at, 1.0, 1)
    latitude, longitude = (np.radians(angle[0]) for angle in geodetic_deg(propagate(fleet, now).positions_km, now))
    level = np.cos(latitude)
    return np.stack([level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=-1)


@pytest.mark.parametrize(
    ("days", "revolutions", "inclination_deg", "altitude_km", "tolerance_km"),
    [
        # Sentinel-2: mean altitude 786 km, 143 revolutions in 10 days, 98.62 degrees (ESA, Sentinel-2 orbit).
        (10, 143, None, 786.0, 0.5),
        # Sentinel-1: 175 in 12 days, 693 km, 98.18 degrees (ESA, Sentinel-1 orbit).
        (12, 175, None, 693.0, 0.5),
        # TOPEX/Poseidon and Jason: 127 in 10 nodal days, 66.04 degrees, 1336 km.
        (10, 127, 66.04, 1336.0, 0.5),
        # Galileo: 17 in 10 days at 56 degrees, 23,222 km; the Moon and the Sun are left out.
        (10, 17, 56.0, 23_222.0, 1.0),
        # GPS: twice a day at 55 degrees, 20,182 km.
        (1, 2, 55.0, 20_182.0, 1.0),
    ],
)
def test_published_tracks_have_their_published_altitudes(
    days: int, revolutions: int, inclination_deg: float | None, altitude_km: float, tolerance_km: float
) -> None:
    found = repeat_altitude_km(days=days, revolutions=revolutions, inclination_deg=inclination_deg)
    assert found == pytest.approx(altitude_km, abs=tolerance_km)


def test_landsat_flies_at_705_km_over_the_equator() -> None:
    # 233 revolutions in 16 days, 98.2 degrees, 98.9 minutes, "705 km altitude at the equator" (USGS, Landsat 8 Data
    # Users Handbook, LSDS-1574, section 2.1). The mean axis is 699.6 km above the equatorial radius.
    altitude = repeat_altitude_km(days=16, revolutions=233)
    assert sun_synchronous_inclination_deg(altitude, theory="sgp4") == pytest.approx(98.2, abs=0.05)
    fleet = track(days=16, revolutions=233, inclination_deg=None, ltan_h=22.2)
    position = propagate(fleet, TimeGrid(EPOCH, 1.0, 1)).positions_km[0, 0]
    assert abs(position[2]) < 25.0
    assert np.linalg.norm(position) - EQUATOR_KM == pytest.approx(705.0, abs=0.6)
    period_min = 16 * 1440 / 233
    assert period_min == pytest.approx(98.9, abs=0.05)


@pytest.mark.parametrize(
    ("days", "revolutions", "orbit"),
    [
        (16, 233, {"ltan_h": 10.0}),
        (10, 143, {"ltan_h": 22.5}),
        (1, 15, {"ltan_h": 18.0}),
        (1, 15, {"ltan_h": 18.0, "theory": "j2"}),
        (1, 15, {"inclination_deg": 53.0}),
        (10, 127, {"inclination_deg": 66.04}),
        (3, 43, {"inclination_deg": 28.5, "raan_deg": 200.0}),
    ],
)
def test_a_track_flown_by_sgp4_closes_to_twenty_metres(days: int, revolutions: int, orbit: dict[str, Any]) -> None:
    fleet = track(days=days, revolutions=revolutions, **{"inclination_deg": None, **orbit})
    cycle = timedelta(days=_cycle_d(fleet, days))
    for minutes in (0.0, 17.0, 34.0, 51.0):
        start = EPOCH + timedelta(minutes=minutes)
        away = np.linalg.norm(_ground(fleet, start + cycle) - _ground(fleet, start), axis=1) * EQUATOR_KM
        assert away.max() < CLOSURE_TOLERANCE_KM


def test_a_sun_synchronous_cycle_is_a_whole_number_of_days() -> None:
    fleet = track(days=10, revolutions=143, inclination_deg=None, ltan_h=22.5)
    assert _cycle_d(fleet, 10) == pytest.approx(10.0, abs=1e-9)
    # First order in J2 leaves 0.31 % of the Sun's turn of 1/365 a day.
    loose = track(days=10, revolutions=143, inclination_deg=None, ltan_h=22.5, theory="j2")
    assert abs(_cycle_d(loose, 10) - 10.0) == pytest.approx(10.0 * 0.003 / 365.0, rel=0.2)


@pytest.mark.parametrize(
    ("days", "revolutions", "satellites", "planes"), [(1, 15, 5, 5), (3, 43, 6, 2), (10, 143, 2, 1), (10, 143, 7, 7)]
)
def test_satellites_spread_along_the_track_follow_one_another_on_it(
    days: int, revolutions: int, satellites: int, planes: int
) -> None:
    fleet = track(days=days, revolutions=revolutions, satellites=satellites)
    assert len(np.unique(fleet.planes)) == planes
    assert np.bincount(fleet.planes).tolist() == [satellites // planes] * planes
    delay = timedelta(days=_cycle_d(fleet, days) / satellites)
    # Wherever the first is now, one of them was one delay ago, another two, and so on: each once.
    here = _ground(fleet, EPOCH)[0]
    met = []
    for k in range(satellites):
        away = np.linalg.norm(_ground(fleet, EPOCH + k * delay) - here, axis=1) * EQUATOR_KM
        met.append(int(np.argmin(away)))
        assert away.min() < CLOSURE_TOLERANCE_KM
    assert sorted(met) == list(range(satellites))


def test_satellites_in_one_plane_are_equally_spaced() -> None:
    fleet = track(days=10, revolutions=143, satellites=4, inclination_deg=None, ltan_h=22.5, spread="plane")
    assert np.ptp(fleet.raan_deg) == 0.0
    assert fleet.mean_anomaly_deg.tolist() == [0.0, 90.0, 180.0, 270.0]
    assert fleet.planes.tolist() == [0, 0, 0, 0]


def test_two_sentinels_fly_one_track_from_one_plane_half_a_turn_apart() -> None:
    # Two satellites in 10 days: 71.5 revolutions between them, so both ways of spreading are the same.
    along, beside = (
        track(days=10, revolutions=143, satellites=2, inclination_deg=None, ltan_h=22.5, spread=spread)
        for spread in ("track", "plane")
    )
    for column in ("raan_deg", "mean_anomaly_deg", "planes", "slots"):
        assert np.array_equal(getattr(along, column), getattr(beside, column))


@pytest.mark.parametrize(
    "orbit", [{"inclination_deg": 53.0, "raan_deg": 77.0}, {"inclination_deg": None, "ltan_h": 6.0}]
)
@pytest.mark.parametrize("longitude_deg", [-120.0, 0.0, 13.4, 200.0])
def test_the_first_satellite_crosses_the_equator_where_it_is_told(orbit: dict[str, Any], longitude_deg: float) -> None:
    fleet = track(**orbit, node_longitude_deg=longitude_deg)
    rates = secular_rates(fleet.altitude_km[0], fleet.inclination_deg[0])
    # Its next northward crossings, and which of them is the one asked for; the track has 15.
    left_deg = (360.0 - fleet.mean_anomaly_deg[0]) % 360.0
    found = []
    for k in range(16):
        wait_d = (left_deg + 360.0 * k) / float(rates.latitude_argument_deg_d)
        at = TimeGrid(EPOCH + timedelta(days=wait_d), 1.0, 1)
        latitude, longitude = geodetic_deg(propagate(fleet, at).positions_km, at)
        assert abs(latitude[0, 0]) < 0.15
        found.append(abs((longitude[0, 0] - longitude_deg + 180.0) % 360.0 - 180.0))
    # J3 puts the satellite 0.12 degrees along the track before its mean node: 0.07 degrees of longitude at most.
    assert min(found) < 0.1


@given(altitude=st.floats(400.0, 1_500.0), inclination_deg=st.floats(5.0, 175.0), days=st.integers(1, 20))
@settings(max_examples=30)
def test_the_altitude_makes_the_revolutions_whole(altitude: float, inclination_deg: float, days: int) -> None:
    rates = secular_rates(altitude, inclination_deg)
    turns = days * float(rates.latitude_argument_deg_d) / (EARTH_RATE_DEG_D - float(rates.node_deg_d))
    revolutions = round(turns)
    if math.gcd(days, revolutions) > 1:
        return
    found = repeat_altitude_km(days=days, revolutions=revolutions, inclination_deg=inclination_deg)
    at = secular_rates(found, inclination_deg)
    ratio = float(at.latitude_argument_deg_d) / (EARTH_RATE_DEG_D - float(at.node_deg_d))
    assert ratio == pytest.approx(revolutions / days, rel=1e-12)
    # One revolution more or less is 2/3 of 1/revolutions of the axis.
    assert abs(found - altitude) < 0.5 * 8000.0 / revolutions


def test_satellites_that_meet_where_their_track_crosses_itself_are_refused() -> None:
    kept = {"days": 1, "revolutions": 15, "satellites": 30, "inclination_deg": 53.0}
    fleet = track(**kept)
    (nearest,) = closest_approaches(propagate(fleet, TimeGrid(EPOCH, 30.0, 200)), fleet)
    track(**kept, minimum_separation_km=nearest.distance_km - 0.01)
    with pytest.raises(ValueError, match=r"satellites: track-00-0 and track-\d+-0 come within .* km, less than"):
        track(**kept, minimum_separation_km=nearest.distance_km + 0.01)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"days": 2, "revolutions": 30}, "revolutions: 30 in 2 days close as 15 revolutions in 1 days; give those"),
        ({"revolutions": 17}, "revolutions: 17 in 1 days is no track of an orbit between 160 and 100,000 km"),
        (
            {"revolutions": 5, "inclination_deg": None, "ltan_h": 6.0},
            "revolutions: 5 in 1 days is no track of a sun-synchronous orbit between 160 and 5,900 km",
        ),
        ({"days": 0}, "days: 0 is not allowed"),
        ({"revolutions": 15.0}, "revolutions: 15.0 is not allowed"),
        ({"satellites": 0}, "satellites: 0 is not allowed"),
        ({"inclination_deg": 181.0}, "inclination_deg: 181.0 is not allowed"),
        ({"inclination_deg": None}, "inclination_deg, ltan_h: give one of them"),
        ({"ltan_h": 6.0}, "inclination_deg, ltan_h: give one of them"),
        ({"inclination_deg": None, "ltan_h": -1.0}, "ltan_h: -1.0 is not allowed"),
        ({"raan_deg": math.inf}, "raan_deg: inf is not allowed"),
        ({"node_longitude_deg": 361.0}, "node_longitude_deg: 361.0 is not allowed"),
        ({"spread": "even"}, "spread: 'even' is not allowed"),
        ({"minimum_separation_km": -1.0}, "minimum_separation_km: -1.0 is not allowed"),
        ({"epoch": datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001 - the fault under test
    ],
)
def test_row_18_impossible_tracks_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        track(**changes)
