"""The question: what computing costs on the ground, at a gigawatt site, in containers and in homes."""

import math

from planner.catalog import Catalog, Entry
from planner.constants import HOURS_PER_YEAR
from planner.economics.costs import Amount, CostLine, amount, exact
from planner.economics.option import Option
from planner.errors import InputError, Problem

_KW_PER_GW = 1e6


def discount_rate_fraction(catalog: Catalog) -> float:
    """Return the catalog's discount rate."""
    return catalog.entry("finance", "capital")["discount_rate_fraction"]


def terrestrial_option(
    catalog: Catalog,
    *,
    it_gw: float,
    entry: str = "gigawatt_claimed",
    chips_usd_kw: float | None = None,
    start_in_yr: float = 0.0,
    rate_fraction: float | None = None,
) -> Option:
    """Return a terrestrial site of `it_gw` gigawatts of IT power.

    Parameters
    ----------
    catalog
        Assumptions.
    it_gw
        Rated IT power.
    entry
        ``gigawatt_claimed`` (the speakers) or ``gigawatt_published`` (analysts) of ``terrestrial_sites``.
    chips_usd_kw
        Price of racks; None takes the entry's. Give both sides of a comparison the same price, or say why not.
    start_in_yr
        Years from now when it is bought; power and cooling rise by the entry's inflation until then.
    rate_fraction
        Discount rate; None takes the catalog's.
    """
    site = catalog.entry("terrestrial_sites", entry)
    it_kw = it_gw * _KW_PER_GW
    rise = site.assumption("inflation_per_yr")
    factors = ((1.0 + rate) ** start_in_yr for rate in (rise.value, rise.low, rise.high))
    facility = _per_gw(site, "facility_usd_gw", it_kw).times(*factors)
    lines = (
        CostLine("racks", _chips(site, chips_usd_kw, it_kw), site["chips_life_yr"]),
        CostLine("power and cooling", facility, site["facility_life_yr"]),
        CostLine("energy", _energy(site, it_kw), None),
        CostLine("maintenance", _part(site, "maintenance_per_yr", facility), None),
    )
    return _ground(
        catalog,
        site,
        "terrestrial",
        it_kw,
        lines,
        rate_fraction,
        included=("racks", "building, power and cooling equipment", "electricity at the stated price", "maintenance"),
        excluded=("land", "taxes", "new power plants and grid", "network to users", "delay of permits"),
    )


def megapod_option(
    catalog: Catalog,
    *,
    it_gw: float,
    entry: str = "megapod",
    chips_usd_kw: float | None = None,
    rate_fraction: float | None = None,
) -> Option:
    """Return `it_gw` gigawatts of air-cooled container data centers; parameters as for `terrestrial_option`."""
    pod = catalog.entry("container_sites", entry)
    it_kw = it_gw * _KW_PER_GW
    module = amount(pod.assumption("module_usd_kw")).times(it_kw)
    site = amount(pod.assumption("site_usd_kw")).times(it_kw)
    both = Amount(module.usd + site.usd, module.low_usd + site.low_usd, module.high_usd + site.high_usd)
    lines = (
        CostLine("racks", _chips(pod, chips_usd_kw, it_kw), pod["chips_life_yr"]),
        CostLine("modules", module, pod["module_life_yr"]),
        CostLine("pad and connection", site, pod["site_life_yr"]),
        CostLine("energy", _energy(pod, it_kw), None),
        CostLine("maintenance", _part(pod, "maintenance_per_yr", both), None),
    )
    return _ground(
        catalog,
        pod,
        "megapod",
        it_kw,
        lines,
        rate_fraction,
        included=("racks", "modules", "pad and connection", "electricity at the stated price", "maintenance"),
        excluded=("land", "taxes", "the power plant and the wait for grid power", "network to users"),
    ).with_notes(
        ("the 90-day build is a claim about the module; only a trademark filing is public: set its figures yourself",)
    )


def home_option(
    catalog: Catalog,
    *,
    it_gw: float,
    entry: str = "powerwall_node",
    rate_fraction: float | None = None,
) -> Option:
    """Return a network of homes with `it_gw` gigawatts of IT power.

    One battery unit bounds a node: it carries at most its continuous power, so a node larger than that loses
    accelerators in proportion.
    """
    node = catalog.entry("home_nodes", entry)
    part = min(1.0, node["battery_power_kw"] / _positive(node, "node_kw"))
    per_node = math.floor(node["accelerators"] * part + 1e-9)
    node_kw = node["node_kw"] * per_node / _positive(node, "accelerators")
    if it_gw <= 0.0 or per_node < 1:
        raise InputError(Problem("home option", f"{it_gw:g} GW of nodes with {per_node} accelerators: no output"))
    homes = math.ceil(it_gw * _KW_PER_GW / node_kw - 1e-9)
    it_kw = homes * node_kw

    def each(*names: str) -> Amount:
        figures = [amount(node.assumption(name)) for name in names]
        return Amount(*(sum(getattr(f, end) for f in figures) for end in ("usd", "low_usd", "high_usd"))).times(homes)

    racks = amount(node.assumption("accelerator_usd")).times(homes * per_node)
    server = each("server_usd")
    racks = Amount(racks.usd + server.usd, racks.low_usd + server.low_usd, racks.high_usd + server.high_usd)
    lines = (
        CostLine("racks", racks, node["chips_life_yr"]),
        CostLine("batteries", each("battery_usd"), node["battery_life_yr"]),
        CostLine("installation and terminals", each("installation_usd", "terminal_usd"), node["chips_life_yr"]),
        CostLine("energy", _energy(node, it_kw * node["availability_fraction"]), None),
        CostLine("internet, hosts and visits", each("internet_usd_yr", "host_usd_yr", "visits_usd_yr"), None),
    )
    return _ground(
        catalog,
        node,
        "home",
        it_kw,
        lines,
        rate_fraction,
        included=(
            "accelerators and servers",
            "batteries given to homes",
            "installation",
            "residential power",
            "internet",
        ),
        excluded=(
            "solar roofs",
            "theft and warranty",
            "rights of homes and grid operators",
            "other accelerators than the rest",
        ),
        accelerators=homes * per_node,
        lead_months=_home_lead(node, homes),
    ).with_notes(_home_notes(node, homes, per_node))


def transfer_s(data_gb: float, rate_gbps: float) -> float:
    """Return the seconds that `data_gb` gigabytes take over a link of `rate_gbps` gigabits per second."""
    if not rate_gbps > 0.0:
        raise InputError(Problem("rate_gbps", f"{rate_gbps:g}, must be positive"))
    return 8.0 * data_gb / rate_gbps


CACHE_GB = 2_000 * 327_680 / 1e9
"""Attention cache of 2,000 tokens of a 70 B model: 2 · 80 layers · 8 heads · 128 · 2 bytes = 327,680 bytes a token."""


def _home_notes(node: Entry, homes: int, per_node: int) -> tuple[str, ...]:
    hours = node["battery_kwh"] / _positive(node, "battery_power_kw")
    power = (
        f"{homes:,} homes; one battery carries {node['battery_power_kw']:g} kW, so {per_node} of "
        f"{node['accelerators']:g} accelerators of a {node['node_kw']:g} kW node, for {hours:.2f} h without the grid"
    )
    network = (
        f"moving the attention cache of 2,000 tokens of a 70 B model ({CACHE_GB * 1000:.0f} MB) up from a home takes "
        f"{transfer_s(CACHE_GB, node['up_gbps']):.0f} s, over a 100 Gbit/s laser "
        f"{transfer_s(CACHE_GB, 100.0) * 1000:.1f} ms: inference cannot be split between homes"
    )
    return power, network


def _home_lead(node: Entry, homes: int) -> tuple[float, float, float]:
    _positive(node, "homes_per_month")
    rate = node.assumption("homes_per_month")
    return homes / rate.value, homes / rate.high, homes / rate.low


def _ground(
    catalog: Catalog,
    entry: Entry,
    name: str,
    it_kw: float,
    lines: tuple[CostLine, ...],
    rate_fraction: float | None,
    *,
    included: tuple[str, ...],
    excluded: tuple[str, ...],
    accelerators: int | None = None,
    lead_months: tuple[float, float, float] | None = None,
) -> Option:
    if accelerators is None:
        accelerators = math.floor(it_kw * 1000.0 / _positive(entry, "accelerator_w") + 1e-6)
    if lead_months is None:
        lead = entry.assumption("lead_time_months")
        lead_months = (lead.value, lead.low, lead.high)
    hours = accelerators * HOURS_PER_YEAR
    available = entry.assumption("availability_fraction")
    return Option(
        name=name,
        title=entry.title,
        basis=basis(entry),
        it_kw=it_kw,
        accelerator=entry.label("accelerator"),
        accelerators=accelerators,
        lines=lines,
        delivered_accelerator_h=hours * available.value,
        delivered_low_h=hours * available.low,
        delivered_high_h=hours * available.high,
        lead_time_months=lead_months[0],
        lead_time_low_months=lead_months[1],
        lead_time_high_months=lead_months[2],
        rate_fraction=discount_rate_fraction(catalog) if rate_fraction is None else rate_fraction,
        included=included,
        excluded=excluded,
    )


def _positive(entry: Entry, figure: str) -> float:
    """Return a figure that something is divided by; `InputError` naming it unless it is positive."""
    value = entry[figure]
    if not value > 0.0:
        path = entry.assumption(figure).path
        raise InputError(Problem(path, f"{value:g}, must be positive: a cost is divided by it"))
    return value


def basis(entry: Entry) -> str:
    """Return where an entry's figures come from: its catalog path and how many of each kind."""
    kinds = [figure.kind for figure in entry.figures.values()]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return f"{entry.collection}.{entry.name} ({counts})"


def _per_gw(entry: Entry, figure: str, it_kw: float) -> Amount:
    return amount(entry.assumption(figure)).times(it_kw / _KW_PER_GW)


def _chips(entry: Entry, chips_usd_kw: float | None, it_kw: float) -> Amount:
    return _per_gw(entry, "chips_usd_gw", it_kw) if chips_usd_kw is None else exact(chips_usd_kw * it_kw)


def _part(entry: Entry, figure: str, of: Amount) -> Amount:
    share = entry.assumption(figure)
    return of.times(share.value, share.low, share.high)


def _energy(entry: Entry, it_kw: float) -> Amount:
    """Return the yearly electricity of `it_kw` running all year, with what power and cooling draw beside it."""
    over = entry.assumption("power_overhead_fraction")
    hours = it_kw * HOURS_PER_YEAR
    return amount(entry.assumption("energy_usd_kwh")).times(
        hours * (1.0 + over.value), hours * (1.0 + over.low), hours * (1.0 + over.high)
    )
