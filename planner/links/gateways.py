"""How many satellites does each gateway follow, and what do they carry to the ground? Axes ``[time, site]``.

A gateway is a ground site with a number of antennas (or telescopes). Contacts are those of `ground_access`, rows sorted
by instant, site and satellite.

An antenna stays with its satellite until that one sets: taking another one means pointing anew, and what is gained by
a better satellite is lost in the change. A free antenna takes the best contact that is left. Contacts are thus decided
one instant after another, and the answer does not depend on how a run is cut into blocks.
"""

from dataclasses import dataclass, fields
from typing import Final, Literal, get_args

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, require_shape
from planner.catalog import Catalog
from planner.links.table import AccessTable

Kind = Literal["radio", "optical"]
Preference = Literal["elevation", "remaining"]
"""Which contact a free antenna takes: the highest one, or the one that lasts longest."""

NO_LIMIT: Final = 2**31 - 1
"""Antennas of a gateway that follows every satellite in view."""
_SECONDS_PER_HOUR: Final = 3600.0


@dataclass(frozen=True, eq=False)
class Gateways:
    """What stands at each ground site ``[site]``, in the order of the sites.

    Attributes
    ----------
    antennas
        How many satellites the site can follow at once; `NO_LIMIT` for all.
    antenna_gbps
        Rate of each antenna in each direction; NaN where none is known.
    outage_fraction
        Part of the time that weather closes the site, 0 to 1.
    kind
        ``radio`` or ``optical`` each.

    Raises
    ------
    ValueError
        For columns of different lengths or a value out of range.
    """

    antennas: IntArray
    antenna_gbps: FloatArray
    outage_fraction: FloatArray
    kind: tuple[Kind, ...]

    def __post_init__(self) -> None:
        for column in fields(self):
            if column.name != "kind":
                given = getattr(self, column.name)
                values = ints(given) if column.name == "antennas" else floats(given)
                require_shape(column.name, values, (len(self.kind),))
                object.__setattr__(self, column.name, values)
        for name, wrong, allowed in (
            ("antennas", self.antennas < 0, "at least 0"),
            ("antenna_gbps", (self.antenna_gbps <= 0.0) | np.isinf(self.antenna_gbps), "positive, or NaN for unknown"),
            ("outage_fraction", ~((self.outage_fraction >= 0.0) & (self.outage_fraction <= 1.0)), "from 0 to 1"),
        ):
            if wrong.any():
                raise ValueError(
                    f"{name}: {getattr(self, name)[wrong][0]} of site {np.argmax(wrong)} must be {allowed}"
                )
        for site, kind in enumerate(self.kind):
            if kind not in get_args(Kind):
                raise ValueError(f"kind: {kind!r} of site {site} is not one of {', '.join(get_args(Kind))}")

    @classmethod
    def alike(
        cls,
        sites: int,
        *,
        antennas: int | None = None,
        antenna_gbps: float = np.nan,
        outage_fraction: float = 0.0,
        kind: Kind = "radio",
    ) -> "Gateways":
        """Return the same gateway at each of some sites; as many antennas as there are satellites where None."""
        count = NO_LIMIT if antennas is None else antennas
        return cls(
            ints(np.full(sites, count)), floats(np.full(sites, antenna_gbps)),
            floats(np.full(sites, outage_fraction)), (kind,) * sites,
        )  # fmt: skip

    @classmethod
    def from_catalog(cls, catalog: Catalog, names: tuple[str, ...], *, outage_fraction: FloatArray) -> "Gateways":
        """Return gateways of the catalog's collection ``gateways``, one for each site.

        Raises
        ------
        CatalogError
            For a name that the collection has not.
        ValueError
            If there are not as many outage probabilities as names.
        """
        entries = [catalog.entry("gateways", name) for name in names]
        kinds: list[Kind] = ["optical" if entry.label("band") == "optical" else "radio" for entry in entries]
        antennas = ints([int(entry["antennas"]) for entry in entries])
        return cls(antennas, floats([entry["antenna_gbps"] for entry in entries]), outage_fraction, tuple(kinds))

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, eq=False)
class HeldContacts:
    """The contacts that antennas follow at the end of a block ``[row]``, sorted by (site, satellite)."""

    site: IntArray
    satellite: IntArray

    @classmethod
    def none(cls) -> "HeldContacts":
        """Return what is held before a run begins."""
        return cls(ints([]), ints([]))


def gateway_contacts(
    access: AccessTable,
    gateways: Gateways,
    *,
    prefer: Preference = "elevation",
    terminals_per_satellite: int | None = None,
) -> AccessTable:
    """Return the contacts that the antennas follow.

    Parameters
    ----------
    access
        Every contact of a whole run.
    gateways
        ``[site]``.
    prefer
        What a free antenna takes: the contact that stands highest, or the one that lasts longest from then on. Ties go
        to the first site, then the first satellite.
    terminals_per_satellite
        How many gateways a satellite can serve at once; None sets no limit. The contact that comes first by `prefer`
        gets the terminal, whichever site it belongs to.

    Returns
    -------
    AccessTable
        Rows of `access`; none of a site that has no antenna.

    Raises
    ------
    ValueError
        If there are not as many gateways as sites, a preference that does not exist, or a satellite without terminal.

    Notes
    -----
    A contact that is followed is kept until it sets, before any other is taken. What is left is taken greedily, best
    first: for a single limit (antennas, or terminals) no other choice has a greater sum; under both, none has more
    than twice as much.
    """
    if prefer not in get_args(Preference):
        raise ValueError(f"prefer: {prefer!r} is not one of {', '.join(get_args(Preference))}")
    score = access.elevation_deg
    if prefer == "remaining":
        from planner.links.gatewaykernel import remaining_steps

        score = floats(remaining_steps(access.offsets, (access.site, access.satellite)))
    return _rows(access, _followed(access, gateways, score, HeldContacts.none(), terminals_per_satellite))


def gateway_contacts_of(
    access: AccessTable,
    gateways: Gateways,
    *,
    held: HeldContacts,
    terminals_per_satellite: int | None = None,
) -> tuple[AccessTable, HeldContacts]:
    """Return the contacts that the antennas follow in one block of a run, and those held at its end.

    The blocks together are what `gateway_contacts` returns for the whole run with ``prefer="elevation"``, bit for bit.
    There is no other preference here: which contact lasts longest is decided by instants beyond the block.
    """
    followed = _rows(access, _followed(access, gateways, access.elevation_deg, held, terminals_per_satellite))
    last = followed.rows(followed.times.count - 1)
    return followed, HeldContacts(followed.site[last], followed.satellite[last])


def handovers(access: AccessTable) -> IntArray:
    """Return how many contacts begin at each site after the first instant, ``[site]``."""
    from planner.links.gatewaykernel import begun

    fresh = begun(access.offsets, (access.site, access.satellite))
    return ints(np.bincount(access.site[fresh], minlength=access.sites))


def handovers_per_h(access: AccessTable) -> FloatArray:
    """Return how many contacts begin at each site in an hour, ``[site]``; NaN for a single instant."""
    hours = (access.times.count - 1) * access.times.step_s / _SECONDS_PER_HOUR
    return floats(handovers(access) / hours if hours else np.full(access.sites, np.nan))


def contact_counts(access: AccessTable) -> IntArray:
    """Return how many contacts each site has, ``[time, site]``."""
    count = access.times.count
    time = np.repeat(np.arange(count), np.diff(access.offsets))
    cells = np.bincount(time * access.sites + access.site, minlength=count * access.sites)
    return ints(cells.reshape(count, access.sites))


def contact_capacity_gbps(access: AccessTable, gateways: Gateways) -> FloatArray:
    """Return the rate of each contact in each direction, ``[row]``; NaN where the antennas' rate is not known."""
    _require_sites(access, gateways)
    return floats(gateways.antenna_gbps[access.site])


def space_ground_capacity_gbps(access: AccessTable, gateways: Gateways, *, weather: bool = False) -> FloatArray:
    """Return what each site can carry in each direction, ``[time, site]``.

    Parameters
    ----------
    access
        The contacts; of a site with more of them than antennas only as many count as it has.
    gateways
        ``[site]``.
    weather
        Whether to return the expected value under the sites' outages instead of the value in clear weather. Expected
        values add up over sites whether or not their weather goes together.

    Returns
    -------
    FloatArray
        0 where there is no contact; NaN where there is one and the antennas' rate is not known.
    """
    _require_sites(access, gateways)
    served = np.minimum(contact_counts(access), gateways.antennas)
    clear = 1.0 - gateways.outage_fraction if weather else np.ones(len(gateways))
    return floats(np.where(served > 0, served * (gateways.antenna_gbps * clear), 0.0))


def _followed(
    access: AccessTable, gateways: Gateways, score: FloatArray, held: HeldContacts, terminals: int | None
) -> BoolArray:
    """Return which rows the antennas follow."""
    from planner.links.gatewaykernel import follow

    _require_sites(access, gateways)
    if terminals is not None and terminals < 1:
        raise ValueError(f"terminals_per_satellite: {terminals} must be at least 1, or None for no limit")
    per_satellite = ints(np.full(access.satellites, NO_LIMIT if terminals is None else terminals))
    pairs = (access.site, access.satellite)
    return follow(access.offsets, pairs, score, (held.site, held.satellite), gateways.antennas, per_satellite)


def _rows(access: AccessTable, chosen: BoolArray) -> AccessTable:
    """Return some rows of a table as a table."""
    before = np.concatenate([[0], np.cumsum(chosen)])
    who = (access.site[chosen], access.satellite[chosen])
    where = (access.range_km[chosen], access.elevation_deg[chosen])
    return AccessTable(access.times, access.satellites, access.sites, ints(before[access.offsets]), *who, *where)


def _require_sites(access: AccessTable, gateways: Gateways) -> None:
    if len(gateways) != access.sites:
        raise ValueError(f"gateways: {len(gateways)} of them, but contacts of {access.sites} sites")
