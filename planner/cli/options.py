"""What several commands share: options, the writing of warnings, the name of the plan in what is wrong with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from planner.errors import ElementSetError, InputError, OutputError, Problem, legible

PLAN = click.argument("plan", type=click.Path(path_type=Path, readable=False))
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="Print no progress and no warnings.")
STRICT = click.option("--strict", is_flag=True, help="Refuse stale element sets instead of warning.")
CHECKSUM = click.option(
    "--checksum/--no-checksum", default=True, help="Refuse TLE lines with a wrong checksum, or warn and accept."
)


def warn(notes: Sequence[str]) -> None:
    """Write a warning to stderr for each note."""
    for note in notes:
        click.echo(f"warning: {legible(note)}", err=True)


def instant(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Return an instant with its zone, or now where that is asked for, in UTC."""
    if value is None:
        return None
    if value == "now":
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    reason = f"{legible(value)!r} is no instant; write 2026-06-21T00:00:00Z, with its zone, or now"
    raise click.BadParameter(reason, ctx=ctx, param=param)


@contextmanager
def placed_in(plan: Path) -> Iterator[None]:
    """Name the plan file in what turns out to be wrong with a plan only while it is worked through."""
    try:
        yield
    except (ElementSetError, OutputError):
        raise
    except InputError as error:
        problems = [
            Problem(f"{plan}: {problem.place}".removesuffix(": "), problem.reason) for problem in error.problems
        ]
        raise type(error)(problems) from None
