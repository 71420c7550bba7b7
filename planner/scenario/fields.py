"""The fields of a plan: strict frozen models, where a default comes from, and types that several tables share.

Names that refer to the catalog are checked while the plan is read, against the catalog in the validation context.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from planner.errors import CatalogError

if TYPE_CHECKING:
    from planner.catalog import Catalog

DEFAULT = "planner default"


class Model(BaseModel):
    """Strict, frozen, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


def setting(default: Any, text: str, source: str = DEFAULT, **limits: Any) -> Any:  # noqa: ANN401 - as pydantic's Field
    """Return a field with a default, its meaning and where that default comes from."""
    return Field(default, description=text, json_schema_extra={"source": source}, **limits)


def required(text: str, **limits: Any) -> Any:  # noqa: ANN401 - as pydantic's Field
    """Return a field without a default."""
    return Field(description=text, **limits)


def _in_catalog(collection: str) -> AfterValidator:
    def check(name: str, info: ValidationInfo) -> str:
        catalog: Catalog | None = (info.context or {}).get("catalog")
        if catalog is not None:
            try:
                catalog.entry(collection, name)
            except CatalogError as error:
                raise ValueError(error.problems[0].reason) from None
        return name

    return AfterValidator(check)


def _from_text(value: object) -> object:
    """Return a time that JSON carries as text; TOML has times of its own."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be a time with its zone, such as 2026-06-21T00:00:00Z") from None


def _day_from_text(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be a day, such as 2028-01-01") from None


Instant = Annotated[AwareDatetime, BeforeValidator(_from_text)]
Day = Annotated[date, BeforeValidator(_day_from_text)]
Label = Annotated[str, Field(min_length=1, max_length=120)]
PlanName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
RackName = Annotated[str, _in_catalog("rack_satellites")]
TerminalName = Annotated[str, _in_catalog("laser_terminals")]
TrainingModelName = Annotated[str, _in_catalog("training_models")]
VehicleName = Annotated[str, _in_catalog("launch_vehicles")]
GroundSiteName = Annotated[str, _in_catalog("terrestrial_sites")]
AltitudeKm = Annotated[float, Field(ge=160.0, le=50_000.0)]
"""160 km is where a satellite without thrust stays up for less than a day; SGP4 is meaningless below."""
