"""How often is the ground there, when clouds and rain close sites? Availability of sets of gateways, ``[time, site]``.

Each site is closed by its weather with a probability of its own (``planner/data/weather.toml``, or the user's). Sites
close independently of one another, which has an exact answer; or together, the more so the nearer they are, which is
answered over drawn states of the weather. Drawing is the caller's, with the caller's random numbers, so that many
questions can be asked of the same states.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, floats, lock, require_shape
from planner.catalog import Catalog
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM
from planner.links.gateways import contact_counts
from planner.links.table import AccessTable
from planner.orbit.sites import GroundSites

_COUNTS_AT_ONCE: Final = 2_000_000
"""Instants times drawn states counted together: 16 MB."""
_NEGATIVE: Final = 1e-9
"""What an eigenvalue of a correlation may fall below 0 by rounding, per site."""


@dataclass(frozen=True, eq=False)
class Diversity:
    """What each gateway of a set is worth.

    Attributes
    ----------
    availability_fraction
        Part of the time that enough gateways are in view and clear, of the whole set.
    without_fraction
        The same without each gateway, ``[site]``; never more.
    """

    availability_fraction: float
    without_fraction: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "without_fraction", floats(self.without_fraction))

    @property
    def added_fraction(self) -> FloatArray:
        """What each gateway adds to the others, ``[site]``."""
        return floats(self.availability_fraction - self.without_fraction)


def outage_fraction(catalog: Catalog, names: Sequence[str]) -> FloatArray:
    """Return the planning values of the catalog's collection ``weather`` for some of its entries, ``[site]``."""
    return floats([catalog.entry("weather", name)["outage_fraction"] for name in names])


def in_view(access: AccessTable) -> BoolArray:
    """Return where sites have a contact, ``[time, site]``."""
    return lock(contact_counts(access) > 0)


def separation_km(sites: GroundSites) -> FloatArray:
    """Return great-circle distances between sites on a sphere of the equatorial radius, ``[site, site]``.

    A sphere suffices here: it is within 0.6 % of the ellipsoid's geodesic, while how far weather goes together is known
    to a factor of three at best (``planner/data/weather.toml``). Delays along the ground, where the difference counts,
    are those of `planner.network.stretch`.
    """
    latitude, longitude = np.radians(sites.latitude_deg), np.radians(sites.longitude_deg)
    half = np.sin((latitude[:, None] - latitude) / 2.0) ** 2
    half += np.cos(latitude)[:, None] * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2.0) ** 2
    return floats(2.0 * EARTH_EQUATORIAL_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def weather_correlation_fraction(sites: GroundSites, *, decorrelation_km: float) -> FloatArray:
    """Return how far the weather of sites goes together, exp(−distance/decorrelation_km), ``[site, site]``.

    The correlation is that of the hidden normal variables of `draw_weather`; that of the closures is smaller.

    Raises
    ------
    ValueError
        For a distance that is not positive.
    """
    if not decorrelation_km > 0.0:
        raise ValueError(f"decorrelation_km: {decorrelation_km} must be positive")
    return floats(np.exp(-separation_km(sites) / decorrelation_km))


def draw_weather(
    outage_fraction: FloatArray,
    *,
    correlation_fraction: FloatArray,
    states: int,
    rng: np.random.Generator,
) -> BoolArray:
    """Return drawn states of the weather, True where a site is clear, ``[state, site]``.

    Parameters
    ----------
    outage_fraction
        ``[site]``, 0 to 1.
    correlation_fraction
        ``[site, site]``, symmetric and positive semidefinite, 1 on the diagonal.
    states
        How many to draw. A part p found among them has the standard error √(p(1 − p)/states).
    rng
        Where random numbers come from.

    Raises
    ------
    ValueError
        For shapes that do not fit, values out of range or a matrix that is no correlation.

    Notes
    -----
    A Gaussian copula: normal variables with that correlation, closed where one lies below the normal quantile of the
    site's outage, so that every site has exactly its own probability.
    """
    outage = _checked_outage(outage_fraction)
    require_shape("correlation_fraction", correlation_fraction, (len(outage), len(outage)))
    if states < 1:
        raise ValueError(f"states: {states} must be at least 1")
    matrix = np.asarray(correlation_fraction)
    if not (np.allclose(matrix, matrix.T, rtol=0.0, atol=1e-12) and np.allclose(np.diag(matrix), 1.0)):
        raise ValueError("correlation_fraction: must be symmetric with 1 on the diagonal")
    size, axes = np.linalg.eigh(matrix)
    if len(size) and size.min() < -_NEGATIVE * len(size):
        raise ValueError(f"correlation_fraction: has the eigenvalue {size.min():g}, but needs all of at least 0")
    normal = NormalDist()
    limit = [-np.inf if part <= 0.0 else np.inf if part >= 1.0 else normal.inv_cdf(float(part)) for part in outage]
    drawn = rng.standard_normal((states, len(outage))) @ (axes * np.sqrt(np.maximum(size, 0.0))).T
    return lock(drawn > np.asarray(limit))


def availability_fraction(
    in_view: BoolArray, outage_fraction: FloatArray, *, at_least: int = 1, clear: BoolArray | None = None
) -> FloatArray:
    """Return the probability that enough sites are in view and clear, ``[time]``.

    Parameters
    ----------
    in_view
        ``[time, site]``.
    outage_fraction
        ``[site]``, 0 to 1.
    at_least
        How many sites are enough.
    clear
        States of the weather ``[state, site]`` to count over, from `draw_weather`; without them sites close
        independently and the answer is exact. `outage_fraction` is then not looked at.

    Raises
    ------
    ValueError
        For shapes that do not fit or a value out of range.
    """
    require_shape("in_view", in_view, (None, len(outage_fraction)))
    if at_least < 1:
        raise ValueError(f"at_least: {at_least} must be at least 1")
    outage = _checked_outage(outage_fraction)
    if not len(in_view):
        return floats([])
    # The same sites are in view again and again.
    patterns, which = np.unique(in_view, axis=0, return_inverse=True)
    if clear is None:
        found = _enough_independent(patterns, outage, at_least)
    else:
        require_shape("clear", clear, (None, len(outage)))
        if not len(clear):
            raise ValueError("clear: needs a state of the weather at least")
        found = _enough_drawn(patterns, clear, at_least)
    return floats(found[which.reshape(-1)])


def _enough_independent(in_view: BoolArray, outage: FloatArray, at_least: int) -> FloatArray:
    """Return the chance of enough clear sites, taking in one site after another."""
    # Column j: exactly j clear so far, the last one that many or more.
    chance = np.zeros((len(in_view), at_least + 1))
    chance[:, 0] = 1.0
    for site, closed in enumerate(outage):
        clear = np.where(in_view[:, site], 1.0 - closed, 0.0)[:, None]
        moved = chance[:, :-1] * clear
        chance[:, :-1] -= moved
        chance[:, 1:] += moved
    return floats(np.clip(chance[:, -1], 0.0, 1.0))


def _enough_drawn(in_view: BoolArray, clear: BoolArray, at_least: int) -> FloatArray:
    """Return in which part of the states enough of the sites in view are clear."""
    step = max(1, _COUNTS_AT_ONCE // len(clear))
    seen, open_ = in_view.astype(np.float64), clear.T.astype(np.float64)
    parts = [
        np.count_nonzero(seen[first : first + step] @ open_ >= at_least, axis=1)
        for first in range(0, len(in_view), step)
    ]
    return floats(np.concatenate(parts) / len(clear))


def gateway_diversity(
    in_view: BoolArray, outage_fraction: FloatArray, *, at_least: int = 1, clear: BoolArray | None = None
) -> Diversity:
    """Return the availability of a set of gateways, and what it would be without each; see `availability_fraction`."""

    def mean(sites: BoolArray) -> float:
        served = availability_fraction(in_view & sites, outage_fraction, at_least=at_least, clear=clear)
        return float(served.mean()) if len(served) else float("nan")

    count = len(outage_fraction)
    every = np.ones(count, dtype=np.bool_)
    without = [mean(np.arange(count) != site) for site in range(count)]
    return Diversity(mean(every), floats(without))


def assured_capacity_gbps(capacity_gbps: FloatArray, clear: BoolArray, *, availability_fraction: float) -> FloatArray:
    """Return the capacity of all sites together that the weather leaves at least so often, ``[time]``.

    Parameters
    ----------
    capacity_gbps
        In clear weather, ``[time, site]``, from `space_ground_capacity_gbps`.
    clear
        States of the weather, ``[state, site]``.
    availability_fraction
        Part of the states in which that much must be left, above 0 to 1.

    Raises
    ------
    ValueError
        For shapes that do not fit, no state or a part out of range.
    """
    require_shape("capacity_gbps", capacity_gbps, (None, None))
    require_shape("clear", clear, (None, capacity_gbps.shape[1]))
    if not (len(clear) and 0.0 < availability_fraction <= 1.0):
        raise ValueError(f"availability_fraction: {availability_fraction} must be above 0 to 1, of at least one state")
    # So many of the worst states may have less.
    spare = min(int((1.0 - availability_fraction) * len(clear) + _NEGATIVE), len(clear) - 1)
    step = max(1, _COUNTS_AT_ONCE // len(clear))
    open_ = clear.T.astype(np.float64)
    parts = [
        np.partition(capacity_gbps[first : first + step] @ open_, spare, axis=1)[:, spare]
        for first in range(0, len(capacity_gbps), step)
    ]
    return floats(np.concatenate(parts) if parts else [])


def _checked_outage(outage_fraction: FloatArray) -> FloatArray:
    outage = floats(outage_fraction)
    wrong = ~((outage >= 0.0) & (outage <= 1.0))
    if wrong.any():
        raise ValueError(f"outage_fraction: {outage[wrong][0]} must be between 0 and 1")
    return outage
