"""Placement on worlds small enough to count."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.errors import InfeasibleError, LimitError, SolverError
from planner.workload import Job, Placement

SLOT_H = 1.0 / 3.0


def _served(placement: Placement, job: int = 0) -> list[int]:
    """Return how many replicas of a job run in each slot."""
    mine = placement.job == job
    return np.bincount(placement.slot[mine], placement.replicas[mine], placement.slots).astype(int).tolist()


def test_the_dearer_job_gets_the_room_and_the_other_is_told_so(make_world) -> None:
    jobs = [
        Job(name="cheap", accelerators=3, value_usd_h=3.0),
        Job(name="dear", accelerators=3, value_usd_h=9.0),
    ]
    placement = make_world([4]).place(jobs)
    assert placement.served_fraction.tolist() == [0.0, 1.0]
    assert placement.outcome.objective == pytest.approx(9.0 * 2 * SLOT_H)
    assert placement.outcome.status == "optimal"
    (missing,) = placement.unserved
    assert (missing.job, missing.first_slot, missing.last_slot, missing.reason) == ("cheap", 0, 1, "contention")


def test_replicas_stay_whole(make_world) -> None:
    # 3 + 3 of 4 + 4 accelerators: two replicas fit, the two accelerators left on two satellites are no third.
    placement = make_world([4, 4]).place([Job(name="big", accelerators=3, value_usd_h=1.0, replicas=3)])
    assert _served(placement) == [2, 2]
    assert placement.unserved[0].reason == "accelerators"


def test_power_limits_as_well_as_accelerators_and_a_gentle_job_uses_more_of_them(make_world) -> None:
    world = make_world([8], compute_w=[[4000.0]] * 4)
    full = world.place([Job(name="full", accelerators=1, value_usd_h=1.0, replicas=8)])
    half = world.place([Job(name="half", accelerators=1, value_usd_h=1.0, replicas=8, power_fraction=0.5)])
    assert _served(full) == [4, 4]
    assert full.unserved[0].reason == "power"
    assert _served(half) == [8, 8]
    assert half.power_w.tolist() == [4000.0, 4000.0]


def test_only_satellites_near_enough_at_every_instant_serve(make_world) -> None:
    world = make_world([4, 4], latency_ms=[[[5.0, 20.0]]])
    placement = world.place(
        [Job(name="near", accelerators=1, value_usd_h=1.0, replicas=6, site="Paris", latency_budget_ms=30.0)]
    )
    assert set(placement.satellite.tolist()) == {0}
    assert _served(placement) == [4, 4]
    (missing,) = placement.unserved
    assert missing.reason == "latency"
    assert missing.detail == "1 of 2 satellites within 30 ms of Paris; the nearest takes 10.0 ms"


def test_a_job_runs_only_in_its_window_and_earns_only_there(make_world) -> None:
    # Slots of 20 min; the window 0.5 h … 0.75 h touches slots 1 (10 min) and 2 (5 min).
    world = make_world([2], steps=6)
    job = Job(name="short", accelerators=1, value_usd_h=6.0, start_h=0.5, duration_h=0.25)
    placement = world.place([job])
    assert _served(placement) == [0, 1, 1]
    assert placement.outcome.objective == pytest.approx(6.0 * 0.25)
    assert placement.wanted_h.tolist() == pytest.approx([0.25])
    assert world.audit(placement, [job]) == ()


def test_a_group_takes_a_connected_set_for_its_whole_window(make_world) -> None:
    world = make_world([2, 2, 2, 2], pairs=[(0, 1), (2, 3)])
    job = Job(name="gang", accelerators=4, value_usd_h=8.0, spread="group")
    placement = world.place([job])
    members = set(placement.satellite.tolist())
    assert members in ({0, 1}, {2, 3})
    assert placement.replicas.sum() == 2  # once a slot, on the lowest member
    assert world.audit(placement, [job]) == ()


@pytest.mark.parametrize(
    ("world", "change", "reason"),
    [
        ({"pairs": [(0, 1)]}, {"accelerators": 6}, "links"),
        ({"pairs": [(0, 1), (1, 2)]}, {"accelerators": 7}, "accelerators"),
        ({"pairs": [(0, 1), (1, 2)], "compute_w": [[2000, 2000, 2000]] * 3 + [[2000, 0, 2000]]}, {}, "power"),
        (
            {"pairs": [(0, 1), (1, 2)], "latency_ms": [[[5.0, 5.0, 40.0]]]},
            {"site": "Paris", "latency_budget_ms": 20.0, "accelerators": 6},
            "latency",
        ),
    ],
)
def test_a_group_that_does_not_fit_is_left_out_whole_with_the_reason(
    make_world, world: dict[str, Any], change: dict[str, Any], reason: str
) -> None:
    spec: dict[str, Any] = {"name": "gang", "accelerators": 5, "value_usd_h": 8.0, "spread": "group"} | change
    placement = make_world([2, 2, 2], **world).place([Job(**spec)])
    assert len(placement.job) == 0
    (missing,) = placement.unserved
    assert (missing.first_slot, missing.last_slot, missing.reason) == (0, 1, reason)
    assert placement.outcome.status == "optimal"  # the relaxation sees that no group can exist


@pytest.mark.parametrize(
    ("power", "latency", "size", "reason"),
    [
        ([0.0, 4000.0], [5.0, 50.0], 1, "power"),  # near but dark; the one with power is far: power is named first
        ([4000.0, 4000.0], [50.0, 50.0], 1, "latency"),
        ([4000.0, 4000.0], [5.0, 5.0], 5, "accelerators"),
        ([3000.0, 3000.0], [5.0, 5.0], 4, "power"),
        ([0.0, 0.0], [50.0, 50.0], 1, "latency"),  # both lack: the first that bites
    ],
)
def test_the_reason_is_the_limit_that_binds(make_world, power, latency, size, reason) -> None:
    world = make_world([4, 4], compute_w=[power] * 4, latency_ms=[[latency]])
    job = Job(name="j", accelerators=size, value_usd_h=1.0, site="Paris", latency_budget_ms=20.0)
    (missing,) = world.place([job]).unserved
    assert missing.reason == reason


def test_a_shortage_of_some_slots_is_one_row_per_stretch(make_world) -> None:
    world = make_world([2], compute_w=[[2e3], [2e3], [0.0], [2e3], [0.0], [0.0], [2e3], [2e3]])
    placement = world.place([Job(name="j", accelerators=1, value_usd_h=1.0, replicas=2)])
    assert [(u.first_slot, u.last_slot, u.replicas) for u in placement.unserved] == [(1, 2, 2)]


def test_moves_are_avoided_where_staying_is_worth_more_and_paid_where_not(make_world) -> None:
    # Satellite 0 is dark in the last slot, so the replica has to move once whatever it does; it need not start there.
    power = [[2e3, 2e3]] * 4 + [[0.0, 2e3]] * 2
    world = make_world([2, 2], compute_w=power)
    jobs = [Job(name="j", accelerators=2, value_usd_h=3.0)]
    placement = world.place(jobs, migration_cost_h=0.1)
    assert placement.satellite.tolist() == [1, 1, 1]
    assert placement.moves.tolist() == [0]
    # With the other satellite dark first, one move is paid: 3 × (1 h − 0.1 h).
    forced = make_world([2, 2], compute_w=[[2e3, 0.0]] * 4 + [[0.0, 2e3]] * 2)
    paid = forced.place(jobs, migration_cost_h=0.1)
    assert paid.moves.tolist() == [1]
    assert paid.outcome.objective == pytest.approx(3.0 * (1.0 - 0.1))
    assert paid.outcome.bound == pytest.approx(3.0 * (1.0 - 0.1), rel=1e-5)  # the bound sees the forced start
    assert forced.audit(paid, jobs) == ()


def test_a_move_never_loses_more_than_its_slot(make_world) -> None:
    world = make_world([2, 2], compute_w=[[2e3, 0.0]] * 2 + [[0.0, 2e3]] * 2)
    jobs = [Job(name="j", accelerators=2, value_usd_h=3.0)]
    assert world.place(jobs, migration_cost_h=50.0).outcome.objective == pytest.approx(3.0 * SLOT_H)


def test_work_worth_nothing_still_runs_where_there_is_room(make_world) -> None:
    placement = make_world([2]).place([Job(name="free", accelerators=1, value_usd_h=0.0)])
    assert placement.served_fraction.tolist() == [1.0]
    assert placement.outcome.objective == 0.0


def test_row_25_nothing_to_place_and_nowhere_to_place_it_are_valid_answers(make_world) -> None:
    job = Job(name="j", accelerators=1, value_usd_h=1.0)
    gang = Job(name="g", accelerators=2, value_usd_h=1.0, spread="group")
    idle = make_world([4]).place([])
    assert idle.outcome.status == "empty"
    nowhere = make_world([]).place([job, gang])
    assert nowhere.outcome.status == "empty"
    assert nowhere.served_fraction.tolist() == [0.0, 0.0]
    assert [u.reason for u in nowhere.unserved] == ["accelerators", "accelerators"]
    one = make_world([1], steps=1).place([job])
    assert one.slots == 1
    assert one.served_fraction.tolist() == [1.0]


def test_row_25_a_fleet_without_links_carries_groups_that_fit_one_satellite(make_world) -> None:
    world = make_world([4, 4])
    jobs = [Job(name="g", accelerators=4, value_usd_h=1.0, spread="group", replicas=3)]
    placement = world.place(jobs)
    assert _served(placement) == [2, 2]
    assert placement.unserved[0].reason == "accelerators"
    assert world.audit(placement, jobs) == ()


def test_row_29_a_required_job_out_of_reach_says_what_budget_would_do(make_world) -> None:
    world = make_world([4, 4], latency_ms=[[[17.1, 40.0]]])
    job = Job(name="trading", accelerators=1, value_usd_h=1.0, site="Paris", latency_budget_ms=20.0, required=True)
    with pytest.raises(InfeasibleError) as caught:
        world.place([job])
    assert (
        "required job trading cannot run 1 replicas in slot 0: 0 of 2 satellites within 20 ms" in caught.value.conflict
    )
    assert caught.value.relaxation == "latency budget 20 ms: best reachable 34.2 ms"
    eased = Job(name="trading", accelerators=1, value_usd_h=1.0, site="Paris", latency_budget_ms=34.2, required=True)
    assert world.place([eased]).served_fraction.tolist() == [1.0]


def test_row_29_a_required_job_too_large_says_how_much_would_fit(make_world) -> None:
    world = make_world([4, 4], compute_w=[[4e3, 4e3], [4e3, 1e3], [4e3, 4e3], [4e3, 4e3]])
    with pytest.raises(InfeasibleError) as caught:
        world.place([Job(name="wide", accelerators=2, value_usd_h=1.0, replicas=4, required=True)])
    assert caught.value.relaxation == "4 replicas: at most 2 fit"


def test_row_29_required_jobs_that_only_fit_apart_are_named_as_a_conflict(make_world) -> None:
    jobs = [
        Job(name="a", accelerators=3, value_usd_h=1.0, required=True),
        Job(name="b", accelerators=3, value_usd_h=1.0, required=True),
        Job(name="tiny", accelerators=1, value_usd_h=1.0, required=True, power_fraction=0.1),
    ]
    with pytest.raises(InfeasibleError) as caught:
        make_world([4]).place(jobs)
    assert "required jobs a, b do not fit together" in caught.value.conflict


def test_required_work_goes_before_dearer_work(make_world) -> None:
    jobs = [
        Job(name="must", accelerators=3, value_usd_h=0.1, required=True),
        Job(name="rich", accelerators=2, value_usd_h=900.0),
    ]
    placement = make_world([4]).place(jobs)
    assert placement.served_fraction.tolist() == [1.0, 0.0]
    assert placement.outcome.bound >= 900.0 * 2 * SLOT_H  # still a bound on what any placement could earn


def test_row_30_a_required_job_neither_placed_nor_disproved_is_a_limit_not_an_answer(make_world) -> None:
    # A star of four single accelerators: by count two groups of two fit, but each needs the centre.
    world = make_world([1, 1, 1, 1], pairs=[(0, 1), (0, 2), (0, 3)])
    with pytest.raises(LimitError, match="star"):
        world.place([Job(name="star", accelerators=2, value_usd_h=1.0, replicas=2, spread="group", required=True)])


def test_row_30_an_answer_below_its_bound_is_feasible_never_optimal(make_world) -> None:
    world = make_world([1, 1, 1, 1], pairs=[(0, 1), (0, 2), (0, 3)])
    jobs = [Job(name="star", accelerators=2, value_usd_h=1.0, replicas=2, spread="group")]
    placement = world.place(jobs)
    assert placement.outcome.status == "feasible"
    assert placement.outcome.objective == pytest.approx(2 * SLOT_H)
    assert placement.outcome.bound == pytest.approx(4 * SLOT_H, rel=1e-5)
    assert "nodes" in placement.outcome.limit


@pytest.mark.parametrize("failure", [RuntimeError("out of memory"), ValueError("bad model")])
def test_row_31_a_solver_that_fails_is_reported_in_its_own_words(make_world, monkeypatch, failure) -> None:
    from ortools.math_opt.python import mathopt

    def fail(*args: Any, **kwargs: Any) -> None:
        raise failure

    monkeypatch.setattr(mathopt, "solve", fail)
    with pytest.raises(SolverError, match=str(failure)):
        make_world([4]).place([Job(name="j", accelerators=1, value_usd_h=1.0)])


def test_row_32_values_a_billion_apart_are_both_served(make_world) -> None:
    jobs = [
        Job(name="dear", accelerators=1, value_usd_h=1e9),
        Job(name="cheap", accelerators=1, value_usd_h=1e-3),
    ]
    placement = make_world([2]).place(jobs)
    assert placement.served_fraction.tolist() == [1.0, 1.0]
    assert placement.outcome.status == "optimal"


def test_the_solver_writes_nothing_to_the_standard_streams(make_world, capfd) -> None:
    make_world([4, 4], pairs=[(0, 1)]).place(_mixed_jobs(), migration_cost_h=0.02)
    assert capfd.readouterr() == ("", "")


def _mixed_jobs() -> list[Job]:
    return [
        Job(name="a", accelerators=1, value_usd_h=1.0, replicas=3, power_fraction=0.7),
        Job(name="b", accelerators=2, value_usd_h=2.5, replicas=2),
        Job(name="c", accelerators=3, value_usd_h=3.3, site="Paris", latency_budget_ms=50.0, replicas=2),
        Job(name="g", accelerators=5, value_usd_h=7.0, spread="group"),
    ]


COLUMNS = ("job", "group", "slot", "satellite", "replicas", "accelerators", "power_w", "value_usd", "moves")


def test_the_same_arguments_give_the_same_bits(make_world) -> None:
    world = make_world([4, 4, 4], pairs=[(0, 1), (1, 2)])
    first, second = (world.place(_mixed_jobs(), migration_cost_h=0.02) for _ in range(2))
    for name in COLUMNS:
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
    assert first.unserved == second.unserved
    assert (first.outcome.objective, first.outcome.bound) == (second.outcome.objective, second.outcome.bound)


def test_row_40_the_hash_seed_changes_nothing(repository) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/workload')\n"
        "import conftest, test_placement as t\n"
        "make = conftest.make_world.__wrapped__() if hasattr(conftest.make_world, '__wrapped__') else None\n"
        "p = make([4, 4, 4], pairs=[(0, 1), (1, 2)]).place(t._mixed_jobs(), migration_cost_h=0.02)\n"
        "print([getattr(p, name).tobytes().hex() for name in t.COLUMNS], p.unserved)\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=repository,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(repository)},
        ).stdout
        for seed in ("0", "4242")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 100


def test_misuse_is_refused(make_world) -> None:
    world = make_world([4])
    with pytest.raises(ValueError, match="links: for 2 satellites"):
        world.place([], links=make_world([4, 4]).links)
    with pytest.raises(ValueError, match="migration_cost_h"):
        world.place([], migration_cost_h=-1.0)


def test_groups_that_share_a_hub_are_not_said_to_have_lost_to_other_work(make_world) -> None:
    # A star of four: two groups of two would both need the one accelerator in the middle.
    world = make_world((1, 1, 1, 1), pairs=[(0, 1), (0, 2), (0, 3)])
    placement = world.place([Job(name="pair", accelerators=2, value_usd_h=1.0, replicas=2, spread="group")])
    (missing,) = placement.unserved
    assert (missing.replicas, missing.reason) == (1, "links")
    assert missing.detail == "alone, 1 of 2 groups of 2 were found that stay connected"


def test_row_29_a_latency_budget_named_as_the_way_out_lets_the_groups_run(make_world) -> None:
    # 0 – 1 – 2 – 3 – 4 – 5 with 3 far away: without it two pairs fit (0 1, 4 5), three need 30 ms one way.
    latency = [[[5.0, 5.0, 5.0, 30.0, 5.0, 5.0]]]
    world = make_world((1,) * 6, pairs=[(k, k + 1) for k in range(5)], latency_ms=latency)
    job = Job("pair", 2, 1.0, replicas=3, spread="group", site="Paris", latency_budget_ms=20.0, required=True)
    with pytest.raises(InfeasibleError) as caught:
        world.place([job])
    assert caught.value.relaxation == "latency budget 20 ms: best reachable 60.0 ms"
    assert world.place([replace(job, latency_budget_ms=60.0)]).served_fraction.tolist() == [1.0]
    star = make_world((1,) * 4, pairs=[(0, 1), (0, 2), (0, 3)], latency_ms=[[[5.0, 5.0, 5.0, 30.0]]])
    with pytest.raises(InfeasibleError) as caught:
        star.place([replace(job, replicas=2)])
    assert caught.value.relaxation == "2 replicas: at most 1 fit"  # no budget lets two pairs share the hub
