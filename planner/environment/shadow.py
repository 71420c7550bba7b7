"""How much of the Sun does the flattened Earth hide? The compiled arithmetic of `sunlight`, `crossings` and `seasons`.

Any Earth-centred frame; axes ``[time, sat, xyz]``. Angles are radians, lengths kilometres. Imports Numba: import this
module inside the functions that call it.

**The flattened Earth.** Stretching space along the Earth's axis by 1/(1 − f) turns the ellipsoid into the sphere of its
equatorial radius. Straight lines stay straight, so that a point of the Sun is hidden after the stretch exactly if it
was before it. What remains is a sphere before a Sun that the stretch drew out by f = 0.34 %. The Earth's limb crosses
so small a disc as a nearly straight line; what such a line cuts off a stretched disc is what it cuts off a round one
whose radius is the stretched disc's reach across the line. That radius is used. The limb's bend over the disc times the
stretch is neglected. It grows with distance, as the Earth's disc shrinks towards the Sun's: 5e-6 of the Sun in low
orbit, 3e-5 in a geostationary one, 2e-4 at the Moon's distance, 6e-4 at a million kilometres, and 1.8e-3 beyond the
umbra's tip at 1.4 million.

**The two discs.** Seen from the satellite, Sun and Earth are caps of the sky with radii a and b, their centres c apart.
Their overlap is two sectors less two spherical triangles with sides a, b, c, exact for spheres; angles and excess come
from half angles, which lose no digits where the caps barely touch. Tovchigrechko and Vakser, Protein Science 10 (2001)
1572, appendix, doi:10.1110/ps.8701. The usual overlap of two flat discs (Montenbruck and Gill, Satellite Orbits, 2000,
section 3.4.2) bends the limb too much and is 2e-4 of the Sun off in low orbit. Those formulas need the tangents of
quarters of a, b, c and of their sums, which roots and the addition theorem give without an angle ever being formed.
"""

import math

from planner.arrays import FloatArray
from planner.compiled import compiled, compiled_inline
from planner.environment.sunlight import Shape

Vector = tuple[float, float, float]
Cone = tuple[float, float, float, float, float]


@compiled_inline
def _quarter(opposite: float, adjacent: float, hypotenuse: float) -> float:
    """Return tan(x/4) of the angle x below π in a right triangle."""
    half = opposite / (hypotenuse + adjacent)
    return half / (1.0 + math.sqrt(1.0 + half * half))


@compiled_inline
def discs(at: Vector, sun: Vector, pole: Vector, shape: Shape) -> Vector:
    """Return tan(a/4), tan(b/4), tan(c/4) of the module's a, b and c, for a satellite on the night side of the Earth.

    Parameters
    ----------
    at, sun
        Satellite and Sun from the Earth's centre.
    pole
        Unit vector of the Earth's axis.
    shape
        See `Shape`.
    """
    (x, y, z), (px, py, pz), (stretch, earth_km, sun_km) = at, pole, shape
    lift = (stretch - 1.0) * (x * px + y * py + z * pz)
    ex, ey, ez = -(x + lift * px), -(y + lift * py), -(z + lift * pz)  # towards the Earth's centre
    sx, sy, sz = sun[0] - x, sun[1] - y, sun[2] - z
    lift = (stretch - 1.0) * (sx * px + sy * py + sz * pz)
    sx, sy, sz = sx + lift * px, sy + lift * py, sz + lift * pz
    earth_square, sun_square = ex * ex + ey * ey + ez * ez, sx * sx + sy * sy + sz * sz
    cx, cy, cz = ey * sz - ez * sy, ez * sx - ex * sz, ex * sy - ey * sx
    across_square, inward = cx * cx + cy * cy + cz * cz, ex * sx + ey * sy + ez * sz
    # How far the Sun reaches across the limb, in the direction across the line of sight in the plane of both centres;
    # `tilt` is that direction's part along the axis.
    tilt = (ex * px + ey * py + ez * pz) - inward * (sx * px + sy * py + sz * pz) / sun_square
    tilt_square = tilt * tilt * sun_square / across_square if across_square > 0.0 else 0.0
    reach_square = sun_km * sun_km * (1.0 + (stretch * stretch - 1.0) * tilt_square)
    earth_away, sun_away = math.sqrt(earth_square), math.sqrt(sun_square)
    earth_km = min(earth_km, earth_away)  # below the ground half of the sky is hidden
    return (
        _quarter(math.sqrt(reach_square), math.sqrt(sun_square - reach_square), sun_away),
        _quarter(earth_km, math.sqrt(earth_square - earth_km * earth_km), earth_away),
        _quarter(math.sqrt(across_square), inward, earth_away * sun_away),
    )


@compiled
def height(at: Vector, sun: Vector, pole: Vector, shape: Shape) -> float:
    """Return how many of its own radii the Sun's centre stands above the limb: from 1 on full light, to −1 umbra."""
    a, b, c = discs(at, sun, pole, shape)
    return (math.atan(c) - math.atan(b)) / math.atan(a)


@compiled_inline
def visible_part(a: float, b: float, c: float) -> float:
    """Return the part of one cap that another leaves visible, from the tangents that `discs` returns."""
    # Numerators and denominators of the tangents of a quarter of a + b + c, b + c − a, a + c − b and a + b − c. Their
    # squares add up to the same in all four, so that their products are sines of the halves but for one factor.
    ab, bc, ca, abc = a * b, b * c, c * a, a * b * c
    up, up_a, up_b, up_c = a + b + c - abc, b + c - a + abc, a + c - b + abc, a + b - c + abc
    down, down_a, down_b, down_c = 1.0 - ab - bc - ca, 1.0 + ab + ca - bc, 1.0 + ab + bc - ca, 1.0 + bc + ca - ab
    if up_c <= 0.0:
        return 1.0
    if up_b <= 0.0:
        return 0.0
    whole, earth = 2.0 * _half_sine_square(a), 2.0 * _half_sine_square(b)
    if up_a <= 0.0:
        return 1.0 - earth / whole  # a ring of the Sun, beyond the tip of the umbra
    sine, sine_a, sine_b, sine_c = up * down, up_a * down_a, up_b * down_b, up_c * down_c
    at_sun = 2.0 * math.atan(math.sqrt(sine_a * sine_c / (sine * sine_b)))
    at_earth = 2.0 * math.atan(math.sqrt(sine_b * sine_c / (sine * sine_a)))
    excess = 4.0 * math.atan(math.sqrt(up * up_a * up_b * up_c / (down * down_a * down_b * down_c)))
    return min(max(1.0 - (at_sun * whole + at_earth * earth - excess) / (math.pi * whole), 0.0), 1.0)


@compiled_inline
def _half_sine_square(quarter: float) -> float:
    """Return sin²(x/2) from tan(x/4)."""
    sine = 2.0 * quarter / (1.0 + quarter * quarter)
    return sine * sine


@compiled
def visible_fractions(
    positions: FloatArray, suns: FloatArray, poles: FloatArray, shape: Shape, lit: FloatArray
) -> None:
    """Write the visible part of the Sun into `lit` ``[time, sat]``."""
    oblate = shape[0] * shape[0] - 1.0
    for time in range(positions.shape[0]):
        sun = (suns[time, 0], suns[time, 1], suns[time, 2])
        pole = (poles[time, 0], poles[time, 1], poles[time, 2])
        axis, inner, outer = _cones(sun, pole, shape)
        for sat in range(positions.shape[1]):
            at = (positions[time, sat, 0], positions[time, sat, 1], positions[time, sat, 2])
            certain = _certain(at, axis, pole, oblate, inner, outer)
            if certain >= 0.0:
                lit[time, sat] = certain
            else:
                a, b, c = discs(at, sun, pole, shape)
                lit[time, sat] = visible_part(a, b, c)


@compiled_inline
def _cones(sun: Vector, pole: Vector, shape: Shape) -> tuple[Vector, Cone, Cone]:
    """Return what `_certain` asks: the shadow's axis, and its two tangent cones for the widest Sun there can be.

    A position stretched to r′ = r + (k − 1)(r·p)p lies s = r′·u = r·(u + (k − 1)(u·p)p) along the unit vector u from
    the stretched Sun; the vector in brackets is the axis returned. The inner cone, sin α = (R☉ + R)/D, bounds the
    penumbra: at the distance q from the axis q cos α < R + s sin α, from its tangent circle s = −R sin α on. The outer
    one, sin α = (R☉ − R)/D, bounds the umbra: q cos α < R − s sin α, from s = R sin α to the tip R/sin α. Squared, with
    q² = r′² − s², both say r′² < (R² ± 2 R s sin α + s²)/cos² α: a square in s, of which the coefficients come first,
    then the least and the greatest s.
    """
    (x, y, z), (px, py, pz), (stretch, earth_km, sun_km) = sun, pole, shape
    lift = (stretch - 1.0) * (x * px + y * py + z * pz)
    x, y, z = x + lift * px, y + lift * py, z + lift * pz
    away = math.sqrt(x * x + y * y + z * z)
    lift = (stretch - 1.0) * (x * px + y * py + z * pz)
    axis = (-(x + lift * px) / away, -(y + lift * py) / away, -(z + lift * pz) / away)
    inner, outer = (sun_km * stretch + earth_km) / away, (sun_km * stretch - earth_km) / away
    wide, narrow = 1.0 / (1.0 - inner * inner), 1.0 / (1.0 - outer * outer)
    return (
        axis,
        (earth_km * earth_km * wide, 2.0 * earth_km * inner * wide, wide, -earth_km * inner, math.inf),
        (earth_km * earth_km * narrow, -2.0 * earth_km * outer * narrow, narrow, earth_km * outer, earth_km / outer),
    )


@compiled_inline
def _certain(at: Vector, axis: Vector, pole: Vector, oblate: float, inner: Cone, outer: Cone) -> float:
    """Return 1 for certain full light, 0 for certain umbra, −1 for what the discs must tell, NaN among it."""
    x, y, z = at
    along = x * axis[0] + y * axis[1] + z * axis[2]
    if along <= inner[3]:
        return 1.0
    up = x * pole[0] + y * pole[1] + z * pole[2]
    square = x * x + y * y + z * z + oblate * up * up
    if square >= inner[0] + along * (inner[1] + along * inner[2]):
        return 1.0
    if outer[3] < along < outer[4] and square < outer[0] + along * (outer[1] + along * outer[2]):
        return 0.0
    return -1.0
