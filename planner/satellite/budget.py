"""How much computing each satellite can do at each moment, as a table."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, require_shape
from planner.times import TimeGrid

LIMITS: Final = ("rack", "sun", "battery", "radiator", "lost")
"""What bounds the compute power: the rack itself (nothing else does), the array in sunlight, the battery in shadow,
the radiator, or the satellite being gone."""


@dataclass(frozen=True, eq=False)
class PowerBudget:
    """Power of a fleet on a time grid; every array ``[time, sat]``, each value holding over the step that begins there.

    Attributes
    ----------
    times
        The grid.
    sunlit_fraction
        Part of the solar disc in view.
    solar_w
        Electrical power that the array brings to the bus.
    bus_w
        Power that everything but the rack draws; less than it wants where array and battery cannot feed it.
    compute_w
        Power left for the rack; 0 where the satellite is gone.
    battery_wh
        State of charge at the *beginning* of the step.
    spilled_w
        Array power neither used nor stored. Each step closes: what array and battery give is what bus and rack
        draw, plus what goes into the battery, plus this.
    limit
        Index into `LIMITS` of what bounds `compute_w`.
    """

    times: TimeGrid
    sunlit_fraction: FloatArray
    solar_w: FloatArray
    bus_w: FloatArray
    compute_w: FloatArray
    battery_wh: FloatArray
    spilled_w: FloatArray
    limit: IntArray

    def __post_init__(self) -> None:
        shape = self.compute_w.shape
        for name in ("sunlit_fraction", "solar_w", "bus_w", "compute_w", "battery_wh", "spilled_w", "limit"):
            require_shape(name, getattr(self, name), shape)
        if not np.all(np.isfinite(self.compute_w)):
            raise ValueError("compute_w: must be finite; a lost satellite has 0 W")
