"""Which links give the greatest total value when terminals are few? A greedy match, and the bound it is held against.

The greedy match takes links by falling value, each if both ends have a terminal left. A link of the best choice that it
leaves out finds one of its ends full of links worth no less, and a link that was taken is so blamed once an end at
most: the match has at least half of the greatest total. On the constellations measured it has 99 %. It knows no chance
and no iteration: the same links whatever the threads or blocks.
"""

from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, ints
from planner.errors import SolverError
from planner.links.rules import MOST_TERMINALS
from planner.network.topology.seating import Seats, new_candidates, writable
from planner.outcome import Outcome, Status

__all__ = ["match", "matching_bound"]

_WHOLE_VALUE: Final = 1 << 40
"""What the greatest value counts as in the flow's whole numbers: rounding up costs 1e-12 of it a link."""


def match(
    a: IntArray,
    b: IntArray,
    value: FloatArray,
    terminals: IntArray,
    *,
    faces_a: IntArray | None = None,
    faces_b: IntArray | None = None,
) -> IntArray:
    """Return which links a greedy match takes.

    Parameters
    ----------
    a, b
        ``[link]``, the two satellites of each.
    value
        ``[link]``, finite, in any unit; a link of no positive value is never taken. Of equal ones the earlier comes
        first.
    terminals
        ``[sat]``.
    faces_a, faces_b
        ``[link]``, bit masks of the terminals of either end that can face the other; both, or neither where any
        terminal can point anywhere. With them no more than 16 terminals. See `planner.network.topology.seating` for
        which terminal a link takes.

    Returns
    -------
    IntArray
        Indices of the links taken, rising.

    Raises
    ------
    ValueError
        For columns of different lengths, a value that is not finite, satellites that do not exist, a negative number of
        terminals or too many for masks, or one mask without the other.
    """
    a, b, value, terminals = writable(ints(a)), writable(ints(b)), np.asarray(value, dtype=np.float64), ints(terminals)
    _require_links(a, b, value, terminals)
    if (faces_a is None) != (faces_b is None):
        raise ValueError("faces_a, faces_b: give both or neither")
    if faces_a is not None and terminals.max(initial=0) > MOST_TERMINALS:
        raise ValueError(f"terminals: {terminals.max()} of them, but masks tell {MOST_TERMINALS} apart at most")
    masks = (a, b) if faces_a is None or faces_b is None else (ints(faces_a), ints(faces_b))
    seats = Seats.of(terminals, mounted=faces_a is not None)
    return ints(seats.take(new_candidates(a, b, value, *masks), value, above=0.0))


def _require_links(a: IntArray, b: IntArray, value: FloatArray, terminals: IntArray) -> None:
    if not (a.shape == b.shape == value.shape == (len(a),)):
        raise ValueError(f"a, b, value: shapes {a.shape}, {b.shape} and {value.shape}, expected one length")
    from planner.network.topology.matchkernel import NO_SATELLITE, NOT_FINITE, checked

    fault = checked(writable(value), writable(a), writable(b), len(terminals))
    if fault == NOT_FINITE:
        raise ValueError("value: need a finite number for every link")
    if fault == NO_SATELLITE:
        raise ValueError(f"a, b: need two different satellites of 0 to {len(terminals) - 1}")
    if np.any(terminals < 0):
        raise ValueError("terminals: need at least 0 for every satellite")


def matching_bound(a: IntArray, b: IntArray, value: FloatArray, terminals: IntArray, *, taken: IntArray) -> Outcome:
    """Return the total value of chosen links, and a bound that no choice of links within the terminals exceeds.

    Parameters
    ----------
    a, b, value, terminals
        As in `match`.
    taken
        Indices of the links chosen.

    Returns
    -------
    Outcome
        ``objective`` the total of those taken, ``bound`` that of the linear relaxation, both in the unit of `value`.
        ``optimal`` only if they meet to 1e-9.

    Raises
    ------
    ValueError
        As in `match`.
    SolverError
        If the solver does not finish.

    Notes
    -----
    The relaxation, max Σ v·x with Σ x ≤ terminals at each satellite and 0 ≤ x ≤ 1, is half of the greatest flow value
    in the bipartite double cover, where each satellite is there twice and link (a, b) leads from a to b's double and
    from b to a's: x on both copies of each link is a flow, and half the flow on both copies together is an x.
    Values are rounded up to whole numbers, which can only raise the bound.
    """
    a, b, value, terminals = ints(a), ints(b), np.asarray(value, dtype=np.float64), ints(terminals)
    _require_links(a, b, value, terminals)
    worth = value > 0.0
    total = float(value[taken].sum())
    if not worth.any():
        return _outcome(total, 0.0)
    unit = float(value.max()) / _WHOLE_VALUE
    whole = np.ceil(value[worth] / unit).astype(np.int64)
    # No link takes part in more than a few terminals' worth, so the sum stays far below 2^63.
    if float(whole.max()) * 2.0 * float(terminals.sum() + 1) >= 2.0**62:
        raise ValueError(f"terminals: {terminals.sum()} in all are more than the bound's whole numbers hold")
    return _outcome(total, _flow_value(a[worth], b[worth], whole, terminals) * unit / 2.0)


def _flow_value(a: IntArray, b: IntArray, whole: IntArray, terminals: IntArray) -> int:
    """Return the greatest value of a flow through the double cover."""
    from ortools.graph.python import min_cost_flow

    count, satellite = len(terminals), np.arange(len(terminals))
    source, sink, supply = 2 * count, 2 * count + 1, int(terminals.sum())
    flow = min_cost_flow.SimpleMinCostFlow()
    tails = np.concatenate([a, b, np.full(count, source), count + satellite, [source]])
    heads = np.concatenate([count + b, count + a, satellite, np.full(count, sink), [sink]])
    limits = np.concatenate([np.ones(2 * len(a), dtype=np.int64), terminals, terminals, [supply]])
    costs = np.concatenate([-whole, -whole, np.zeros(2 * count + 1, dtype=np.int64)])
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, limits, costs)
    flow.set_node_supply(source, supply)
    flow.set_node_supply(sink, -supply)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise SolverError(f"min-cost flow of the matching bound: {status}")
    return -int(flow.optimal_cost())


def _outcome(objective: float, bound: float) -> Outcome:
    from importlib.metadata import version

    closed = abs(bound - objective) <= 1e-9 * max(abs(bound), abs(objective))
    solver = f"OR-Tools SimpleMinCostFlow {version('ortools')}"
    status: Status = "empty" if objective == bound == 0.0 else "optimal" if closed else "feasible"
    return Outcome(status, "maximise", objective, bound, "value", solver, 0, 1, "none", 0.0)
