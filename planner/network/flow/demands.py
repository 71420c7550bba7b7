"""What traffic is asked of the network, and what an answer says: paths with rates, loads, prices, what is left out."""

import math
from dataclasses import dataclass
from typing import Literal

from planner.arrays import FloatArray, IntArray
from planner.errors import InputError, Problem
from planner.network.routing.paths import Path
from planner.outcome import Outcome

Objective = Literal["least_delay", "most_traffic", "least_load"]
Reason = Literal["unreachable", "latency", "cut", "single_path", "shared", "undecided"]


@dataclass(frozen=True)
class Demand:
    """Traffic from one node to another; what flows back is a demand of its own.

    Attributes
    ----------
    source, target
        Names of satellites or sites.
    gbps
        Rate asked for.
    latency_limit_ms
        Longest delay, one way, of any path that carries it; None for no limit.
    required
        A network that cannot carry this demand in full has no answer.

    Raises
    ------
    InputError
        Lists everything that no demand can have.
    """

    source: str
    target: str
    gbps: float
    latency_limit_ms: float | None = None
    required: bool = False

    def __post_init__(self) -> None:
        place = f"demand {self.source} to {self.target}"
        problems = []
        if self.source == self.target:
            problems.append(Problem(place, "source and target are the same node; name two"))
        if not 0.0 < self.gbps < math.inf:
            problems.append(Problem(place, f"gbps {self.gbps!r}, allowed: above 0, finite"))
        if self.latency_limit_ms is not None and not 0.0 < self.latency_limit_ms < math.inf:
            problems.append(Problem(place, f"latency_limit_ms {self.latency_limit_ms!r}, allowed: above 0 ms, or none"))
        if problems:
            raise InputError(problems)


@dataclass(frozen=True)
class BusyLink:
    """One direction of a link that holds the answer back, and what one more Gbit/s there would be worth.

    Each worth is a price of the linear programme: no addition gains more per Gbit/s, and a small one gains this much
    unless the answer's prices are not unique.

    Attributes
    ----------
    source, target
        Names, in the direction of the traffic.
    load_gbps, capacity_gbps
        What it carries and could carry.
    traffic_worth_fraction
        Traffic that more capacity would let through, Gbit/s per Gbit/s; 0 where all traffic is served.
    delay_worth_ms
        For ``least_delay``: how much less traffic would be in flight, Gbit/s·ms per Gbit/s; else NaN.
    load_share_fraction
        For ``least_load``: its part in the highest load. One per cent more capacity here takes that part of one per
        cent off the highest load. Else NaN.
    """

    source: str
    target: str
    load_gbps: float
    capacity_gbps: float
    traffic_worth_fraction: float
    delay_worth_ms: float
    load_share_fraction: float


@dataclass(frozen=True)
class Unserved:
    """A demand that is not served in full.

    Attributes
    ----------
    demand
        Its number.
    short_gbps
        What is missing.
    reason
        ``unreachable``: no path at all. ``latency``: paths within its limit do not exist or cannot carry it even
        alone. ``cut``: links that all its paths cross cannot carry it even alone. ``single_path``: it may not split,
        and no one path is wide enough. ``shared``: it fits alone, and it is proved that not everything that fits alone
        fits together. ``undecided``: none of these was proved within the limit.
    detail
        The proof, in words.
    """

    demand: int
    short_gbps: float
    reason: Reason
    detail: str


@dataclass(frozen=True, eq=False)
class TrafficPlan:
    """Which demand flows along which paths.

    Attributes
    ----------
    demands
        As asked.
    objective
        What was optimised, after the served traffic.
    paths, demand, rate_gbps
        ``[path]``: the way, the number of the demand, and what it carries; sorted by demand, then latency.
    served_gbps
        ``[demand]``.
    link_load_gbps
        ``[link, direction]``: from `a` to `b` and back, links as in the snapshot.
    contact_load_gbps
        ``[contact, direction]``: up and down.
    busy
        Links with a price, the dearest first.
    unserved
        Demands not served in full.
    traffic
        Proof about the served traffic, which is maximised first.
    outcome
        Proof about the objective, among all plans that serve as much.
    """

    demands: tuple[Demand, ...]
    objective: Objective
    paths: tuple[Path, ...]
    demand: IntArray
    rate_gbps: FloatArray
    served_gbps: FloatArray
    link_load_gbps: FloatArray
    contact_load_gbps: FloatArray
    busy: tuple[BusyLink, ...]
    unserved: tuple[Unserved, ...]
    traffic: Outcome
    outcome: Outcome
