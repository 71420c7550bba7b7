"""What the network of a plan answers: lines for a terminal of 80 columns, and JSON."""

import math
import textwrap
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from planner.arrays import FloatArray
from planner.errors import legible
from planner.links import LinkVerdict, RuleCheck
from planner.network import Path
from planner.network.flow import Separator
from planner.scenario.following import Moment, iso
from planner.scenario.questions import End, LinkAnswer, Partner
from planner.scenario.ways import Ground, Ways, WaySeries

_WIDTH: Final = 80
_LABEL: Final = 14
_UNBROKEN: Final = "\N{NO-BREAK SPACE}"
"""Stands for the blanks of a name until the lines are broken."""
_UNITS: Final = {"km": " km", "deg": "°", "deg/s": "°/s"}
_LEAST: Final = {"grazing altitude", "Sun exclusion"}
"""Rules whose limit is a least value."""
_STATES: Final = {
    "working": "linked, and the link works",
    "acquiring": "pointed at each other, but the link is still being acquired",
    "refused": "not linked: the rules of a link refuse it",
    "not chosen": "not linked: the rules allow it, but the topology does not choose it",
}
_PARTNERS: Final = {
    "working": "works",
    "acquiring": "being acquired",
    "refused": "fixed neighbour, refused by the rules now",
    "not chosen": "fixed neighbour, no terminal free for it",
}


def link_lines(answer: LinkAnswer) -> Iterator[str]:
    """Yield why two satellites are linked or not, line by line."""
    a, b = answer.ends
    yield from _head(f"{_name(a.name)} and {_name(b.name)}", answer.moment)
    yield from _wrapped(_STATES[answer.state], "  ")
    for text in (*_history(answer), *answer.lost, *answer.reasons):
        yield from _wrapped(text, "  ")
    yield ""
    yield "  rules of a link      found           allowed"
    yield from _rules(answer.verdict, {"a": a.name, "b": b.name})
    for end in answer.ends:
        yield ""
        yield from _end(end, answer.topology)


def _history(answer: LinkAnswer) -> Iterator[str]:
    if answer.since is not None:
        what = "without a break since" if answer.state == "working" else "pointed since"
        start = ", the plan's start" if answer.since == answer.moment.start else ""
        yield f"{what} {_moment(answer.since)}{start}"
    if answer.ready is not None:
        yield f"it works from {_moment(answer.ready)} on, if nothing breaks it before"
    if answer.last_worked is not None:
        yield f"it last worked at {_moment(answer.last_worked)}"
    elif answer.state != "working":
        yield "it has not worked before within the plan"


def _rules(verdict: LinkVerdict, names: Mapping[str, str]) -> Iterator[str]:
    for check in verdict.checks:
        where = f", from {_name(names[check.where])}" if check.where else ""
        says = f"{_found(check):15} {_allowed(check)}{where}"
        yield from _wrapped(f"{'    ' if check.passed else 'NO  '}{check.rule:16} {says}", "  ", hanging=21)


def _found(check: RuleCheck) -> str:
    if math.isnan(check.found):
        return "unknown"
    if math.isinf(check.found):
        return "Sun hidden"
    return f"{check.found:,.6g}{_UNITS[check.unit]}"


def _allowed(check: RuleCheck) -> str:
    if math.isinf(check.allowed):
        return "no limit"
    return f"at {'least' if check.rule in _LEAST else 'most'} {check.allowed:,.6g}{_UNITS[check.unit]}"


def _end(end: End, topology: str) -> Iterator[str]:
    faces = "" if end.facing is None else f"; facing the other end: {', '.join(end.facing) or 'none'}"
    count = f"{end.terminals} terminal{'' if end.terminals == 1 else 's'}"
    yield from _wrapped(f"{_name(end.name)}, {topology}: {count}, {end.taken} taken{faces}", "  ", hanging=2)
    for partner in end.partners:
        yield from _wrapped(_partner(partner), "    ", hanging=2)


def _partner(partner: Partner) -> str:
    reach = "lost" if math.isnan(partner.range_km) else _length(partner.range_km)
    since = "" if partner.since is None else f" since {_moment(partner.since)}"
    side = "" if partner.terminal is None else f"{partner.terminal}: "
    return f"{side}{_name(partner.name)}, {reach}, {_PARTNERS[partner.state]}{since}"


def ways_lines(ways: Ways) -> Iterator[str]:
    """Yield the ways between two nodes at an instant, line by line."""
    yield from _head(f"{_name(ways.source)} to {_name(ways.target)}", ways.moment)
    for number, path in enumerate(ways.paths, 1):
        links = f"{path.hops} link{'' if path.hops == 1 else 's'}"
        trip = f"round trip {path.round_trip_ms:.3f} ms, one way {path.latency_ms:.3f} ms, {_length(path.range_km)}"
        yield from _wrapped(f"{number:<2} {trip}, {links}", "  ", hanging=3)
        if ways.ground is not None:
            yield from _wrapped(_stretched(ways.ground, path.latency_ms), "     ")
        if ways.backhaul_ms:
            yield from _wrapped(_with_backhaul(path.round_trip_ms, ways.backhaul_ms), "     ")
        yield from _wrapped(", ".join(map(_name, path.nodes)), "     ")
    if ways.unreachable:
        yield from _wrapped(f"no way: {ways.unreachable}", "  ")
    elif len(ways.paths) < ways.asked:
        yield from _wrapped(_no_more(ways), "  ")
    yield from _ground_lines(ways.ground)


def _no_more(ways: Ways) -> str:
    found = f"{len(ways.paths)} of the {ways.asked} ways asked for; there are no more"
    return found if ways.separator is None else f"{found}, for every way leads over {_parting(ways.separator)}"


def _parting(parts: Separator) -> str:
    named = [f"{_name(one)} – {_name(other)}" for one, other in parts.links] + [_name(name) for name in parts.nodes]
    return named[0] if len(named) == 1 else f"one of {', '.join(named)}"


def series_lines(series: WaySeries) -> Iterator[str]:
    """Yield the shortest way between two nodes over a plan, line by line."""
    times = series.times
    span = f"{_moment(times.start)} to {_moment(times.datetime_at(times.count - 1))}"
    yield f"{legible(series.source)} to {legible(series.target)}"
    yield f"  {span}, {times.count:,} instant{'' if times.count == 1 else 's'} {times.step_s:g} s apart"
    yield ""
    yield from _item("reachable", _reachable(series))
    if series.reachable.any():
        trips = 2.0 * series.latency_ms[series.reachable]
        yield from _item("round trip", f"{_spread(trips, '.2f', ' ms')}")
        yield from _item("", f"least at {_when(series, np.argmin)}, worst at {_when(series, np.argmax)}")
        if series.backhaul_ms:
            yield from _item("", _with_backhaul(float(np.median(trips)), series.backhaul_ms) + " (median)")
        yield from _item("length", _spread(series.range_km[series.reachable], ",.0f", " km"))
        yield from _item("links", _spread(series.hops[series.reachable].astype(np.float64), "g", ""))
    changes = series.path_changes_per_h
    if not math.isnan(changes):
        seen = f"{series.path_changes:,} from one instant to the next, of {times.count - 1:,} that could be"
        yield from _item("path changes", f"{changes:.4g} per hour: {seen}")
    if series.ground is not None and series.reachable.any():
        yield from _item("stretch", f"median {_stretched(series.ground, float(np.median(trips)) / 2.0)}")
    yield from _ground_lines(series.ground)


def _reachable(series: WaySeries) -> str:
    share = f"{100.0 * float(series.reachable.mean()):.4g} % of the time"
    gap_s = series.longest_gap_s
    return f"{share}, longest without a way {gap_s / 60.0:,.4g} min" if gap_s else share


def _when(series: WaySeries, pick: Any) -> str:  # noqa: ANN401 - NumPy's argmin and argmax carry no simple type
    known = np.flatnonzero(series.reachable)
    return _moment(series.times.datetime_at(int(known[pick(series.latency_ms[known])])))


def _spread(values: FloatArray, form: str, unit: str) -> str:
    least, median, most = (f"{value:{form}}" for value in (values.min(), np.median(values), values.max()))
    return f"least {least}, median {median}, worst {most}{unit}"


def _stretched(ground: Ground, latency_ms: float) -> str:
    ratios = [_ratio(latency_ms, ground_ms) for ground_ms in (ground.vacuum_ms, ground.fibre_ms)]
    if None in ratios:
        return "both sites stand at one place"
    return f"{ratios[0]:.3f} of light along the great circle, {ratios[1]:.3f} of fibre along it"


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0.0 and math.isfinite(part) else None


def _with_backhaul(round_trip_ms: float, backhaul_ms: float) -> str:
    trip_ms = round_trip_ms + 2.0 * backhaul_ms
    return f"{trip_ms:.2f} ms between users, with {backhaul_ms:g} ms each way on the ground"


def _ground_lines(ground: Ground | None) -> Iterator[str]:
    if ground is not None:
        trips = f"round trip {2.0 * ground.vacuum_ms:.2f} ms at light speed, {2.0 * ground.fibre_ms:.2f} ms in fibre"
        yield from _item("great circle", f"{_length(ground.range_km)}, {trips}")


def _head(what: str, moment: Moment) -> Iterator[str]:
    yield from _wrapped(f"{what} at {_moment(moment.at)}", "")
    if moment.at != moment.asked:
        yield from _wrapped(f"asked for {_moment(moment.asked)}; this is the plan's nearest instant", "  ")
    yield ""


def _item(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(textwrap.wrap(text, _WIDTH - 2 - _LABEL, break_on_hyphens=False)):
        yield f"  {'' if number else label:{_LABEL}}{line.replace(_UNBROKEN, ' ')}"


def _wrapped(text: str, indent: str, *, hanging: int = 0) -> Iterator[str]:
    lines = textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + " " * hanging, break_on_hyphens=False,
        drop_whitespace=True,
    )  # fmt: skip
    yield from (line.replace(_UNBROKEN, " ") for line in lines)


def _name(name: str) -> str:
    return legible(name).replace(" ", _UNBROKEN)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(_UNBROKEN)}{_UNBROKEN}UTC"


def _length(range_km: float) -> str:
    """Return a length for reading: metres where kilometres would be nought."""
    return f"{range_km:,.0f} km" if range_km >= 10.0 else f"{1e3 * range_km:,.0f} m"


def link_json(answer: LinkAnswer) -> dict[str, Any]:
    """Return why two satellites are linked or not, as JSON can hold it."""
    return {
        **_moment_json(answer.moment),
        "a": legible(answer.ends[0].name),
        "b": legible(answer.ends[1].name),
        "state": answer.state,
        "since": _iso(answer.since),
        "ready": _iso(answer.ready),
        "last_worked": _iso(answer.last_worked),
        "reasons": [legible(reason) for reason in answer.reasons],
        "lost": [legible(reason) for reason in answer.lost],
        "allowed": answer.verdict.allowed,
        "refused_by": list(answer.verdict.refused_by),
        "rules": [
            {
                "rule": check.rule,
                "at": check.where or None,
                "found": _number(check.found),
                "allowed": _number(check.allowed),
                "unit": check.unit,
                "passed": check.passed,
                "says": str(check),
            }
            for check in answer.verdict.checks
        ],
        "topology": answer.topology,
        "ends": [_end_json(end) for end in answer.ends],
    }


def _end_json(end: End) -> dict[str, Any]:
    return {
        "name": legible(end.name),
        "terminals": end.terminals,
        "taken": end.taken,
        "facing": None if end.facing is None else list(end.facing),
        "partners": [
            {
                "name": legible(partner.name),
                "range_km": _number(partner.range_km),
                "state": partner.state,
                "since": _iso(partner.since),
                "terminal": partner.terminal,
            }
            for partner in end.partners
        ],
    }


def ways_json(ways: Ways) -> dict[str, Any]:
    """Return the ways between two nodes at an instant, as JSON can hold it."""
    parts = ways.separator
    return {
        **_moment_json(ways.moment),
        **_ends_json(ways),
        "reachable": bool(ways.paths),
        "unreachable": legible(ways.unreachable) or None,
        "asked": ways.asked,
        "disjoint": ways.by,
        "ways": [_way_json(path, ways) for path in ways.paths],
        "separator": None
        if parts is None
        else {
            "links": [[legible(name) for name in link] for link in parts.links],
            "nodes": [legible(name) for name in parts.nodes],
        },
    }


def _way_json(path: Path, ways: Ways) -> dict[str, Any]:
    return {
        "nodes": [legible(name) for name in path.nodes],
        "hops": path.hops,
        "one_way_ms": _number(path.latency_ms),
        "round_trip_ms": _number(path.round_trip_ms),
        "range_km": _number(path.range_km),
        **_stretch_json(ways.ground, path.latency_ms),
    }


def series_json(series: WaySeries) -> dict[str, Any]:
    """Return the shortest way between two nodes over a plan, as JSON can hold it."""
    times, known = series.times, series.reachable
    median_ms = float(np.median(series.latency_ms[known])) if known.any() else math.nan
    return {
        "start": _iso(times.start),
        "step_s": times.step_s,
        "instants": times.count,
        **_ends_json(series),
        "reachable_fraction": _number(float(known.mean())),
        "longest_gap_s": series.longest_gap_s,
        "round_trip_ms": _spread_json(2.0 * series.latency_ms[known]),
        "range_km": _spread_json(series.range_km[known]),
        "hops": _spread_json(series.hops[known].astype(np.float64)),
        "path_changes": series.path_changes,
        "path_changes_per_h": _number(series.path_changes_per_h),
        **_stretch_json(series.ground, median_ms),
    }


def _ends_json(answer: Ways | WaySeries) -> dict[str, Any]:
    ground = answer.ground
    return {
        "from": legible(answer.source),
        "to": legible(answer.target),
        "backhaul_ms": answer.backhaul_ms,
        "great_circle": None
        if ground is None
        else {"range_km": _number(ground.range_km), "one_way_ms": _number(ground.vacuum_ms),
              "fibre_one_way_ms": _number(ground.fibre_ms)},
    }  # fmt: skip


def _stretch_json(ground: Ground | None, latency_ms: float) -> dict[str, float | None]:
    if ground is None:
        return {"over_vacuum_fraction": None, "over_fibre_fraction": None}
    ratios = (_ratio(latency_ms, ground_ms) for ground_ms in (ground.vacuum_ms, ground.fibre_ms))
    return dict(zip(("over_vacuum_fraction", "over_fibre_fraction"), ratios, strict=True))


def _spread_json(values: FloatArray) -> dict[str, float] | None:
    if not len(values):
        return None
    return {"least": float(values.min()), "median": float(np.median(values)), "worst": float(values.max())}


def _moment_json(moment: Moment) -> dict[str, Any]:
    return {"at": _iso(moment.at), "asked": _iso(moment.asked)}


def _number(value: float) -> float | None:
    """Return a figure, None where there is none."""
    return float(value) if math.isfinite(value) else None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
