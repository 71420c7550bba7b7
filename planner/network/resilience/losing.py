"""What is the network without some of its satellites, planes, links or sites? A `NetworkSnapshot` like any other.

So everything that can be asked of a network can be asked of what a loss leaves of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from planner.arrays import BoolArray, IntArray, ints
from planner.errors import InputError, Problem, legible
from planner.network.snapshot import NetworkSnapshot

_LINK_COLUMNS: Final = ("range_km", "delay_ms", "capacity_gbps")
_CONTACT_COLUMNS: Final = (
    "contact_range_km", "contact_delay_ms", "contact_elevation_deg", "contact_capacity_gbps",
)  # fmt: skip


def lose(
    snapshot: NetworkSnapshot,
    *,
    satellites: Sequence[str] = (),
    planes: Sequence[tuple[str, int]] = (),
    links: Sequence[tuple[str, str]] = (),
    sites: Sequence[str] = (),
) -> NetworkSnapshot:
    """Return the network without what is lost.

    Parameters
    ----------
    snapshot
        The network.
    satellites, sites
        Names; they go with all their links and contacts.
    planes
        Shell and number of orbital planes; their satellites go.
    links
        Names of the two ends, in either order: a laser link or a ground contact that is there.

    Raises
    ------
    InputError
        Listing every name, plane and link that is not in the network.
    ValueError
        If something is given in another shape than described.
    """
    problems: list[Problem] = []
    kept, kept_sites = np.ones(len(snapshot.satellite_names), bool), np.ones(len(snapshot.site_names), bool)
    kept[_places(snapshot, "satellites", satellites, problems)] = False
    kept_sites[_places(snapshot, "sites", sites, problems)] = False
    for members in _members(snapshot, planes, problems):
        kept[members] = False
    kept_links, kept_contacts = _kept_rows(snapshot, links, problems)
    if problems:
        raise InputError(problems)
    return _part(
        snapshot,
        kept,
        kept_sites,
        kept_links & kept[snapshot.a] & kept[snapshot.b],
        kept_contacts & kept_sites[snapshot.site] & kept[snapshot.satellite],
    )


def planes_of(snapshot: NetworkSnapshot) -> dict[tuple[str, int], IntArray]:
    """Return the satellites of each orbital plane by shell and number, in order of their first satellites.

    Satellites whose attributes name no ``plane``, a number or a text, are in none; a plane without a ``shell`` is of
    the shell ``""``.
    """
    found: dict[tuple[str, int], list[int]] = {}
    for satellite, name in enumerate(snapshot.satellite_names):
        attributes: Mapping[str, Any] = snapshot.node_attributes.get(name, {})
        plane: tuple[Any, Any] = attributes.get("shell", ""), attributes.get("plane")
        if isinstance(plane[0], str) and isinstance(plane[1], int | np.integer | str):
            found.setdefault(plane, []).append(satellite)
    return {plane: ints(members) for plane, members in found.items()}


def _places(snapshot: NetworkSnapshot, kind: str, names: Sequence[str], problems: list[Problem]) -> list[int]:
    """Return the places of names among the satellites or the sites, noting what is wrong with any."""
    if isinstance(names, str):
        raise ValueError(f"{kind}: {names!r} is one text; give a sequence of names")
    count, found = len(snapshot.satellite_names), []
    for name in names:
        try:
            place = snapshot.index(name)
        except InputError as error:
            problems += error.problems
            continue
        if (place >= count) != (kind == "sites"):
            is_a, other = ("satellite", "satellites") if kind == "sites" else ("site", "sites")
            problems.append(Problem("network", f'"{legible(name)}" is a {is_a}; give it under {other}'))
        else:
            found.append(place - count if kind == "sites" else place)
    return found


def _members(
    snapshot: NetworkSnapshot, planes: Sequence[tuple[str, int]], problems: list[Problem]
) -> Iterator[IntArray]:
    """Yield the satellites of each plane, noting the planes that there are not."""
    known = planes_of(snapshot) if planes else {}
    for plane in planes:
        _require_two("planes", plane, "(shell, number)")
        if plane in known:
            yield known[plane]
            continue
        shell, _ = plane
        numbers = [number for name, number in known if name == shell]
        shells = sorted({str(name) for name, _ in known})
        allowed = f"shells are {', '.join(shells) or 'none'}"
        if numbers:
            # A user's graph may name planes by texts beside numbers.
            allowed = f'"{shell}" has {min(numbers, key=_by_size)} to {max(numbers, key=_by_size)}'
        problems.append(Problem("network", legible(f"no plane {plane}; {allowed}")))


def _by_size(plane: int | str) -> tuple[bool, int, str]:
    return (True, 0, plane) if isinstance(plane, str) else (False, plane, "")


def _kept_rows(
    snapshot: NetworkSnapshot, links: Sequence[tuple[str, str]], problems: list[Problem]
) -> tuple[BoolArray, BoolArray]:
    """Return which laser links and which contacts are not named, noting the named ones that are not there."""
    lasers, contacts = np.ones(len(snapshot.a), bool), np.ones(len(snapshot.site), bool)
    count = len(snapshot.satellite_names)
    for ends in links:
        _require_two("links", ends, "the names of both ends")
        try:
            low, high = sorted(snapshot.index(name) for name in ends)
        except InputError as error:
            problems += error.problems
            continue
        rows = (
            (snapshot.a == low) & (snapshot.b == high)
            if high < count
            else (snapshot.satellite == low) & (snapshot.site == high - count)
        )
        if not rows.any():
            problems.append(Problem("network", legible(f'no link of "{ends[0]}" and "{ends[1]}"; both are there')))
        (lasers if high < count else contacts)[rows] = False
    return lasers, contacts


def _require_two(what: str, pair: Sequence[object], meant: str) -> None:
    if isinstance(pair, str) or len(pair) != 2:
        raise ValueError(f"{what}: {pair!r} is not {meant}")


def _part(
    snapshot: NetworkSnapshot, satellites: BoolArray, sites: BoolArray, links: BoolArray, contacts: BoolArray
) -> NetworkSnapshot:
    """Return what is marked of a network; links and contacts need both their ends."""
    satellite_place, site_place = np.cumsum(satellites) - 1, np.cumsum(sites) - 1
    # Attributes of nodes that are gone stay in the mapping, where nothing asks for them.
    return replace(
        snapshot,
        satellite_names=tuple(np.array(snapshot.satellite_names, dtype=object)[satellites]),
        site_names=tuple(np.array(snapshot.site_names, dtype=object)[sites]),
        a=satellite_place[snapshot.a[links]],
        b=satellite_place[snapshot.b[links]],
        site=site_place[snapshot.site[contacts]],
        satellite=satellite_place[snapshot.satellite[contacts]],
        **{name: getattr(snapshot, name)[links] for name in _LINK_COLUMNS},
        **{name: getattr(snapshot, name)[contacts] for name in _CONTACT_COLUMNS},
    )
