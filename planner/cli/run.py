"""The commands: run, check, schema, show. Results go to stdout, progress and warnings to stderr.

Nothing heavy is imported at the top: ``planner --help`` answers before NumPy could load.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.errors import legible

if TYPE_CHECKING:
    from planner.scenario import Study

_PLAN = click.argument("plan", type=click.Path(path_type=Path, readable=False))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_QUIET = click.option("--quiet", "-q", is_flag=True, help="Print no progress and no warnings.")
_STRICT = click.option("--strict", is_flag=True, help="Refuse stale element sets instead of warning.")
_CHECKSUM = click.option(
    "--checksum/--no-checksum", default=True, help="Refuse TLE lines with a wrong checksum, or warn and accept."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="orbital-compute-planner", prog_name="planner")
def cli() -> None:
    """Plan orbital computing: fleet, laser network, placement, launches and money from one plan file."""


@cli.command()
@_PLAN
@click.option(
    "--out", type=click.Path(path_type=Path, readable=False), help="Folder to write; default out/<plan name>."
)
@click.option("--force", is_flag=True, help="Replace a folder that an earlier run wrote.")
@_JSON
@_QUIET
@_STRICT
@_CHECKSUM
def run(plan: Path, out: Path | None, force: bool, as_json: bool, quiet: bool, strict: bool, checksum: bool) -> None:
    """Work a plan through to an audited report.

    Writes plan.json, report.html, report.json, run.json and the tables fleet, links, power, placement, manifest and
    costs as CSV.
    """
    from planner.report import build_report, folder_contents, reserved, write_folder
    from planner.scenario import Study, load_plan

    loaded = load_plan(plan)
    target = out if out is not None else Path("out") / loaded.plan.name
    study = Study(loaded, strict=strict, verify_checksum=checksum)
    with reserved(target, force=force), _placed_in(plan):
        timings_s = _work(study, quiet=quiet)
        report = build_report(study)
        write_folder(target, folder_contents(study, report, timings_s))
    if not quiet:
        _warn(study.warnings)
    _tell(report.as_json(), as_json=as_json, where=target)


@cli.command()
@_PLAN
@_JSON
@_STRICT
@_CHECKSUM
def check(plan: Path, as_json: bool, strict: bool, checksum: bool) -> None:
    """Validate a plan, read its element sets and estimate its size, without running it."""
    from dataclasses import asdict

    from planner.scenario import Study, load_plan, plan_size

    loaded = load_plan(plan)
    study = Study(loaded, strict=strict, verify_checksum=checksum)
    with _placed_in(plan):
        size = plan_size(loaded.plan, satellites=len(study.fleet))
    _warn(study.element_notes)
    if as_json:
        click.echo(json.dumps({"plan": loaded.plan.name, "sha256": loaded.sha256, **asdict(size)}, indent=2))
    else:
        click.echo(f"{plan}: good; plan {loaded.plan.name}, sha256 {loaded.sha256[:12]}")
        click.echo(
            f"{size.satellites:,} satellites × {size.steps:,} steps, {size.sites} sites, {size.jobs} jobs: "
            f"about {size.memory_gb:.1f} GB of memory"
        )


@cli.command()
def schema() -> None:
    """Print the JSON Schema of a plan."""
    from planner.scenario import Plan

    click.echo(json.dumps(Plan.model_json_schema(), indent=2))


@cli.command()
@click.argument("out", type=click.Path(path_type=Path, readable=False))
@_JSON
def show(out: Path, as_json: bool) -> None:
    """Print the summary of an earlier run again."""
    from planner.report import read_report

    _tell(read_report(out), as_json=as_json, where=out)


def _tell(report: dict[str, Any], *, as_json: bool, where: Path) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    from planner.report import summary_lines

    for line in summary_lines(report):
        click.echo(line)
    click.echo(f"\n{where / 'report.html'}")


@contextmanager
def _placed_in(plan: Path) -> Iterator[None]:
    """Name the plan file in what turns out to be wrong with a plan only while it is worked through."""
    from planner.errors import ElementSetError, InputError, OutputError, Problem

    try:
        yield
    except (ElementSetError, OutputError):
        raise
    except InputError as error:
        problems = [
            Problem(f"{plan}: {problem.place}".removesuffix(": "), problem.reason) for problem in error.problems
        ]
        raise type(error)(problems) from None


def _warn(notes: Sequence[str]) -> None:
    for note in notes:
        click.echo(f"warning: {legible(note)}", err=True)


def _work(study: "Study", *, quiet: bool) -> dict[str, float]:
    """Run every stage in order, with a progress bar where there is a terminal; return seconds per stage."""
    from time import perf_counter

    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from planner.scenario import STAGES

    console = Console(stderr=True)
    timings_s: dict[str, float] = {}
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("", total=sum(stage.weight for stage in STAGES))
        for stage in STAGES:
            bar.update(task, description=stage.label)
            began = perf_counter()
            getattr(study, stage.attribute)
            timings_s[stage.attribute] = perf_counter() - began
            bar.advance(task, stage.weight)
    return timings_s
