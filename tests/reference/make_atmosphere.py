"""Writes ``planner/data/atmosphere.toml``: NRLMSISE-00 averaged over the globe, the day and the year.

Not a test and not part of the package: what was run to make the table, kept so that it can be made again. Needs
``pymsis`` (0.13.0 was used), which holds NRL's model and needs no network as long as the solar flux is handed to it.

    python tests/reference/make_atmosphere.py planner/data/atmosphere.toml
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ALTITUDES_KM = (
    *(120, 130, 140, 150, 160, 180, 200, 225, 250, 275, 300, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800, 850),
    *(900, 950, 1000, 1100, 1200, 1300, 1400, 1600, 1800, 2000),
)
"""Close enough that a density read between two by its logarithm is within 2.6 % of the model's own."""

LEVELS = {"low": (65.0, 0.0), "mean": (140.0, 15.0), "high": (250.0, 45.0)}
"""F10.7, daily and averaged, and Ap: the long-term levels of ECSS-E-ST-10-04C (2008), table 6-3."""

MODEL_LIMIT_KM = 1000
FACTOR, DOUBLED_OVER_KM, FACTOR_AT_MOST = 1.5, 400.0, 3.0
"""Range of a density: a factor up to the limit of the model, and growing above it."""

HEADER = """\
# Total mass density of the upper atmosphere, averaged over the globe, the day and the year, at three levels of solar
# activity. How it was made, what it was checked against and what the ranges mean: atmosphere.txt.
"""
TITLE = "Upper atmosphere at {level} solar activity: F10.7 {flux:g}, Ap {ap:g}, global mean"
SOURCE = "NRLMSISE-00 (Picone et al. 2002, doi:10.1029/2002JA009430), F10.7 {flux:g}, Ap {ap:g}, global mean"
ABOVE = "; above the 1,000 km to which the model is fitted"


def global_mean_kg_m3(altitudes_km: Floats, flux: float, ap: float, version: float = 0) -> Floats:
    """Return the density averaged over 12 Gauss latitudes, 12 longitudes, 4 times of day and 12 months."""
    import pymsis

    nodes, weights = np.polynomial.legendre.leggauss(12)
    latitudes, longitudes = np.degrees(np.arcsin(nodes)), np.arange(0.0, 360.0, 30.0)
    hours = [round(month * 365.25 / 12 * 24) + hour for month in range(12) for hour in (0, 6, 12, 18)]
    total = np.zeros(len(altitudes_km))
    for hour in hours:
        instant = np.datetime64("2015-01-01T00:00") + np.timedelta64(hour, "h")
        drivers = [flux], [flux], np.full((1, 7), ap)
        grid = pymsis.calculate([instant], longitudes, latitudes, altitudes_km, *drivers, version=version)
        total += np.einsum("xya,y->a", grid[0, ..., 0], weights / 2.0) / len(longitudes)
    return total / len(hours)


def main(target: Path) -> None:
    """Write the table."""
    lines = [HEADER]
    for level, (flux, ap) in LEVELS.items():
        densities = global_mean_kg_m3(np.array(ALTITUDES_KM, dtype=float), flux, ap)
        lines += [f"[{level}]", f'title = "{TITLE.format(level=level, flux=flux, ap=ap)}"']
        for altitude, density in zip(ALTITUDES_KM, densities, strict=True):
            above = altitude > MODEL_LIMIT_KM
            factor = min(FACTOR * 2.0 ** max(0.0, (altitude - MODEL_LIMIT_KM) / DOUBLED_OVER_KM), FACTOR_AT_MOST)
            low, high = density / factor, density * factor
            source = SOURCE.format(flux=flux, ap=ap) + (ABOVE if above else "")
            lines.append(
                f"density_{altitude}_km_kg_m3 = "
                f'{{ value = {density:.3e}, unit = "kg/m3", low = {low:.3e}, high = {high:.3e}, '
                f'kind = "published", source = "{source}", date = 2002-12-24 }}'
            )
        lines.append("")
    target.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
