"""The tables of a plan about the laser network: who links to whom, and what is asked of the whole."""

from typing import Literal

from pydantic import Field, model_validator

from planner.scenario.fields import Model, TerminalName, TrainingModelName, setting

Topology = Literal["plus_grid", "mutual_nearest", "matching", "inter_shell", "cluster_mesh"]


class LinkSettings(Model):
    """The laser links between the satellites, and what their terminals can do."""

    terminal: TerminalName | None = Field(None, description="laser terminal; default: the satellite type's own")
    topology: Topology = setting(
        "plus_grid",
        "plus_grid, fixed neighbours of a designed shell; inter_shell, the same and links between shells; "
        "cluster_mesh, fixed neighbours of a formation; mutual_nearest or matching (most valuable links, kept while "
        "they are good) of any fleet",
    )
    terminals: int | None = Field(
        None, ge=1, le=16, description="terminals per satellite; default: the satellite type's own"
    )
    maximum_range_km: float | None = Field(None, gt=0, description="longest link; default: the terminal's own limit")
    grazing_altitude_km: float = setting(
        80.0,
        "lowest altitude a link may pass",
        "Hypatia (IMC 2020): links stay above the mesosphere",
        ge=0,
        le=500,
    )
    acquisition_s: float | None = Field(
        None, ge=0.0, le=3600.0, description="pointing before a link works; default: the terminal's own"
    )
    sun_exclusion_deg: float | None = Field(
        None, ge=0.0, lt=90.0, description="least angle between link and Sun; default: the terminal's own"
    )
    maximum_rate_deg_s: float | None = Field(
        None,
        gt=0.0,
        description="fastest turn of the line of sight against the stars, where neighbours of one orbit turn by "
        "0.06°/s; default: the terminal's own",
    )
    mounting: Literal["anywhere", "four_sides"] = setting(
        "anywhere", "every terminal points anywhere, or one each looks fore, aft, to port and to starboard"
    )
    field_of_regard_deg: float | None = Field(
        None,
        gt=0.0,
        le=180.0,
        description="four_sides: from the middle of each field of regard to its edge; default: the terminal's own",
    )
    hysteresis_fraction: float | None = Field(
        None, ge=0.0, le=10.0, description="matching: how much more a link is worth for standing already"
    )

    @model_validator(mode="after")
    def _sides(self) -> "LinkSettings":
        if self.field_of_regard_deg is not None and self.mounting != "four_sides":
            raise ValueError('field_of_regard_deg belongs to mounting = "four_sides"; set that, or leave it out')
        return self


class NetworkSettings(Model):
    """What the report asks of the network as a whole, at its best connected instant."""

    diameter_ms: float = setting(
        5.0, "largest one-way delay inside a group that acts as one data center", gt=0.0, le=1000.0
    )
    training_model: TrainingModelName = setting("llama2_70b", "model whose training is held against the lasers")
    efficiency_fraction: float = setting(
        0.9, "part of the time that accelerators must compute to act as one", gt=0.0, lt=1.0
    )
    traffic_objective: Literal["least_delay", "most_traffic", "least_load"] = setting(
        "least_delay", "how traffic is routed: most of it by the shortest ways, most of it, or with the least load"
    )
    losses: int = setting(20, "random orders in which satellites are lost, for the percolation curve", ge=1, le=1000)
    seed: int = setting(1, "seed of those orders", ge=0, le=2**31 - 1)
