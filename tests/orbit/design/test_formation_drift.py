"""Formations in the field of a point mass and J2, integrated: how right the closed forms of them are."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest

from planner.arrays import FloatArray
from planner.constants import WGS72_MU_KM3_S2, WGS72_RADIUS_KM
from planner.orbit import teme_states
from planner.orbit.design.cluster import cluster
from planner.orbit.design.formation_drift import J2Drift, j2_drift
from planner.orbit.design.formation_geometry import cluster_geometry
from planner.orbit.elements import Fleet
from planner.orbit.formation import hill_to_inertial, relative_motion, relative_rate_rad_s
from planner.orbit.meanmotion import WGS72_J2

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)
DAY_S = 86_400.0
YEAR_S = 365.242_19 * DAY_S
EDGE = [0, *range(69, 81)]
"""The chief and the twelve satellites 1 km from it."""

DRIFT_TOLERANCE_FRACTION = 0.005
RATE_TOLERANCE_FRACTION = 0.01
"""First order in J2: the next is 1e-3 of it, times small numbers."""


@dataclass(frozen=True)
class Flight:
    """What a formation did: the closed forms asked, and the integrated states in the chief's Hill frame."""

    fleet: Fleet
    drift: J2Drift
    seconds: FloatArray
    relative_km: FloatArray
    relative_km_s: FloatArray
    latitude_argument_rad: FloatArray


def suncatcher(**changes: Any) -> Fleet:
    return cluster(**{"name": "s", "epoch": EPOCH, **changes})[EDGE]


def acceleration_km_s2(positions_km: FloatArray) -> FloatArray:
    squared = np.sum(positions_km**2, axis=-1, keepdims=True)
    height = positions_km[:, 2:] ** 2 / squared
    oblate = 1.5 * WGS72_J2 * WGS72_RADIUS_KM**2 / squared * (1.0 - 5.0 * height + np.array([0.0, 0.0, 2.0]))
    return -WGS72_MU_KM3_S2 * positions_km / squared**1.5 * (1.0 + oblate)


@cache
def fly(mean_anomaly_deg: float, cross_track_fraction: float, trimmed: bool, days: float) -> Flight:
    """Integrate chief and edge of a cluster from the chief's SGP4 state; the trim as `j2_drift` gives it."""
    from scipy.integrate import solve_ivp

    fleet = suncatcher(mean_anomaly_deg=mean_anomaly_deg, cross_track_fraction=cross_track_fraction)
    drift = j2_drift(fleet)
    _, km, km_s = teme_states(fleet[[0]], fleet.epoch_jd[:1], fleet.epoch_fraction[:1])
    places, rates = (part[0] for part in relative_motion(fleet.offsets, relative_rate_rad_s(fleet), np.zeros(1)))
    kick = drift.trim_m_s[:, None] * np.array([0.0, 1e-3, 0.0]) if trimmed else 0.0
    start = hill_to_inertial(km[0], km_s[0], places, rates + kick)

    def slopes(_: float, state: FloatArray) -> FloatArray:
        positions, velocities = state.reshape(2, -1, 3)
        return np.concatenate([velocities, acceleration_km_s2(positions)]).ravel()

    seconds = np.arange(0.0, days * DAY_S + 1.0, 120.0)
    solved = solve_ivp(
        slopes, (0.0, seconds[-1]), np.ravel(start), "DOP853", seconds, rtol=1e-12, atol=1e-12
    ).y.reshape(2, len(fleet), 3, len(seconds))
    positions, velocities = solved.transpose(0, 3, 1, 2)
    return Flight(fleet, drift, seconds, *_hill(positions, velocities))


def _hill(positions: FloatArray, velocities: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """States about the first satellite in its Hill frame, and its argument of latitude."""
    chief, speed = positions[:, 0], velocities[:, 0]
    momentum = np.cross(chief, speed)
    radial = chief / np.linalg.norm(chief, axis=1, keepdims=True)
    normal = momentum / np.linalg.norm(momentum, axis=1, keepdims=True)
    axes = np.stack([radial, np.cross(normal, radial), normal], axis=1)
    places = np.einsum("tij,tsj->tsi", axes, positions - chief[:, None])
    seen = np.einsum("tij,tsj->tsi", axes, velocities - speed[:, None])
    turning = (np.linalg.norm(momentum, axis=1) / np.sum(chief**2, axis=1))[:, None]
    seen[..., 0] += turning * places[..., 1]
    seen[..., 1] -= turning * places[..., 0]
    node = np.stack([-normal[:, 1], normal[:, 0], np.zeros(len(normal))], axis=1)
    ahead = np.cross(normal, node)
    return places, seen, np.unwrap(np.arctan2(np.sum(radial * ahead, axis=1), np.sum(radial * node, axis=1)))


def fitted(values: FloatArray, *columns: FloatArray) -> FloatArray:
    """Least squares of ``[time, sat]`` by columns ``[time]``: ``[column, sat]``."""
    table = np.stack(columns, axis=-1)
    sizes = np.linalg.norm(table, axis=0)
    return np.linalg.lstsq(table / sizes, values, rcond=None)[0] / sizes[:, None]


def leaving_km_d(flight: Flight) -> FloatArray:
    """How fast the middle of each relative ellipse moves along the track, ``[sat]``."""
    t = flight.seconds
    angle = relative_rate_rad_s(flight.fleet)[0] * t
    waves = [wave(k * angle) for k in (1, 2, 3) for wave in (np.cos, np.sin)]
    return fitted(flight.relative_km[..., 1], t, np.ones_like(t), *waves, t * waves[0], t * waves[1])[0] * DAY_S


PHASES = [0.0, 45.0, 90.0, 180.0, 270.0]


@pytest.mark.parametrize("phase", PHASES)
def test_untrimmed_satellites_leave_as_fast_as_their_energy_says(phase: float) -> None:
    flight = fly(phase, 0.0, trimmed=False, days=1.0)
    told = flight.drift.along_track_km_d
    assert np.abs(leaving_km_d(flight) - told).max() < DRIFT_TOLERANCE_FRACTION * np.abs(told).max()


def test_untrimmed_satellites_of_a_tilted_cluster_leave_as_fast_as_their_inclination_says_too() -> None:
    flight = fly(0.0, 0.5, trimmed=False, days=1.0)
    told = flight.drift.along_track_km_d
    flat = fly(0.0, 0.0, trimmed=False, days=1.0).drift.along_track_km_d
    assert np.abs(told - flat).max() > 0.02
    assert np.abs(leaving_km_d(flight) - told).max() < DRIFT_TOLERANCE_FRACTION * np.abs(told).max()


@pytest.mark.parametrize(("phase", "fraction"), [(0.0, 0.0), (45.0, 0.0), (90.0, 0.0), (270.0, 0.0), (45.0, 0.5)])
def test_trimmed_satellites_stay_to_a_fifth_of_a_metre_a_day(phase: float, fraction: float) -> None:
    flight = fly(phase, fraction, trimmed=True, days=1.0)
    assert np.abs(leaving_km_d(flight)).max() < 2e-4
    # Up to 3.1 mm/s, 0.3 % of the 1.07 m/s at which a satellite passes above the chief.
    assert np.abs(flight.drift.trim_m_s).max() < 3.5e-3


@pytest.mark.parametrize("phase", [0.0, 45.0, 90.0, 270.0])
def test_trimmed_satellites_follow_the_relative_motion_within_10_m_for_a_day(phase: float) -> None:
    flight = fly(phase, 0.0, trimmed=True, days=1.0)
    places, rates = relative_motion(flight.fleet.offsets, relative_rate_rad_s(flight.fleet), flight.seconds)
    assert np.linalg.norm(places - flight.relative_km, axis=-1).max() < 0.010
    assert np.linalg.norm(rates - flight.relative_km_s, axis=-1).max() < 1e-5


def test_with_brouwers_mean_motion_they_would_be_60_m_off() -> None:
    flight = fly(45.0, 0.0, trimmed=True, days=1.0)
    rate = np.sqrt(WGS72_MU_KM3_S2 / flight.fleet.semi_major_axis_km**3)
    offsets, slower = flight.fleet.offsets, rate / relative_rate_rad_s(flight.fleet)
    # The ellipse of that rate through the same place: velocities of the other would make it drift on top.
    offsets = replace(
        offsets,
        radial_rate_km_s=offsets.radial_rate_km_s * slower,
        along_track_rate_km_s=offsets.along_track_rate_km_s * slower,
    )
    places, _ = relative_motion(offsets, rate, flight.seconds)
    assert 0.050 < np.linalg.norm(places - flight.relative_km, axis=-1).max() < 0.070


def test_ranges_of_trimmed_satellites_keep_within_1_percent_of_the_closed_form_for_a_day() -> None:
    flight = fly(90.0, 0.0, trimmed=True, days=1.0)
    geometry = cluster_geometry(flight.fleet)
    ranges = np.linalg.norm(flight.relative_km[:, :, None] - flight.relative_km[:, None], axis=-1)
    pairs = np.triu_indices(len(flight.fleet), 1)
    assert (ranges.min(axis=0)[pairs] > 0.99 * geometry.closest_km[pairs]).all()
    assert (ranges.max(axis=0)[pairs] < 1.01 * geometry.farthest_km[pairs]).all()


def test_the_ellipses_turn_as_a_perigee_does_and_all_together() -> None:
    flight = fly(45.0, 0.0, trimmed=True, days=10.0)
    t, u = flight.seconds, flight.latitude_argument_rad
    # x = −A cos(u − ϖ), with ϖ turning evenly: its amplitudes over each day, then the slope of their angle.
    days = [(t >= day * DAY_S) & (t < (day + 1) * DAY_S) for day in range(10)]
    angles = []
    for day in days:
        waves = [wave(k * u[day]) for k in (1, 2, 3) for wave in (np.cos, np.sin)]
        cosine, sine = fitted(flight.relative_km[day][:, 1:, 0], *waves, np.ones(day.sum()))[:2]
        angles.append(np.arctan2(-sine, -cosine))
    turns = np.polyfit(np.arange(10.0), np.unwrap(np.array(angles), axis=0), 1)[0]
    axis, cosine = flight.fleet.semi_major_axis_km[0], math.cos(math.radians(flight.fleet.inclination_deg[0]))
    rate = math.sqrt(WGS72_MU_KM3_S2 / axis**3)
    told = 0.75 * rate * WGS72_J2 * (WGS72_RADIUS_KM / axis) ** 2 * (5.0 * cosine**2 - 1.0) * DAY_S
    assert turns == pytest.approx(np.full(12, told), rel=RATE_TOLERANCE_FRACTION)
    # Δv of holding it: half of n A for every radian, A = 0.5 km.
    cost = 0.5 * rate * 500.0 * abs(told) / DAY_S * YEAR_S
    assert flight.drift.turning_m_s_yr[1:] == pytest.approx(np.full(12, cost), rel=1e-9)


def across_m_s_yr(flight: Flight) -> FloatArray:
    """Δv a year that the growth of the motion across the track asks for, ``[sat]``: n times its amplitude's growth."""
    t, u = flight.seconds, flight.latitude_argument_rad
    near = [wave(k * u) for k in (1, 2, 3) for wave in (np.cos, np.sin)]
    angle = relative_rate_rad_s(flight.fleet)[0] * t
    growth = fitted(
        flight.relative_km[..., 2], t * near[0], t * near[1], *near, np.cos(angle), np.sin(angle), np.ones_like(t)
    )[:2]
    return np.hypot(*growth) * relative_rate_rad_s(flight.fleet) * YEAR_S * 1e3


def test_a_flat_cluster_needs_next_to_nothing_across_the_track() -> None:
    flight = fly(45.0, 0.0, trimmed=True, days=10.0)
    assert flight.drift.node_m_s_yr.max() == 0.0
    assert across_m_s_yr(flight).max() < 0.03
    assert np.abs(leaving_km_d(flight)).max() < 2e-4


def test_a_tilted_cluster_pays_for_its_differences_of_inclination() -> None:
    flight = fly(0.0, 0.5, trimmed=True, days=10.0)
    told = flight.drift.node_m_s_yr
    # Flown, the node of a difference δi of inclination turns by 3/2 n J sin² i δi: 24 m/s a year for 0.5 km of it.
    assert told.max() == pytest.approx(24.0, rel=0.02)
    assert np.abs(across_m_s_yr(flight) - told).max() < RATE_TOLERANCE_FRACTION * told.max()


def test_suncatchers_cluster_costs_5_and_a_half_metres_per_second_a_year_for_each_kilometre_held() -> None:
    drift = j2_drift(suncatcher())
    # By hand: n = 1.0716e-3/s, J = 1.0826e-3·(6378.135/7028.135)² = 8.916e-4, cos² 97.986° = 0.0193:
    # ½·1.0716e-3·500 m · ¾·1.0716e-3·8.916e-4·0.9035 /s · 3.1557e7 s = 5.47 m/s.
    assert drift.worst_holding_m_s_yr == pytest.approx(5.47, abs=0.01)
    assert drift.worst_holding_per_km_m_s_yr == pytest.approx(5.47, abs=0.01)
    assert drift.holding_m_s_yr[0] == 0.0
    assert drift.trim_m_s[0] == 0.0


def test_costs_are_linear_in_size() -> None:
    small, large = j2_drift(suncatcher()), j2_drift(suncatcher(radius_km=4.0, spacing_km=0.4))
    assert large.turning_m_s_yr == pytest.approx(4.0 * small.turning_m_s_yr)
    assert large.worst_holding_per_km_m_s_yr == pytest.approx(small.worst_holding_per_km_m_s_yr)


def test_at_the_critical_inclination_nothing_turns() -> None:
    critical = math.degrees(math.acos(math.sqrt(0.2)))
    drift = j2_drift(suncatcher(inclination_deg=critical, raan_deg=0.0))
    assert drift.turning_m_s_yr.max() < 1e-9


def test_a_slice_of_the_drift_is_the_drift_of_a_slice() -> None:
    whole = j2_drift(suncatcher())
    for part in (whole[3:7], j2_drift(suncatcher()[3:7])):
        assert part.names == whole.names[3:7]
        assert np.array_equal(part.trim_m_s, whole.trim_m_s[3:7])
    nobody = j2_drift(suncatcher()[[]])
    assert nobody.worst_holding_m_s_yr == 0.0
    assert nobody.worst_holding_per_km_m_s_yr == 0.0


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (lambda fleet: fleet + suncatcher(name="t", altitude_km=700.0), "t-0-00 has .* pick one formation"),
        (
            lambda fleet: replace(fleet, mean_motion_rad_min=fleet.mean_motion_rad_min * 1.5),
            "SGP4 cannot fly the chief",
        ),
    ],
)
def test_what_is_not_one_formation_that_flies_is_refused(spoilt: Callable[[Fleet], Fleet], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        j2_drift(spoilt(suncatcher()))
