"""Relative motion in the Hill frame, and from there to an inertial one: against the equations they solve."""

import math
from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.arrays import FloatArray
from planner.orbit.design.shells import circular_orbits
from planner.orbit.elements import Offsets
from planner.orbit.formation import hill_to_inertial, relative_motion, relative_rate_rad_s

MU_KM3_S2 = 398_600.8
AXIS_KM = 7028.135
RATE_RAD_S = math.sqrt(MU_KM3_S2 / AXIS_KM**3)
PERIOD_S = 2.0 * math.pi / RATE_RAD_S

INTEGRATION_TOLERANCE_KM = 1e-8
ROUNDING_TOLERANCE_KM = 1e-12
SECOND_ORDER_KM = 1.0 / AXIS_KM
"""ρ²/a for ρ = 1 km, 0.14 m."""

lengths = st.floats(-2.0, 2.0)


def offsets(*states: tuple[float, float, float, float, float, float]) -> Offsets:
    return Offsets(*np.array(states, dtype=np.float64).reshape(-1, 6).T)


def moved(state: Offsets, seconds: float) -> Offsets:
    (places,), (rates,) = relative_motion(state, np.full(len(state), RATE_RAD_S), np.array([seconds]))
    return Offsets(*places.T, *rates.T)


def columns(state: Offsets) -> FloatArray:
    return np.array([getattr(state, column.name) for column in fields(state)])


ANY = offsets(
    (0.5, 0.0, 0.0, 0.0, -2.0 * RATE_RAD_S * 0.5, 0.0),
    (0.3, -1.1, 0.4, 2e-4, -5e-4, 3e-4),
    (-0.2, 0.7, -0.6, -4e-4, 9e-4, 1e-4),
    (0.0, 2.0, 0.0, 0.0, 0.0, 0.0),
)
"""On an ellipse, drifting backward, drifting forward, and standing ahead."""


def test_the_closed_form_solves_the_equations_of_clohessy_and_wiltshire() -> None:
    from scipy.integrate import solve_ivp

    # x'' = 3 n² x + 2 n y', y'' = −2 n x', z'' = −n² z.
    def rates(_: float, state: FloatArray) -> FloatArray:
        (x, _y, z), (dx, dy, dz) = state.reshape(2, 3, -1)
        n = RATE_RAD_S
        return np.concatenate([dx, dy, dz, 3.0 * n * n * x + 2.0 * n * dy, -2.0 * n * dx, -n * n * z])

    times = np.linspace(0.0, 2.5 * PERIOD_S, 41)
    solved = solve_ivp(rates, (0.0, times[-1]), columns(ANY).ravel(), "DOP853", times, rtol=1e-12, atol=1e-14)
    wanted_km, wanted_km_s = solved.y.reshape(2, 3, len(ANY), len(times)).transpose(0, 3, 2, 1)
    places, speeds = relative_motion(ANY, np.full(len(ANY), RATE_RAD_S), times)
    assert places.shape == speeds.shape == (41, 4, 3)
    assert np.abs(places - wanted_km).max() < INTEGRATION_TOLERANCE_KM
    assert np.abs(speeds - wanted_km_s).max() < INTEGRATION_TOLERANCE_KM * RATE_RAD_S


def test_at_the_epoch_satellites_are_where_their_offsets_say() -> None:
    assert np.abs(columns(moved(ANY, 0.0)) - columns(ANY)).max() < ROUNDING_TOLERANCE_KM


@given(first=st.floats(-2e4, 2e4), second=st.floats(-2e4, 2e4))
def test_two_moves_are_one(first: float, second: float) -> None:
    twice = columns(moved(moved(ANY, first), second))
    assert np.abs(twice - columns(moved(ANY, first + second))).max() < 1e3 * ROUNDING_TOLERANCE_KM


@given(x=lengths, y=lengths, z=lengths, dx=lengths, dz=lengths)
def test_a_satellite_without_surplus_energy_is_back_after_a_revolution(
    x: float, y: float, z: float, dx: float, dz: float
) -> None:
    start = offsets((x, y, z, dx * RATE_RAD_S, -2.0 * RATE_RAD_S * x, dz * RATE_RAD_S))
    assert np.abs(columns(moved(start, PERIOD_S)) - columns(start)).max() < 1e2 * ROUNDING_TOLERANCE_KM


@given(surplus=lengths)
def test_any_other_drifts_six_pi_times_its_surplus_a_revolution(surplus: float) -> None:
    # y gains −3 (2x + y'/n) nt: −6π of it in a revolution.
    start = offsets((0.4, 0.0, 0.0, 0.0, RATE_RAD_S * (surplus - 0.8), 0.0))
    gained = moved(start, PERIOD_S).along_track_km[0]
    assert gained == pytest.approx(-6.0 * math.pi * surplus, abs=1e2 * ROUNDING_TOLERANCE_KM)


@given(scale=st.floats(0.01, 100.0), seconds=st.floats(0.0, 2e4))
def test_a_formation_twice_as_large_moves_twice_as_far(scale: float, seconds: float) -> None:
    larger = columns(moved(Offsets(*(scale * columns(ANY))), seconds))
    assert np.abs(larger - scale * columns(moved(ANY, seconds))).max() < 1e3 * scale * ROUNDING_TOLERANCE_KM


def test_satellites_may_have_epochs_and_rates_of_their_own() -> None:
    rates = RATE_RAD_S * np.array([1.0, 0.9, 1.1, 0.5])
    elapsed = np.array([[0.0, 60.0, -600.0, 9e3], [60.0, 120.0, -540.0, 9060.0]])
    places, speeds = relative_motion(ANY, rates, elapsed)
    for i in range(len(ANY)):
        alone, alone_speed = relative_motion(ANY[i : i + 1], rates[i : i + 1], elapsed[:, i])
        assert np.array_equal(places[:, i], alone[:, 0])
        assert np.array_equal(speeds[:, i], alone_speed[:, 0])


def test_the_chief_stays_where_it_is() -> None:
    places, speeds = relative_motion(Offsets.none(2), np.full(2, RATE_RAD_S), np.linspace(0.0, 1e5, 11))
    assert not places.any()
    assert not speeds.any()


def chief(seconds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A circular orbit inclined by 30°, ``[time, xyz]``."""
    u, c, s = RATE_RAD_S * seconds, math.cos(math.radians(30.0)), math.sin(math.radians(30.0))
    places = AXIS_KM * np.stack([np.cos(u), np.sin(u) * c, np.sin(u) * s], axis=-1)
    speeds = AXIS_KM * RATE_RAD_S * np.stack([-np.sin(u), np.cos(u) * c, np.cos(u) * s], axis=-1)
    return places, speeds


def test_the_frame_has_the_radius_the_motion_and_the_orbit_normal_for_its_axes() -> None:
    km, km_s = chief(np.array([0.0]))
    axes = np.eye(3)
    still = np.zeros((3, 3))
    places, _ = hill_to_inertial(km, km_s, axes, still)
    c, s = math.cos(math.radians(30.0)), math.sin(math.radians(30.0))
    wanted = np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])
    assert np.abs(places - km - wanted).max() < ROUNDING_TOLERANCE_KM


def test_the_velocity_is_the_derivative_of_the_position() -> None:
    step = 0.5
    times = 1000.0 + step * np.arange(-2, 3)
    places, speeds = relative_motion(ANY, np.full(len(ANY), RATE_RAD_S), times)
    km, km_s = (state[:, None] for state in chief(times))
    positions, velocities = hill_to_inertial(km, km_s, places, speeds)
    # Central difference of fourth order: its error, n⁵ h⁴ r/30, is 1e-14 km/s; rounding of positions is 1e-12/h.
    slope = (positions[0] - 8.0 * positions[1] + 8.0 * positions[3] - positions[4]) / (12.0 * step)
    assert np.abs(velocities[2] - slope).max() < 1e-11


def test_in_the_field_of_a_point_mass_satellites_follow_to_second_order() -> None:
    from scipy.integrate import solve_ivp

    # The linear equations leave out terms of ρ²/a: for satellites of the chief's energy they do not grow.
    start = offsets((0.5, 0.0, 0.2, 0.0, -RATE_RAD_S, 0.0), (0.0, 1.0, 0.0, 0.5 * RATE_RAD_S, 0.0, 0.2 * RATE_RAD_S))
    places, rates = columns(start).reshape(2, 3, 2).swapaxes(1, 2)
    positions, velocities = hill_to_inertial(*chief(np.array([0.0])), places, rates)
    speeds = np.linalg.norm(velocities, axis=1, keepdims=True)
    allowed = np.sqrt(2.0 * MU_KM3_S2 / np.linalg.norm(positions, axis=1, keepdims=True) - MU_KM3_S2 / AXIS_KM)
    velocities *= allowed / speeds

    def pull(_: float, state: FloatArray) -> FloatArray:
        places, rates = state.reshape(2, -1, 3)
        return np.concatenate([rates, -MU_KM3_S2 * places / np.linalg.norm(places, axis=1)[:, None] ** 3]).ravel()

    times = np.linspace(0.0, PERIOD_S, 25)
    begin = np.concatenate([positions, velocities]).ravel()
    flown = solve_ivp(pull, (0.0, PERIOD_S), begin, "DOP853", times, rtol=1e-12, atol=1e-12).y
    wanted = flown.reshape(2, 2, 3, len(times)).transpose(0, 3, 1, 2)[0]
    relative = relative_motion(start, np.full(2, RATE_RAD_S), times)
    got, _ = hill_to_inertial(*(state[:, None] for state in chief(times)), *relative)
    assert np.linalg.norm(got - wanted, axis=-1).max() < 5.0 * SECOND_ORDER_KM


@pytest.mark.parametrize("inclination_deg", [0.0, 53.0, 97.986, 140.0])
def test_the_rate_is_sgp4s_secular_rate_of_the_mean_anomaly(inclination_deg: float) -> None:
    from sgp4.api import WGS72, Satrec

    fleet = circular_orbits(
        name="c", altitude_km=650.0, inclination_deg=inclination_deg, planes=np.zeros(1, int), slots=np.zeros(1, int),
        raan_deg=np.zeros(1), mean_anomaly_deg=np.zeros(1), epoch=datetime(2026, 3, 20, tzinfo=UTC), rack_type="",
    )  # fmt: skip
    fleet = replace(fleet, eccentricity_fraction=np.array([0.01]))
    satrec = Satrec()
    satrec.sgp4init(
        WGS72, "i", 0, 27_000.0, 0.0, 0.0, 0.0, 0.01, 0.0, math.radians(inclination_deg), 0.0,
        float(fleet.mean_motion_rad_min[0]), 0.0,
    )  # fmt: skip
    # SGP4 adds terms of J2², a few millionths; without those of J2 it would be 1e-3 off.
    assert relative_rate_rad_s(fleet)[0] == pytest.approx(satrec.mdot / 60.0, rel=5e-6)
