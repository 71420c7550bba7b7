"""Answers whether every required demand is served in full, and if not, what is proved about it and what would help.

A demand alone is judged by its paths and by the smallest cut. Demands together are judged by prices of links at which
they cannot but pay more than all capacity is worth; that is proved with shortest paths alone (Iri, Journal of the
Operations Research Society of Japan 13:129–135, 1971; Onaga & Kakusho, IEEE Transactions on Circuit Theory 18:425–429,
1971, doi:10.1109/TCT.1971.1083312).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats
from planner.errors import InfeasibleError, LimitError
from planner.network.flow.generation import Settings, Staged, generate
from planner.network.flow.master import Stage, arc_loads_gbps
from planner.network.flow.pricing import ROUNDING, SHORT, Ask, cheapest, fastest, rounding_gbps
from planner.network.flow.reasons import alone, links_in_words

_MOST_TRIED: Final = 32
"""Demands up to which it is tried to leave each out of the conflict; each trial is a programme of its own."""


def with_required(ask: Ask, found: Staged, settings: Settings) -> Staged:
    """Return paths that serve the required demands in full.

    Raises
    ------
    InfeasibleError
        If that is proved to be impossible.
    LimitError
        If it is neither done nor disproved within the rounds.
    """
    if float(found.answer.unserved_gbps[ask.required].sum()) <= rounding_gbps(ask):
        return found
    part = ask.part(np.flatnonzero(ask.required).tolist())
    for k in range(len(part.gbps)):
        if reason := alone(part, k, settings):
            raise InfeasibleError(f"required demand {_name(part, k)}: {reason[1]}", _way_out(part, [k], settings))
    stage = Stage("rates", 0.0, floats(ask.required.astype(np.float64)))
    exact = settings._replace(gap_fraction=ROUNDING)
    found = generate(ask, stage, found.columns, exact, scale=float(ask.gbps.sum()))
    if found.answer.objective <= rounding_gbps(ask):
        return found
    if (price := _proof(part, settings)) is None:
        raise LimitError(
            f"required demands are {found.answer.objective:.6g} Gbit/s short after {settings.rounds} rounds of "
            "pricing, nor is it shown that they are too much; raise rounds or make one optional"
        )
    core = _core(part, settings)
    if (closer := _proof(part.part(core), settings)) is not None:
        price = closer
    raise InfeasibleError(_conflict(part.part(core), price), _way_out(part, core, settings))


def _name(ask: Ask, demand: int) -> str:
    names = ask.arcs.names
    return f"{names[ask.source[demand]]} to {names[ask.target[demand]]} ({ask.gbps[demand]:g} Gbit/s)"


def _proof(ask: Ask, settings: Settings) -> FloatArray | None:
    """Return prices that prove that the demands are too much together, or None where none are found."""
    stage = Stage("rates", 0.0, floats(np.ones(len(ask.gbps))))
    exact = settings._replace(gap_fraction=ROUNDING)
    found = generate(ask, stage, fastest(ask), exact, scale=float(ask.gbps.sum()))
    price = found.answer.duals.arc
    needed, there = _priced(ask, price)
    return price if needed > there + SHORT * float(ask.gbps.sum()) else None


def _priced(ask: Ask, price: FloatArray) -> tuple[float, float]:
    """Return what the demands pay at least for their paths, and what all capacity is worth."""
    cost, _ = cheapest(ask, price, 0.0)
    limited = np.isfinite(ask.arcs.capacity_gbps)
    return float(ask.gbps @ cost), float(price[limited] @ ask.arcs.capacity_gbps[limited])


def _core(ask: Ask, settings: Settings) -> list[int]:
    """Return demands that conflict, none of which can be left out without losing the proof."""
    core = list(range(len(ask.gbps)))
    if len(core) > _MOST_TRIED:
        return core
    for k in range(len(ask.gbps)):
        rest = [other for other in core if other != k]
        if rest and _proof(ask.part(rest), settings) is not None:
            core = rest
    return core


def _conflict(ask: Ask, price: FloatArray) -> str:
    """Return the proof in words."""
    names = ", ".join(_name(ask, k) for k in range(len(ask.gbps)))
    priced = np.flatnonzero(price > SHORT * price.max())
    links, alike = links_in_words(ask.arcs, priced), np.ptp(price[priced]) <= SHORT * price.max()
    needed, there = (amount / float(price[priced].max()) for amount in _priced(ask, price))
    weighted = "" if alike else ", each counted by its price,"
    return (
        f"required demands {names} together: by whatever paths, they use {links}{weighted} for at least "
        f"{needed:.6g} Gbit/s, where there are {there:.6g} Gbit/s"
    )


def _way_out(ask: Ask, demands: Sequence[int], settings: Settings) -> str:
    """Return the least capacity that would have to be added, and where."""
    part = ask.part(demands)
    if part.closed.any():
        k = int(np.flatnonzero(part.closed)[0])
        if np.isfinite(part.least_ms[k]):
            return f"a latency limit of {part.least_ms[k]:.4g} ms, or make it optional"
        return "make it optional, or add links and ground contacts that join its ends"
    stage = Stage("growth", 0.0, floats(np.full(len(part.gbps), np.inf)))
    found = generate(part, stage, fastest(part), settings)
    loads = arc_loads_gbps(found.columns, found.answer.rates_gbps.tolist(), len(part.arcs.head))
    with np.errstate(invalid="ignore"):
        added = np.where(np.isfinite(part.arcs.capacity_gbps), loads - part.arcs.capacity_gbps, 0.0)
    grown = np.flatnonzero(added > SHORT * float(part.gbps.max()))
    grown = grown[np.argsort(-added[grown], kind="stable")]
    return (
        f"{added[grown].sum():.6g} Gbit/s more capacity on {links_in_words(part.arcs, grown)} (no less than "
        f"{max(0.0, found.bound):.6g} Gbit/s would do), or make one optional"
    )
