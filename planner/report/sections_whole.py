"""The chapter of the report page on the network as one machine: training, traffic, losses."""

from collections.abc import Iterator
from math import ceil, floor

import numpy as np

from planner.arrays import floats, ints
from planner.network import Connectivity, Percolation, SingleLosses
from planner.network.flow import TrafficPlan
from planner.report import figures
from planner.report.page import Block, Cell, Note, Section, TableView
from planner.scenario import Study
from planner.scenario.datacenter import DataCenter

_WORST = 8


def whole_section(study: Study) -> Section:
    """Return the chapter."""
    instant = study.times.datetime_at(study.network.best_instant)
    return Section(
        "whole",
        "The network as one machine",
        f"At {instant:%Y-%m-%d %H:%M} UTC, when most sites reach each other: what the lasers carry as a whole, how "
        "many accelerators train as one over them, and what losses leave.",
        (*_data_center(study), *_traffic(study), *_losses(study)),
    )


def _data_center(study: Study) -> Iterator[Block]:
    found, asked = study.network.data_center, study.plan.network
    if found is None:
        yield Note("No two satellites are linked at that instant, so that there is no virtual data center.")
        return
    first = next(iter(found.curves.values()))
    yield figures.training(
        ints(first.satellites * first.per_satellite),
        {label: curve.efficiency_fraction for label, curve in found.curves.items()}
        | {f"ring, every {found.rare_steps} steps": found.rare.efficiency_fraction},
        wanted_fraction=asked.efficiency_fraction,
        model=found.model.title,
    )
    yield from map(Note, _training_notes(found))
    cut = found.minimum_cut
    hops = floats(found.ring.hop_ms)
    rows: list[tuple[str, Cell]] = [
        ("satellites joined", len(found.members)),
        ("accelerators joined", len(found.members) * found.rack.accelerators),
        ("bisection, proved at least, Gbit/s", floor(found.bisection.lower_gbps)),
        ("bisection, best halving found, Gbit/s", ceil(found.bisection.upper_gbps)),
        ("weakest cut, Gbit/s", round(cut.capacity_gbps)),
        ("satellites behind the weakest cut", len(cut.side)),
        ("rate of a ring through all, Gbit/s", round(found.ring.bottleneck_gbps)),
        ("longest hop of that ring, ms", _rounded(float(hops.max(initial=0.0)))),
        (f"largest group within {asked.diameter_ms:g} ms one way, satellites", int(found.groups.sizes.max(initial=0))),
        ("such a group can have at most, satellites", int(found.groups.outcome.bound)),
        (f"groups that part the fleet within {asked.diameter_ms:g} ms", len(found.groups.sizes)),
    ]
    yield _facts("The virtual data center", rows)


def _training_notes(found: DataCenter) -> Iterator[str]:
    """Yield what bounds the training beside the lasers."""
    model = found.model
    if any(curve.ends_with == "batch" for curve in found.curves.values()):
        yield (
            f"Curves end where the batch does: {model.tokens_per_step:,} tokens are {model.most_replicas:,} sequences, "
            "and every satellite needs one."
        )
    if found.memory_note:
        yield found.memory_note


def _facts(caption: str, rows: list[tuple[str, Cell]]) -> TableView:
    return TableView.first(caption, {"what": [row[0] for row in rows], "value": [row[1] for row in rows]}, limit=30)


def _rounded(value: float) -> float | None:
    return float(f"{value:.3g}") if np.isfinite(value) else None


def _traffic(study: Study) -> Iterator[Block]:
    plan, best = study.network.traffic, study.network.best
    if plan is None:
        return
    with np.errstate(invalid="ignore"):  # capacities that are not known
        loads = (plan.link_load_gbps / best.capacity_gbps[:, None]).ravel()
    yield figures.link_loads(floats(np.nan_to_num(loads)), objective=plan.objective.replace("_", " "))
    short = {item.demand: item for item in plan.unserved}
    ways = np.bincount(plan.demand, minlength=len(plan.demands))
    slowest = np.full(len(plan.demands), -np.inf)
    np.maximum.at(slowest, plan.demand, [path.latency_ms for path in plan.paths])
    yield TableView.first(
        "Traffic between sites",
        {
            "from": [demand.source for demand in plan.demands],
            "to": [demand.target for demand in plan.demands],
            "asked, Gbit/s": [demand.gbps for demand in plan.demands],
            "carried, Gbit/s": [_rounded(rate) for rate in plan.served_gbps.tolist()],
            "paths": ways.tolist(),
            "slowest path one way, ms": [_rounded(delay) for delay in slowest.tolist()],
            "what is missing": [short[i].detail if i in short else "" for i in range(len(plan.demands))],
        },
        limit=30,
    )
    yield TableView.first(
        "Links that hold the traffic back",
        {
            "from": [busy.source for busy in plan.busy],
            "to": [busy.target for busy in plan.busy],
            "capacity, Gbit/s": [_rounded(busy.capacity_gbps) for busy in plan.busy],
            "more traffic per Gbit/s added": [_rounded(busy.traffic_worth_fraction) for busy in plan.busy],
            **_worth(plan),
        },
        empty="No link holds the traffic back.",
    )


def _worth(plan: TrafficPlan) -> dict[str, list[Cell]]:
    """Return the column that tells what more capacity is worth to the objective of a plan, if it has one."""
    if plan.objective == "least_delay":
        return {"less delay per Gbit/s added, Gbit/s·ms": [_rounded(busy.delay_worth_ms) for busy in plan.busy]}
    if plan.objective == "least_load":
        return {"part in the highest load, %": [_rounded(100.0 * busy.load_share_fraction) for busy in plan.busy]}
    return {}


def _losses(study: Study) -> Iterator[Block]:
    found = study.network.resilience
    first = "on most shortest paths" if found.aimed.attack == "betweenness" else "with most links"
    curves: dict[str, Percolation] = {"satellites at random": found.random, f"those {first} first": found.aimed}
    if found.by_plane is not None:
        curves["whole planes at random"] = found.by_plane
    yield figures.losses(
        {label: curve.lost_fraction for label, curve in curves.items()},
        {label: curve.largest_fraction for label, curve in curves.items()},
        {
            label: (
                floats(curve.largest_fraction - curve.largest_spread_fraction),
                floats(curve.largest_fraction + curve.largest_spread_fraction),
            )
            for label, curve in curves.items()
        },
    )
    yield Note(_joined(found.connectivity))
    for title, worst in (("satellite", found.satellites), ("plane", found.planes), ("site", found.sites)):
        yield _worst(title, worst)


def _joined(found: Connectivity) -> str:
    """Return what holds the network together, in words."""
    weak = int(np.count_nonzero(found.articulation))
    parting = f"{weak or 'No'} satellite{'' if weak == 1 else 's'} would part others by being lost."
    if not found.connected:
        return f"{len(found.component_sizes)} joined parts. {parting}"
    least, most = found.survives_any_satellites
    if least + 2 >= len(found.degree):
        return "One joined part, which stays whole whichever satellites are lost."
    kept = f"It stays whole whichever {least} {'is' if least == 1 else 'are'} lost; " if least else ""
    some = "one loss" if most == 0 else f"{most + 1} losses"
    return f"One joined part. {kept}{some if kept else some.capitalize()} can part it. {parting}"


def _worst(title: str, worst: SingleLosses) -> TableView:
    """Return what the worst single losses of a kind cost."""
    return TableView.first(
        f"The worst losses of one {title}",
        {
            title: list(worst.names),
            "pairs of sites parted": worst.pairs_lost.tolist(),
            "satellites out of reach": worst.unserved.tolist(),
            "satellites cut off": worst.parted.tolist(),
            "median rise of delay one way, ms": [_rounded(rise) for rise in worst.median_rise_ms.tolist()],
            "worst rise, ms": [_rounded(rise) for rise in worst.worst_rise_ms.tolist()],
        },
        limit=_WORST,
        file="losses.csv",
        empty=f"There is no {title} to lose.",
    )
