"""The laser links and ground contacts of a fleet over time, as compressed rows per instant."""

from dataclasses import dataclass

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.times import TimeGrid


@dataclass(frozen=True, eq=False)
class LinkTable:
    """Laser links: rows ``offsets[t]:offsets[t + 1]`` hold instant ``t``.

    Attributes
    ----------
    times
        The grid.
    satellites
        Number of satellites that `a` and `b` index.
    offsets
        ``[time + 1]``.
    a, b
        ``[row]``, the two satellites, ``a < b``; each pair at most once per instant, rows sorted by (a, b).
    range_km
        ``[row]``, straight-line distance.
    capacity_gbps
        ``[row]``, rate in each direction.
    """

    times: TimeGrid
    satellites: int
    offsets: IntArray
    a: IntArray
    b: IntArray
    range_km: FloatArray
    capacity_gbps: FloatArray

    def __post_init__(self) -> None:
        if len(self.offsets) != self.times.count + 1 or self.offsets[-1] != len(self.a):
            raise ValueError("offsets: need one more than instants, ending at the number of rows")
        if np.any(self.a >= self.b) or (len(self.a) and (self.a.min() < 0 or self.b.max() >= self.satellites)):
            raise ValueError("a, b: need 0 ≤ a < b < satellites")
        if not (np.all(np.isfinite(self.range_km)) and np.all(self.range_km > 0)):
            raise ValueError("range_km: every link needs a finite positive range")

    @property
    def delay_ms(self) -> FloatArray:
        """``[row]``, one-way light time."""
        return floats(self.range_km / SPEED_OF_LIGHT_KM_S * 1e3)

    def rows(self, time: int) -> slice:
        """Return the rows of instant `time`."""
        return slice(int(self.offsets[time]), int(self.offsets[time + 1]))


@dataclass(frozen=True, eq=False)
class AccessTable:
    """Ground contacts: rows ``offsets[t]:offsets[t + 1]`` hold instant ``t``.

    Attributes
    ----------
    times
        The grid.
    satellites, sites
        Numbers of satellites and sites that `satellite` and `site` index.
    offsets
        ``[time + 1]``.
    site, satellite
        ``[row]``, sorted by (site, satellite).
    range_km
        ``[row]``, slant range.
    elevation_deg
        ``[row]``, above the site's geodetic horizon, no refraction.
    """

    times: TimeGrid
    satellites: int
    sites: int
    offsets: IntArray
    site: IntArray
    satellite: IntArray
    range_km: FloatArray
    elevation_deg: FloatArray

    @property
    def delay_ms(self) -> FloatArray:
        """``[row]``, one-way light time."""
        return floats(self.range_km / SPEED_OF_LIGHT_KM_S * 1e3)

    def rows(self, time: int) -> slice:
        """Return the rows of instant `time`."""
        return slice(int(self.offsets[time]), int(self.offsets[time + 1]))
