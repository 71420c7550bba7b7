"""The visible part of the Sun against references that share no code with it: rays cast one by one, and flat discs."""

import numpy as np
import pytest

from planner.arrays import FloatArray
from planner.constants import ASTRONOMICAL_UNIT_KM, EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, SUN_RADIUS_KM
from planner.environment import sunlit_fraction

RAYS = 20_000
RAY_TOLERANCE = 1e-3
"""A limb that cuts a sunflower of n rays miscounts by about n^-¾ = 6e-4 of them: 2e-4 is typical."""
LIMB_TOLERANCE = 3e-5
"""What the kernel neglects, up to geostationary orbits; see its module."""
FLAT_TOLERANCE = 3e-4
"""Flat discs bend the limb by 1/b where a cap's limb bends by cot b: over the Sun's disc that is (1/b − cot b) a/(3π),
2.7e-4 for an Earth of b = 80°, seen from 100 km."""


def geometries(count: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return satellites, Suns and poles ``[count, xyz]`` in and near the penumbra, from 160 km up to 50,000 km."""
    rng = np.random.default_rng(seed)

    def directions() -> FloatArray:
        vectors = rng.normal(size=(count, 3))
        return vectors / np.linalg.norm(vectors, axis=1)[:, None]

    towards, poles = directions(), directions()
    aside = np.cross(towards, directions())
    aside /= np.linalg.norm(aside, axis=1)[:, None]
    radius = EARTH_EQUATORIAL_RADIUS_KM + 10.0 ** rng.uniform(2.2, 4.7, count)
    from_axis = np.arcsin(EARTH_EQUATORIAL_RADIUS_KM / radius) + rng.uniform(-0.012, 0.008, count)
    positions = radius[:, None] * (np.sin(from_axis)[:, None] * aside - np.cos(from_axis)[:, None] * towards)
    # Every fourth time the pole points to where the satellite meets the limb, which is then the flattest place.
    poles[::4] = aside[::4]
    distance = ASTRONOMICAL_UNIT_KM * rng.uniform(0.983, 1.017, count)
    return positions, towards * distance[:, None], poles


def met_the_earth(position: FloatArray, rays: FloatArray, pole: FloatArray) -> FloatArray:
    """Return which rays from `position` meet the ellipsoid x·A·x = R², A = 1 + (1/(1 − f)² − 1) p pᵀ, ahead of it."""
    metric = np.eye(3) + ((1.0 - EARTH_FLATTENING) ** -2 - 1.0) * np.outer(pole, pole)
    square = np.einsum("ni,ij,nj->n", rays, metric, rays)
    half = rays @ metric @ position
    rest = position @ metric @ position - EARTH_EQUATORIAL_RADIUS_KM**2
    return (half < 0.0) & (half**2 >= square * rest)


def across(position: FloatArray, sun: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Return unit vectors to the Sun, from it towards the Earth and across both, and the Sun's angular radius."""
    to_sun = sun - position
    ahead = to_sun / np.linalg.norm(to_sun)
    down = -position + (position @ ahead) * ahead
    down /= np.linalg.norm(down)
    return ahead, down, np.cross(ahead, down), float(np.arcsin(SUN_RADIUS_KM / np.linalg.norm(to_sun)))


def visible_by_rays(position: FloatArray, sun: FloatArray, pole: FloatArray) -> float:
    """Return the part of rays, spread evenly over the Sun's cap of the sky as seeds over a sunflower, that miss."""
    ahead, down, side, radius = across(position, sun)
    seed = np.arange(RAYS) + 0.5
    # A cap of the radius θ has the area 4π sin²(θ/2).
    sink = 2.0 * np.sin(radius / 2.0) ** 2 * seed / RAYS
    off, turn = np.sqrt(sink * (2.0 - sink)), np.pi * (1.0 + np.sqrt(5.0)) * seed
    rays = (1.0 - sink)[:, None] * ahead + off[:, None] * (np.cos(turn)[:, None] * down + np.sin(turn)[:, None] * side)
    return 1.0 - float(met_the_earth(position, rays, pole).mean())


def visible_by_strips(position: FloatArray, sun: FloatArray, pole: FloatArray) -> float:
    """Return the visible part from 400 strips across the limb, on each of which the limb is found by halving."""
    ahead, down, side, radius = across(position, sun)
    turn = (np.arange(400) + 0.5) / 400.0 * np.pi - np.pi / 2.0
    reach = np.tan(radius) * np.cos(turn)
    base = ahead + np.tan(radius) * np.sin(turn)[:, None] * side

    def met(depth: FloatArray) -> FloatArray:
        return met_the_earth(position, base + depth[:, None] * down, pole)

    seen, hidden = -reach, reach
    all_hidden, all_seen = met(seen), ~met(hidden)
    for _ in range(50):
        middle = (seen + hidden) / 2.0
        hit = met(middle)
        seen, hidden = np.where(hit, seen, middle), np.where(hit, middle, hidden)
    length = np.where(all_hidden, 0.0, np.where(all_seen, 2.0 * reach, seen + reach))
    return float(np.sum(length * np.cos(turn)) / np.sum(2.0 * reach * np.cos(turn)))


def test_rays_cast_at_the_ellipsoid_see_the_same_part_of_the_sun() -> None:
    positions, suns, poles = geometries(240, seed=11)
    found = sunlit_fraction(positions[:, None], suns, pole=poles)[:, 0]
    expected = [visible_by_rays(*case) for case in zip(positions, suns, poles, strict=True)]
    assert found == pytest.approx(expected, abs=RAY_TOLERANCE)
    assert np.mean((found > 0.01) & (found < 0.99)) > 0.3
    assert np.mean(found == 0.0) > 0.1
    assert np.mean(found == 1.0) > 0.1


def test_strips_across_the_limb_of_the_ellipsoid_see_the_same_to_the_last_of_what_is_neglected() -> None:
    positions, suns, poles = geometries(600, seed=12)
    found = sunlit_fraction(positions[:, None], suns, pole=poles)[:, 0]
    expected = np.array([visible_by_strips(*case) for case in zip(positions, suns, poles, strict=True)])
    assert np.abs(found - expected).max() < LIMB_TOLERANCE
    # A sphere would be wrong by up to all of it: 21 km of limb are 10 s of a low orbit.
    sphere = sunlit_fraction(positions[:, None], suns, flattening=0.0)[:, 0]
    assert np.abs(sphere - expected).max() > 0.5


def flat_discs(positions: FloatArray, suns: FloatArray) -> FloatArray:
    """Return the visible part by the overlap of two flat discs, Montenbruck and Gill (2000), section 3.4.2."""
    to_sun = suns - positions
    sun_distance, earth_distance = np.linalg.norm(to_sun, axis=1), np.linalg.norm(positions, axis=1)
    a, b = np.arcsin(SUN_RADIUS_KM / sun_distance), np.arcsin(EARTH_EQUATORIAL_RADIUS_KM / earth_distance)
    c = np.arccos(-np.einsum("ni,ni->n", positions, to_sun) / (sun_distance * earth_distance))
    x = (c**2 + a**2 - b**2) / (2.0 * c)
    y = np.sqrt(np.maximum(a**2 - x**2, 0.0))
    overlap = a**2 * np.arccos(np.clip(x / a, -1.0, 1.0)) + b**2 * np.arccos(np.clip((c - x) / b, -1.0, 1.0)) - c * y
    return np.where(c >= a + b, 1.0, np.where(c <= b - a, 0.0, 1.0 - overlap / (np.pi * a**2)))


def test_flat_discs_over_a_sphere_differ_by_the_bend_of_the_limb_only() -> None:
    positions, suns, _ = geometries(40_000, seed=13)
    found = sunlit_fraction(positions[:, None], suns, flattening=0.0)[:, 0]
    flat = flat_discs(positions, suns)
    assert np.abs(found - flat).max() < FLAT_TOLERANCE
    # Full light and umbra themselves are the same but where rounding decides.
    assert np.abs((found - flat)[(found == 0.0) | (found == 1.0) | (flat == 0.0) | (flat == 1.0)]).max() < 1e-9
    assert 0.1 < np.mean((found > 0.0) & (found < 1.0)) < 0.6
