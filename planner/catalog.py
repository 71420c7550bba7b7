"""Every assumption with its value, unit, source, date and range.

The files ``planner/data/<collection>.toml`` hold one table per entry and one table per figure of that entry::

    [h100_sxm]
    title = "NVIDIA H100 SXM5 80 GB"

    [h100_sxm.power_w]
    value = 700.0
    unit = "W"
    low = 350.0
    high = 700.0
    kind = "published"
    source = "NVIDIA H100 datasheet, maximum thermal design power"
    date = 2023-03-21

`kind` is ``measured``, ``published``, ``claimed`` (said by somebody with an interest, not shown) or
``planner-default`` (ours, no published source). The key ends in a suffix of `planner.units` unless it is a count.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from planner.errors import CatalogError, Problem

Kind = Literal["measured", "published", "claimed", "planner-default"]
KINDS: tuple[Kind, ...] = ("measured", "published", "claimed", "planner-default")
_FIELDS = {"value", "unit", "low", "high", "kind", "source", "date"}


@dataclass(frozen=True)
class Assumption:
    """One figure and where it came from.

    Attributes
    ----------
    path
        ``collection.entry.name``.
    value, low, high
        Planning value and the range it is believed to lie in, all in `unit`.
    unit
        Unit in the field's notation, "1" for a ratio or a count.
    kind
        How well founded it is; see the module docstring.
    source
        Document, table or person, precise enough to find it again.
    date
        Date of that source.
    """

    path: str
    value: float
    unit: str
    low: float
    high: float
    kind: Kind
    source: str
    date: date


@dataclass(frozen=True)
class Entry:
    """One thing in the catalog (an accelerator, a launch vehicle) with its figures."""

    collection: str
    name: str
    title: str
    labels: Mapping[str, str]
    figures: Mapping[str, Assumption] = field(repr=False)

    def __getitem__(self, name: str) -> float:
        """Return the planning value of figure `name`."""
        return self.assumption(name).value

    def assumption(self, name: str) -> Assumption:
        """Return figure `name` with its provenance; `CatalogError` when there is none."""
        try:
            return self.figures[name]
        except KeyError:
            where = f"{self.collection}.{self.name}"
            raise CatalogError(Problem(where, _no_such("figure", name, self.figures))) from None

    def label(self, name: str) -> str:
        """Return text property `name` (the accelerator inside a rack, say)."""
        try:
            return self.labels[name]
        except KeyError:
            where = f"{self.collection}.{self.name}"
            raise CatalogError(Problem(where, _no_such("label", name, self.labels))) from None


@dataclass(frozen=True)
class Catalog:
    """All collections, with a plan's overrides applied."""

    entries: Mapping[tuple[str, str], Entry]

    def entry(self, collection: str, name: str) -> Entry:
        """Return an entry; `CatalogError` naming the nearest one when there is none."""
        try:
            return self.entries[collection, name]
        except KeyError:
            names = [n for c, n in self.entries if c == collection]
            raise CatalogError(Problem(collection, _no_such("entry", name, names))) from None

    def collection(self, collection: str) -> tuple[Entry, ...]:
        """Return every entry of a collection, in file order."""
        return tuple(entry for (name, _), entry in self.entries.items() if name == collection)

    def __iter__(self) -> Iterator[Assumption]:
        for entry in self.entries.values():
            yield from entry.figures.values()

    def override(self, values: Mapping[str, float]) -> "Catalog":
        """Return a catalog in which ``collection.entry.figure`` takes the given value.

        The source of such a figure becomes "set in the plan"; its range and unit stay. All unknown paths and values
        that are not finite are reported in one `CatalogError`.
        """
        entries = dict(self.entries)
        problems: list[Problem] = []
        for path, value in values.items():
            try:
                collection, name, figure = _split(path)
                entry = Catalog(entries).entry(collection, name)
                old = entry.assumption(figure)
                if not math.isfinite(value):
                    raise CatalogError(f"{value} is not a finite number of {old.unit}")
            except CatalogError as error:
                problems.extend(Problem(f'assumptions."{path}"', str(problem)) for problem in error.problems)
                continue
            new = Assumption(
                path,
                float(value),
                old.unit,
                old.low,
                old.high,
                "planner-default",
                "set in the plan",
                old.date,
            )
            entries[collection, name] = Entry(
                collection, name, entry.title, entry.labels, {**entry.figures, figure: new}
            )
        if problems:
            raise CatalogError(problems)
        return Catalog(entries)


def _split(path: str) -> tuple[str, str, str]:
    parts = path.split(".")
    if len(parts) != 3:
        raise CatalogError('write it as "collection.entry.figure", for example "accelerators.h100_sxm.power_w"')
    return parts[0], parts[1], parts[2]


def _no_such(what: str, name: str, known: Mapping[str, object] | list[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    hint = f'; did you mean "{close[0]}"?' if close else f"; there are: {', '.join(sorted(known))}"
    return f'no {what} "{name}"{hint}'


def read_collection(collection: str, text: str) -> dict[tuple[str, str], Entry]:
    """Parse one catalog file; `CatalogError` lists every figure that lacks a field or contradicts its range."""
    problems: list[Problem] = []
    entries: dict[tuple[str, str], Entry] = {}
    for name, table in tomllib.loads(text).items():
        figures: dict[str, Assumption] = {}
        labels: dict[str, str] = {}
        for key, value in table.items():
            if isinstance(value, dict):
                path = f"{collection}.{name}.{key}"
                found = _assumption(path, value)
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    figures[key] = found
            else:
                labels[key] = str(value)
        title = labels.pop("title", name)
        entries[collection, name] = Entry(collection, name, title, labels, figures)
    if problems:
        raise CatalogError(problems)
    return entries


def _assumption(path: str, table: dict[str, object]) -> Assumption | Problem:
    if set(table) != _FIELDS:
        return Problem(path, f"fields {sorted(table)}, expected exactly {sorted(_FIELDS)}")
    value, low, high = (float(cast("float", table[key])) for key in ("value", "low", "high"))
    if not low <= value <= high:
        return Problem(path, f"low {low:g} ≤ value {value:g} ≤ high {high:g} does not hold")
    if table["kind"] not in KINDS:
        return Problem(path, f"kind {table['kind']!r}, allowed {', '.join(KINDS)}")
    if not isinstance(table["date"], date) or not str(table["source"]).strip():
        return Problem(path, "needs a source and a TOML date")
    return Assumption(path, value, str(table["unit"]), low, high, table["kind"], str(table["source"]), table["date"])


@cache
def load_catalog() -> Catalog:
    """Read every collection that the package carries, once."""
    entries: dict[tuple[str, str], Entry] = {}
    folder = files("planner") / "data"
    for resource in sorted(folder.iterdir(), key=lambda item: item.name):
        if resource.name.endswith(".toml"):
            entries |= read_collection(resource.name.removesuffix(".toml"), resource.read_text("utf-8"))
    return Catalog(entries)
