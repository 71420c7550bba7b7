"""The question: what one way of getting computing costs, delivers and leaves out, as a table."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from planner.economics.costs import Amount, CostLine, total
from planner.errors import InputError, Problem


@dataclass(frozen=True)
class Option:
    """One option, for one amount of IT power.

    Attributes
    ----------
    name, title
        ``orbital``, ``terrestrial``, ``megapod``, ``home``, and what to print.
    basis
        Which catalog entry its figures come from, and how well founded they are.
    it_kw
        Rated IT power.
    accelerator, accelerators
        What computes, and how many.
    lines
        Cost lines, capital first.
    delivered_accelerator_h, delivered_low_h, delivered_high_h
        Accelerator-hours that can be used in a year, and the range.
    lead_time_months, lead_time_low_months, lead_time_high_months
        From decision to the last kilowatt in service.
    rate_fraction
        Discount rate of the annuities.
    included, excluded
        The boundary: what this side of a comparison contains and what it does not.
    notes
        Limits that no sum shows.
    """

    name: str
    title: str
    basis: str
    it_kw: float
    accelerator: str
    accelerators: int
    lines: tuple[CostLine, ...]
    delivered_accelerator_h: float
    delivered_low_h: float
    delivered_high_h: float
    lead_time_months: float
    lead_time_low_months: float
    lead_time_high_months: float
    rate_fraction: float
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        problems = [
            Problem(f"{self.name} option", f"{what} {value:g}, must be positive: a cost per {unit} needs some")
            for what, value, unit in (
                ("it_kw", self.it_kw, "gigawatt"),
                ("accelerators", float(self.accelerators), "accelerator"),
                ("delivered_accelerator_h", self.delivered_accelerator_h, "accelerator-hour"),
                ("delivered_low_h", self.delivered_low_h, "accelerator-hour"),
            )
            if not 0.0 < value < float("inf")
        ]
        if problems:
            raise InputError(problems)

    @property
    def capital(self) -> Amount:
        """Sum of what is paid once."""
        return total(line.amount for line in self.lines if line.is_capital)

    @property
    def running(self) -> Amount:
        """Sum of what is paid every year."""
        return total(line.amount for line in self.lines if not line.is_capital)

    @property
    def yearly_lines(self) -> tuple[CostLine, ...]:
        """Every line as a cost a year, capital as an annuity over its own life."""
        return tuple(CostLine(line.name, line.yearly(self.rate_fraction), None) for line in self.lines)

    @property
    def yearly(self) -> Amount:
        """Sum of all lines as a cost a year."""
        return total(line.amount for line in self.yearly_lines)

    @property
    def capital_per_gw(self) -> Amount:
        """Capital per gigawatt of rated IT power."""
        return self.capital.times(1e6 / self.it_kw)

    @property
    def per_accelerator_h(self) -> Amount:
        """Yearly cost per accelerator-hour that can be used."""
        yearly = self.yearly
        return Amount(
            yearly.usd / self.delivered_accelerator_h,
            yearly.low_usd / self.delivered_high_h,
            yearly.high_usd / self.delivered_low_h,
        )

    @property
    def per_kwh(self) -> Amount:
        """Yearly cost per kilowatt-hour of rated IT power that can be used: the measure that no accelerator sways."""
        return self.per_accelerator_h.times(self.accelerators / self.it_kw)

    def line(self, name: str) -> CostLine:
        """Return the line called `name`."""
        return next(line for line in self.lines if line.name == name)

    @property
    def chips_usd_kw(self) -> float:
        """Price of racks and accelerators per kW of IT power."""
        return self.line("racks").amount.usd / self.it_kw

    @property
    def boundary(self) -> str:
        """What is in and what is not, in one sentence each."""
        return f"{self.title}: contains {_list(self.included)}; does not contain {_list(self.excluded)}."

    def with_notes(self, notes: Iterable[str]) -> "Option":
        """Return the option with more notes."""
        return replace(self, notes=(*self.notes, *notes))


def _list(parts: tuple[str, ...]) -> str:
    return ", ".join(parts) if parts else "nothing"
