"""How fast ground contacts are found and followed, beside rivals measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from time import thread_time
from typing import Any

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.links import Gateways, contact_counts, elevation_and_range, gateway_contacts, ground_access
from planner.orbit import Ephemeris, propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.sites import GroundSites, site_positions_km, site_zeniths
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
SLACK_KM = 1e-3
PAIRS_AT_ONCE = 2_000_000


def sites_of(count: int) -> GroundSites:
    rng = np.random.default_rng(7)
    return GroundSites(
        tuple(f"site {i}" for i in range(count)),
        rng.uniform(-50.0, 55.0, count),
        rng.uniform(-180.0, 180.0, count),
        np.zeros(count),
        np.full(count, 25.0),
        np.full(count, np.nan),
    )


def states_of(satellites: int, instants: int) -> Ephemeris:
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=satellites // 100, phasing=1,
        epoch=EPOCH,
    )  # fmt: skip
    return propagate(fleet, TimeGrid(EPOCH, 60.0, instants))


def by_matrix_products(states: Ephemeris, sites: GroundSites, instants: int) -> tuple[IntArray, FloatArray]:
    """Return (instant, site, satellite) and elevation: every pair screened by matrix products, then decided exactly."""
    site_km, zenith = (what(sites, states.times)[:instants] for what in (site_positions_km, site_zeniths))
    lowest = sites.minimum_elevation_deg
    step = max(1, PAIRS_AT_ONCE // (len(sites) * states.positions_km.shape[1]))
    rows, heights = [], []
    for first in range(0, instants, step):
        part = slice(first, min(first + step, instants))
        here, up_there, across = site_km[part], zenith[part], np.swapaxes(states.positions_km[part], 1, 2)
        up = np.matmul(up_there, across) - np.einsum("tsi,tsi->ts", up_there, here)[:, :, None]
        squared = -2.0 * np.matmul(here, across)
        squared += np.einsum("tsi,tsi->ts", here, here)[:, :, None] + np.einsum("tip,tip->tp", across, across)[:, None]
        sine = np.sin(np.radians(lowest))[:, None]
        time, site, sat = np.nonzero(up >= np.sqrt(np.maximum(squared, 0.0)) * sine - SLACK_KM)
        elevation, _ = elevation_and_range(here[time, site], up_there[time, site], states.positions_km[part][time, sat])
        keep = elevation >= lowest[site]
        rows.append(np.column_stack([time + first, site, sat])[keep])
        heights.append(elevation[keep])
    return np.concatenate(rows), np.concatenate(heights)


def test_contacts_of_ten_thousand_satellites_with_a_hundred_sites_beside_numpy(beside: Callable[..., Any]) -> None:
    instants, few = 100, 10
    states, sites = states_of(10_000, instants), sites_of(100)
    access, (rows, elevation) = beside(
        lambda: ground_access(states, sites, workers=1),
        lambda: by_matrix_products(states, sites, few),
        "all pairs by matrix products in NumPy, 100 instants",
        scale=instants / few,
        # Ours is one thread; what matrix products do in others is not counted against the rival.
        clock=thread_time,
    )
    count = int(access.offsets[few])
    time = np.repeat(np.arange(few), np.diff(access.offsets[: few + 1]))
    assert count > 100 * few
    assert np.array_equal(np.column_stack([time, access.site[:count], access.satellite[:count]]), rows)
    assert np.allclose(access.elevation_deg[:count], elevation, rtol=1e-12)


def test_contacts_grow_with_the_number_of_satellites(beside: Callable[..., Any]) -> None:
    many, tenth, sites = states_of(100_000, 10), states_of(10_000, 10), sites_of(100)
    access, fewer = beside(
        lambda: ground_access(many, sites, workers=1),
        lambda: ground_access(tenth, sites, workers=1),
        "a tenth of the satellites, ten times",
        scale=10.0,
        clock=thread_time,
    )
    assert len(fewer.site) > 1000
    # The same shell ten times as dense.
    assert abs(len(access.site) / len(fewer.site) - 10.0) < 0.5


def test_two_threads_beside_one(beside: Callable[..., Any]) -> None:
    states, sites = states_of(10_000, 100), sites_of(100)
    two, one = beside(
        lambda: ground_access(states, sites, workers=2), lambda: ground_access(states, sites, workers=1), "one thread"
    )
    assert len(one.site) > 10_000
    assert np.array_equal(two.offsets, one.offsets)
    assert np.array_equal(two.satellite, one.satellite)


def test_antennas_of_a_hundred_gateways_beside_python(beside: Callable[..., Any]) -> None:
    instants, few, antennas = 60, 3, 8
    access = ground_access(states_of(10_000, instants), sites_of(100))
    gateways = Gateways.alike(100, antennas=antennas)

    def one_at_a_time() -> list[set[tuple[int, int]]]:
        held: set[tuple[int, int]] = set()
        found = []
        for t in range(few):
            rows = range(access.offsets[t], access.offsets[t + 1])
            now = {(int(access.site[row]), int(access.satellite[row])): access.elevation_deg[row] for row in rows}
            chosen = held & now.keys()
            free = np.full(100, antennas)
            for site, _ in chosen:
                free[site] -= 1
            for pair in sorted(now.keys() - chosen, key=lambda pair: (-now[pair], pair)):
                if free[pair[0]]:
                    free[pair[0]] -= 1
                    chosen.add(pair)
            held = chosen
            found.append(chosen)
        return found

    followed, found = beside(
        lambda: gateway_contacts(access, gateways), one_at_a_time, "sets in Python", scale=instants / few
    )
    for t, pairs in enumerate(found):
        rows = followed.rows(t)
        assert set(zip(followed.site[rows].tolist(), followed.satellite[rows].tolist(), strict=True)) == pairs
    assert contact_counts(followed).max() == antennas
