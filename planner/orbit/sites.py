"""Where the ground sites are, and over which places satellites pass.

Sites stand on the WGS84 ellipsoid and turn with the Earth; positions are GCRS, axes ``[time, site, xyz]``. The
rotation between GCRS and ITRS is that of `frames`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats, lock, require_shape
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING
from planner.orbit.frames import gcrs_to_itrs
from planner.times import TimeGrid

_SQUARED_ECCENTRICITY: Final = EARTH_FLATTENING * (2.0 - EARTH_FLATTENING)
_ITERATIONS: Final = 8
"""Each gains more than two digits, since a step multiplies the error by at most the squared eccentricity, 0.0067."""
_METRES_PER_KM: Final = 1000.0
_HALF_TURN_DEG: Final = 180.0
_FULL_TURN_DEG: Final = 360.0


@dataclass(frozen=True, eq=False)
class GroundSites:
    """Places on the ground ``[site]``.

    Attributes
    ----------
    names
        Name of each site, unique.
    latitude_deg, longitude_deg
        Geodetic (WGS84), north and east positive.
    elevation_m
        Height above the ellipsoid.
    minimum_elevation_deg
        Lowest elevation above the horizon at which the site can hold a satellite.
    maximum_range_km
        Longest slant range; NaN where only the elevation limits.

    Raises
    ------
    ValueError
        For columns of different lengths, names that repeat or a value out of range.
    """

    names: tuple[str, ...]
    latitude_deg: FloatArray
    longitude_deg: FloatArray
    elevation_m: FloatArray
    minimum_elevation_deg: FloatArray
    maximum_range_km: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(str(name) for name in self.names))
        for column in fields(self):
            if column.name != "names":
                values = floats(getattr(self, column.name))
                require_shape(column.name, values, (len(self.names),))
                object.__setattr__(self, column.name, values)
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"names: {self.names} repeat; every site needs a name of its own")
        self._require("latitude_deg", -90.0, 90.0)
        self._require("longitude_deg", -_HALF_TURN_DEG, _FULL_TURN_DEG)
        # From the Dead Sea to beyond the highest mountain, and aircraft.
        self._require("elevation_m", -500.0, 20_000.0)
        self._require("minimum_elevation_deg", -10.0, 90.0)
        if (self.maximum_range_km <= 0).any():
            raise ValueError(f"maximum_range_km: {self.maximum_range_km} must be positive, or NaN for no limit")

    @classmethod
    def at(
        cls,
        places: Mapping[str, tuple[float, float]],
        *,
        elevation_m: float = 0.0,
        minimum_elevation_deg: float = 25.0,
        maximum_range_km: float = np.nan,
    ) -> "GroundSites":
        """Return sites from name to (latitude, longitude) in degrees, all else alike.

        25° is the lowest elevation that Starlink filed for its first shell, as Hypatia takes it (Kassing et al., IMC
        2020).
        """
        angles = floats(list(places.values())).reshape(len(places), 2)
        height, lowest, longest = (
            floats(np.full(len(places), value)) for value in (elevation_m, minimum_elevation_deg, maximum_range_km)
        )
        return cls(tuple(places), angles[:, 0], angles[:, 1], height, lowest, longest)

    def _require(self, column: str, least: float, most: float) -> None:
        values = getattr(self, column)
        wrong = ~((values >= least) & (values <= most))
        if wrong.any():
            name = self.names[int(np.argmax(wrong))]
            raise ValueError(f"{column}: {values[wrong][0]} of {name} is not between {least:g} and {most:g}")

    def __len__(self) -> int:
        return len(self.names)


def site_positions_km(sites: GroundSites, times: TimeGrid) -> FloatArray:
    """Return where the sites are, GCRS.

    Returns
    -------
    FloatArray
        ``[time, site, xyz]``; equal to Skyfield's ``wgs84.latlon(...).at`` to 1 mm.
    """
    # The point of the ellipsoid whose normal is `up`, then along that normal: NIMA TR8350.2 (2000), geodetic to
    # Cartesian coordinates.
    up = _itrs_zeniths(sites)
    sine = up[:, 2]
    # Radius of curvature in the prime vertical.
    across_km = EARTH_EQUATORIAL_RADIUS_KM / np.sqrt(1.0 - _SQUARED_ECCENTRICITY * sine**2)
    height_km = sites.elevation_m / _METRES_PER_KM
    itrs = up * (across_km + height_km)[:, None]
    itrs[:, 2] -= _SQUARED_ECCENTRICITY * across_km * sine
    return _to_gcrs(itrs, times)


def site_zeniths(sites: GroundSites, times: TimeGrid) -> FloatArray:
    """Return the unit vectors that point straight up (geodetic normal) at the sites, GCRS ``[time, site, xyz]``."""
    return _to_gcrs(_itrs_zeniths(sites), times)


def geodetic_deg(positions_km: FloatArray, times: TimeGrid) -> tuple[FloatArray, FloatArray]:
    """Return over which place of the WGS84 ellipsoid each position lies.

    Parameters
    ----------
    positions_km
        GCRS, ``[time, sat, xyz]``; NaN stays NaN.
    times
        ``[time]``.

    Returns
    -------
    latitude_deg, longitude_deg
        ``[time, sat]``; geodetic latitude, longitude from -180 to 180, east positive.

    Raises
    ------
    ValueError
        If the shapes do not agree.
    """
    require_shape("positions_km", positions_km, (times.count, None, 3))
    # A row vector times the transpose is the matrix times the column.
    itrs = np.matmul(positions_km, np.swapaxes(gcrs_to_itrs(times), 1, 2))
    from_axis = np.hypot(itrs[..., 0], itrs[..., 1])
    # Fixed point of tan φ = (z + N e² sin φ)/p, N the radius of curvature in the prime vertical.
    latitude = np.arctan2(itrs[..., 2], from_axis)
    for _ in range(_ITERATIONS):
        sine = np.sin(latitude)
        across = EARTH_EQUATORIAL_RADIUS_KM / np.sqrt(1.0 - _SQUARED_ECCENTRICITY * sine**2)
        latitude = np.arctan2(itrs[..., 2] + _SQUARED_ECCENTRICITY * across * sine, from_axis)
    longitude = np.arctan2(itrs[..., 1], itrs[..., 0])
    return floats(np.degrees(latitude)), floats(np.degrees(longitude))


def _itrs_zeniths(sites: GroundSites) -> FloatArray:
    """Geodetic normals, ITRS, ``[site, xyz]``."""
    latitude, longitude = np.radians(sites.latitude_deg), np.radians(sites.longitude_deg)
    level = np.cos(latitude)
    return np.stack([level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=-1)


def _to_gcrs(itrs: FloatArray, times: TimeGrid) -> FloatArray:
    """Turn fixed ITRS vectors ``[site, xyz]`` into GCRS ``[time, site, xyz]``."""
    # A row vector times the matrix is the transpose times the column: ITRS to GCRS.
    return lock(np.matmul(itrs[None, :, :], gcrs_to_itrs(times)))
