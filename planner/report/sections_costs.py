"""The chapter of the report page on money: the options side by side, every ratio with its boundary, the claims."""

from collections.abc import Sequence

from planner.economics import CostLine, Option
from planner.report import figures
from planner.report.page import Note, Section, TableView
from planner.scenario import Study


def costs_section(study: Study) -> Section:
    """Return the money chapter."""
    options = study.comparison.options
    hours = [(option, line, line.amount.usd / option.delivered_accelerator_h) for option in options
             for line in option.yearly_lines]  # fmt: skip
    capital = [(option, line, line.amount.usd * 1e6 / option.it_kw) for option in options for line in option.lines
               if line.is_capital]  # fmt: skip
    names = [option.title for option in options]
    per_hour = [option.per_accelerator_h for option in options]
    per_gw = [option.capital_per_gw for option in options]
    ranges_h: dict[str, Sequence[object]] = {"option": names, "low_usd_gpu_h": [a.low_usd for a in per_hour],
                "high_usd_gpu_h": [a.high_usd for a in per_hour]}  # fmt: skip
    ranges_gw: dict[str, Sequence[object]] = {"option": names, "low_usd_gw": [a.low_usd for a in per_gw],
                 "high_usd_gw": [a.high_usd for a in per_gw]}  # fmt: skip

    return Section(
        "costs",
        "Costs",
        f"The same {options[0].it_kw / 1e3:,.1f} MW of racks four ways. No ratio stands without what its two sides "
        "contain; ranges add up every low and every high end.",
        (
            figures.option_costs(_columns(hours, "usd_gpu_h"), ranges_h, measure="usd_gpu_h"),
            figures.option_costs(_columns(capital, "usd_gw"), ranges_gw, measure="usd_gw"),
            _ratios(study),
            _claims(study),
            *[Note(f"{option.title}: {note}.") for option in options for note in option.notes],
        ),
    )


def _columns(rows: Sequence[tuple[Option, CostLine, float]], measure: str) -> dict[str, Sequence[object]]:
    return {
        "option": [option.title for option, _, _ in rows],
        "line": [line.name for _, line, _ in rows],
        measure: [value for _, _, value in rows],
    }


_METRICS = {
    "capital_usd_gw": "capital per GW",
    "capital_without_racks_usd_gw": "capital per GW, racks left out",
    "usd_gpu_h": "cost per accelerator-hour",
    "usd_kwh": "cost per kWh of IT power",
    "lead_time_months": "lead time",
}


def _ratios(study: Study) -> TableView:
    titles = {option.name: option.title for option in study.comparison.options}
    rows = study.comparison.ratios
    return TableView.first(
        "Ratios to the ground site, each with its boundary",
        {
            "option": [titles[row.option] for row in rows],
            "figure": [_METRICS.get(row.metric, row.metric) for row in rows],
            "ratio": [None if row.value_fraction is None else round(row.value_fraction, 2) for row in rows],
            "range": [
                "–"
                if row.low_fraction is None or row.high_fraction is None
                else f"{row.low_fraction:.2f} – {row.high_fraction:.2f}"
                for row in rows
            ],
            "boundary": [row.boundary for row in rows],
        },
        limit=30,
    )


def _claims(study: Study) -> TableView:
    claims = study.claims
    return TableView.first(
        "What was claimed, held against this fleet",
        {
            "claim": [claim.claim for claim in claims],
            "what is compared": [f"{claim.quantity}, {claim.unit}" for claim in claims],
            "at most": [f"{claim.needed:,.4g}" for claim in claims],
            "this fleet": ["–" if claim.found is None else f"{claim.found:,.4g}" for claim in claims],
            "verdict": [claim.verdict for claim in claims],
            "it fails if": [claim.fails_if for claim in claims],
        },
        limit=30,
        empty="Without a manifest that flies something, no claim was put to the test.",
    )
