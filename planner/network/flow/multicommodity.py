"""Answers which paths the traffic of many demands should take, so that no link is asked for more than it carries.

First as much as possible is served; then, among all plans that serve as much, one of least delay, or of least load on
the busiest link, is chosen. A demand may be split over paths unless that is ruled out. Rates are one way; a link
carries its capacity in each direction; sites never relay.
"""

import time
from collections.abc import Sequence

from planner.network.flow.assemble import assemble, empty_plan
from planner.network.flow.demands import Demand, Objective, TrafficPlan
from planner.network.flow.generation import Settings
from planner.network.flow.pricing import Ask
from planner.network.flow.stages import solve
from planner.network.flow.unsplit import unsplit
from planner.network.snapshot import NetworkSnapshot


def route_demands(
    snapshot: NetworkSnapshot,
    demands: Sequence[Demand],
    *,
    objective: Objective = "least_delay",
    split: bool = True,
    gap_fraction: float = 1e-4,
    rounds: int = 200,
    seed: int = 0,
) -> TrafficPlan:
    """Return the paths and rates of the traffic of many demands.

    Column generation (Ford & Fulkerson, Management Science 5:97–101, 1958, doi:10.1287/mnsc.5.1.97) with a linear
    programme over the paths found so far and a bound over all paths, so the gap is proved even where a limit comes
    first.

    Parameters
    ----------
    snapshot
        The network.
    demands
        What is asked for. Required ones are served in full or an error says why not.
    objective
        After the traffic served: ``least_delay`` minimises Σ rate × delay, the traffic in flight; ``least_load`` the
        highest load of any link direction of known capacity; ``most_traffic`` nothing more.
    split
        Whether a demand may use several paths. If not, each uses one for all of it, or is not served; such a plan is
        rounded from the one that may split, and its gap is against that one.
    gap_fraction
        Proved distance from the best at which a stage ends, as part of all traffic asked for, or of the objective.
    rounds
        Most rounds of pricing of each stage.
    seed
        For the solver.

    Returns
    -------
    TrafficPlan
        Its status is ``feasible`` where `rounds` came first, ``empty`` where nothing was asked.

    Raises
    ------
    InputError
        If a name is not in the network.
    InfeasibleError
        If required demands cannot be served in full: with the links that stand in the way, and the least capacity
        whose addition lets them through.
    LimitError
        If required demands were neither served in full within `rounds` nor shown to be too much.
    ValueError
        If an option is out of range.
    """
    if objective not in {"least_delay", "most_traffic", "least_load"} or not 0.0 < gap_fraction < 1.0 or rounds < 1:
        raise ValueError("route_demands: need a known objective, 0 < gap_fraction < 1 and rounds of at least 1")
    began, settings = time.perf_counter(), Settings(gap_fraction, rounds, seed)
    if not demands:
        return empty_plan(snapshot, objective, settings)
    ask = Ask.of(snapshot, demands)
    solved = solve(ask, objective, settings)
    if not split:
        solved = unsplit(ask, objective, solved, settings)
    return assemble(ask, demands, objective, solved, settings, split=split, wall_s=time.perf_counter() - began)
