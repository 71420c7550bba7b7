"""Graphs that users bring: what is wrong with them is said before anything is routed."""

import math
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.errors import InputError
from planner.network import NetworkSnapshot

NO_MEASURES = [math.nan, -1.0, math.inf, -math.inf, None, "fast", "1.0", True, np.True_, 1j, [1.0], 10**400]


def triangle(**edge: object) -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edge("A", "B", delay_ms=1.0)
    graph.add_edge("B", "C", **{"delay_ms": 2.0, **edge})
    return graph


def problems_of(graph: object) -> list[str]:
    with pytest.raises(InputError) as error:
        NetworkSnapshot.from_graph(graph)
    return [str(problem) for problem in error.value.problems]


def test_a_graph_of_satellites_alone_may_leave_out_kinds_and_ranges() -> None:
    made = NetworkSnapshot.from_graph(triangle())
    assert made.satellite_names == ("A", "B", "C")
    assert made.range_km.tolist() == pytest.approx([SPEED_OF_LIGHT_KM_S / 1e3, 2 * SPEED_OF_LIGHT_KM_S / 1e3])
    assert np.isnan(made.capacity_gbps).all()
    assert "capacity_gbps" not in made.graph.edges["A", "B"]


@pytest.mark.parametrize("delay", NO_MEASURES)
def test_row_27_a_delay_that_is_no_delay_is_refused_when_the_graph_is_read(delay: object) -> None:
    with pytest.raises(InputError, match=r"edge B to C.*delay_ms is .*a finite number, 0 or more"):
        NetworkSnapshot.from_graph(triangle(delay_ms=delay))


@pytest.mark.parametrize("name", ["range_km", "capacity_gbps"])
@pytest.mark.parametrize("value", NO_MEASURES)
def test_row_27_a_range_or_capacity_that_is_none_is_refused(name: str, value: object) -> None:
    assert problems_of(triangle(**{name: value}))[0].startswith(f"graph: edge B to C: {name} is ")


@pytest.mark.parametrize("value", [-1e-300, math.inf, math.nan])
def test_row_27_a_capacity_that_no_link_has_is_refused(value: float) -> None:
    assert "0 or more, is needed; leave it out where it is not known" in problems_of(triangle(capacity_gbps=value))[0]


def test_a_capacity_of_nothing_is_one_and_none_is_not_known() -> None:
    made = NetworkSnapshot.from_graph(triangle(capacity_gbps=0.0))
    assert made.capacity_gbps.tolist() == pytest.approx([math.nan, 0.0], nan_ok=True)
    assert NetworkSnapshot.from_graph(made.graph).capacity_gbps.tolist() == pytest.approx([math.nan, 0.0], nan_ok=True)


@pytest.mark.parametrize("value", [91.0, -91.0, math.nan, "high"])
def test_row_27_an_elevation_beyond_the_zenith_is_refused(value: object) -> None:
    graph = triangle(elevation_deg=value)
    graph.nodes["C"]["kind"] = "site"
    assert "-90 to 90" in problems_of(graph)[0]


@pytest.mark.parametrize("value", [2, np.float32(2.0), np.int16(2), Fraction(4, 2)])
def test_numbers_of_other_types_are_numbers(value: object) -> None:
    made = NetworkSnapshot.from_graph(triangle(delay_ms=value, capacity_gbps=value))
    assert made.delay_ms.tolist() == [1.0, 2.0]
    assert made.capacity_gbps[1] == 2.0


def test_row_27_a_missing_delay_is_refused_and_not_read_as_one() -> None:
    graph = triangle()
    graph.add_edge("C", "A", weight=3.0)
    with pytest.raises(InputError, match=r"edge A to C: no delay_ms|edge C to A: no delay_ms"):
        NetworkSnapshot.from_graph(graph)


def test_row_27_every_wrong_edge_is_reported_at_once() -> None:
    graph = triangle(delay_ms=-1.0, range_km=float("nan"), capacity_gbps=-1.0)
    graph.add_edge("C", "D")
    assert len(problems_of(graph)) == 4


def test_row_27_of_very_many_wrong_edges_the_first_are_told_and_the_rest_counted() -> None:
    graph: nx.Graph[str] = nx.relabel_nodes(nx.path_graph(1001), str)
    told = problems_of(graph)
    assert len(told) == 51
    assert told[-1] == "graph: and 950 more like these"


def test_row_27_a_value_is_told_legibly_and_in_short() -> None:
    assert "an integer of thousands of digits" in problems_of(triangle(delay_ms=10**5000))[0]
    assert len(problems_of(triangle(delay_ms="9" * 10_000))[0]) < 200
    assert "\x1b" not in problems_of(triangle(delay_ms="\x1b[31m"))[0]


def test_a_multigraph_is_refused_with_its_parallel_edges() -> None:
    graph: nx.MultiGraph[str] = nx.MultiGraph()
    graph.add_edge("A", "B", delay_ms=1.0)
    graph.add_edge("B", "A", delay_ms=2.0)
    graph.add_edge("B", "C", delay_ms=2.0)
    told = problems_of(graph)
    assert "is a MultiGraph; a plain networkx.Graph is needed" in told[0]
    assert told[1:] == ["graph: edge 'A' to 'B': there are 2; keep the one to route by"]
    assert "nx.Graph(graph)" in problems_of(nx.DiGraph([("A", "B")]))[0]


def test_nodes_need_names_that_can_be_read() -> None:
    numbered: nx.Graph[int] = nx.path_graph(3)
    assert "relabel_nodes" in problems_of(numbered)[0]
    assert "needs a letter" in problems_of(nx.relabel_nodes(triangle(), {"A": " "}))[0]
    assert "needs a text" in problems_of(nx.relabel_nodes(triangle(), {"A": ("A", 1)}))[0]


@pytest.mark.parametrize("kind", ["balloon", None, 1, ["site"], np.zeros(2)])
def test_a_node_of_another_kind_is_refused(kind: object) -> None:
    odd = triangle()
    odd.nodes["B"]["kind"] = kind
    assert "allowed are satellite and site" in problems_of(odd)[0]


def test_edges_that_cannot_be_are_refused() -> None:
    loop = triangle()
    loop.add_edge("A", "A", delay_ms=1.0)
    assert "linked to itself" in problems_of(loop)[0]
    ground = triangle()
    ground.nodes["B"]["kind"] = ground.nodes["C"]["kind"] = "site"
    assert "both ends are sites" in problems_of(ground)[0]
    assert "kind 'ground', but both ends are satellites" in problems_of(triangle(kind="ground"))[0]


def test_contacts_have_capacities_of_their_own() -> None:
    graph = triangle(capacity_gbps=20.0, elevation_deg=30)
    graph.nodes["C"]["kind"] = "site"
    made = NetworkSnapshot.from_graph(graph)
    assert made.contact_capacity_gbps.tolist() == [20.0]
    assert made.contact_elevation_deg.tolist() == [30.0]
    assert made.graph.edges["B", "C"]["capacity_gbps"] == 20.0


def test_row_25_an_empty_graph_is_an_empty_network() -> None:
    empty = NetworkSnapshot.from_graph(nx.Graph())
    assert len(empty.a) == len(empty.site) == 0
    assert len(empty.graph) == 0


MESS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.complex_numbers(), st.binary()
)


@given(st.dictionaries(st.sampled_from(["delay_ms", "range_km", "capacity_gbps", "elevation_deg", "kind"]), MESS), MESS)
def test_row_27_whatever_a_graph_holds_it_is_read_right_or_refused(edge: dict[str, object], kind: object) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_node("A", kind=kind)
    graph.add_edge("A", "B", **edge)
    try:
        made = NetworkSnapshot.from_graph(graph)
    except InputError as error:
        assert error.problems
        return
    delays = np.concatenate([made.delay_ms, made.contact_delay_ms])
    assert np.all(np.isfinite(delays) & (delays >= 0.0))
    assert delays.tolist() == [float(edge["delay_ms"])]
