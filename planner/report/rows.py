"""The tables of a study as columns: fleet, links, power, placement, manifest.

Each function returns a `Table` that becomes one CSV file. Links and power are summed up over the plan and over the
placement slots: every instant of every link would be hundreds of megabytes, and a library user has the arrays.
"""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.links import LinkTable
from planner.report.tables import Table
from planner.satellite import LIMITS
from planner.scenario import Study
from planner.workload import Placement, Unserved


def fleet_table(study: Study) -> Table:
    """Return one row per satellite: elements at its epoch, satellite type, sunlight and SGP4's verdict."""
    fleet = study.fleet
    epochs = _epochs(fleet.epoch_jd, fleet.epoch_fraction)
    lit = study.sunlit_fraction
    known = np.isfinite(lit)
    share = np.divide(np.where(known, lit, 0).sum(axis=0), known.sum(axis=0), out=np.full(len(fleet), np.nan),
                      where=known.any(axis=0))  # fmt: skip
    return Table(
        "fleet",
        {
            "satellite": fleet.names,
            "shell": fleet.shells,
            "plane": fleet.planes.tolist(),
            "slot": fleet.slots.tolist(),
            "rack_type": fleet.rack_types,
            "catalog_number": [number or None for number in fleet.catalog_numbers.tolist()],
            "epoch_utc": epochs,
            "altitude_km": fleet.altitude_km.tolist(),
            "inclination_deg": fleet.inclination_deg.tolist(),
            "raan_deg": fleet.raan_deg.tolist(),
            "eccentricity_fraction": fleet.eccentricity_fraction.tolist(),
            "argument_of_perigee_deg": fleet.argument_of_perigee_deg.tolist(),
            "mean_anomaly_deg": fleet.mean_anomaly_deg.tolist(),
            "mean_motion_rev_d": (fleet.mean_motion_rad_min * 1440.0 / (2.0 * np.pi)).tolist(),
            "sunlit_fraction": share.tolist(),
            "sgp4_error": study.flight.sgp4_errors.tolist(),
        },
    )


def _epochs(whole: FloatArray, fraction: FloatArray) -> list[str]:
    """Return ISO 8601 UTC epochs to the millisecond; 2,440,587.5 is the Julian date of 1970-01-01."""
    milliseconds = np.round((whole - 2_440_587.5) * 86_400e3 + fraction * 86_400e3).astype(np.int64)
    return [f"{stamp}Z" for stamp in milliseconds.astype("datetime64[ms]").astype(str).tolist()]


def links_table(study: Study) -> Table:
    """Return one row per pair of satellites that are ever linked: how long, how far, how fast."""
    links, names = study.links, study.fleet.names
    pair, a, b = _pairs(links)
    count = np.bincount(pair, minlength=len(a))
    order = np.argsort(pair, kind="stable")
    starts = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64) if len(a) else np.zeros(0, dtype=np.int64)
    spans, rates = links.range_km[order], links.capacity_gbps[order]
    totals = [reduce.reduceat(spans, starts) if len(a) else np.zeros(0) for reduce in (np.minimum, np.add, np.maximum)]
    slowest = np.minimum.reduceat(rates, starts) if len(a) else np.zeros(0)
    return Table(
        "links",
        {
            "satellite_a": [names[i] for i in a],
            "satellite_b": [names[i] for i in b],
            "linked_fraction": (count / links.times.count).tolist(),
            "minimum_range_km": totals[0].tolist(),
            "mean_range_km": (totals[1] / count).tolist(),
            "maximum_range_km": totals[2].tolist(),
            "capacity_gbps": slowest.tolist(),
        },
    )


def _pairs(links: LinkTable) -> tuple[IntArray, IntArray, IntArray]:
    """Return the number of each row's pair, and both ends of each pair, sorted."""
    keys, pair = np.unique(links.a * max(links.satellites, 1) + links.b, return_inverse=True)
    return pair.astype(np.int64), *(part.astype(np.int64) for part in np.divmod(keys, max(links.satellites, 1)))


def power_table(study: Study) -> Table:
    """Return one row per satellite and placement slot: sunlight, least compute power and what limited it."""
    budget, capacity = study.budget, study.capacity
    first = capacity.first_step[:-1]
    lengths = np.diff(capacity.first_step)[:, None]
    slots, satellites = capacity.compute_w.shape
    lowest = np.stack(
        [budget.compute_w[a:b].argmin(axis=0) + a for a, b in zip(first, capacity.first_step[1:], strict=True)]
    )
    columns = np.arange(satellites)
    lit = np.where(np.isfinite(budget.sunlit_fraction), budget.sunlit_fraction, 0.0)

    def mean(values: FloatArray) -> list[float]:
        return (np.add.reduceat(values, first, axis=0) / lengths).ravel().tolist()

    return Table(
        "power",
        {
            "slot": np.repeat(np.arange(slots), satellites).tolist(),
            "start_utc": [_utc(study, int(step)) for step in first for _ in range(satellites)],
            "satellite": list(study.fleet.names) * slots,
            "mean_sunlit_fraction": mean(lit),
            "mean_solar_w": mean(budget.solar_w),
            "mean_compute_w": mean(budget.compute_w),
            "minimum_compute_w": capacity.compute_w.ravel().tolist(),
            "minimum_battery_wh": np.minimum.reduceat(budget.battery_wh, first, axis=0).ravel().tolist(),
            "accelerators": capacity.accelerators.ravel().tolist(),
            "limit": [LIMITS[code] for code in budget.limit[lowest, columns].ravel()],
        },
    )


def placement_table(study: Study) -> Table:
    """Return one row per job, slot and satellite on which it runs."""
    placement = study.placement
    first = study.capacity.first_step
    return Table(
        "placement",
        {
            "job": [placement.jobs[i] for i in placement.job],
            "group": [None if group < 0 else int(group) for group in placement.group],
            "slot": placement.slot.tolist(),
            "start_utc": [_utc(study, int(first[slot])) for slot in placement.slot],
            "satellite": [study.fleet.names[i] for i in placement.satellite],
            "replicas": placement.replicas.tolist(),
            "accelerators": placement.accelerators.tolist(),
            "power_w": placement.power_w.tolist(),
        },
    )


def manifest_table(study: Study) -> Table:
    """Return one row per flight; only the header without a launch table in the plan."""
    flights = () if study.manifest is None else study.manifest.flights
    return Table(
        "manifest",
        {
            "flight": [flight.name for flight in flights],
            "month": [flight.month for flight in flights],
            "vehicle": [flight.vehicle for flight in flights],
            "shell": [flight.shell for flight in flights],
            "planes": [" ".join(map(str, flight.planes)) for flight in flights],
            "satellites": [flight.satellites for flight in flights],
            "satellites_by_plane": [" ".join(map(str, flight.satellites_by_plane)) for flight in flights],
            "mass_kg": [flight.mass_kg for flight in flights],
            "it_kw": [flight.it_kw for flight in flights],
            "load_fraction": [flight.load_fraction for flight in flights],
            "cost_usd": [flight.cost_usd for flight in flights],
        },
    )


def _utc(study: Study, step: int) -> str:
    return study.times.datetime_at(step).strftime("%Y-%m-%dT%H:%M:%SZ")


def worst_gap(placement: Placement, job: str) -> Unserved | None:
    """Return the row that keeps the most replica-slots of a job from running; None when all of it runs."""
    rows = [row for row in placement.unserved if row.job == job]
    return max(rows, key=lambda row: row.replicas * (row.last_slot - row.first_slot + 1), default=None)
