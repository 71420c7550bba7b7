"""Training over a network: closed forms, limits, and how many accelerators act as one."""

import numpy as np
import pytest

from planner.catalog import load_catalog
from planner.errors import CatalogError, InputError
from planner.network.datacenter import (
    Accelerators,
    TrainingModel,
    accelerators_as_one,
    efficiency_fraction,
    scaling_curve,
    step_s,
)

SUMS = 1e-12
"""Relative: the same factors multiplied in another order."""

MODEL = TrainingModel("70B", 70 * 10**9, 4 * 10**6)
H100 = Accelerators(8, 989.0, 0.41)


def test_the_catalog_has_the_model_that_exchanges_140_gb() -> None:
    model = TrainingModel.from_catalog(load_catalog(), "llama2_70b")
    assert (model.parameters, model.tokens_per_step, model.data_gb) == (70 * 10**9, 4 * 10**6, 140.0)
    assert (model.name, model.title) == ("llama2_70b", "Llama 2 70B, dense transformer")
    assert MODEL.title == "70B"
    with pytest.raises(CatalogError, match="llama2_70b"):
        TrainingModel.from_catalog(load_catalog(), "llama2_7b")


def test_the_catalog_has_the_defaults_of_every_run() -> None:
    # MFU .38-.46, α 5-20 µs: the planner's reference figures.
    entry = load_catalog().entry("training", "data_parallel")
    mfu, overhead = entry.assumption("mfu_fraction"), entry.assumption("overhead_s")
    assert (mfu.low, mfu.high) == (0.38, 0.46)
    assert (overhead.low, overhead.high) == (5e-6, 2e-5)


def test_a_step_takes_six_operations_a_weight_and_token() -> None:
    # 6 · 7e10 · 4e6 = 1.68e18 operations; 81 · 8 accelerators at .41 · 989 TFLOP/s do 2.6276e17 a second: 6.394 s.
    assert step_s(MODEL, H100, 81) == pytest.approx(1.68e18 / (648 * 989e12 * 0.41), rel=SUMS)
    assert step_s(MODEL, H100, 81) == pytest.approx(6.394, abs=5e-4)


def test_efficiency_is_the_part_of_the_time_that_works() -> None:
    assert efficiency_fraction(MODEL, 3.0, 1.0) == 0.75
    assert efficiency_fraction(MODEL, 3.0, 1.0, overlap_fraction=0.25) == pytest.approx(3.0 / 3.25, rel=SUMS)
    assert efficiency_fraction(MODEL, 3.0, 1.0, overlap_fraction=0.5) == 1.0
    with pytest.raises(ValueError, match="overlap_fraction"):
        efficiency_fraction(MODEL, 3.0, 1.0, overlap_fraction=1.5)


def test_infrequent_synchronisation_divides_the_wait_by_the_steps() -> None:
    # DiLoCo: 500 steps of 3 s, then 1 s.
    rarely = TrainingModel("70B", MODEL.parameters, MODEL.tokens_per_step, inner_steps=500)
    assert efficiency_fraction(rarely, 3.0, 1.0) == pytest.approx(1500.0 / 1501.0, rel=SUMS)


def test_compression_makes_the_exchange_smaller() -> None:
    assert TrainingModel("70B", MODEL.parameters, MODEL.tokens_per_step, compression=4).data_gb == 35.0


def test_a_curve_over_the_suncatcher_cluster_ends_at_all_of_it(suncatcher) -> None:
    snapshot = suncatcher(800.0)[0]
    curve = scaling_curve(snapshot, MODEL, H100, overhead_s=1e-5)
    assert curve.satellites[[0, -1]].tolist() == [1, 81]
    assert curve.efficiency_fraction[0] == 1.0
    assert (np.diff(curve.efficiency_fraction) <= 0.0).all()
    # The whole cluster: 2.765 s of exchange and 160 hops of 10 µs and 0.3 km at most, for 6.394 s of arithmetic.
    assert curve.sync_s[-1] == pytest.approx(2.7654 + 160 * 1.05e-5, abs=1e-3)
    assert curve.efficiency_fraction[-1] == pytest.approx(6.394 / (6.394 + 2.767), abs=1e-3)
    assert len(set(curve.names)) == 81


def test_the_first_satellites_of_a_curve_are_always_connected(torus) -> None:
    # Rings and trees over them are found, which parts would not have.
    for method in ("ring", "ring both ways", "tree", "hierarchical"):
        curve = scaling_curve(torus(5, 7), MODEL, H100, method=method, overhead_s=1e-5)
        assert curve.satellites[-1] == 35
        assert np.isfinite(curve.sync_s).all()


def test_a_curve_takes_every_size_then_tenths_and_then_quarters(torus) -> None:
    sizes = scaling_curve(torus(25, 20), MODEL, H100, method="tree", overhead_s=1e-5).satellites
    assert sizes[:32].tolist() == list(range(1, 33))
    assert sizes[-1] == 500
    growth = sizes[33:-1] / sizes[32:-2]
    fine = sizes[32:-2] < 256
    # Whole satellites only: a size is rounded down.
    assert ((growth[fine] <= 1.1) & (growth[fine] > 1.05)).all()
    assert ((growth[~fine] <= 1.25) & (growth[~fine] > 1.24)).all()
    assert (~fine).any()


def test_accelerators_as_one_is_the_largest_size_that_is_efficient(suncatcher) -> None:
    slow, fast = (
        accelerators_as_one(suncatcher(gbps)[0], MODEL, H100, wanted_fraction=0.9, overhead_s=1e-5)
        for gbps in (800.0, 10_000.0)
    )
    assert slow.efficiency_fraction >= 0.9
    assert slow.accelerators == 8 * len(slow.satellites)
    place = int(np.flatnonzero(slow.curve.satellites == len(slow.satellites))[0])
    assert (slow.curve.efficiency_fraction[place + 1 :] < 0.9).all()
    # At 10 Tbit/s all 81 satellites do: .221 s of exchange for 6.394 s of arithmetic is 96.7 %.
    assert fast.accelerators == 648
    assert 0.96 < fast.efficiency_fraction < 1.0
    assert slow.accelerators < fast.accelerators


def test_infrequent_synchronisation_lets_a_shell_act_as_one(torus) -> None:
    shell = torus(12, 10)
    rarely = TrainingModel("70B", MODEL.parameters, MODEL.tokens_per_step, inner_steps=500)
    every, rare = (
        accelerators_as_one(shell, model, H100, wanted_fraction=0.9, overhead_s=1e-5) for model in (MODEL, rarely)
    )
    assert rare.accelerators == 8 * 120
    assert every.accelerators < rare.accelerators


def test_of_several_collectives_the_one_that_serves_most_is_taken(torus) -> None:
    # Links of 1 ms, little data: steps around a ring cost more than the few levels of a tree.
    small = TrainingModel("small", 10**6, 10**7)
    one, both = (
        accelerators_as_one(torus(8, 10), small, H100, wanted_fraction=0.5, methods=methods, overhead_s=1e-5)
        for methods in (["ring"], ["ring", "tree"])
    )
    assert (one.curve.method, both.curve.method) == ("ring", "tree")
    assert one.accelerators < both.accelerators


def test_satellites_that_no_link_leads_to_do_not_join(network_of) -> None:
    found = accelerators_as_one(
        network_of(4, [(0, 1), (1, 2)]), MODEL, H100, wanted_fraction=1e-9, overhead_s=1e-5, methods=["ring"]
    )
    assert sorted(found.satellites) == ["S0", "S1", "S2"]
    alone = accelerators_as_one(network_of(2, []), MODEL, H100, wanted_fraction=1.0, overhead_s=1e-5)
    assert (alone.accelerators, alone.efficiency_fraction) == (8, 1.0)


def test_what_cannot_be_asked_is_refused(torus, network_of) -> None:
    with pytest.raises(InputError, match="method: 'gossip', allowed are ring, ring both ways, tree, hierarchical"):
        scaling_curve(torus(3, 3), MODEL, H100, method="gossip", overhead_s=0.0)
    with pytest.raises(InputError, match="sizes: 10; from 1 to 9"):
        scaling_curve(torus(3, 3), MODEL, H100, overhead_s=0.0, sizes=[3, 10])
    with pytest.raises(InputError, match="wanted_fraction"):
        accelerators_as_one(torus(3, 3), MODEL, H100, wanted_fraction=0.0, overhead_s=0.0)
    with pytest.raises(InputError, match="no satellite to train on"):
        accelerators_as_one(network_of(0, []), MODEL, H100, wanted_fraction=0.5, overhead_s=0.0)
    with pytest.raises(InputError, match="tokens_per_step is 0"):
        TrainingModel("none", 1, 0)
    with pytest.raises(InputError, match="accelerators"):
        Accelerators(0, 989.0, 0.4)
