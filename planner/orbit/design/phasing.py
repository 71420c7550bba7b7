"""How close satellites of one shell pass where their planes cross, and which phasing keeps them farthest apart.

Satellites of one size and inclination of orbit meet again and again in the same way: the distances hold for as long as
the shell holds its shape. Two theories: ``"circular"`` is the closed form that the literature quotes; ``"sgp4"`` takes
the path that a circular mean orbit is really flown on, whose oscillations (from the Earth's oblateness and its pear
shape, 15 km along the track) add or take up to 16 km where planes cross: enough to make another phasing the best.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.constants import WGS72_RADIUS_KM
from planner.orbit.design.shells import (
    FULL_TURN_DEG,
    one_of,
    phased_planes,
    require,
    require_altitude,
    require_inclination,
    require_whole,
)
from planner.orbit.propagate import teme_states

MissTheory = Literal["circular", "sgp4"]

_SAMPLES: Final = 32
"""Points of the flown path. Its harmonics fall by the eccentricity, 0.001, from one to the next, so eight would do; the
squared distance has twice as many."""
_FINE: Final = 1024
_POLISHINGS: Final = 4
"""Newton steps on the minimum; from a thousandth of a turn two reach the last digits."""
_PAIRS: Final = 2048
"""Treated at once: some 50 MB."""
_FARTHEST_SHIFT: Final = 0.005
"""Radians by which the flown path can move two satellites against each other along their tracks: four times the
eccentricity of 0.0011 that the Earth's pear shape gives a circular mean orbit, and the smaller terms of J2."""
_ANY_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Of the path; near the Earth SGP4's does not depend on it."""


def miss_distance_km(
    altitude_km: float,
    inclination_deg: float,
    raan_apart_deg: ArrayLike,
    phase_apart_deg: ArrayLike,
    *,
    theory: MissTheory = "sgp4",
) -> FloatArray:
    """Return how close two satellites on circular mean orbits of one size and inclination come, ever.

    Parameters
    ----------
    altitude_km, inclination_deg
        Of both orbits.
    raan_apart_deg
        Right ascension of the second's node less that of the first.
    phase_apart_deg
        Mean argument of latitude of the second less that of the first, at one instant; it stays.
    theory
        ``"sgp4"``: as flown; ``"circular"``: on true circles, in closed form.

    Returns
    -------
    FloatArray
        Straight distance, of the broadcast shape; 0 for satellites that collide.

    Raises
    ------
    ValueError
        For an altitude or inclination out of range, or a theory that there is not.

    Notes
    -----
    Circles: let γ be the angle between the planes and δ the angle by which the second satellite is farther past the
    line where they cross than the first. At angle u past that line the first sees the second at the central angle ψ
    with cos ψ = cos u cos(u + δ) + cos γ sin u sin(u + δ) = cos δ cos²(γ/2) + cos(2u + δ) sin²(γ/2), greatest at
    2u = −δ: sin(ψ/2) = |sin(δ/2)| cos(γ/2). For equal inclinations and nodes Ω apart sin(γ/2) = sin i sin(Ω/2), and the
    crossing lies 2 atan(cos i tan(Ω/2)) farther along the first orbit, so that δ is the difference in phase plus that.
    The relative position traces an ellipse: Speckman, Lang and Boyce, An analysis of the line of sight vector between
    two satellites in common altitude circular orbits, Astrodynamics 1989 (1990). The same minimum: Avendaño et al.,
    Efficient search of optimal Flower Constellations, arXiv:2003.11970.

    As flown: every satellite of the shell runs along one closed path, turned with its node and at its own phase. The
    path is taken from SGP4, and the minimum of the squared distance over a revolution, a trigonometric polynomial, is
    found to a metre. Above 225 minutes the Moon and the Sun turn planes differently, and the figure is that of a
    moment.
    """
    require_altitude(altitude_km)
    require_inclination(inclination_deg)
    one_of("theory", theory, get_args(MissTheory))
    raan, phase = np.broadcast_arrays(*(np.radians(np.asarray(v, float)) for v in (raan_apart_deg, phase_apart_deg)))
    if theory == "circular":
        inclination = math.radians(inclination_deg)
        tilt = np.sqrt(1.0 - (math.sin(inclination) * np.sin(raan / 2.0)) ** 2)
        late = _past_the_crossing(inclination, raan, phase)
        return floats(2.0 * (WGS72_RADIUS_KM + altitude_km) * np.abs(np.sin(late / 2.0)) * tilt)
    return _flown_miss_km(altitude_km, inclination_deg, raan, phase)


def phasing_separations_km(
    *,
    altitude_km: float,
    inclination_deg: float,
    planes: int,
    satellites_per_plane: int,
    plane_spacing_deg: float | None = None,
    phasings: Sequence[int] | None = None,
    theory: MissTheory = "sgp4",
) -> FloatArray:
    """Return the smallest distance that any two satellites of a shell ever have, by phasing.

    Parameters
    ----------
    altitude_km, inclination_deg
        Of the shell.
    planes, satellites_per_plane
        Numbers of each.
    plane_spacing_deg
        Distance in right ascension from each plane to the next. None is Walker's delta, 360°/planes; a Walker star has
        180°/planes, a sun-synchronous shell what it was given.
    phasings
        Which to look at, each 0 to planes − 1; all of them when left out, which costs the square of `planes`.
    theory
        As in `miss_distance_km`.

    Returns
    -------
    FloatArray
        ``[phasing]``; no larger than the distance between neighbours of one plane, and
        infinite for a single satellite.

    Raises
    ------
    ValueError
        For a value out of range; the message says what is allowed.
    """
    require_whole("planes", planes, 1, None)
    require_whole("satellites_per_plane", satellites_per_plane, 1, None)
    spacing = FULL_TURN_DEG / planes if plane_spacing_deg is None else plane_spacing_deg
    require("plane_spacing_deg", spacing, math.isfinite(spacing), "a finite number of degrees")
    require_altitude(altitude_km)
    require_inclination(inclination_deg)
    looked_at = np.arange(planes) if phasings is None else np.asarray(phasings, dtype=np.int64)
    for phasing in looked_at[(looked_at < 0) | (looked_at >= planes)][:1].tolist():
        raise ValueError(f"phasings: {phasing} is not allowed; it must be 0 to {planes - 1}")
    slot_deg = FULL_TURN_DEG / satellites_per_plane
    closest = np.full(len(looked_at), np.inf)
    if satellites_per_plane > 1:
        closest[:] = miss_distance_km(altitude_km, inclination_deg, 0.0, slot_deg, theory=theory)
    for k in range(1, planes):
        lead = looked_at * (k * slot_deg / planes)
        phase = lead[:, None] + slot_deg * _slots_at_the_crossing(
            math.radians(inclination_deg), np.radians([k * spacing]), np.radians(lead), satellites_per_plane
        )
        crossing = miss_distance_km(altitude_km, inclination_deg, k * spacing, phase, theory=theory)
        closest = np.minimum(closest, crossing.min(axis=1))
    return floats(closest)


def safest_phasing(
    *,
    altitude_km: float,
    inclination_deg: float,
    planes: int,
    satellites_per_plane: int,
    plane_spacing_deg: float | None = None,
    theory: MissTheory = "sgp4",
) -> int:
    """Return the phasing whose satellites stay farthest apart; the lowest of several that are equal to a metre.

    Parameters and errors are those of `phasing_separations_km`, which says how far apart that is.

    Notes
    -----
    Starlink's first shell as 22 planes of 72 at 550 km and 53°: 17 with ``theory="circular"``, which keeps satellites
    61.83 km apart where the worst lets them collide, as Liang, Chaudhry and Yanikomeroglu found by simulation (Phasing
    parameter analysis for satellite collision avoidance in Starlink and Kuiper constellations, IEEE 5G World Forum
    2021, doi:10.1109/5GWF52925.2021.00093); but 7 as flown, with 53.98 km, where 17 keeps 49.53 km.
    """
    separations = phasing_separations_km(
        altitude_km=altitude_km,
        inclination_deg=inclination_deg,
        planes=planes,
        satellites_per_plane=satellites_per_plane,
        plane_spacing_deg=plane_spacing_deg,
        theory=theory,
    )
    return int(np.argmax(separations >= separations.max() - 1e-3))


def _past_the_crossing(inclination: float, raan: FloatArray, phase: FloatArray) -> FloatArray:
    """Return by how much the second satellite is farther past the crossing of the planes; radians throughout."""
    return floats(phase + 2.0 * np.arctan2(math.cos(inclination) * np.sin(raan / 2.0), np.cos(raan / 2.0)))


def _slots_at_the_crossing(inclination: float, raan: FloatArray, lead: FloatArray, slots: int) -> IntArray:
    """Return which slots of the farther plane can come nearest to slot 0 of the nearer, ``[phasing, candidate]``."""
    slot = 2.0 * math.pi / slots
    nearest = np.rint(-_past_the_crossing(inclination, raan, lead) / slot).astype(np.int64)
    beside = min(1 + math.ceil(_FARTHEST_SHIFT / slot), slots // 2)
    return ints(nearest[:, None] + np.arange(-beside, beside + 1))


def _flown_miss_km(altitude_km: float, inclination_deg: float, raan: FloatArray, phase: FloatArray) -> FloatArray:
    path = _path_km(altitude_km, inclination_deg)
    squared = np.empty(raan.size)
    for first in range(0, raan.size, _PAIRS):
        rows = slice(first, first + _PAIRS)
        squared[rows] = _lowest(_squared_km2(path, raan.reshape(-1)[rows], phase.reshape(-1)[rows]))
    return floats(np.sqrt(np.maximum(squared, 0.0)).reshape(raan.shape))


def _squared_km2(path_km: FloatArray, raan: FloatArray, phase: FloatArray) -> FloatArray:
    """Return the squared distances of pairs while the first runs along the path, ``[pair, sample]``."""
    harmonics = np.fft.rfft(path_km, axis=0)
    turn = np.exp(1j * phase[:, None] * np.arange(len(harmonics)))
    other = np.fft.irfft(harmonics * turn[..., None], n=_SAMPLES, axis=1)
    cosine, sine = np.cos(raan)[:, None], np.sin(raan)[:, None]
    x = cosine * other[..., 0] - sine * other[..., 1] - path_km[:, 0]
    y = sine * other[..., 0] + cosine * other[..., 1] - path_km[:, 1]
    z = other[..., 2] - path_km[:, 2]
    return floats(x * x + y * y + z * z)


def _path_km(altitude_km: float, inclination_deg: float) -> FloatArray:
    """Return the path of a circular mean orbit with its node on the x axis, ``[phase, xyz]``.

    A full plane of satellites at one instant shows it, with no secular motion to take out.
    """
    plane = phased_planes(
        name="path",
        altitude_km=altitude_km,
        inclination_deg=inclination_deg,
        nodes_deg=np.zeros(1),
        satellites_per_plane=_SAMPLES,
        phasing=0,
        epoch=_ANY_EPOCH,
        rack_type="",
    )
    _, positions, _ = teme_states(plane, plane.epoch_jd[:1], plane.epoch_fraction[:1])
    return np.asarray(positions[:, 0])


def _lowest(samples: FloatArray) -> FloatArray:
    """Return the minimum of the trigonometric polynomial through evenly spaced samples of a turn, the last axis."""
    harmonics = np.fft.rfft(samples, axis=-1) / _SAMPLES
    fine = np.fft.irfft(harmonics, n=_FINE, axis=-1) * _FINE
    angle = np.argmin(fine, axis=-1) * (2.0 * math.pi / _FINE)
    order = np.arange(harmonics.shape[-1] - 1)
    weights = harmonics[..., :-1] * np.where(order > 0, 2.0, 1.0)
    for _ in range(_POLISHINGS):
        wave = weights * np.exp(1j * order * angle[..., None])
        slope, curve = -(wave * order).imag.sum(-1), -(wave * order**2).real.sum(-1)
        # Where the distance hardly varies the minimum is flat, and any step would do harm.
        step = np.where(curve > 0.0, slope / np.where(curve > 0.0, curve, 1.0), 0.0)
        angle = angle - np.clip(step, -math.pi / _FINE, math.pi / _FINE)
    polished = (weights * np.exp(1j * order * angle[..., None])).real.sum(-1)
    return floats(np.minimum(polished, fine.min(axis=-1)))
