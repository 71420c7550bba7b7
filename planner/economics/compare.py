"""The question: how the options stand against the terrestrial one; no ratio without what its two sides contain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from planner.catalog import Catalog
from planner.economics.costs import total
from planner.economics.ground import home_option, megapod_option, terrestrial_option
from planner.economics.option import Option
from planner.errors import InputError, Problem

METRICS: Final = {
    "capital_usd_gw": "capital per GW of rated IT power",
    "capital_without_racks_usd_gw": "capital per GW without racks",
    "usd_gpu_h": "cost per usable accelerator-hour",
    "usd_kwh": "cost per usable kilowatt-hour of IT power",
    "lead_time_months": "months from decision to the last kilowatt",
}
"""What is compared, and what it is called."""

_SAME_CHIPS = 0.01  # rack prices that differ by less are called equal


@dataclass(frozen=True)
class Figure:
    """One option's figure with its range, in `unit`."""

    option: str
    metric: str
    value: float
    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Ratio:
    """One option's figure over the baseline's, never without its boundary.

    Attributes
    ----------
    option, baseline, metric
        What is divided by what.
    value_fraction, low_fraction, high_fraction
        The ratio, and its outermost range (one side's low end over the other's high end); None where the baseline has
        nothing to divide by.
    boundary
        What each side contains, and what makes them differ besides the place.
    """

    option: str
    baseline: str
    metric: str
    value_fraction: float | None
    low_fraction: float | None
    high_fraction: float | None
    boundary: str


@dataclass(frozen=True)
class Comparison:
    """Options, the baseline's name, and every figure and ratio."""

    options: tuple[Option, ...]
    baseline: str
    figures: tuple[Figure, ...]
    ratios: tuple[Ratio, ...]

    def ratio(self, option: str, metric: str) -> Ratio:
        """Return one ratio."""
        return next(row for row in self.ratios if (row.option, row.metric) == (option, metric))

    def figure(self, option: str, metric: str) -> Figure:
        """Return one figure."""
        return next(row for row in self.figures if (row.option, row.metric) == (option, metric))

    def option(self, name: str) -> Option:
        """Return one option."""
        return next(option for option in self.options if option.name == name)


def compare(options: Sequence[Option], *, baseline: str = "terrestrial") -> Comparison:
    """Return the comparison of `options` with the one called `baseline`.

    Raises
    ------
    InputError
        Unless names differ and the baseline is one of them.
    """
    names = [option.name for option in options]
    if len(set(names)) < len(names) or baseline not in names:
        reason = f"{', '.join(names) or 'none'}; names must differ and one must be the baseline {baseline!r}"
        raise InputError(Problem("options", reason))
    base = options[names.index(baseline)]
    figures = tuple(_figure(option, metric) for option in options for metric in METRICS)
    ratios = tuple(_ratio(option, base, metric) for option in options if option is not base for metric in METRICS)
    return Comparison(tuple(options), baseline, figures, ratios)


def side_by_side(
    catalog: Catalog,
    orbital: Option,
    *,
    site: str = "gigawatt_claimed",
    same_racks: bool = True,
) -> Comparison:
    """Return `orbital` beside the three ground options for the same IT power.

    `same_racks` gives site and containers the orbital fleet's price of racks, so that the comparison is about where
    the racks stand and not about what was paid for them; the home network has other accelerators in any case.
    """
    it_gw = orbital.it_kw / 1e6
    chips_usd_kw = orbital.chips_usd_kw if same_racks else None
    return compare(
        (
            orbital,
            terrestrial_option(
                catalog, it_gw=it_gw, entry=site, chips_usd_kw=chips_usd_kw, rate_fraction=orbital.rate_fraction
            ),
            megapod_option(catalog, it_gw=it_gw, chips_usd_kw=chips_usd_kw, rate_fraction=orbital.rate_fraction),
            home_option(catalog, it_gw=it_gw, rate_fraction=orbital.rate_fraction),
        )
    )


def _figure(option: Option, metric: str) -> Figure:
    if metric == "lead_time_months":
        return Figure(
            option.name,
            metric,
            option.lead_time_months,
            option.lead_time_low_months,
            option.lead_time_high_months,
            "months",
        )
    amount, unit = option.capital_per_gw, "USD/GW"
    if metric == "usd_gpu_h":
        amount, unit = option.per_accelerator_h, "USD/accelerator-hour"
    elif metric == "usd_kwh":
        amount, unit = option.per_kwh, "USD/kWh"
    elif metric == "capital_without_racks_usd_gw":
        rest = [line.amount for line in option.lines if line.is_capital and line.name != "racks"]
        amount = total(rest).times(1e6 / option.it_kw)
    return Figure(option.name, metric, amount.usd, amount.low_usd, amount.high_usd, unit)


def _ratio(option: Option, base: Option, metric: str) -> Ratio:
    mine, theirs = _figure(option, metric), _figure(base, metric)
    return Ratio(
        option.name,
        base.name,
        metric,
        _over(mine.value, theirs.value),
        _over(mine.low, theirs.high),
        _over(mine.high, theirs.low),
        f"{METRICS[metric]}. {option.boundary} {base.boundary}{_differences(option, base)}",
    )


def _over(value: float, base: float) -> float | None:
    return value / base if base > 0.0 else None


def _differences(option: Option, base: Option) -> str:
    parts = []
    mine, theirs = option.chips_usd_kw, base.chips_usd_kw
    if abs(mine - theirs) > _SAME_CHIPS * max(mine, theirs):
        parts.append(f"racks cost ${mine:,.0f}/kW here and ${theirs:,.0f}/kW there")
    if option.accelerator != base.accelerator:
        parts.append(
            f"accelerators differ ({option.accelerator} at {_watts(option):.0f} W, {base.accelerator} at "
            f"{_watts(base):.0f} W), and an hour of one is not an hour of the other"
        )
    parts.append("an hour counts as delivered when the accelerator can be used, whether or not it is sold")
    return " Note: " + "; ".join(parts) + "."


def _watts(option: Option) -> float:
    return option.it_kw * 1000.0 / option.accelerators
