"""Which ring of a small data center relays least? CP-SAT over hops of one and two links, with a proof.

Every hop of the ring goes over one link or over two with a member between them. No link is used in one direction by
more hops than it has room for.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from planner.arrays import IntArray
from planner.errors import SolverError
from planner.network.datacenter.members import Interconnect

Hop = tuple[int, ...]
"""The members that a hop passes, both ends included."""

_RELAYS_OF_LONG_HOPS: Final = 2
"""Least relays of a ring that has a hop of three links or more."""


@dataclass(frozen=True)
class CircuitLimits:
    """What ends the search; both repeatable.

    Attributes
    ----------
    members
        Most members for which it runs.
    effort
        Deterministic time of CP-SAT, which is about seconds of one core.
    seed
        Random seed.
    """

    members: int = 200
    effort: int = 10
    seed: int = 0

    @property
    def text(self) -> str:
        """The limits in words."""
        return f"{self.members} members, deterministic time {self.effort}"


def least_relayed(
    network: Interconnect, room: IntArray, known: list[Hop], least: int, limits: CircuitLimits
) -> tuple[list[Hop] | None, int]:
    """Return the hops of a ring with fewer relays than the known one, if found, and a bound on relays.

    Parameters
    ----------
    network
        Of three members or more.
    room
        Hops that each link takes in one direction, ``[link]``.
    known
        Hops of a ring, for a start; any length.
    least
        A number of relays that no ring can undercut.
    limits
        When to stop.

    Notes
    -----
    Rings with a hop of three links or more are not tried. They have two relays at least, so that the bound of the
    others holds for all rings up to 2.
    """
    from ortools.sat.python import cp_model

    relays = sum(len(hop) - 2 for hop in known)
    model = cp_model.CpModel()
    hops = _hops(network)
    taken = [model.new_bool_var("") for _ in hops]
    model.add_circuit([(hop[0], hop[-1], literal) for hop, literal in zip(hops, taken, strict=True)])
    _share(model, network, room, hops, taken)
    relayed = sum(literal for hop, literal in zip(hops, taken, strict=True) if len(hop) == 3)
    model.add(relayed >= least)
    model.add(relayed <= relays - 1)
    model.minimize(relayed)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = limits.seed
    solver.parameters.max_deterministic_time = float(limits.effort)
    status = solver.solve(model)
    if status == cp_model.MODEL_INVALID:
        raise SolverError(f"CP-SAT refused the ring: {model.validate()}")
    if status == cp_model.INFEASIBLE:
        return None, max(least, min(relays, _RELAYS_OF_LONG_HOPS))
    proved = min(int(np.ceil(solver.best_objective_bound - 1e-6)), relays, _RELAYS_OF_LONG_HOPS)
    bound = max(least, proved)
    if status == cp_model.UNKNOWN:
        return None, bound
    after = {hop[0]: hop for hop, literal in zip(hops, taken, strict=True) if solver.value(literal)}
    ring, node = [], 0
    for _ in range(len(network)):
        ring.append(after[node])
        node = after[node][-1]
    return ring, bound


def _hops(network: Interconnect) -> list[Hop]:
    """Return every way from a member to another over one link, and over two where no link joins them."""
    beside = [network.other[network.start[i] : network.start[i + 1]].tolist() for i in range(len(network))]
    direct: list[Hop] = [(i, j) for i in range(len(network)) for j in beside[i]]
    linked = set(direct)
    around: list[Hop] = [
        (i, j, k) for i in range(len(network)) for j in beside[i] for k in beside[j] if k != i and (i, k) not in linked
    ]
    return direct + around


def _share(model: Any, network: Interconnect, room: IntArray, hops: list[Hop], taken: list[Any]) -> None:  # noqa: ANN401 - CP-SAT is loaded late
    """Let no link be used by more hops in one direction than it has room for."""
    link = {}
    for k, (a, b) in enumerate(zip(network.a.tolist(), network.b.tolist(), strict=True)):
        link[a, b] = link[b, a] = k
    users = defaultdict(list)
    for hop, literal in zip(hops, taken, strict=True):
        for step in pairwise(hop):
            users[step].append(literal)
    for step, literals in users.items():
        model.add(sum(literals) <= int(room[link[step]]))
