"""What a study found, as figures with their units: the content of report.json and of the summary in the terminal."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from planner import __version__
from planner.arrays import FloatArray, IntArray
from planner.errors import OutputError, Problem, legible
from planner.outcome import Outcome
from planner.report.folder import MARK
from planner.report.network_figures import network_figures
from planner.report.rows import worst_gap
from planner.report.tables import clean
from planner.scenario import Study
from planner.scenario.outlook import ACTIVITIES

_LIBRARIES: Final = ("numpy", "scipy", "skyfield", "sgp4", "networkx", "ortools")


@dataclass(frozen=True)
class Report:
    """The answer of a plan in numbers.

    Attributes
    ----------
    name, description
        Of the plan.
    plan_sha256
        Digest of the resolved plan.
    versions
        Package to version, the planner's first.
    figures
        ``name_unit`` to value; None where there is nothing to tell.
    proofs
        Question to what its optimiser proved.
    jobs
        One mapping per job: asked, served, value.
    options
        One mapping per cost option.
    claims
        One mapping per claim put to the test.
    warnings
        What a reader must know.
    """

    name: str
    description: str
    plan_sha256: str
    versions: Mapping[str, str]
    figures: Mapping[str, float | None]
    proofs: Mapping[str, Mapping[str, Any]]
    jobs: tuple[Mapping[str, Any], ...]
    options: tuple[Mapping[str, Any], ...]
    claims: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON can hold it."""
        cleaned: dict[str, Any] = clean(asdict(self))
        return cleaned


def build_report(study: Study) -> Report:
    """Work a study through and sum it up."""
    proofs = {"placement": _proof(study.placement.outcome)}
    if study.manifest is not None:
        proofs["manifest"] = _proof(study.manifest.outcome)
    if study.network.traffic is not None:
        proofs["traffic"] = _proof(study.network.traffic.traffic)
        proofs["routing"] = _proof(study.network.traffic.outcome)
    versions = {"orbital-compute-planner": __version__} | {name: version(name) for name in _LIBRARIES}
    return Report(
        name=study.plan.name,
        description=study.plan.description,
        plan_sha256=study.loaded.sha256,
        versions=versions,
        figures=dict(_figures(study)),
        proofs=proofs,
        jobs=tuple(_jobs(study)),
        options=tuple(_options(study)),
        claims=tuple(asdict(claim) for claim in study.claims),
        warnings=study.warnings,
    )


def _proof(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome without its wall-clock time, which would make equal runs differ."""
    proof = asdict(outcome)
    del proof["wall_s"]
    return proof | {"gap_fraction": outcome.gap_fraction, "audit": "passed"}


def _figures(study: Study) -> Iterator[tuple[str, float | None]]:
    budget, lit = study.budget, study.sunlit_fraction
    rated_w = sum(rack.rack_power_w for rack in study.designs)
    yield "satellites", len(study.fleet)
    yield "satellites_lost", int(np.count_nonzero(study.flight.sgp4_errors))
    yield "accelerators", sum(rack.accelerators for rack in study.designs)
    yield "duration_h", study.times.duration_s / 3600.0
    yield "it_power_mw", rated_w / 1e6
    yield "sunlit_fraction", _mean(lit[np.isfinite(lit)])
    yield "longest_shadow_min", _longest_shadow(lit) * study.times.step_s / 60.0
    yield from _years(study)
    yield "compute_fraction", _ratio(budget.compute_w.sum(), rated_w * study.times.count)
    yield "mean_links", len(study.links.a) / study.times.count
    yield from _latency(study)
    yield from network_figures(study)
    wanted, served = study.placement.wanted_h, study.placement.served_h
    size = np.array([job.accelerators for job in study.jobs], dtype=np.float64)
    yield "asked_accelerator_h", float((wanted * size).sum())
    yield "served_accelerator_h", float((served * size).sum())
    yield "served_fraction", _ratio((served * size).sum(), (wanted * size).sum())
    yield "placed_value_usd", float(study.placement.value_usd.sum())
    manifest = study.manifest
    if manifest is not None:
        yield "flights", len(manifest.flights)
        yield "launched_satellites", manifest.satellites
        yield "launch_cost_usd", manifest.cost_usd
        yield "launch_usd_kg", manifest.launch_usd_kg
        yield "launch_usd_kw", manifest.launch_usd_kw
        yield "specific_mass_kg_kw", manifest.specific_mass_kg_kw
    for option in study.comparison.options:
        yield f"{option.name}_usd_gpu_h", option.per_accelerator_h.usd
        yield f"{option.name}_usd_gw", option.capital_per_gw.usd


def _years(study: Study) -> Iterator[tuple[str, float | None]]:
    """Yield what a year brings: mean sunlight, worst shadow, and what half of the satellites stay below of the rest."""
    found, seasons = study.outlook, study.outlook.seasons
    level = ACTIVITIES.index("mean")
    total = int(found.satellites.sum())
    yield "year_sunlit_fraction", _ratio(float((found.satellites * seasons.sunlit_fraction).sum()), total)
    yield "year_longest_eclipse_min", _most(seasons.longest_eclipse_min)
    yield "year_eclipse_days_d", _most(seasons.eclipse_days_d)
    yield "median_drag_delta_v_m_s_yr", _median(found.drag_delta_v_m_s_yr[level], found.satellites)
    yield "median_failed_lifetime_yr", _median(found.lifetime_yr[level], found.satellites)
    yield "shielding_mm", found.shielding_mm
    yield "median_dose_rad_yr", _median(found.dose_rad_yr, found.satellites)


def _most(values: FloatArray) -> float | None:
    return float(values.max()) if values.size else None


def _median(values: FloatArray, satellites: IntArray) -> float | None:
    """Return the median over satellites of what is known of their planes."""
    known = np.isfinite(values)
    return float(np.median(np.repeat(values[known], satellites[known]))) if known.any() else None


def _latency(study: Study) -> Iterator[tuple[str, float | None]]:
    """Yield how the sites reach each other and the fleet; unreachable is counted, never averaged."""
    count = len(study.sites.names)
    first, second = np.triu_indices(count, k=1)
    trips = 2.0 * study.site_latency_ms[:, first, second]
    reached = np.isfinite(trips)
    yield "site_pairs", len(first)
    yield "reachable_fraction", _mean(reached)
    yield "median_round_trip_ms", float(np.median(trips[reached])) if reached.any() else None
    yield "worst_round_trip_ms", float(trips[reached].max()) if reached.any() else None


def _mean(values: Any) -> float | None:  # noqa: ANN401 - any array
    return float(np.mean(values)) if np.size(values) else None


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _longest_shadow(lit: FloatArray) -> float:
    """Return the most steps of darkness in one passage through the shadow; a step in penumbra counts in part."""
    best = 0.0
    dark = np.zeros(lit.shape[1])
    for row in lit:
        dark = np.where(row < 1.0, dark + 1.0 - row, 0.0)
        best = max(best, float(dark.max(initial=0.0)))
    return best


def _jobs(study: Study) -> Iterator[dict[str, Any]]:
    placement = study.placement
    for i, job in enumerate(study.jobs):
        worst = worst_gap(placement, job.name)
        yield {
            "job": job.name,
            "accelerators": job.accelerators,
            "replicas": job.replicas,
            "wanted_accelerator_h": placement.wanted_h[i] * job.accelerators,
            "served_accelerator_h": placement.served_h[i] * job.accelerators,
            "served_fraction": placement.served_fraction[i],
            "moves": placement.moves[i],
            "value_usd": placement.value_usd[i],
            "unserved_reason": None if worst is None else worst.reason,
            "unserved_detail": None if worst is None else worst.detail,
        }


def _options(study: Study) -> Iterator[dict[str, Any]]:
    for option in study.comparison.options:
        hour, capital = option.per_accelerator_h, option.capital_per_gw
        yield {
            "option": option.name,
            "title": option.title,
            "it_power_mw": option.it_kw / 1e3,
            "accelerators": option.accelerators,
            "capital_usd": option.capital.usd,
            "capital_usd_gw": capital.usd,
            "capital_low_usd_gw": capital.low_usd,
            "capital_high_usd_gw": capital.high_usd,
            "usd_gpu_h": hour.usd,
            "low_usd_gpu_h": hour.low_usd,
            "high_usd_gpu_h": hour.high_usd,
            "lead_time_months": option.lead_time_months,
            "boundary": option.boundary,
            "notes": option.notes,
        }


def read_report(folder: Path) -> dict[str, Any]:
    """Return the report.json of an earlier run; `OutputError` where there is none that can be read."""
    path = folder / MARK
    fix = "give the folder that planner run wrote"
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OutputError(Problem(str(path), f"cannot be read: {error.strerror or error}; {fix}")) from None
    except ValueError:
        raise OutputError(Problem(str(path), f"is not a report; {fix}")) from None
    except RecursionError:
        raise OutputError(Problem(str(path), f"is not a report; {fix}")) from None
    try:
        list(summary_lines(report))
    except (KeyError, TypeError, ValueError, AttributeError):
        reason = f"is not a report of this version of the planner; {fix}"
        raise OutputError(Problem(str(path), reason)) from None
    return cast("dict[str, Any]", report)


def summary_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the summary of a report (as JSON holds it), line by line."""
    figures = report["figures"]
    yield legible(f"{report['name']}: {report['description']}" if report["description"] else report["name"])
    yield ""
    yield (
        f"  fleet       {figures['satellites']:,} satellites, {figures['it_power_mw']:.4g} MW of racks, "
        f"{figures['accelerators']:,} accelerators"
    )
    yield (
        f"  sunlight    {share(figures['sunlit_fraction'])} of the time, longest shadow "
        f"{figures['longest_shadow_min']:.1f} min; compute power {share(figures['compute_fraction'])} of rating"
    )
    longest, drag, dose = (
        figures[name] for name in ("year_longest_eclipse_min", "median_drag_delta_v_m_s_yr", "median_dose_rad_yr")
    )
    yield (
        f"  a year      {share(figures['year_sunlit_fraction'])} in sunlight, shadow on "
        f"{_number(figures['year_eclipse_days_d'])} days, {_number(longest, digits=3)} min at most; drag "
        f"{_rough(drag)} m/s, dose {_rough(dose)} rad behind {figures['shielding_mm']:g} mm"
    )
    yield (
        f"  network     {figures['mean_links']:,.0f} laser links; site pairs reachable "
        f"{share(figures['reachable_fraction'])}, round trip median {_number(figures['median_round_trip_ms'])} ms, "
        f"worst {_number(figures['worst_round_trip_ms'])} ms"
    )
    yield f"  as one      {_as_one(figures)}"
    yield (
        f"  placement   {share(figures['served_fraction'])} of {figures['asked_accelerator_h']:,.0f} "
        f"accelerator-hours served, worth ${figures['placed_value_usd']:,.0f}"
    )
    if "flights" in figures:
        yield (
            f"  manifest    {figures['flights']} flights for {figures['launched_satellites']:,} satellites, "
            f"${figures['launch_cost_usd'] / 1e6:,.1f} M: ${_number(figures['launch_usd_kg'])}/kg, "
            f"${_number(figures['launch_usd_kw'])}/kW"
        )
    yield ""
    yield f"  {'cost':54} {'$ per accelerator-hour':>26} {'$ B per GW':>22} {'months':>7}"
    for option in report["options"]:
        hour = f"{option['usd_gpu_h']:.2f} ({option['low_usd_gpu_h']:.2f}–{option['high_usd_gpu_h']:.2f})"
        capital = (
            f"{option['capital_usd_gw'] / 1e9:.1f} "
            f"({option['capital_low_usd_gw'] / 1e9:.1f}–{option['capital_high_usd_gw'] / 1e9:.1f})"
        )
        yield f"  {legible(option['title'])[:54]:54} {hour:>26} {capital:>22} {option['lead_time_months']:>7.0f}"
    yield "  Every ratio and figure has its boundary beside it in report.html."
    yield ""
    for question, proof in report["proofs"].items():
        yield (
            f"  {question:11} {proof['status']}, objective {proof['objective']:,.6g} {proof['unit']}, "
            f"bound {proof['bound']:,.6g}, gap {proof['gap_fraction']:.2%}, audit {proof['audit']}"
        )


def _as_one(figures: Mapping[str, Any]) -> str:
    """Return how many accelerators train as one machine."""
    if not figures["joined_satellites"]:
        return "no two satellites are linked"
    each, often, rarely = (
        figures[name] for name in ("satellite_accelerators", "as_one_accelerators", "as_one_rarely_accelerators")
    )
    efficiency = f"at {share(figures['as_one_wanted_fraction'])} efficiency"
    steps = f"if they meet every {_number(figures['rare_steps'])} steps"
    if often > each:
        said = f"{often:,} accelerators train as one {efficiency}, {rarely:,} {steps}"
    else:
        rest = f"{rarely:,} do {steps}" if rarely > each else f"nor {steps}"
        said = f"no two satellites of {each:,} accelerators train as one {efficiency}, {rest}"
    return f"{said}; bisection {_number(figures['bisection_gbps'])} Gbit/s"


def share(fraction: float | None) -> str:
    """Return a part of one as a percentage, or a dash where there is nothing to tell."""
    return "–" if fraction is None else f"{fraction:.1%}"


def _rough(value: float | None) -> str:
    """Return a number to the two digits that a model of the air or of radiation is good for."""
    return "–" if value is None else f"{float(f'{value:.2g}'):,.5g}"


def _number(value: float | None, *, digits: int = 4) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.{digits}g}"
