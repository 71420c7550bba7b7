"""The question: does a manifest keep every rule, judged from its rows, the demands and the vehicles alone.

Nothing here is shared with the planning side but the tables themselves: masses, volumes, months, payloads, costs and
counts are worked out again from first principles, so that one mistake cannot hide in both. No solver is imported.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from planner.launch.rows import Flight, Manifest
from planner.launch.vehicles import PlaneDemand, Vehicle
from planner.outcome import Violation

_TOLERANCE = 1e-6  # relative: sums of a few hundred floats agree to about 1e-13


def audit_manifest(
    manifest: Manifest,
    demands: Sequence[PlaneDemand],
    vehicles: Sequence[Vehicle],
    *,
    start: date,
    deadline_months: int,
    budget_usd: float | None = None,
) -> tuple[Violation, ...]:
    """Return every rule that `manifest` breaks; an empty tuple is a clean bill.

    `start`, `deadline_months` and `budget_usd` are what the user asked for, so that a manifest that answers another
    question is found too.

    Rules: ``vehicle``, ``plane`` (both known), ``load`` (whole satellites aboard), ``type`` (one to a flight),
    ``mass``, ``volume``, ``reach``, ``availability``, ``deadline``, ``cadence``, ``satellites`` (flown + left out =
    wanted), ``all fly``, ``row`` (sums written in the row), ``price``, ``budget``, ``objective``, ``bound``,
    ``question``, ``name``.
    """
    wanted = {(demand.shell, demand.plane): demand for demand in demands}
    fleet = {vehicle.name: vehicle for vehicle in vehicles}
    found: list[Violation] = []
    for flight in manifest.flights:
        found += _flight(flight, wanted, fleet, start, deadline_months)
    found += _cadence(manifest.flights, fleet, start)
    found += _satellites(manifest, wanted)
    found += _money(manifest, budget_usd)
    found += _question(manifest, start, deadline_months, budget_usd)
    return tuple(found)


def _flight(
    flight: Flight,
    wanted: dict[tuple[str, int], PlaneDemand],
    fleet: dict[str, Vehicle],
    start: date,
    deadline_months: int,
) -> list[Violation]:
    place = f"flight {flight.name}"
    vehicle = fleet.get(flight.vehicle)
    if vehicle is None:
        return [Violation("vehicle", f"{place}, {flight.vehicle}", 1.0, 0.0, "flights of an unknown vehicle")]
    loads = []
    for plane, count in zip(flight.planes, flight.satellites_by_plane, strict=False):
        demand = wanted.get((flight.shell, plane))
        if demand is None:
            where = f"{place}, shell {flight.shell}, plane {plane}"
            return [Violation("plane", where, float(count), 0.0, "satellites to an unknown plane")]
        loads.append((demand, count))
    found = []
    lengths = {len(flight.planes), len(flight.satellites_by_plane)}
    if not loads or min(count for _, count in loads) < 1 or len(lengths) > 1 or len(set(flight.planes)) < len(loads):
        found.append(Violation("load", place, float(sum(flight.satellites_by_plane)), 1.0, "satellites per plane"))
        return found
    types = {(demand.mass_kg, demand.volume_m3, demand.it_kw) for demand, _ in loads}
    if len(types) > 1:
        found.append(Violation("type", place, float(len(types)), 1.0, "types of satellite"))
    found += _load(flight, loads, vehicle)
    age = _months(vehicle.available_from, flight.month)
    if age < 0:
        found.append(Violation("availability", place, float(age), 0.0, "months since the vehicle flies"))
    month = _months(start, flight.month)
    if not 0 <= month < deadline_months or flight.month.day != 1:
        found.append(Violation("deadline", place, float(month), float(deadline_months - 1), "months from the start"))
    return found


def _load(flight: Flight, loads: list[tuple[PlaneDemand, int]], vehicle: Vehicle) -> list[Violation]:
    place = f"flight {flight.name}"
    mass_kg = sum(count * demand.mass_kg for demand, count in loads)
    volume_m3 = sum(count * demand.volume_m3 for demand, count in loads)
    it_kw = sum(count * demand.it_kw for demand, count in loads)
    lift_kg = min(_lift_kg(vehicle, demand.inclination_deg) for demand, _ in loads)
    room_m3 = vehicle.packing_fraction * vehicle.fairing_volume_m3
    span = max(flight.planes) - min(flight.planes) + 1
    fraction = max(mass_kg / lift_kg, volume_m3 / room_m3)
    checks: list[tuple[str, float, float, str, Callable[[float, float], bool]]] = [
        ("mass", mass_kg, lift_kg, "kg", _above),
        ("volume", volume_m3, room_m3, "m³", _above),
        ("reach", float(span), float(vehicle.planes_per_flight), "planes", _above),
        ("row", flight.mass_kg, mass_kg, "kg", _differs),
        ("row", flight.volume_m3, volume_m3, "m³", _differs),
        ("row", flight.it_kw, it_kw, "kW", _differs),
        ("row", flight.load_fraction, fraction, "of the capacity", _differs),
        ("price", flight.cost_usd, vehicle.price_usd, "USD", _differs),
    ]
    return [Violation(rule, place, a, b, unit) for rule, a, b, unit, broken in checks if broken(a, b)]


def _lift_kg(vehicle: Vehicle, inclination_deg: float) -> float:
    """Return the payload: low-orbit rating to 53°, sun-synchronous from 90°, a straight line between."""
    if inclination_deg <= 53.0:
        return vehicle.payload_leo_kg
    if inclination_deg >= 90.0:
        return vehicle.payload_sso_kg
    return (
        vehicle.payload_leo_kg * (90.0 - inclination_deg) + vehicle.payload_sso_kg * (inclination_deg - 53.0)
    ) / 37.0


def _cadence(flights: Sequence[Flight], fleet: dict[str, Vehicle], start: date) -> list[Violation]:
    """Return months in which a vehicle flies more often than its rate gives by the end of that month."""
    counts = Counter((flight.vehicle, flight.month) for flight in flights)
    found = []
    for (name, month), count in sorted(counts.items()):
        vehicle = fleet.get(name)
        if vehicle is None:
            continue
        first = max(vehicle.available_from, start)
        k = _months(first, month)
        rate = vehicle.flights_per_month
        allowed = int((k + 1) * rate + 1e-9) - int(k * rate + 1e-9) if k >= 0 else 0
        if count > allowed:
            place = f"{name}, {month:%Y-%m}"
            found.append(Violation("cadence", place, float(count), float(allowed), "flights in the month"))
    return found


def _satellites(manifest: Manifest, wanted: dict[tuple[str, int], PlaneDemand]) -> list[Violation]:
    flown: Counter[tuple[str, int]] = Counter()
    for flight in manifest.flights:
        for plane, count in zip(flight.planes, flight.satellites_by_plane, strict=False):
            flown[flight.shell, plane] += count
    grounded: Counter[tuple[str, int]] = Counter()
    for row in manifest.left_out:
        grounded[row.shell, row.plane] += row.satellites
    found = []
    for key in sorted(set(flown) | set(grounded) | set(wanted)):
        target = wanted[key].satellites if key in wanted else 0
        total = flown[key] + grounded[key]
        if total != target or flown[key] < 0 or grounded[key] < 0:
            place = f"shell {key[0]}, plane {key[1]}"
            found.append(Violation("satellites", place, float(total), float(target), "satellites"))
    behind = sum(row.satellites for row in manifest.left_out)
    if manifest.objective == "minimum_cost" and behind:
        found.append(Violation("all fly", "manifest", float(behind), 0.0, "satellites left out"))
    names = Counter(flight.name for flight in manifest.flights)
    found += [Violation("name", f"flight {name}", float(n), 1.0, "rows") for name, n in names.items() if n > 1]
    return found


def _money(manifest: Manifest, budget_usd: float | None) -> list[Violation]:
    spent_usd = math.fsum(flight.cost_usd for flight in manifest.flights)
    power_kw = math.fsum(flight.it_kw for flight in manifest.flights)
    found = []
    if budget_usd is not None and _above(spent_usd, budget_usd):
        found.append(Violation("budget", "manifest", spent_usd, budget_usd, "USD"))
    outcome = manifest.outcome
    minimise = manifest.objective == "minimum_cost"
    value = spent_usd if minimise else power_kw
    if _differs(outcome.objective, value):
        found.append(Violation("objective", "outcome", outcome.objective, value, outcome.unit))
    better = outcome.bound > value if minimise else outcome.bound < value
    if better and _differs(outcome.bound, value):
        found.append(Violation("bound", "outcome", outcome.bound, value, outcome.unit))
    return found


def _question(manifest: Manifest, start: date, deadline_months: int, budget_usd: float | None) -> list[Violation]:
    found = []
    if _months(start, manifest.start) != 0:
        found.append(Violation("question", "start", float(_months(start, manifest.start)), 0.0, "months off"))
    if manifest.deadline_months != deadline_months:
        found.append(
            Violation("question", "deadline", float(manifest.deadline_months), float(deadline_months), "months")
        )
    if manifest.budget_usd != budget_usd:
        asked, used = (math.inf if x is None else x for x in (budget_usd, manifest.budget_usd))
        found.append(Violation("question", "budget", used, asked, "USD"))
    return found


def _months(first: date, then: date) -> int:
    return 12 * then.year + then.month - 12 * first.year - first.month


def _above(value: float, limit: float) -> bool:
    return not value <= limit + _TOLERANCE * max(1.0, abs(limit))


def _differs(value: float, target: float) -> bool:
    return not abs(value - target) <= _TOLERANCE * max(1.0, abs(target))
