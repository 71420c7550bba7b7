"""The mesh of a close formation: connected, within its terminals, and of links as short as that allows."""

from datetime import UTC, datetime
from itertools import pairwise, permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray, IntArray
from planner.errors import InputError
from planner.network import cluster_mesh
from planner.orbit import Fleet
from planner.orbit.design.cluster import cluster
from planner.orbit.design.walker import walker_delta
from planner.orbit.formation import relative_motion, relative_rate_rad_s

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


def longest_km(fleet: Fleet, pairs: IntArray) -> FloatArray:
    """Return the greatest distance of each pair over a revolution, sampled every half degree."""
    rate = relative_rate_rad_s(fleet)
    places, _ = relative_motion(fleet.offsets, rate, np.linspace(0.0, 2.0 * np.pi, 721) / rate[0])
    found: FloatArray = np.linalg.norm(places[:, pairs[:, 0]] - places[:, pairs[:, 1]], axis=2).max(axis=0)
    return found


def connected(fleet: Fleet, pairs: IntArray) -> bool:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(fleet)))
    graph.add_edges_from(pairs.tolist())
    return bool(nx.is_connected(graph))


@pytest.mark.parametrize("terminals", [4, None])
def test_the_square_lattice_of_81_links_every_satellite_to_its_lattice_neighbours(terminals: int | None) -> None:
    # Integer points within radius 5: rows of 1, 7, 9, 9, 9, 11, 9, 9, 9, 7 and 1, which is 70 pairs along rows and as
    # many along columns. Neighbours are at most 200 m apart, diagonal ones 282.8 m.
    fleet = cluster(name="c", epoch=EPOCH)
    pairs = cluster_mesh(fleet, terminals=terminals)
    assert len(pairs) == 140
    points = np.round(
        np.stack([fleet.offsets.radial_km, fleet.offsets.along_track_km / 2.0], axis=1) / 0.1
    ).astype(int)  # fmt: skip
    assert np.all(np.abs(points[pairs[:, 0]] - points[pairs[:, 1]]).sum(axis=1) == 1)
    assert longest_km(fleet, pairs).max() == pytest.approx(0.2, rel=1e-5)
    assert connected(fleet, pairs)


@pytest.mark.parametrize("lattice", ["square", "hexagonal"])
@pytest.mark.parametrize("terminals", [2, 3, 4, 5, 6])
def test_a_mesh_is_connected_within_its_terminals(terminals: int, lattice: str) -> None:
    fleet = cluster(name="c", epoch=EPOCH, lattice=lattice)  # type: ignore[arg-type]
    pairs = cluster_mesh(fleet, terminals=terminals)
    assert np.bincount(pairs.ravel()).max() <= terminals
    assert connected(fleet, pairs)
    if terminals > 2:
        # As short as neighbours in the lattice are: with fewer nothing would be connected.
        assert longest_km(fleet, pairs).max() == pytest.approx(0.2, rel=1e-5)


def test_two_terminals_join_the_square_lattice_by_neighbours_and_diagonals() -> None:
    # Four points stand at the ends of rows of one, with one neighbour each, so neighbours alone make no path; a king's
    # tour of diagonals (282.8 m) as well does, and a short-range terminal of 300 m reaches them.
    pairs = cluster_mesh(fleet := cluster(name="c", epoch=EPOCH), terminals=2)
    assert np.bincount(pairs.ravel()).max() == 2
    assert connected(fleet, pairs)
    assert longest_km(fleet, pairs).max() == pytest.approx(0.2 * np.sqrt(2.0), rel=1e-5)


def longest_of_the_best_path(length: FloatArray, count: int) -> float:
    """Return the least longest step of any path through all, by trying every order."""
    span = np.zeros((count, count))
    span[np.triu_indices(count, 1)] = length
    span += span.T
    return min(max(float(span[a, b]) for a, b in pairwise(order)) for order in permutations(range(count)))


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_two_terminals_give_the_best_path_of_few_satellites(seed: int) -> None:
    whole = cluster(name="c", epoch=EPOCH)
    fleet = whole[np.sort(np.random.default_rng(seed).choice(81, 6, replace=False))]
    every = longest_km(fleet, np.stack(np.triu_indices(6, 1), axis=1))
    found = longest_km(fleet, cluster_mesh(fleet, terminals=2)).max()
    # Lengths are sampled along the orbit, so equal ones come out some millionths apart.
    assert found == pytest.approx(longest_of_the_best_path(every, 6), rel=1e-5)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_no_link_is_longer_than_connecting_takes_and_none_that_fits_is_left_out(seed: int, terminals: int) -> None:
    whole = cluster(name="c", epoch=EPOCH)
    fleet = whole[np.sort(np.random.default_rng(seed).choice(81, 12, replace=False))]
    pairs = cluster_mesh(fleet, terminals=terminals)
    used = np.bincount(pairs.ravel(), minlength=12)
    assert used.max() <= terminals
    assert connected(fleet, pairs)
    every = np.stack(np.triu_indices(12, 1), axis=1)
    length = longest_km(fleet, every)
    tree = nx.minimum_spanning_tree(_weighted(every, length))
    shortest = max(weight for _, _, weight in tree.edges(data="weight"))
    most = longest_km(fleet, pairs).max()
    assert most >= shortest * (1.0 - 1e-5)
    if terminals == 5:
        assert most == pytest.approx(shortest, rel=1e-5)
    linked = {tuple(pair) for pair in pairs.tolist()}
    left = [
        pair
        for pair, span in zip(every.tolist(), length, strict=True)
        if span <= most * (1.0 - 1e-5) and tuple(pair) not in linked and all(used[end] < terminals for end in pair)
    ]
    assert left == []


def _weighted(pairs: IntArray, length: FloatArray) -> nx.Graph:
    graph = nx.Graph()
    graph.add_weighted_edges_from((a, b, w) for (a, b), w in zip(pairs.tolist(), length.tolist(), strict=True))
    return graph


def test_every_formation_has_a_mesh_of_its_own() -> None:
    first, second = cluster(name="a", epoch=EPOCH), cluster(name="b", epoch=EPOCH, mean_anomaly_deg=90.0)
    pairs = cluster_mesh(first + second, terminals=4)
    alone = cluster_mesh(first, terminals=4)
    assert np.array_equal(pairs, np.concatenate([alone, alone + 81]))


def test_too_few_terminals_to_connect_are_refused_by_name() -> None:
    fleet = cluster(name="c", epoch=EPOCH)
    terminals = np.full(81, 4)
    terminals[9] = 1
    with pytest.raises(InputError, match=rf"satellite {fleet.names[9]}: has 1 laser terminals; .* takes 2 each"):
        cluster_mesh(fleet, terminals=terminals)


def test_a_shell_that_is_no_formation_is_refused_by_name() -> None:
    shell = walker_delta(
        name="w", altitude_km=600.0, inclination_deg=53.0, satellites=12, planes=3, phasing=1, epoch=EPOCH
    )
    with pytest.raises(InputError, match="shell w: is no formation"):
        cluster_mesh(shell)


def test_row_25_no_satellite_or_one_has_no_links() -> None:
    fleet = cluster(name="c", epoch=EPOCH)
    for count in (0, 1):
        assert cluster_mesh(fleet[np.arange(count)], terminals=4).shape == (0, 2)
    assert cluster_mesh(fleet[np.arange(2)], terminals=1).tolist() == [[0, 1]]
