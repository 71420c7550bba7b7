"""Ground sites and ground tracks, held to Skyfield's WGS84."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.orbit import Fleet, GroundSites, geodetic_deg, propagate, site_positions_km, site_zeniths
from planner.times import TimeGrid

POSITION_TOLERANCE_KM = 1e-6
ANGLE_TOLERANCE_DEG = 1e-9
"""A tenth of a millimetre on the ground."""
TIMES = TimeGrid(datetime(2026, 6, 21, tzinfo=UTC), 7_919.0, 12)

latitudes = st.floats(-90.0, 90.0)
longitudes = st.floats(-180.0, 180.0)


def sites(
    latitude_deg: list[float], longitude_deg: list[float], elevation_m: list[float], **changes: object
) -> GroundSites:
    count = len(latitude_deg)
    given_ = {
        "names": [f"site {i}" for i in range(count)],
        "minimum_elevation_deg": [25.0] * count,
        "maximum_range_km": [np.nan] * count,
    }
    return GroundSites(
        latitude_deg=latitude_deg, longitude_deg=longitude_deg, elevation_m=elevation_m, **{**given_, **changes}
    )


PLACES = sites(
    [48.8566, 35.6895, -77.85, 90.0, 0.0], [2.3522, 139.69171, 166.67, 0.0, 180.0], [35.0, 40.0, 10.0, 0.0, 4_000.0]
)


def test_sites_are_where_skyfield_puts_them() -> None:
    from skyfield.api import wgs84

    positions = site_positions_km(PLACES, TIMES)
    assert positions.shape == (12, 5, 3)
    for i in range(5):
        place = wgs84.latlon(PLACES.latitude_deg[i], PLACES.longitude_deg[i], elevation_m=PLACES.elevation_m[i])
        assert np.abs(place.at(TIMES.skyfield).position.km.T - positions[:, i]).max() < POSITION_TOLERANCE_KM


@settings(deadline=None)
@given(latitudes, longitudes, st.floats(-500.0, 9_000.0))
def test_the_zenith_is_the_way_up(latitude: float, longitude: float, elevation: float) -> None:
    low = sites([latitude], [longitude], [elevation])
    high = sites([latitude], [longitude], [elevation + 10_000.0])
    up = site_zeniths(low, TIMES)
    rise_km = site_positions_km(high, TIMES) - site_positions_km(low, TIMES)
    assert np.abs(np.linalg.norm(up, axis=-1) - 1.0).max() < 1e-14
    assert np.abs(rise_km - 10.0 * up).max() < POSITION_TOLERANCE_KM


@settings(deadline=None)
@given(latitudes, longitudes, st.floats(-500.0, 9_000.0))
def test_a_site_lies_over_itself(latitude: float, longitude: float, elevation: float) -> None:
    place = sites([latitude], [longitude], [elevation])
    got_latitude, got_longitude = geodetic_deg(site_positions_km(place, TIMES), TIMES)
    assert np.abs(got_latitude - latitude).max() < ANGLE_TOLERANCE_DEG
    # Near a pole a longitude is worth less ground.
    away = ((got_longitude - longitude + 180.0) % 360.0 - 180.0) * np.cos(np.radians(latitude))
    assert np.abs(away).max() < ANGLE_TOLERANCE_DEG


def test_ground_tracks_are_those_of_skyfield(real_fleet: Fleet, day: TimeGrid) -> None:
    from skyfield.api import wgs84
    from skyfield.positionlib import Geocentric

    flown = propagate(real_fleet[::60], day)
    latitude, longitude = geodetic_deg(flown.positions_km, day)
    assert latitude.shape == longitude.shape == (48, 11)
    for i in range(11):
        position = Geocentric(flown.positions_km[:, i].T / 149_597_870.7, t=day.skyfield)
        their_latitude, their_longitude = wgs84.latlon_of(position)
        # Skyfield stops after three iterations, which is good to about a millimetre.
        assert np.nanmax(np.abs(their_latitude.degrees - latitude[:, i])) < 1e-7
        assert np.nanmax(np.abs((their_longitude.degrees - longitude[:, i] + 180) % 360 - 180)) < ANGLE_TOLERANCE_DEG


def test_a_dead_satellite_is_over_nowhere() -> None:
    latitude, longitude = geodetic_deg(np.full((12, 1, 3), np.nan), TIMES)
    assert np.isnan(latitude).all()
    assert np.isnan(longitude).all()


def test_row_25_no_sites_and_no_satellites_are_empty_tables() -> None:
    none = sites([], [], [])
    assert len(none) == 0
    assert site_positions_km(none, TIMES).shape == site_zeniths(none, TIMES).shape == (12, 0, 3)
    latitude, _ = geodetic_deg(np.empty((12, 0, 3)), TIMES)
    assert latitude.shape == (12, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latitude_deg": [91.0]}, "latitude_deg: 91.0 of site 0 is not between -90 and 90"),
        ({"latitude_deg": [np.nan]}, "latitude_deg: nan"),
        ({"longitude_deg": [-181.0]}, "longitude_deg: -181.0"),
        ({"elevation_m": [1e6]}, "elevation_m: 1000000.0"),
        ({"minimum_elevation_deg": [95.0]}, "minimum_elevation_deg: 95.0"),
        ({"maximum_range_km": [0.0]}, "maximum_range_km"),
        ({"longitude_deg": [0.0, 1.0]}, "longitude_deg: shape"),
    ],
)
def test_impossible_sites_are_refused(changes: dict[str, list[float]], message: str) -> None:
    given_ = {"latitude_deg": [0.0], "longitude_deg": [0.0], "elevation_m": [0.0], "names": ["site 0"]}
    with pytest.raises(ValueError, match=message):
        sites(**{**given_, **changes})


def test_two_sites_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="every site needs a name of its own"):
        sites([0.0, 1.0], [0.0, 1.0], [0.0, 0.0], names=["Paris", "Paris"])


def test_positions_of_another_grid_are_refused() -> None:
    with pytest.raises(ValueError, match="positions_km: shape"):
        geodetic_deg(np.zeros((3, 1, 3)), TIMES)


def test_sites_of_one_kind_are_made_from_a_mapping_of_places() -> None:
    sites = GroundSites.at({"Paris": (48.86, 2.35), "Luanda": (-8.84, 13.23)}, minimum_elevation_deg=10.0)
    assert sites.names == ("Paris", "Luanda")
    assert sites.latitude_deg.tolist() == [48.86, -8.84]
    assert sites.minimum_elevation_deg.tolist() == [10.0, 10.0]
    assert np.isnan(sites.maximum_range_km).all()
    assert len(GroundSites.at({})) == 0
