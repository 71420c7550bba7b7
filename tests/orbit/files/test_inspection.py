"""What an inspection finds: shells and planes, of designs exactly, of real catalogues as published; what is wrong."""

import gzip
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.orbit import (
    Fleet,
    Inspection,
    Shell,
    inspect_elements,
    meanmotion,
    read_elements,
    sun_synchronous,
    walker_delta,
    walker_star,
)
from planner.orbit.drift import secular_rates
from planner.orbit.elements import STALE_AFTER_D
from planner.orbit.files.clustering import plane_groups
from planner.orbit.files.inspection import HIGH_DRAG_PER_RADIUS, orbit_classes
from planner.times import ORDINAL_ZERO_JD

EPOCH = datetime(2026, 6, 21, tzinfo=UTC)
SIX_HOURS_D = 0.25


def delta(
    satellites: int, planes: int, *, name: str = "w", altitude_km: float = 550.0, tilt_deg: float = 53.0
) -> Fleet:
    return walker_delta(
        name=name, altitude_km=altitude_km, inclination_deg=tilt_deg, satellites=satellites, planes=planes, phasing=0,
        epoch=EPOCH,
    )  # fmt: skip


def made(
    *,
    altitude_km: float | list[float] = 550.0,
    inclination_deg: float | list[float] = 53.0,
    raan_deg: float | list[float] = 0.0,
    eccentricity_fraction: float | list[float] = 0.0,
    days: float | list[float] = 0.0,
    bstar_per_radius: float | list[float] = 0.0,
    count: int = 1,
) -> Fleet:
    """Return satellites with these elements, each value for all or one to each."""
    base = delta(1, 1)
    one = {
        field.name: getattr(base, field.name) for field in fields(Fleet) if field.name not in {"offsets", "published"}
    }
    columns = {
        name: (values[0],) * count if isinstance(values, tuple) else np.repeat(values, count)
        for name, values in one.items()
    }
    columns["names"] = tuple(f"{letter}-{i}" for i in range(count) for letter in "s")
    axis_km = np.broadcast_to(altitude_km, count) + 6378.135
    eccentricity, tilt = np.broadcast_to(eccentricity_fraction, count), np.broadcast_to(inclination_deg, count)
    columns["mean_motion_rad_min"] = meanmotion.kozai_rad_min(
        meanmotion.mean_motion_rad_min(axis_km), eccentricity, tilt
    )
    columns["eccentricity_fraction"], columns["inclination_deg"] = eccentricity, tilt
    columns["raan_deg"] = np.broadcast_to(raan_deg, count)
    columns["bstar_per_radius"] = np.broadcast_to(bstar_per_radius, count)
    columns["epoch_jd"] = columns["epoch_jd"] + np.floor(days)
    columns["epoch_fraction"] = np.broadcast_to(np.asarray(days) % 1.0, count)
    return Fleet(**columns)


def as_named(inspection: Inspection, fleet: Fleet) -> set[tuple[frozenset[str], frozenset[frozenset[str]]]]:
    """Return shells and their planes as sets of names, which no order of rows can change."""

    def named(rows: np.ndarray) -> frozenset[str]:
        return frozenset(fleet.names[row] for row in rows.tolist())

    return {(named(shell.rows), frozenset(named(plane) for plane in shell.planes)) for shell in inspection.shells}


def planes_of(fleet: Fleet) -> frozenset[frozenset[str]]:
    """Return the planes of a designed shell, as it says them itself."""
    return frozenset(
        frozenset(name for name, of in zip(fleet.names, fleet.planes.tolist(), strict=True) if of == plane)
        for plane in set(fleet.planes.tolist())
    )


@pytest.mark.parametrize(
    "fleet",
    [
        delta(1584, 72),
        delta(24, 3, altitude_km=23_222.0, tilt_deg=56.0),
        delta(40, 1),
        delta(6, 6),
        delta(720, 180, tilt_deg=70.0),
        delta(33, 11, tilt_deg=127.0),
        walker_star(
            name="star", altitude_km=780.0, inclination_deg=86.4, satellites=66, planes=6, phasing=2, epoch=EPOCH
        ),
        sun_synchronous(
            name="dawn", altitude_km=650.0, ltan_h=18.0, planes=4, satellites_per_plane=25, plane_spacing_deg=2.0,
            phasing=1, epoch=EPOCH,
        ),
    ],
    ids=lambda fleet: f"{len(fleet)}/{len(set(fleet.planes.tolist()))}",
)  # fmt: skip
def test_a_designed_shell_is_found_whole_with_exactly_its_planes_and_slots(fleet: Fleet) -> None:
    inspection = inspect_elements(fleet)
    assert as_named(inspection, fleet) == {(frozenset(fleet.names), planes_of(fleet))}
    (shell,) = inspection.shells
    assert shell.off_plane == len(inspection.outside) == 0
    assert shell.altitude_km == pytest.approx(fleet.altitude_km[0], abs=1e-9)


@given(
    planes=st.integers(1, 60),
    each=st.integers(2, 20),
    altitude_km=st.floats(300.0, 1_900.0),
    tilt_deg=st.floats(20.0, 160.0),
)
@settings(max_examples=40, deadline=None)
def test_any_walker_shell_of_three_or_more_is_found_whole(
    planes: int, each: int, altitude_km: float, tilt_deg: float
) -> None:
    fleet = delta(planes * max(each, 3 if planes == 1 else 2), planes, altitude_km=altitude_km, tilt_deg=tilt_deg)
    assert as_named(inspect_elements(fleet), fleet) == {(frozenset(fleet.names), planes_of(fleet))}


def test_the_shells_of_one_fleet_are_told_apart_and_the_largest_comes_first() -> None:
    parts = [
        delta(72, 6, name="a", altitude_km=540.0, tilt_deg=53.2),
        delta(96, 6, name="b", altitude_km=550.0, tilt_deg=53.05),
        delta(60, 6, name="c", altitude_km=550.0, tilt_deg=70.0),
    ]
    fleet = reduce(add, parts)
    inspection = inspect_elements(fleet)
    assert [(len(shell), shell.label) for shell in inspection.shells] == [(96, "b"), (72, "a"), (60, "c")]
    assert as_named(inspection, fleet) == {(frozenset(part.names), planes_of(part)) for part in parts}


def test_satellites_on_their_way_between_two_shells_join_them_to_no_one_shell() -> None:
    # A satellite every 0.5 km from 300 to 600 km: gaps alone would chain all of it.
    between = made(altitude_km=np.arange(300.0, 600.0, 0.5).tolist(), count=600)
    low, high = delta(300, 10, name="low", altitude_km=350.0), delta(300, 10, name="high", altitude_km=550.0)
    inspection = inspect_elements(low + between + high)
    assert [round(shell.altitude_km) for shell in inspection.shells] == [350, 550]
    # At 0.5 km a satellite, the two kilometres about each shell hold at most ten of the others.
    assert all(300 <= len(shell) <= 310 for shell in inspection.shells)


def test_planes_at_altitudes_of_their_own_are_one_shell_where_their_nodes_differ() -> None:
    # OneWeb: twelve planes 4 km apart, 15 degrees between nodes.
    staggered = [
        made(altitude_km=1_176.0 + 4 * i, inclination_deg=87.9, raan_deg=15.0 * i, count=49) for i in range(12)
    ]
    (shell,) = inspect_elements(reduce(add, staggered)).shells
    assert [len(plane) for plane in shell.planes] == [49] * 12
    assert shell.altitude_range_km == pytest.approx((1_176.0, 1_220.0), abs=1e-6)
    # Trains over one node stay what they are.
    trains = [made(altitude_km=500.0 + 4 * i, inclination_deg=97.4, raan_deg=90.0, count=49) for i in range(12)]
    assert len(inspect_elements(reduce(add, trains)).shells) == 12


def test_nodes_are_carried_to_one_epoch_before_planes_are_told() -> None:
    # Satellites of one plane with elements of different days: each node stands where J2 has turned it by then. Over
    # ten days that is 45 degrees here, the whole distance to the next plane.
    days = np.tile(np.linspace(0.0, 10.0, 21), 8)
    rate_deg_d = float(secular_rates(550.0, 53.0).node_deg_d)
    nodes = np.repeat(45.0 * np.arange(8), 21) + rate_deg_d * days
    fleet = made(raan_deg=nodes.tolist(), days=days.tolist(), count=168)
    (shell,) = inspect_elements(fleet).shells
    assert [len(plane) for plane in shell.planes] == [21] * 8
    assert np.diff(shell.plane_raan_deg) == pytest.approx(45.0, abs=1e-9)
    assert shell.epoch == EPOCH + timedelta(days=5)


def test_satellites_between_the_planes_are_counted_apart() -> None:
    fleet = delta(60, 6) + made(raan_deg=[30.0, 95.0], count=2)
    (shell,) = inspect_elements(fleet).shells
    assert [len(plane) for plane in shell.planes] == [10] * 6
    assert shell.off_plane == 2


def test_planes_that_cannot_be_told_are_none() -> None:
    nodes = np.random.default_rng(1).uniform(0.0, 360.0, 500)
    (shell,) = inspect_elements(made(raan_deg=nodes.tolist(), count=500)).shells
    assert shell.planes == ()
    assert len(shell.plane_raan_deg) == 0
    assert shell.off_plane == 500


def test_over_the_equator_every_node_names_the_same_plane() -> None:
    nodes = np.linspace(0.0, 350.0, 30)
    fleet = made(altitude_km=35_786.0, inclination_deg=0.02, raan_deg=nodes.tolist(), count=30)
    (shell,) = inspect_elements(fleet).shells
    assert [len(plane) for plane in shell.planes] == [30]


def test_a_plane_across_the_vernal_point_is_one() -> None:
    groups = plane_groups(np.array([359.9, 180.0, 0.1, 180.1]), 53.0)
    assert [sorted(group.tolist()) for group in groups] == [[0, 2], [1, 3]]


def test_objects_scattered_over_all_orbits_are_in_no_shell() -> None:
    rng = np.random.default_rng(2)
    fleet = made(
        altitude_km=rng.uniform(300.0, 1_900.0, 2_000).tolist(),
        inclination_deg=rng.uniform(0.0, 120.0, 2_000).tolist(), count=2_000,
    )  # fmt: skip
    inspection = inspect_elements(fleet)
    assert inspection.shells == ()
    assert len(inspection.outside) == 2_000


@given(st.permutations(range(84)), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_file_changes_nothing(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    strays = made(
        altitude_km=rng.uniform(530.0, 570.0, 24).tolist(), inclination_deg=rng.uniform(52.9, 53.1, 24).tolist(),
        raan_deg=rng.uniform(0.0, 360.0, 24).tolist(), days=rng.uniform(0.0, 3.0, 24).tolist(), count=24,
    )  # fmt: skip
    fleet = delta(36, 6) + delta(24, 4, name="v", altitude_km=551.5) + strays
    shuffled = fleet[order]
    first, second = inspect_elements(fleet), inspect_elements(shuffled)
    assert as_named(first, fleet) == as_named(second, shuffled)
    assert (first.at, first.median_epoch) == (second.at, second.median_epoch)
    assert [fleet.names[i] for i in np.sort(first.outside)] == sorted(
        (shuffled.names[i] for i in second.outside), key=fleet.names.index
    )
    assert [first.orbit_classes[i] for i in order] == list(second.orbit_classes)
    assert first.perigee_km[order] == pytest.approx(second.perigee_km, abs=0.0)


def test_kinds_of_orbit_are_told_by_mean_motion_and_eccentricity() -> None:
    # 42,164 km is one revolution a sidereal day; 20,200 km two; the edge of LEO, 11.25 revolutions a day, lies at a
    # semi-major axis of (mu (86400 / (2 pi 11.25))^2)^(1/3) = 8,413 km, 2,035 km above the equator.
    altitude_km = [550.0, 2_030.0, 2_040.0, 20_200.0, 35_786.0, 36_400.0, 20_200.0]
    fleet = made(altitude_km=altitude_km, eccentricity_fraction=[0.0] * 6 + [0.3], count=7)
    assert orbit_classes(fleet) == ("LEO", "LEO", "MEO", "MEO", "GEO", "beyond", "HEO")
    assert inspect_elements(fleet).orbit_classes == orbit_classes(fleet)


def test_the_default_instant_is_the_newest_epoch_and_ages_count_from_it() -> None:
    fleet = made(days=[0.0, 1.5, 16.0], count=3)
    inspection = inspect_elements(fleet)
    assert inspection.at == inspection.last_epoch == EPOCH + timedelta(days=16)
    assert (inspection.first_epoch, inspection.median_epoch) == (EPOCH, EPOCH + timedelta(days=1.5))
    assert inspection.age_d == pytest.approx([16.0, 14.5, 0.0])
    assert inspection.stale.tolist() == [True, True, False]
    later = inspect_elements(fleet, EPOCH)
    assert later.age_d == pytest.approx([0.0, -1.5, -16.0])
    assert later.stale.tolist() == [False, False, True]
    assert STALE_AFTER_D == 14.0


def test_row_12_what_sgp4_cannot_fly_any_more_is_named() -> None:
    # Perigee 90 km with strong drag: down within the hour.
    fleet = made(altitude_km=[550.0, 90.0], bstar_per_radius=[1e-4, 0.9], count=2)
    inspection = inspect_elements(fleet, EPOCH + timedelta(days=SIX_HOURS_D))
    assert inspection.sgp4_errors[0] == 0
    assert inspection.sgp4_errors[1] > 0


def test_low_and_draggy_objects_are_marked() -> None:
    # 250 km above the equator with an eccentricity of 0.02 dips to 250 - 0.02 * 6628 = 117 km.
    fleet = made(
        altitude_km=[550.0, 250.0, 159.0, 161.0], eccentricity_fraction=[0.0, 0.02, 0.0, 0.0],
        bstar_per_radius=[-0.02, HIGH_DRAG_PER_RADIUS, 0.0, 0.011], count=4,
    )  # fmt: skip
    inspection = inspect_elements(fleet)
    assert inspection.low.tolist() == [False, True, True, False]
    assert inspection.high_drag.tolist() == [True, False, False, True]
    assert inspection.perigee_km[1] == pytest.approx(250.0 - 0.02 * 6628.135, abs=1e-6)


def test_row_25_an_empty_fleet_is_an_empty_answer_at_a_given_instant() -> None:
    empty = delta(1, 1)[[]]
    inspection = inspect_elements(empty, EPOCH)
    assert inspection.shells == inspection.orbit_classes == ()
    assert inspection.first_epoch is None
    assert len(inspection.outside) == 0
    with pytest.raises(ValueError, match="an empty fleet has no newest epoch"):
        inspect_elements(empty)


def test_an_instant_without_zone_and_a_shell_of_one_are_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        inspect_elements(delta(3, 1), datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="least: 1 must be at least 2"):
        inspect_elements(delta(3, 1), least=1)


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_any_instant_of_the_calendar_gives_an_answer(at: datetime) -> None:
    inspection = inspect_elements(delta(12, 3), at)
    assert np.isfinite(inspection.age_d).all()
    assert len(inspection.sgp4_errors) == 12


def test_the_label_is_what_half_of_the_names_begin_with() -> None:
    assert [shell.label for shell in inspect_elements(delta(12, 3, name="O3B FM5")).shells] == ["O3B"]
    assert [shell.label for shell in inspect_elements(delta(12, 3, name="2026-199")).shells] == [""]


# Real catalogues.


@pytest.fixture(scope="module")
def published(shared_reference: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Fleet]:
    """Return the reference sets by the first word of their file names."""
    folder = tmp_path_factory.mktemp("elements")
    fleets = {}
    for path in sorted((shared_reference / "elements").iterdir()):
        data = path.read_bytes()
        plain = folder / path.name.removesuffix(".gz")
        plain.write_bytes(gzip.decompress(data) if path.suffix == ".gz" else data)
        fleets[path.name.split(".")[0]] = read_elements(plain).fleet
    return fleets


def largest(shells: tuple[Shell, ...], count: int) -> list[tuple[int, float, float, int]]:
    """Return satellites, altitude and inclination (rounded as they are spoken of) and planes of the largest shells."""
    return [
        (len(shell), round(shell.altitude_km), round(shell.inclination_deg, 1), len(shell.planes))
        for shell in shells[:count]
    ]


def test_starlink_of_2023_shows_the_shells_that_were_filed(published: dict[str, Fleet]) -> None:
    # FCC 21-48 (2021): 53.2° at 540 km and 53° at 550 km, each in 72 planes of 22; 70° at 570 km in 36 planes, of which
    # three were reached; 97.6° at 560 km in 6 and in 4 planes, of which the four were. The elements themselves say
    # 53.05° and, in mean altitude, 547.5 km.
    shells = inspect_elements(published["starlink-2023-03-17"]).shells
    assert largest(shells, 3) == [(1515, 540, 53.2, 72), (1434, 547, 53.1, 72), (181, 560, 97.7, 4)]
    assert (49, 570, 70.0, 3) in largest(shells, 20)


def test_starlink_of_2026_shows_its_shells(published: dict[str, Fleet]) -> None:
    fleet = published["starlink-2026-05-24"]
    inspection = inspect_elements(fleet)
    found = {(round(shell.altitude_km), round(shell.inclination_deg, 1)) for shell in inspection.shells}
    assert {(485, 43.0), (475, 53.2), (540, 53.2), (463, 53.2), (570, 70.0), (546, 97.5), (358, 43.0)} <= found
    assert (1301, 540, 53.2, 72) in largest(inspection.shells, 5)
    # Nine in ten are in a shell, whatever their neighbours are doing.
    assert len(inspection.outside) < 0.1 * len(fleet)


@pytest.mark.parametrize(
    ("name", "shell"),
    [
        # As their operators describe them: 12 planes at about 1,200 km; 66 in 6 planes, here with a spare; 6 planes.
        ("oneweb-2026-05-30", (634, 1199, 87.9, 12)),
        ("iridium-next-2025-01-24", (67, 775, 86.4, 6)),
        ("gps-ops", (29, 20182, 55.0, 6)),
    ],
)
def test_one_operators_constellation_shows_its_planes(
    published: dict[str, Fleet], name: str, shell: tuple[int, float, float, int]
) -> None:
    assert largest(inspect_elements(published[name]).shells, 1) == [shell]


def test_the_active_catalogue_shows_every_navigation_system_and_the_geostationary_belt(
    published: dict[str, Fleet],
) -> None:
    inspection = inspect_elements(published["active-2026-07-19"])
    found = {(shell.label, round(shell.altitude_km, -2)): len(shell.planes) for shell in inspection.shells}
    # GLONASS, Galileo and BeiDou fly in three planes, Globalstar in eight, O3b in one over the equator.
    assert found["COSMOS", 19_100] == found["GSAT", 23_200] == found["BEIDOU", 21_500] == 3
    assert found["GLOBALSTAR", 1_400] == 8
    assert found["O3B", 8_100] == 1
    assert found["ONEWEB", 1_200] == 12
    (belt,) = [shell for shell in inspection.shells if len(shell) > 500 and round(shell.altitude_km, -2) == 35_800]
    assert len(belt.planes) == 1
    assert sum(map(len, inspection.shells)) + len(inspection.outside) == 16_066
    assert int((inspection.sgp4_errors > 0).sum()) == 3


def test_the_bundled_sets_show_the_launches_of_their_month(real_fleet: Fleet) -> None:
    inspection = inspect_elements(real_fleet)
    assert inspection.last_epoch is not None
    assert int(inspection.last_epoch.toordinal()) + ORDINAL_ZERO_JD == real_fleet.epoch_jd.max()
    first = inspection.shells[0]
    assert (first.label, round(first.altitude_km), round(first.inclination_deg)) == ("STARLINK", 335, 70)
