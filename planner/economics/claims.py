"""The question: do the speakers' claims survive this fleet's figures, and what would make each of them fail.

A claim is turned into a number that must hold, this fleet's number is put beside it, and the test says where the line
is. A claim that this planner cannot test is said to be untested, not true.
"""

from dataclasses import dataclass
from typing import Literal

from planner.catalog import Catalog
from planner.economics.finance import break_even_usd_kw, crossing_yr, recovery_per_yr
from planner.economics.ground import discount_rate_fraction
from planner.economics.option import Option
from planner.errors import InputError, Problem

Verdict = Literal["holds", "fails", "not tested"]


@dataclass(frozen=True)
class ClaimTest:
    """One claim against this fleet.

    Attributes
    ----------
    claim
        What was said.
    source
        By whom.
    quantity, unit
        What is compared.
    needed
        What the quantity must not exceed for the claim to hold.
    found
        This fleet's value; None where the plan has none.
    verdict
        ``holds`` when `found` ≤ `needed`.
    fails_if
        What the answer would have to be for the claim to fail.
    boundary
        What both figures contain.
    """

    claim: str
    source: str
    quantity: str
    unit: str
    needed: float
    found: float | None
    verdict: Verdict
    fails_if: str
    boundary: str


def implied_usd_kg(launch_usd_gw: float, specific_mass_kg_kw: float) -> float:
    """Return the launch price per kilogram that a launch price per gigawatt implies: [$/kg]·[kg/kW] = [$/kW]."""
    if not specific_mass_kg_kw > 0.0:
        raise InputError(Problem("specific_mass_kg_kw", f"{specific_mass_kg_kw:g}, must be positive"))
    return launch_usd_gw / 1e6 / specific_mass_kg_kw


def orbital_total_usd_gw(chips_usd_gw: float, launch_usd_gw: float, bus_usd_w: float) -> float:
    """Return the orbital total per gigawatt when the spacecraft costs `bus_usd_w` per watt and not nothing."""
    return chips_usd_gw + launch_usd_gw + bus_usd_w * 1e9


def parity_usd_kg(catalog: Catalog, specific_mass_kg_kw: float, site: str = "gigawatt_claimed") -> float:
    """Return the launch price at which capital alone is equal: the ground's power and cooling per kilogram."""
    entry = catalog.entry("terrestrial_sites", site)
    return implied_usd_kg(entry["facility_usd_gw"], specific_mass_kg_kw)


def break_even_usd_kg(
    catalog: Catalog, specific_mass_kg_kw: float, *, orbital_life_yr: float, site: str = "gigawatt_claimed"
) -> float:
    """Return the launch-plus-bus price per kilogram at which orbit and ground cost the same every year."""
    per_kw = break_even_per_kw(catalog, orbital_life_yr=orbital_life_yr, site=site)
    return implied_usd_kg(per_kw * 1e6, specific_mass_kg_kw)


def break_even_per_kw(catalog: Catalog, *, orbital_life_yr: float, site: str = "gigawatt_claimed") -> float:
    """Return the launch-plus-bus price per kW of IT power at which both cost the same every year."""
    entry = catalog.entry("terrestrial_sites", site)
    energy = 8760.0 * (1.0 + entry["power_overhead_fraction"]) * entry["energy_usd_kwh"]
    return break_even_usd_kw(
        chips_usd_kw=entry["chips_usd_gw"] / 1e6,
        facility_usd_kw=entry["facility_usd_gw"] / 1e6,
        ground_usd_kw_yr=energy + entry["maintenance_per_yr"] * entry["facility_usd_gw"] / 1e6,
        chips_life_yr=entry["chips_life_yr"],
        facility_life_yr=entry["facility_life_yr"],
        orbital_life_yr=orbital_life_yr,
        rate_fraction=discount_rate_fraction(catalog),
    )


def crossing_with_ground_yr(catalog: Catalog, launch_usd_gw: float, site: str = "gigawatt_claimed") -> float | None:
    """Return the years until a falling launch price meets the rising price of power and cooling; None if never."""
    entry = catalog.entry("terrestrial_sites", site)
    fall = catalog.entry("published_estimates", "reference_fleet")["launch_fall_per_yr"]
    return crossing_yr(launch_usd_gw, entry["facility_usd_gw"], fall_per_yr=fall, rise_per_yr=entry["inflation_per_yr"])


def claim_tests(catalog: Catalog, *, orbital: Option, mass_kg: float, launch_usd: float) -> tuple[ClaimTest, ...]:
    """Return every claim of the discussion that this fleet can be held against.

    Parameters
    ----------
    catalog
        Assumptions, the speakers' among them.
    orbital
        The fleet as an option.
    mass_kg, launch_usd
        Satellite mass launched and what the launches cost.
    """
    if not mass_kg > 0.0:
        raise InputError(Problem("mass_kg", f"{mass_kg:g}, must be positive: nothing flies"))
    said = catalog.entry("orbital_costs", "claimed")
    kg_kw = mass_kg / orbital.it_kw
    launch = said.assumption("launch_usd_gw")
    return (
        _launch_claim(launch.source, launch.value, kg_kw, launch_usd / mass_kg),
        _total_claim(catalog, orbital),
        _yearly_claim(catalog, orbital),
        *_ground_claims(catalog),
    )


def _launch_claim(source: str, launch_usd_gw: float, kg_kw: float, found_usd_kg: float) -> ClaimTest:
    needed = implied_usd_kg(launch_usd_gw, kg_kw)
    return ClaimTest(
        f"a gigawatt is launched for ${launch_usd_gw / 1e9:g} B",
        source,
        f"launch price at this fleet's {kg_kw:.1f} kg/kW",
        "USD/kg",
        needed,
        found_usd_kg,
        _verdict(found_usd_kg, needed),
        f"launching costs more than ${needed:,.0f}/kg, or satellites weigh more than "
        f"{launch_usd_gw / 1e6 / found_usd_kg:.1f} kg/kW at ${found_usd_kg:,.0f}/kg"
        if found_usd_kg > 0.0
        else f"launching costs more than ${needed:,.0f}/kg",
        "launches only, over rated IT power; mass of whole satellites, price of whole flights, full or not",
    )


def _total_claim(catalog: Catalog, orbital: Option) -> ClaimTest:
    site = catalog.entry("terrestrial_sites", "gigawatt_claimed")
    needed = site["chips_usd_gw"] + site["facility_usd_gw"]
    racks_usd = orbital.line("racks").amount.usd
    found = (orbital.capital.usd - racks_usd) / orbital.it_kw * 1e6 + site["chips_usd_gw"]
    return ClaimTest(
        "an orbital gigawatt costs about $40 B, less than $60 B on the ground",
        site.assumption("facility_usd_gw").source,
        "capital per GW with the speakers' $35 B of chips",
        "USD/GW",
        needed,
        found,
        _verdict(found, needed),
        "bus, launch, spares, insurance, gateways and development cost more than "
        f"${site['facility_usd_gw'] / 1e9:g} B per GW",
        f"{orbital.boundary} Ground: chips, power and cooling; neither energy nor operations on either side, and a "
        "satellite that lasts a quarter as long as a building",
    )


def _yearly_claim(catalog: Catalog, orbital: Option) -> ClaimTest:
    site = catalog.entry("terrestrial_sites", "gigawatt_claimed")
    launch = orbital.line("launch")
    life_yr = launch.life_yr or 0.0
    needed = break_even_per_kw(catalog, orbital_life_yr=life_yr)
    found = (launch.amount.usd + orbital.line("satellite buses").amount.usd) / orbital.it_kw
    return ClaimTest(
        "orbit is cheaper than the ground",
        site.assumption("facility_usd_gw").source,
        f"launch and bus per kW that cost the same a year over {life_yr:g} years",
        "USD/kW",
        needed,
        found,
        _verdict(found, needed),
        f"launch and bus together cost more than ${needed:,.0f}/kW, at {discount_rate_fraction(catalog):.0%} a year",
        "annuities of chips, power and cooling and the ground's energy against chips, bus and launch; in orbit no "
        "operations, insurance, spares or gateways, chips that die with the satellite, and as many hours as on the "
        "ground",
    )


def _ground_claims(catalog: Catalog) -> tuple[ClaimTest, ...]:
    pod = catalog.entry("container_sites", "megapod").assumption("lead_time_months")
    node = catalog.entry("home_nodes", "powerwall_node")
    carried = node["battery_power_kw"]
    return (
        ClaimTest(
            "a container data center is built in 90 days",
            pod.source,
            "months from order to computing",
            "months",
            pod.value,
            None,
            "not tested",
            "any site waits longer than 90 days for its power connection",
            "the module only; nothing in this plan bears on it",
        ),
        ClaimTest(
            f"one home battery carries a {node['node_kw']:g} kW compute node",
            node.assumption("node_kw").source,
            "power of the node against one battery unit",
            "kW",
            carried,
            node["node_kw"],
            _verdict(node["node_kw"], carried),
            f"the node draws more than the {carried:g} kW that one unit gives continuously",
            "one battery unit, grid absent; the household's own load not counted",
        ),
    )


def _verdict(found: float, needed: float) -> Verdict:
    return "holds" if found <= needed else "fails"


def equal_annuity_usd(invested_usd: float, life_yr: float, other_life_yr: float, rate_fraction: float) -> float:
    """Return what may be invested over `other_life_yr` for the yearly cost of `invested_usd` over `life_yr`."""
    return invested_usd * recovery_per_yr(rate_fraction, life_yr) / recovery_per_yr(rate_fraction, other_life_yr)
