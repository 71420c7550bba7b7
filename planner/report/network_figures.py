"""What a study found of its laser network, as figures with their units."""

from collections.abc import Iterator

import numpy as np

from planner.arrays import ints
from planner.links import latency_over_people, pair_fraction, space_ground_capacity_gbps
from planner.network.routing import great_circle_ms
from planner.scenario import Study
from planner.scenario.places import people


def network_figures(study: Study) -> Iterator[tuple[str, float | None]]:
    """Yield links and their churn, delays over people and ground, the data center, what losses leave, gateways."""
    network = study.network
    found = network.churn
    yield "handovers_per_h", _known(found.handovers_per_h)
    yield "mean_link_life_min", _known(found.mean_life_s / 60.0)
    yield "acquiring_fraction", _ratio(float(found.acquiring.sum()), float((found.acquiring + found.in_use).sum()))
    yield "terminal_power_kw", float(network.terminal_power_w.sum(axis=1).mean() / 1e3)
    yield "median_stretch_fraction", _stretch(study)
    yield from _over_people(study)
    center = network.data_center
    yield "joined_satellites", 0 if center is None else len(center.members)
    yield "bisection_gbps", None if center is None else center.bisection.upper_gbps
    yield "bisection_bound_gbps", None if center is None else center.bisection.lower_gbps
    yield "minimum_cut_gbps", None if center is None else center.minimum_cut.capacity_gbps
    yield "ring_gbps", None if center is None else center.ring.bottleneck_gbps
    wanted = study.plan.network.efficiency_fraction
    yield "as_one_wanted_fraction", wanted
    together = (0, 0) if center is None else (center.as_one(wanted), center.as_one_rarely(wanted))
    each = 0 if center is None else center.rack.accelerators
    yield "satellite_accelerators", each
    yield "as_one_accelerators", together[0] * each
    yield "as_one_rarely_accelerators", together[1] * each
    yield "rare_steps", None if center is None else center.rare_steps
    yield "parting_loss_fraction", _known(network.resilience.random.threshold_fraction)
    if network.traffic is not None:
        yield "traffic_asked_gbps", float(sum(demand.gbps for demand in network.traffic.demands))
        yield "traffic_carried_gbps", float(network.traffic.served_gbps.sum())
    capacity = space_ground_capacity_gbps(study.access, study.gateways, weather=True)
    yield "ground_capacity_gbps", _known(float(capacity.sum(axis=1).mean()))
    yield "gateway_availability_fraction", _known(network.diversity.availability_fraction)


def _stretch(study: Study) -> float | None:
    """Return the median, over pairs and instants with a way, of light time over that along the ground in vacuum."""
    first, second = np.triu_indices(len(study.sites), k=1)
    ground_ms = great_circle_ms(study.sites)[first, second]
    apart = ground_ms > 0.0
    light_ms = study.site_latency_ms[:, first, second] - (study.backhaul_ms[first] + study.backhaul_ms[second])
    over = light_ms[:, apart] / ground_ms[apart]
    return float(np.median(over[np.isfinite(over)])) if np.isfinite(over).any() else None


def _over_people(study: Study) -> Iterator[tuple[str, float | None]]:
    """Yield round trips over all pairs of people of different cities, where the plan takes cities as sites."""
    living = people(study.places)
    if np.count_nonzero(np.isfinite(living)) < 2:
        return
    over = latency_over_people(study.site_latency_ms, pair_fraction(ints(np.nan_to_num(living))))
    yield "people_median_round_trip_ms", _known(2.0 * over.median_ms)
    yield "people_p95_round_trip_ms", _known(2.0 * over.p95_ms)
    yield "people_reached_fraction", over.reached_fraction


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
