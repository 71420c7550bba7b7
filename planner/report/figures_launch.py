"""What flies when, and how does the fleet in orbit grow against demand? By calendar month."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.report.figures_common import names, nothing, plural
from planner.report.page import Figure
from planner.report.style import SERIES, axis, layout, numbers, plain

_PATTERNS = ("", "/", ".", "x", "-", "+", "\\", "|")


def flights_by_month(flights: Mapping[str, Sequence[Any]]) -> Figure:
    """Draw flights of each month, stacked by vehicle.

    Parameters
    ----------
    flights
        Columns ``month`` (``2027-03``), ``vehicle`` and ``flights`` (count); rows in any order, repeats are summed.
    """
    title = "Launches by month"
    if not len(flights.get("month", ())) or not np.sum(flights["flights"]):
        return nothing("flights", title, "The manifest holds no flights.")
    months = sorted({str(month) for month in flights["month"]})
    months = _every_month(months[0], months[-1])
    vehicles = list(dict.fromkeys(str(vehicle) for vehicle in flights["vehicle"]))
    counts = np.zeros((len(vehicles), len(months)), dtype=np.int64)
    for month, vehicle, count in zip(flights["month"], flights["vehicle"], flights["flights"], strict=True):
        counts[vehicles.index(str(vehicle)), months.index(str(month))] += int(count)
    traces = []
    for place, vehicle in enumerate(vehicles):
        label = plain(vehicle)
        look = {
            "color": SERIES[place % len(SERIES)],
            "line": {"width": 0},
            "pattern": {
                "shape": _PATTERNS[place % len(_PATTERNS)], "size": 7, "fgcolor": "@surface", "fillmode": "overlay"
            },
        }  # fmt: skip
        traces.append(
            {"type": "bar", "x": [f"{month}-01" for month in months], "y": counts[place].tolist(), "name": label,
             "marker": look, "hovertemplate": f"%{{y}} × {label}, %{{x|%b %Y}}<extra></extra>"}
        )  # fmt: skip
    total = int(counts.sum())
    made = layout(
        barmode="stack",
        bargap=0.3,
        xaxis=_month_axis(len(months)),
        yaxis=axis("flights", rangemode="tozero", tickformat="d", nticks=6),
        showlegend=True,
    )
    used = ", ".join(
        f"{int(row.sum())} × {vehicle}" for row, vehicle in zip(counts, vehicles, strict=True) if row.any()
    )
    return Figure(
        "flights",
        f"{plural(total, 'flight')} from {months[0]} to {months[-1]}: {used}",
        {"data": traces, "layout": made},
        f"Stacked bars of flights by month: {used}.",
        "All flights with what they carry are in manifest.csv.",
        320,
        half=True,
    )


def fleet_in_orbit(
    growth: Mapping[str, Sequence[Any]], demand: Mapping[str, Sequence[Any]], *, quantity: str = "satellites"
) -> Figure:
    """Draw what has reached orbit against what is wanted.

    Parameters
    ----------
    growth
        Columns ``month`` (``2027-03``) and `quantity`: the running total in orbit at the end of that month.
    demand
        The same columns for what is wanted by then; may be empty.
    quantity
        ``satellites`` or ``mw``: the column, and the unit on the axis.
    """
    identifier, unit = f"in-orbit-{quantity}", "MW" if quantity == "mw" else quantity
    title = f"{unit} in orbit"
    if not len(growth.get("month", ())):
        return nothing(identifier, title, "Nothing reaches orbit in this plan.")
    values = np.asarray(growth[quantity], dtype=np.float64)
    traces = [_totals(growth, quantity, unit)]
    ending = ""
    if len(demand.get("month", ())):
        traces.append(_wanted(demand, quantity, unit))
        wanted = float(np.asarray(demand[quantity], dtype=np.float64)[-1])
        ending = f" of {wanted:.4g} {unit} wanted"
    made = layout(
        xaxis=_month_axis(len(growth["month"])),
        yaxis=axis(f"{unit} in orbit", rangemode="tozero"),
        hovermode="x unified",
        bargap=0.3,
        showlegend=True,
    )
    return Figure(
        identifier,
        f"{values[-1]:.4g} {unit}{ending} are in orbit by {growth['month'][-1]}",
        {"data": traces, "layout": made},
        f"Bars of {unit} in orbit by month, ending at {values[-1]:.4g}{ending}.",
        "Running total at the end of each month.",
        320,
        half=True,
    )


def _totals(rows: Mapping[str, Sequence[Any]], quantity: str, unit: str) -> dict[str, Any]:
    return {
        "type": "bar", "x": [f"{month}-01" for month in names(rows["month"])], "y": numbers(rows[quantity], 5),
        "name": "in orbit", "marker": {"color": "@s1", "line": {"width": 0}},
        "hovertemplate": f"%{{y:.4~g}} {unit}<extra>in orbit</extra>",
    }  # fmt: skip


def _wanted(rows: Mapping[str, Sequence[Any]], quantity: str, unit: str) -> dict[str, Any]:
    """Return a line that is level across each month and steps between months."""
    return {
        "type": "scatter", "mode": "lines", "x": [f"{month}-01" for month in names(rows["month"])],
        "y": numbers(rows[quantity], 5), "name": "wanted",
        "line": {"color": "@s2", "width": 2.5, "dash": "dash", "shape": "hvh"},
        "hovertemplate": f"%{{y:.4~g}} {unit}<extra>wanted</extra>",
    }  # fmt: skip


def _month_axis(count: int) -> dict[str, Any]:
    few = {"dtick": "M1"} if count <= 8 else {"nticks": 7}
    return axis("month", type="date", tickformat="%b<br>%Y", showgrid=False, **few)


def _every_month(first: str, last: str) -> list[str]:
    """Return every month ``YYYY-MM`` from `first` to `last`, both included."""
    start, stop = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(start, stop + 1)]
