"""The visible part of the solar disc on the planner's own terms, and the Sun's angle above an orbit."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.arrays import FloatArray
from planner.constants import ASTRONOMICAL_UNIT_KM, EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, SUN_RADIUS_KM
from planner.environment import beta_deg, eclipse_fraction_circular, ephemeris, sun_positions_km, sunlit_fraction
from planner.orbit import bundled_element_sets, propagate, read_elements, walker_delta
from planner.times import TimeGrid

SUN = np.array([[ASTRONOMICAL_UNIT_KM, 0.0, 0.0]])
POLAR_RADIUS_KM = EARTH_EQUATORIAL_RADIUS_KM * (1.0 - EARTH_FLATTENING)


def lit_at(*positions: tuple[float, float, float], flattening: float = EARTH_FLATTENING) -> FloatArray:
    return sunlit_fraction(np.array([positions]), SUN, flattening=flattening)[0]


def test_the_day_side_is_lit_and_the_night_side_is_dark() -> None:
    assert lit_at((7000.0, 0.0, 0.0), (0.0, 7000.0, 0.0), (-7000.0, 0.0, 0.0)).tolist() == [1.0, 1.0, 0.0]


def test_a_satellite_that_is_lost_stays_nan() -> None:
    lit = lit_at((np.nan, np.nan, np.nan), (7000.0, 0.0, 0.0))
    assert np.isnan(lit[0])
    assert lit[1] == 1.0


def test_the_answer_is_locked() -> None:
    assert not lit_at((7000.0, 0.0, 0.0)).flags.writeable


def test_beyond_the_tip_of_the_umbra_a_ring_of_the_sun_is_left() -> None:
    # The umbra ends 1.38 million km out. At twice that the Earth's angular radius b is known and so is the Sun's a;
    # the ring is 1 − (b/a)², angles of 0.3° being as good as their sines to 1e-5.
    distance = 2.8e6
    a = np.arcsin(SUN_RADIUS_KM / (ASTRONOMICAL_UNIT_KM + distance))
    b = np.arcsin(EARTH_EQUATORIAL_RADIUS_KM / distance)
    assert lit_at((-distance, 0.0, 0.0), flattening=0.0)[0] == pytest.approx(1.0 - (b / a) ** 2, rel=1e-5)


def test_half_of_the_sun_shows_where_the_edges_touch_its_middle() -> None:
    # The Earth's disc (65°) is so much larger than the Sun's (0.27°) that its edge is nearly straight: with the Sun's
    # centre on it, half is hidden but for the sagitta, a cot(b)/(3π) ≈ 0.02 % of the disc.
    radius = 7000.0
    b = np.arcsin(EARTH_EQUATORIAL_RADIUS_KM / radius)
    # Where the Sun's direction makes the angle b with the direction to the Earth: position at π − b from the Sun, less
    # the Sun's parallax, radius sin(b)/au.
    at = np.pi - b - radius * np.sin(b) / ASTRONOMICAL_UNIT_KM
    lit = lit_at((radius * np.cos(at), radius * np.sin(at), 0.0), flattening=0.0)[0]
    a = np.arcsin(SUN_RADIUS_KM / ASTRONOMICAL_UNIT_KM)
    assert lit == pytest.approx(0.5 + a / np.tan(b) / (3.0 * np.pi), abs=1e-5)


def test_over_the_pole_the_shadow_is_narrower_by_the_flattening() -> None:
    # Where the Sun's centre stands on the limb, half of it shows. With the Sun in the equator, the ray that touches the
    # pole, b = R (1 − f) above the equator, goes on rising by b/au of its way to the satellite. The limb's sagitta
    # (0.02 % of a penumbra of 25 km) is left out.
    radius = 7000.0
    for flattening, reach_km in ((EARTH_FLATTENING, POLAR_RADIUS_KM), (0.0, EARTH_EQUATORIAL_RADIUS_KM)):
        heights = np.linspace(reach_km - 20.0, reach_km + 20.0, 4001)
        places = np.stack([-np.sqrt(radius**2 - heights**2), np.zeros_like(heights), heights], axis=1)
        lit = sunlit_fraction(places[None], SUN, flattening=flattening)[0]
        half = np.interp(0.5, lit, heights)
        rise_km = -places[2000, 0] * reach_km / ASTRONOMICAL_UNIT_KM
        assert half == pytest.approx(reach_km + rise_km, abs=0.01)


def test_sunlight_by_parts_of_a_run_is_that_of_the_whole() -> None:
    rng = np.random.default_rng(5)
    positions = rng.normal(size=(50, 7, 3)) * 5000.0
    sun = SUN + rng.normal(size=(50, 3)) * 1e6
    whole = sunlit_fraction(positions, sun)
    parts = [sunlit_fraction(positions[first : first + 8], sun[first : first + 8]) for first in range(0, 50, 8)]
    assert np.array_equal(np.concatenate(parts), whole)
    assert np.array_equal(sunlit_fraction(positions[:, 2:5], sun), whole[:, 2:5])


def test_memory_in_another_order_gives_the_same_answer() -> None:
    rng = np.random.default_rng(8)
    positions = rng.normal(size=(3, 4, 3)) * 5000.0
    sun = np.repeat(SUN, 3, axis=0)
    assert np.array_equal(sunlit_fraction(np.asfortranarray(positions), sun), sunlit_fraction(positions, sun))


angles = st.floats(-np.pi, np.pi)


def turned(first: float, second: float, third: float) -> FloatArray:
    """Return a rotation about z, then x, then z."""

    def about(axis: int, angle: float) -> FloatArray:
        cosine, sine = np.cos(angle), np.sin(angle)
        flat = np.array([[cosine, -sine], [sine, cosine]])
        matrix = np.eye(3)
        others = [i for i in range(3) if i != axis]
        matrix[np.ix_(others, others)] = flat
        return matrix

    return about(2, third) @ about(0, second) @ about(2, first)


def edge_of_shadow(radius: float, along: float, around: float) -> FloatArray:
    """Return a place near the edge of the shadow of `SUN`, through which `along` leads from −1 to 1."""
    half = np.pi - np.arcsin(EARTH_EQUATORIAL_RADIUS_KM / radius) + 0.01 * along
    return radius * np.array([np.cos(half), np.sin(half) * np.cos(around), np.sin(half) * np.sin(around)])


@given(st.floats(6600.0, 45_000.0), st.floats(-1.0, 1.0), angles, st.tuples(angles, angles, angles))
def test_turning_everything_with_the_pole_changes_nothing(
    radius: float, along: float, around: float, turn: tuple[float, float, float]
) -> None:
    position, rotation = edge_of_shadow(radius, along, around), turned(*turn)
    here = sunlit_fraction(position[None, None], SUN)
    there = sunlit_fraction((rotation @ position)[None, None], SUN @ rotation.T, pole=rotation[:, 2][None])
    # Across the penumbra (0.5° of the orbit) the fraction changes by 1; rounding of 1e-15 rad moves it by 1e-12.
    assert there == pytest.approx(here, abs=1e-9)


@given(st.floats(6600.0, 45_000.0), st.floats(-1.0, 1.0), angles, st.tuples(angles, angles, angles))
def test_a_sphere_has_no_pole(radius: float, along: float, around: float, turn: tuple[float, float, float]) -> None:
    position = edge_of_shadow(radius, along, around)[None, None]
    pole = turned(*turn)[:, 2][None]
    assert sunlit_fraction(position, SUN, pole=pole, flattening=0.0) == pytest.approx(
        sunlit_fraction(position, SUN, flattening=0.0), abs=1e-12
    )


@given(st.integers(0, 2**32 - 1), st.permutations(range(6)))
def test_permuting_satellites_permutes_the_answer_and_nan_stays(seed: int, order: list[int]) -> None:
    rng = np.random.default_rng(seed)
    positions = np.array([[edge_of_shadow(7000.0, x, y) for x, y in rng.uniform(-1.0, 1.0, (6, 2))] for _ in range(3)])
    positions[1:, 4] = np.nan
    sun = np.repeat(SUN, 3, axis=0)
    whole = sunlit_fraction(positions, sun)
    assert np.array_equal(sunlit_fraction(positions[:, order], sun), whole[:, order], equal_nan=True)
    assert np.array_equal(np.isnan(whole), np.isnan(positions[:, :, 0]))


def test_the_shadow_of_a_circular_orbit_is_that_of_the_closed_form() -> None:
    # Part of a revolution without any light and without full light, β = 0 and β = 50°, against the cone formula.
    anomaly = np.linspace(0.0, 2.0 * np.pi, 200_001)[:-1]
    for beta in (0.0, 50.0):
        tilt = np.radians(beta)
        radius = EARTH_EQUATORIAL_RADIUS_KM + 650.0
        positions = radius * np.stack(
            [np.cos(anomaly) * np.cos(tilt), np.sin(anomaly), np.cos(anomaly) * np.sin(tilt)], axis=1
        )
        lit = sunlit_fraction(positions[None], SUN, flattening=0.0)[0]
        # The closed form takes the Sun's distance from the Earth's centre as this test does, so only sampling is left.
        assert np.mean(lit == 0.0) == pytest.approx(
            float(eclipse_fraction_circular(650.0, beta, shadow="umbra")), abs=2e-5
        )
        assert np.mean(lit < 1.0) == pytest.approx(
            float(eclipse_fraction_circular(650.0, beta, shadow="penumbra")), abs=2e-5
        )


def test_full_light_and_umbra_are_where_skyfield_says() -> None:
    # Skyfield asks whether the Sun's centre is in sight over a sphere of 6,378.1366 km: yes in full light, no in the
    # umbra, and either in the penumbra.
    from skyfield.positionlib import Geocentric

    epoch = datetime(2026, 3, 1, tzinfo=UTC)
    times = TimeGrid(epoch, 97.0, 500)
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=12, planes=4, phasing=1, epoch=epoch
    )
    positions = propagate(fleet, times).positions_km
    lit = sunlit_fraction(positions, sun_positions_km(times), flattening=0.0)
    for sat in range(12):
        place = Geocentric(positions[:, sat].T / ASTRONOMICAL_UNIT_KM, t=times.skyfield, center=399)
        seen = place.is_sunlit(ephemeris())
        assert np.all(seen[lit[:, sat] == 1.0])
        assert not np.any(seen[lit[:, sat] == 0.0])
    assert 0.3 < np.mean(lit == 0.0) < 0.4


def test_beta_is_positive_on_the_side_of_the_angular_momentum() -> None:
    position = np.array([[[7000.0, 0.0, 0.0]]])
    velocity = np.array([[[0.0, 7.5, 0.0]]])
    for elevation in (-90.0, -30.0, 0.0, 60.0, 90.0):
        sun = ASTRONOMICAL_UNIT_KM * np.array([[np.cos(np.radians(elevation)), 0.0, np.sin(np.radians(elevation))]])
        assert beta_deg(position, velocity, sun)[0, 0] == pytest.approx(elevation, abs=1e-6)


BETA_TOLERANCE_DEG = 1e-4

ERFA_BETA_DEG = {
    # row of the file: β on 2026-09-21 06:30 UTC, on 2026-09-29 17:30 UTC
    0: (41.78116669166716, 48.55881904659492),
    7: (42.167246854379286, 48.38167777094193),
    100: (-53.19765943552151, -72.6152469205033),
    200: (33.141241746234385, -1.1592787314905997),
}
"""Of real satellites: SGP4 states as the package sgp4 2.27 gives them, in TEME, and the Sun of ERFA 2.0.1 (the IAU's
own routines): ``epv00``, geometric and negated, turned by ``pnm06a`` to the true equator and equinox of date and by
``eqeq94`` about the pole to TEME. No ephemeris file and no rotation of this package is in them."""


def test_beta_of_real_satellites_is_that_of_the_iaus_own_routines() -> None:
    fleet = read_elements(bundled_element_sets() / "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle").fleet
    rows = list(ERFA_BETA_DEG)
    for column, at in enumerate((datetime(2026, 9, 21, 6, 30, tzinfo=UTC), datetime(2026, 9, 29, 17, 30, tzinfo=UTC))):
        times = TimeGrid(at, 60.0, 1)
        states = propagate(fleet[rows], times)
        found = beta_deg(states.positions_km, states.velocities_km_s, sun_positions_km(times))[0]
        expected = [ERFA_BETA_DEG[row][column] for row in rows]
        assert found == pytest.approx(expected, abs=BETA_TOLERANCE_DEG)


def test_beta_is_the_closed_form_of_node_inclination_and_solar_longitude() -> None:
    # sin β = cos λ sin i sin Ω − sin λ cos ε sin i cos Ω + sin λ sin ε cos i for a Sun at longitude λ on the ecliptic,
    # whose obliquity is ε, here with the terms of its latitude (1″, 3e-4°) as well. λ, its latitude and ε are those of
    # the true equinox of date; TEME counts right ascension from a point the equation of the equinoxes away.
    from skyfield.framelib import ecliptic_frame
    from skyfield.nutationlib import iau2000a_radians, mean_obliquity

    times = TimeGrid(datetime(2026, 1, 4, tzinfo=UTC), 9.25 * 86_400.0, 39)
    sun, sky = sun_positions_km(times), times.skyfield
    x, y, z = np.einsum("ijt,tj->it", np.asarray(ecliptic_frame.rotation_at(sky)), sun)
    longitude, latitude = np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))
    obliquity = np.radians(mean_obliquity(sky.tdb) / 3600.0) + iau2000a_radians(sky)[1]
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=3, planes=3, phasing=1, epoch=times.start
    )
    states = propagate(fleet, times)
    found = beta_deg(states.positions_km, states.velocities_km_s, sun)
    # The osculating plane, in TEME: node and inclination from the angular momentum.
    from planner.orbit import teme_states

    _, positions, velocities = teme_states(fleet, *times.utc_jd)
    momentum = np.cross(positions, velocities).transpose(1, 0, 2)
    node = np.arctan2(momentum[..., 0], -momentum[..., 1])
    node = node + np.radians((np.asarray(sky.gast) - np.asarray(sky.gmst)) * 15.0)[:, None]
    inclination = np.arccos(momentum[..., 2] / np.linalg.norm(momentum, axis=2))
    right, ahead = np.cos(longitude) * np.cos(latitude), np.sin(longitude) * np.cos(latitude)
    northward = ahead * np.sin(obliquity) + np.sin(latitude) * np.cos(obliquity)
    eastward = ahead * np.cos(obliquity) - np.sin(latitude) * np.sin(obliquity)
    sine = np.sin(inclination) * (np.sin(node) * right[:, None] - np.cos(node) * eastward[:, None])
    sine = sine + np.cos(inclination) * northward[:, None]
    assert np.abs(found - np.degrees(np.arcsin(sine))).max() < BETA_TOLERANCE_DEG
    assert np.ptp(found) > 100.0


def test_row_25_no_satellites_give_an_empty_answer() -> None:
    empty = np.empty((3, 0, 3))
    sun = np.repeat(SUN, 3, axis=0)
    assert sunlit_fraction(empty, sun).shape == (3, 0)
    assert beta_deg(empty, empty, sun).shape == (3, 0)


def test_arrays_of_the_wrong_shape_and_impossible_bodies_are_refused() -> None:
    place = np.full((1, 1, 3), 7000.0)
    with pytest.raises(ValueError, match="sun_km"):
        sunlit_fraction(np.zeros((2, 1, 3)), SUN)
    with pytest.raises(ValueError, match="pole: shape"):
        sunlit_fraction(place, SUN, pole=np.array([0.0, 0.0, 1.0]))
    with pytest.raises(ValueError, match="pole: every row must be a unit vector"):
        sunlit_fraction(place, SUN, pole=np.array([[0.0, 0.0, 2.0]]))
    with pytest.raises(ValueError, match="flattening: 1"):
        sunlit_fraction(place, SUN, flattening=1.0)
    with pytest.raises(ValueError, match="sun_radius_km: 0"):
        sunlit_fraction(place, SUN, sun_radius_km=0.0)
