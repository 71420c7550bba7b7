"""Answers whether every required demand is served in full, and if not, what is proved about it and what would help.

A demand alone is judged by its paths and by the smallest cut. Demands together are judged by prices of links at which
they cannot but pay more than all capacity is worth; that is proved with shortest paths alone (Iri, Journal of the
Operations Research Society of Japan 13:129–135, 1971; Onaga & Kakusho, IEEE Transactions on Circuit Theory 18:425–429,
1971, doi:10.1109/TCT.1971.1083312).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats
from planner.errors import InfeasibleError, LimitError
from planner.network.flow.generation import Settings, Staged, generate
from planner.network.flow.master import Stage, arc_loads_gbps
from planner.network.flow.pricing import ROUNDING, SHORT, SLACK, Ask, cheapest, fastest
from planner.network.flow.reasons import alone, links_in_words

_MOST_TRIED: Final = 32
"""Demands up to which it is tried to leave each out of the conflict; each trial is a programme of its own."""
_LISTED: Final = 12
"""Links that a way out lists one by one."""


def with_required(ask: Ask, found: Staged, settings: Settings) -> Staged:
    """Return paths that serve the required demands in full, each but for `SLACK`.

    Raises
    ------
    InfeasibleError
        If that is proved to be impossible.
    LimitError
        If it is neither done nor disproved within the rounds.
    """
    if _served(ask, found):
        return found
    part = ask.part(np.flatnonzero(ask.required).tolist())
    for k in range(len(part.gbps)):
        if (one := alone(part, k, settings)).reason is not None:
            raise InfeasibleError(f"required demand {_name(part, k)}: {one.detail}", _way_out(part, [k], settings))
    # Each counts by the part of it that is missing, so that none is too small to matter.
    weight = floats(np.where(ask.required, 1.0 / ask.gbps, 0.0))
    stage = Stage("rates", 0.0, weight, floats(np.ones(len(weight))))
    found = generate(ask, stage, found.columns, settings._replace(gap_fraction=ROUNDING), scale=1.0)
    if _served(ask, found):
        return found
    if (price := _proof(part, settings)) is None:
        raise LimitError(
            f"required demands are {found.answer.unserved_gbps[ask.required].sum():.6g} Gbit/s short after "
            f"{settings.rounds} rounds of pricing, nor is it shown that they are too much; raise rounds or make one "
            "optional"
        )
    core = _core(part, settings)
    if (closer := _proof(part.part(core), settings)) is not None:
        price = closer
    raise InfeasibleError(_conflict(part.part(core), price), _way_out(part, core, settings))


def _served(ask: Ask, found: Staged) -> bool:
    """Tell whether all required demands are."""
    return bool((found.answer.unserved_gbps <= SLACK * ask.gbps)[ask.required].all())


def _name(ask: Ask, demand: int) -> str:
    names = ask.arcs.names
    return f"{names[ask.source[demand]]} to {names[ask.target[demand]]} ({ask.gbps[demand]:g} Gbit/s)"


def _alone_in_network(ask: Ask, settings: Settings) -> Staged:
    """Return the traffic of demands that leaves the least part of each unserved."""
    stage = Stage("rates", 0.0, floats(1.0 / ask.gbps), floats(np.ones(len(ask.gbps))))
    return generate(ask, stage, fastest(ask), settings._replace(gap_fraction=ROUNDING), scale=1.0)


def _proof(ask: Ask, settings: Settings) -> FloatArray | None:
    """Return prices that prove that the demands are too much together, or None where none are found."""
    price = _alone_in_network(ask, settings).answer.duals.arc
    needed, there = _priced(ask, price)
    return price if needed > there * (1.0 + ROUNDING) else None


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


def _way_out(ask: Ask, conflict: Sequence[int], settings: Settings) -> str:
    """Return the least that lets all required demands through, not only those that were found to conflict.

    Longer limits for demands that have no path in time, capacity for the rest; and a demand of the conflict to make
    optional, if doing that alone is seen to be enough.
    """
    opened, words = replace(ask, opened=True), []
    for k in np.flatnonzero(opened.closed).tolist():
        if np.isfinite(opened.least_ms[k]):
            words.append(f"a latency limit of {_up(opened.least_ms[k])} ms for {_name(ask, k)}")
        else:
            words.append(f"links and ground contacts that join the ends of {_name(ask, k)}, or make it optional")
    joined = np.flatnonzero(np.isfinite(opened.least_ms)).tolist()
    if joined:
        part = opened.part(joined)
        part = replace(part, limit_ms=floats(np.maximum(part.limit_ms, part.least_ms)))
        words += _growth(part, settings)
    way_out = "; and ".join(words)
    # A demand that has no path at all is named with that above.
    if joined and (enough := _enough_without(ask, conflict, settings)) is not None:
        way_out += f"; or make {_name(ask, enough)} optional"
    return way_out


def _growth(ask: Ask, settings: Settings) -> list[str]:
    """Return the capacity that has to be added for all demands to flow, and where; nothing where they do already."""
    nothing = floats(np.zeros(len(ask.gbps)))
    found = generate(ask, Stage("growth", 0.0, nothing, nothing), fastest(ask), settings)
    loads = arc_loads_gbps(found.columns, found.answer.rates_gbps.tolist(), len(ask.arcs.head))
    with np.errstate(invalid="ignore"):
        added = np.where(np.isfinite(ask.arcs.capacity_gbps), loads - ask.arcs.capacity_gbps, 0.0)
    grown = np.flatnonzero(added > SLACK * np.maximum(ask.arcs.capacity_gbps, ask.gbps.min()))
    if not len(grown):
        return []
    grown = grown[np.argsort(-added[grown], kind="stable")]
    least = f"no less than {max(0.0, found.bound):.6g} Gbit/s would do, each direction counted"
    if len(grown) == 1:
        return [f"{_up(added[grown[0]])} Gbit/s more capacity on {links_in_words(ask.arcs, grown)} ({least})"]
    each = [f"{_up(added[arc])} on {ask.arcs.label(arc)}" for arc in grown[:_LISTED].tolist()]
    if len(grown) > _LISTED:
        each.append(f"{_up(added[grown[_LISTED:]].sum())} on {len(grown) - _LISTED} more")
    return [f"{_up(added[grown].sum())} Gbit/s more capacity, {', '.join(each)} ({least})"]


def _up(value: float) -> str:
    """Return a figure in six digits or a few more, never less than it is."""
    digits = 5 - int(np.floor(np.log10(value)))
    return f"{np.ceil(value * 10.0**digits * (1.0 - ROUNDING)) / 10.0**digits:.12g}"


def _enough_without(ask: Ask, conflict: Sequence[int], settings: Settings) -> int | None:
    """Return the smallest demand of a conflict without which the other required ones are seen to fit, if any does."""
    for k in sorted(conflict, key=lambda k: (ask.gbps[k], k))[:_MOST_TRIED]:
        rest = ask.part([other for other in range(len(ask.gbps)) if other != k])
        if not len(rest.gbps) or _served(rest, _alone_in_network(rest, settings)):
            return k
    return None
