"""Wrong results that published planning tools give, each beside what this package gives.

The tools' formulas stand here as they are used there, so that each test shows both that ours is right and how far off
theirs is. Expected values are closed forms.
"""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_SPIN_RAD_S, SPEED_OF_LIGHT_KM_S
from planner.links import (
    AccessTable,
    LaserTerminal,
    LinkRules,
    LinkTable,
    angular_rate_deg_s,
    candidate_pairs,
    explain_link,
    feasible_links,
    grazing_altitude_km,
    ground_access,
    in_sight,
    range_km,
    slant_range_km,
)
from planner.network import fixed_links, link_table, site_latency_ms
from planner.orbit import Ephemeris, propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.sites import GroundSites, site_positions_km
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
RADIUS_KM = EARTH_EQUATORIAL_RADIUS_KM
TERMINAL = LaserTerminal("bench", 100.0, 20_000.0, 10.0, 100.0)
ROUNDING = 1e-9
"""Relative: a few dozen operations on doubles, with some digits to spare."""


@pytest.mark.parametrize(
    ("altitude_km", "elevation_deg", "flat_km", "round_km"),
    [
        # In published tools the slant range over a flat Earth, h/sin(el); over a sphere by the law of cosines. For the
        # second: √(7393.1² − 6281.2²) − 1107.6, in km.
        (550.0, 25.0, 1301.0, 1123.0),
        (1015.0, 10.0, 5845.0, 2792.0),
    ],
)
def test_slant_ranges_are_those_over_a_round_earth(
    altitude_km: float, elevation_deg: float, flat_km: float, round_km: float
) -> None:
    assert altitude_km / math.sin(math.radians(elevation_deg)) == pytest.approx(flat_km, abs=1.0)
    ours = slant_range_km(altitude_km, elevation_deg)
    assert ours == pytest.approx(round_km, abs=1.0)
    # The triangle of the Earth's centre, site and satellite: the angle at the site is 90° + el.
    third = RADIUS_KM**2 + ours**2 + 2.0 * RADIUS_KM * ours * math.sin(math.radians(elevation_deg))
    assert math.sqrt(third) == pytest.approx(RADIUS_KM + altitude_km, rel=ROUNDING)


def test_no_slant_range_is_beyond_the_horizon() -> None:
    # From 1,015 km the horizon is √((R + h)² − R²) = 3,739 km away: a flat Earth's 5,845 km at 10° lies behind it.
    horizon_km = math.sqrt((RADIUS_KM + 1015.0) ** 2 - RADIUS_KM**2)
    assert horizon_km == pytest.approx(3739.0, abs=1.0)
    assert slant_range_km(1015.0, 0.0) == pytest.approx(horizon_km, rel=ROUNDING)
    assert slant_range_km(1015.0, 10.0) < horizon_km < 1015.0 / math.sin(math.radians(10.0))


def test_contacts_of_a_run_are_no_farther_than_over_a_round_earth() -> None:
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=200, planes=10, phasing=1, epoch=EPOCH
    )
    sites = GroundSites.at({"equator": (0.0, 20.0)}, minimum_elevation_deg=25.0)
    access = ground_access(propagate(fleet, TimeGrid(EPOCH, 60.0, 60)), sites)
    # Orbits swing by some 10 km about 550; the flat Earth's 1,301 km would be 16 % longer.
    assert 1050.0 < access.range_km.max() < slant_range_km(565.0, 25.0) < 1200.0


def test_the_earth_blocks_the_view_wherever_links_are_decided() -> None:
    # Two satellites at 550 km, a third of a turn apart: the segment between them passes inside the Earth.
    away_km = RADIUS_KM + 550.0
    a = np.array([away_km, 0.0, 0.0])
    b = away_km * np.array([math.cos(2.0 * math.pi / 3.0), math.sin(2.0 * math.pi / 3.0), 0.0])
    assert range_km(a, b) < TERMINAL.maximum_range_km
    assert grazing_altitude_km(a, b) < 0.0
    assert not in_sight(a, b)
    both, moving = np.stack([a, b]), np.array([[0.0, 7.6, 0.0], [-6.6, -3.8, 0.0]])
    rules = LinkRules.of(TERMINAL)
    assert len(candidate_pairs(both, maximum_range_km=TERMINAL.maximum_range_km)) == 0
    assert len(feasible_links(both, moving, rules=rules).a) == 0
    assert "grazing" in " ".join(explain_link(a, moving[0], b, moving[1], rules=rules).refused_by)
    states = Ephemeris(TimeGrid(EPOCH, 60.0, 1), both[None], moving[None], np.zeros(2, dtype=np.int64))
    assert len(link_table(states, fixed_links(np.array([[0, 1]]), terminal=TERMINAL)).a) == 0


def test_positions_are_not_truncated_to_kilometres() -> None:
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=40, planes=4, phasing=1, epoch=EPOCH
    )
    states = propagate(fleet, TimeGrid(EPOCH, 60.0, 3))
    whole = np.trunc(states.positions_km)
    assert np.abs(states.positions_km - whole).max() > 0.9
    pairs = np.array([[0, 1], [10, 11]])
    links = link_table(states, fixed_links(pairs, terminal=TERMINAL))
    time = np.repeat(np.arange(3), np.diff(links.offsets))
    exact, truncated = (
        np.linalg.norm(places[time, links.a] - places[time, links.b], axis=1) for places in (states.positions_km, whole)
    )
    assert links.range_km == pytest.approx(exact, rel=ROUNDING)
    assert np.abs(exact - truncated).max() > 0.1


def test_neighbours_of_a_cluster_are_metres_apart_and_not_at_one_place() -> None:
    a = np.array([7028.1, 0.2, 0.3])
    b = a + np.array([0.0, 0.1, 0.0])
    assert range_km(a, b) == pytest.approx(0.1, rel=ROUNDING)
    assert range_km(np.trunc(a), np.trunc(b)) == 0.0


def test_the_angular_rate_is_over_the_distance_squared() -> None:
    # Two satellites pass each other 100 km apart, at right angles to the line between them, 15 km/s: 0.15 rad/s.
    a, b = np.zeros(3), np.array([100.0, 0.0, 0.0])
    a_km_s, b_km_s = np.array([0.0, -7.5, 0.0]), np.array([0.0, 7.5, 0.0])
    ours = angular_rate_deg_s(a, a_km_s, b, b_km_s)
    assert ours == pytest.approx(math.degrees(0.15), rel=ROUNDING)
    # |d × v|/|d| is a speed, a hundred times as great a number here.
    over_distance = np.linalg.norm(np.cross(b - a, b_km_s - a_km_s)) / np.linalg.norm(b - a)
    assert math.degrees(over_distance) == pytest.approx(100.0 * ours, rel=ROUNDING)


def test_the_angular_rate_is_how_fast_the_line_of_sight_turns() -> None:
    a, b = np.array([6928.0, 120.0, -30.0]), np.array([6700.0, 1800.0, 400.0])
    a_km_s, b_km_s = np.array([-0.1, 7.5, 0.3]), np.array([-2.0, 5.0, 5.2])
    step_s = 1e-3
    before, after = (b - a + sign * step_s * (b_km_s - a_km_s) for sign in (-0.5, 0.5))
    turned = math.asin(np.linalg.norm(np.cross(before, after)) / np.linalg.norm(before) / np.linalg.norm(after))
    # Central differences are off by the step squared, and by rounding over the step.
    assert angular_rate_deg_s(a, a_km_s, b, b_km_s) == pytest.approx(math.degrees(turned / step_s), rel=1e-6)


def test_the_earth_turns_once_in_a_sidereal_day() -> None:
    # IERS: 86,164.0989 s for one turn against the stars; the nominal spin has seven digits.
    sidereal_s = 2.0 * math.pi / EARTH_SPIN_RAD_S
    assert sidereal_s == pytest.approx(86_164.1, abs=0.02)
    sites = GroundSites.at({"equator": (0.0, 0.0)})
    start, sidereal, solar = (
        site_positions_km(sites, TimeGrid(EPOCH, step_s, 2))[index, 0]
        for step_s, index in ((86_164.1, 0), (86_164.1, 1), (86_400.0, 1))
    )
    # Back where it was but for precession and nutation, some metres in a day.
    assert np.linalg.norm(sidereal - start) < 0.1
    # A tool whose sidereal day has 86,400 s has it back here: 110 km off, 235.9 s of spin at the equator.
    turned_rad = 235.9 * EARTH_SPIN_RAD_S
    assert np.linalg.norm(solar - start) == pytest.approx(2.0 * RADIUS_KM * math.sin(turned_rad / 2.0), abs=0.2)
    assert np.linalg.norm(solar - start) > 109.0


def test_links_are_chords_and_not_arcs() -> None:
    # 22 satellites on a circle: neighbours 360/22 degrees apart.
    away_km, angle = RADIUS_KM + 550.0, 2.0 * math.pi / 22.0
    a, b = (away_km * np.array([math.cos(turn), math.sin(turn), 0.0]) for turn in (0.0, angle))
    chord_km, arc_km = 2.0 * away_km * math.sin(angle / 2.0), away_km * angle
    assert range_km(a, b) == pytest.approx(chord_km, rel=ROUNDING)
    assert arc_km - chord_km > 6.0
    both = np.stack([a, b])[None]
    states = Ephemeris(TimeGrid(EPOCH, 60.0, 1), both, np.ones_like(both), np.zeros(2, dtype=np.int64))
    links = link_table(states, fixed_links(np.array([[0, 1]]), terminal=TERMINAL))
    assert links.delay_ms == pytest.approx([chord_km / SPEED_OF_LIGHT_KM_S * 1e3], rel=ROUNDING)


def test_a_round_trip_has_its_up_and_its_downlink() -> None:
    # Site 0 – 600 km – satellite 0 – 2,000 km – satellite 1 – 900 km – site 1.
    times = TimeGrid(EPOCH, 60.0, 1)
    pair, row = np.array([0, 1]), np.array([0, 2])
    links = LinkTable(times, 2, np.array([0, 1]), pair[:1], pair[1:], np.array([2000.0]), np.array([100.0]))
    access = AccessTable(times, 2, 2, row, pair, pair, np.array([600.0, 900.0]), np.array([60.0, 30.0]))
    there_ms = site_latency_ms(links, access)[0, 0, 1]
    assert there_ms == pytest.approx((600.0 + 2000.0 + 900.0) / SPEED_OF_LIGHT_KM_S * 1e3, rel=ROUNDING)
    assert there_ms > 1.5 * links.delay_ms[0]


def hides_the_ray(from_km: np.ndarray, to_km: np.ndarray) -> bool:
    """Return whether the Earth lies on the half-line from one end through the other: the published test."""
    towards = (to_km - from_km) / np.linalg.norm(to_km - from_km)
    nearest = max(-float(from_km @ towards), 0.0)
    return bool(np.linalg.norm(from_km + nearest * towards) < RADIUS_KM)


def test_a_low_satellite_under_a_high_one_is_in_sight_from_both_ends() -> None:
    low, high = np.array([RADIUS_KM + 550.0, 0.0, 0.0]), np.array([RADIUS_KM + 1200.0, 50.0, 0.0])
    # From above the half-line goes on into the ground, from below it goes out into space.
    assert hides_the_ray(high, low)
    assert not hides_the_ray(low, high)
    assert in_sight(low, high)
    assert in_sight(high, low)


places = st.tuples(
    st.floats(200.0, 36_000.0), st.floats(-math.pi / 2.0, math.pi / 2.0), st.floats(-math.pi, math.pi)
).map(
    lambda at: (
        (RADIUS_KM + at[0])
        * np.array([math.cos(at[1]) * math.cos(at[2]), math.cos(at[1]) * math.sin(at[2]), math.sin(at[1])])
    )
)


@settings(max_examples=200, deadline=None)
@given(a=places, b=places)
def test_both_ends_of_a_line_of_sight_agree(a: np.ndarray, b: np.ndarray) -> None:
    assert in_sight(a, b) == in_sight(b, a)
    assert grazing_altitude_km(a, b) == grazing_altitude_km(b, a)
    there, back = (candidate_pairs(np.stack(ends), maximum_range_km=100_000.0) for ends in ((a, b), (b, a)))
    assert len(there) == len(back)
