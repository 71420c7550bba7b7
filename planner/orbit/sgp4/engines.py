"""Which arithmetic flies a satellite: this package's near-Earth SGP4, or the sgp4 library, which flies them all.

An engine is made once for the satellites that it takes and then asked for stretches of time in turn. It writes into the
columns of its satellites, turned into the frame that the instants' matrices lead to, and leaves the others alone.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.orbit.elements import Fleet
from planner.orbit.sgp4 import nearearth

if TYPE_CHECKING:
    from planner.orbit.sgp4.turning import Answer, Instants

Engine = Literal["auto", "sgp4"]
"""``auto``: near-Earth satellites by `nearearth`, all others by sgp4; ``sgp4``: every satellite by sgp4."""

_SGP4_EPOCH_JD: Final = 2_433_281.5
"""1949-12-31 00:00 UTC, from which ``sgp4init`` counts days."""
_STATES_AT_ONCE: Final = 65_536
"""What sgp4 is asked for at a time: 3 MB of states, still in the cache when they are turned."""


@dataclass(frozen=True, eq=False)
class NearEarthEngine:
    """Satellites that `nearearth` covers: their columns in the answer, and the constants of their motion."""

    columns: IntArray
    constants: FloatArray

    @classmethod
    def of(cls, fleet: Fleet, columns: IntArray) -> "NearEarthEngine":
        """Take these satellites of the fleet."""
        # Eccentric ones take more work; they come last, so that others need not wait for them.
        ordered = columns[np.argsort(fleet.eccentricity_fraction[columns] > nearearth.ECCENTRIC, kind="stable")]
        return cls(ordered, nearearth.constants(fleet, ordered))

    def fly(self, instants: "Instants", spin_rad_s: float, answer: "Answer", workers: int) -> None:
        """Write the states at some instants (see `turning`), each worker those of its share of the satellites."""
        from planner.orbit.sgp4.kernel import LANES, TILE, fly

        def some(begin: int, end: int) -> None:
            tile = np.zeros(1, TILE)
            cells = tile.view(np.float64).reshape(-1, LANES)
            rows = (begin, end, width)
            fly(tile[0], cells, self.constants, self.columns, rows, instants, spin_rad_s, answer)

        satellites = len(self.columns)
        width = tile_width(satellites, len(instants[0]), LANES)
        tiles = -(-satellites // width)
        edges = [min(tiles * part // workers * width, satellites) for part in range(workers + 1)]
        if workers == 1:
            some(0, satellites)
            return
        with ThreadPoolExecutor(workers) as pool:
            for _ in pool.map(some, edges[:-1], edges[1:]):
                pass


@dataclass(frozen=True, eq=False)
class Sgp4Engine:
    """Satellites that the sgp4 library flies: their columns in the answer, and its array of them."""

    columns: IntArray
    array: Any

    @classmethod
    def of(cls, fleet: Fleet, columns: IntArray) -> "Sgp4Engine":
        """Take these satellites of the fleet."""
        return cls(columns, satrec_array(fleet, columns))

    def fly(self, instants: "Instants", spin_rad_s: float, answer: "Answer") -> None:
        """Write the states at some instants (see `turning`); one after another, because sgp4 lets nobody beside it."""
        from planner.orbit.sgp4.turning import turn_all

        codes, positions_km, velocities_km_s = answer
        utc_jd, utc_fraction, rotations = instants
        stride = max(1, _STATES_AT_ONCE // len(self.columns))
        for first in range(0, len(utc_jd), stride):
            rows = slice(first, first + stride)
            found, places, motions = self.array.sgp4(utc_jd[rows], utc_fraction[rows])
            part = (codes, positions_km[rows], velocities_km_s[rows])
            turn_all(found, places, motions, self.columns, rotations[rows], spin_rad_s, part)


def tile_width(satellites: int, instants: int, lanes: int) -> int:
    """Return how many satellites should share a tile of `lanes` states, so that the fewest tiles hold them all."""
    widths = np.arange(1, min(lanes, satellites) + 1)
    tiles = -(-satellites // widths) * -(-instants // (lanes // widths))
    # The widest of the best: its states lie side by side in memory.
    return int(widths[len(tiles) - 1 - np.argmin(tiles[::-1])])


def satrec_array(fleet: Fleet, columns: IntArray) -> Any:  # noqa: ANN401 - sgp4 carries no types
    """Return an ``sgp4.api.SatrecArray`` (WGS72, improved mode) of some satellites; there must be one at least.

    An empty SatrecArray crashes sgp4.
    """
    from sgp4.api import WGS72, Satrec, SatrecArray

    radians = np.radians([fleet.argument_of_perigee_deg, fleet.inclination_deg, fleet.mean_anomaly_deg, fleet.raan_deg])
    # The reference code forms the epoch that initialises the lunar and solar terms as one float of Julian days. Its
    # rounding (20 µs) moves the most eccentric verification orbit by 4 mm, so it is kept.
    epoch_days = (fleet.epoch_jd + fleet.epoch_fraction) - _SGP4_EPOCH_JD
    made = []
    for i in columns:
        perigee, inclination, anomaly, node = radians[:, i]
        satrec = Satrec()
        satrec.sgp4init(
            WGS72, "i", 0, epoch_days[i], fleet.bstar_per_radius[i], 0.0, 0.0, fleet.eccentricity_fraction[i],
            perigee, inclination, anomaly, fleet.mean_motion_rad_min[i], node,
        )  # fmt: skip
        # The instant that time is counted from, on the other hand, must be exact: 20 µs are 15 cm along the track.
        satrec.jdsatepoch, satrec.jdsatepochF = fleet.epoch_jd[i], fleet.epoch_fraction[i]
        made.append(satrec)
    return SatrecArray(made)
