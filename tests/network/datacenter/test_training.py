"""Training over a network: closed forms, limits, and how many accelerators act as one."""

from dataclasses import replace

import numpy as np
import pytest

from planner.catalog import load_catalog
from planner.errors import CatalogError, InputError
from planner.network.datacenter import (
    Accelerators,
    ScalingCurve,
    TrainingModel,
    accelerators_as_one,
    efficiency_fraction,
    memory_note,
    scaling_curve,
    scaling_curves,
    step_s,
)

SUMS = 1e-12
"""Relative: the same factors multiplied in another order."""

MODEL = TrainingModel("70B", 70 * 10**9, 4 * 10**6, 4096)
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
    rarely = TrainingModel("70B", MODEL.parameters, MODEL.tokens_per_step, 4096, inner_steps=500)
    assert efficiency_fraction(rarely, 3.0, 1.0) == pytest.approx(1500.0 / 1501.0, rel=SUMS)


def test_compression_makes_the_exchange_smaller() -> None:
    assert TrainingModel("70B", MODEL.parameters, MODEL.tokens_per_step, 4096, compression=4).data_gb == 35.0


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
    rarely = TrainingModel("70B", MODEL.parameters, MODEL.tokens_per_step, 4096, inner_steps=500)
    every, rare = (
        accelerators_as_one(shell, model, H100, wanted_fraction=0.9, overhead_s=1e-5) for model in (MODEL, rarely)
    )
    assert rare.accelerators == 8 * 120
    assert every.accelerators < rare.accelerators


def test_of_several_collectives_the_one_that_serves_most_is_taken(torus) -> None:
    # Links of 1 ms, little data: steps around a ring cost more than the few levels of a tree.
    small = TrainingModel("small", 10**6, 10**7, 4096)
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
        TrainingModel("none", 1, 0, 1)
    with pytest.raises(InputError, match="accelerators"):
        Accelerators(0, 989.0, 0.4)


def test_the_batch_ends_a_curve_where_each_satellite_has_one_sequence(torus) -> None:
    # 100 tokens are 14 whole sequences of 7, though 30 satellites are linked.
    short = TrainingModel("short", 10**6, 100, 7)
    curve = scaling_curve(torus(5, 6), short, H100, overhead_s=1e-5)
    assert short.most_replicas == 14
    assert (int(curve.satellites[-1]), len(curve.names), curve.ends_with) == (14, 30, "batch")
    assert scaling_curve(torus(5, 6), MODEL, H100, overhead_s=1e-5).ends_with == "satellites"
    with pytest.raises(InputError, match=r"sizes: 15; from 1 to 14 .* has 14 sequences"):
        scaling_curve(torus(5, 6), short, H100, overhead_s=1e-5, sizes=[15])


def test_as_one_says_what_ended_it(torus) -> None:
    for tokens, wanted, ended in ((100, 1e-12, "batch"), (10**9, 1e-12, "satellites"), (100, 1.0, "efficiency")):
        model = TrainingModel("short", 10**6, tokens, 7)
        found = accelerators_as_one(torus(5, 6), model, H100, wanted_fraction=wanted, overhead_s=1e-5)
        assert found.ended_by == ended
    assert found.accelerators == 8


def test_the_models_of_the_catalog_have_a_thousand_and_two_thousand_sequences_a_batch() -> None:
    # 4,000,000 / 4,096 = 976.6; 16,000,000 / 8,192 = 1953.1: whole sequences only.
    names = ("llama2_70b", "llama3_405b")
    models = [TrainingModel.from_catalog(load_catalog(), name) for name in names]
    assert [model.most_replicas for model in models] == [976, 1953]
    # ZeRO, section 3.1: 16 bytes a parameter.
    assert [model.state_gb for model in models] == [1120.0, 6480.0]


def test_a_satellite_too_small_for_the_model_is_noted_and_not_refused() -> None:
    small, large, unknown = (replace(H100, memory_gb=gb) for gb in (80.0, 140.0, float("nan")))
    assert memory_note(MODEL, small) == (
        "70B needs 1,120 GB for weights, gradients and optimiser; the 8 accelerators of a satellite have 640 GB"
    )
    assert (memory_note(MODEL, large), memory_note(MODEL, unknown)) == ("", "")
    with pytest.raises(InputError, match="memory_gb is 0"):
        replace(H100, memory_gb=0.0)


@pytest.mark.parametrize("field", ["parameters", "tokens_per_step", "bytes_per_gradient", "inner_steps", "compression"])
@pytest.mark.parametrize("value", [1.5, True, 0, float("nan"), 2.0])
def test_numbers_that_are_not_whole_are_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=f"{field} is {value!r}; a whole number"):
        replace(MODEL, **{field: value})
    with pytest.raises(InputError, match="tokens_per_sequence is 8, more than tokens_per_step, 7"):
        TrainingModel("long", 1, 7, 8)


def test_curves_made_together_are_those_made_one_by_one(torus) -> None:
    rarely = replace(MODEL, inner_steps=500)
    asked = [(MODEL, "ring"), (MODEL, "ring both ways"), (rarely, "ring"), (MODEL, "tree"), (MODEL, "hierarchical")]
    together = scaling_curves(torus(5, 8), asked, H100, overhead_s=1e-5)
    for (model, method), curve in zip(asked, together, strict=True):
        alone = scaling_curve(torus(5, 8), model, H100, method=method, overhead_s=1e-5)
        assert curve.method == method
        assert curve.sync_s.tolist() == alone.sync_s.tolist()
        assert curve.efficiency_fraction.tolist() == alone.efficiency_fraction.tolist()


def test_a_ring_is_embedded_once_for_all_curves_over_it(torus, monkeypatch) -> None:
    from planner.network.datacenter import scaling

    made = []
    once = scaling.embed_ring_in
    monkeypatch.setattr(scaling, "embed_ring_in", lambda *network, **limits: made.append(1) or once(*network, **limits))
    asked = [(MODEL, "ring"), (MODEL, "ring both ways"), (replace(MODEL, inner_steps=500), "ring")]
    scaling_curves(torus(3, 4), asked, H100, overhead_s=1e-5)
    assert len(made) == 12


def test_the_most_is_the_last_size_that_is_efficient_though_one_before_is_not() -> None:
    curve = ScalingCurve(
        ("a", "b", "c", "d"), "ring", 8, np.arange(1, 5), *np.ones((2, 4)), np.array([1.0, 0.6, 0.9, 0.5]), "satellites"
    )
    assert [curve.most(wanted) for wanted in (0.8, 0.95, 0.5, 0.55)] == [3, 1, 4, 3]
    assert replace(curve, efficiency_fraction=np.full(4, 0.1)).most(0.5) == 0


def test_as_one_counts_the_largest_size_that_serves_though_one_before_does_not(network_of) -> None:
    # Links of 2 s: five on a path wait 2 · 4 times for a hop of two links, six on a ring 2 · 5 times for one of one.
    # Arithmetic takes a part in N: 5 · 8 · 4 s of waiting against 6 · 10 · 2 s.
    snapshot = network_of(6, [*((i, i + 1) for i in range(5)), (0, 5)], 1e6, 2000.0)
    curve = scaling_curve(snapshot, MODEL, H100, overhead_s=0.0)
    assert curve.efficiency_fraction[4] < curve.efficiency_fraction[5]
    wanted = float(curve.efficiency_fraction[5])
    found = accelerators_as_one(snapshot, MODEL, H100, wanted_fraction=wanted, overhead_s=0.0)
    assert (found.accelerators, found.ended_by) == (48, "satellites")
