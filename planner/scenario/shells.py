"""The fleet tables of a plan: shells to design, and element sets to read.

A designed shell has the names and units of the function of `planner.orbit` that designs it, which checks once more
what only it can know.
"""

from typing import Annotated, Final, Literal, get_args

from pydantic import Field, model_validator

from planner.scenario.fields import AltitudeKm, Label, Model, RackName, required, setting


class _Shell(Model):
    name: Label = required("name of the shell")
    rack: RackName = required("satellite type, an entry of rack_satellites in the catalog")


class SunSynchronousShell(_Shell):
    """Circular sun-synchronous planes side by side, their nodes centred on one local time (18 h is dawn-dusk)."""

    kind: Literal["sun_synchronous"]
    altitude_km: Annotated[AltitudeKm, Field(le=5_900.0)] = required("mean altitude above the equatorial radius")
    ltan_h: float = setting(18.0, "mean local time of the ascending node", ge=0.0, lt=24.0)
    planes: int = setting(1, "number of planes", ge=1, le=1000)
    satellites_per_plane: int = required("satellites in each plane", ge=1, le=10_000)
    plane_spacing_deg: float = setting(2.0, "difference of the nodes of neighbouring planes", ge=0.0, le=30.0)
    phasing: int = setting(1, "Walker phasing F between neighbouring planes, modulo planes", ge=0)

    @model_validator(mode="after")
    def _planes_apart(self) -> "SunSynchronousShell":
        if self.planes > 1 and not 0.0 < self.plane_spacing_deg * self.planes <= 360.0:
            raise ValueError(
                f"plane_spacing_deg {self.plane_spacing_deg:g} makes two of {self.planes} planes coincide; "
                f"it must be above 0 and at most {360.0 / self.planes:g}"
            )
        return self

    @property
    def count(self) -> int:
        """Number of satellites."""
        return self.planes * self.satellites_per_plane


class WalkerShell(_Shell):
    """Walker constellation i: t/p/f; delta spreads the nodes over 360°, star over 180°."""

    kind: Literal["walker_delta", "walker_star"]
    altitude_km: AltitudeKm = required("mean altitude above the equatorial radius")
    inclination_deg: float = required("inclination", ge=0.0, le=180.0)
    satellites: int = required("t: satellites in all", ge=1, le=100_000)
    planes: int = required("p: planes, a divisor of t", ge=1, le=10_000)
    phasing: int = setting(0, "f: phasing, 0 ≤ f < p", ge=0)
    raan_deg: float = setting(0.0, "node of the first plane", ge=0.0, lt=360.0)

    @model_validator(mode="after")
    def _divides(self) -> "WalkerShell":
        if self.satellites % self.planes:
            raise ValueError(f"satellites {self.satellites} is not a multiple of planes {self.planes}")
        if self.phasing >= self.planes:
            raise ValueError(f"phasing {self.phasing} must be below planes {self.planes}")
        return self

    @property
    def count(self) -> int:
        """Number of satellites."""
        return self.satellites


class ElementFile(_Shell):
    """Satellites from a published element set: TLE, 3LE, OMM CSV or OMM JSON."""

    kind: Literal["elements"]
    file: str | None = Field(None, description="path of the file, inside the folder of the plan")
    bundled: str | None = Field(None, description="path below tle/, for a set that comes with the planner")
    minimum_altitude_km: float = setting(160.0, "leave out satellites below", ge=160.0)
    maximum_altitude_km: float = setting(2000.0, "leave out satellites above", le=50_000.0)
    limit: int | None = Field(None, ge=1, description="take at most this many, in file order")
    maximum_age_d: float = setting(
        14.0,
        "warn about elements older than this at the start",
        "SGP4 errors grow to tens of km in days",
        gt=0,
    )

    @model_validator(mode="after")
    def _one_source(self) -> "ElementFile":
        if (self.file is None) == (self.bundled is None):
            raise ValueError("give either file or bundled, not both and not neither")
        if self.minimum_altitude_km >= self.maximum_altitude_km:
            raise ValueError("minimum_altitude_km must be below maximum_altitude_km")
        return self

    @property
    def count(self) -> int:
        """Number of satellites at most, before the file is read."""
        return self.limit or 0


_SHELLS = (SunSynchronousShell, WalkerShell, ElementFile)
SHELL_KINDS: Final[dict[str, type[Model]]] = {
    kind: shell for shell in _SHELLS for kind in get_args(shell.model_fields["kind"].annotation)
}
"""What a table of the fleet holds, by its ``kind``."""

Shell = Annotated[SunSynchronousShell | WalkerShell | ElementFile, Field(discriminator="kind")]
