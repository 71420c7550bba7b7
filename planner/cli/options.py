"""What several commands share: options, the writing of warnings."""

from collections.abc import Sequence
from pathlib import Path

import click

from planner.errors import legible

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
