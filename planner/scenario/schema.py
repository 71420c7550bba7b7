"""What a plan may say: frozen models that forbid anything unknown, with the unit in every key.

A default that stands for a choice carries its source in the field's ``source`` extra; `planner.scenario.load` lists
every default that a plan relied on, with that source.
"""

from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from planner.scenario.fields import (
    Day,
    GroundSiteName,
    Instant,
    Label,
    Model,
    PlanName,
    VehicleName,
    required,
    setting,
)
from planner.scenario.ground import Cities, Site, Traffic
from planner.scenario.laser import LinkSettings, NetworkSettings
from planner.scenario.shells import Shell

SUPPORTED_VERSIONS = (1,)


def _whole_microseconds(step_s: float) -> float:
    if abs(step_s * 1e6 - round(step_s * 1e6)) > 1e-4:
        raise ValueError("must be a whole number of microseconds, such as 33.333333")
    return step_s


class TimeSpan(Model):
    """When: ``start`` with either ``duration_h`` or ``end``, sampled every ``step_s``."""

    start: Instant = required("first instant, with its zone: 2026-06-21T00:00:00Z")
    duration_h: float | None = Field(None, ge=1e-6, le=87_600, description="length of the plan, hours")
    end: Instant | None = Field(None, description="end of the plan, instead of duration_h")
    step_s: Annotated[float, AfterValidator(_whole_microseconds)] = setting(
        60.0, "time step, seconds", ge=1.0, le=3600.0
    )

    @model_validator(mode="after")
    def _one_end(self) -> "TimeSpan":
        if (self.duration_h is None) == (self.end is None):
            raise ValueError("give either duration_h or end, not both and not neither")
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"end {self.end.isoformat()} is not after start {self.start.isoformat()}")
        if not datetime(1957, 10, 4, tzinfo=UTC) <= self.start < datetime(2150, 1, 1, tzinfo=UTC):
            raise ValueError(f"start {self.start.isoformat()} must lie between 1957-10-04 and 2150-01-01")
        if self.length > timedelta(hours=87_600):
            raise ValueError(f"end {self.length / timedelta(hours=1):,.0f} h after the start; at most 87,600 h (10 yr)")
        return self

    @property
    def length(self) -> timedelta:
        """Time from start to end."""
        if self.end is not None:
            return self.end - self.start
        return timedelta(hours=self.duration_h or 0.0)

    @property
    def count(self) -> int:
        """Number of steps."""
        return max(1, ceil(self.length.total_seconds() / self.step_s - 1e-9))


class SatelliteSettings(Model):
    """How the satellites are run."""

    age_yr: float = setting(0.0, "age of the arrays at the start of the plan", ge=0.0, le=20.0)
    eclipse_policy: Literal["ride_through", "throttle"] = setting(
        "ride_through", "in shadow: compute from the battery, or pause computing"
    )
    shielding_mm: float = setting(
        10.0, "aluminium around the electronics", "Project Suncatcher, arXiv:2511.19468", ge=2.0, le=20.0
    )


class JobSpec(Model):
    """Work that asks for accelerators."""

    name: Label = required("name")
    accelerators: int = required("accelerators of one replica", ge=1, le=10_000_000)
    replicas: int = setting(1, "identical copies", ge=1, le=100_000)
    spread: Literal["single", "group"] = setting(
        "single", "each replica whole on one satellite, or over a connected group of satellites"
    )
    site: str | None = Field(None, description="site of its users; needed with latency_budget_ms")
    latency_budget_ms: float | None = Field(None, gt=0, description="longest round trip site–satellite–site")
    power_fraction: float = setting(1.0, "power drawn, as part of the accelerator's full power", gt=0.0, le=1.0)
    value_usd_h: float = required("value of one replica served for an hour", ge=0.0, le=1e9)
    start_h: float = setting(0.0, "begin, hours after the start of the plan", ge=0.0)
    duration_h: float | None = Field(None, gt=0, description="length; default: to the end of the plan")
    required: bool = setting(False, "a plan that cannot serve this job in full has no answer")

    @model_validator(mode="after")
    def _latency_needs_a_site(self) -> "JobSpec":
        if self.latency_budget_ms is not None and self.site is None:
            raise ValueError("latency_budget_ms needs a site to measure from")
        return self


class PlacementSettings(Model):
    """How jobs are placed."""

    slot_min: float = setting(30.0, "length of a placement slot, a multiple of the time step", gt=0.0, le=1440.0)
    migration_cost_min: float = setting(
        1.0, "service lost when a replica moves to another satellite, minutes", ge=0.0, le=600.0
    )
    seed: int = setting(1, "seed of the solvers", ge=0, le=2**31 - 1)
    effort: float = setting(1.0, "multiplies the solvers' deterministic limits", gt=0.0, le=1000.0)


class LaunchSettings(Model):
    """How the fleet gets to orbit; without this table no manifest is made."""

    vehicles: tuple[VehicleName, ...] = Field(min_length=1, description="vehicles that may be used", strict=False)
    start: Day = required("first day on which a flight may leave", ge=date(1957, 10, 4), lt=date(2150, 1, 1))
    deadline_months: int = required("calendar months in which all must have flown", ge=1, le=240)
    objective: Literal["minimum_cost", "maximum_capacity"] = setting(
        "minimum_cost", "cheapest way to fly all, or most compute power for budget_usd"
    )
    budget_usd: float | None = Field(None, gt=0, le=1e12, description="launch budget, for maximum_capacity")
    planes_per_flight: int | None = Field(
        None, ge=1, le=10, description="neighbouring planes that one flight may serve; default: each vehicle's own"
    )
    spares_fraction: float = setting(0.0, "satellites flown beyond the plan, per plane", ge=0.0, le=1.0)
    seed: int = setting(1, "seed of the solver", ge=0, le=2**31 - 1)
    effort: float = setting(1.0, "multiplies the solver's deterministic limit", gt=0.0, le=1000.0)

    @model_validator(mode="after")
    def _budget(self) -> "LaunchSettings":
        if (self.objective == "maximum_capacity") != (self.budget_usd is not None):
            raise ValueError("budget_usd belongs to objective = maximum_capacity, and only to it")
        if len(set(self.vehicles)) != len(self.vehicles):
            raise ValueError("vehicles: each only once")
        return self


class EconomicSettings(Model):
    """The money comparison."""

    discount_rate_fraction: float | None = Field(
        None, gt=-1.0, le=1.0, description="real discount rate per year; default: finance.capital in the catalog"
    )
    site: GroundSiteName = setting("gigawatt_claimed", "ground site to compare with, an entry of terrestrial_sites")
    same_racks: bool = setting(
        True, "price the racks of site and containers as the orbital ones, so that only their place differs"
    )


class RunLimits(Model):
    """Guards against a plan too large for the machine."""

    memory_gb: float = setting(4.0, "largest memory the run may be estimated to need", ge=0.5, le=1024.0)


def _listed(*, what: str) -> Any:  # noqa: ANN401 - as pydantic's Field
    return Field(default=(), description=what, strict=False)


class Plan(Model):
    """A whole plan."""

    version: Literal[1] = required("version of this format")
    name: PlanName = required("name of the plan, also of its output folder: letters, digits, _ and -")
    description: str = Field("", max_length=2000, description="what the plan is for")
    time: TimeSpan
    fleet: tuple[Shell, ...] = Field(min_length=1, description="shells and element sets", strict=False)
    satellites: SatelliteSettings = SatelliteSettings()
    links: LinkSettings = LinkSettings()
    network: NetworkSettings = NetworkSettings()
    sites: tuple[Site, ...] = _listed(what="ground sites")
    cities: Cities | None = Field(None, description="cities as further sites")
    traffic: tuple[Traffic, ...] = _listed(what="what sites send to each other")
    jobs: tuple[JobSpec, ...] = _listed(what="work to place")
    placement: PlacementSettings = PlacementSettings()
    launch: LaunchSettings | None = Field(None, description="how the fleet gets to orbit")
    economics: EconomicSettings = EconomicSettings()
    limits: RunLimits = RunLimits()
    assumptions: dict[str, float] = Field(
        default_factory=dict, description='catalog figures to replace, as "collection.entry.figure" = value'
    )
