"""How close do satellites of a formation come to each other, and how far does it reach? Exactly, over a revolution.

Two satellites that circle the same chief have a relative position ``P cos θ + Q sin θ`` with fixed vectors P and Q, an
ellipse; the square of their distance swings as a sinusoid of 2θ, so both ends of it are closed forms.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, floats, lock, require_shape
from planner.orbit.design.shells import require
from planner.orbit.elements import Fleet
from planner.orbit.formation import relative_rate_rad_s

_ALIKE_FRACTION: Final = 1e-9
"""Distances are told apart by more than this part of one; rounding is a millionth of it."""

_CHIEF: Final = (
    "epoch_jd",
    "epoch_fraction",
    "mean_motion_rad_min",
    "eccentricity_fraction",
    "inclination_deg",
    "raan_deg",
    "argument_of_perigee_deg",
    "mean_anomaly_deg",
    "bstar_per_radius",
)
"""Columns of a fleet that say which chief a satellite has."""


@dataclass(frozen=True, eq=False)
class ClusterGeometry:
    """Distances in a formation over a revolution.

    Attributes
    ----------
    names
        Of the satellites, ``[sat]``.
    closest_km, farthest_km
        Least and greatest distance of every pair, ``[sat, sat]``, symmetric, 0 on the diagonal.
    reach_km
        Greatest distance of every satellite from the chief, ``[sat]``.
    """

    names: tuple[str, ...]
    closest_km: FloatArray
    farthest_km: FloatArray
    reach_km: FloatArray

    def __post_init__(self) -> None:
        count = len(self.names)
        require_shape("closest_km", self.closest_km, (count, count))
        require_shape("farthest_km", self.farthest_km, (count, count))
        require_shape("reach_km", self.reach_km, (count,))

    @property
    def radius_km(self) -> float:
        """Radius of the sphere around the chief that holds all satellites at all times; 0 for nobody."""
        return float(self.reach_km.max(initial=0.0))

    @property
    def minimum_separation_km(self) -> float:
        """Least distance of any pair at any time; infinite where there is no pair."""
        return float(self._apart_km.min(initial=np.inf))

    @property
    def closest_pair(self) -> tuple[str, str] | None:
        """Names of a pair that comes closest, the first in the order of the fleet; None where there is no pair."""
        if len(self.names) < 2:
            return None
        apart = self._apart_km
        first, second = np.argwhere(apart <= apart.min() * (1.0 + _ALIKE_FRACTION))[0]
        return self.names[first], self.names[second]

    def always_within(self, range_km: float) -> BoolArray:
        """Return which pairs are never farther apart than this, ``[sat, sat]``; False on the diagonal.

        The pairs that a link of this range always joins, as far as distance goes.
        """
        within = self.farthest_km <= range_km * (1.0 + _ALIKE_FRACTION)
        return lock(within & ~np.eye(len(self.names), dtype=bool))

    @property
    def _apart_km(self) -> FloatArray:
        """`closest_km` with the diagonal out of the way."""
        return np.where(np.eye(len(self.names), dtype=bool), np.inf, self.closest_km)


def cluster_geometry(fleet: Fleet) -> ClusterGeometry:
    """Return the distances in one formation, exactly, whatever the time.

    Parameters
    ----------
    fleet
        ``[sat]``, a formation around one chief, who may be one of them.

    Returns
    -------
    ClusterGeometry
        Of the unperturbed relative motion, the one that `propagate` flies. Under J2 neighbours leave these ranges by
        less than 1 % (see `planner.orbit.formation`).

    Raises
    ------
    ValueError
        If satellites have different chiefs, or one does not circle its chief: it drifts, or stands ahead or behind.

    Notes
    -----
    |P cos θ + Q sin θ|² = (|P|² + |Q|²)/2 + (|P|² − |Q|²)/2 cos 2θ + P·Q sin 2θ, whose ends are
    (|P|² + |Q|²)/2 ∓ √[((|P|² − |Q|²)/2)² + (P·Q)²].
    """
    require_one_chief(fleet)
    cosines, sines = ellipses_km(fleet)
    closest, farthest = np.zeros((2, len(fleet), len(fleet)))
    # A row at a time: all pairs at once would take several times the memory of the answer.
    for i, (cosine, sine) in enumerate(zip(cosines, sines, strict=True)):
        closest[i], farthest[i] = ends_km(cosine - cosines, sine - sines)
    _, reach = ends_km(cosines, sines)
    return ClusterGeometry(fleet.names, floats(closest), floats(farthest), floats(reach))


def require_separation(fleet: Fleet, minimum_separation_km: float) -> None:
    """Raise `ValueError` naming the closest pair if it comes closer than this; errors of `cluster_geometry` besides."""
    known = minimum_separation_km >= 0.0
    require("minimum_separation_km", minimum_separation_km, known, "a number of kilometres of at least 0")
    geometry = cluster_geometry(fleet)
    pair, apart = geometry.closest_pair, geometry.minimum_separation_km
    if pair is not None and apart * (1.0 + _ALIKE_FRACTION) < minimum_separation_km:
        raise ValueError(
            f"minimum_separation_km: {pair[0]} and {pair[1]} come within {apart:.6g} km of each other, "
            f"{minimum_separation_km:g} km are required; space the cluster out, or require less"
        )


def ellipses_km(fleet: Fleet) -> tuple[FloatArray, FloatArray]:
    """Return P and Q of every satellite about the chief, ``[sat, xyz]``: where it is at θ = 0 and a quarter later.

    Raises
    ------
    ValueError
        If a satellite does not circle its chief.
    """
    offsets, rate = fleet.offsets, relative_rate_rad_s(fleet)
    x, y, z = offsets.radial_km, offsets.along_track_km, offsets.cross_track_km
    u, v, w = (
        component / rate
        for component in (offsets.radial_rate_km_s, offsets.along_track_rate_km_s, offsets.cross_track_rate_km_s)
    )
    size = np.max(np.abs([x, y, z, u, v, w]), axis=0, initial=0.0)
    for astray, what in ((2.0 * x + v, "drifts along the track"), (y - 2.0 * u, "stands ahead of its chief or behind")):
        failing = np.flatnonzero(np.abs(astray) > _ALIKE_FRACTION * size)
        if len(failing):
            raise ValueError(
                f"offsets: {fleet.names[failing[0]]} {what}; allowed are satellites that "
                "circle their chief: propagate this one and measure"
            )
    return np.stack([x, y, z], axis=-1), np.stack([u, v, w], axis=-1)


def ends_km(cosines: FloatArray, sines: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the least and the greatest length over θ of ``P cos θ + Q sin θ``, ``[..., xyz]`` to ``[...]``."""
    p, q = np.sum(cosines**2, axis=-1), np.sum(sines**2, axis=-1)
    middle = (p + q) / 2.0
    swing = np.hypot((p - q) / 2.0, np.sum(cosines * sines, axis=-1))
    return np.sqrt(np.maximum(middle - swing, 0.0)), np.sqrt(middle + swing)


def require_one_chief(fleet: Fleet) -> None:
    """Raise `ValueError` naming a satellite whose chief is not that of the first."""
    for name in _CHIEF:
        column = getattr(fleet, name)
        other = np.flatnonzero(column != column[:1]) if len(fleet) else column
        if len(other):
            raise ValueError(
                f"{name}: {fleet.names[other[0]]} has {column[other[0]]}, {fleet.names[0]} has {column[0]}; "
                "satellites of one formation share their chief's elements: pick one formation"
            )
