"""Which constellation to fly: Walker shells and sun-synchronous shells as fleets of mean elements.

Orbits are circular and held against drag; what an altitude means, and the order of the satellites, is said in
`planner.orbit.design.shells`. Which phasing keeps a shell's satellites apart where its planes cross is
`planner.orbit.design.phasing`'s question.
"""

import math
from datetime import datetime
from typing import Final

import numpy as np

from planner.arrays import floats
from planner.orbit.design.shells import FULL_TURN_DEG, phased_planes, require, require_whole
from planner.orbit.design.sunsync import (
    NodeTheory,
    raan_of_local_time_deg,
    require_local_time,
    sun_synchronous_inclination_deg,
)
from planner.orbit.elements import Fleet

_HALF_TURN_DEG: Final = 180.0


def walker_delta(
    *,
    name: str,
    altitude_km: float,
    inclination_deg: float,
    satellites: int,
    planes: int,
    phasing: int,
    epoch: datetime,
    raan_deg: float = 0.0,
    rack_type: str = "",
) -> Fleet:
    """Return the Walker delta shell ``inclination: satellites / planes / phasing``, nodes over 360°.

    Parameters
    ----------
    name
        Name of the shell and first part of every satellite's name.
    altitude_km, inclination_deg
        Mean altitude (see `planner.orbit.design.shells`) and inclination.
    satellites, planes, phasing
        Walker's t, p and f: satellite ``s`` of plane ``q`` has mean anomaly ``360 (s/S + f q/t)`` degrees with
        ``S = t/p`` satellites to a plane. `safest_phasing` finds the f that keeps satellites farthest apart.
    epoch
        Instant at which the shell has this shape; must carry a zone.
    raan_deg
        Right ascension of the ascending node of plane 0.
    rack_type
        Catalog name of the satellite type.

    Returns
    -------
    Fleet
        ``[sat]``.

    Raises
    ------
    ValueError
        For a value out of range; the message says what is allowed.

    Notes
    -----
    Walker, Satellite constellations, J. British Interplanetary Society 37 (1984) 559–571: f counts units of 360°/t by
    which a satellite leads its neighbour in the next plane to the west. Units of 360°/S or 360°/p, or a satellite that
    lags its western neighbour, are mistakes in circulation: they are other patterns, with other gaps.
    """
    return _walker(
        name=name,
        altitude_km=altitude_km,
        inclination_deg=inclination_deg,
        satellites=satellites,
        planes=planes,
        spacing_deg=None,
        nodes_over_deg=FULL_TURN_DEG,
        phasing=phasing,
        epoch=epoch,
        raan_deg=raan_deg,
        rack_type=rack_type,
    )


def walker_star(
    *,
    name: str,
    altitude_km: float,
    inclination_deg: float,
    satellites: int,
    planes: int,
    phasing: int,
    epoch: datetime,
    raan_deg: float = 0.0,
    plane_spacing_deg: float | None = None,
    rack_type: str = "",
) -> Fleet:
    """Return the Walker star shell: as `walker_delta`, but the ascending nodes are spread over 180°.

    All satellites of one half of the sky move north and all of the other half south; between the last plane and the
    first runs a seam, where neighbours pass in opposite directions.

    Parameters
    ----------
    plane_spacing_deg
        Distance in right ascension from each plane to the next; None spreads the planes evenly, 180°/planes. Planes
        flown farther apart narrow the seam, where coverage needs it: Iridium's are 31.6° apart with a seam of 22°, and
        half a slot out of step, a phasing of planes/2.
    name, altitude_km, inclination_deg, satellites, planes, phasing, epoch, raan_deg, rack_type
        As in `walker_delta`.

    Returns
    -------
    Fleet
        ``[sat]``.

    Raises
    ------
    ValueError
        For a value out of range; the message says what is allowed.
    """
    return _walker(
        name=name,
        altitude_km=altitude_km,
        inclination_deg=inclination_deg,
        satellites=satellites,
        planes=planes,
        spacing_deg=plane_spacing_deg,
        nodes_over_deg=_HALF_TURN_DEG,
        phasing=phasing,
        epoch=epoch,
        raan_deg=raan_deg,
        rack_type=rack_type,
    )


def sun_synchronous(
    *,
    name: str,
    altitude_km: float,
    ltan_h: float,
    planes: int,
    satellites_per_plane: int,
    plane_spacing_deg: float,
    phasing: int,
    epoch: datetime,
    rack_type: str = "",
    theory: NodeTheory = "j2",
) -> Fleet:
    """Return a sun-synchronous shell whose planes are centred on one local time; 6 or 18 h is dawn-dusk.

    Parameters
    ----------
    name, altitude_km, epoch, rack_type
        As in `walker_delta`.
    ltan_h
        Mean local solar time of the ascending node of the middle of the planes, hours, 0 ≤ ltan_h < 24.
    planes, satellites_per_plane
        Numbers of each.
    plane_spacing_deg
        Distance in right ascension from each plane to the next; 15° are an hour of local time.
    phasing
        Walker's f over all satellites of the shell, as in `walker_delta`. The planes cross near the poles, where it
        decides how far apart satellites pass: `safest_phasing`.
    theory
        Which inclination: see `sun_synchronous_inclination_deg`.

    Returns
    -------
    Fleet
        ``[sat]``.

    Raises
    ------
    ValueError
        For a value out of range; the message says what is allowed.
    """
    require_local_time(ltan_h)
    require_whole("planes", planes, 1, None)
    require_whole("satellites_per_plane", satellites_per_plane, 1, None)
    require_spacing(plane_spacing_deg, planes)
    spacing = plane_spacing_deg if planes > 1 else 0.0
    middle = raan_of_local_time_deg(ltan_h, epoch)
    return phased_planes(
        name=name,
        altitude_km=altitude_km,
        inclination_deg=sun_synchronous_inclination_deg(altitude_km, theory=theory),
        nodes_deg=floats(middle + (np.arange(planes) - (planes - 1) / 2) * spacing),
        satellites_per_plane=satellites_per_plane,
        phasing=phasing,
        epoch=epoch,
        rack_type=rack_type,
    )


def require_spacing(plane_spacing_deg: float, planes: int) -> None:
    """Raise `ValueError` for a spacing at which two of the planes coincide."""
    require(
        "plane_spacing_deg",
        plane_spacing_deg,
        planes == 1 or 0.0 < plane_spacing_deg * planes <= FULL_TURN_DEG,
        f"above 0 and at most {FULL_TURN_DEG / planes:g} degrees for {planes} planes, or two planes coincide",
    )


def _walker(
    *,
    name: str,
    altitude_km: float,
    inclination_deg: float,
    satellites: int,
    planes: int,
    spacing_deg: float | None,
    nodes_over_deg: float,
    phasing: int,
    epoch: datetime,
    raan_deg: float,
    rack_type: str,
) -> Fleet:
    require_whole("satellites", satellites, 1, None)
    require_whole("planes", planes, 1, satellites)
    if satellites % planes:
        raise ValueError(f"planes: {planes} does not divide {satellites} satellites; every plane holds the same number")
    require("raan_deg", raan_deg, math.isfinite(raan_deg), "a finite number of degrees")
    spacing = nodes_over_deg / planes
    if spacing_deg is not None:
        most = nodes_over_deg / max(planes - 1, 1)
        allowed = f"above 0 and below {most:g} degrees for {planes} planes, so that all nodes lie within half a turn"
        require("plane_spacing_deg", spacing_deg, 0.0 < spacing_deg < most, allowed)
        spacing = spacing_deg
    return phased_planes(
        name=name,
        altitude_km=altitude_km,
        inclination_deg=inclination_deg,
        nodes_deg=floats(raan_deg + np.arange(planes) * spacing),
        satellites_per_plane=satellites // planes,
        phasing=phasing,
        epoch=epoch,
        rack_type=rack_type,
    )
