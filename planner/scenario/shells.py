"""The fleet tables of a plan: shells to design, and element sets to read.

A designed shell has the names and units of the function of `planner.orbit` that designs it, which checks once more
what only it can know.
"""

from math import pi, sqrt
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field, model_validator

from planner.orbit import sun_synchronous_inclination_deg
from planner.orbit.design.trains import MINIMUM_SEPARATION_KM
from planner.scenario.fields import AltitudeKm, Label, Model, RackName, required, setting


class _Shell(Model):
    name: Label = required("name of the shell")
    rack: RackName = required("satellite type, an entry of rack_satellites in the catalog")


class _DesignedShell(_Shell):
    @property
    def arguments(self) -> dict[str, Any]:
        """What the function that designs the shell is called with, but for epoch and satellite type."""
        return self.model_dump(exclude={"kind", "rack"})


Theory = Literal["j2", "sgp4"]
Phasing = Annotated[int, Field(ge=0)] | Literal["safest"]
"""Units of 360° over all satellites by which each plane leads the one before; or the number that keeps satellites
farthest apart where planes cross."""
_THEORY = setting(
    "j2",
    "sun-synchronous inclination: j2, the published first order, or sgp4, whose local time stays when SGP4 flies it",
    "the figure that mission descriptions quote",
)


class SunSynchronousShell(_DesignedShell):
    """Circular sun-synchronous planes side by side, their nodes centred on one local time (18 h is dawn-dusk)."""

    kind: Literal["sun_synchronous"]
    altitude_km: Annotated[AltitudeKm, Field(le=5_900.0)] = required("mean altitude above the equatorial radius")
    ltan_h: float = setting(18.0, "mean local time of the ascending node", ge=0.0, lt=24.0)
    planes: int = setting(1, "number of planes", ge=1, le=1000)
    satellites_per_plane: int = required("satellites in each plane", ge=1, le=10_000)
    plane_spacing_deg: float = setting(2.0, "difference of the nodes of neighbouring planes", ge=0.0, le=30.0)
    phasing: Phasing = setting(1, "Walker phasing F between neighbouring planes, modulo planes, or safest")
    theory: Theory = _THEORY

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

    @property
    def arguments(self) -> dict[str, Any]:
        """As the base class says; the default phasing of one must fit a single plane too."""
        return super().arguments | ({} if self.phasing == "safest" else {"phasing": self.phasing % self.planes})

    @property
    def pattern(self) -> dict[str, Any]:
        """What `planner.orbit.phasing_separations_km` needs to know of the shell."""
        return {
            "altitude_km": self.altitude_km,
            "inclination_deg": sun_synchronous_inclination_deg(self.altitude_km, theory=self.theory),
            "planes": self.planes,
            "satellites_per_plane": self.satellites_per_plane,
            "plane_spacing_deg": self.plane_spacing_deg,
        }


class WalkerShell(_DesignedShell):
    """Walker constellation i: t/p/f; delta spreads the nodes over 360°, star over 180°."""

    kind: Literal["walker_delta", "walker_star"]
    altitude_km: AltitudeKm = required("mean altitude above the equatorial radius")
    inclination_deg: float = required("inclination", ge=0.0, le=180.0)
    satellites: int = required("t: satellites in all", ge=1, le=100_000)
    planes: int = required("p: planes, a divisor of t", ge=1, le=10_000)
    phasing: Phasing = setting(0, "f: phasing, 0 ≤ f < p, or safest")
    raan_deg: float = setting(0.0, "node of the first plane", ge=0.0, lt=360.0)
    plane_spacing_deg: float | None = Field(
        None, gt=0.0, le=180.0, description="walker_star: difference of neighbouring nodes; default: 180 over planes"
    )

    @model_validator(mode="after")
    def _divides(self) -> "WalkerShell":
        if self.plane_spacing_deg is not None and self.kind == "walker_delta":
            raise ValueError(
                "plane_spacing_deg belongs to walker_star; the planes of walker_delta are 360/planes apart"
            )
        if self.satellites % self.planes:
            raise ValueError(f"satellites {self.satellites} is not a multiple of planes {self.planes}")
        if self.phasing != "safest" and self.phasing >= self.planes:
            raise ValueError(f"phasing {self.phasing} must be below planes {self.planes}")
        return self

    @property
    def count(self) -> int:
        """Number of satellites."""
        return self.satellites

    @property
    def arguments(self) -> dict[str, Any]:
        """As the base class says; only a star's planes can be spaced."""
        return {
            name: value
            for name, value in super().arguments.items()
            if name != "plane_spacing_deg" or self.kind == "walker_star"
        }

    @property
    def pattern(self) -> dict[str, Any]:
        """What `planner.orbit.phasing_separations_km` needs to know of the shell."""
        over_deg = 360.0 if self.kind == "walker_delta" else 180.0
        return {
            "altitude_km": self.altitude_km,
            "inclination_deg": self.inclination_deg,
            "planes": self.planes,
            "satellites_per_plane": self.satellites // self.planes,
            "plane_spacing_deg": self.plane_spacing_deg or over_deg / self.planes,
        }


class DawnDuskTrain(_DesignedShell):
    """One sun-synchronous plane at each of several stacked altitudes, all at one local time."""

    kind: Literal["dawn_dusk_train"]
    altitudes_km: tuple[AltitudeKm, ...] = Field(
        min_length=1, max_length=1000, strict=False, description="mean altitudes, rising, at most 50 km apart"
    )
    satellites_per_shell: int = required("satellites at each altitude", ge=1, le=10_000)
    ltan_h: float = setting(18.0, "mean local time of the ascending nodes", ge=0.0, lt=24.0)
    minimum_separation_km: float = setting(
        MINIMUM_SEPARATION_KM, "nearest that two satellites may ever come", ge=0.0, le=1000.0
    )
    theory: Theory = _THEORY

    @property
    def count(self) -> int:
        """Number of satellites."""
        return len(self.altitudes_km) * self.satellites_per_shell


class RepeatGroundTrack(_DesignedShell):
    """Satellites whose ground track closes after some days; give inclination_deg or, sun-synchronous, ltan_h."""

    kind: Literal["repeat_ground_track"]
    days: int = required("nodal days after which the track closes", ge=1, le=1000)
    revolutions: int = required("revolutions in that time, without a common factor with days", ge=1, le=17_000)
    satellites: int = required("satellites in all", ge=1, le=100_000)
    inclination_deg: float | None = Field(None, ge=0.0, le=180.0, description="inclination")
    raan_deg: float = setting(0.0, "node of the first satellite's plane", ge=0.0, lt=360.0)
    ltan_h: float | None = Field(None, ge=0.0, lt=24.0, description="mean local time of that node, sun-synchronous")
    node_longitude_deg: float | None = Field(
        None, ge=-180.0, le=360.0, description="where the first satellite's track crosses the equator northward"
    )
    spread: Literal["track", "plane"] = setting("track", "one ground track for all, or one plane for all")
    minimum_separation_km: float = setting(0.0, "nearest that two satellites may ever come", ge=0.0, le=1000.0)
    theory: Theory = setting(
        "sgp4", "sun-synchronous inclination: j2 or sgp4", "the track closes by the rates that SGP4 flies"
    )

    @property
    def count(self) -> int:
        """Number of satellites."""
        return self.satellites


class Cluster(_DesignedShell):
    """A close formation on a lattice of relative orbits around one chief, after Project Suncatcher.

    Sun-synchronous at ``ltan_h``, dawn-dusk unless something else is said, or on any orbit by ``inclination_deg`` and
    ``raan_deg``.
    """

    kind: Literal["cluster"]
    altitude_km: AltitudeKm = setting(650.0, "mean altitude", "Project Suncatcher, arXiv:2511.19468")
    ltan_h: float | None = Field(None, ge=0.0, lt=24.0, description="mean local time of the ascending node")
    inclination_deg: float | None = Field(None, ge=0.0, le=180.0, description="inclination, with raan_deg")
    raan_deg: float | None = Field(None, ge=0.0, lt=360.0, description="node, with inclination_deg")
    mean_anomaly_deg: float = setting(0.0, "place on the orbit at the start, from the node", ge=0.0, lt=360.0)
    radius_km: float = setting(
        1.0, "farthest that a satellite is from the chief", "Project Suncatcher, arXiv:2511.19468", gt=0.0, le=50.0
    )
    spacing_km: float = setting(
        0.1, "closest approach of neighbours in the lattice", "Project Suncatcher, arXiv:2511.19468", gt=0.0, le=50.0
    )
    lattice: Literal["square", "hexagonal"] = setting(
        "square", "pattern of the relative orbits", "Project Suncatcher, arXiv:2511.19468"
    )
    cross_track_fraction: float = setting(0.0, "amplitude across the track over that along it", ge=0.0, le=10.0)
    minimum_separation_km: float = setting(0.0, "distance that no pair may fall below", ge=0.0, le=50.0)
    theory: Theory = _THEORY

    @property
    def count(self) -> int:
        """Number of satellites, to within the edge of the lattice: a circle's area over that of a cell."""
        cell = 1.0 if self.lattice == "square" else sqrt(0.75)
        return max(1, round(pi * (self.radius_km / (2.0 * self.spacing_km)) ** 2 / cell))


class ElementFile(_Shell):
    """Satellites from a published element set: TLE, 3LE, or OMM as CSV, JSON, XML or KVN."""

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


_SHELLS = (SunSynchronousShell, WalkerShell, DawnDuskTrain, RepeatGroundTrack, Cluster, ElementFile)
SHELL_KINDS: Final[dict[str, type[Model]]] = {
    kind: shell for shell in _SHELLS for kind in get_args(shell.model_fields["kind"].annotation)
}
"""What a table of the fleet holds, by its ``kind``."""

DesignedShell = SunSynchronousShell | WalkerShell | DawnDuskTrain | RepeatGroundTrack | Cluster
Shell = Annotated[DesignedShell | ElementFile, Field(discriminator="kind")]
