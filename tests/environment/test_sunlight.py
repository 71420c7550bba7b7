"""The visible part of the solar disc, and the Sun's angle above an orbit."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.arrays import FloatArray
from planner.constants import ASTRONOMICAL_UNIT_KM, EARTH_EQUATORIAL_RADIUS_KM, SUN_RADIUS_KM
from planner.environment import (
    beta_deg,
    disc_fraction,
    eclipse_fraction_circular,
    ephemeris,
    sun_positions_km,
    sunlight,
    sunlit_fraction,
)
from planner.orbit import propagate
from planner.orbit.design import walker_delta
from planner.times import TimeGrid

SUN = np.array([[ASTRONOMICAL_UNIT_KM, 0.0, 0.0]])
ROUNDING = 1e-12


def lit_at(*positions: tuple[float, float, float]) -> FloatArray:
    return sunlit_fraction(np.array([positions]), SUN)[0]


def test_the_day_side_is_lit_and_the_night_side_is_dark() -> None:
    assert lit_at((7000.0, 0.0, 0.0), (0.0, 7000.0, 0.0), (-7000.0, 0.0, 0.0)).tolist() == [1.0, 1.0, 0.0]


def test_a_satellite_that_is_lost_stays_nan() -> None:
    lit = lit_at((np.nan, np.nan, np.nan), (7000.0, 0.0, 0.0))
    assert np.isnan(lit[0])
    assert lit[1] == 1.0


def test_beyond_the_tip_of_the_umbra_a_ring_of_the_sun_is_left() -> None:
    # The umbra ends 1.38 million km out. At twice that the Earth's angular radius b is known and so is the Sun's a;
    # the ring is 1 − (b/a)².
    distance = 2.8e6
    a = np.arcsin(SUN_RADIUS_KM / (ASTRONOMICAL_UNIT_KM + distance))
    b = np.arcsin(EARTH_EQUATORIAL_RADIUS_KM / distance)
    assert lit_at((-distance, 0.0, 0.0))[0] == pytest.approx(1.0 - (b / a) ** 2, rel=1e-9)


def test_half_of_the_sun_shows_where_the_edges_touch_its_middle() -> None:
    # The Earth's disc (65°) is so much larger than the Sun's (0.27°) that its edge is nearly straight: with the Sun's
    # centre on it, half is hidden but for the sagitta, a/b ≈ 0.4 % of the disc.
    radius = 7000.0
    b = np.arcsin(EARTH_EQUATORIAL_RADIUS_KM / radius)
    # Where the Sun's direction makes the angle b with the direction to the Earth: position at π − b from the Sun, less
    # the Sun's parallax of 0.003°.
    at = np.pi - b
    assert lit_at((radius * np.cos(at), radius * np.sin(at), 0.0))[0] == pytest.approx(0.5, abs=0.01)


def test_cones_and_discs_decide_alike() -> None:
    # The shortcut by tangent cones against the disc formula for every state, most of them near the edge of the shadow.
    rng = np.random.default_rng(4)
    angle = np.concatenate([rng.uniform(0.0, np.pi, 20_000), rng.uniform(1.9, 2.1, 20_000)])
    radius = rng.uniform(EARTH_EQUATORIAL_RADIUS_KM + 150.0, 45_000.0, angle.size)
    positions = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.zeros(angle.size)], axis=1)[None]
    whole = disc_fraction(positions, SUN[:, None], EARTH_EQUATORIAL_RADIUS_KM, SUN_RADIUS_KM)
    fast = sunlit_fraction(positions, SUN)
    assert np.abs(fast - whole).max() < 1e-9
    assert 0.0 < np.mean((fast > 0.0) & (fast < 1.0)) < 0.2


def test_blocks_of_time_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    positions = rng.normal(size=(50, 7, 3)) * 5000.0
    sun = np.repeat(SUN, 50, axis=0)
    whole = sunlit_fraction(positions, sun)
    monkeypatch.setattr(sunlight, "_BLOCK_STATES", 20)
    assert np.array_equal(sunlit_fraction(positions, sun), whole)


@given(
    st.floats(6600.0, 45_000.0),
    st.floats(0.0, 2.0 * np.pi),
    st.floats(-1.5, 1.5),
    st.floats(0.0, 2.0 * np.pi),
)
def test_sunlight_does_not_depend_on_the_frame(radius: float, longitude: float, latitude: float, turn: float) -> None:
    position = radius * np.array(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
    cosine, sine = np.cos(turn), np.sin(turn)
    rotation = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]]) @ np.array(
        [[1.0, 0.0, 0.0], [0.0, cosine, -sine], [0.0, sine, cosine]]
    )
    here = sunlit_fraction(position[None, None], SUN)
    there = sunlit_fraction((rotation @ position)[None, None], SUN @ rotation.T)
    # Across the penumbra (0.5° of the orbit) the fraction changes by 1; rounding of 1e-15 rad moves it by 1e-12.
    assert there == pytest.approx(here, abs=1e-9)


def test_the_shadow_of_a_circular_orbit_is_that_of_the_closed_form() -> None:
    # Part of a revolution without any light and without full light, β = 0 and β = 50°, against the cone formula.
    anomaly = np.linspace(0.0, 2.0 * np.pi, 200_001)[:-1]
    for beta in (0.0, 50.0):
        tilt = np.radians(beta)
        radius = EARTH_EQUATORIAL_RADIUS_KM + 650.0
        positions = radius * np.stack(
            [np.cos(anomaly) * np.cos(tilt), np.sin(anomaly), np.cos(anomaly) * np.sin(tilt)], axis=1
        )
        lit = sunlit_fraction(positions[None], SUN)[0]
        # The closed form takes the Sun's distance from the Earth's centre as this test does, so only sampling is left.
        assert np.mean(lit == 0.0) == pytest.approx(
            float(eclipse_fraction_circular(650.0, beta, shadow="umbra")), abs=2e-5
        )
        assert np.mean(lit < 1.0) == pytest.approx(
            float(eclipse_fraction_circular(650.0, beta, shadow="penumbra")), abs=2e-5
        )


def test_beta_is_positive_on_the_side_of_the_angular_momentum() -> None:
    position = np.array([[[7000.0, 0.0, 0.0]]])
    velocity = np.array([[[0.0, 7.5, 0.0]]])
    for elevation in (-90.0, -30.0, 0.0, 60.0, 90.0):
        sun = ASTRONOMICAL_UNIT_KM * np.array([[np.cos(np.radians(elevation)), 0.0, np.sin(np.radians(elevation))]])
        assert beta_deg(position, velocity, sun)[0, 0] == pytest.approx(elevation, abs=1e-6)


MU_KM3_S2 = 398_600.47
"""Orekit's test."""
EPOCH_SUN_S = np.array([2200.0, 2300.0, 2400.0])
EPOCH_SUN_KM = np.array(
    [
        [-87_896_296.52, 113_655_195.20, 49_283_806.30],
        [-87_898_676.18, 113_653_624.20, 49_283_125.12],
        [-87_901_055.82, 113_652_053.16, 49_282_443.91],
    ]
)
"""Geometric Sun, GCRS, at 1969-07-28 04:00:00 TT plus those seconds: the full DE421 of the package skyfield-data 7.0.0,
read with Skyfield 1.55. The date lies before the excerpt that this package carries."""


def test_umbra_is_entered_when_orekit_says() -> None:
    # Orekit's EclipseDetectorTest: state, point mass, spherical Earth of 6,400 km, Sun of 696,000 km; entry 2303.1835 s
    # after the state. Two-body motion by Lagrange's f and g in eccentric anomaly (Battin, section 4.3).
    position = np.array([-6142.438668, 3492.467560, -25.76725680])
    velocity = np.array([0.5058479685, 0.9427809215, 7.435922231])
    radius = np.linalg.norm(position)
    axis = 1.0 / (2.0 / radius - velocity @ velocity / MU_KM3_S2)
    motion = np.sqrt(MU_KM3_S2 / axis**3)
    cosine, sine = 1.0 - radius / axis, position @ velocity / np.sqrt(MU_KM3_S2 * axis)

    def lit(seconds: float) -> float:
        x = motion * seconds
        for _ in range(30):
            error = x - cosine * np.sin(x) + sine * (1.0 - np.cos(x)) - motion * seconds
            x -= error / (1.0 - cosine * np.cos(x) + sine * np.sin(x))
        f, g = 1.0 - axis / radius * (1.0 - np.cos(x)), seconds - (x - np.sin(x)) / motion
        sun = np.array([[np.interp(seconds, EPOCH_SUN_S, EPOCH_SUN_KM[:, i]) for i in range(3)]])
        at = (f * position + g * velocity)[None, None]
        return float(sunlit_fraction(at, sun, earth_radius_km=6400.0, sun_radius_km=696_000.0)[0, 0])

    assert lit(2250.0) == 1.0
    low, high = 2250.0, 2350.0
    while high - low > 1e-6:
        middle = (low + high) / 2.0
        low, high = (middle, high) if lit(middle) > 0.0 else (low, middle)
    assert high == pytest.approx(2303.1835, abs=0.001)


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
    lit = sunlit_fraction(positions, sun_positions_km(times))
    for sat in range(12):
        place = Geocentric(positions[:, sat].T / ASTRONOMICAL_UNIT_KM, t=times.skyfield, center=399)
        seen = place.is_sunlit(ephemeris())
        assert np.all(seen[lit[:, sat] == 1.0])
        assert not np.any(seen[lit[:, sat] == 0.0])
    assert 0.3 < np.mean(lit == 0.0) < 0.4


def test_row_25_no_satellites_give_an_empty_answer() -> None:
    empty = np.empty((3, 0, 3))
    sun = np.repeat(SUN, 3, axis=0)
    assert sunlit_fraction(empty, sun).shape == (3, 0)
    assert beta_deg(empty, empty, sun).shape == (3, 0)


def test_arrays_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="sun_km"):
        sunlit_fraction(np.zeros((2, 1, 3)), SUN)
