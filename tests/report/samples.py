"""A small fleet's shape, hostile text and a page that uses every part, for the report's tests."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.catalog import Assumption
from planner.orbit import Ephemeris, Fleet
from planner.outcome import Outcome, Violation
from planner.report.page import Note, Page, Proof, Provenance, Section, TableView, Tile
from planner.satellite.budget import PowerBudget
from planner.times import TimeGrid

NASTY = 'a</script><script>alert(1)</script><b>x</b><a href="javascript:1">y</a>\x00\x1b\u202eevil\u2066 %{x} & <!--'
"""What reliability row 28 names, and Plotly's own markup and template fields."""


@dataclass(frozen=True)
class Sample:
    """Two planes of four satellites at three instants."""

    fleet: Fleet
    times: TimeGrid
    ephemeris: Ephemeris
    pairs: IntArray
    sun_km: FloatArray


def budget_of(times: TimeGrid, compute_w: FloatArray, limit: IntArray | None = None) -> PowerBudget:
    """Return a power budget whose other columns do not matter."""
    zero = floats(np.zeros(compute_w.shape))
    return PowerBudget(
        times, floats(np.ones(compute_w.shape)), zero, zero, floats(compute_w), zero, zero,
        ints(np.zeros(compute_w.shape)) if limit is None else limit,
    )  # fmt: skip


def page_of(*sections: Section, name: str = "First light", **options) -> Page:
    """Return a page with every part filled, every text from `name`."""
    outcome = Outcome("feasible", "minimise", 4.1e8, 4.0e8, "$", "HiGHS", 7, 1, "time 30 s", 1.0)
    violation = Violation("cadence", name, 3, 2, "flights")
    figure = Assumption(f"x.{name}.mass_kg", 2900.0, "kg", 2000.0, 4500.0, "claimed", name, date(2026, 5, 1))
    table = TableView.first(name, {name: [name, None], "km": [1.0, float("nan")]}, file=name)
    parts = {
        "tiles": (Tile(name, name, name, name, "caution"),),
        "warnings": (name,),
        "proofs": (Proof(name, outcome, name, (violation,)), Proof("Placement", outcome, "")),
        "sections": (*sections, Section("words", name, name, (table, Note(name, "good")))),
        "assumptions": (figure,),
        "provenance": Provenance(name, name, {name: name}, {name: name}),
    }
    return Page(name, name, name, **(parts | options))


def empty_page() -> Page:
    """Return a page about nothing."""
    return Page("Empty", "", "", (), (), (), (), (), Provenance("0", "planner run x.toml", {}, {}))
