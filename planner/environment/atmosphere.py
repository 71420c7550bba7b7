"""How dense is the air that a satellite flies through? Total mass density by altitude and solar activity.

The table (``planner/data/atmosphere.toml``) holds the global mean of a published model at three levels of solar
activity, 120 to 2,000 km; between two altitudes the logarithm of the density is interpolated. Day and night, seasons
and storms are averaged away: this is for months and years, not for the next pass. An altitude is that of a mean
semi-major axis above the equatorial radius, as everywhere in a design. Leading axes broadcast.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import BoolArray, FloatArray, floats, lock
from planner.catalog import Catalog
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, EARTH_MU_KM3_S2
from planner.errors import CatalogError, Problem

Activity = Literal["low", "mean", "high"]
"""Solar activity held for the whole time: a solar minimum, the long-term level that a lifetime is reckoned with, and
the maximum of a strong cycle. The Sun goes through all three in eleven years, so that the outer two bound what lasts
longer than a few years rather than forecast it."""

Bound = Literal["value", "low", "high"]
"""Which figure of the catalog to take: the planning value, or an end of the range that the model may be off by."""

EARTH_ROTATION_RAD_S: Final = 7.292_115e-5
"""Rotation rate of the Earth, and of the air with it. NIMA TR8350.2 (2000), table 3.1."""

_COLUMN: Final = re.compile(r"density_(\d+)_km_kg_m3")


@dataclass(frozen=True, eq=False)
class Atmosphere:
    """Density by altitude at one level of solar activity.

    Attributes
    ----------
    activity
        The level.
    altitude_km
        ``[level]``, ascending.
    density_kg_m3
        ``[level]``, falling.
    """

    activity: Activity
    altitude_km: FloatArray
    density_kg_m3: FloatArray

    def __post_init__(self) -> None:
        if self.activity not in get_args(Activity):
            raise ValueError(f"activity: {self.activity!r} is not one of {get_args(Activity)}")
        altitude, density = floats(self.altitude_km), floats(self.density_kg_m3)
        if altitude.ndim != 1 or altitude.shape != density.shape or altitude.size < 2:
            raise ValueError(f"density_kg_m3: shape {density.shape} for altitudes {altitude.shape}; two or more needed")
        if not (np.all(np.diff(altitude) > 0.0) and np.all(np.diff(density) < 0.0) and density[-1] > 0.0):
            raise ValueError("density_kg_m3: must fall with altitude_km, and both must be above 0")
        object.__setattr__(self, "altitude_km", altitude)
        object.__setattr__(self, "density_kg_m3", density)

    @classmethod
    def from_catalog(cls, catalog: Catalog, activity: Activity, *, bound: Bound = "value") -> "Atmosphere":
        """Return entry ``atmosphere.<activity>``.

        Raises
        ------
        CatalogError
            If there is no such entry, or a plan's own figures do not fall with altitude.
        ValueError
            For an unknown bound.
        """
        if bound not in get_args(Bound):
            raise ValueError(f"bound: {bound!r} is not one of {get_args(Bound)}")
        entry = catalog.entry("atmosphere", activity)
        rows = sorted(
            (int(found[1]), float(getattr(figure, bound)))
            for name, figure in entry.figures.items()
            if (found := _COLUMN.fullmatch(name))
        )
        problems = [
            Problem(f"atmosphere.{activity}.density_{high}_km_kg_m3", _not_falling(density, below, low))
            for (low, below), (high, density) in pairwise(rows)
            if not 0.0 < density < below
        ]
        if problems:
            raise CatalogError(problems)
        return cls(activity, floats([row[0] for row in rows]), floats([row[1] for row in rows]))

    def density_at_kg_m3(self, altitude_km: ArrayLike) -> FloatArray:
        """Return the density at each altitude, ``[…]``.

        Raises
        ------
        ValueError
            For an altitude outside the table: the density there is not guessed.
        """
        altitude = self.within("altitude_km", altitude_km)
        return lock(np.exp(np.interp(altitude, self.altitude_km, np.log(self.density_kg_m3))))

    def scale_height_at_km(self, altitude_km: ArrayLike) -> FloatArray:
        """Return the height over which the density falls by e, between the two rows around each altitude, ``[…]``.

        Raises
        ------
        ValueError
            For an altitude outside the table.
        """
        altitude = self.within("altitude_km", altitude_km)
        heights = -np.diff(self.altitude_km) / np.diff(np.log(self.density_kg_m3))
        row = np.searchsorted(self.altitude_km, altitude, side="right") - 1
        return lock(heights[np.clip(row, 0, heights.size - 1)])

    def covers(self, altitude_km: ArrayLike) -> BoolArray:
        """Return where the table has an answer, ``[…]``."""
        altitude = floats(altitude_km)
        return lock((altitude >= self.altitude_km[0]) & (altitude <= self.altitude_km[-1]))

    def within(self, name: str, altitude_km: ArrayLike) -> FloatArray:
        """Return altitudes that the table covers, ``[…]``; `ValueError` naming the first that it does not."""
        altitude = floats(altitude_km)
        lowest, highest = float(self.altitude_km[0]), float(self.altitude_km[-1])
        allowed = f"lie in the density table, {lowest:g} to {highest:g} km; drag is not reckoned outside"
        return require(name, altitude, self.covers(altitude), allowed)


def require(name: str, values: FloatArray, allowed: BoolArray, what: str) -> FloatArray:
    """Return `values`; `ValueError` naming the first that is not allowed, and what is."""
    if not np.all(allowed):
        raise ValueError(f"{name}: {values[~np.asarray(allowed)].flat[0]:g} must {what}")
    return values


def require_positive(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as an array; `ValueError` naming the first that is not finite and above 0."""
    array = floats(values)
    return require(name, array, np.isfinite(array) & (array > 0.0), "be finite and above 0")


def _not_falling(density: float, below: float, low: int) -> str:
    return f"{density:g} kg/m³ must be above 0 and below the {below:g} kg/m³ at {low} km; set the row at {low} km too"


def drag_density_kg_m3(
    altitude_km: ArrayLike, *, atmosphere: Atmosphere, inclination_deg: ArrayLike = 90.0
) -> FloatArray:
    """Return the density that drags a circular orbit, averaged over a revolution.

    Parameters
    ----------
    altitude_km
        ``[…]``, semi-major axis above the equatorial radius.
    atmosphere
        The air.
    inclination_deg
        Of the orbit, broadcasting with `altitude_km`.

    Returns
    -------
    FloatArray
        ``[…]``, ρ such that the drag on average is ½ρv²/B with the orbital speed v.

    Raises
    ------
    ValueError
        For an altitude outside the table, or an inclination outside 0 to 180°.

    Notes
    -----
    Two corrections to the density at that height (King-Hele, Satellite Orbits in an Atmosphere, 1987):

    - The Earth is flattened, so an inclined circle flies higher above it near the poles: h + R·f·sin²i·sin²u at the
      argument of latitude u. With the scale height H the mean over u is e⁻ᶜ·I₀(c), c = R·f·sin²i/(2H): 10 to 20 % less
      than over the equator for a polar orbit.
    - The air turns with the Earth: F = (1 − ω·r·cos i/v)², 10 % less drag at 30°, 2 % more sun-synchronous.
    """
    altitude, inclination = floats(altitude_km), floats(inclination_deg)
    require("inclination_deg", inclination, (inclination >= 0.0) & (inclination <= 180.0), "lie between 0 and 180")
    sine, cosine = np.sin(np.radians(inclination)), np.cos(np.radians(inclination))
    bulge = EARTH_EQUATORIAL_RADIUS_KM * EARTH_FLATTENING * sine**2 / (2.0 * atmosphere.scale_height_at_km(altitude))
    radius = EARTH_EQUATORIAL_RADIUS_KM + altitude
    carried = (1.0 - EARTH_ROTATION_RAD_S * radius * cosine / np.sqrt(EARTH_MU_KM3_S2 / radius)) ** 2
    return lock(atmosphere.density_at_kg_m3(altitude) * np.exp(-bulge) * np.i0(bulge) * carried)
