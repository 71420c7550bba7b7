"""Coverage by latitude: the counts of ground contacts, published constellations, and closed forms."""

import importlib
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.links import (
    Coverage,
    coverage,
    footprint_fraction,
    ground_access,
    highest_latitude_deg,
    satellites_in_view,
    star_margin_deg,
)
from planner.orbit import (
    Ephemeris,
    Fleet,
    GroundSites,
    propagate,
    propagate_blocks,
    read_elements,
    walker_delta,
    walker_star,
)
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)
EVERYWHERE = np.arange(-90.0, 91.0, 5.0)
_STATES = ("positions_km", "velocities_km_s")


def shell(**changes: Any) -> Fleet:
    given_ = {"altitude_km": 550.0, "inclination_deg": 53.0, "satellites": 200, "planes": 10, "phasing": 3}
    return walker_delta(**{"name": "w", "epoch": EPOCH, **given_, **changes})


def states(fleet: Fleet, count: int = 20, step_s: float = 120.0) -> Ephemeris:
    return propagate(fleet, TimeGrid(EPOCH, step_s, count))


def columns(found: Coverage) -> list[np.ndarray]:
    return [found.fewest, found.mean, found.most, found.covered_fraction, found.longest_gap_min]


@pytest.mark.parametrize("elevation_deg", [-5.0, 0.0, 10.0, 25.0, 60.0])
def test_counts_are_those_of_the_ground_contacts(elevation_deg: float) -> None:
    latitude, longitude = (
        angle.ravel() for angle in np.meshgrid(EVERYWHERE, np.arange(0.0, 360.0, 40.0), indexing="ij")
    )
    count = len(latitude)
    sites = GroundSites(
        tuple(f"site {i}" for i in range(count)),
        latitude,
        longitude,
        np.zeros(count),
        np.full(count, elevation_deg),
        np.full(count, np.nan),
    )
    flown = states(shell(altitude_km=1_200.0, inclination_deg=70.0))
    access = ground_access(flown, sites)
    time = np.repeat(np.arange(flown.times.count), np.diff(access.offsets))
    contacts = np.zeros((flown.times.count, count), dtype=np.int64)
    np.add.at(contacts, (time, access.site), 1)
    assert contacts.sum() > 1000
    assert np.array_equal(satellites_in_view(flown, sites), contacts)
    found = coverage(flown, latitudes_deg=EVERYWHERE, minimum_elevation_deg=elevation_deg, longitudes=9)
    by_latitude = contacts.reshape(-1, len(EVERYWHERE), 9)
    assert np.array_equal(found.fewest, by_latitude.min(axis=(0, 2)))
    assert np.array_equal(found.most, by_latitude.max(axis=(0, 2)))
    assert found.mean == pytest.approx(by_latitude.mean(axis=(0, 2)), rel=1e-12)
    assert found.covered_fraction == pytest.approx((by_latitude > 0).mean(axis=(0, 2)), rel=1e-12)


def test_iridium_as_flown_covers_every_place_always() -> None:
    # 66 satellites, 86.4 degrees, 780 km, planes 31.6 degrees apart and half a slot out of step (f = 3 of 6), 8.2
    # degrees at the edge of a footprint: the closed form leaves 0.3 degrees in all.
    assert 0.0 < star_margin_deg(780.0, 8.2, planes=6, satellites_per_plane=11) < 0.5
    iridium = {
        "name": "i",
        "altitude_km": 780.0,
        "inclination_deg": 86.4,
        "satellites": 66,
        "planes": 6,
        "epoch": EPOCH,
    }
    grid = {"latitudes_deg": EVERYWHERE, "minimum_elevation_deg": 8.2, "longitudes": 72}
    flown = walker_star(**iridium, phasing=3, plane_spacing_deg=31.6)
    whole = coverage(states(flown, 101, 60.0), **grid)
    assert whole.fewest.min() == 1
    assert whole.covered_fraction.min() == 1.0
    assert whole.area_covered_fraction == 1.0
    assert not whole.longest_gap_min.any()
    # Spread evenly over 180 degrees, the seam of 30 degrees is wider than two half-streets of 11.5: it opens.
    even = coverage(states(walker_star(**iridium, phasing=3), 101, 60.0), **grid)
    assert even.fewest.min() == 0
    assert 0.99 < even.covered_fraction.min() < 1.0
    # Out of step by a third of a slot instead, footprints do not fill each other's gaps.
    early = coverage(states(walker_star(**iridium, phasing=1, plane_spacing_deg=31.6), 101, 60.0), **grid)
    assert early.covered_fraction.min() < 1.0


def test_starlinks_first_shell_does_not_reach_the_poles() -> None:
    flown = states(shell(satellites=1584, planes=72, phasing=39), 48)
    found = coverage(flown, latitudes_deg=EVERYWHERE, minimum_elevation_deg=25.0)
    edge_deg = highest_latitude_deg(550.0, 53.0, 25.0)
    assert edge_deg == pytest.approx(61.45, abs=0.01)
    # Oblateness and waves of 9 km move the edge by a few tenths of a degree.
    beyond, inside = np.abs(EVERYWHERE) > edge_deg + 0.5, np.abs(EVERYWHERE) < edge_deg - 0.5
    assert not found.most[beyond].any()
    assert not found.covered_fraction[beyond].any()
    assert found.longest_gap_min[beyond] == pytest.approx(47 * 2.0)
    # 1,584 satellites hold the latitudes below always, and most of all near the inclination.
    assert found.fewest[inside].min() >= 1
    assert abs(EVERYWHERE[int(np.argmax(found.mean))]) == 50.0


def test_navigation_satellites_are_always_enough_to_find_a_place() -> None:
    # Four unknowns, so four in view above 5 degrees; 24 in 6 planes at 55 degrees keep six.
    flown = states(shell(altitude_km=20_182.0, inclination_deg=55.0, satellites=24, planes=6, phasing=1), 72, 600.0)
    found = coverage(flown, latitudes_deg=EVERYWHERE, minimum_elevation_deg=5.0, longitudes=24, at_least=4)
    assert found.fewest.min() >= 6
    assert found.most.max() <= 12
    assert found.covered_fraction.min() == 1.0


@pytest.mark.parametrize(
    ("name", "start", "elevation_deg", "at_least"),
    [
        ("gps-ops.txt", datetime(2020, 5, 15, tzinfo=UTC), 5.0, 4),
        ("iridium-next-2025-01-24.txt", datetime(2025, 1, 24, tzinfo=UTC), 8.2, 1),
    ],
)
def test_real_constellations_cover_the_whole_earth_for_a_day(
    shared_reference: Path, name: str, start: datetime, elevation_deg: float, at_least: int
) -> None:
    path = shared_reference / "elements" / name
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    flown = propagate(read_elements(path).fleet, TimeGrid(start, 300.0, 288))
    found = coverage(
        flown, latitudes_deg=EVERYWHERE, minimum_elevation_deg=elevation_deg, longitudes=24, at_least=at_least
    )
    assert found.fewest.min() >= at_least
    assert not found.longest_gap_min.any()


def test_the_mean_over_the_globe_is_the_footprint_times_the_satellites() -> None:
    # Every satellite is in view of its footprint, wherever that is; midpoints of bands of equal area.
    sines = (np.arange(90) + 0.5) / 45.0 - 1.0
    found = coverage(
        states(shell(altitude_km=1_200.0)), latitudes_deg=np.degrees(np.arcsin(sines)), minimum_elevation_deg=10.0
    )
    # The Earth is 0.3 % flatter than round.
    assert found.mean.mean() == pytest.approx(200 * footprint_fraction(1_200.0, 10.0), rel=0.01)


def test_blocks_of_time_do_not_change_the_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet, times = shell(), TimeGrid(EPOCH, 120.0, 20)
    asked: dict[str, Any] = {"latitudes_deg": EVERYWHERE, "minimum_elevation_deg": 25.0, "longitudes": 8}
    whole = coverage(propagate(fleet, times), **asked)
    parts = coverage(propagate_blocks(fleet, times, block=7), **asked)
    # By name: the function stands before the module of the same name in the room.
    monkeypatch.setattr(importlib.import_module("planner.links.coverage"), "_BLOCK_POINTS", 500)
    small = coverage(propagate(fleet, times), **asked)
    for other in (parts, small):
        assert all(np.array_equal(*pair) for pair in zip(columns(whole), columns(other), strict=True))


def _peak_bytes(states: Ephemeris | Iterable[Ephemeris]) -> int:
    """Return the most memory that a coverage takes beside the states it is given."""
    tracemalloc.start()
    try:
        coverage(states, latitudes_deg=EVERYWHERE, minimum_elevation_deg=25.0)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_as_many_instants_take_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    # Seven instants of 37 x 36 points at once; the counts of a thousand instants alone would be 10.7 MB.
    monkeypatch.setattr(importlib.import_module("planner.links.coverage"), "_BLOCK_POINTS", 10_000)
    fleet, times = shell(satellites=4, planes=2, phasing=0), TimeGrid(EPOCH, 60.0, 1_000)
    whole, blocks = propagate(fleet, times), list(propagate_blocks(fleet, times, block=100))
    # Kernels are compiled and the Earth's rotation is remembered before memory is counted.
    _peak_bytes(blocks)
    one = _peak_bytes(blocks[:1])
    assert one < 2e6
    assert _peak_bytes(blocks) < 1.2 * one
    assert _peak_bytes(whole) < 1.2 * one


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_order_of_satellites_changes_nothing(seed: int) -> None:
    flown = states(shell(satellites=40, planes=5), 5)
    order = np.random.default_rng(seed).permutation(40)
    shuffled = replace(
        flown, positions_km=flown.positions_km[:, order], velocities_km_s=flown.velocities_km_s[:, order]
    )
    one, other = (coverage(s, latitudes_deg=EVERYWHERE, minimum_elevation_deg=5.0) for s in (flown, shuffled))
    assert all(np.array_equal(*pair) for pair in zip(columns(one), columns(other), strict=True))


@given(lower_deg=st.floats(-10.0, 80.0), more_deg=st.floats(0.0, 10.0), at_least=st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_asking_for_more_never_covers_more(lower_deg: float, more_deg: float, at_least: int) -> None:
    flown = states(shell(satellites=60, planes=6), 8, 300.0)
    easy = coverage(flown, latitudes_deg=EVERYWHERE, minimum_elevation_deg=lower_deg, at_least=at_least)
    high = coverage(flown, latitudes_deg=EVERYWHERE, minimum_elevation_deg=lower_deg + more_deg, at_least=at_least)
    many = coverage(flown, latitudes_deg=EVERYWHERE, minimum_elevation_deg=lower_deg, at_least=at_least + 1)
    for hard in (high, many):
        assert (hard.covered_fraction <= easy.covered_fraction).all()
        assert (hard.longest_gap_min >= easy.longest_gap_min).all()
    assert (easy.fewest <= easy.mean).all()
    assert (easy.mean <= easy.most).all()


def _synthetic(in_view: list[bool]) -> Ephemeris:
    """One satellite over the north pole, or under the south pole, minute by minute."""
    times = TimeGrid(EPOCH, 60.0, len(in_view))
    positions = np.zeros((len(in_view), 1, 3))
    positions[:, 0, 2] = np.where(in_view, 7000.0, -7000.0)
    return Ephemeris(times, positions, np.zeros_like(positions), np.zeros(1, dtype=np.int64))


@pytest.mark.parametrize(
    ("in_view", "gap_min"),
    [
        ([1, 1, 1, 1], 0.0),
        # From the instant before to the one after.
        ([1, 0, 1, 1], 2.0),
        ([1, 0, 0, 1, 0, 1], 3.0),
        # The ends of the run count as covered.
        ([0, 0, 1, 1], 2.0),
        ([1, 1, 0, 0, 0], 3.0),
        ([0, 0, 0, 0], 3.0),
        ([0], 0.0),
    ],
)
def test_a_gap_lasts_from_an_instant_in_view_to_the_next(in_view: list[int], gap_min: float) -> None:
    found = coverage(
        _synthetic([bool(seen) for seen in in_view]), latitudes_deg=[90.0], minimum_elevation_deg=10.0, longitudes=1
    )
    assert found.longest_gap_min.tolist() == [gap_min]
    assert found.covered_fraction.tolist() == [sum(in_view) / len(in_view)]


@given(in_view=st.lists(st.booleans(), min_size=1, max_size=12), block=st.integers(1, 12))
@settings(deadline=None)
def test_a_gap_is_as_long_whatever_the_blocks_it_runs_through(in_view: list[bool], block: int) -> None:
    flown, last = _synthetic(in_view), len(in_view) - 1
    parts = [
        replace(flown, times=part, **{name: getattr(flown, name)[first : first + block] for name in _STATES})
        for first, part in flown.times.blocks(block)
    ]
    found = coverage(parts, latitudes_deg=[90.0], minimum_elevation_deg=10.0, longitudes=1)
    # By definition: of every instant without, from the nearest one with before it to the nearest one after it.
    gaps = [
        next((i for i in range(at, last) if in_view[i]), last) - next((i for i in range(at, 0, -1) if in_view[i]), 0)
        for at in range(len(in_view))
        if not in_view[at]
    ]
    assert found.longest_gap_min.tolist() == [max(gaps, default=0)]


def test_at_a_pole_all_longitudes_are_one_place() -> None:
    flown = states(shell(inclination_deg=97.6))
    many, one = (
        coverage(flown, latitudes_deg=[-90.0, 90.0], minimum_elevation_deg=25.0, longitudes=n) for n in (12, 1)
    )
    assert all(np.array_equal(*pair) for pair in zip(columns(many)[:1], columns(one)[:1], strict=True))
    assert np.isnan(many.area_covered_fraction) or many.area_covered_fraction <= 1.0


def test_the_area_weighs_each_latitude_by_its_parallel() -> None:
    found = coverage(states(shell()), latitudes_deg=[0.0, 60.0], minimum_elevation_deg=25.0)
    equator, sixty = found.covered_fraction
    assert found.area_covered_fraction == pytest.approx((equator + 0.5 * sixty) / 1.5, rel=1e-12)


def test_a_lost_satellite_is_in_nobodys_view() -> None:
    flown = _synthetic([True, True])
    positions = flown.positions_km.copy()
    positions[1] = np.nan
    found = coverage(
        replace(flown, positions_km=positions), latitudes_deg=[90.0], minimum_elevation_deg=0.0, longitudes=1
    )
    assert (found.fewest[0], found.most[0], found.mean[0]) == (0, 1, 0.5)


def test_row_25_no_satellites_cover_nothing() -> None:
    nobody = states(shell()[[]])
    found = coverage(nobody, latitudes_deg=[0.0, 45.0], minimum_elevation_deg=25.0)
    assert found.most.tolist() == [0, 0]
    assert found.covered_fraction.tolist() == [0.0, 0.0]
    assert found.longest_gap_min.tolist() == [38.0, 38.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latitudes_deg": []}, r"latitudes_deg: \[\] is not a list of at least one latitude"),
        ({"latitudes_deg": [91.0]}, "latitudes_deg: 91.0 must be between -90 and 90 degrees"),
        ({"latitudes_deg": [np.nan]}, "latitudes_deg: nan"),
        ({"longitudes": 0}, "longitudes: 0 must be at least 1"),
        ({"at_least": 0}, "at_least: 0 must be at least 1"),
        ({"minimum_elevation_deg": 91.0}, "minimum_elevation_deg: 91.0 must be between -10 and 90 degrees"),
        ({"minimum_elevation_deg": np.nan}, "minimum_elevation_deg: nan"),
    ],
)
def test_row_18_impossible_questions_are_refused(changes: dict[str, Any], message: str) -> None:
    asked = {"latitudes_deg": [0.0], "minimum_elevation_deg": 25.0, **changes}
    with pytest.raises(ValueError, match=message):
        coverage(states(shell(satellites=1, planes=1, phasing=0), 2), **asked)


def test_another_frame_is_refused() -> None:
    flown = propagate(shell(), TimeGrid(EPOCH, 60.0, 2), frame="ITRS")
    with pytest.raises(ValueError, match="states: in frame ITRS, but sites are placed in GCRS"):
        coverage(flown, latitudes_deg=[0.0], minimum_elevation_deg=25.0)


def test_no_instants_and_ranges_are_refused() -> None:
    with pytest.raises(ValueError, match="states: no block of instants was given"):
        coverage(iter(()), latitudes_deg=[0.0], minimum_elevation_deg=25.0)
    near = GroundSites.at({"here": (0.0, 0.0)}, maximum_range_km=1000.0)
    with pytest.raises(ValueError, match="maximum_range_km: counts in view know no longest range"):
        satellites_in_view(states(shell(), 2), near)


def test_a_repeating_shell_covers_the_same_after_its_pattern_has_come_round() -> None:
    # A delta pattern looks the same from every plane, so longitudes and time stand for one another: half the run with
    # all longitudes and the other half agree closely.
    fleet = shell(satellites=400, planes=20, phasing=1)
    halves = [
        coverage(
            propagate(fleet, TimeGrid(EPOCH + timedelta(minutes=shift), 60.0, 48)),
            latitudes_deg=EVERYWHERE,
            minimum_elevation_deg=25.0,
        )
        for shift in (0.0, 48.0)
    ]
    assert halves[0].mean == pytest.approx(halves[1].mean, abs=0.05)
