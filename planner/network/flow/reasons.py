"""Why is a demand not served in full? One reason for each, with a proof that needs no word of the solver.

No path, no path within the latency limit, a cut that could not carry the demand even if it had the network to itself,
or, where none of these holds, other demands.
"""

from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.network.flow.arcs import Arcs
from planner.network.flow.cuts import Cut, cut_between
from planner.network.flow.demands import Reason, Unserved
from planner.network.flow.generation import Settings, generate
from planner.network.flow.master import Stage
from planner.network.flow.pricing import SHORT, Ask, cheapest, fastest

_NAMED: Final = 4
"""Links that a sentence names before it only counts them."""


def unserved(ask: Ask, served_gbps: FloatArray, price: FloatArray, settings: Settings) -> tuple[Unserved, ...]:
    """Return the demands that are not served in full, each with its reason.

    Parameters
    ----------
    ask, served_gbps
        The demands, and what each got.
    price
        ``[arc]``, traffic that another Gbit/s would let through.
    settings
        For the demands that are judged alone.
    """
    short = ask.gbps - served_gbps
    found = []
    for k in np.flatnonzero(short > SHORT * ask.gbps).tolist():
        reason, detail = alone(ask, k, settings) or ("shared", _shared(ask, k, price))
        found.append(Unserved(k, float(short[k]), reason, detail))
    return tuple(found)


def alone(ask: Ask, demand: int, settings: Settings) -> tuple[Reason, str] | None:
    """Return why a demand cannot be served even alone, or None where that is not shown."""
    arcs, least_ms, limit_ms = ask.arcs, float(ask.least_ms[demand]), float(ask.limit_ms[demand])
    source, target, gbps = arcs.names[ask.source[demand]], arcs.names[ask.target[demand]], float(ask.gbps[demand])
    if not np.isfinite(least_ms):
        return "unreachable", f"no path leads from {source} to {target}"
    if least_ms > limit_ms:
        return (
            "latency",
            f"the fastest path from {source} to {target} takes {least_ms:.4g} ms, allowed {limit_ms:.4g} ms",
        )
    cut = cut_between(arcs, ask.source[[demand]], ask.target[[demand]])
    if cut.capacity_gbps < gbps * (1.0 - SHORT):
        return "cut", f"every path crosses {cut_in_words(arcs, cut)}, with {cut.capacity_gbps:.6g} Gbit/s in all"
    if np.isfinite(limit_ms):
        part = ask.part([demand])
        left = generate(part, Stage("rates", 0.0, np.ones(1)), fastest(part), settings, scale=gbps)
        if left.bound > SHORT * gbps:
            most = gbps - left.bound
            return "latency", f"paths of at most {limit_ms:.4g} ms carry no more than {most:.6g} Gbit/s"
    return None


def cut_in_words(arcs: Arcs, cut: Cut) -> str:
    """Return the links of a cut in words, in the direction they are crossed."""
    crossing = np.flatnonzero(cut.source_side[arcs.tail] & ~cut.source_side[arcs.head] & np.isin(arcs.row, _rows(cut)))
    return links_in_words(arcs, crossing)


def links_in_words(arcs: Arcs, chosen: IntArray) -> str:
    """Return links by their ends, or how many they are."""
    labels = [arcs.label(arc) for arc in chosen.tolist()]
    if len(labels) > _NAMED:
        return f"links {', '.join(labels[:_NAMED])} and {len(labels) - _NAMED} more"
    return f"{'link' if len(labels) == 1 else 'links'} {', '.join(labels)}" if labels else "no links"


def _rows(cut: Cut) -> IntArray:
    links = len(cut.link_flow_gbps)
    return np.concatenate([cut.links, cut.contacts + links])


def _shared(ask: Ask, demand: int, price: FloatArray) -> str:
    """Return the full links on the way where they are worth least, or that there is none."""
    _, (way,) = cheapest(ask.part([demand]), price, 0.0)
    full = np.array([arc for arc in way if price[arc] > 0.0], dtype=np.int64)
    if not len(full):
        return "it fits alone, but not on one path beside the others"
    return f"it fits alone, but not beside the others: on its best way they fill {links_in_words(ask.arcs, full)}"
