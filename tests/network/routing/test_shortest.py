"""Least delays from many sources at once, against SciPy's and networkx' answers on random graphs."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from planner.arrays import FloatArray, IntArray
from planner.network.routing import Seeds, shortest_ms
from planner.network.routing.shortest import Graph, Scratch, lane_blocks

Links = tuple[IntArray, IntArray, FloatArray]


def drawn_links(nodes: int, links: int, seed: int, *, weights: str) -> Links:
    """Return different pairs of nodes with weights: any, a few whole ones (so that many ways are equal), or some 0."""
    rng = np.random.default_rng(seed)
    first, second = np.triu_indices(nodes, 1)
    chosen = rng.permutation(len(first))[:links]
    weight = {
        "any": rng.uniform(0.1, 20.0, len(chosen)),
        "whole": rng.integers(1, 4, len(chosen)).astype(float),
        "some nothing": rng.choice([0.0, 0.0, 1.0, 2.5, np.inf], len(chosen)),
    }[weights]
    swapped = rng.random(len(chosen)) < 0.5
    a, b = np.where(swapped, second[chosen], first[chosen]), np.where(swapped, first[chosen], second[chosen])
    return a, b, weight


def scipy_ms(links: Links, sources: IntArray, nodes: int) -> FloatArray:
    # A sparse matrix stores zeros that are given, and SciPy takes what is stored as a link.
    a, b, weight = links
    data, ends = np.concatenate([weight, weight]), (np.concatenate([a, b]), np.concatenate([b, a]))
    reached: FloatArray = dijkstra(csr_array((data, ends), shape=(nodes, nodes)), indices=sources)
    return reached


graphs = st.tuples(st.integers(1, 40), st.integers(0, 120), st.integers(0, 10**6))


@pytest.mark.parametrize("weights", ["any", "whole", "some nothing"])
@settings(deadline=None)  # the first example compiles
@given(graph=graphs, sources=st.integers(1, 20))
def test_delays_are_scipys_to_the_last_bit(weights: str, graph: tuple[int, int, int], sources: int) -> None:
    nodes, links, seed = graph
    drawn = drawn_links(nodes, links, seed, weights=weights)
    chosen = np.random.default_rng(seed).integers(0, nodes, sources)
    assert np.array_equal(shortest_ms(*drawn, chosen, nodes=nodes), scipy_ms(drawn, chosen, nodes))


@settings(deadline=None)  # the first example compiles
@given(graph=graphs)
def test_the_order_and_direction_of_links_and_the_names_of_nodes_change_no_bit(graph: tuple[int, int, int]) -> None:
    nodes, links, seed = graph
    a, b, weight = drawn_links(nodes, links, seed, weights="any")
    rng = np.random.default_rng(seed)
    name, order = rng.permutation(nodes), rng.permutation(len(a))
    other = shortest_ms(name[b][order], name[a][order], weight[order], name, nodes=nodes)
    assert np.array_equal(other[:, name], shortest_ms(a, b, weight, np.arange(nodes), nodes=nodes))


@settings(deadline=None)  # the first example compiles
@given(graph=graphs, gone=st.integers(0, 39))
def test_removing_a_node_never_shortens_a_way(graph: tuple[int, int, int], gone: int) -> None:
    nodes, links, seed = graph
    a, b, weight = drawn_links(nodes, links, seed, weights="any")
    keep = (a != gone) & (b != gone)
    less = shortest_ms(a[keep], b[keep], weight[keep], np.arange(nodes), nodes=nodes)
    assert np.all(less >= shortest_ms(a, b, weight, np.arange(nodes), nodes=nodes))


@settings(deadline=None)  # the first example compiles
@given(graph=graphs, weights=st.sampled_from(["any", "whole", "some nothing"]))
def test_ways_walked_back_add_up_to_their_delay(graph: tuple[int, int, int], weights: str) -> None:
    nodes, links, seed = graph
    a, b, weight = drawn_links(nodes, links, seed, weights=weights)
    made, scratch = Graph.of(a, b, weight, nodes=nodes), Scratch()
    between = {frozenset(pair): w for *pair, w in zip(a.tolist(), b.tolist(), weight.tolist(), strict=True)}
    seeds = Seeds.at(np.arange(nodes))
    reached = made.reach(seeds, 0, nodes, scratch)
    for source in range(min(nodes, 4)):
        delay_of = reached[made.rank, source]
        exact = nx.DiGraph([(source, source)])
        for i, j, w in zip(np.concatenate([a, b]), np.concatenate([b, a]), np.tile(weight, 2), strict=True):
            if np.isfinite(delay_of[j]) and delay_of[i] + w == delay_of[j]:
                exact.add_edge(int(i), int(j))
        for end in range(nodes):
            way = made.walk(reached, source, seeds.of(source), seeds.of(end)).tolist()
            delay = delay_of[end]
            assert bool(way) == np.isfinite(delay)
            if way:
                whole = 0.0
                for step in pairwise(way):
                    whole += between[frozenset(step)]
                assert (way[0], way[-1], whole, len(set(way))) == (source, end, delay, len(way))
                # No other way of exactly this delay has fewer links.
                assert len(way) - 1 == nx.shortest_path_length(exact, source, end)


def test_delays_through_a_maze_are_scipys_too() -> None:
    # Links of a grid whose delays differ by factors up to 10,000: ways wind, and 28 sweeps in breadth-first order would
    # be needed, more than the kernel's patience.
    side = 30
    cell = np.arange(side * side).reshape(side, side)
    a = np.concatenate([cell[:, :-1].ravel(), cell[:-1].ravel()])
    b = np.concatenate([cell[:, 1:].ravel(), cell[1:].ravel()])
    drawn = a, b, 10.0 ** np.random.default_rng(2).uniform(0.0, 4.0, len(a))
    for sources in (np.arange(0, side * side, 45), np.array([17])):
        assert np.array_equal(shortest_ms(*drawn, sources, nodes=side * side), scipy_ms(drawn, sources, side * side))


def hub_and_hidden_way(nodes: int, seed: int) -> Links:
    """Return a node joined to all others by long links, and a way of short ones through all; named in any order."""
    rng = np.random.default_rng(seed)
    name = rng.permutation(nodes)
    a = np.concatenate([np.arange(nodes - 1), np.zeros(nodes - 2, dtype=np.int64)])
    b = np.concatenate([np.arange(1, nodes), np.arange(2, nodes)])
    weight = np.concatenate([rng.uniform(1.0, 2.0, nodes - 1), np.full(nodes - 2, 1e6)])
    order = rng.permutation(len(a))
    return name[a[order]], name[b[order]], weight[order]


@pytest.mark.parametrize("sources", [1, 5, 24])
def test_sweeps_that_would_be_too_many_are_ended_by_a_heap(sources: int) -> None:
    # Breadth first, every node follows the hub, whose way winds through them without order: hundreds of sweeps.
    from planner.network.routing.sweep import reach

    nodes = 1_000
    drawn, asked = hub_and_hidden_way(nodes, 5), np.arange(sources)
    seeds, made = Seeds.at(asked), Graph.of(*drawn, nodes=nodes)
    columns = (made.rank, made.offsets, made.neighbour, made.weight_ms)
    lanes = Scratch().lanes(nodes, sources)
    assert not reach(*columns, seeds.offsets, seeds.node, seeds.delay_ms, 0, lanes)
    assert np.array_equal(lanes[made.rank, :sources].T, scipy_ms(drawn, asked, nodes))
    assert np.isinf(lanes[nodes]).all()
    assert np.isinf(lanes[:, sources:]).all()
    assert np.array_equal(shortest_ms(*drawn, asked, nodes=nodes), lanes[made.rank, :sources].T)


def test_a_grid_of_planes_needs_no_heap() -> None:
    from planner.network.routing.sweep import reach

    cell = np.arange(900).reshape(30, 30)
    a, b = np.tile(cell.ravel(), 2), np.concatenate([np.roll(cell, -1, 0).ravel(), np.roll(cell, -1, 1).ravel()])
    drawn = a, b, np.repeat([1.0, 0.7], 900) * np.random.default_rng(3).uniform(1.0, 1.5, len(a))
    asked = np.arange(24) * 17
    made, seeds, lanes = Graph.of(*drawn, nodes=900), Seeds.at(asked), Scratch().lanes(900, 24)
    columns = (made.rank, made.offsets, made.neighbour, made.weight_ms)
    assert reach(*columns, seeds.offsets, seeds.node, seeds.delay_ms, 0, lanes)
    assert np.array_equal(lanes[made.rank].T, scipy_ms(drawn, asked, 900))


@pytest.mark.parametrize("weights", ["any", "whole", "some nothing"])
@settings(deadline=None)  # the first example compiles
@given(graph=graphs, begun=st.integers(0, 3))
def test_a_heap_alone_finds_the_same_wherever_it_takes_over(
    weights: str, graph: tuple[int, int, int], begun: int
) -> None:
    from planner.network.routing.dijkstra import settle

    nodes, links, seed = graph
    drawn = drawn_links(nodes, links, seed, weights=weights)
    made, lanes = Graph.of(*drawn, nodes=nodes), np.full((nodes + 1, 8), np.inf)
    expected = scipy_ms(drawn, np.arange(min(nodes, 3)), nodes)
    for source in range(len(expected)):
        # Some of the delays are final already, as if sweeps had found them; every place may still have to fall.
        known = np.random.default_rng(seed).random(nodes) < begun / 4.0
        lanes[made.rank[known], source] = expected[source, known]
        lanes[made.rank[source], source] = 0.0
    settle(made.offsets, made.neighbour, made.weight_ms, np.ones(nodes + 1, dtype=np.bool_), lanes, len(expected))
    assert np.array_equal(lanes[made.rank, : len(expected)].T, expected)
    assert np.isinf(lanes[nodes]).all()


def test_more_sources_than_one_sweep_holds_are_swept_in_blocks() -> None:
    nodes = 300
    drawn = drawn_links(nodes, 900, 3, weights="any")
    whole = shortest_ms(*drawn, np.arange(nodes), nodes=nodes, workers=3)
    assert np.array_equal(whole, scipy_ms(drawn, np.arange(nodes), nodes))
    assert lane_blocks(300) == [(0, 100), (100, 100), (200, 100)]
    assert lane_blocks(0) == []
    assert sum(count for _, count in lane_blocks(1001)) == 1001


def test_a_source_may_meet_the_graph_at_several_nodes() -> None:
    # A line of four nodes, 1 ms apart; the source stands 0.5 ms from one end and 1 ms from the other.
    a, b, weight = np.array([0, 1, 2]), np.array([1, 2, 3]), np.ones(3)
    seeds = Seeds(np.array([0, 2, 2]), np.array([0, 3]), np.array([0.5, 1.0]))
    reached = shortest_ms(a, b, weight, seeds, nodes=4)
    assert reached.tolist() == [[0.5, 1.5, 2.0, 1.0], [np.inf] * 4]


def test_links_that_cannot_be_used_lead_nowhere() -> None:
    reached = shortest_ms(np.array([0]), np.array([1]), np.array([np.inf]), [0], nodes=2)
    assert reached.tolist() == [[0.0, np.inf]]


def test_row_25_nothing_is_an_answer_too() -> None:
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    assert shortest_ms(none, none, nothing, [], nodes=0).shape == (0, 0)
    assert shortest_ms(none, none, nothing, [], nodes=3).shape == (0, 3)
    assert shortest_ms(none, none, nothing, [0], nodes=1).tolist() == [[0.0]]


@pytest.mark.parametrize("wrong", [-1.0, np.nan])
def test_row_27_a_negative_or_missing_weight_is_refused(wrong: float) -> None:
    ends = np.array([0]), np.array([1])
    with pytest.raises(ValueError, match="weight_ms: no delay may be negative or NaN"):
        shortest_ms(*ends, np.array([wrong]), [0], nodes=2)
    with pytest.raises(ValueError, match="delay_ms: no delay may be negative or NaN"):
        Seeds(np.array([0, 1]), np.array([0]), np.array([wrong]))


def test_nodes_that_do_not_exist_and_columns_that_differ_are_refused() -> None:
    one = np.array([1.0])
    with pytest.raises(ValueError, match="b: need nodes of 0 to 1"):
        shortest_ms(np.array([0]), np.array([2]), one, [0], nodes=2)
    with pytest.raises(ValueError, match="node: -1 is no node"):
        shortest_ms(np.array([0]), np.array([1]), one, [-1], nodes=2)
    with pytest.raises(ValueError, match=r"b: shape \(1,\), expected \(2\)"):
        shortest_ms(np.array([0, 1]), np.array([1]), one, [0], nodes=2)
    with pytest.raises(ValueError, match=r"weight_ms: shape \(2,\), expected \(1\)"):
        shortest_ms(np.array([0]), np.array([1]), np.ones(2), [0], nodes=2)


@pytest.mark.parametrize("offsets", [[0, 2], [1, 1], [-1, 1], [0, 40, 1], [0, 1, 0, 1], [0], []])
def test_seeds_whose_offsets_lead_out_of_their_rows_are_refused(offsets: list[int]) -> None:
    # Kernels trust them: they would read, and write, memory that is not theirs.
    with pytest.raises(ValueError, match="offsets: need to begin with 0, never to fall, and to end with the 1 of node"):
        Seeds(np.array(offsets), np.array([0]), np.array([0.0]))


def test_seeds_at_nodes_that_cannot_be_and_of_columns_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="node: -1 is no node"):
        Seeds(np.array([0, 1]), np.array([-1]), np.array([0.0]))
    with pytest.raises(ValueError, match="sources: need nodes of 0 to 1"):
        shortest_ms(np.array([0]), np.array([1]), np.ones(1), Seeds.at([2]), nodes=2)
    with pytest.raises(ValueError, match="delay_ms: shape"):
        Seeds(np.array([0, 1]), np.array([0]), np.zeros(2))
    with pytest.raises(ValueError, match="node: shape"):
        Seeds(np.array([0, 1]), np.zeros((1, 2)), np.zeros((1, 2)))
