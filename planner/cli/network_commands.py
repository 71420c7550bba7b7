"""The commands that ask a plan's laser network one question: explain, route."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from planner.cli.options import CHECKSUM, JSON, PLAN, QUIET, STRICT, instant, placed_in, warn
from planner.errors import legible

if TYPE_CHECKING:
    from planner.network.flow import Sharing

_MOST_WAYS: Final = 100


@click.command(
    short_help="Say why two satellites are linked or not.",
    epilog="Example: planner explain examples/01_first_light.toml dawn-0-00 dawn-0-01",
)
@PLAN
@click.argument("a")
@click.argument("b")
@click.option(
    "--at",
    callback=instant,
    metavar="TIME",
    help="Instant, moved to the nearest of the plan; or now; default the plan's start.",
)
@JSON
@QUIET
@STRICT
@CHECKSUM
def explain(
    plan: Path, a: str, b: str, at: datetime | None, as_json: bool, quiet: bool, strict: bool, checksum: bool
) -> None:
    """Say why satellites A and B of a plan are linked or not at an instant.

    Every rule of a link with what was found and what is allowed, then what the topology makes of the two: a link that
    works, one that is still being acquired, or one that it does not choose, and who has the terminals instead. The plan
    is followed no further than to that instant.
    """
    from planner.cli.network_text import link_json, link_lines
    from planner.scenario import Study, load_plan
    from planner.scenario.following import moment_of
    from planner.scenario.notes import told
    from planner.scenario.questions import why_linked

    study = Study(load_plan(plan), strict=strict, verify_checksum=checksum)
    with placed_in(plan), _progress("following links", quiet=quiet) as progress:
        moment = moment_of(study, at)
        answer, notes = told(lambda: why_linked(study, a, b, moment, progress=progress))
    _finish(link_json(answer) if as_json else link_lines(answer), () if quiet else (*study.element_notes, *notes))


@click.command(
    short_help="Find the shortest ways between two nodes.",
    epilog='Example: planner route examples/03_laser_network.toml London "New York"',
)
@PLAN
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option(
    "--at",
    callback=instant,
    metavar="TIME",
    help="Instant, moved to the nearest of the plan; or now; default the whole plan.",
)
@click.option(
    "--count", type=click.IntRange(1, _MOST_WAYS), metavar="K", help="How many ways; default 1, of disjoint ones 2."
)
@click.option(
    "--disjoint", type=click.Choice(("link", "node")), help="Ways that share no link, or no node between the ends."
)
@click.option("--relay", is_flag=True, help="Let the way come down to other sites and go up again.")
@JSON
@QUIET
@STRICT
@CHECKSUM
def route(
    plan: Path, source: str, target: str, at: datetime | None, count: int | None,
    disjoint: "Sharing | None", relay: bool, as_json: bool, quiet: bool, strict: bool, checksum: bool,
) -> None:  # fmt: skip
    """Find the shortest ways between two nodes of a plan, sites or satellites, by light time.

    With --at the way at that instant, node by node, the --count shortest ones or --disjoint ones; the plan is followed
    no further. Without, the shortest way at every instant of the plan: its round trip, how often there is one, and how
    often it changes. Contacts are those that the antennas of the sites follow.
    """
    if at is None and (count is not None or disjoint is not None):
        raise click.UsageError("--count and --disjoint ask about one instant; give it with --at")
    if relay and (disjoint is not None or (count or 1) > 1):
        raise click.UsageError("--relay goes with the shortest way alone; leave --count and --disjoint out")
    from planner.cli.network_text import series_json, series_lines, ways_json, ways_lines
    from planner.scenario import Study, load_plan
    from planner.scenario.following import moment_of
    from planner.scenario.notes import told
    from planner.scenario.ways import find_ways, way_over_time

    study = Study(load_plan(plan), strict=strict, verify_checksum=checksum)
    said: dict[str, Any] | Iterable[str]
    with placed_in(plan), _progress("finding ways", quiet=quiet) as progress:
        if at is None:
            series, notes = told(lambda: way_over_time(study, source, target, relay=relay, progress=progress))
            said = series_json(series) if as_json else series_lines(series)
            notes = (*notes, *series.notes)
        else:
            moment = moment_of(study, at)
            several = count or (1 if disjoint is None else 2)
            found = partial(find_ways, study, source, target, moment, count=several, by=disjoint, relay=relay)
            ways, notes = told(lambda: found(progress=progress))
            said = ways_json(ways) if as_json else ways_lines(ways)
            notes = (*notes, *ways.notes)
    _finish(said, () if quiet else (*study.element_notes, *notes))


def _finish(said: dict[str, Any] | Iterable[str], notes: Iterable[str]) -> None:
    """Write an answer to stdout, and what must be known besides to stderr."""
    warn(tuple(notes))
    if isinstance(said, dict):
        click.echo(json.dumps(said, indent=2, allow_nan=False))
    else:
        click.echo("\n".join(map(legible, said)))


@contextmanager
def _progress(label: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on stderr, where there is a terminal, that is told which part of the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=quiet or not console.is_terminal
    ) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda part: bar.update(task, completed=part)
