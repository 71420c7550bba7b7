"""The chapter of the report page on the orbits: what the years bring to each shell."""

from collections.abc import Sequence

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.environment import REENTRY_ALTITUDE_KM, Activity
from planner.report import figures
from planner.report.page import Figure, Section, TableView
from planner.report.tables import Table
from planner.scenario import Study
from planner.scenario.flight import VIEW_ELEVATION_DEG
from planner.scenario.outlook import ACTIVITIES, Outlook, decays

_MOST_SHELLS = 60
_MOST_PICTURES = 4


def orbit_section(study: Study) -> Section:
    """Return the chapter: eclipse seasons over a year, drag, lifetime and dose, shell by shell."""
    found = study.outlook
    seasons = found.seasons
    lead = (
        "The plan itself spans hours or days; these are the years around it, from each plane's mean orbit. Orbits are "
        "taken to be held: a shell that drifts or decays has other seasons."
    )
    return Section(
        "orbits",
        "The years ahead",
        lead,
        (
            figures.eclipse_seasons(seasons.times, seasons.beta_deg, seasons.eclipse_min, _labels(found)),
            _sun_table(found),
            _air_table(found),
            _decay(study),
            figures.coverage_by_latitude(study.coverage, minimum_elevation_deg=VIEW_ELEVATION_DEG),
            *_clusters(study),
        ),
    )


def orbits_table(study: Study) -> Table:
    """Return one row per orbital plane: mean orbit, a year of shadow, drag at three activities, dose."""
    found = study.outlook
    seasons, planes = found.seasons, found.seasons.planes
    columns: dict[str, list[object]] = {
        "shell": list(found.shells),
        "rack_type": list(found.rack_types),
        "satellites": found.satellites.tolist(),
        "altitude_km": found.altitude_km.tolist(),
        "eccentricity_fraction": planes.eccentricity_fraction.tolist(),
        "inclination_deg": planes.inclination_deg.tolist(),
        "raan_deg": planes.raan_deg.tolist(),
        "raan_rate_deg_d": planes.raan_rate_deg_d.tolist(),
        "nodal_period_min": planes.period_min.tolist(),
        "lowest_beta_deg": np.abs(seasons.beta_deg).min(axis=1).tolist(),
        "highest_beta_deg": np.abs(seasons.beta_deg).max(axis=1).tolist(),
        "sunlit_fraction": seasons.sunlit_fraction.tolist(),
        "longest_eclipse_min": seasons.longest_eclipse_min.tolist(),
        "eclipse_days_d": seasons.eclipse_days_d.tolist(),
        "flying_kg_m2": found.flying_kg_m2.tolist(),
        "failed_kg_m2": found.failed_kg_m2.tolist(),
    }
    for row, activity in enumerate(ACTIVITIES):
        columns[f"failed_lifetime_{activity}_activity_yr"] = found.lifetime_yr[row].tolist()
    for row, activity in enumerate(ACTIVITIES):
        columns[f"drag_delta_v_{activity}_activity_m_s_yr"] = found.drag_delta_v_m_s_yr[row].tolist()
    columns["shielding_mm"] = [found.shielding_mm] * len(found)
    columns["dose_rad_yr"] = found.dose_rad_yr.tolist()
    return Table("orbits", columns)


def _labels(found: Outlook) -> list[str]:
    """Name each plane by its shell, and by its number there where the shell has several."""
    counts: dict[str, int] = {}
    labels = []
    for shell in found.shells:
        labels.append(f"{shell}, plane {counts.get(shell, 0)}" if found.shells.count(shell) > 1 else shell)
        counts[shell] = counts.get(shell, 0) + 1
    return labels


def _clusters(study: Study) -> tuple[Figure | TableView, ...]:
    """Return a picture of each cluster and a table of them all; nothing where the plan has none."""
    clusters = study.clusters
    if not clusters:
        return ()
    table = TableView.first(
        "Clusters: how near satellites come, and what the Earth's oblateness asks for",
        {
            "shell": [cluster.shell for cluster in clusters],
            "satellites": [len(cluster.fleet) for cluster in clusters],
            "farthest out, m": [round(1e3 * cluster.geometry.radius_km) for cluster in clusters],
            "nearest pair, m": [round(1e3 * cluster.geometry.minimum_separation_km, 1) for cluster in clusters],
            "untrimmed drift, km a day": [
                _shown(float(np.abs(cluster.drift.along_track_km_d).max()), -2) for cluster in clusters
            ],
            "one trim, mm/s": [_shown(1e3 * float(np.abs(cluster.drift.trim_m_s).max()), -2) for cluster in clusters],
            "held in step, m/s a year": [_shown(cluster.drift.worst_holding_m_s_yr, -2) for cluster in clusters],
            "per km": [_shown(cluster.drift.worst_holding_per_km_m_s_yr, -2) for cluster in clusters],
        },
        limit=_MOST_SHELLS,
    )
    pictures = [
        figures.cluster_view(cluster.fleet, cluster.geometry, number=number)
        for number, cluster in enumerate(clusters[:_MOST_PICTURES])
    ]
    return (*pictures, table)


def _sun_table(found: Outlook) -> TableView:
    """Return the orbit and the year of sunlight of each shell; what differs between its planes as from – to."""
    seasons, planes, rows = found.seasons, found.seasons.planes, _rows(found)

    def span(values: FloatArray, digits: int) -> list[str]:
        return [_span(values[row], digits) for row in rows.values()]

    return TableView.first(
        "A year of sunlight, shell by shell",
        {
            "shell": list(rows),
            "satellites": [int(found.satellites[row].sum()) for row in rows.values()],
            "altitude, km": span(found.altitude_km, 0),
            "inclination, °": span(planes.inclination_deg, 2),
            "nodal period, min": span(planes.period_min, 2),
            "in sunlight, %": span(100.0 * seasons.sunlit_fraction, 1),
            "longest shadow, min": span(seasons.longest_eclipse_min, 1),
            "days with shadow": span(seasons.eclipse_days_d, 0),
        },
        limit=_MOST_SHELLS,
        empty="There are no satellites, so there are no orbits.",
    )


def _air_table(found: Outlook) -> TableView:
    """Return drag and dose of each shell, at low, mean and high solar activity."""
    rows = _rows(found)

    def by_activity(values: FloatArray, order: Sequence[Activity]) -> list[str]:
        levels = [ACTIVITIES.index(activity) for activity in order]
        return [" / ".join(_span(values[level, row], -2) for level in levels) for row in rows.values()]

    return TableView.first(
        "Drag and radiation, shell by shell",
        {
            "shell": list(rows),
            "drag make-up, m/s a year (low / mean / high Sun)": by_activity(
                found.drag_delta_v_m_s_yr, ("low", "mean", "high")
            ),
            "down after a failure, years (high / mean / low Sun)": by_activity(
                found.lifetime_yr, ("high", "mean", "low")
            ),
            f"dose behind {found.shielding_mm:g} mm Al, rad a year": [
                _span(found.dose_rad_yr[row], -2) for row in rows.values()
            ],
        },
        limit=_MOST_SHELLS,
        empty="There are no satellites, so there is no drag.",
    )


def _rows(found: Outlook) -> dict[str, IntArray]:
    """Return the planes of each shell, in the order of the fleet."""
    shells = np.array(found.shells)
    return {shell: np.flatnonzero(shells == shell).astype(np.int64) for shell in dict.fromkeys(found.shells)}


def _span(values: FloatArray, digits: int) -> str:
    """Return one number, or "from – to"; `digits` after the point, or significant ones where negative."""
    known = values[np.isfinite(values)]
    if not known.size:
        return "–"
    ends = [_shown(float(end), digits) for end in (known.min(), known.max())]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"


def _shown(value: float, digits: int) -> str:
    if digits >= 0:
        return f"{value:,.{digits}f}"
    rounded = float(f"{value:.{-digits}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 10.0 else f"{rounded:g}"


def _decay(study: Study) -> Figure:
    """Draw how a failed satellite of the most populous orbits comes down."""
    found = study.outlook
    plane = int(_most_satellites(found)[0]) if len(found) else -1
    histories = decays(found, study.loaded.catalog, plane) if len(found) else {}
    shell = found.shells[plane] if len(found) else ""
    curves = {
        f"{shell}, {activity} solar activity": (history.elapsed_yr, history.altitude_km)
        for activity, history in histories.items()
    }
    return figures.decay(curves, floor_km=REENTRY_ALTITUDE_KM)


def _most_satellites(found: Outlook) -> IntArray:
    """Return planes by falling number of satellites, those with a lifetime first."""
    told = floats(np.isfinite(found.lifetime_yr).all(axis=0))
    return np.lexsort((-found.satellites, -told)).astype(np.int64)
