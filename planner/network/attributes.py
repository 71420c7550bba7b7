"""What do the columns of fleet and sites say of one node? A mapping from names that makes its entries when asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from planner.orbit.elements import Fleet
from planner.orbit.sites import GroundSites


@dataclass(frozen=True, eq=False)
class NodeAttributes(Mapping[str, Mapping[str, object]]):
    """Attributes of every satellite and site by name; nothing is made before it is asked for.

    Satellites have ``shell``, ``plane``, ``slot`` and ``rack_type``, sites ``latitude_deg``, ``longitude_deg`` and
    ``elevation_m``, all plain Python values.
    """

    fleet: Fleet
    sites: GroundSites

    def __getitem__(self, name: str) -> Mapping[str, object]:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.fleet.names
        yield from self.sites.names

    def __len__(self) -> int:
        return len(self.fleet) + len(self.sites)

    @cached_property
    def _made(self) -> dict[str, dict[str, object]]:
        fleet, sites = self.fleet, self.sites
        satellites = zip(fleet.shells, fleet.planes.tolist(), fleet.slots.tolist(), fleet.rack_types, strict=True)
        places = zip(sites.latitude_deg.tolist(), sites.longitude_deg.tolist(), sites.elevation_m.tolist(), strict=True)
        keys, site_keys = ("shell", "plane", "slot", "rack_type"), ("latitude_deg", "longitude_deg", "elevation_m")
        rows = [(keys, row) for row in satellites] + [(site_keys, row) for row in places]
        names = fleet.names + sites.names
        return {name: dict(zip(labels, row, strict=True)) for name, (labels, row) in zip(names, rows, strict=True)}
