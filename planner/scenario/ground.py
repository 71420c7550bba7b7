"""The tables of a plan about the ground: sites, cities taken as sites, and the traffic between them."""

from pydantic import Field, model_validator

from planner.links import largest_cities
from planner.scenario.fields import Label, Model, required, setting

_FILED = "Starlink's filed minimum, as taken by Hypatia (Kassing et al., IMC 2020)"


class Site(Model):
    """A ground site: the gateway that serves the users of its region."""

    name: Label = required("name")
    latitude_deg: float = required("geodetic latitude, north positive", ge=-90.0, le=90.0)
    longitude_deg: float = required("longitude, east positive", ge=-180.0, le=360.0)
    elevation_m: float = setting(0.0, "height above the WGS84 ellipsoid", ge=-500.0, le=9000.0)
    minimum_elevation_deg: float = setting(25.0, "lowest usable elevation angle", _FILED, ge=0.0, lt=90.0)
    maximum_range_km: float | None = Field(None, gt=0, description="longest usable slant range")
    backhaul_ms: float = setting(0.0, "one-way delay on the ground between the site and its users", ge=0.0, le=1000.0)
    antennas: int | None = Field(None, ge=1, le=10_000, description="satellites it can follow at once; default: all")
    antenna_gbps: float | None = Field(
        None, gt=0.0, le=1e6, description="rate of each antenna in each direction; default: unlimited"
    )
    outage_fraction: float = setting(0.0, "part of the time that weather closes the site", ge=0.0, lt=1.0)


class Cities(Model):
    """The largest cities as sites, all alike; each stands for the people who live in it."""

    largest: int = required("how many", ge=1, le=200)
    continents: tuple[str, ...] = Field((), strict=False, description="only those of these continents")
    countries: tuple[str, ...] = Field((), strict=False, description="only those of these countries")
    minimum_elevation_deg: float = setting(25.0, "lowest usable elevation angle", _FILED, ge=0.0, lt=90.0)
    backhaul_ms: float = setting(0.0, "one-way delay on the ground to their users", ge=0.0, le=1000.0)
    antennas: int | None = Field(None, ge=1, le=10_000, description="satellites each can follow at once; default: all")
    antenna_gbps: float | None = Field(
        None, gt=0.0, le=1e6, description="rate of each antenna in each direction; default: unlimited"
    )
    outage_fraction: float = setting(0.0, "part of the time that weather closes a site", ge=0.0, lt=1.0)

    @model_validator(mode="after")
    def _there_are_so_many(self) -> "Cities":
        largest_cities(self.largest, continents=self.continents, countries=self.countries)
        return self

    @property
    def sites(self) -> tuple[Site, ...]:
        """The cities as sites."""
        found = largest_cities(self.largest, continents=self.continents, countries=self.countries)
        alike = self.model_dump(exclude={"largest", "continents", "countries"})
        places = zip(found.names, found.latitude_deg.tolist(), found.longitude_deg.tolist(), strict=True)
        return tuple(
            Site(name=name, latitude_deg=latitude, longitude_deg=longitude, **alike)
            for name, latitude, longitude in places
        )


class Traffic(Model):
    """What one site sends to another through the lasers, one way."""

    source: Label = required("site that sends")
    target: Label = required("site that receives")
    gbps: float = required("rate asked for", gt=0.0, le=1e6)
    maximum_ms: float | None = Field(None, gt=0.0, description="longest one-way light time of a path; default: any")
    required: bool = setting(False, "a plan that cannot carry this traffic in full has no answer")

    @model_validator(mode="after")
    def _two_ends(self) -> "Traffic":
        if self.source == self.target:
            raise ValueError(f'source and target are both "{self.source}"; name two sites')
        return self
