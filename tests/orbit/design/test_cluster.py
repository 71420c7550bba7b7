"""The cluster after Project Suncatcher: its lattice, its ranges in closed form and as flown, and what is refused."""

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray
from planner.orbit import propagate
from planner.orbit.design.cluster import MAXIMUM_RADIUS_KM, MAXIMUM_RINGS, cluster
from planner.orbit.design.formation_geometry import cluster_geometry
from planner.orbit.design.sunsync import raan_of_local_time_deg
from planner.orbit.elements import Fleet
from planner.orbit.formation import relative_motion, relative_rate_rad_s
from planner.orbit.frames import Frame
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)
PERIOD_MIN = 97.73
"""models.md, section 1: 650 km, sun-synchronous."""

ROUNDING_TOLERANCE_KM = 1e-12
FLOWN_TOLERANCE_KM = 1e-8
"""Differences of positions of 7,000 km, whose rounding is 1e-12 km, turned from frame to frame."""


def suncatcher(**changes: Any) -> Fleet:
    return cluster(**{"name": "s", "epoch": EPOCH, **changes})


def moved_km(fleet: Fleet, revolutions: FloatArray) -> FloatArray:
    rate = relative_rate_rad_s(fleet)
    return relative_motion(fleet.offsets, rate, 2.0 * np.pi * revolutions / rate[0])[0]


def ranges_km(positions_km: FloatArray) -> FloatArray:
    """``[time, sat, sat]`` from ``[time, sat, xyz]``."""
    return np.linalg.norm(positions_km[:, :, None] - positions_km[:, None], axis=-1)


def apart(fleet: Fleet, spacing_km: float = 0.1) -> FloatArray:
    """``[sat, sat]``, the square of the lattice distance in spacings; at the epoch the lattice is (x, y/2)."""
    points = np.stack([fleet.offsets.radial_km, fleet.offsets.along_track_km / 2.0], axis=-1) / spacing_km
    return np.rint(((points[:, None] - points) ** 2).sum(axis=-1))


def test_suncatchers_cluster_has_81_satellites() -> None:
    # models.md, section 5: integer points within radius 5.
    fleet = suncatcher(rack_type="rack")
    assert len(fleet) == 81
    assert fleet.names[:2] == ("s-0-00", "s-0-01")
    assert fleet.names[-1] == "s-0-80"
    assert set(fleet.shells) == {"s"}
    assert set(fleet.rack_types) == {"rack"}
    assert fleet.planes.tolist() == [0] * 81
    assert fleet.slots.tolist() == list(range(81))


def test_all_rows_hold_the_elements_of_the_chief_on_a_dawn_dusk_orbit_at_650_km() -> None:
    fleet = suncatcher()
    for name in ("mean_motion_rad_min", "inclination_deg", "raan_deg", "mean_anomaly_deg", "epoch_fraction"):
        assert len(np.unique(getattr(fleet, name))) == 1
    assert fleet.altitude_km[0] == pytest.approx(650.0, abs=1e-6)
    assert fleet.inclination_deg[0] == pytest.approx(97.986, abs=0.001)  # models.md, section 1
    assert fleet.raan_deg[0] == pytest.approx(raan_of_local_time_deg(18.0, EPOCH), abs=1e-9)
    assert fleet.eccentricity_fraction[0] == 0.0


def test_slot_0_is_the_chief_and_the_others_follow_outward() -> None:
    fleet = suncatcher()
    assert not fleet.offsets.flown[0]
    assert fleet.offsets.flown[1:].all()
    rings = apart(fleet)[0]
    assert (np.diff(rings) >= 0).all()
    # The eight around it, magenta in figure 2 of the paper: four at one spacing, four at √2.
    assert rings[:9].tolist() == [0, 1, 1, 1, 1, 2, 2, 2, 2]


def test_a_smaller_cluster_is_the_beginning_of_a_larger_one() -> None:
    small, large = suncatcher(radius_km=0.4), suncatcher()
    assert len(small) == 13
    assert np.array_equal(small.offsets.radial_km, large.offsets.radial_km[:13])
    assert np.array_equal(small.offsets.along_track_rate_km_s, large.offsets.along_track_rate_km_s[:13])


def test_neighbours_are_100_to_200_m_apart_and_diagonal_ones_141_to_283_in_closed_form() -> None:
    fleet = suncatcher()
    geometry, steps = cluster_geometry(fleet), apart(fleet)
    for step, low, high in ((1, 0.1, 0.2), (2, math.sqrt(0.02), math.sqrt(0.08))):
        pairs = steps == step
        assert np.abs(geometry.closest_km[pairs] - low).max() < ROUNDING_TOLERANCE_KM
        assert np.abs(geometry.farthest_km[pairs] - high).max() < ROUNDING_TOLERANCE_KM
    assert geometry.minimum_separation_km == pytest.approx(0.1, abs=ROUNDING_TOLERANCE_KM)
    assert geometry.radius_km == pytest.approx(1.0, abs=ROUNDING_TOLERANCE_KM)


def test_neighbours_are_100_to_200_m_apart_and_diagonal_ones_141_to_283_as_flown_over_one_orbit() -> None:
    fleet = suncatcher()
    steps = apart(fleet)
    times = TimeGrid(EPOCH, PERIOD_MIN * 60.0 / 240.0, 241)
    ranges = ranges_km(propagate(fleet, times).positions_km)
    # Sampled every 1.5°, the ends are met within 0.75°: a minimum d is missed by 3/2 d·0.75°² at most.
    missed = 1.5 * math.radians(0.75) ** 2
    for step, low, high in ((1, 0.1, 0.2), (2, math.sqrt(0.02), math.sqrt(0.08))):
        seen = ranges[:, steps == step]
        assert low - FLOWN_TOLERANCE_KM < seen.min() < low * (1.0 + missed) + FLOWN_TOLERANCE_KM
        assert high * (1.0 - missed) - FLOWN_TOLERANCE_KM < seen.max() < high + FLOWN_TOLERANCE_KM
    assert ranges[:, 0].max() < 1.0 + FLOWN_TOLERANCE_KM


@pytest.mark.parametrize("frame", ["GCRS", "TEME", "ITRS"])
def test_the_cluster_keeps_its_shape_in_every_frame(frame: Frame) -> None:
    fleet = suncatcher(radius_km=0.4, cross_track_fraction=0.3)
    times = TimeGrid(EPOCH, 1000.0, 90)
    revolutions = np.arange(90) * 1000.0 * relative_rate_rad_s(fleet)[0] / (2.0 * np.pi)
    flown = ranges_km(propagate(fleet, times, frame=frame).positions_km)
    assert np.abs(flown - ranges_km(moved_km(fleet, revolutions))).max() < FLOWN_TOLERANCE_KM


def test_at_any_time_all_are_inside_an_ellipse_a_radius_long_and_half_as_high() -> None:
    places = moved_km(suncatcher(), np.linspace(0.0, 1.0, 37))
    assert ((2.0 * places[..., 0]) ** 2 + places[..., 1] ** 2 <= 1.0 + ROUNDING_TOLERANCE_KM).all()
    assert not places[..., 2].any()


def test_the_satellite_ahead_at_the_epoch_is_at_apogee_a_quarter_of_an_orbit_later() -> None:
    # S1 of the paper's figure 2: ahead by R at T = 0, above by R/2 at 3T/12, below by R/2 at 9T/12.
    fleet = suncatcher()
    first = int(np.argmax(fleet.offsets.along_track_km))
    places = moved_km(fleet, np.array([0.0, 0.25, 0.75]))[:, first, :2]
    assert np.abs(places - [[0.0, 1.0], [0.5, 0.0], [-0.5, 0.0]]).max() < ROUNDING_TOLERANCE_KM


def test_the_shape_goes_through_two_cycles_an_orbit() -> None:
    fleet = suncatcher()
    ranges = ranges_km(moved_km(fleet, np.array([0.1, 0.6, 0.35])))
    assert np.abs(ranges[0] - ranges[1]).max() < ROUNDING_TOLERANCE_KM
    assert np.abs(ranges[0] - ranges[2]).max() > 0.01


def test_a_quarter_turn_of_the_lattice_is_a_quarter_of_an_orbit() -> None:
    # The lattice maps onto itself: other satellites take the same places.
    start, later = (
        {(round(x, 9) + 0.0, round(y, 9) + 0.0) for x, y, _ in places}
        for places in moved_km(suncatcher(), np.array([0.0, 0.25]))
    )
    assert start == later


@settings(max_examples=25, deadline=None)
@given(scale=st.floats(0.1, 20.0))
def test_a_cluster_and_its_spacing_scale_together(scale: float) -> None:
    fleet, larger = suncatcher(), suncatcher(radius_km=scale, spacing_km=0.1 * scale)
    assert len(larger) == 81
    assert larger.offsets.radial_rate_km_s == pytest.approx(scale * fleet.offsets.radial_rate_km_s, rel=1e-12)
    ratio = cluster_geometry(larger).minimum_separation_km / cluster_geometry(fleet).minimum_separation_km
    assert ratio == pytest.approx(scale, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    radius=st.floats(0.2, 3.0),
    fraction=st.floats(0.0, 2.0),
    anomaly=st.floats(-720.0, 720.0),
    altitude=st.floats(300, 2000),
)
def test_no_satellite_drifts_or_stands_ahead(radius: float, fraction: float, anomaly: float, altitude: float) -> None:
    fleet = suncatcher(radius_km=radius, cross_track_fraction=fraction, mean_anomaly_deg=anomaly, altitude_km=altitude)
    offsets, rate = fleet.offsets, relative_rate_rad_s(fleet)
    # Clohessy and Wiltshire: bounded if y' = −2 n x, centred on the chief if y = 2 x'/n.
    assert np.abs(offsets.along_track_rate_km_s + 2.0 * rate * offsets.radial_km).max() < 1e-17
    assert np.abs(offsets.along_track_km - 2.0 * offsets.radial_rate_km_s / rate).max() < ROUNDING_TOLERANCE_KM
    assert np.array_equal(offsets.cross_track_km, fraction * offsets.along_track_km)
    assert cluster_geometry(fleet).minimum_separation_km >= 0.1 - ROUNDING_TOLERANCE_KM


def test_a_hexagonal_lattice_holds_91_satellites_at_the_same_spacing() -> None:
    # The triangular lattice has its points at squared distances i² + ij + j².
    points = sum(i * i + i * j + j * j <= 25 for i in range(-9, 10) for j in range(-9, 10))
    fleet = suncatcher(lattice="hexagonal")
    assert len(fleet) == points == 91
    geometry = cluster_geometry(fleet)
    assert geometry.minimum_separation_km == pytest.approx(0.1, abs=ROUNDING_TOLERANCE_KM)
    neighbours = geometry.closest_km[0] < 0.101
    assert neighbours.sum() == 7  # six, and itself
    assert geometry.farthest_km[0][neighbours].max() == pytest.approx(0.2, abs=ROUNDING_TOLERANCE_KM)


def test_satellites_of_a_tilted_cluster_are_off_the_plane_when_they_are_level_with_the_chief() -> None:
    fleet = suncatcher(cross_track_fraction=0.5)
    places = moved_km(fleet, np.linspace(0.0, 1.0, 73))[:, 1:]
    # Across its own track the chief is missed by at least the smaller of the height and the width of the ellipse.
    lateral = np.hypot(places[..., 0], places[..., 2]).min(axis=0)
    height = np.hypot(fleet.offsets.radial_km, fleet.offsets.along_track_km / 2.0)[1:]
    assert (lateral >= height - ROUNDING_TOLERANCE_KM).all()


def test_another_orbit_takes_an_inclination_and_a_node() -> None:
    fleet = suncatcher(inclination_deg=53.0, raan_deg=-10.0, mean_anomaly_deg=400.0)
    assert fleet.inclination_deg[0] == 53.0
    assert fleet.raan_deg[0] == pytest.approx(350.0)
    assert fleet.mean_anomaly_deg[0] == pytest.approx(40.0)
    assert suncatcher(ltan_h=6.0).raan_deg[0] == pytest.approx(raan_of_local_time_deg(6.0, EPOCH), abs=1e-9)


def test_a_cluster_of_one_is_its_chief() -> None:
    fleet = suncatcher(radius_km=0.1)
    assert len(fleet) == 1
    assert not fleet.offsets.flown.any()


def test_a_cluster_that_is_too_tight_is_refused_naming_the_pair() -> None:
    with pytest.raises(ValueError, match=r"s-0-00 and s-0-01 come within 0\.1 km of each other, 0\.15 km are required"):
        suncatcher(minimum_separation_km=0.15)
    assert len(suncatcher(minimum_separation_km=0.1)) == 81


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"radius_km": 0.0}, r"radius_km: 0\.0 is not allowed; it must be above 0"),
        ({"radius_km": math.nan}, r"radius_km: nan is not allowed"),
        ({"radius_km": MAXIMUM_RADIUS_KM * 1.01}, r"radius_km: .* at most 50 km"),
        ({"spacing_km": 0.0}, r"spacing_km: 0\.0 is not allowed; it must be a finite distance of at least 0\.02 km"),
        ({"spacing_km": 0.5 / (MAXIMUM_RINGS + 1)}, r"spacing_km: .* a 50th of the radius"),
        ({"spacing_km": math.inf}, r"spacing_km: inf"),
        ({"lattice": "round"}, r"lattice: 'round' is not allowed; it must be one of \('square', 'hexagonal'\)"),
        ({"cross_track_fraction": -0.1}, r"cross_track_fraction: -0\.1 is not allowed"),
        ({"minimum_separation_km": -1.0}, r"minimum_separation_km: -1\.0 is not allowed"),
        ({"minimum_separation_km": math.nan}, r"minimum_separation_km: nan is not allowed"),
        ({"mean_anomaly_deg": math.inf}, r"mean_anomaly_deg: inf is not allowed"),
        ({"altitude_km": 100.0}, r"altitude_km: 100\.0 is not allowed"),
        ({"ltan_h": 24.0}, r"ltan_h: 24\.0 is not allowed"),
        ({"theory": "j4"}, r"theory: 'j4' is not allowed"),
        ({"inclination_deg": 53.0}, r"raan_deg: absent; an orbit has both"),
        ({"raan_deg": 53.0}, r"inclination_deg: absent; an orbit has both"),
        (
            {"inclination_deg": 53.0, "raan_deg": 0.0, "ltan_h": 6.0},
            r"ltan_h: 6\.0 beside inclination_deg and raan_deg",
        ),
        ({"inclination_deg": 181.0, "raan_deg": 0.0}, r"inclination_deg: 181\.0 is not allowed"),
        ({"inclination_deg": 53.0, "raan_deg": math.nan}, r"raan_deg: nan is not allowed"),
        ({"epoch": datetime(2026, 3, 20)}, r"zone"),  # noqa: DTZ001 - the fault under test
    ],
)
def test_a_cluster_that_cannot_be_is_refused_saying_why(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        suncatcher(**changes)
