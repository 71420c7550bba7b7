"""Ground contacts: true geodetic elevation and slant range."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray, IntArray, floats
from planner.links import AccessTable, elevation_and_range, ground_access, ground_contacts, slant_range_km
from planner.links.reach import _reach_rad
from planner.orbit import Ephemeris, propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.frames import gcrs_to_itrs, pole_directions
from planner.orbit.sites import GroundSites, site_positions_km, site_zeniths
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


FLOWN = small_fleet(120)
GRID = sites_at(*[(lat, lon) for lat in range(-90, 91, 15) for lon in range(0, 360, 45)], elevation_deg=5.0)


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


COLUMNS = ("offsets", "site", "satellite", "range_km", "elevation_deg")


@pytest.mark.parametrize("workers", [2, 3, 50])
def test_the_number_of_threads_does_not_change_the_contacts(workers: int) -> None:
    states, sites = small_fleet(), sites_at((48.9, 2.3), (-33.9, 151.2))
    alone, together = ground_access(states, sites, workers=1), ground_access(states, sites, workers=workers)
    for name in COLUMNS:
        assert np.array_equal(getattr(alone, name), getattr(together, name))


@pytest.mark.parametrize("size", [1, 7, 30])
def test_blocks_of_a_run_have_the_contacts_of_the_run(size: int) -> None:
    states, sites = small_fleet(), sites_at((48.9, 2.3), (-33.9, 151.2), (78.2, 15.4))
    whole = ground_access(states, sites)
    parts = [
        ground_access(
            replace(
                states,
                times=times,
                positions_km=states.positions_km[first : first + times.count],
                velocities_km_s=states.velocities_km_s[first : first + times.count],
            ),
            sites,
        )
        for first, times in states.times.blocks(size)
    ]
    joined = AccessTable.joined(states.times, parts)
    for name in COLUMNS:
        assert np.array_equal(getattr(whole, name), getattr(joined, name))


def test_bare_columns_are_those_of_the_table() -> None:
    states, sites = small_fleet(), sites_at((48.9, 2.3), (-33.9, 151.2))
    table, bare = ground_access(states, sites), ground_contacts(states, sites)
    for name in COLUMNS:
        assert np.array_equal(getattr(table, name), getattr(bare, name))
        assert not getattr(bare, name).flags.writeable


def every_pair(states: Ephemeris, sites: GroundSites) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return (instant, site, satellite), range and elevation of contacts, by looking at every pair in NumPy."""
    site_km, zenith = (what(sites, states.times)[:, :, None] for what in (site_positions_km, site_zeniths))
    elevation, slant = elevation_and_range(site_km, zenith, states.positions_km[:, None])
    longest = np.where(np.isnan(sites.maximum_range_km), np.inf, sites.maximum_range_km)
    chosen = (elevation >= sites.minimum_elevation_deg[:, None]) & (slant <= longest[:, None])
    return np.argwhere(chosen), slant[chosen], elevation[chosen]


def assert_contacts_of_every_pair(states: Ephemeris, sites: GroundSites) -> int:
    access = ground_access(states, sites)
    rows, slant, elevation = every_pair(states, sites)
    time = np.repeat(np.arange(states.times.count), np.diff(access.offsets))
    assert np.array_equal(np.column_stack([time, access.site, access.satellite]), rows)
    # The same sums of the same numbers, but for the library that the arc sine and the root come from.
    assert access.range_km == pytest.approx(slant, rel=1e-14)
    # Of sines, since near the zenith the arc sine makes a millionth of a degree out of their last digit.
    sine, expected = (np.sin(np.radians(angle)) for angle in (access.elevation_deg, elevation))
    assert sine == pytest.approx(expected, rel=0.0, abs=1e-15)
    return len(rows)


def test_no_contact_is_missed_at_any_height_of_satellites_and_sites() -> None:
    # From low orbit to beyond the geostationary one, sites from below the sea to an aircraft, at the poles and on the
    # date line, that look below the horizon or straight up.
    low, high, far = (
        walker_delta(
            name=f"{altitude_km}", altitude_km=altitude_km, inclination_deg=inclination_deg, satellites=count,
            planes=6, phasing=1, epoch=EPOCH,
        )
        for altitude_km, inclination_deg, count in ((400.0, 97.0, 300), (8000.0, 50.0, 30), (35786.0, 63.0, 30))
    )  # fmt: skip
    states = propagate(low + high + far, TimeGrid(EPOCH, 300.0, 8))
    positions = states.positions_km.copy()
    positions[3:, ::9] = np.nan
    rng = np.random.default_rng(1)
    count = 40
    sites = GroundSites(
        tuple(f"site {i}" for i in range(count)),
        np.concatenate([[90.0, -90.0, 0.0, 35.264], rng.uniform(-90.0, 90.0, count - 4)]),
        np.concatenate([[0.0, 0.0, 180.0, 45.0], rng.uniform(-180.0, 360.0, count - 4)]),
        rng.uniform(-400.0, 20_000.0, count),
        rng.uniform(-10.0, 90.0, count),
        np.where(rng.random(count) < 0.5, np.nan, rng.uniform(300.0, 45_000.0, count)),
    )
    assert assert_contacts_of_every_pair(replace(states, positions_km=positions), sites) > 1500


@settings(max_examples=25, deadline=None)
@given(
    latitude_deg=st.floats(-90.0, 90.0),
    longitude_deg=st.floats(-180.0, 360.0),
    elevation_deg=st.floats(-10.0, 90.0),
    elevation_m=st.floats(-500.0, 20_000.0),
    range_km=st.one_of(st.just(np.nan), st.floats(100.0, 6000.0)),
)
def test_contacts_of_any_site_are_those_of_looking_at_every_pair(
    latitude_deg: float, longitude_deg: float, elevation_deg: float, elevation_m: float, range_km: float
) -> None:
    sites = GroundSites.at(
        {"here": (latitude_deg, longitude_deg)},
        elevation_m=elevation_m,
        minimum_elevation_deg=elevation_deg,
        maximum_range_km=range_km,
    )
    assert_contacts_of_every_pair(FLOWN, sites)


@settings(max_examples=25, deadline=None)
@given(
    towards=st.tuples(*[st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])] * 3).filter(any),
    altitude_km=st.floats(100.0, 50_000.0),
)
def test_satellites_on_the_seams_of_the_index_are_seen(towards: tuple[float, float, float], altitude_km: float) -> None:
    # Edges and corners of the cube of directions lie where two or three of x, y, z are equal.
    times = TimeGrid(EPOCH, 60.0, 1)
    itrs = np.array(towards) / np.linalg.norm(towards) * (6378.137 + altitude_km)
    at = Ephemeris(times, (itrs @ gcrs_to_itrs(times)[0])[None, None], np.zeros((1, 1, 3)), np.zeros(1, dtype=np.int64))
    assert_contacts_of_every_pair(at, GRID)


def edge_places(sites: GroundSites, times: TimeGrid, away_km: float) -> FloatArray:
    """Return points ``[azimuth, site, xyz]`` so far from the Earth's centre, or nearer at a site's longest range.

    All around each site, a millionth of a degree above its lowest elevation: the farthest that an index may not lose.
    """
    site_km, up = site_positions_km(sites, times)[0], site_zeniths(sites, times)[0]
    east = np.cross(pole_directions(times)[0], up)
    east /= np.linalg.norm(east, axis=1)[:, None]
    azimuth = np.radians(np.arange(360.0))[:, None, None]
    level = np.cos(azimuth) * np.cross(up, east) + np.sin(azimuth) * east
    elevation = np.radians(sites.minimum_elevation_deg + 1e-6)[:, None]
    towards = np.cos(elevation) * level + np.sin(elevation) * up
    inward = np.einsum("asi,si->as", towards, site_km)
    slant = np.sqrt(inward**2 - np.einsum("si,si->s", site_km, site_km) + away_km**2) - inward
    longest = np.nan_to_num(sites.maximum_range_km * (1.0 - 1e-12), nan=np.inf)
    return floats(site_km + np.minimum(slant, longest)[:, :, None] * towards)


@pytest.mark.parametrize("away_km", [6928.0, 26_500.0])
@pytest.mark.parametrize("range_km", [np.nan, 1300.0])
def test_satellites_on_the_very_edge_of_what_a_site_sees_are_found(away_km: float, range_km: float) -> None:
    rng = np.random.default_rng(4)
    count, times = 120, TimeGrid(EPOCH, 60.0, 1)
    latitude, longitude = rng.uniform(-90.0, 90.0, count), rng.uniform(-180.0, 180.0, count)
    sites = sites_at(*zip(latitude, longitude, strict=True), elevation_deg=5.0, range_km=range_km)
    satellites = 360 * count
    places = edge_places(sites, times, away_km).reshape(1, satellites, 3)
    access = ground_access(Ephemeris(times, places, np.zeros_like(places), np.zeros(satellites, dtype=np.int64)), sites)
    seen = np.zeros((satellites, count), dtype=np.bool_)
    seen[access.satellite, access.site] = True
    assert seen.reshape(360, count, count)[:, np.arange(count), np.arange(count)].all()


@pytest.mark.parametrize("away_km", [6928.0, 26_500.0])
def test_how_far_a_site_reaches_bounds_what_it_sees_and_by_no_more_than_the_two_verticals_differ(
    away_km: float,
) -> None:
    # At 45° the geodetic vertical and the one from the Earth's centre differ most, by 0.1924°.
    sites, times = sites_at((45.0, 10.0), (-45.0, 200.0), (0.0, 0.0), elevation_deg=5.0), TimeGrid(EPOCH, 60.0, 1)
    site_km, up = site_positions_km(sites, times)[0], site_zeniths(sites, times)[0]
    centre_km = np.linalg.norm(site_km, axis=1)
    tilt_rad = np.arccos(np.minimum(np.einsum("si,si->s", site_km, up) / centre_km, 1.0))
    places = edge_places(sites, times, away_km)
    cosine = np.einsum("asi,si->as", places, site_km) / (np.linalg.norm(places, axis=2) * centre_km)
    seen_rad = np.arccos(cosine).max(axis=0)
    reach_rad = _reach_rad(sites, floats(centre_km), floats(tilt_rad), away_km, away_km)
    assert (seen_rad <= reach_rad).all()
    assert (reach_rad - seen_rad < 1e-6 + 0.1 * tilt_rad).all()
    assert np.degrees(tilt_rad) == pytest.approx([0.1924, 0.1924, 0.0], abs=1e-3)


def test_more_contacts_than_the_first_instant_foretells_are_all_kept() -> None:
    # Nobody is in view at first, everybody at the end: the columns have to grow.
    states = small_fleet(200)
    positions = states.positions_km.copy()
    positions[:29] = np.nan
    everywhere = sites_at(*[(lat, lon) for lat in range(-60, 61, 20) for lon in range(0, 360, 20)], elevation_deg=0.0)
    assert assert_contacts_of_every_pair(replace(states, positions_km=positions), everywhere) > 1000


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
    for altitude_km in (0.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="altitude_km"):
            slant_range_km(altitude_km, 30.0)


@pytest.mark.parametrize("elevation_deg", [1000.0, 90.1, -0.1, np.nan])
def test_slant_range_needs_an_elevation_above_the_horizon(elevation_deg: float) -> None:
    with pytest.raises(ValueError, match=r"elevation_deg: .* must be between 0 and 90"):
        slant_range_km(550.0, elevation_deg)


def test_contacts_at_the_elevation_limit_have_the_slant_range_of_the_formula() -> None:
    states = small_fleet(200)
    access = ground_access(states, sites_at((0.0, 0.0), elevation_deg=25.0))
    # 25° at 550 km; the orbit's own altitude swings by 10 km and the site is on the equator, where the radius is R.
    assert access.range_km.max() == pytest.approx(slant_range_km(550.0, 25.0), rel=0.03)


def test_row_12_a_satellite_that_is_lost_on_the_way_is_out_of_reach_from_then_on() -> None:
    states, sites = small_fleet(), sites_at((0.0, 0.0), elevation_deg=-10.0)
    positions = states.positions_km.copy()
    positions[10:] = np.nan
    access = ground_access(replace(states, positions_km=positions), sites)
    whole = ground_access(states, sites)
    assert np.array_equal(access.offsets[:11], whole.offsets[:11])
    assert (access.offsets[10:] == access.offsets[10]).all()
    nobody = ground_access(replace(states, positions_km=np.full_like(positions, np.nan)), sites)
    assert len(nobody.site) == 0


def test_a_state_beyond_all_numbers_is_out_of_reach() -> None:
    states, sites = small_fleet(), sites_at((0.0, 0.0), elevation_deg=-10.0)
    positions = states.positions_km.copy()
    positions[:, 0], positions[:, 1] = np.inf, 0.0
    assert not np.isin([0, 1], ground_access(replace(states, positions_km=positions), sites).satellite).any()


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


def test_a_number_of_threads_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="workers: 0 must be at least 1"):
        ground_access(small_fleet(), sites_at((0.0, 0.0)), workers=0)
