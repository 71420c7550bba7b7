"""What do hops of a ring get from the links they share? Each link's capacity over the hops that use it, each way."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from planner.arrays import floats, ints, lock
from planner.network.datacenter.circuit import Hop
from planner.network.datacenter.members import Interconnect
from planner.network.datacenter.results import Ring
from planner.outcome import Outcome, Status

_ROUNDING_FRACTION: Final = 1e-12
"""A rate short of the bound by no more than this part meets it: capacities divided by whole numbers."""


def ring_over(
    network: Interconnect,
    hops: Sequence[Hop],
    *,
    rate_gbps: float,
    solver: str,
    seed: int,
    limit: str,
    wall_s: float,
    fewest_relays: int = 0,
    why_relayed: str = "",
) -> Ring:
    """Return the ring that hops make, with what its links carry.

    Parameters
    ----------
    network
        Its links are those that hops use.
    hops
        What each passes, both ends included; each ends where the next begins. None for a ring of one member or none.
    rate_gbps
        A rate that no such ring exceeds.
    solver, seed, limit, wall_s, fewest_relays, why_relayed
        As `Outcome` and `Ring` tell them.
    """
    link = _links_by_ends(network)
    steps = [list(pairwise(hop)) for hop in hops]
    uses = np.zeros((len(network.links), 2), dtype=np.int64)
    for a, b in (step for hop in steps for step in hop):
        uses[link[a, b], int(a > b)] += 1
    share = network.capacity_gbps[:, None] / np.maximum(uses, 1)
    used = uses.sum(axis=1) > 0
    hop_gbps = [min(share[link[a, b], int(a > b)] for a, b in hop) for hop in steps]
    rate = float(min(hop_gbps, default=0.0))
    status: Status = (
        "empty" if not hops else "optimal" if rate >= rate_gbps * (1.0 - _ROUNDING_FRACTION) else "feasible"
    )
    return Ring(
        tuple(network.names[hop[0]] for hop in hops) if hops else network.names,
        ints(np.cumsum([0, *(len(hop) - 1 for hop in hops)])),
        ints([network.satellites[node] for hop in hops for node in hop[:-1]]),
        floats([sum(network.delay_ms[link[step]] for step in hop) for hop in steps]),
        floats(hop_gbps),
        float((network.capacity_gbps[used] / uses.sum(axis=1)[used]).min(initial=np.inf)),
        lock(network.links[uses.max(axis=1, initial=0) > 1]),
        sum(len(hop) - 2 for hop in hops),
        fewest_relays,
        why_relayed,
        Outcome(
            status=status,
            sense="maximise",
            objective=rate,
            bound=rate_gbps if hops else 0.0,
            unit="Gbit/s",
            solver=solver if hops else "none",
            seed=seed,
            workers=1,
            limit=limit,
            wall_s=wall_s,
        ),
    )


def _links_by_ends(network: Interconnect) -> dict[tuple[int, int], int]:
    found = {}
    for k, (a, b) in enumerate(zip(network.a.tolist(), network.b.tolist(), strict=True)):
        found[a, b] = found[b, a] = k
    return found
