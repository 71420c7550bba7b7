"""The commands: run, check, schema, show. Results go to stdout, progress and warnings to stderr.

Nothing heavy is imported at the top: ``planner --help`` answers before NumPy could load.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from planner.scenario import Study

_PLAN = click.argument("plan", type=click.Path(path_type=Path))
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
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write; default out/<plan name>.")
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
    with reserved(target, force=force), _own_warnings(study, quiet=quiet):
        timings_s = _work(study, quiet=quiet)
        report = build_report(study)
        write_folder(target, folder_contents(study, report, timings_s))
    _tell(report.as_json(), as_json=as_json, where=target)


@cli.command()
@_PLAN
@_JSON
@_STRICT
@_CHECKSUM
def check(plan: Path, as_json: bool, strict: bool, checksum: bool) -> None:
    """Validate a plan, read its element sets and estimate its size, without running it."""
    from dataclasses import asdict

    from planner.scenario import Study, load_plan, plan_size, require_size

    loaded = load_plan(plan)
    study = Study(loaded, strict=strict, verify_checksum=checksum)
    size = plan_size(loaded.plan, satellites=len(study.fleet))
    for note in study.element_notes:
        click.echo(f"warning: {note}", err=True)
    require_size(loaded.plan, size)
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
@click.argument("out", type=click.Path(path_type=Path))
@_JSON
def show(out: Path, as_json: bool) -> None:
    """Print the summary of an earlier run again."""
    from planner.report import read_report

    _tell(read_report(out), as_json=as_json, where=out)


def _tell(report: dict[str, Any], *, as_json: bool, where: Path) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    from planner.report import summary_lines

    for line in summary_lines(report):
        click.echo(line)
    click.echo(f"\n{where / 'report.html'}")


@contextmanager
def _own_warnings(study: "Study", *, quiet: bool) -> Iterator[None]:
    """Print what the study warns about once the work is done, instead of Python's warnings as they come."""
    import warnings

    from planner.errors import PlannerWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PlannerWarning)
        yield
    if not quiet:
        for warning in study.warnings:
            click.echo(f"warning: {warning}", err=True)


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
