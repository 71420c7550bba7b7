"""Read a plan file: TOML or JSON in, a checked `Plan` out, or every problem at once.

Nothing in a plan may reach outside its folder, grow without bound or crash the reader; what is refused is refused
with the file, the key and the fix.
"""

import hashlib
import json
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from planner.catalog import Catalog, load_catalog
from planner.errors import PlanError, Problem, legible
from planner.scenario.assumptions import with_assumptions
from planner.scenario.places import plan_sites
from planner.scenario.schema import SUPPORTED_VERSIONS, Plan
from planner.scenario.shells import SHELL_KINDS

MAXIMUM_BYTES: Final = 5_000_000
"""A plan is written by people; 5 MB is a thousand times the largest example."""

_FEW: Final = 12
"""Sites that a message lists before it says how many more there are."""


@dataclass(frozen=True)
class LoadedPlan:
    """A plan together with what it stands on.

    Attributes
    ----------
    plan
        The checked plan.
    catalog
        The catalog with the plan's own assumptions in place.
    folder
        Folder that the plan's relative paths start from.
    sha256
        Digest of the canonical form of the plan: equal plans have equal digests, whatever the file looks like.
    """

    plan: Plan
    catalog: Catalog
    folder: Path
    sha256: str


@dataclass(frozen=True)
class UsedDefault:
    """A value that the plan did not give."""

    key: str
    value: object
    meaning: str
    source: str


def load_plan(path: Path) -> LoadedPlan:
    """Read and check a plan file.

    Parameters
    ----------
    path
        ``.json`` is read as JSON, everything else as TOML.

    Raises
    ------
    PlanError
        With every problem found, each as ``file: key.path: value, what is allowed, the fix``.
    """
    text = _read_text(path)
    raw = _parse(path, text)
    return parse_plan(raw, name=str(path), folder=path.parent)


def parse_plan(raw: Mapping[str, Any], *, name: str = "plan", folder: Path = Path()) -> LoadedPlan:
    """Check a plan that is already a mapping; `name` is what its errors call it."""
    version = raw.get("version", 1)
    if type(version) is not int or version not in SUPPORTED_VERSIONS:
        known = ", ".join(map(str, SUPPORTED_VERSIONS))
        raise PlanError(Problem(f"{name}: version", f"{_short(version)} is not supported; this planner reads {known}"))
    catalog, found = with_assumptions(load_catalog(), raw.get("assumptions"))
    problems = [Problem(f"{name}: {p.place}", p.reason) for p in found]
    try:
        plan = Plan.model_validate(dict(raw), context={"catalog": catalog})
    except ValidationError as error:
        items = error.errors(include_url=False)
        # A list whose only item is wrong is called too short as well; the item's own complaint says it all.
        deeper = {item["loc"][: len(item["loc"]) - k] for item in items for k in range(1, len(item["loc"]) + 1)}
        problems += [
            _problem(name, raw, dict(item))
            for item in items
            if item["type"] != "too_short" or item["loc"] not in deeper
        ]
        raise PlanError(problems) from None
    except RecursionError:
        raise PlanError(Problem(name, "nested too deeply; a plan is at most four levels deep")) from None
    problems += [Problem(f"{name}: {p.place}", p.reason) for p in _cross_checks(plan)]
    if problems:
        raise PlanError(problems)
    canonical = json.dumps(plan.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return LoadedPlan(plan, catalog, folder, hashlib.sha256(canonical.encode()).hexdigest())


def _read_text(path: Path) -> str:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PlanError(Problem(str(path), "is not a regular file; give the path of a plan (.toml or .json)"))
        if status.st_size > MAXIMUM_BYTES:
            raise PlanError(Problem(str(path), f"has {status.st_size:,} bytes; a plan has at most {MAXIMUM_BYTES:,}"))
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PlanError(Problem(str(path), f"cannot be read: {error.strerror or error}")) from None
    except UnicodeDecodeError as error:
        raise PlanError(Problem(str(path), f"byte {error.start} is not UTF-8; save the plan as UTF-8 text")) from None


def _parse(path: Path, text: str) -> Mapping[str, Any]:
    try:
        if path.suffix.lower() == ".json":
            raw = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        else:
            raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(_located(path, str(error))) from None
    except json.JSONDecodeError as error:
        raise PlanError(Problem(f"{path}:{error.lineno}", f"{error.msg} (column {error.colno})")) from None
    except RecursionError:
        raise PlanError(Problem(str(path), "nested too deeply; a plan is at most four levels deep")) from None
    except ValueError as error:
        too_long = "int_max_str_digits" in str(error)
        reason = "holds a number of thousands of digits; give a finite number" if too_long else str(error)
        raise PlanError(Problem(str(path), reason)) from None
    if not isinstance(raw, dict):
        raise PlanError(Problem(str(path), f"holds {_short(raw)}; a plan is a table of keys"))
    return raw


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise ValueError(f'key "{key}" appears twice; remove one')
        table[key] = value
    return table


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number that a plan may hold; give a finite number")


def _located(path: Path, message: str) -> Problem:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    if found is None:
        return Problem(str(path), message)
    reason = message[: found.start()].strip()
    if reason.startswith(("Cannot overwrite a value", "Cannot declare")):
        reason += "; a key or table appears twice, remove one"
    return Problem(f"{path}:{found[1]}", f"{reason} (column {found[2]})")


def _problem(name: str, raw: Mapping[str, Any], item: dict[str, Any]) -> Problem:
    location = [part for part in item["loc"] if part not in SHELL_KINDS or not isinstance(part, str)]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{_shortened(part)}" for part in location).lstrip(".")
    kind = item["type"]
    message = str(item["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return Problem(f"{name}: {key}", _unknown_key(raw, location))
    if kind == "missing":
        return Problem(f"{name}: {key}", "is missing; add it")
    if kind == "timezone_aware":
        return Problem(f"{name}: {key}", "has no time zone; write 2026-06-21T00:00:00Z")
    if kind == "too_short":
        return Problem(f"{name}: {key}", "is empty; it needs at least one item")
    if kind == "too_long":
        return Problem(f"{name}: {key}", message)
    if kind == "union_tag_invalid":
        return Problem(f"{name}: {key}", f"kind must be one of {', '.join(SHELL_KINDS)}")
    if kind == "union_tag_not_found":
        return Problem(f"{name}: {key}", f"kind is missing; it is one of {', '.join(SHELL_KINDS)}")
    value = item.get("input")
    shown = "" if isinstance(value, dict | list | tuple | BaseModel) else f"{_short(value)}: "
    return Problem(f"{name}: {key}" if key else name, f"{shown}{_IN_OUR_WORDS.get(kind, message)}")


_IN_OUR_WORDS: Final = {
    "tuple_type": "must be a list, in brackets",
    "datetime_type": "must be a time with its zone, such as 2026-06-21T00:00:00Z",
    "date_type": "must be a day, such as 2028-01-01",
    "string_pattern_mismatch": "must be letters, digits, _ and -, at most 64, the first a letter or digit",
    "string_unicode": "is half a character; write the whole one",
}
"""What replaces pydantic's message, which speaks of Python's types."""


def _short(value: object) -> str:
    """Return a value as the plan may have written it, cut where it is long."""
    if isinstance(value, date):
        return value.isoformat()
    try:
        return _shortened(repr(value))
    except ValueError:  # an integer of more digits than Python will print
        return "a number of thousands of digits"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _unknown_key(raw: Mapping[str, Any], location: list[str | int]) -> str:
    """Say which key is unknown, and the nearest one of that table."""
    model: type[BaseModel] = Plan
    table: Any = raw
    for part in location[:-1]:
        table = table[part]
        if isinstance(part, str):
            model = _model_of(model.model_fields.get(part)) or model
        elif isinstance(table, dict) and isinstance(table.get("kind"), str):
            model = SHELL_KINDS.get(table["kind"], model)
    known = list(model.model_fields)
    key = str(location[-1])
    close = get_close_matches(key, known, n=1, cutoff=0.6) or [
        other for other in known if other.rpartition("_")[0] == key.rpartition("_")[0] != ""
    ]
    if close:
        return f'unknown key; did you mean "{close[0]}"?'
    return f"unknown key; known here: {', '.join(known)}"


def _model_of(field: FieldInfo | None) -> type[BaseModel] | None:
    """Return the model inside a field's annotation, through optional and tuple."""
    queue: list[Any] = [field.annotation] if field is not None else []
    while queue:
        annotation = queue.pop(0)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation
        queue.extend(getattr(annotation, "__args__", ()))
    return None


def _cross_checks(plan: Plan) -> Iterator[Problem]:
    """Yield what is wrong between tables that are right each by itself."""
    yield from _repeated("fleet", [shell.name for shell in plan.fleet])
    yield from _repeated("sites", [site.name for site in plan.sites])
    yield from _repeated("jobs", [job.name for job in plan.jobs])
    sites = [site.name for site in plan_sites(plan)]
    yield from _sites_and_cities(plan)
    for i, traffic in enumerate(plan.traffic):
        for end in ("source", "target"):
            yield from _unknown_site(f"traffic[{i}].{end}", getattr(traffic, end), sites)
    length_h = plan.time.length.total_seconds() / 3600.0
    for i, job in enumerate(plan.jobs):
        if job.site is not None:
            yield from _unknown_site(f"jobs[{i}].site", job.site, sites)
        if job.start_h >= length_h:
            yield Problem(f"jobs[{i}].start_h", f"{job.start_h:g} is not before the end of the plan ({length_h:g} h)")
        elif job.duration_h is not None and job.start_h + job.duration_h > length_h * (1.0 + 1e-9):
            ends = f"the job ends at {job.start_h + job.duration_h:g} h, after the plan ({length_h:g} h)"
            yield Problem(f"jobs[{i}].duration_h", f"{ends}; shorten it, or leave it out to run to the end of the plan")
    steps = plan.placement.slot_min * 60.0 / plan.time.step_s
    if abs(steps - round(steps)) > 1e-9 or steps < 1 - 1e-9:
        yield Problem(
            "placement.slot_min",
            f"{plan.placement.slot_min:g} min is not a multiple of time.step_s = {plan.time.step_s:g} s",
        )


def _unknown_site(key: str, name: str, sites: list[str]) -> Iterator[Problem]:
    if name not in sites:
        close = get_close_matches(name, sites, n=1)
        few = ", ".join(sites[:_FEW]) + (f" and {len(sites) - _FEW} more" if len(sites) > _FEW else "")
        hint = f'did you mean "{close[0]}"?' if close else f"sites are: {few or 'none'}"
        yield Problem(key, f'no site "{name}"; {hint}')


def _sites_and_cities(plan: Plan) -> Iterator[Problem]:
    """Yield sites that have the name of a city that is a site as well."""
    cities = set() if plan.cities is None else {site.name for site in plan.cities.sites}
    for i, site in enumerate(plan.sites):
        if legible(site.name) in cities:
            reason = f'"{site.name}" is one of the {len(cities)} cities that the plan takes as sites; rename it'
            yield Problem(f"sites[{i}].name", reason)


def _repeated(table: str, names: list[str]) -> Iterator[Problem]:
    """Yield names that a reader could not tell apart."""
    first: dict[str, int] = {}
    for i, name in enumerate(map(legible, names)):
        if not name.strip():
            yield Problem(f"{table}[{i}].name", f"{names[i]!r} shows nothing; give it a name with letters")
        elif first.setdefault(name, i) < i:
            yield Problem(f"{table}[{i}].name", f'"{name}" is taken by {table}[{first[name]}]; rename one')


def used_defaults(plan: Plan) -> tuple[UsedDefault, ...]:
    """List every value that the plan left to its default, with meaning and source, in key order."""
    return tuple(_defaults(plan, ""))


def _defaults(model: BaseModel, prefix: str) -> Iterator[UsedDefault]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        key = f"{prefix}{name}"
        if isinstance(value, BaseModel):
            yield from _defaults(value, f"{key}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            for i, item in enumerate(value):
                yield from _defaults(item, f"{key}[{i}].")
        elif name not in model.model_fields_set:
            extra = cast("dict[str, Any]", field.json_schema_extra or {})
            yield UsedDefault(key, value, field.description or "", str(extra.get("source", "not set")))


def inside_folder(folder: Path, name: str, key: str, *, what: str = "the plan's folder") -> Path:
    """Return the regular file `name` inside `folder`, following no way out of it; `what` names the folder in errors.

    Raises
    ------
    PlanError
        For an absolute path, ``..``, a link that leads outside, and anything that is not a regular file.
    """
    fix = f"name a regular file inside {what}"
    shown = f'"{_shortened(name)}"'
    if Path(name).is_absolute() or ".." in Path(name).parts or "\x00" in name:
        raise PlanError(Problem(key, f"{shown} leaves {what}; {fix}"))
    try:
        path = (folder / name).resolve(strict=True)
        root = folder.resolve(strict=True)
    except (OSError, RuntimeError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PlanError(Problem(key, f"{shown} cannot be opened in {folder}: {reason}; {fix}")) from None
    if not path.is_relative_to(root):
        raise PlanError(Problem(key, f"{shown} is a link that leads outside {what}; {fix}"))
    if not stat.S_ISREG(path.stat().st_mode):
        raise PlanError(Problem(key, f"{shown} is not a regular file; {fix}"))
    return path
