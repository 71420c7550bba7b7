"""Dawn-dusk trains: one sun-synchronous plane at each of several stacked altitudes, checked to keep apart.

All planes turn with the Sun and lie nearly in one another; a lower shell overtakes a higher one again and again, so
that every satellite passes under every other of the next shell within days. What keeps them apart is the difference in
altitude, for ever, because all orbits rise and fall together. Altitudes and the order of the satellites are those of
`planner.orbit.design.shells`.
"""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np

from planner.orbit.design.envelope import shell_gaps_km
from planner.orbit.design.phasing import miss_distance_km
from planner.orbit.design.shells import FULL_TURN_DEG, combine, period_min, require, require_altitude, require_whole
from planner.orbit.design.sunsync import NodeTheory
from planner.orbit.design.walker import sun_synchronous
from planner.orbit.elements import Fleet
from planner.orbit.sgp4.nearearth import DEEP_SPACE_PERIOD_MIN

LARGEST_STEP_KM: Final = 50.0
"""Between neighbouring shells of a train. SpaceX's application to the FCC of 30 January 2026 for an orbital data center
is for shells of up to 50 km each, sun-synchronous ones among them."""

MINIMUM_SEPARATION_KM: Final = 2.0
"""Between any two satellites of a train. Planner default: both may stray from their station by a kilometre, about as
closely as mean elements tell a position."""


def dawn_dusk_train(
    *,
    name: str,
    altitudes_km: Sequence[float],
    satellites_per_shell: int,
    epoch: datetime,
    ltan_h: float = 18.0,
    rack_type: str = "",
    theory: NodeTheory = "j2",
    minimum_separation_km: float = MINIMUM_SEPARATION_KM,
) -> Fleet:
    """Return a train of satellites in one dawn-dusk plane at each altitude, all at one local time.

    Parameters
    ----------
    name
        First part of the name of every shell, which is ``name-altitude``, and of every satellite.
    altitudes_km
        Mean altitudes, rising, each at most 50 km above the one before.
    satellites_per_shell
        Evenly spaced in each plane.
    epoch
        Instant at which the train has this shape; must carry a zone.
    ltan_h
        Mean local solar time of the ascending nodes; 18 or 6 h is dawn-dusk, any other is allowed.
    rack_type
        Catalog name of the satellite type.
    theory
        Which inclination, its own for each shell: see `sun_synchronous_inclination_deg`.
    minimum_separation_km
        Nearest that any two satellites may ever come.

    Returns
    -------
    Fleet
        ``[sat]``, one shell of one plane per altitude, lowest first.

    Raises
    ------
    ValueError
        For a value out of range, altitudes that do not rise or lie more than 50 km apart, and satellites that come
        nearer than allowed: the message names who, how near and what would mend it.
    """
    require("altitudes_km", list(altitudes_km), len(altitudes_km) > 0, "at least one altitude")
    for altitude in altitudes_km:
        require_altitude(altitude, "altitudes_km")
    require_whole("satellites_per_shell", satellites_per_shell, 1, None)
    for low, high in itertools.pairwise(altitudes_km):
        place = f"altitudes_km: {high:g} km after {low:g} km"
        if not low < high:
            raise ValueError(f"{place}; give altitudes that rise")
        if high - low > LARGEST_STEP_KM:
            fix = "put shells between them, or make two trains and combine them"
            raise ValueError(f"{place} is a step of {high - low:g} km, more than {LARGEST_STEP_KM:g} km; {fix}")
    require("minimum_separation_km", minimum_separation_km, minimum_separation_km >= 0.0, "0 or more")
    shells = [
        sun_synchronous(
            name=f"{name}-{altitude:.10g}",
            altitude_km=altitude,
            ltan_h=ltan_h,
            planes=1,
            satellites_per_plane=satellites_per_shell,
            plane_spacing_deg=0.0,
            phasing=0,
            epoch=epoch,
            rack_type=rack_type,
            theory=theory,
        )
        for altitude in altitudes_km
    ]
    for shell, altitude in zip(shells, altitudes_km, strict=True):
        _require_apart_along_the_track(shell, altitude, minimum_separation_km)
    # Shells that are no neighbours are farther apart still.
    for lower, upper in itertools.pairwise(shells):
        _require_apart_in_altitude(lower, upper, minimum_separation_km)
    return combine(*shells)


def _require_apart_along_the_track(shell: Fleet, altitude_km: float, minimum_km: float) -> None:
    count = len(shell)
    if count < 2:
        return
    inclination = float(shell.inclination_deg[0])
    apart = float(miss_distance_km(altitude_km, inclination, 0.0, FULL_TURN_DEG / count))
    if apart < minimum_km:
        # Distances along one orbit go with one over the number of satellites; one less for the rounding.
        most = max(int(np.floor(count * apart / minimum_km)) - 1, 1)
        raise ValueError(
            f"satellites_per_shell: {shell.names[0]} and {shell.names[1]} come within {apart:.3g} km, less than "
            f"minimum_separation_km = {minimum_km:g}; the shell at {altitude_km:g} km holds at most {most} satellites"
        )


def _require_apart_in_altitude(lower: Fleet, upper: Fleet, minimum_km: float) -> None:
    (gap,) = shell_gaps_km(combine(lower, upper))
    if not gap.gap_km >= minimum_km:
        low, high = gap.shells
        fix = f"put the shells at least {minimum_km + 0.2:g} km apart"
        if period_min(float(upper.altitude_km[0])) >= DEEP_SPACE_PERIOD_MIN:
            fix = f"stay below periods of {DEEP_SPACE_PERIOD_MIN:g} minutes: above, Moon and Sun deform the orbits"
        raise ValueError(
            f"altitudes_km: satellites of {low} and {high} can come within {gap.gap_km:.3g} km, less than "
            f"minimum_separation_km = {minimum_km:g}; {fix}"
        )
