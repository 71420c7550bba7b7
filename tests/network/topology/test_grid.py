"""The +grid of designed shells: rings, planes side by side, seams."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from planner.arrays import IntArray
from planner.errors import InputError
from planner.network import plus_grid
from planner.orbit import Fleet
from planner.orbit.design.walker import sun_synchronous, walker_delta, walker_star

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


def delta(satellites: int, planes: int, phasing: int) -> Fleet:
    return walker_delta(
        name="d", altitude_km=600.0, inclination_deg=53.0, satellites=satellites, planes=planes, phasing=phasing,
        epoch=EPOCH,
    )  # fmt: skip


def degrees(fleet: Fleet, pairs: IntArray) -> IntArray:
    return np.bincount(pairs.ravel(), minlength=len(fleet))


def offsets(fleet: Fleet, pairs: IntArray, here: int, there: int) -> set[int]:
    """Return by how many slots linked satellites of two planes differ."""
    ring = int(fleet.slots.max()) + 1
    found = set()
    for pair in pairs:
        ends = sorted(pair, key=lambda i: fleet.planes[i] == there)
        if (fleet.planes[ends[0]], fleet.planes[ends[1]]) == (here, there):
            found.add(int(fleet.slots[ends[1]] - fleet.slots[ends[0]]) % ring)
    return found


def test_every_satellite_of_a_delta_shell_has_two_neighbours_in_its_plane_and_two_beside() -> None:
    fleet = delta(48, 6, 1)
    pairs = plus_grid(fleet)
    assert len(pairs) == 2 * 48
    assert degrees(fleet, pairs).tolist() == [4] * 48
    within = fleet.planes[pairs[:, 0]] == fleet.planes[pairs[:, 1]]
    assert np.bincount(pairs[within].ravel()).tolist() == [2] * 48


def test_the_phasing_is_taken_up_at_the_seam() -> None:
    # t/p/f = 48/6/1: neighbours lead by 360·1/48 = 7.5° from plane to plane. Round once, plane 0 seen as plane 6 would
    # lead by 6·7.5° = 45°, a whole slot: the last plane's slot s continues in slot s + 1 of plane 0.
    fleet = delta(48, 6, 1)
    pairs = plus_grid(fleet)
    assert [offsets(fleet, pairs, p, p + 1) for p in range(5)] == [{0}] * 5
    assert offsets(fleet, pairs, 5, 0) == {1}


@pytest.mark.parametrize(
    ("satellites", "planes", "phasing"), [(48, 6, 0), (48, 6, 2), (60, 5, 3), (72, 6, 5), (40, 8, 7)]
)
def test_links_between_planes_are_alike_all_round(satellites: int, planes: int, phasing: int) -> None:
    # The lead from plane to plane is 360 f/t everywhere, the seam included, and the nearest slot is at most half away.
    fleet = delta(satellites, planes, phasing)
    pairs = plus_grid(fleet)
    a, b = pairs[fleet.planes[pairs[:, 0]] != fleet.planes[pairs[:, 1]]].T
    eastward = (fleet.planes[b] - fleet.planes[a]) % planes == 1
    lead = np.where(eastward, 1.0, -1.0) * (fleet.mean_anomaly_deg[b] - fleet.mean_anomaly_deg[a])
    lead = np.mod(lead + 180.0, 360.0) - 180.0
    assert lead == pytest.approx(np.full(len(lead), lead[0]), abs=1e-9)
    assert abs(lead[0]) <= 180.0 / (satellites // planes) + 1e-9


def test_half_a_slot_of_stagger_links_equal_slot_numbers() -> None:
    # Planes staggered alternately, as in Hypatia's Starlink shell: both neighbours are equally near in phase.
    fleet = delta(48, 6, 0)
    staggered = replace(fleet, mean_anomaly_deg=np.mod(fleet.mean_anomaly_deg + 22.5 * (fleet.planes % 2), 360.0))
    pairs = plus_grid(staggered)
    assert [offsets(fleet, pairs, p, (p + 1) % 6) for p in range(6)] == [{0}] * 6


def test_a_star_does_not_link_across_its_seam() -> None:
    fleet = walker_star(
        name="s", altitude_km=780.0, inclination_deg=86.4, satellites=66, planes=6, phasing=2, epoch=EPOCH
    )
    pairs = plus_grid(fleet)
    assert len(pairs) == 66 + 5 * 11
    assert offsets(fleet, pairs, 5, 0) == set()


def test_a_stack_of_sun_synchronous_planes_does_not_link_its_outer_planes() -> None:
    fleet = sun_synchronous(
        name="dd", altitude_km=650.0, ltan_h=18.0, planes=4, satellites_per_plane=12, plane_spacing_deg=3.0, phasing=0,
        epoch=EPOCH,
    )  # fmt: skip
    pairs = plus_grid(fleet)
    assert len(pairs) == 48 + 3 * 12
    assert offsets(fleet, pairs, 3, 0) == set()


def test_two_planes_are_linked_once() -> None:
    pairs = plus_grid(delta(16, 2, 0))
    assert len(pairs) == 16 + 8


def test_a_train_of_satellites_is_a_chain_and_not_a_ring() -> None:
    fleet = delta(8, 1, 0)
    train = replace(fleet, mean_anomaly_deg=np.arange(8) * 2.0)
    assert plus_grid(train).tolist() == [[i, i + 1] for i in range(7)]


def test_shells_are_not_linked_to_each_other() -> None:
    first = delta(12, 3, 0)
    second = replace(delta(12, 3, 0), shells=("e",) * 12)
    pairs = plus_grid(first + second)
    assert set(map(tuple, pairs.tolist())) == {
        tuple(pair) for base in (0, 12) for pair in (plus_grid(first) + base).tolist()
    }


def test_a_lost_satellite_leaves_its_links_open() -> None:
    fleet = delta(48, 6, 1)
    keep = np.arange(48) != 19
    names = np.asarray(fleet.names, dtype=object)
    whole = {frozenset(names[pair]) for pair in plus_grid(fleet)}
    left = {frozenset(names[keep][pair]) for pair in plus_grid(fleet[keep])}
    assert left == {pair for pair in whole if fleet.names[19] not in pair}


def test_a_lost_plane_leaves_its_links_open() -> None:
    fleet = delta(48, 6, 1)
    pairs = plus_grid(fleet[fleet.planes != 5])
    assert len(pairs) == 40 + 4 * 8


def test_the_order_of_the_satellites_does_not_matter() -> None:
    fleet = delta(48, 6, 1)
    order = np.random.default_rng(1).permutation(48)
    shuffled = {frozenset(pair) for pair in order[plus_grid(fleet[order])].tolist()}
    assert shuffled == {frozenset(pair) for pair in plus_grid(fleet).tolist()}


def test_element_sets_without_planes_are_refused_with_the_way_out() -> None:
    fleet = delta(4, 1, 0)
    read = replace(fleet, planes=np.arange(4), slots=np.zeros(4, int), catalog_numbers=np.arange(1, 5))
    with pytest.raises(InputError, match="mutual_nearest"):
        plus_grid(read)


def test_too_few_terminals_for_the_grid_are_refused_by_name() -> None:
    fleet = delta(48, 6, 1)
    assert len(plus_grid(fleet, terminals=4)) == 96
    with pytest.raises(InputError, match=r"satellite d-0-0: the \+grid links it to 4 others, but it has 3"):
        plus_grid(fleet, terminals=3)


def test_terminals_may_differ_from_satellite_to_satellite() -> None:
    fleet = delta(48, 6, 1)
    terminals = np.full(48, 4)
    assert len(plus_grid(fleet, terminals=terminals)) == 96
    terminals[17] = 3
    with pytest.raises(InputError, match=rf"satellite {fleet.names[17]}: .* to 4 others, but it has 3"):
        plus_grid(fleet, terminals=terminals)


@pytest.mark.parametrize("count", [0, 1])
def test_row_25_no_satellite_or_one_has_no_links(count: int) -> None:
    assert plus_grid(delta(4, 1, 0)[np.arange(count)]).shape == (0, 2)
