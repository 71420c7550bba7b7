"""Miss distances of crossing planes: published phasings, closed form against brute force, flown paths against SGP4."""

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray
from planner.orbit import (
    miss_distance_km,
    phasing_separations_km,
    propagate,
    safest_phasing,
    sun_synchronous,
    walker_delta,
    walker_star,
)
from planner.orbit.design.phasing import MissTheory
from planner.orbit.design.separation import closest_approaches
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)
RADIUS_KM = 6378.135
FLOWN_TOLERANCE_KM = 0.001


def circle(radius_km: float, inclination_deg: float, raan_deg: float, phase_deg: FloatArray) -> FloatArray:
    """Points of a circular orbit, by turning the plane of the equator about x and then about z."""
    i, node, u = math.radians(inclination_deg), math.radians(raan_deg), np.radians(phase_deg)
    x, y, z = np.cos(u), np.sin(u) * math.cos(i), np.sin(u) * math.sin(i)
    return radius_km * np.stack(
        [math.cos(node) * x - math.sin(node) * y, math.sin(node) * x + math.cos(node) * y, z], axis=-1
    )


@pytest.mark.parametrize(
    ("altitude_km", "inclination_deg", "planes", "satellites_per_plane", "phasing", "distance_km"),
    [(550.0, 53.0, 22, 72, 17, 61.83), (610.0, 42.0, 36, 36, 11, 55.89)],
)
def test_published_phasings_of_starlink_and_kuiper_come_out(
    altitude_km: float,
    inclination_deg: float,
    planes: int,
    satellites_per_plane: int,
    phasing: int,
    distance_km: float,
) -> None:
    # Liang, Chaudhry and Yanikomeroglu, IEEE 5G World Forum 2021, doi:10.1109/5GWF52925.2021.00093: the best F of
    # Starlink phase 1 version 3 and of Kuiper's shell 2 and the smallest distance between satellites, by simulation.
    shell: dict[str, Any] = {
        "altitude_km": altitude_km,
        "inclination_deg": inclination_deg,
        "planes": planes,
        "satellites_per_plane": satellites_per_plane,
        "theory": "circular",
    }
    assert safest_phasing(**shell) == phasing
    assert phasing_separations_km(**shell).max() == pytest.approx(distance_km, abs=0.005)


@given(
    inclination_deg=st.floats(0.0, 180.0),
    raan_deg=st.floats(-360.0, 360.0),
    phase_deg=st.floats(-360.0, 360.0),
)
def test_the_closed_form_is_the_minimum_over_a_revolution(
    inclination_deg: float, raan_deg: float, phase_deg: float
) -> None:
    u = np.linspace(0.0, 360.0, 3601)
    apart = circle(7000.0, inclination_deg, 0.0, u) - circle(7000.0, inclination_deg, raan_deg, u + phase_deg)
    sampled = np.linalg.norm(apart, axis=1).min()
    exact = miss_distance_km(7000.0 - RADIUS_KM, inclination_deg, raan_deg, phase_deg, theory="circular")
    # The samples lie 0.1 degrees apart, so one within 0.05 of the minimum: that is 12 km at the fastest.
    assert exact <= sampled + 1e-6
    assert sampled**2 - exact**2 <= 12.3**2


@given(
    inclination_deg=st.floats(0.0, 180.0), raan_deg=st.floats(0.0, 360.0), phase_deg=st.floats(0.0, 360.0),
    theory=st.sampled_from(["circular", "sgp4"]),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_it_makes_no_difference_whose_view_is_taken(
    inclination_deg: float, raan_deg: float, phase_deg: float, theory: MissTheory
) -> None:
    there = miss_distance_km(650.0, inclination_deg, raan_deg, phase_deg, theory=theory)
    back = miss_distance_km(650.0, inclination_deg, -raan_deg, -phase_deg, theory=theory)
    round_again = miss_distance_km(650.0, inclination_deg, raan_deg - 360.0, phase_deg + 360.0, theory=theory)
    assert back == pytest.approx(there, abs=1e-3)
    assert round_again == pytest.approx(there, abs=1e-3)


def test_satellites_half_a_turn_out_of_step_in_polar_planes_meet_at_the_pole() -> None:
    # Both at the pole at once when they are in step, a quarter turn from the node; 1 degree out of step they pass
    # 2 a sin(0.5) cos(45) apart for planes 90 degrees apart.
    distances = miss_distance_km(622.0, 90.0, 90.0, [0.0, 1.0], theory="circular")
    assert distances[0] == pytest.approx(0.0, abs=1e-9)
    assert distances[1] == pytest.approx(2.0 * 7000.135 * math.sin(math.radians(0.5)) * math.sqrt(0.5), rel=1e-12)


def test_neighbours_of_one_plane_are_a_chord_apart() -> None:
    chord = 2.0 * (RADIUS_KM + 650.0) * math.sin(math.pi / 81)
    assert miss_distance_km(650.0, 97.986, 0.0, 360.0 / 81, theory="circular") == pytest.approx(chord, rel=1e-12)
    # Flown, satellites bunch where they are slow, at the highest point: by the eccentricity of 0.00106 that J3 gives,
    # less or more the short-period terms of J2, 0.0003.
    flown = float(miss_distance_km(650.0, 97.986, 0.0, 360.0 / 81))
    assert 0.0007 < 1.0 - flown / chord < 0.0014


SHELLS: list[dict[str, Any]] = [
    {"altitude_km": 550.0, "inclination_deg": 53.0, "planes": 22, "satellites_per_plane": 72},
    {
        "altitude_km": 1_200.0,
        "inclination_deg": 87.9,
        "planes": 18,
        "satellites_per_plane": 36,
        "plane_spacing_deg": 10.0,
    },
    {
        "altitude_km": 650.0,
        "inclination_deg": 97.986,
        "planes": 5,
        "satellites_per_plane": 81,
        "plane_spacing_deg": 2.0,
    },
]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("choice", ["best", 0, 3])
def test_distances_as_flown_are_those_of_propagated_states(shell: dict[str, Any], choice: int | str) -> None:
    phasing = safest_phasing(**shell) if choice == "best" else int(choice)
    total = shell["planes"] * shell["satellites_per_plane"]
    orbit = {"name": "w", "altitude_km": shell["altitude_km"], "phasing": phasing, "epoch": EPOCH}
    if shell["planes"] == 5:
        fleet = sun_synchronous(**orbit, ltan_h=18.0, planes=5, satellites_per_plane=81, plane_spacing_deg=2.0)
    else:
        make = walker_star if "plane_spacing_deg" in shell else walker_delta
        fleet = make(**orbit, inclination_deg=shell["inclination_deg"], satellites=total, planes=shell["planes"])
    states = propagate(fleet, TimeGrid(EPOCH, 30.0, 230))
    (nearest,) = closest_approaches(states, fleet)
    predicted = phasing_separations_km(**shell)[phasing]
    assert nearest.distance_km == pytest.approx(predicted, abs=FLOWN_TOLERANCE_KM)


def test_the_best_phasing_on_circles_need_not_be_the_best_one_flown() -> None:
    shell = SHELLS[0]
    circular, flown = (phasing_separations_km(**shell, theory=theory) for theory in ("circular", "sgp4"))
    assert (int(np.argmax(circular)), int(np.argmax(flown))) == (17, 7)
    # Satellites that meet at a crossing are each moved along their tracks by up to 2 e a = 15 km, against each other
    # and at an angle.
    assert 10.0 < np.abs(circular - flown).max() < 16.0
    assert flown[7] > flown[17] + 4.0


def test_the_figures_that_safest_phasing_quotes_are_those_it_finds() -> None:
    # 17 and 61.83 km on circles (Liang et al.) where the worst lets satellites collide; 7 as flown.
    shell = SHELLS[0]
    circular, flown = (phasing_separations_km(**shell, theory=theory) for theory in ("circular", "sgp4"))
    assert safest_phasing(**shell, theory="circular") == 17
    assert safest_phasing(**shell) == 7
    assert circular[17] == pytest.approx(61.83, abs=0.005)
    assert circular.min() == pytest.approx(0.0, abs=1e-6)
    assert flown[7] == pytest.approx(53.98, abs=0.005)
    assert flown[17] == pytest.approx(49.53, abs=0.005)


@pytest.mark.parametrize("inclination_deg", [53.0, 87.9, 89.0])
@pytest.mark.parametrize("plane_spacing_deg", [90.0, 178.0])
@pytest.mark.parametrize(("satellites_per_plane", "phasing"), [(2, 0), (4, 1), (6, 0), (20, 1)])
def test_no_slot_beside_the_nearest_on_circles_is_missed_as_flown(
    inclination_deg: float, plane_spacing_deg: float, satellites_per_plane: int, phasing: int
) -> None:
    # Where two slots are half a slot before and after the crossing, circles prefer neither, but the flown path does:
    # at 89 degrees and nodes 178 degrees apart by 0.28 to 0.36 km. Every slot is looked at here.
    orbit = {"altitude_km": 600.0, "inclination_deg": inclination_deg}
    found = phasing_separations_km(
        **orbit,
        planes=2,
        satellites_per_plane=satellites_per_plane,
        plane_spacing_deg=plane_spacing_deg,
        phasings=[phasing],
    )
    slot_deg = 360.0 / satellites_per_plane
    phases_deg = slot_deg * (np.arange(satellites_per_plane) + phasing / 2.0)
    every_slot = miss_distance_km(**orbit, raan_apart_deg=plane_spacing_deg, phase_apart_deg=phases_deg)
    neighbours = miss_distance_km(**orbit, raan_apart_deg=0.0, phase_apart_deg=slot_deg)
    assert found[0] == pytest.approx(min(float(every_slot.min()), float(neighbours)), abs=FLOWN_TOLERANCE_KM)


def test_opposite_planes_of_a_delta_without_phasing_let_satellites_collide() -> None:
    # Planes with nodes 180 degrees apart cross a quarter turn from their nodes, on different sides: satellites half a
    # turn apart in phase are there together, and with an even number of slots and f = 0 there are such.
    separations = phasing_separations_km(
        altitude_km=550.0, inclination_deg=53.0, planes=4, satellites_per_plane=8, theory="circular"
    )
    assert separations[0] == pytest.approx(0.0, abs=1e-6)
    assert separations.shape == (4,)


def test_polar_planes_need_a_phasing() -> None:
    # Planes 2 degrees apart cross near the poles, one cos(97.986) x 1 degree before a quarter turn, the other as much
    # after it, and the planes are but 2 degrees apart: satellites in step come within 34 km there.
    shell = SHELLS[2]
    separations = phasing_separations_km(**shell)
    in_step = 2.0 * (RADIUS_KM + 650.0) * math.sin(abs(math.cos(math.radians(97.986))) * math.radians(1.0))
    assert separations[0] == pytest.approx(in_step, abs=0.1)
    assert safest_phasing(**shell) == 1
    assert separations[1] > 2.0 * separations[0]


def test_one_satellite_meets_nobody() -> None:
    alone = {"altitude_km": 550.0, "inclination_deg": 53.0, "planes": 1, "satellites_per_plane": 1}
    assert phasing_separations_km(**alone).tolist() == [math.inf]
    assert safest_phasing(**alone) == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"planes": 0}, "planes: 0 is not allowed"),
        ({"satellites_per_plane": 2.5}, "satellites_per_plane: 2.5 is not allowed"),
        ({"altitude_km": 100.0}, "altitude_km: 100.0 is not allowed"),
        ({"inclination_deg": -1.0}, "inclination_deg: -1.0 is not allowed"),
        ({"plane_spacing_deg": math.nan}, "plane_spacing_deg: nan is not allowed"),
        ({"theory": "kepler"}, "theory: 'kepler' is not allowed"),
    ],
)
def test_row_18_impossible_shells_have_no_phasing(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        phasing_separations_km(**{**SHELLS[0], **changes})
