"""The house rules that a machine can hold: names, surfaces, start-up time's causes."""

import dataclasses
import importlib
import inspect
import pkgutil
import subprocess
import sys
import typing
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pytest
from numpy.typing import ArrayLike

import planner
from planner.arrays import BoolArray, FloatArray, IntArray
from planner.units import suffix_of

ROOMS = (
    "economics environment launch links network orbit report satellite scenario workload".split()  # noqa: SIM905
)
MODULES = sorted(
    info.name for info in pkgutil.walk_packages(planner.__path__, "planner.") if info.name != "planner.__main__"
)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_exports_names_that_exist_each_once(room: str) -> None:
    module = importlib.import_module(f"planner.{room}")
    assert len(set(module.__all__)) == len(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_question_it_answers(name: str) -> None:
    document = importlib.import_module(name).__doc__
    assert document is not None
    assert len(document.split()) >= 5


def _is_float(annotation: object) -> bool:
    """Return whether a value of this type holds floats: alone, in an array or array-like, or among others."""
    parts = typing.get_args(annotation)
    # A union with ArrayLike, which is one itself, holds its members beside the others.
    if annotation in (float, np.float64) or all(part in parts for part in typing.get_args(ArrayLike)):
        return True
    return any(_is_float(part) for part in parts if typing.get_origin(annotation) is not dict)


def _returned(getter: object) -> object:
    try:
        return typing.get_type_hints(getter).get("return")
    except NameError:
        # Of a library that is imported for type checking only: a graph or a model, not a float.
        return None


def _fields_and_properties(thing: type) -> dict[str, object]:
    """Return the type of every field of a dataclass and of every public property that this package wrote."""
    found = {}
    for owner in thing.__mro__:
        if owner.__module__.startswith("planner."):
            for label, member in vars(owner).items():
                getter = getattr(member, "fget", None) or (member.func if isinstance(member, cached_property) else None)
                if getter is not None and not label.startswith("_"):
                    found[label] = _returned(getter)
    if dataclasses.is_dataclass(thing):
        hints = typing.get_type_hints(thing)
        found |= {field.name: hints[field.name] for field in dataclasses.fields(thing)}
    return found


def _public_floats() -> list[tuple[str, str]]:
    """Return (where, name) of what holds floats in rooms and shared modules.

    Fields and properties of classes, parameters of functions, and functions that return one float or array of them.
    """
    found = []
    for name in [f"planner.{room}" for room in ROOMS] + [f"planner.{module}" for module in SHARED]:
        module = importlib.import_module(name)
        exported = getattr(module, "__all__", None) or [
            label
            for label, thing in vars(module).items()
            if not label.startswith("_") and getattr(thing, "__module__", None) == name
        ]
        for label in exported:
            thing = getattr(module, label)
            hints: dict[str, object] = {}
            if inspect.isclass(thing):
                hints = _fields_and_properties(thing)
            elif inspect.isfunction(thing):
                typed = typing.get_type_hints(thing)
                hints = {parameter: typed.get(parameter) for parameter in inspect.signature(thing).parameters}
                if typed.get("return") in (float, FloatArray):
                    found.append((name, label))
            found += [(f"{name}.{label}", part) for part, hint in hints.items() if _is_float(hint)]
    return found


SHARED = ("arrays", "catalog", "outcome", "times", "units")

UNITLESS = {
    # Whatever it is given, of any unit.
    ("planner.arrays", "floats"),
    # Carried beside their own unit or in it by name, or pure numbers of the solver.
    ("planner.economics.ClaimTest", "needed"),
    ("planner.economics.ClaimTest", "found"),
    ("planner.economics.Figure", "value"),
    ("planner.economics.Figure", "low"),
    ("planner.economics.Figure", "high"),
    ("planner.economics.orbital_option", "launch"),
    # Counts of satellites, averaged.
    ("planner.links.Coverage", "mean"),
    # The engineer's and the geodesist's words for pure numbers.
    ("planner.environment.ballistic_coefficient_kg_m2", "drag_coefficient"),
    ("planner.environment.eclipse_seasons", "flattening"),
    ("planner.environment.shadow_crossings", "flattening"),
    ("planner.environment.sunlit_fraction", "flattening"),
    ("planner.network.great_circle_ms", "group_index"),
    ("planner.network.stretch", "group_index"),
    # A part of one by name; what follows says of which orbit.
    ("planner.environment", "eclipse_fraction_circular"),
    # Of links, in whatever unit they are ranked by.
    ("planner.network.Ranked", "value"),
    ("planner.network.match", "value"),
    ("planner.network.matching_bound", "value"),
    # Directions: unit vectors.
    ("planner.environment.shadow_crossings", "pole"),
    ("planner.environment.sunlit_fraction", "pole"),
    ("planner.links.Mounting", "boresights"),
    ("planner.links.candidate_pairs", "pole"),
    ("planner.links.check_links", "pole"),
    ("planner.links.explain_link", "pole"),
    ("planner.links.feasible_links", "pole"),
    ("planner.links.grazing_altitude_km", "pole"),
    ("planner.links.in_sight", "pole"),
    ("planner.links.elevation_and_range", "zenith"),
    ("planner.network.link_table", "pole"),
    ("planner.network.links_of", "pole"),
    ("planner.orbit", "pole_directions"),
    ("planner.orbit", "site_zeniths"),
    # Rotation matrices.
    ("planner.orbit", "gcrs_to_itrs"),
    ("planner.orbit", "teme_to_gcrs"),
    # Tables of a report, whose columns carry their units.
    ("planner.report.Report", "figures"),
    ("planner.report.TableView", "rows"),
    ("planner.workload.place", "effort"),
    ("planner.outcome.Outcome", "objective"),
    ("planner.outcome.Outcome", "bound"),
    ("planner.outcome.Violation", "found"),
    ("planner.outcome.Violation", "allowed"),
    ("planner.links.RuleCheck", "found"),
    ("planner.links.RuleCheck", "allowed"),
    ("planner.catalog.Assumption", "value"),
    ("planner.catalog.Assumption", "low"),
    ("planner.catalog.Assumption", "high"),
}


def test_every_public_float_name_ends_in_a_unit() -> None:
    missing = [pair for pair in _public_floats() if pair not in UNITLESS and suffix_of(pair[1]) is None]
    assert missing == []


def test_what_is_excused_from_a_unit_still_exists_and_still_lacks_one() -> None:
    found = set(_public_floats())
    assert [pair for pair in UNITLESS if pair not in found or suffix_of(pair[1]) is not None] == []


class _Probe:
    @property
    def area(self) -> FloatArray:
        return np.zeros(1)

    @cached_property
    def depth(self) -> float:
        return 0.0

    @property
    def count(self) -> int:
        return 0


def test_floats_are_found_alone_in_arrays_and_in_what_becomes_an_array() -> None:
    held = [float, float | None, FloatArray, ArrayLike, ArrayLike | None, tuple[FloatArray, ...], Sequence[float]]
    assert [hint for hint in held if not _is_float(hint)] == []
    assert [hint for hint in (int, str, bool, IntArray, BoolArray, dict[str, float], None) if _is_float(hint)] == []


def test_properties_of_every_kind_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Probe, "__module__", "planner.probe")
    held = _fields_and_properties(_Probe)
    assert [name for name, hint in held.items() if _is_float(hint)] == ["area", "depth"]


def test_help_imports_no_solver_graph_or_ephemeris() -> None:
    code = (
        "import sys\n"
        "from planner.__main__ import main\n"
        "sys.argv = ['planner', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'ortools', 'networkx', 'skyfield', 'scipy', 'plotly', 'pandas', 'numpy', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage: planner" in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", ["planner", "planner.orbit", "planner.network", "planner.workload", "planner.launch"])
def test_importing_a_room_starts_no_solver_and_reads_no_ephemeris(name: str) -> None:
    code = f"import sys, {name}; print(sorted({{'ortools', 'networkx', 'skyfield', 'plotly'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
