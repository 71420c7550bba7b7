"""The house rules that a machine can hold: names, surfaces, start-up time's causes."""

import dataclasses
import importlib
import inspect
import pkgutil
import subprocess
import sys
import typing

import pytest

import planner
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
    if annotation is float:
        return True
    return any(_is_float(part) for part in typing.get_args(annotation) if typing.get_origin(annotation) is not dict)


def _public_floats() -> list[tuple[str, str]]:
    """Return (qualified name, float) of every parameter and field of what rooms export and of the shared modules."""
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
            if dataclasses.is_dataclass(thing):
                hints = typing.get_type_hints(thing)
                found += [(f"{name}.{label}", f.name) for f in dataclasses.fields(thing) if _is_float(hints[f.name])]
            elif inspect.isfunction(thing):
                hints = typing.get_type_hints(thing)
                found += [
                    (f"{name}.{label}", parameter)
                    for parameter in inspect.signature(thing).parameters
                    if _is_float(hints.get(parameter))
                ]
    return found


SHARED = ("arrays", "catalog", "outcome", "times", "units")

UNITLESS = {
    # Carried beside their own unit or in it by name, or pure numbers of the solver.
    ("planner.economics.ClaimTest", "needed"),
    ("planner.economics.ClaimTest", "found"),
    ("planner.economics.Figure", "value"),
    ("planner.economics.Figure", "low"),
    ("planner.economics.Figure", "high"),
    ("planner.economics.orbital_option", "launch"),
    # The geodesist's word for a pure number.
    ("planner.environment.eclipse_seasons", "flattening"),
    ("planner.environment.shadow_crossings", "flattening"),
    ("planner.environment.sunlit_fraction", "flattening"),
    ("planner.report.Report", "figures"),
    ("planner.report.TableView", "rows"),
    ("planner.workload.place", "effort"),
    ("planner.outcome.Outcome", "objective"),
    ("planner.outcome.Outcome", "bound"),
    ("planner.outcome.Violation", "found"),
    ("planner.outcome.Violation", "allowed"),
    ("planner.catalog.Assumption", "value"),
    ("planner.catalog.Assumption", "low"),
    ("planner.catalog.Assumption", "high"),
}


def test_every_public_float_name_ends_in_a_unit() -> None:
    missing = [pair for pair in _public_floats() if pair not in UNITLESS and suffix_of(pair[1]) is None]
    assert missing == []


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
