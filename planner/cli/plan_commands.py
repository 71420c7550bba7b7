"""The commands that work on a plan: run, check, schema, show."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.cli.options import CHECKSUM, JSON, PLAN, QUIET, STRICT, placed_in, warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.scenario import Study


@click.command(
    short_help="Work a plan through to an audited report.",
    epilog="Example: planner run examples/01_first_light.toml --out out/first",
)
@PLAN
@click.option(
    "--out", type=click.Path(path_type=Path, readable=False), help="Folder to write; default out/<plan name>."
)
@click.option("--force", is_flag=True, help="Replace a folder that an earlier run wrote.")
@JSON
@QUIET
@STRICT
@CHECKSUM
def run(plan: Path, out: Path | None, force: bool, as_json: bool, quiet: bool, strict: bool, checksum: bool) -> None:
    """Work a plan through to an audited report.

    Writes plan.json, report.html, report.json, run.json, network.graphml and the tables fleet, orbits, links, power,
    placement, manifest, costs, sites, traffic and losses as CSV.
    """
    from planner.report import build_report, folder_contents, reserved, write_folder
    from planner.scenario import Study, load_plan

    loaded = load_plan(plan)
    target = out if out is not None else Path("out") / loaded.plan.name
    meter = _Meter()
    study = Study(loaded, strict=strict, verify_checksum=checksum, progress=meter)
    with reserved(target, force=force), placed_in(plan):
        timings_s = _work(study, meter, quiet=quiet)
        report = build_report(study)
        write_folder(target, folder_contents(study, report, timings_s))
    if not quiet:
        warn(study.warnings)
    _tell(report.as_json(), as_json=as_json, where=target)


@click.command(
    short_help="Validate a plan and estimate its size.", epilog="Example: planner check examples/01_first_light.toml"
)
@PLAN
@JSON
@STRICT
@CHECKSUM
def check(plan: Path, as_json: bool, strict: bool, checksum: bool) -> None:
    """Validate a plan, read its element sets and estimate its size, without running it."""
    from dataclasses import asdict

    from planner.scenario import Study, load_plan, plan_size

    loaded = load_plan(plan)
    study = Study(loaded, strict=strict, verify_checksum=checksum)
    with placed_in(plan):
        size = plan_size(loaded.plan, satellites=len(study.fleet))
    warn(study.element_notes)
    if as_json:
        click.echo(json.dumps({"plan": loaded.plan.name, "sha256": loaded.sha256, **asdict(size)}, indent=2))
    else:
        click.echo(f"{plan}: good; plan {loaded.plan.name}, sha256 {loaded.sha256[:12]}")
        click.echo(
            f"{size.satellites:,} satellites × {size.steps:,} steps, {size.sites} sites, {size.jobs} jobs: "
            f"about {size.memory_gb:.1f} GB of memory"
        )


@click.command(epilog="Example: planner schema > plan.schema.json")
def schema() -> None:
    """Print the JSON Schema of a plan."""
    from planner.scenario import Plan

    click.echo(json.dumps(Plan.model_json_schema(), indent=2))


@click.command(epilog="Example: planner show out/first_light")
@click.argument("out", type=click.Path(path_type=Path, readable=False))
@JSON
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


class _Meter:
    """Hands on how far the stage at work has come, to whatever shows it at the time."""

    def __init__(self) -> None:
        self.show: Callable[[float], object] = lambda part: part

    def __call__(self, part: float) -> None:
        self.show(part)


def _work(study: "Study", meter: _Meter, *, quiet: bool) -> dict[str, float]:
    """Run every stage in order, with a progress bar where there is a terminal; return seconds per stage."""
    from operator import attrgetter
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

        def advance(done: float, weight: float, part: float) -> None:
            bar.update(task, completed=done + weight * part)

        done = 0.0
        for stage in STAGES:
            bar.update(task, description=stage.label)
            meter.show = partial(advance, done, stage.weight)
            began = perf_counter()
            attrgetter(stage.attribute)(study)
            timings_s[stage.attribute] = perf_counter() - began
            done += stage.weight
            bar.update(task, completed=done)
    return timings_s
