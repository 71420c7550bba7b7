"""What can an optical link of a given design carry over a distance? The link budget, both ends alike."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.constants import PLANCK_J_S, SPEED_OF_LIGHT_KM_S

_M_PER_KM: Final = 1e3

Bound = tuple[Callable[[float], bool], str]
"""Whether a value is allowed, and which values are, in words."""
POSITIVE: Final[Bound] = (lambda value: 0.0 < value < math.inf, "finite and above 0")
NOT_NEGATIVE: Final[Bound] = (lambda value: 0.0 <= value < math.inf, "finite and at least 0")
_COUNT: Final[Bound] = (lambda value: 1 <= value < math.inf and value == math.floor(value), "a whole number from 1")
DESIGN_BOUNDS: Final[dict[str, Bound]] = {
    "transmit_w": POSITIVE,
    "aperture_m": POSITIVE,
    "wavelength_m": POSITIVE,
    "aperture_fraction": (lambda value: 0.0 < value <= 1.0, "above 0 and at most 1"),
    "losses_db": NOT_NEGATIVE,
    "sensitivity_photons_bit": POSITIVE,
    "channels": _COUNT,
    "channel_gbps": POSITIVE,
    "margin_db": NOT_NEGATIVE,
    "pointing_error_fraction": NOT_NEGATIVE,
    "beams_a_side": _COUNT,
}
"""Of every figure of an `OpticalDesign`."""


@dataclass(frozen=True)
class OpticalDesign:
    """The figures of a link budget; both ends are alike.

    Attributes
    ----------
    transmit_w
        Optical power of all channels and beams together.
    aperture_m
        Diameter of the telescope at either end.
    wavelength_m
        Carrier.
    aperture_fraction
        Efficiency of each telescope's aperture as an antenna.
    losses_db
        Losses of optics, implementation and so on, positive.
    sensitivity_photons_bit
        Received photons that the modulation and its decoder need for one bit.
    channels
        Wavelengths of one beam; they share its transmitted, and so its received, power.
    channel_gbps
        What the modem of one channel can do.
    margin_db
        Received power kept in reserve, positive.
    pointing_error_fraction
        Pointing error over the 1/e² half-angle of the undivided beam.
    beams_a_side
        Greatest n for which either end can divide its aperture into n × n smaller ones, each with its own beam, its
        own part of the power and its own set of modems; 1 does not divide it.

    Raises
    ------
    ValueError
        For a value that no design can have.
    """

    transmit_w: float
    aperture_m: float
    wavelength_m: float
    aperture_fraction: float
    losses_db: float
    sensitivity_photons_bit: float
    channels: int
    channel_gbps: float
    margin_db: float = 0.0
    pointing_error_fraction: float = 0.0
    beams_a_side: int = 1

    def __post_init__(self) -> None:
        for name, (holds, allowed) in DESIGN_BOUNDS.items():
            if not holds(getattr(self, name)):
                raise ValueError(f"{name}: {getattr(self, name)} must be {allowed}")


def geometric_fraction(design: OpticalDesign, distance_km: FloatArray) -> FloatArray:
    """Return the part of the transmitted power that the receiver's aperture catches; never above 1.

    Parameters
    ----------
    design
        The link.
    distance_km
        ``[…]``.

    Notes
    -----
    Far field, Friis: G²(λ/4πd)² with G = η(πD/λ)² (Klein and Degnan, Applied Optics 13 (1974) 2134, give the
    telescope's gain). Close in, Friis promises more than was sent; there a Gaussian beam whose waist fills the sending
    aperture of radius a puts 1 − exp(−2a²/w(d)²) into the receiving one, w(d)² = a²(1 + (λd/πa²)²). The lesser holds.
    """
    distance_m = np.maximum(np.asarray(distance_km, dtype=np.float64) * _M_PER_KM, np.finfo(np.float64).tiny)
    radius_m = design.aperture_m / 2.0
    gain = design.aperture_fraction * (math.pi * design.aperture_m / design.wavelength_m) ** 2
    with np.errstate(over="ignore"):
        friis = (gain * (design.wavelength_m / (4.0 * math.pi * distance_m))) ** 2
    spread = 1.0 + (design.wavelength_m * distance_m / (math.pi * radius_m**2)) ** 2
    return floats(np.minimum(friis, -np.expm1(-2.0 / spread)))


def received_power_w(design: OpticalDesign, distance_km: FloatArray) -> FloatArray:
    """Return the optical power at the receiver, all channels together, ``[…]``.

    Notes
    -----
    P_r = P_t · 10^(−losses/10) · pointing · geometry, with the pointing loss exp(−2(θ_err/w_θ)²) of a Gaussian beam.
    """
    pointing = math.exp(-2.0 * design.pointing_error_fraction**2)
    caught = geometric_fraction(design, distance_km)
    return floats(design.transmit_w * _from_db(-design.losses_db) * pointing * caught)


def link_rate_gbps(design: OpticalDesign, distance_km: FloatArray) -> FloatArray:
    """Return the data rate of the whole link, ``[…]``.

    The received power is shared by the channels, so their number caps the rate at what the modems can do and never
    multiplies the power. Where the ends are close and the design allows it, the aperture is divided into the n × n
    beams that carry most.

    Notes
    -----
    min(N·R_modem, P_r·10^(−margin/10)/(photons per bit · hc/λ)); the Suncatcher paper, arXiv:2511.19468 (2025). Of
    n × n beams each has an aperture D/n and 1/n² of the power, reaches only its own receiver as far as `parallel_beams`
    says, and has N modems of its own: n² times the rate of one such beam. It is n times as wide, so that the same
    pointing error is an n-th of its half-angle.
    """
    distance = np.asarray(distance_km, dtype=np.float64)
    best, most = _beam_rate_gbps(design, distance), parallel_beams(design, distance)
    for beams in range(2, design.beams_a_side + 1):
        one = replace(
            design,
            aperture_m=design.aperture_m / beams,
            transmit_w=design.transmit_w / beams**2,
            pointing_error_fraction=design.pointing_error_fraction / beams,
        )
        best = np.maximum(best, np.where(most >= beams, beams**2 * _beam_rate_gbps(one, distance), 0.0))
    return floats(best)


def _beam_rate_gbps(design: OpticalDesign, distance: FloatArray) -> FloatArray:
    """Return the data rate of a link of one beam."""
    photon_j = PLANCK_J_S * SPEED_OF_LIGHT_KM_S * _M_PER_KM / design.wavelength_m
    usable_w = received_power_w(design, distance) * _from_db(-design.margin_db)
    by_power = usable_w / (design.sensitivity_photons_bit * photon_j) / 1e9
    return np.minimum(by_power, design.channels * design.channel_gbps)


def _from_db(ratio_db: float) -> float:
    return float(10.0 ** (ratio_db / 10.0))


def confocal_distance_km(aperture_m: float, wavelength_m: float) -> float:
    """Return πa²/λ, the distance up to which a beam that fills an aperture of radius a stays about that narrow."""
    return math.pi * (aperture_m / 2.0) ** 2 / wavelength_m / _M_PER_KM


def parallel_beams(design: OpticalDesign, distance_km: FloatArray) -> IntArray:
    """Return the greatest n for which a design's aperture divided into n × n sends each beam to its own, ``[…]``.

    From 1, the whole aperture, which is used at any distance, to the design's `beams_a_side`.

    Notes
    -----
    d ≤ π(a/n)²/λ: the Suncatcher paper, arXiv:2511.19468 (2025), on spatial multiplexing.
    """
    distance = np.asarray(distance_km, dtype=np.float64)
    most = np.ones(distance.shape, dtype=np.int64)
    for beams in range(2, design.beams_a_side + 1):
        most += distance <= confocal_distance_km(design.aperture_m / beams, design.wavelength_m)
    return ints(most)
