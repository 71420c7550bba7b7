"""When satellites enter and leave the shadow: published events, closed forms, and what a grid cuts off."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.arrays import FloatArray
from planner.constants import ASTRONOMICAL_UNIT_KM, EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, EARTH_MU_KM3_S2
from planner.environment import (
    ShadowTable,
    beta_without_eclipse_deg,
    crossings,
    eclipse_fraction_circular,
    shadow_crossings,
    sun_positions_km,
    sunlit_fraction,
)
from planner.orbit import propagate, walker_delta
from planner.times import TimeGrid

OREKIT_MU_KM3_S2 = 398_600.47
OREKIT_POSITION_KM = np.array([-6142.438668, 3492.467560, -25.76725680])
OREKIT_VELOCITY_KM_S = np.array([0.5058479685, 0.9427809215, 7.435922231])
OREKIT_START = datetime(1969, 7, 28, 4, tzinfo=UTC)
"""Orekit's EclipseDetectorTest: a state on 1969-07-28 04:00:00 TT, GCRF, flown about a point mass. Only times since
the state are used, so that the label of the grid does not matter."""
OREKIT_SUN_RADIUS_KM = 696_000.0
OREKIT_SUN_S = np.array([0.0, 5000.0, 10_000.0, 15_000.0])
OREKIT_SUN_KM = np.array(
    [
        [-87_843_935.45, 113_689_746.32, 49_298_787.70],
        [-87_962_914.68, 113_611_191.13, 49_264_726.13],
        [-88_081_811.00, 113_532_529.15, 49_230_618.34],
        [-88_200_624.31, 113_453_760.46, 49_196_464.36],
    ]
)
"""Geometric Sun, GCRS, at those seconds after the state: the full DE421 of the package skyfield-data 7.0.0, read with
Skyfield 1.55. The date lies before the excerpt that this package carries."""
OREKIT_POLE = np.array([-2.951018135e-03, 3.250529117e-05, 9.999956452e-01])
"""The Earth's axis in GCRS at the state, Skyfield 1.55 (IAU 2006 precession, IAU 2000A nutation)."""
OREKIT_TOLERANCE_S = 1e-3
"""That of Orekit's own test."""


def kepler(position: FloatArray, velocity: FloatArray, mu: float, at_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return two-body states by Lagrange's f and g in eccentric anomaly (Battin, section 4.3)."""
    radius = np.linalg.norm(position)
    axis = 1.0 / (2.0 / radius - velocity @ velocity / mu)
    motion = np.sqrt(mu / axis**3)
    cosine, sine = 1.0 - radius / axis, position @ velocity / np.sqrt(mu * axis)
    x = motion * at_s
    for _ in range(40):
        error = x - cosine * np.sin(x) + sine * (1.0 - np.cos(x)) - motion * at_s
        x = x - error / (1.0 - cosine * np.cos(x) + sine * np.sin(x))
    away = axis * (1.0 - cosine * np.cos(x) + sine * np.sin(x))
    f, g = 1.0 - axis / radius * (1.0 - np.cos(x)), at_s - (x - np.sin(x)) / motion
    f_rate = -np.sqrt(mu * axis) / (away * radius) * np.sin(x)
    g_rate = 1.0 - axis / away * (1.0 - np.cos(x))
    return f[:, None] * position + g[:, None] * velocity, f_rate[:, None] * position + g_rate[:, None] * velocity


def orekit(
    position: FloatArray, velocity: FloatArray, duration_s: float, *, radius_km: float, flattening: float
) -> ShadowTable:
    times = TimeGrid(OREKIT_START, 20.0, int(duration_s / 20.0) + 1)
    at_s = times.offsets_s
    states = kepler(position, velocity, OREKIT_MU_KM3_S2, at_s)
    cubic = np.polynomial.Polynomial.fit
    sun = np.stack([cubic(OREKIT_SUN_S, OREKIT_SUN_KM[:, i], 3)(at_s) for i in range(3)], axis=1)
    return shadow_crossings(
        times, states[0][:, None], states[1][:, None], sun, pole=np.tile(OREKIT_POLE, (times.count, 1)),
        flattening=flattening, earth_radius_km=radius_km, sun_radius_km=OREKIT_SUN_RADIUS_KM,
    )  # fmt: skip


def test_umbra_is_entered_and_penumbra_left_when_orekit_says() -> None:
    # testEclipse: next umbra entry after 2303.1835 s; testPenumbra: full light again after 4388.155852 s. A sphere of
    # 6,400 km.
    table = orekit(OREKIT_POSITION_KM, OREKIT_VELOCITY_KM_S, 6000.0, radius_km=6400.0, flattening=0.0)
    assert table.umbra.tolist() == [False, True]
    assert table.start_s[1] == pytest.approx(2303.1835, abs=OREKIT_TOLERANCE_S)
    assert table.end_s[0] == pytest.approx(4388.155852, abs=1e-4)


@pytest.mark.parametrize(
    ("flattening", "starts", "ends"),
    [
        (0.0, [2274.702, 8189.250, 14_103.800], [4317.155, 10_232.115]),
        (EARTH_FLATTENING, [2280.427, 8194.978, 14_109.530], [4310.742, 10_225.704]),
    ],
    ids=["sphere", "ellipsoid"],
)
def test_a_polar_orbit_meets_the_flattened_earth_when_orekit_says(
    flattening: float, starts: list[float], ends: list[float]
) -> None:
    # testPolar: the same orbit tilted to 90° about its node, about the WGS84 ellipsoid and its equatorial sphere.
    momentum = np.cross(OREKIT_POSITION_KM, OREKIT_VELOCITY_KM_S)
    node = np.array([-momentum[1], momentum[0], 0.0]) / np.hypot(momentum[0], momentum[1])
    tilt = np.pi / 2.0 - np.arccos(momentum[2] / np.linalg.norm(momentum))

    def turned(vector: FloatArray) -> FloatArray:
        # Rodrigues' rotation about the node.
        aside = np.cross(node, vector)
        return vector * np.cos(tilt) + aside * np.sin(tilt) + node * (node @ vector) * (1.0 - np.cos(tilt))

    state = turned(OREKIT_POSITION_KM), turned(OREKIT_VELOCITY_KM_S)
    table = orekit(*state, 15_000.0, radius_km=EARTH_EQUATORIAL_RADIUS_KM, flattening=flattening)
    assert table.start_s[table.umbra] == pytest.approx(starts, abs=OREKIT_TOLERANCE_S)
    # Orekit allows one of its ends 1.6 ms.
    assert table.end_s[table.umbra][:2] == pytest.approx(ends, abs=1.6 * OREKIT_TOLERANCE_S)
    assert np.isnan(table.end_s[table.umbra][2])


def circular(
    beta_deg: float, altitude_km: float, times: TimeGrid, first_deg: float = 0.0
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Return states ``[time, 1, xyz]`` of an orbit that begins `first_deg` past noon, the Sun, and the period."""
    radius = EARTH_EQUATORIAL_RADIUS_KM + altitude_km
    motion = np.sqrt(EARTH_MU_KM3_S2 / radius**3)
    tilt = np.radians(beta_deg)
    noon, dusk = np.array([np.cos(tilt), 0.0, np.sin(tilt)]), np.array([0.0, 1.0, 0.0])
    angle = (np.radians(first_deg) + motion * times.offsets_s)[:, None]
    positions = radius * (np.cos(angle) * noon + np.sin(angle) * dusk)
    velocities = radius * motion * (np.cos(angle) * dusk - np.sin(angle) * noon)
    sun = np.tile([ASTRONOMICAL_UNIT_KM, 0.0, 0.0], (times.count, 1))
    return positions[:, None], velocities[:, None], sun, 2.0 * np.pi / motion


@pytest.mark.parametrize(("altitude_km", "step_s"), [(550.0, 60.0), (550.0, 300.0), (35_786.0, 4500.0)])
def test_passages_take_as_long_as_the_closed_form_says_within_half_a_second(altitude_km: float, step_s: float) -> None:
    # Two revolutions; the closed form's Sun is at one astronomical unit as well. A contact may be wrong by half a
    # second at the longest step allowed, so may a duration, and twice that were both contacts off in opposite ways.
    period = circular(5.0, altitude_km, TimeGrid(OREKIT_START, 1.0, 1))[3]
    times = TimeGrid(OREKIT_START, step_s, int(2.0 * period / step_s) + 1)
    *states, period = circular(5.0, altitude_km, times, first_deg=17.0)
    table = shadow_crossings(times, *states, flattening=0.0)
    assert table.umbra.tolist() == [False, True, False, True]
    for kind, shadow in ((True, "umbra"), (False, "penumbra")):
        expected_s = float(eclipse_fraction_circular(altitude_km, 5.0, shadow=shadow)) * period  # type: ignore[arg-type]
        assert table.duration_min[table.umbra == kind] * 60.0 == pytest.approx([expected_s] * 2, abs=1.0)
        # From one passage to the next it is a revolution, wherever the grid lies.
        assert np.diff(table.start_s[table.umbra == kind]) == pytest.approx([period], abs=1.0)


@pytest.mark.parametrize("first_deg", [0.0, 0.7, 1.9, 3.1])
def test_a_passage_shorter_than_a_step_is_found(first_deg: float) -> None:
    # β 0.005° below the angle from which on there is no umbra: some 40 s of it at 650 km, in steps of 2 min.
    times = TimeGrid(OREKIT_START, 120.0, 50)
    beta = beta_without_eclipse_deg(650.0) - 0.005
    expected_s = float(eclipse_fraction_circular(650.0, beta)) * circular(beta, 650.0, times)[3]
    assert 20.0 < expected_s < 60.0
    *states, _ = circular(beta, 650.0, times, first_deg)
    table = shadow_crossings(times, *states, flattening=0.0)
    assert table.umbra.tolist() == [False, True]
    # The cubic is 5 m off: 4e-5° of those 0.005° as seen from the centre, times tan 65°, and half of it: 1 % of 40 s.
    assert table.duration_min[1] * 60.0 == pytest.approx(expected_s, abs=0.5)


def test_a_passage_that_barely_grazes_the_umbra_is_found_wherever_in_a_step_it_lies() -> None:
    # β 5e-8° below the angle from which on there is none: 0.11 s of umbra, a two-hundredth of a step of 20 s (1.23°).
    # The lowest Sun has to be found to 0.06 s.
    times = TimeGrid(OREKIT_START, 20.0, 290)
    beta = beta_without_eclipse_deg(650.0) - 5e-8
    expected_s = float(eclipse_fraction_circular(650.0, beta)) * circular(beta, 650.0, times)[3]
    assert expected_s == pytest.approx(0.114, abs=0.001)
    for first_deg in np.linspace(0.0, 1.23, 16):
        *states, _ = circular(beta, 650.0, times, float(first_deg))
        table = shadow_crossings(times, *states, flattening=0.0)
        assert table.umbra.tolist() == [False, True], first_deg
        # The cubic lies up to θ⁴ r/384 = 4 mm lower, 3e-8° as seen from the centre, times tan 65°: up to 7e-8° on top
        # of those 5e-8°, and the passage grows as their root.
        assert 0.99 * expected_s < table.end_s[1] - table.start_s[1] < np.sqrt(2.4) * expected_s


def test_the_contacts_part_the_grid_as_sunlight_does() -> None:
    # At every instant of the grid: no light exactly inside an umbra's passage, full light exactly outside a penumbra's.
    times = TimeGrid(datetime(2026, 3, 1, tzinfo=UTC), 60.0, 400)
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=97.6, satellites=24, planes=6, phasing=1, epoch=times.start
    )
    states, sun = propagate(fleet, times), sun_positions_km(times)
    lit = sunlit_fraction(states.positions_km, sun)
    table = shadow_crossings(times, states.positions_km, states.velocities_km_s, sun)
    for kind, inside in ((True, lit == 0.0), (False, lit < 1.0)):
        drawn = np.zeros(lit.shape, dtype=bool)
        for row in np.flatnonzero(table.umbra == kind):
            start, end = np.nan_to_num([table.start_s[row]], nan=-1.0), np.nan_to_num([table.end_s[row]], nan=1e9)
            drawn[(times.offsets_s >= start) & (times.offsets_s <= end), table.satellite[row]] = True
        assert np.array_equal(drawn, inside)
    order = np.lexsort((table.umbra, np.nan_to_num(table.start_s, nan=-1.0), table.satellite))
    assert np.array_equal(order, np.arange(len(table)))


def test_a_passage_that_the_grid_cuts_has_no_start_or_no_end() -> None:
    times = TimeGrid(OREKIT_START, 60.0, 31)
    # At 550 km and β = 0 the umbra spans 36 min about midnight, 112° of the revolution.
    for first_deg, start_known, end_known in ((170.0, False, True), (100.0, True, False)):
        *states, _ = circular(0.0, 550.0, times, first_deg)
        table = shadow_crossings(times, *states)
        assert len(table) == 2
        assert np.array_equal(np.isfinite(table.start_s), [start_known] * 2)
        assert np.array_equal(np.isfinite(table.end_s), [end_known] * 2)
        assert np.isnan(table.duration_min).all()


def test_a_satellite_in_shadow_throughout_has_one_row_without_times() -> None:
    for count in (1, 5):
        times = TimeGrid(OREKIT_START, 60.0, count)
        *states, _ = circular(0.0, 550.0, times, 170.0)
        table = shadow_crossings(times, *states)
        assert table.umbra.tolist() == [False, True]
        assert np.isnan([table.start_s, table.end_s]).all()


def test_a_satellite_lost_in_the_shadow_never_leaves_it() -> None:
    times = TimeGrid(OREKIT_START, 60.0, 60)
    positions, velocities, sun, _ = circular(0.0, 550.0, times, 100.0)
    table = shadow_crossings(times, positions, velocities, sun)
    assert np.isfinite(table.duration_min).all()
    lost = np.where(np.arange(60)[:, None, None] < 25, positions, np.nan)
    cut = shadow_crossings(times, lost, velocities, sun)
    assert np.array_equal(cut.start_s, table.start_s)
    assert np.isnan(cut.end_s).all()


def test_some_of_the_satellites_and_part_of_the_time_have_the_contacts_of_the_whole() -> None:
    times = TimeGrid(datetime(2026, 3, 1, tzinfo=UTC), 60.0, 200)
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=6, planes=3, phasing=1, epoch=times.start
    )
    states, sun = propagate(fleet, times), sun_positions_km(times)
    whole = shadow_crossings(times, states.positions_km, states.velocities_km_s, sun)
    pick = [4, 1, 3]
    some = shadow_crossings(times, states.positions_km[:, pick], states.velocities_km_s[:, pick], sun)
    for place, sat in enumerate(pick):
        here, there = some.satellite == place, whole.satellite == sat
        assert np.array_equal(some.start_s[here], whole.start_s[there], equal_nan=True)
        assert np.array_equal(some.end_s[here], whole.end_s[there], equal_nan=True)
    part = shadow_crossings(times.part(50, 200), states.positions_km[50:], states.velocities_km_s[50:], sun[50:])
    later = np.sort(part.start_s[np.isfinite(part.start_s)]) + 3000.0
    known = np.sort(whole.start_s[whole.start_s > 3000.0])
    assert later == pytest.approx(known, abs=1e-9)


def test_more_contacts_than_were_made_room_for_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    # A day of 15 revolutions has 60 contacts; an estimate of one revolution leaves room for 8.
    times = TimeGrid(OREKIT_START, 120.0, 720)
    *states, _ = circular(10.0, 550.0, times)
    whole = shadow_crossings(times, *states)
    monkeypatch.setattr(crossings, "_QUICKEST_S", 1e6)
    again = shadow_crossings(times, *states)
    assert len(again) == len(whole) == 30
    assert np.array_equal(again.start_s, whole.start_s, equal_nan=True)


def test_row_25_no_satellites_have_no_passages() -> None:
    times = TimeGrid(OREKIT_START, 60.0, 3)
    sun = np.tile([ASTRONOMICAL_UNIT_KM, 0.0, 0.0], (3, 1))
    table = shadow_crossings(times, np.empty((3, 0, 3)), np.empty((3, 0, 3)), sun)
    assert len(table) == 0
    assert table.duration_min.shape == (0,)


def test_a_step_too_long_is_refused_with_one_that_is_not() -> None:
    # 550 km: 95.65 min a revolution, 20° of it 319 s.
    times = TimeGrid(OREKIT_START, 600.0, 10)
    *states, _ = circular(0.0, 550.0, times)
    with pytest.raises(ValueError, match=r"37\.6° in a step of 600 s, at most 20° are allowed; take steps of 319 s"):
        shadow_crossings(times, *states)


def test_states_of_the_wrong_shape_are_refused() -> None:
    times = TimeGrid(OREKIT_START, 60.0, 10)
    positions, velocities, sun, _ = circular(0.0, 550.0, times)
    with pytest.raises(ValueError, match="velocities_km_s"):
        shadow_crossings(times, positions, velocities[1:], sun)
