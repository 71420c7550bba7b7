"""Physical constants, the unit in each name and the source beside it.

Two Earth models live here on purpose: SGP4 mean elements only mean something under WGS72, the model that
Spacetrack Report #3 fitted them with; everything geometric (sites, shadow, grazing altitude) is WGS84.
"""

from typing import Final

SPEED_OF_LIGHT_KM_S: Final = 299_792.458
"""Speed of light in vacuum. Exact, SI (CGPM 1983)."""

ASTRONOMICAL_UNIT_KM: Final = 149_597_870.7
"""Astronomical unit. Exact, IAU 2012 Resolution B2."""

SUN_RADIUS_KM: Final = 695_700.0
"""Nominal solar radius. IAU 2015 Resolution B3."""

SOLAR_CONSTANT_W_M2: Final = 1361.0
"""Nominal total solar irradiance at 1 AU. IAU 2015 Resolution B3."""

EARTH_EQUATORIAL_RADIUS_KM: Final = 6378.137
"""WGS84 semi-major axis. NIMA TR8350.2 (2000), table 3.1."""

EARTH_FLATTENING: Final = 1.0 / 298.257223563
"""WGS84 flattening. NIMA TR8350.2 (2000), table 3.1."""

EARTH_MU_KM3_S2: Final = 398_600.4418
"""WGS84 gravitational parameter with atmosphere. NIMA TR8350.2 (2000), table 3.1."""

EARTH_SPIN_RAD_S: Final = 7.292_115e-5
"""Nominal rate at which the Earth turns against the stars. IERS Conventions (2010), table 1.2; Skyfield's figure."""

EARTH_J2: Final = 1.082_626_68e-3
"""Second zonal harmonic, unnormalised. EGM96, Lemoine et al., NASA/TP-1998-206861."""

WGS72_MU_KM3_S2: Final = 398_600.8
"""Gravitational parameter inside SGP4. Vallado et al., AIAA 2006-6753, appendix C."""

WGS72_RADIUS_KM: Final = 6378.135
"""Equatorial radius inside SGP4. Vallado et al., AIAA 2006-6753, appendix C."""

TROPICAL_YEAR_D: Final = 365.242_19
"""Mean tropical year, J2000. Explanatory Supplement to the Astronomical Almanac, 3rd ed., section 3.2."""

SECONDS_PER_DAY: Final = 86_400.0
"""Seconds of a UTC day without a leap second. Definition."""

HOURS_PER_YEAR: Final = 8_760.0
"""Hours of a 365-day year, the convention of energy economics. Definition."""

BOLTZMANN_J_K: Final = 1.380_649e-23
"""Boltzmann constant. Exact, SI (CGPM 2018)."""

PLANCK_J_S: Final = 6.626_070_15e-34
"""Planck constant. Exact, SI (CGPM 2018)."""

STEFAN_BOLTZMANN_W_M2_K4: Final = 5.670_374_419e-8
"""Stefan–Boltzmann constant. CODATA 2018."""

STANDARD_GRAVITY_M_S2: Final = 9.806_65
"""Standard gravity. Exact, CGPM 1901."""
