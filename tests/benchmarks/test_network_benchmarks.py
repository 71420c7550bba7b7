"""How fast shortest ways are, each beside a rival measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree: with
SciPy to the last bit. Seconds are those of processors but where it says otherwise.

A day of a fleet at a step of a minute, from elements to the delays of all pairs of 100 cities, runs in a process of its
own, whose greatest memory is printed with its seconds, and with how both grow from one size to the next. 100,000
satellites take minutes, and are flown only where ``PLANNER_BENCHMARK_LARGEST=1`` is set.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pytest

from planner.links import AccessTable, LaserTerminal, LinkTable, ground_access
from planner.network import (
    fixed_links,
    latency_series,
    link_table,
    matched_links,
    plus_grid,
    satellite_latency_ms,
    site_latency_ms,
    snapshot,
)
from planner.network.routing import Seeds, shortest_ms
from planner.orbit import Fleet, propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
TERMINAL = LaserTerminal("bench", 100.0, 5016.0, 10.0, 100.0)
CITIES = 100
SNAPSHOTS = 20
"""Instants of one call, so that the cost of a call counts as it does in a run."""
PLANES = {1_000: 25, 1_584: 72, 10_000: 100, 100_000: 250}
SUMS = 1e-12
"""Relative: the same delays added in another order."""
DAY_SIZES = (1_000, 10_000, 100_000) if os.environ.get("PLANNER_BENCHMARK_LARGEST") == "1" else (1_000, 10_000)


def cities() -> GroundSites:
    rng = np.random.default_rng(7)
    return GroundSites(
        tuple(f"city {i}" for i in range(CITIES)),
        rng.uniform(-50.0, 55.0, CITIES),
        rng.uniform(-180.0, 180.0, CITIES),
        np.zeros(CITIES),
        np.full(CITIES, 25.0),
        np.full(CITIES, np.nan),
    )


def shell(satellites: int) -> Fleet:
    return walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=PLANES[satellites], phasing=1,
        epoch=EPOCH,
    )  # fmt: skip


def tables(satellites: int, *, matched: bool = False, count: int = 1) -> tuple[Fleet, LinkTable, AccessTable]:
    fleet = shell(satellites)
    states = propagate(fleet, TimeGrid(EPOCH, 60.0, count))
    topology = (
        matched_links(terminals=4, terminal=LaserTerminal("near", 100.0, 1000.0, 10.0, 100.0))
        if matched
        else fixed_links(plus_grid(fleet), terminal=TERMINAL)
    )
    return fleet, link_table(states, topology), ground_access(states, cities())


def scipy_search(links: LinkTable, access: AccessTable) -> Callable[[], Any]:
    """Return SciPy's search from every city at the first instant, its matrix made ready."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    satellites, sites = links.satellites, access.sites
    laser, ground = links.rows(0), access.rows(0)
    a, b, delay = links.a[laser], links.b[laser], links.delay_ms[laser]
    ends = np.concatenate([a, b, access.site[ground] + satellites]).astype(np.int32)
    others = np.concatenate([b, a, access.satellite[ground]]).astype(np.int32)
    delays = np.concatenate([delay, delay, access.delay_ms[ground]])
    matrix = coo_array((delays, (ends, others)), shape=(satellites + sites,) * 2).tocsr()
    return lambda: dijkstra(matrix, indices=np.arange(satellites, satellites + sites))[:, :satellites]


@pytest.mark.parametrize(("satellites", "count"), [(1_584, SNAPSHOTS), (10_000, 10), (100_000, 2)])
def test_delays_from_a_hundred_cities_to_every_satellite(
    satellites: int, count: int, beside: Callable[..., Any]
) -> None:
    _, links, access = tables(satellites, count=count)
    _, theirs = beside(
        lambda: site_latency_ms(links, access, workers=1),
        scipy_search(links, access),
        "SciPy dijkstra(indices=)",
        scale=count,
        clock=process_time,
    )
    assert np.array_equal(satellite_latency_ms(links, access)[0], theirs)


@pytest.mark.parametrize("order", ["names shuffled", "matched"])
def test_delays_over_a_disordered_graph_of_10000_satellites(order: str, beside: Callable[..., Any]) -> None:
    # Neighbours far apart in the order of the fleet, and links that follow no pattern.
    _, links, access = tables(10_000, matched=order == "matched")
    name = np.random.default_rng(1).permutation(10_000) if order == "names shuffled" else np.arange(10_000)
    seeds = Seeds.of_rows(access.site, name[access.satellite], access.delay_ms, sources=CITIES)
    ours, theirs = beside(
        lambda: shortest_ms(name[links.a], name[links.b], links.delay_ms, seeds, nodes=10_000, workers=1),
        scipy_search(links, access),
        "SciPy dijkstra(indices=)",
        clock=process_time,
    )
    assert np.array_equal(ours[:, name], theirs)


@pytest.mark.parametrize("sources", [1, CITIES])
def test_delays_over_a_graph_that_no_order_of_sweeps_suits(sources: int, beside: Callable[..., Any]) -> None:
    # A node joined to all others by long links hides a way of short ones through all. No satellites are linked so; it
    # shows what the worst graph costs.
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    nodes, rng = 10_000, np.random.default_rng(1)
    name = rng.permutation(nodes)
    a, b = name[np.append(np.arange(nodes - 1), np.zeros(nodes - 2, dtype=np.int64))], name[np.r_[1:nodes, 2:nodes]]
    delay = np.repeat([1.0, 1e6], [nodes - 1, nodes - 2])
    order = rng.permutation(len(a))
    a, b, delay = a[order], b[order], delay[order]
    matrix = csr_array((np.tile(delay, 2), (np.append(a, b), np.append(b, a))), shape=(nodes, nodes))
    ours, theirs = beside(
        lambda: shortest_ms(a, b, delay, np.arange(sources), nodes=nodes, workers=1),
        lambda: dijkstra(matrix, indices=np.arange(sources)),
        "SciPy dijkstra(indices=)",
        clock=process_time,
    )
    assert np.array_equal(ours, theirs)


def test_delays_between_a_hundred_cities_beside_networkx(beside: Callable[..., Any]) -> None:
    import networkx as nx

    fleet, links, access = tables(1_584, count=SNAPSHOTS)
    sites, few = cities(), 5
    view = nx.Graph(snapshot(links, access, 0, fleet, sites).between(sites.names[0]))

    def rival() -> dict[str, float]:
        for _ in range(few):
            lengths = nx.single_source_dijkstra_path_length(view, sites.names[0], weight="delay_ms")
        return lengths

    latency, lengths = beside(
        lambda: site_latency_ms(links, access, workers=1), rival, "networkx Dijkstra per city",
        scale=SNAPSHOTS * CITIES / few,
        clock=process_time,
    )  # fmt: skip
    reached = [lengths.get(name, np.inf) for name in fleet.names]
    assert np.allclose(satellite_latency_ms(links, access)[0, 0], reached, rtol=SUMS)
    assert np.isfinite(latency).any()


def test_delays_between_a_hundred_cities_beside_floyd_and_warshall(benchmark: Any) -> None:
    # As Hypatia does it: all pairs of satellites by networkx, then the best satellites of every two cities. The rival
    # takes seconds, so it runs once, and only its first part.
    import networkx as nx

    fleet, links, access = tables(1_584, count=SNAPSHOTS)
    now, seen = links.rows(0), access.rows(0)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(fleet)))
    graph.add_weighted_edges_from(
        zip(links.a[now].tolist(), links.b[now].tolist(), links.delay_ms[now].tolist(), strict=True)
    )
    began = process_time()
    between = nx.floyd_warshall_numpy(graph)
    rival_s = process_time() - began
    seconds = []

    def ours() -> Any:
        began = process_time()
        found = site_latency_ms(links, access, workers=1)
        seconds.append(process_time() - began)
        return found

    latency = benchmark.pedantic(ours, rounds=5, warmup_rounds=1)[0]
    ours_s = median(seconds[1:]) / SNAPSHOTS
    benchmark.extra_info |= {"rival": "networkx floyd_warshall_numpy", "ours_s": ours_s, "rival_s": rival_s}
    sys.stderr.write(
        f"\n{benchmark.name}: {ours_s:.5f} s, networkx floyd_warshall_numpy: {rival_s:.1f} s, "
        f"ratio {rival_s / ours_s:.0f}\n"
    )
    site, satellite, up = access.site[seen], access.satellite[seen], access.delay_ms[seen]
    first, second = site == 0, site == 1
    ways = up[first][:, None] + up[second] + between[np.ix_(satellite[first], satellite[second])]
    assert latency[0, 1] == pytest.approx(ways.min(), rel=SUMS)


def test_a_day_from_elements_to_delays_between_a_hundred_cities(benchmark: Any) -> None:
    # A +grid, two ways followed, as many threads as processors. Each size in a process of its own, for its memory.
    found = []

    def days() -> None:
        for satellites in DAY_SIZES:
            done = subprocess.run(
                [sys.executable, __file__, str(satellites)], capture_output=True, text=True, check=True
            )
            found.append(json.loads(done.stdout))
            sys.stderr.write(
                "\n{satellites}: {wall_s:.1f} s ({cpu_s:.1f} of processors), {peak_gb:.2f} GB".format(**found[-1])
            )

    benchmark.pedantic(days, rounds=1)
    for small, large in pairwise(found):
        times = large["satellites"] / small["satellites"]
        grown = {name: log(large[name] / small[name]) / log(times) for name in ("wall_s", "cpu_s", "peak_gb")}
        sys.stderr.write(
            "\n{} to {} satellites: seconds grow as n^{:.2f} (of processors n^{:.2f}), memory as n^{:.2f}\n".format(
                small["satellites"], large["satellites"], *grown.values()
            )
        )
    benchmark.extra_info["days"] = found
    assert all(day["agrees"] for day in found)


def fly_a_day(satellites: int) -> dict[str, Any]:
    """Return seconds and memory of a day, and whether its last instant is what SciPy finds."""
    fleet, sites = shell(satellites), cities()
    topology = fixed_links(plus_grid(fleet), terminal=TERMINAL)
    day = TimeGrid(EPOCH, 60.0, 1440)
    # Kernels are compiled, or read from disk, on two instants first.
    latency_series(fleet, day.part(0, 2), sites, topology)
    wall, processors = perf_counter(), process_time()
    series = latency_series(fleet, day, sites, topology, follow=[("city 1", "city 2"), ("city 3", "city 4")])
    wall, processors = perf_counter() - wall, process_time() - processors
    peak_gb = greatest_memory_gb()
    last = propagate(fleet, day.part(1439, 1440))
    links, access = link_table(last, topology), ground_access(last, sites)
    down = scipy_search(links, access)()[0, access.satellite] + access.delay_ms
    expected = [down[access.site == site].min(initial=np.inf) for site in range(1, CITIES)]
    return {
        "satellites": satellites,
        "wall_s": wall,
        "cpu_s": processors,
        "peak_gb": peak_gb,
        "agrees": bool(np.allclose(series.latency_ms[-1, 0, 1:], expected, rtol=SUMS)),
    }


def greatest_memory_gb() -> float:
    """Return the most memory that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux hands the greatest memory of whoever started a process down to it in `getrusage`, but not here.
        (kilobytes,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kilobytes) / 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**3


if __name__ == "__main__":
    sys.stdout.write(json.dumps(fly_a_day(int(sys.argv[1]))))
