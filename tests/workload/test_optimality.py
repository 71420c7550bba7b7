"""Placement against every possible answer, on worlds small enough to try them all."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.workload import Job


def _slot_choices(jobs: list[Job], counts: np.ndarray, devices: np.ndarray, power: np.ndarray) -> list[np.ndarray]:
    """Return every ``[job, sat]`` of replicas that fits, given how many of each fit alone."""
    options = [range(int(count) + 1) for count in counts.reshape(-1)]
    size = np.array([job.accelerators for job in jobs])
    watts = 1000.0 * size * np.array([job.power_fraction for job in jobs])
    wanted = np.array([job.replicas for job in jobs])
    found = []
    for choice in product(*options):
        runs = np.array(choice, dtype=np.int64).reshape(counts.shape)
        if (
            np.all(runs.sum(axis=1) <= wanted)
            and np.all(size @ runs <= devices)
            and np.all(watts @ runs <= power + 1e-6)
        ):
            found.append(runs)
    return found


def _best_singles(world, jobs: list[Job], used: np.ndarray, migration_cost_h: float) -> float:
    """Return the best value of single jobs beside what groups have `used` (full power), by dynamic programming."""
    capacity = world.capacity
    hours = np.diff(capacity.edges_h)
    value = np.array([job.value_usd_h for job in jobs])
    best: dict[bytes, tuple[float, np.ndarray]] = {}
    for slot in range(capacity.slots):
        devices = capacity.installed[slot] - used
        power = capacity.compute_w[slot] - 1000.0 * used
        if np.any(power < 0):
            return -np.inf
        counts = np.zeros((len(jobs), len(devices)))
        for k, job in enumerate(jobs):
            trip = 2.0 * world.latency_ms[2 * slot : 2 * slot + 2, 0].max(axis=0)
            near = trip <= (job.latency_budget_ms or np.inf)
            fits = np.minimum(devices // job.accelerators, power // (1000.0 * job.accelerators * job.power_fraction))
            counts[k] = np.where(near, np.minimum(fits, job.replicas), 0)
        after: dict[bytes, tuple[float, np.ndarray]] = {}
        for runs in _slot_choices(jobs, counts, devices, power):
            earned = float(value @ runs.sum(axis=1)) * hours[slot]
            reach = 0.0
            if slot:
                loss = min(migration_cost_h, hours[slot])
                reach = max(
                    total - loss * float(value @ np.maximum(runs - old, 0).sum(axis=1)) for total, old in best.values()
                )
            after[runs.tobytes()] = (reach + earned, runs)
        best = after
    return max(total for total, _ in best.values())


def _groups(world, job: Job) -> list[np.ndarray]:
    """Return every ``[sat]`` of shares of one group: nothing, or connected members that add up."""
    size = len(world.installed)
    found = [np.zeros(size, dtype=np.int64)]
    for shares in product(*(range(count + 1) for count in world.installed)):
        members = {sat for sat, share in enumerate(shares) if share}
        if sum(shares) != job.accelerators:
            continue
        reached = {min(members)}
        for _ in range(size):
            reached |= {b for a, b in world.pairs if a in reached and b in members}
            reached |= {a for a, b in world.pairs if b in reached and a in members}
        if reached == members:
            found.append(np.array(shares))
    return found


def _optimum(world, jobs: list[Job], migration_cost_h: float) -> float:
    singles = [job for job in jobs if job.spread == "single"]
    groups = [job for job in jobs if job.spread == "group"]
    plan_h = float(world.capacity.edges_h[-1])
    best = 0.0
    for choice in product(*(_groups(world, job) for job in groups)):
        used = np.sum(choice, axis=0) if choice else np.zeros(len(world.installed), dtype=np.int64)
        if np.any(used > world.capacity.installed.min(axis=0)):
            continue
        earned = sum(job.value_usd_h * plan_h for job, shares in zip(groups, choice, strict=True) if shares.any())
        best = max(best, earned + _best_singles(world, singles, used, migration_cost_h))
    return best


def _random_case(make_world, seed: int, *, groups: bool):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 4))
    installed = rng.integers(1, 5, size).tolist()
    power = np.repeat(rng.integers(0, 5, (2, size)) * 1000.0, 2, axis=0) * rng.choice([1.0, 1.0, 0.5], (4, 1))
    power = np.minimum(power, np.array(installed) * 1000.0)
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size) if rng.random() < 0.6]
    world = make_world(installed, compute_w=power, latency_ms=rng.choice([5.0, 15.0, 25.0], (4, 1, size)), pairs=pairs)
    jobs = [
        Job(
            name=f"s{k}",
            accelerators=int(rng.integers(1, 4)),
            value_usd_h=float(rng.integers(1, 20)),
            replicas=int(rng.integers(1, 3)),
            site="Paris",
            latency_budget_ms=float(rng.choice([20.0, 40.0, 60.0])),
            power_fraction=float(rng.choice([0.5, 1.0])),
        )
        for k in range(int(rng.integers(1, 3)))
    ]
    if groups:
        jobs.append(
            Job(name="g", accelerators=int(rng.integers(1, 7)), value_usd_h=float(rng.integers(5, 40)), spread="group")
        )
    return world, jobs


@pytest.mark.parametrize("seed", range(60))
def test_the_answer_is_the_best_of_all_where_moves_are_free(make_world, seed: int) -> None:
    world, jobs = _random_case(make_world, seed, groups=False)
    placement = world.place(jobs, gap_fraction=0.0)
    assert world.audit(placement, jobs) == ()
    best = _optimum(world, jobs, 0.0)
    # 1e-4: the solver is charged that part of a slot for idle moves; 1e-6: slack of the bound.
    assert placement.outcome.objective == pytest.approx(best, rel=1.1e-4)
    assert placement.outcome.bound >= best * (1.0 - 1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_groups_and_moves_never_pass_the_bound_and_an_answer_called_optimal_is(make_world, seed: int) -> None:
    world, jobs = _random_case(make_world, 1000 + seed, groups=True)
    cost_h = 0.0 if seed % 2 else 0.05
    placement = world.place(jobs, migration_cost_h=cost_h)
    assert world.audit(placement, jobs) == ()
    best = _optimum(world, jobs, cost_h)
    assert placement.outcome.objective <= best * (1.0 + 1e-9)
    assert placement.outcome.bound >= best * (1.0 - 1e-12)
    if placement.outcome.status == "optimal":
        assert placement.outcome.objective >= best * (1.0 - 2e-3)
    assert placement.outcome.objective >= 0.8 * best


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_more_power_never_lowers_the_value(make_world, seed: int) -> None:
    world, jobs = _random_case(make_world, seed, groups=False)
    low = world.place(jobs, gap_fraction=0.0).outcome.objective
    brighter = make_world(
        world.installed, compute_w=world.compute_w + 1000.0, latency_ms=world.latency_ms, pairs=world.pairs
    )
    assert brighter.place(jobs, gap_fraction=0.0).outcome.objective >= low * (1.0 - 1.1e-4)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.2, 1.0))
def test_a_tighter_latency_budget_never_raises_the_value(make_world, seed: int, factor: float) -> None:
    world, jobs = _random_case(make_world, seed, groups=False)
    loose = world.place(jobs, gap_fraction=0.0).outcome.objective
    tight = [replace(job, latency_budget_ms=job.latency_budget_ms * factor) for job in jobs]
    assert world.place(tight, gap_fraction=0.0).outcome.objective <= loose * (1.0 + 1.1e-4)
