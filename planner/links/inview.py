"""How many satellites stand high enough over each place? Kernel of `planner.links.coverage`; counts, never contacts."""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled


@compiled
def count_in_view(site_km: FloatArray, zenith: FloatArray, position_km: FloatArray, sine: FloatArray) -> IntArray:
    """Return how many satellites each site sees, ``[time, site]``.

    `site_km` and `zenith` are ``[time, site, xyz]``, `position_km` ``[time, xyz, sat]``, `sine` that of each site's
    lowest elevation ``[site]``. A satellite that is NaN is seen by nobody.
    """
    times, sites = site_km.shape[0], site_km.shape[1]
    satellites = position_km.shape[2]
    counts = np.zeros((times, sites), dtype=np.int64)
    for t in range(times):
        x, y, z = position_km[t, 0], position_km[t, 1], position_km[t, 2]
        for s in range(sites):
            site_x, site_y, site_z = site_km[t, s, 0], site_km[t, s, 1], site_km[t, s, 2]
            up_x, up_y, up_z = zenith[t, s, 0], zenith[t, s, 1], zenith[t, s, 2]
            # Elevation rises with the sine up/slant, and so does its square with the sine's own sign: no root is taken.
            limit = sine[s] * abs(sine[s])
            seen = 0
            for p in range(satellites):
                away_x, away_y, away_z = x[p] - site_x, y[p] - site_y, z[p] - site_z
                up = away_x * up_x + away_y * up_y + away_z * up_z
                squared = away_x * away_x + away_y * away_y + away_z * away_z
                seen += up * abs(up) >= limit * squared
            counts[t, s] = seen
    return counts
