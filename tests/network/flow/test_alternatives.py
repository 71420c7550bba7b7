"""Alternative ways, against all simple paths counted one by one."""

from collections.abc import Callable
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest

from planner.errors import InputError
from planner.network import NetworkSnapshot, route
from planner.network.flow import Sharing, disjoint_paths, k_shortest, separator

SEEDS = range(25)


def ways(snapshot: NetworkSnapshot, source: str, target: str) -> list[tuple[float, tuple[str, ...]]]:
    view = snapshot.between(source, target)
    paths = nx.all_simple_paths(view, source, target)
    return sorted((nx.path_weight(view, path, "delay_ms"), tuple(path)) for path in paths)


def parts_of(nodes: tuple[str, ...], by: str) -> set[object]:
    """Return what a way may not share; a way without inner nodes shares its one link."""
    if by == "node" and len(nodes) > 2:
        return set(nodes[1:-1])
    return {frozenset(pair) for pair in pairwise(nodes)}


def cheapest_disjoint(found: list[tuple[float, tuple[str, ...]]], by: str) -> dict[int, float]:
    """Return the least total delay of each number of disjoint ways, by trying all sets of ways."""
    best: dict[int, float] = {}

    def grow(first: int, used: set[object], total: float, count: int) -> None:
        best[count] = min(best.get(count, np.inf), total)
        for i in range(first, len(found)):
            parts = parts_of(found[i][1], by)
            if not used & parts:
                grow(i + 1, used | parts, total + found[i][0], count + 1)

    grow(0, set(), 0.0, 0)
    return best


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ends", [("s0", "s5"), ("t0", "s3"), ("t0", "t1"), ("s2", "t1")])
def test_the_k_shortest_ways_are_the_first_of_all_simple_ones(
    network: Callable[..., NetworkSnapshot], seed: int, ends: tuple[str, str]
) -> None:
    snapshot = network(seed)
    expected = ways(snapshot, *ends)
    found = k_shortest(snapshot, *ends, 12)
    # Whole delays add up exactly; which of equal ways come last is open.
    assert [path.latency_ms for path in found] == [delay for delay, _ in expected[:12]]
    assert len({path.nodes for path in found}) == len(found)
    assert {path.nodes for path in found} <= {nodes for _, nodes in expected}


def test_the_first_of_the_k_shortest_is_the_route(network: Callable[..., NetworkSnapshot]) -> None:
    for seed in SEEDS:
        snapshot = network(seed)
        best = route(snapshot, "t0", "t1")
        found = k_shortest(snapshot, "t0", "t1", 1)
        assert [path.latency_ms for path in found] == ([best.latency_ms] if best.reachable else [])


def test_asking_twice_gives_the_same_ways_in_the_same_order(network: Callable[..., NetworkSnapshot]) -> None:
    snapshot = network(3)
    assert k_shortest(snapshot, "s0", "s5", 9) == k_shortest(snapshot, "s0", "s5", 9)


@pytest.mark.parametrize("by", ["link", "node"])
@pytest.mark.parametrize("seed", SEEDS)
def test_disjoint_ways_share_nothing_and_are_the_shortest_in_total(
    network: Callable[..., NetworkSnapshot], seed: int, by: Sharing
) -> None:
    snapshot = network(seed, satellites=5)
    for ends in (("s0", "s4"), ("t0", "s2"), ("t0", "t1")):
        best = cheapest_disjoint(ways(snapshot, *ends), by)
        for count in range(1, max(best) + 2):
            found = disjoint_paths(snapshot, *ends, count, by=by)
            possible = min(count, max(best))
            assert len(found) == possible
            assert sum(path.latency_ms for path in found) == best[possible]
            assert all(not parts_of(p.nodes, by) & parts_of(q.nodes, by) for p, q in combinations(found, 2))


@pytest.mark.parametrize("by", ["link", "node"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_separator_parts_the_ends_and_is_as_large_as_there_are_disjoint_ways(
    network: Callable[..., NetworkSnapshot], seed: int, by: Sharing
) -> None:
    snapshot = network(seed)
    for source, target in (("s0", "s5"), ("t0", "s2"), ("t0", "t1")):
        found = separator(snapshot, source, target, by=by)
        assert len(found) == len(disjoint_paths(snapshot, source, target, 99, by=by))
        assert by == "node" or not found.nodes
        assert not set(found.nodes) & {source, target}
        left = nx.Graph(snapshot.between(source, target))
        left.remove_edges_from(found.links)
        left.remove_nodes_from(found.nodes)
        assert not nx.has_path(left, source, target)


def test_the_second_of_two_disjoint_ways_may_undo_part_of_the_first(line: Callable[..., NetworkSnapshot]) -> None:
    # The shortest way a-b-c-d takes both good ends; only together with the middle undone are there two ways.
    snapshot = line(
        ("a", "b", 1.0, 1.0), ("b", "c", 1.0, 1.0), ("c", "d", 1.0, 1.0), ("a", "c", 4.0, 1.0), ("b", "d", 4.0, 1.0)
    )
    assert [path.nodes for path in disjoint_paths(snapshot, "a", "d", 2)] == [("a", "b", "d"), ("a", "c", "d")]


def test_row_25_a_network_without_links_has_no_way(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = NetworkSnapshot.from_graph(nx.empty_graph(["a", "b"]))
    assert k_shortest(snapshot, "a", "b", 3) == ()
    assert disjoint_paths(snapshot, "a", "b", 2) == ()
    assert len(separator(snapshot, "a", "b", by="node")) == 0


def test_row_26_what_is_not_connected_is_unreachable_and_not_infinite(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 1.0), ("c", "d", 1.0, 1.0), ("T", "b", 1.0, np.nan), ("T", "c", 1.0, np.nan))
    # The site touches both parts, but sites never relay.
    assert k_shortest(snapshot, "a", "d", 3) == ()
    assert disjoint_paths(snapshot, "a", "d", 2, by="node") == ()


def test_from_a_node_to_itself_there_is_one_way_without_a_step_and_no_two(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 1.0))
    assert [path.nodes for path in k_shortest(snapshot, "a", "a", 3)] == [("a",)]
    with pytest.raises(InputError, match="both a; name two nodes"):
        disjoint_paths(snapshot, "a", "a", 2)


def test_misuse_is_refused(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 1.0))
    with pytest.raises(ValueError, match="k: 0"):
        k_shortest(snapshot, "a", "b", 0)
    with pytest.raises(ValueError, match="count: 0"):
        disjoint_paths(snapshot, "a", "b", 0)
    with pytest.raises(ValueError, match="edge"):
        separator(snapshot, "a", "b", by="edge")  # type: ignore[arg-type]
    with pytest.raises(InputError, match='no node "z"'):
        k_shortest(snapshot, "a", "z", 1)
