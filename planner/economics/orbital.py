"""The question: what computing in orbit costs, for a fleet that was planned and for the gigawatt that is claimed."""

import math
from collections.abc import Sequence

from planner.catalog import Catalog, Entry
from planner.constants import HOURS_PER_YEAR
from planner.economics.costs import Amount, CostLine, SatelliteCost, amount, exact, total
from planner.economics.ground import basis, discount_rate_fraction
from planner.economics.option import Option
from planner.errors import InputError, Problem


def orbital_option(
    catalog: Catalog,
    *,
    satellites: Sequence[SatelliteCost],
    launch: Amount | float,
    launch_months: float = 0.0,
    delivered_accelerator_h: float | None = None,
    entry: str = "fleet",
    rate_fraction: float | None = None,
) -> Option:
    """Return the planned fleet as an option.

    Per accelerator-hour this is [CRF·(bus + launch)(1 + insurance) + CRF_it·racks + operations + ground + development
    + spares]/hours, each line with its own life.

    Parameters
    ----------
    catalog
        Assumptions (``orbital_costs.<entry>``).
    satellites
        What flies, by type.
    launch
        Price of all flights (`planner.economics.costs.launch_cost`, or the manifest's `cost_usd`).
    launch_months
        Months from the first to the last flight.
    delivered_accelerator_h
        Accelerator-hours a year that the fleet's power and its losses leave; None takes the catalog's availability.
    rate_fraction
        Discount rate; None takes the catalog's.

    Raises
    ------
    InputError
        For a fleet without output: no satellites, no power, no hours.
    """
    sheet = catalog.entry("orbital_costs", entry)
    it_kw = math.fsum(item.count * item.it_kw for item in satellites)
    if not it_kw > 0.0:
        raise InputError(Problem("orbital option", "the fleet has no IT power; a cost per gigawatt needs some"))
    launch = launch if isinstance(launch, Amount) else exact(launch)
    accelerators = sum(item.count * item.accelerators for item in satellites)
    hours = accelerators * HOURS_PER_YEAR
    available = sheet.assumption("availability_fraction")
    low_h, high_h = hours * available.low, hours * available.high
    if delivered_accelerator_h is None:
        delivered_accelerator_h = hours * available.value
    else:
        # Losses are as uncertain as without a plan; what power does not allow stays out of the range.
        scale = delivered_accelerator_h / available.value if available.value > 0.0 else 0.0
        low_h = available.low * scale
        high_h = max(delivered_accelerator_h, min(hours, available.high * scale))
    lead = sheet.assumption("build_lead_months")
    return Option(
        name="orbital",
        title="Orbital fleet of this plan",
        basis=f"the plan's satellites and launch manifest; {basis(sheet)}",
        it_kw=it_kw,
        accelerator=", ".join(dict.fromkeys(item.accelerator for item in satellites if item.count)),
        accelerators=accelerators,
        lines=_lines(sheet, satellites, launch, it_kw),
        delivered_accelerator_h=delivered_accelerator_h,
        delivered_low_h=low_h,
        delivered_high_h=high_h,
        lead_time_months=lead.value + launch_months,
        lead_time_low_months=lead.low + launch_months,
        lead_time_high_months=lead.high + launch_months,
        rate_fraction=discount_rate_fraction(catalog) if rate_fraction is None else rate_fraction,
        included=("racks", "satellite buses", "launch", "insurance", "spare satellites", "gateways", "operations"),
        excluded=(
            "spectrum",
            "disposal beyond deorbiting",
            "debris liability",
            "replacement after the satellite's life",
        ),
    )


def _lines(sheet: Entry, satellites: Sequence[SatelliteCost], launch: Amount, it_kw: float) -> tuple[CostLine, ...]:
    racks = total(item.rack_cost.times(item.count) for item in satellites)
    buses = total(item.bus_cost.times(item.count) for item in satellites)
    power = [item.count * item.it_kw for item in satellites]
    life_yr = math.fsum(w * item.life_yr for w, item in zip(power, satellites, strict=True)) / math.fsum(power)
    insured = total((buses, launch))
    flown = total((racks, buses, launch))

    def part(name: str, of: Amount) -> Amount:
        share = sheet.assumption(name)
        return of.times(share.value, share.low, share.high)

    return (
        CostLine("racks", racks, min(life_yr, sheet["chips_life_yr"])),
        CostLine("satellite buses", buses, life_yr),
        CostLine("launch", launch, life_yr),
        CostLine("insurance", part("insurance_fraction", insured), life_yr),
        CostLine("spare satellites", part("spares_fraction", flown), life_yr),
        CostLine("gateways", amount(sheet.assumption("gateway_usd_kw")).times(it_kw), sheet["gateway_life_yr"]),
        CostLine("development", amount(sheet.assumption("nonrecurring_usd_kw")).times(it_kw), life_yr),
        CostLine("operations", part("operations_per_yr", buses), None),
    )


def claimed_orbital_option(
    catalog: Catalog, *, it_gw: float, entry: str = "claimed", rate_fraction: float | None = None
) -> Option:
    """Return the orbital gigawatt as the speakers describe it: chips, launch, and a spacecraft that costs nothing."""
    sheet = catalog.entry("orbital_costs", entry)
    accelerators = math.floor(it_gw * 1e9 / sheet["accelerator_w"] + 1e-6)
    hours = accelerators * HOURS_PER_YEAR
    available = sheet.assumption("availability_fraction")
    lead = sheet.assumption("lead_time_months")
    names = {"racks": "chips_usd_gw", "satellite buses": "bus_usd_gw", "launch": "launch_usd_gw"}
    return Option(
        name="orbital, as claimed",
        title=sheet.title,
        basis=basis(sheet),
        it_kw=it_gw * 1e6,
        accelerator=sheet.label("accelerator"),
        accelerators=accelerators,
        lines=tuple(
            CostLine(name, amount(sheet.assumption(figure)).times(it_gw), sheet["life_yr"])
            for name, figure in names.items()
        ),
        delivered_accelerator_h=hours * available.value,
        delivered_low_h=hours * available.low,
        delivered_high_h=hours * available.high,
        lead_time_months=lead.value,
        lead_time_low_months=lead.low,
        lead_time_high_months=lead.high,
        rate_fraction=discount_rate_fraction(catalog) if rate_fraction is None else rate_fraction,
        included=("racks", "launch"),
        excluded=(
            "satellite buses (priced at zero)",
            "insurance",
            "spares",
            "ground stations",
            "operations",
            "development",
        ),
    )
