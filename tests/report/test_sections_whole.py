"""What the report says in words of how the network holds together."""

import networkx as nx
import pytest

from planner.network import NetworkSnapshot, connectivity
from planner.report.sections_whole import _joined


@pytest.mark.parametrize(
    ("satellites", "links", "said"),
    [
        (3, [(0, 1), (1, 2)], "One joined part. One loss can part it. 1 satellite would part others by being lost."),
        (
            4,
            [(0, 1), (1, 2), (2, 3), (3, 0)],
            "It stays whole whichever 1 is lost; 2 losses can part it. No ",
        ),
        (3, [(0, 1), (1, 2), (2, 0)], "stays whole whichever satellites are lost."),
        (2, [(0, 1)], "stays whole whichever satellites are lost."),
        (4, [(0, 1), (1, 2)], "2 joined parts. 1 satellite would part others"),
    ],
)
def test_how_the_network_holds_together(satellites: int, links: list[tuple[int, int]], said: str) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(f"s{i}" for i in range(satellites))
    graph.add_edges_from(((f"s{a}", f"s{b}") for a, b in links), delay_ms=1.0)
    assert said in _joined(connectivity(NetworkSnapshot.from_graph(graph)))
