"""What does a laser terminal carry over a distance? Catalog terminals, and the link budget that a design starts from.

A planning run takes a terminal's published rate up to its published range (`LaserTerminal`). The budget
(`OpticalDesign`, `received_power_w`, `link_rate_gbps`) shows what such a rate takes, and what short links could carry.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.catalog import Catalog
from planner.constants import PLANCK_J_S, SPEED_OF_LIGHT_KM_S
from planner.errors import CatalogError, Problem

_M_PER_KM: Final = 1e3
_RIGHT_ANGLE_DEG: Final = 90.0
_HALF_TURN_DEG: Final = 180.0


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
        Pointing error over the 1/e² half-angle of the beam.
    beams_a_side
        Greatest n for which either end can divide its aperture into n × n smaller ones, each with its own beam, its
        own part of the power and its own set of modems; 1 does not divide it.
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
        if self.beams_a_side < 1:
            raise ValueError(f"beams_a_side: {self.beams_a_side} must be at least 1")


@dataclass(frozen=True)
class LaserTerminal:
    """One laser terminal as a plan uses it.

    Attributes
    ----------
    name
        Catalog name.
    rate_gbps
        Data rate in each direction, at any range up to the greatest, where there is no design.
    maximum_range_km
        Greatest range at which it closes the link.
    mass_kg, power_w
        Of one terminal, with its electronics; the power is that of a working link.
    standby_power_w
        What it draws without a link.
    sun_exclusion_deg
        Least angle between the Sun and the other end; 0 sets no limit.
    maximum_rate_deg_s
        Fastest turn of the line of sight that it can follow.
    acquisition_s
        From the start of pointing at a new partner to the first data.
    half_angle_deg
        Of its field of regard, from the boresight of its mounting; 180 points anywhere.
    design
        Where given, capacities are those of its link budget instead of `rate_gbps`.

    Raises
    ------
    ValueError
        For a value that no terminal can have.
    """

    name: str
    rate_gbps: float
    maximum_range_km: float
    mass_kg: float
    power_w: float
    standby_power_w: float = 0.0
    sun_exclusion_deg: float = 0.0
    maximum_rate_deg_s: float = math.inf
    acquisition_s: float = 0.0
    half_angle_deg: float = 180.0
    design: OpticalDesign | None = None

    def __post_init__(self) -> None:
        for name in ("rate_gbps", "maximum_range_km"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise ValueError(f"{name}: {value} must be finite and positive")
        for name, (holds, allowed) in _POINTING.items():
            if not holds(getattr(self, name)):
                raise ValueError(f"{name}: {getattr(self, name)} must be {allowed}")

    @classmethod
    def from_catalog(cls, catalog: Catalog, name: str) -> "LaserTerminal":
        """Return terminal `name` of the collection ``laser_terminals``.

        Raises
        ------
        CatalogError
            If there is no such terminal, or it lacks a figure or has one that no terminal can have.
        """
        entry = catalog.entry("laser_terminals", name)
        problems = [
            Problem(f"laser_terminals.{name}.{figure}", f"{entry[figure]:g} must be {allowed}")
            for figure, (holds, allowed) in (_LINK | _POINTING).items()
            if not holds(entry[figure])
        ]
        if problems:
            raise CatalogError(problems)
        terminal = cls(name, entry["rate_gbps"], entry["maximum_range_km"], entry["mass_kg"], entry["power_w"])
        return replace(
            terminal,
            standby_power_w=entry["standby_power_w"],
            sun_exclusion_deg=entry["sun_exclusion_deg"],
            maximum_rate_deg_s=entry["maximum_rate_deg_s"],
            acquisition_s=entry["acquisition_s"],
            half_angle_deg=entry["half_angle_deg"],
        )

    def capacity_gbps(self, range_km: FloatArray) -> FloatArray:
        """Return the rate at each range, 0 beyond the greatest, ``[…]``."""
        rate = self.rate_gbps if self.design is None else link_rate_gbps(self.design, range_km)
        return floats(np.where(range_km <= self.maximum_range_km, rate, 0.0))


_Bound = tuple[Callable[[float], bool], str]
_LINK: Final[dict[str, _Bound]] = {
    "rate_gbps": (lambda value: value > 0.0, "above 0"),
    "maximum_range_km": (lambda value: value > 0.0, "above 0"),
}
_POINTING: Final[dict[str, _Bound]] = {
    "standby_power_w": (lambda value: 0.0 <= value < math.inf, "at least 0"),
    "sun_exclusion_deg": (lambda value: 0.0 <= value < _RIGHT_ANGLE_DEG, "at least 0 and below 90"),
    "maximum_rate_deg_s": (lambda value: value > 0.0, "above 0"),
    "acquisition_s": (lambda value: 0.0 <= value < math.inf, "at least 0"),
    "half_angle_deg": (lambda value: 0.0 < value <= _HALF_TURN_DEG, "above 0 and at most 180"),
}


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
    n × n beams each has an aperture D/n and 1/n² of the power, reaches only its own receiver up to the confocal
    distance π(a/n)²/λ (the same paper), and has N modems of its own: n² times the rate of one such beam.
    """
    distance = np.asarray(distance_km, dtype=np.float64)
    best = _beam_rate_gbps(design, distance)
    for beams in range(2, design.beams_a_side + 1):
        aperture_m = design.aperture_m / beams
        one = replace(design, aperture_m=aperture_m, transmit_w=design.transmit_w / beams**2)
        apart = distance <= confocal_distance_km(aperture_m, design.wavelength_m)
        best = np.maximum(best, np.where(apart, beams**2 * _beam_rate_gbps(one, distance), 0.0))
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


def parallel_beams(aperture_m: float, wavelength_m: float, distance_km: FloatArray) -> IntArray:
    """Return n, where an aperture divided into n × n smaller ones still sends each beam to its own, ``[…]``.

    Notes
    -----
    d ≤ π(a/n)²/λ: the Suncatcher paper, arXiv:2511.19468 (2025), on spatial multiplexing.
    """
    distance = np.asarray(distance_km, dtype=np.float64)
    if not np.all(distance > 0.0):
        raise ValueError(f"distance_km: {distance_km} must be positive")
    return ints(np.floor(np.sqrt(confocal_distance_km(aperture_m, wavelength_m) / distance)))
