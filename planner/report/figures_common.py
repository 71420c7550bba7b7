"""What the figures share: lines with gaps, thinning, time bins and words for numbers."""

import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.errors import legible
from planner.report.page import Figure
from planner.report.style import plain
from planner.times import TimeGrid

MAX_MARKERS = 3000
"""More satellites than this are thinned evenly before they are drawn: one cannot see more, and a browser slows down."""

MAX_LINES = 6000
"""Most laser links drawn in one picture."""

MAX_ROWS = 240
"""Most rows of a heat map with one satellite per row."""

MAX_COLUMNS = 144
"""Most columns of a heat map: ten minutes each over a day."""

MAX_POINTS = 1441
"""Most points of a curve: one a minute over a day."""


def nothing(identifier: str, headline: str, why: str) -> Figure:
    """Return a figure that draws nothing and says why."""
    return Figure(identifier, headline, {}, why)


def gapped(parts: Iterable[FloatArray], digits: int = 2) -> tuple[list[float | None], list[float | None]]:
    """Join lines ``[point, 2]`` into one x and one y list, parted by None."""
    x: list[float | None] = []
    y: list[float | None] = []
    for part in parts:
        if x:
            x.append(None)
            y.append(None)
        x.extend(np.round(part[:, 0], digits).tolist())
        y.extend(np.round(part[:, 1], digits).tolist())
    return x, y


def evenly(count: int, most: int) -> IntArray:
    """Return at most `most` indices spread evenly over ``range(count)``."""
    if count <= most:
        return np.arange(count, dtype=np.int64)
    return np.unique(np.linspace(0, count - 1, most).round().astype(np.int64))


def bins(count: int, most: int) -> IntArray:
    """Return the starts of at most `most` runs, equal but for the last, that cover ``range(count)``."""
    width = -(-count // most) if count else 1
    return np.arange(0, count, width, dtype=np.int64)


def instants(times: TimeGrid, picks: Sequence[int] | IntArray) -> list[str]:
    """Return instants as UTC text that Plotly's date axes read as written."""
    return [stamp(times.datetime_at(int(pick))) for pick in picks]


def stamp(moment: datetime) -> str:
    """Return a UTC datetime as ``2026-06-21T00:00:00``."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def utc(times: TimeGrid, index: int) -> str:
    """Return an instant in words, ``2026-06-21 00:00 UTC``."""
    return times.datetime_at(index).strftime("%Y-%m-%d %H:%M UTC")


def plural(count: int, one: str, many: str = "") -> str:
    """Return ``"1 satellite"``, ``"240 satellites"``, ``"no satellites"``."""
    if count == 1:
        return f"1 {one}"
    return f"{count or 'no'} {many or one + 's'}"


def percent(fraction: float) -> str:
    """Return a fraction as a percentage that never rounds a part up to the whole or down to nothing."""
    if not np.isfinite(fraction):
        return "an unknown share"
    for digits in range(4):
        text = f"{100.0 * fraction:.{digits}f}"
        if fraction in (0.0, 1.0) or (float(text) != 100.0 and float(text) != 0.0):
            return f"{text} %"
    return "almost 100 %" if fraction > 0.5 else "almost 0 %"


def names(values: Iterable[Any]) -> list[str]:
    """Return names as Plotly must be given them."""
    return [plain(value) for value in values]


def thinned(satellites: int, links: int) -> str:
    """Return the sentence that says what was left out of a picture of so many satellites and links, or ""."""
    said = []
    if satellites > MAX_MARKERS:
        said.append(f"{MAX_MARKERS} of {satellites} satellites")
    if links > MAX_LINES:
        said.append(f"{MAX_LINES} of {links} links")
    return f" Drawn are {' and '.join(said)}, spread evenly." if said else ""


def wrapped(text: object, width: int = 24) -> str:
    """Return `text` as Plotly must be given it, on lines of about `width` characters."""
    lines = textwrap.wrap(legible(text), width) or [""]
    return "<br>".join(plain(line) for line in lines)


def color_axis(
    stops: Sequence[tuple[float, str]], top: float, unit: str, *, narrow_offset: float = -0.28
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a colour axis from 0 to `top`, and what changes in it on a narrow screen: a bar below, not beside."""
    bar = {"title": {"text": unit, "side": "top", "font": {"size": 12}}, "thickness": 12, "outlinewidth": 0,
           "len": 0.9, "tickfont": {"size": 11, "color": "@muted"}}  # fmt: skip
    wide = {"cmin": 0, "cmax": top, "colorscale": [list(stop) for stop in stops], "colorbar": bar}
    below = {"orientation": "h", "y": narrow_offset, "yanchor": "top", "x": 0.5, "len": 1.0, "thickness": 10,
             "title": {"side": "right"}}  # fmt: skip
    return wide, {"colorbar": below}


def time_axis(axis: dict[str, Any]) -> dict[str, Any]:
    """Return an axis that reads UTC dates, hours first."""
    return axis | {"type": "date", "hoverformat": "%Y-%m-%d %H:%M UTC"}
