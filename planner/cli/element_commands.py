"""The commands that work on element sets: elements FILE, elements fetch."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from planner.cli.file_or_command import FileCommand, FileOrCommand
from planner.cli.options import CHECKSUM, JSON, instant, warn
from planner.errors import ElementSetError, Problem, legible

if TYPE_CHECKING:
    from planner.orbit import Fetched

_FORMATS: Final = ("csv", "json", "xml", "kvn", "tle")


@click.group(
    cls=FileOrCommand,
    short_help="Inspect or convert a file of element sets, or fetch one.",
    epilog="Example: planner elements starlink.csv --at 2026-06-21T00:00:00Z",
)
def elements() -> None:
    """Inspect a file of element sets: epochs, shells and planes, what does not fly, what was refused and why.

    TLE, 3LE and OMM (CSV, JSON, XML, KVN) are told apart by what is in them. A file with faulty sets is inspected
    without them; they are listed, and the exit status is 3. With --write the file is converted instead. For a file
    that is called fetch, give ./fetch.
    """


@click.command(cls=FileCommand)
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--at", callback=instant, metavar="TIME", help="Instant of the inspection, or now; default the newest epoch."
)
@click.option("--strict", is_flag=True, help="Refuse a file with elements more than 14 days from --at.")
@CHECKSUM
@JSON
@click.option(
    "--write",
    "out",
    type=click.Path(path_type=Path, readable=False),
    metavar="OUT",
    help="Write the satellites as this file instead of inspecting them.",
)
@click.option(
    "--to",
    "form",
    type=click.Choice(_FORMATS),
    metavar="FORMAT",
    help=f"Format to write: {', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}; default the ending of OUT.",
)
@click.option("--force", is_flag=True, help="Replace the file of --write.")
def inspect(
    file: Path, at: datetime | None, strict: bool, checksum: bool, as_json: bool, out: Path | None, form: str | None,
    force: bool,
) -> None:  # fmt: skip
    """Inspect a file of element sets, or write its satellites in another format."""
    if out is not None:
        if at is not None or strict:
            raise click.UsageError("--write does not inspect; leave --at and --strict out")
        _convert(file, out, form, checksum=checksum, force=force, as_json=as_json)
        return
    if form is not None or force:
        raise click.UsageError("--to and --force belong to --write")
    from planner.cli.inspection_text import inspection_json, inspection_lines
    from planner.orbit import inspect_elements, read_elements, staleness_note

    held = read_elements(file, verify_checksum=checksum, skip_faulty=True)
    inspection = inspect_elements(held.fleet, at)
    if as_json:
        click.echo(json.dumps(inspection_json(str(file), held, inspection), indent=2, allow_nan=False))
    else:
        click.echo("\n".join(map(legible, inspection_lines(str(file), held, inspection))))
    stale = staleness_note(held.fleet, inspection.at) if strict else ""
    problems = [*held.refused, *([Problem(str(file), stale)] if stale else [])]
    if problems:
        raise ElementSetError(problems)


def _convert(file: Path, out: Path, form: str | None, *, checksum: bool, force: bool, as_json: bool) -> None:
    """Write a file that has no fault in another format."""
    from planner.cli.conversion import convert, format_of
    from planner.orbit import read_elements
    from planner.orbit.files.atomic import require_writable

    form = format_of(out, form)
    require_writable(out, force=force)
    held = read_elements(file, verify_checksum=checksum)
    convert(held.fleet, out, form, force=force)
    warn(held.notes)
    if as_json:
        click.echo(json.dumps({"file": legible(out), "format": form, "satellites": len(held.fleet)}, indent=2))
    else:
        click.echo(legible(f"{out}: {len(held.fleet):,} satellites, {form}"))


elements.on_file = inspect


@elements.command(
    short_help="Download a group of element sets from CelesTrak.",
    epilog="Example: planner elements fetch starlink --out starlink.csv",
)
@click.argument("group")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="csv", metavar="FORMAT",
    help=f"{', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}, which lacks numbers above 99999; default csv.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, readable=False), metavar="FILE", help="Write a copy there.")
@click.option("--force", is_flag=True, help="Replace the file of --out.")
@click.option("--cache", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the cache.")
@click.option("--base-url", metavar="URL", help="Address to ask instead of CelesTrak.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 3600.0), default=60.0, metavar="SECONDS",
    help="Longest wait for the whole download; default 60.",
)  # fmt: skip
@JSON
def fetch(
    group: str, form: str, out: Path | None, force: bool, cache: Path | None, base_url: str | None, timeout: float,
    as_json: bool,
) -> None:  # fmt: skip
    """Download a group of element sets from CelesTrak, such as starlink, oneweb, gps-ops or active.

    The copy in the cache is given without a question where the group was asked for less than two hours ago: CelesTrak
    has nothing new before, and shuts out whoever asks more often. No other command needs a network.
    """
    from planner.orbit import fetch_group
    from planner.orbit.files.atomic import require_writable, write_whole
    from planner.orbit.files.fetch import CELESTRAK_URL

    if out is not None:
        require_writable(out, force=force)
    got = fetch_group(group, form=form, base_url=base_url or CELESTRAK_URL, cache=cache, timeout_s=timeout)
    if out is not None:
        write_whole(out, got.path.read_bytes(), force=force)
    click.echo(json.dumps(_fetched_json(got, out), indent=2) if as_json else legible(_fetched_text(got)))
    if not as_json:
        click.echo(legible(out or got.path))


def _fetched_text(got: "Fetched") -> str:
    how = (
        "downloaded now" if got.fresh else f"downloaded at {got.downloaded:%Y-%m-%d %H:%M:%S} UTC, not asked for again"
    )
    return f"{got.group}: {got.satellites:,} satellites, {how}; next from {got.next_question:%Y-%m-%d %H:%M:%S} UTC"


def _fetched_json(got: "Fetched", out: Path | None) -> dict[str, object]:
    return {
        "group": got.group,
        "path": legible(out or got.path),
        "satellites": got.satellites,
        "downloaded": got.downloaded.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "fresh": got.fresh,
        "next_question": got.next_question.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
