"""Whom does a network serve, and how well? Cities as sites, and figures that count people instead of places.

Latency tables have the axes ``[time, site]`` or ``[time, site, site]``, contacts are those of `ground_access`; sites
are in the order of the cities. Every city stands for the people who live in it, so that a figure over all cities is one
over a billion people, not over the world.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.links.cities import Cities, load_cities
from planner.links.gateways import contact_counts
from planner.links.table import AccessTable
from planner.orbit.sites import GroundSites


@dataclass(frozen=True)
class LatencyOverPeople:
    """How long people wait, over all instants.

    Attributes
    ----------
    mean_ms, median_ms, p95_ms, p99_ms, worst_ms
        Over people and instants that are reached; NaN where nobody ever is. So many of them wait at most that long:
        half, 95 %, 99 %, all.
    reached_fraction
        Part of people and instants that are reached at all.
    """

    mean_ms: float
    median_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float
    reached_fraction: float


def largest_cities(
    count: int, *, continents: Sequence[str] = (), countries: Sequence[str] = (), cities: Cities | None = None
) -> Cities:
    """Return the largest cities of a region.

    Parameters
    ----------
    count
        How many.
    continents, countries
        Names of continents, and names or two-letter codes of countries; a city needs to be in one of either. Without
        any, the world.
    cities
        What to choose from; the package's own by default.

    Raises
    ------
    ValueError
        For a region that there is not, or with fewer cities than asked for.
    """
    known = load_cities() if cities is None else cities
    _require_known("continents", continents, set(known.continents))
    _require_known("countries", countries, set(known.countries) | set(known.country_codes))
    wanted = [
        not (continents or countries) or continent in continents or country in countries or code in countries
        for continent, country, code in zip(known.continents, known.countries, known.country_codes, strict=True)
    ]
    rows = np.flatnonzero(wanted)
    if not 1 <= count <= len(rows):
        raise ValueError(f"count: {count} cities asked for, of a region that has {len(rows)} in the list")
    order = np.argsort(-known.population[rows], kind="stable")[:count]
    return known[ints(rows[order])]


def city_sites(
    cities: Cities,
    *,
    elevation_m: float = 0.0,
    minimum_elevation_deg: float = 25.0,
    maximum_range_km: float = np.nan,
) -> GroundSites:
    """Return the cities as ground sites, all else alike; see `GroundSites.at`."""
    places = {
        name: (float(latitude), float(longitude))
        for name, latitude, longitude in zip(cities.names, cities.latitude_deg, cities.longitude_deg, strict=True)
    }
    return GroundSites.at(
        places,
        elevation_m=elevation_m,
        minimum_elevation_deg=minimum_elevation_deg,
        maximum_range_km=maximum_range_km,
    )


def people_fraction(population: IntArray) -> FloatArray:
    """Return the part of the people that lives in each city, ``[site]``; `ValueError` if there are none."""
    people = np.asarray(population, dtype=np.float64)
    if not (np.all(people >= 0.0) and people.sum() > 0.0):
        raise ValueError("population: need numbers of people of at least 0, not all 0")
    return floats(people / people.sum())


def pair_fraction(population: IntArray) -> FloatArray:
    """Return the part of all pairs of people, of two different cities, that each pair of cities is, ``[site, site]``.

    Symmetric, 0 on the diagonal, in sum 1: who talks to whom, if everybody talks to everybody in another city alike.

    Raises
    ------
    ValueError
        If fewer than two cities have people.
    """
    people = people_fraction(population)
    pairs = np.outer(people, people)
    np.fill_diagonal(pairs, 0.0)
    if not pairs.sum() > 0.0:
        raise ValueError("population: need two cities with people for pairs")
    return floats(pairs / pairs.sum())


def latency_over_people(latency_ms: FloatArray, weight_fraction: FloatArray) -> LatencyOverPeople:
    """Return what a latency table comes to when people are counted.

    Parameters
    ----------
    latency_ms
        ``[time, …]``, infinite or NaN where there is no way.
    weight_fraction
        ``[…]``, the shape of one instant: `people_fraction` for ``[time, site]``, `pair_fraction` for
        ``[time, site, site]``.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a weight is negative, or all are 0.
    """
    latency, weight = np.asarray(latency_ms, dtype=np.float64), np.asarray(weight_fraction, dtype=np.float64)
    if latency.ndim != weight.ndim + 1 or latency.shape[1:] != weight.shape or not len(latency):
        raise ValueError(f"latency_ms: shape {latency.shape}, expected (any, *{weight.shape})")
    if not (np.all(weight >= 0.0) and weight.sum() > 0.0):
        raise ValueError("weight_fraction: need weights of at least 0, not all 0")
    weights = np.broadcast_to(weight, latency.shape)
    reached = np.isfinite(latency) & (weights > 0.0)
    values, counted = latency[reached], weights[reached]
    part = float(counted.sum() / (weight.sum() * len(latency)))
    if not len(values):
        return LatencyOverPeople(np.nan, np.nan, np.nan, np.nan, np.nan, 0.0)
    mean = float(np.average(values, weights=counted))
    median, most, nearly_all, worst = _weighted_percentiles(values, counted, (0.5, 0.95, 0.99, 1.0))
    return LatencyOverPeople(mean, median, most, nearly_all, worst, min(part, 1.0))


def people_covered_fraction(access: AccessTable, population: IntArray, *, at_least: int = 1) -> FloatArray:
    """Return the part of the people whose city has a satellite in view, ``[time]``.

    Parameters
    ----------
    access
        Contacts of the cities.
    population
        ``[site]``.
    at_least
        How many satellites a city needs.

    Raises
    ------
    ValueError
        If there are not as many numbers as sites, or `at_least` is below 1.
    """
    if len(population) != access.sites:
        raise ValueError(f"population: {len(population)} numbers, but contacts of {access.sites} sites")
    if at_least < 1:
        raise ValueError(f"at_least: {at_least} must be at least 1")
    covered = (contact_counts(access) >= at_least) @ people_fraction(population)
    return floats(np.minimum(covered, 1.0))


def _weighted_percentiles(values: FloatArray, weights: FloatArray, parts: Sequence[float]) -> list[float]:
    """Return the least values that such parts of the weight do not exceed; no interpolation."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    # A hair of rounding in the sum shall not lead past the value that the part is reached at.
    places = np.searchsorted(reached, np.asarray(parts) * reached[-1] * (1.0 - 1e-12))
    return [float(value) for value in values[order][np.minimum(places, len(values) - 1)]]


def _require_known(name: str, asked: Sequence[str], known: set[str]) -> None:
    for text in asked:
        if text not in known:
            close = get_close_matches(text, sorted(known), n=1)
            hint = f'did you mean "{close[0]}"?' if close else f"there are: {', '.join(sorted(known))}"
            raise ValueError(f'{name}: no city in "{text}"; {hint}')
