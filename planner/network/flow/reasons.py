"""Why is a demand not served in full? One reason for each, with a proof that needs no word of the solver.

No path, no path within the latency limit, a cut that could not carry the demand even if it had the network to itself,
no single path wide enough where it may not split, or other demands. Where none of these is proved, that is said.
"""

from typing import Final, NamedTuple

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.network.flow.arcs import Arcs
from planner.network.flow.cuts import Cut, cut_between
from planner.network.flow.demands import Reason, Unserved
from planner.network.flow.generation import Settings, generate
from planner.network.flow.master import Stage
from planner.network.flow.pricing import SHORT, Ask, fastest
from planner.network.flow.repair import way_with_room

_NAMED: Final = 4
"""Links that a sentence names before it only counts them."""


class Alone(NamedTuple):
    """What is proved about a demand that has the network to itself.

    `reason` and `detail` say why it does not fit, None and nothing where that is not shown; `most_gbps` is the most of
    it that could be served; `fits` tells that it was seen to fit.
    """

    reason: Reason | None
    detail: str
    most_gbps: float
    fits: bool


def unserved(
    ask: Ask, served_gbps: FloatArray, loads_gbps: FloatArray, most_gbps: float, settings: Settings, *, split: bool
) -> tuple[Unserved, ...]:
    """Return the demands that are not served in full, each with its reason.

    Parameters
    ----------
    ask, served_gbps
        The demands, and what each got.
    loads_gbps
        ``[arc]``, what flows.
    most_gbps
        The most that is proved to be possible of all traffic.
    settings
        For the demands that are judged alone.
    split
        Whether a demand may use several paths.
    """
    short = ask.gbps - served_gbps
    missing = np.flatnonzero(short > SHORT * ask.gbps).tolist()
    judged = {k: alone(ask, k, settings) for k in missing}
    # What the bound says must be missing beyond what each demand must miss alone is missing because of the others.
    beyond_gbps = float(ask.gbps.sum()) - most_gbps - sum(float(ask.gbps[k]) - judged[k].most_gbps for k in missing)
    found = []
    for k, one in judged.items():
        if one.reason is not None:
            reason, detail = one.reason, one.detail
        elif not split and (words := _too_wide(ask, k)):
            reason, detail = "single_path", words
        else:
            reason, detail = _beside_others(ask, k, loads_gbps, one, beyond_gbps > SHORT * ask.gbps[k], split=split)
        found.append(Unserved(k, float(short[k]), reason, detail))
    return tuple(found)


def alone(ask: Ask, demand: int, settings: Settings) -> Alone:
    """Return what is proved about a demand that has the network to itself."""
    arcs, least_ms, limit_ms = ask.arcs, float(ask.least_ms[demand]), float(ask.limit_ms[demand])
    source, target, gbps = arcs.names[ask.source[demand]], arcs.names[ask.target[demand]], float(ask.gbps[demand])
    if not np.isfinite(least_ms):
        return Alone("unreachable", f"no path leads from {source} to {target}", 0.0, fits=False)
    if least_ms > limit_ms:
        words = f"the fastest path from {source} to {target} takes {least_ms:.4g} ms, allowed {limit_ms:.4g} ms"
        return Alone("latency", words, 0.0, fits=False)
    cut = cut_between(arcs, ask.source[[demand]], ask.target[[demand]])
    if cut.capacity_gbps < gbps * (1.0 - SHORT):
        words = f"every path crosses {cut_in_words(arcs, cut)}, with {cut.capacity_gbps:.6g} Gbit/s in all"
        return Alone("cut", words, cut.capacity_gbps, fits=False)
    if not np.isfinite(limit_ms):
        return Alone(None, "", gbps, fits=cut.flow_gbps >= gbps * (1.0 - SHORT))
    part = ask.part([demand])
    left = generate(part, Stage("rates", 0.0, np.ones(1), np.ones(1)), fastest(part), settings, scale=gbps)
    most = min(gbps, gbps - left.bound)
    if left.bound > SHORT * gbps:
        words = f"paths of at most {limit_ms:.4g} ms carry no more than {most:.6g} Gbit/s"
        return Alone("latency", words, most, fits=False)
    return Alone(None, "", most, fits=left.answer.objective <= SHORT * gbps)


def _too_wide(ask: Ask, demand: int) -> str:
    """Return, where no allowed path is wide enough for all of a demand, how wide the widest is; else nothing."""
    capacity, gbps = ask.arcs.capacity_gbps, float(ask.gbps[demand])
    if way_with_room(ask, demand, capacity, gbps * (1.0 - SHORT)):
        return ""
    # Sites and satellites that are joined at one width are at any lesser one, so the widest is found by halving.
    widths = np.unique(capacity[(capacity > 0.0) & (capacity < gbps)])
    low, high = 0, len(widths) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if way_with_room(ask, demand, capacity, float(np.nextafter(widths[middle], 0.0))):
            low = middle
        else:
            high = middle - 1
    limit = f" of at most {ask.limit_ms[demand]:.4g} ms" if np.isfinite(ask.limit_ms[demand]) else ""
    return f"it may not split, and the widest single path{limit} has {widths[low]:.6g} Gbit/s"


def _beside_others(
    ask: Ask, demand: int, loads_gbps: FloatArray, one: Alone, proved: bool, *, split: bool
) -> tuple[Reason, str]:
    """Return whether others are proved to stand in the way, and where they do."""
    if not one.fits:
        return (
            "undecided",
            "not decided within the limit: neither is it seen to fit alone, nor is it shown that it cannot",
        )
    gbps = float(ask.gbps[demand])
    room = ask.arcs.capacity_gbps - loads_gbps
    if way_with_room(ask, demand, room, SHORT * gbps if split else gbps * (1.0 - SHORT)):
        return "undecided", "not decided within the limit: it fits alone, and there is room left on one of its paths"
    way = np.array(way_with_room(ask, demand, ask.arcs.capacity_gbps, 0.0), dtype=np.int64)
    full = way[room[way] <= SHORT * gbps] if split else way[room[way] < gbps]
    where = f"on its fastest way they fill {links_in_words(ask.arcs, full)}"
    if proved:
        return "shared", f"it fits alone, but not beside the others: {where}"
    return "undecided", (
        f"not decided within the limit: it fits alone, and {where}, but it is not shown that they must"
    )


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
