"""Brute force on tiny manifests, and launch campaigns that were flown."""

import random
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product

import pytest

from planner.catalog import load_catalog
from planner.errors import InfeasibleError
from planner.launch import PlaneDemand, Vehicle, audit_manifest, plan_manifest

START = date(2020, 1, 1)


def brute_force(counts, capacities, prices, slots, reach, budget):
    """Return least cost with all aboard (None: impossible) and most satellites within `budget`, trying every load."""

    @cache
    def best(left, flights):
        # satellites that can still fly → least cost, by trying every vehicle, window and load for the next flight
        table = {0: 0.0}
        for v, free in enumerate(flights):
            if not free:
                continue
            rest = (*flights[:v], free - 1, *flights[v + 1 :])
            for first in range(len(left)):
                window = range(first, min(first + reach[v], len(left)))
                for load in product(*(range(left[p] + 1) for p in window)):
                    if load[0] == 0 or not 0 < sum(load) <= capacities[v]:
                        continue
                    after = list(left)
                    for p, n in zip(window, load, strict=True):
                        after[p] -= n
                    for more, cost in best(tuple(after), rest).items():
                        total = more + sum(load)
                        table[total] = min(table.get(total, float("inf")), cost + prices[v])
        return table

    table = best(tuple(counts), tuple(slots))
    most = max(n for n, cost in table.items() if cost <= budget)
    return table.get(sum(counts)), most


@pytest.mark.parametrize("seed", range(80))
def test_random_tiny_manifests_agree_with_brute_force(seed):
    rng = random.Random(seed)  # noqa: S311 - test cases, not secrets
    counts = [rng.randint(0, 4) for _ in range(rng.randint(1, 3))]
    capacities = [rng.randint(1, 5), rng.randint(1, 3)]
    prices = [float(rng.randint(3, 9)), float(rng.randint(1, 5))]
    slots = [rng.randint(0, 2), rng.randint(0, 3)]
    same = rng.randint(1, 3)
    reach = (same, same) if seed % 4 else (1, 3)
    budget = float(rng.randint(0, 20))
    # Satellites of 1 kg and 1 m³, all flights in one month, so capacity and slots are the figures drawn.
    vehicles = [
        Vehicle(name, name, c, c, 99, 5, 9, 1.0, p, s, 1.0, date(2019, 1, 1), m)
        for name, c, p, s, m in zip("ab", capacities, prices, slots, reach, strict=True)
    ]
    demands = [PlaneDemand("s", plane, n, 1.0, 1.0, 10.0, 53.0, 550.0) for plane, n in enumerate(counts)]
    least, most = brute_force(counts, capacities, prices, slots, reach, budget)
    exact = len(set(reach)) == 1
    asked = {"start": START, "deadline_months": 1}

    found = plan_manifest(demands, vehicles, objective="maximum_capacity", budget_usd=budget, **asked)
    assert audit_manifest(found, demands, vehicles, budget_usd=budget, **asked) == ()
    assert found.outcome.bound >= 10.0 * most - 1e-6
    assert found.satellites <= most
    if exact:
        assert found.satellites == most

    if least is None:
        with pytest.raises(InfeasibleError):
            plan_manifest(demands, vehicles, objective="minimum_cost", **asked)
    elif exact:
        cheapest = plan_manifest(demands, vehicles, objective="minimum_cost", **asked)
        assert audit_manifest(cheapest, demands, vehicles, **asked) == ()
        assert cheapest.cost_usd == pytest.approx(least, abs=1e-9)
        assert cheapest.outcome.status in ("optimal", "empty")


FALCON_9_OF_2020 = Vehicle(
    # 15.6 t to low orbit with the booster recovered, as published in 2021; a flight every 12 days.
    "falcon_9", "Falcon 9", 15_600, 12_500, 145, 4.6, 11, 0.9, 62e6, 2.5, 1.0, date(2019, 11, 1), 4,
)  # fmt: skip
STARLINK_V1 = PlaneDemand("starlink 1", 0, 22, 260.0, 2.0, 7.0, 53.0, 550.0)


@pytest.mark.parametrize(
    ("per_plane", "launches"),
    # 72 planes × 22 = 1,584 satellites of 260 kg, 60 per Falcon 9 → 27 flights; with 5 % spares (23 a plane) 28.
    # Flown: L1 to L28, 2019-11 to 2021-05.
    [(22, 27), (23, 28)],
)
def test_starlink_shell_1_takes_as_many_flights_as_were_flown(per_plane, launches):
    demands = [replace(STARLINK_V1, plane=plane, satellites=per_plane) for plane in range(72)]
    assert FALCON_9_OF_2020.capacity(STARLINK_V1) == 60
    manifest = plan_manifest(
        demands, [FALCON_9_OF_2020], objective="minimum_cost", start=date(2019, 11, 1), deadline_months=19
    )
    assert len(manifest.flights) == launches
    assert manifest.outcome.status == "optimal"


def test_starlink_flights_that_reach_three_planes_only_would_not_have_sufficed():
    # 27 flights reaching three planes each make 81 visits, 9 more than the 72 planes: at most 9 planes are split, which
    # serves 18 flights; a flight without a part of a plane carries 44. 9 × 44 + 18 × 60 = 1,476 < 1,584.
    demands = [replace(STARLINK_V1, plane=plane) for plane in range(72)]
    manifest = plan_manifest(
        demands,
        [replace(FALCON_9_OF_2020, planes_per_flight=3)],
        objective="minimum_cost",
        start=date(2019, 11, 1),
        deadline_months=24,
    )
    assert len(manifest.flights) > 27


def test_oneweb_takes_18_single_plane_flights_for_620_satellites():
    # The licensed constellation has 18 planes; 620 satellites are 34 or 35 a plane, and a flight took at most 36 of
    # 147.5 kg on Soyuz (5.8 t with its dispenser) → one flight a plane, 18 flights as flown 2019–2023.
    soyuz = Vehicle("soyuz", "Soyuz 2.1b", 5_350, 5_350, 140, 3.7, 9, 0.9, 50e6, 1.0, 1.0, date(2019, 2, 1))
    demands = [
        PlaneDemand("oneweb", plane, 35 if plane < 8 else 34, 147.5, 2.0, 0.3, 87.9, 1200.0) for plane in range(18)
    ]
    assert soyuz.capacity(demands[0]) == 36
    manifest = plan_manifest(demands, [soyuz], objective="minimum_cost", start=date(2019, 2, 1), deadline_months=50)
    assert manifest.satellites == 620
    assert len(manifest.flights) == 18


def test_a_falcon_9_of_the_catalog_takes_as_many_v2_mini_satellites_as_were_flown():
    # 29 of the optimised kind by volume, 145 m³ × 0.7 / 3.5 m³; by mass 17,500 / 575 = 30.
    catalog = load_catalog()
    rack = catalog.entry("rack_satellites", "starlink_v2_mini_class")
    demand = PlaneDemand("s", 0, 100, rack["mass_kg"], rack["stowed_volume_m3"], 1.0, 53.0, 550.0)
    assert Vehicle.from_catalog(catalog, "falcon_9").capacity(demand) == 29
