"""Which satellites make a close cluster: a lattice of relative ellipses around one chief, after Project Suncatcher.

No satellite needs thrust to go round the chief: on an orbit of the chief's size it does so once a revolution, on an
ellipse in the orbital plane twice as long along the track as it is high. A lattice of such ellipses is a pattern whose
cells breathe twice a revolution and never close.
"""

import math
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal, get_args

import numpy as np

from planner.arrays import FloatArray, floats
from planner.orbit.design.formation_geometry import require_separation
from planner.orbit.design.shells import circular_orbits, one_of, require
from planner.orbit.design.sunsync import (
    NodeTheory,
    raan_of_local_time_deg,
    require_local_time,
    sun_synchronous_inclination_deg,
)
from planner.orbit.elements import Fleet, Offsets
from planner.orbit.formation import relative_rate_rad_s

MAXIMUM_RADIUS_KM: Final = 50.0
"""Beyond it the linear relative motion is no better than the 1 % that J2 leaves it: its next order is the radius over
the semi-major axis. Planner default."""
MAXIMUM_RINGS: Final = 25
"""Spacings from the centre to the edge: some 2,000 satellites, whose pairs are all compared. Planner default."""

Lattice = Literal["square", "hexagonal"]

_DAWN_DUSK_H: Final = 18.0
_ROUNDING: Final = 1e-9


def cluster(
    *,
    name: str,
    epoch: datetime,
    altitude_km: float = 650.0,
    ltan_h: float | None = None,
    inclination_deg: float | None = None,
    raan_deg: float | None = None,
    mean_anomaly_deg: float = 0.0,
    radius_km: float = 1.0,
    spacing_km: float = 0.1,
    lattice: Lattice = "square",
    cross_track_fraction: float = 0.0,
    minimum_separation_km: float = 0.0,
    rack_type: str = "",
    theory: NodeTheory = "j2",
) -> Fleet:
    """Return a cluster of satellites that circle a chief; 81 of them, Suncatcher's, unless something else is asked.

    Parameters
    ----------
    name
        Name of the shell and first part of every satellite's name.
    epoch
        Instant at which the cluster has its lattice upright; must carry a zone.
    altitude_km
        Mean altitude of the chief (see `planner.orbit.design.shells`), and of the cluster.
    ltan_h
        Mean local time of the ascending node, for a sun-synchronous cluster: 18 h, dawn-dusk, unless `inclination_deg`
        and `raan_deg` are given instead.
    inclination_deg, raan_deg
        Any other orbit: both, or neither.
    mean_anomaly_deg
        Where on its orbit the cluster is at the epoch, from the ascending node.
    radius_km
        Farthest that a satellite ever is from the chief, along the track; above or below it is half as far at most.
    spacing_km
        Closest approach of neighbours in the lattice. They are once and twice this apart, twice a revolution.
    lattice
        ``"square"``, as in the paper, or ``"hexagonal"``, the densest for one spacing.
    cross_track_fraction
        Amplitude across the track over amplitude along it; 0 is a flat cluster. Satellites are farthest from the
        orbital plane where they are level with the chief, so that one that loses its place along the track still
        passes it above, below or beside: a safer cluster, at a cost that `j2_drift` tells.
    minimum_separation_km
        Distance that no pair may fall below.
    rack_type
        Catalog name of the satellite type.
    theory
        Which sun-synchronous inclination: see `sun_synchronous_inclination_deg`.

    Returns
    -------
    Fleet
        ``[sat]``, plane 0; slot 0 is the chief itself, the others follow ring by ring, counter-clockwise. All rows hold
        the chief's elements; `Fleet.offsets` tells the satellites apart. Element-set files cannot hold them, an
        ephemeris can.

    Raises
    ------
    ValueError
        For a value out of range, an orbit given twice or by half, or a pair closer than `minimum_separation_km`; the
        message names it and says what is allowed.

    Notes
    -----
    Agüera y Arcas et al., Towards a future space-based, highly scalable AI infrastructure system design,
    arXiv:2511.19468, section 2.2 and figures 2 and 3: a square lattice in the orbital plane, 650 km, cluster radius
    1 km, satellites at any time inside an ellipse of ±R along the track and ±R/2 in altitude, neighbours between 100
    and 200 m, two shape cycles a revolution. A satellite of the lattice point (a, b), at most R/2 from the centre,
    is at ``x = a cos nt + b sin nt``, ``y = −2a sin nt + 2b cos nt``: the drift-free solution of Clohessy and
    Wiltshire, J. Aerospace Sciences 27 (1960) 653–658, doi:10.2514/8.8704. The paper names motion across the track as
    an option; `cross_track_fraction` follows D'Amico and Montenbruck, Proximity operations of formation-flying
    spacecraft using an eccentricity/inclination vector separation, J. Guidance, Control, and Dynamics 29 (2006)
    554–563, doi:10.2514/1.15114.
    """
    inclination, node = _plane(epoch, altitude_km, ltan_h, inclination_deg, raan_deg, theory)
    require("mean_anomaly_deg", mean_anomaly_deg, math.isfinite(mean_anomaly_deg), "a finite number of degrees")
    points = _lattice_points_km(radius_km, spacing_km, lattice)
    slots = np.arange(len(points))
    fleet = circular_orbits(
        name=name,
        altitude_km=altitude_km,
        inclination_deg=inclination,
        planes=np.zeros_like(slots),
        slots=slots,
        raan_deg=np.full(len(points), node),
        mean_anomaly_deg=np.full(len(points), mean_anomaly_deg),
        epoch=epoch,
        rack_type=rack_type,
    )
    fleet = replace(fleet, offsets=_offsets(points, relative_rate_rad_s(fleet), cross_track_fraction))
    require_separation(fleet, minimum_separation_km)
    return fleet


def _plane(
    epoch: datetime,
    altitude_km: float,
    ltan_h: float | None,
    inclination_deg: float | None,
    raan_deg: float | None,
    theory: NodeTheory,
) -> tuple[float, float]:
    """Return the inclination and the right ascension of the node of the chief's orbit, degrees."""
    if (inclination_deg is None) != (raan_deg is None):
        missing = "inclination_deg" if inclination_deg is None else "raan_deg"
        raise ValueError(f"{missing}: absent; an orbit has both inclination_deg and raan_deg, or ltan_h alone")
    if inclination_deg is not None and raan_deg is not None:
        if ltan_h is not None:
            raise ValueError(f"ltan_h: {ltan_h} beside inclination_deg and raan_deg; give the one or the other two")
        require("raan_deg", raan_deg, math.isfinite(raan_deg), "a finite number of degrees")
        return inclination_deg, raan_deg
    local_time = _DAWN_DUSK_H if ltan_h is None else ltan_h
    require_local_time(local_time)
    return sun_synchronous_inclination_deg(altitude_km, theory=theory), raan_of_local_time_deg(local_time, epoch)


def _lattice_points_km(radius_km: float, spacing_km: float, lattice: Lattice) -> FloatArray:
    """Return the lattice within half the radius, ``[sat, (a, b)]``, the centre first, outward and counter-clockwise."""
    one_of("lattice", lattice, get_args(Lattice))
    allowed = f"above 0 and at most {MAXIMUM_RADIUS_KM:g} km"
    require("radius_km", radius_km, 0.0 < radius_km <= MAXIMUM_RADIUS_KM, allowed)
    least = radius_km / (2.0 * MAXIMUM_RINGS)
    wanted = f"a finite distance of at least {least:g} km, a {2 * MAXIMUM_RINGS}th of the radius"
    require("spacing_km", spacing_km, least <= spacing_km < math.inf, wanted)
    rings = radius_km / (2.0 * spacing_km) * (1.0 + _ROUNDING)
    reach = math.ceil(2.0 * rings)
    i, j = (axis.ravel() for axis in np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1)))
    # Whole numbers decide which points are in and which ring they are of: no rounding at the edge.
    norm = i * i + j * j if lattice == "square" else i * i + i * j + j * j
    inside = norm <= rings * rings
    i, j, norm = i[inside], j[inside], norm[inside]
    a, b = (i, j) if lattice == "square" else (i + 0.5 * j, math.sqrt(0.75) * j)
    order = np.lexsort((np.arctan2(b, a) % (2.0 * math.pi), norm))
    return floats(spacing_km * np.stack([a, b], axis=-1)[order])


def _offsets(points_km: FloatArray, rate_rad_s: FloatArray, cross_track_fraction: float) -> Offsets:
    """Return the states at the epoch, where nt = 0, of satellites of these lattice points."""
    allowed = "a finite number of at least 0"
    require("cross_track_fraction", cross_track_fraction, 0.0 <= cross_track_fraction < math.inf, allowed)
    a, b = points_km.T
    along, along_rate = 2.0 * b, -2.0 * rate_rad_s * a
    return Offsets(
        radial_km=a,
        along_track_km=along,
        cross_track_km=cross_track_fraction * along,
        radial_rate_km_s=rate_rad_s * b,
        along_track_rate_km_s=along_rate,
        cross_track_rate_km_s=cross_track_fraction * along_rate,
    )
