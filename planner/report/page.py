"""What the report page says, as plain frozen data: text, numbers and figures, no HTML.

`planner.report.html.render_html` turns a `Page` into one self-contained document. Every string here may come from a
user's file (a satellite called ``<script>``): nothing is escaped in this module, everything is escaped there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from planner.catalog import Assumption
from planner.outcome import Outcome, Violation

Cell = str | float | int | bool | None
"""One table cell; None and numbers that are not finite print as a dash."""

Tone = Literal["plain", "good", "caution"]
"""How a tile or note is marked; colour is never the only mark, `caution` also prints a sign."""


@dataclass(frozen=True)
class Tile:
    """One key figure.

    Attributes
    ----------
    label
        What it is ("Compute in orbit").
    value, unit
        The number, already rounded for reading, and its unit ("28.8", "MW"); a word may stand for a number.
    note
        One short line of context ("mean over the day, 99.1 % of the rating").
    tone
        See `Tone`.
    """

    label: str
    value: str
    unit: str = ""
    note: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Proof:
    """What an optimiser proved and what the independent audit found.

    Attributes
    ----------
    question
        What was decided ("Workload placement").
    outcome
        Status, objective, bound, gap, seed and limit.
    audit
        Name of the audit that replayed the answer; "" when there is none, which the page says.
    violations
        What it found; empty is a pass.
    """

    question: str
    outcome: Outcome
    audit: str
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One chart with the sentence it proves.

    Attributes
    ----------
    id
        Anchor, unique on the page, letters, digits and hyphens.
    headline
        One sentence that says what one sees, numbers included.
    plot
        Plotly ``{"data": [...], "layout": {...}}``; colours may be tokens of `planner.report.style`. Empty when there
        is nothing to draw; then the headline says why.
    alt
        The picture in words, for those who do not see it.
    caption
        How to read it: what the colours mean, what was left out, where the numbers come from.
    height
        CSS pixels; 0 takes the plot's own shape (``layout.meta.aspect``, height over width).
    half
        Whether it may share a row with a neighbour that is also `half`, on a wide screen.
    """

    id: str
    headline: str
    plot: Mapping[str, Any]
    alt: str
    caption: str = ""
    height: int = 420
    half: bool = False


@dataclass(frozen=True)
class TableView:
    """The rows of a table that fit on a page.

    Attributes
    ----------
    caption
        What the table holds.
    columns
        Headings, units included ("Launch price, $/kg").
    rows
        Shown rows, one value per column. A column whose values are all numbers is set flush right.
    total_rows
        Rows of the whole table; more than are shown prints "first N of M rows".
    file
        Name of the file with all rows ("placement.csv"), "" when there is none.
    empty
        What to say when there are no rows.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_rows: int = 0
    file: str = ""
    empty: str = "There are no rows."

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"rows: {len(row)} values for {len(self.columns)} columns")

    @classmethod
    def first(
        cls,
        caption: str,
        columns: Mapping[str, Sequence[Cell]],
        *,
        limit: int = 12,
        file: str = "",
        empty: str = "There are no rows.",
    ) -> "TableView":
        """Return the first `limit` rows of a table given as columns (heading → values of equal length)."""
        rows = tuple(zip(*columns.values(), strict=True))
        return cls(caption, tuple(columns), rows[:limit], len(rows), file, empty)


@dataclass(frozen=True)
class Note:
    """A paragraph in a section."""

    text: str
    tone: Tone = "plain"


Block = Figure | TableView | Note


@dataclass(frozen=True)
class Section:
    """A chapter of the page.

    Attributes
    ----------
    id
        Anchor, unique on the page.
    title
        Short, for the table of contents.
    lead
        One or two sentences that say what the section shows; "" for none.
    blocks
        Figures, tables and notes in reading order.
    """

    id: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Provenance:
    """Where the page came from, so that it can be made again.

    Attributes
    ----------
    plan_hash
        SHA-256 of the resolved plan.
    command
        What makes this page again ("planner run examples/01_first_light.toml").
    versions
        Package → version, this planner's first.
    data_hashes
        Embedded data file → SHA-256.
    """

    plan_hash: str
    command: str
    versions: Mapping[str, str]
    data_hashes: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """Everything on the page, in order.

    Attributes
    ----------
    title, subtitle
        Name of the plan; what it is in one line (fleet, start, duration).
    verdict
        One paragraph: what the plan achieves and what limits it.
    tiles
        Key figures.
    warnings
        What the reader must know before believing the rest.
    proofs
        One per optimiser run.
    hero
        Figure directly under the verdict, or None.
    sections
        In reading order.
    assumptions
        Every catalog figure that the plan used.
    provenance
        See `Provenance`.
    """

    title: str
    subtitle: str
    verdict: str
    tiles: tuple[Tile, ...]
    warnings: tuple[str, ...]
    proofs: tuple[Proof, ...]
    sections: tuple[Section, ...]
    assumptions: tuple[Assumption, ...]
    provenance: Provenance
    hero: Figure | None = field(default=None)
