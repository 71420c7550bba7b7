"""Ground contacts: true geodetic elevation and slant range."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from planner.links import ground as module
from planner.links import ground_access, slant_range_km
from planner.orbit import Ephemeris, propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid, timescale

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


def sites_at(*places: tuple[float, float], elevation_deg: float = 25.0, range_km: float = np.nan) -> GroundSites:
    latitude, longitude = (np.array([place[i] for place in places], dtype=float) for i in (0, 1))
    count = len(places)
    return GroundSites(
        tuple(f"site {i}" for i in range(count)),
        latitude.reshape(count),
        longitude.reshape(count),
        np.zeros(count),
        np.full(count, elevation_deg),
        np.full(count, range_km),
    )


def small_fleet(count: int = 40) -> Ephemeris:
    fleet = walker_delta(
        name="w",
        altitude_km=550.0,
        inclination_deg=70.0,
        satellites=count,
        planes=min(count, 5),
        phasing=min(count - 1, 1),
        epoch=EPOCH,
    )
    return propagate(fleet, TimeGrid(EPOCH, 120.0, 30))


def test_contacts_are_those_of_skyfield() -> None:
    from skyfield.api import wgs84
    from skyfield.positionlib import Geocentric

    places = [(48.9, 2.3), (-33.9, 151.2), (64.1, -21.9), (0.0, 32.6)]
    states = small_fleet()
    access = ground_access(states, sites_at(*places))
    au_km = 149_597_870.7
    contacts = set()
    for t in range(states.times.count):
        at = timescale().utc(2026, 3, 1, 0, 2 * t)
        for s, (latitude, longitude) in enumerate(places):
            observer = wgs84.latlon(latitude, longitude)
            sight = states.positions_km[t] - observer.at(at).position.km
            for p in range(40):
                elevation, _, distance = Geocentric(sight[p] / au_km, t=at, center=observer, target=-1).frame_latlon(
                    observer
                )
                if elevation.degrees >= 25.0:
                    contacts.add((t, s, p))
                    row = access.rows(t)
                    mine = np.flatnonzero((access.site[row] == s) & (access.satellite[row] == p))[0] + row.start
                    assert access.elevation_deg[mine] == pytest.approx(elevation.degrees, abs=1e-6)
                    assert access.range_km[mine] == pytest.approx(distance.km, abs=1e-5)
    time = np.repeat(np.arange(states.times.count), np.diff(access.offsets))
    found = set(zip(time.tolist(), access.site.tolist(), access.satellite.tolist(), strict=True))
    assert found == contacts
    assert len(contacts) > 20


def test_elevation_is_above_the_ellipsoid_and_not_towards_the_earths_centre() -> None:
    # At 45° latitude the two verticals differ by 0.192°, the most anywhere.
    states = small_fleet(200)
    sites = sites_at((45.0, 10.0), elevation_deg=0.0)
    access = ground_access(states, sites)
    from planner.orbit.sites import site_positions_km

    time = np.repeat(np.arange(states.times.count), np.diff(access.offsets))
    site = site_positions_km(sites, states.times)[time, 0]
    sight = states.positions_km[time, access.satellite] - site
    centric = np.degrees(
        np.arcsin(np.einsum("ri,ri->r", sight, site) / np.linalg.norm(sight, axis=1) / np.linalg.norm(site, axis=1))
    )
    difference = np.abs(access.elevation_deg - centric)
    assert 0.15 < difference.max() < 0.1925


def test_the_range_limit_holds_beside_the_elevation_limit() -> None:
    states = small_fleet(200)
    free = ground_access(states, sites_at((40.0, 0.0), elevation_deg=10.0))
    limited = ground_access(states, sites_at((40.0, 0.0), elevation_deg=10.0, range_km=1000.0))
    assert 0 < len(limited.site) < len(free.site)
    assert limited.range_km.max() <= 1000.0
    assert len(limited.site) == np.count_nonzero(free.range_km <= 1000.0)


def test_blocks_of_time_do_not_change_the_contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    states, sites = small_fleet(), sites_at((48.9, 2.3), (-33.9, 151.2))
    whole = ground_access(states, sites)
    monkeypatch.setattr(module, "_BLOCK_PAIRS", 200)
    parts = ground_access(states, sites)
    for name in ("offsets", "site", "satellite", "range_km", "elevation_deg"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_a_lost_satellite_has_no_contact() -> None:
    states, sites = small_fleet(), sites_at((0.0, 0.0), elevation_deg=-10.0)
    positions = states.positions_km.copy()
    seen = int(ground_access(states, sites).satellite[0])
    positions[:, seen] = np.nan
    assert seen not in ground_access(replace(states, positions_km=positions), sites).satellite


@pytest.mark.parametrize(
    ("altitude_km", "elevation_deg", "expected_km"),
    [(550.0, 25.0, 1123.0), (1015.0, 0.0, 3739.0), (550.0, 90.0, 550.0)],
)
def test_slant_range_is_that_of_a_round_earth(altitude_km: float, elevation_deg: float, expected_km: float) -> None:
    # Published tools' h/sin(el): 1,301 km for the first, and 5,845 km at 1,015 km and 10°, far beyond the horizon at
    # 3,739 km.
    assert slant_range_km(altitude_km, elevation_deg) == pytest.approx(expected_km, abs=0.6)
    assert slant_range_km(1015.0, 10.0) < slant_range_km(1015.0, 0.0)


def test_slant_range_needs_an_altitude() -> None:
    with pytest.raises(ValueError, match="altitude_km"):
        slant_range_km(0.0, 30.0)


def test_contacts_at_the_elevation_limit_have_the_slant_range_of_the_formula() -> None:
    states = small_fleet(200)
    access = ground_access(states, sites_at((0.0, 0.0), elevation_deg=25.0))
    # 25° at 550 km; the orbit's own altitude swings by 10 km and the site is on the equator, where the radius is R.
    assert access.range_km.max() == pytest.approx(slant_range_km(550.0, 25.0), rel=0.03)


def test_row_25_no_sites_or_no_satellites_give_an_empty_table() -> None:
    states = small_fleet()
    none = ground_access(states, sites_at())
    assert (len(none.site), none.sites, none.offsets.tolist()) == (0, 0, [0] * 31)
    nobody = replace(
        states, positions_km=np.empty((30, 0, 3)), velocities_km_s=np.empty((30, 0, 3)), sgp4_errors=np.empty(0, int)
    )
    assert len(ground_access(nobody, sites_at((0.0, 0.0))).site) == 0
    one = ground_access(small_fleet(1), sites_at((0.0, 0.0)))
    assert one.satellites == 1


def test_states_of_another_frame_than_the_sites_are_refused() -> None:
    times = TimeGrid(datetime(2026, 6, 21, tzinfo=UTC), 60.0, 2)
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=2, planes=1, phasing=0, epoch=times.start
    )
    with pytest.raises(ValueError, match="in frame ITRS, but sites are placed in GCRS"):
        ground_access(propagate(fleet, times, frame="ITRS"), GroundSites.at({"a": (0.0, 0.0)}))
