"""Writes ``planner/data/radiation.toml``: trapped protons and electrons of AP-8 and AE-8 behind aluminium.

Not a test and not part of the package: what was run to make the table, kept so that it can be made again. Needs
``spacepy`` (0.7.0 was used), whose IRBEM library holds AP-8, AE-8 and SHIELDOSE-2; takes about three minutes.

    python tests/reference/make_radiation.py planner/data/radiation.toml

A circular orbit that is flown long enough sees every longitude alike, and latitudes as often as a sine does; so does
one of the inclination 180° − i. Fluxes are averaged that way, turned into means over narrow bins of energy (the models
are tables: a derivative at a point would pick up their kinks) and handed to SHIELDOSE-2.
"""

import ctypes
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ALTITUDES_KM = (400, 500, 650, 800, 1000, 1200, 1400)
INCLINATIONS_DEG = (30, 40, 45, 53, 70, 90)
SHIELDING_MM = (2, 3, 5, 8, 10, 20)
"""From 400 km up: below, the edge of the belt is too steep for the models' tables, and doses no longer fall with
thickness. Between rows, logarithms of dose over altitude, inclination and the logarithm of thickness are within 21 % of
what this script gives there, 5 % on average."""

PROTONS_AT_MINIMUM, ELECTRONS_AT_MAXIMUM = -3, -2
"""IRBEM's numbers of AP-8 MIN and AE-8 MAX, the conservative pair; negative for the interpolation over B/B0 of Daly et
al. 1996 (doi:10.1109/23.490889), without which the steep inner edge of the belt comes out 20 % low."""

EARTH_RADIUS_KM, MODEL_RADIUS_KM = 6378.137, 6371.2
SECONDS_PER_YEAR = 365.0 * 86_400.0
BOTH_HEMISPHERES = 2.0
"""IRBEM's SHIELDOSE-2 gives the centre of a sphere half of what an omnidirectional flux leaves there: 100 MeV protons
behind next to nothing get 0.9e-7 rad cm² of the 5.83 MeV cm²/g × 1.602e-8 rad that their stopping power says."""

_ENERGIES, _POINTS = 25, 100_000  # what IRBEM's arrays hold in one call

HEADER = """\
# Ionising dose a year in silicon at the centre of a solid aluminium sphere, circular orbits, trapped protons and
# electrons only. How it was made, what it was checked against and what the ranges mean: radiation.txt.
"""
SOURCE = "AP-8 MIN, AE-8 MAX (NASA), SHIELDOSE-2 (NIST) through IRBEM; see radiation.txt"


def mean_flux(which: int, edges_mev: Floats, altitude_km: float, latitudes_deg: Floats) -> Floats:
    """Return the flux per MeV in each bin of energy at each latitude, averaged over longitude."""
    import spacepy.irbempy

    fly = ctypes.CDLL(str(spacepy.irbempy.irbemlib._name)).fly_in_nasa_aeap1_
    longitudes = np.radians(np.arange(0.0, 360.0, 5.0))
    latitude, longitude = (grid.ravel() for grid in np.meshgrid(np.radians(latitudes_deg), longitudes, indexing="ij"))
    radius = (EARTH_RADIUS_KM + altitude_km) / MODEL_RADIUS_KM
    place = np.zeros((3, _POINTS))
    count = latitude.size
    place[0, :count] = radius * np.cos(latitude) * np.cos(longitude)
    place[1, :count] = radius * np.cos(latitude) * np.sin(longitude)
    place[2, :count] = radius * np.sin(latitude)
    year, day, second = np.full(_POINTS, 2023, np.int32), np.ones(_POINTS, np.int32), np.zeros(_POINTS)
    found = []
    for first in range(0, len(edges_mev) - 1, _ENERGIES):
        bins = np.stack([edges_mev[:-1], edges_mev[1:]], axis=1)[first : first + _ENERGIES]
        energies, flux = np.zeros((_ENERGIES, 2)), np.zeros((_ENERGIES, _POINTS))
        energies[: len(bins)] = bins
        whole = [ctypes.byref(ctypes.c_int32(value)) for value in (count, 1, which, 2, len(bins))]
        arrays = [array.ctypes.data_as(ctypes.c_void_p) for array in (energies, year, day, second, *place, flux)]
        fly(*whole, *arrays)
        block = flux[: len(bins), :count]
        block = np.where(np.isfinite(block) & (block > 0.0), block, 0.0)
        found.append(block.reshape(len(bins), len(latitudes_deg), len(longitudes)).mean(axis=2))
    return np.concatenate(found)


def dose_rad_yr(proton_mev: Floats, protons: Floats, electron_mev: Floats, electrons: Floats) -> Floats:
    """Return the dose a year behind each thickness."""
    import spacepy.irbempy

    nothing = 1e-30
    model = spacepy.irbempy.Shieldose2()
    model.set_shielding(np.array(SHIELDING_MM, dtype=float), "mm")
    model.set_flux(np.maximum(electrons, nothing), electron_mev, "e", tau=SECONDS_PER_YEAR)
    model.set_flux(np.full(len(proton_mev), nothing), proton_mev, "p_un", tau=SECONDS_PER_YEAR)
    model.set_flux(np.maximum(protons, nothing), proton_mev, "p_tr", tau=SECONDS_PER_YEAR)
    silicon, no_nuclear_attenuation, sphere = 3, 1, 2
    model.get_dose(silicon, no_nuclear_attenuation)
    parts = ("dose_electron", "dose_bremsstrahlung", "dose_proton_trapped")
    return BOTH_HEMISPHERES * np.sum([np.asarray(model.results[part])[:, sphere] for part in parts], axis=0)


def doses_rad_yr(altitude_km: float) -> Floats:
    """Return the dose a year, ``[inclination, thickness]``."""
    latitudes = np.arange(-89.0, 90.0, 2.0)
    proton_edges, electron_edges = np.geomspace(0.1, 400.0, 61), np.geomspace(0.04, 7.0, 51)
    protons = mean_flux(PROTONS_AT_MINIMUM, proton_edges, altitude_km, latitudes)
    electrons = mean_flux(ELECTRONS_AT_MAXIMUM, electron_edges, altitude_km, latitudes)
    proton_mev = np.sqrt(proton_edges[1:] * proton_edges[:-1])
    electron_mev = np.sqrt(electron_edges[1:] * electron_edges[:-1])
    along = np.sin((np.arange(3600) + 0.5) / 3600 * 2.0 * np.pi)
    rows = []
    for inclination in INCLINATIONS_DEG:
        path = np.degrees(np.arcsin(np.sin(np.radians(inclination)) * along))
        met = [np.array([np.interp(path, latitudes, row).mean() for row in flux]) for flux in (protons, electrons)]
        rows.append(dose_rad_yr(proton_mev, met[0], electron_mev, met[1]))
    return np.array(rows)


def main(target: Path) -> None:
    """Write the table."""
    table = np.array([doses_rad_yr(altitude) for altitude in ALTITUDES_KM])
    lines = [HEADER]
    for column, inclination in enumerate(INCLINATIONS_DEG):
        lines += [
            f"[inclination_{inclination}]",
            f'title = "Trapped radiation, inclination {inclination}°"',
        ]
        for row, altitude in enumerate(ALTITUDES_KM):
            for depth, shielding in enumerate(SHIELDING_MM):
                dose = table[row, column, depth]
                lines.append(
                    f"dose_{altitude}_km_{shielding}_mm_rad_yr = "
                    f'{{ value = {dose:.4g}, unit = "rad/yr", low = {dose / 2:.4g}, high = {dose * 3:.4g}, '
                    f'kind = "published", source = "{SOURCE}", date = 1991-11-01 }}'
                )
        lines.append("")
    target.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
