"""The command ``planner``: turns what happens inside into an exit status.

Exit status: 0 solved · 1 internal error · 2 usage · 3 bad input · 4 proved infeasible · 5 limit reached without a
solution · 130 interrupted · 143 terminated.
"""

import contextlib
import os
import signal
import sys
import threading
from types import FrameType
from typing import Final

import click

from planner.errors import OutputError, PlannerError, legible

INTERRUPTED: Final = 128 + signal.SIGINT
TERMINATED: Final = 128 + signal.SIGTERM


_SHELTERED: Final = {"llvmlite", "google"}
"""Packages that compiled code calls back into, and drops what is raised there, or crashes."""
_AGAIN_S: Final = 0.02


def stop(number: int, frame: FrameType | None) -> None:
    """Stop the run at a signal: now, or once nothing is at work any more that would swallow the exception."""
    inner = frame
    while inner is not None:
        if str(inner.f_globals.get("__name__", "")).partition(".")[0] in _SHELTERED:
            later = threading.Timer(_AGAIN_S, signal.raise_signal, (number,))
            later.daemon = True
            later.start()
            return
        inner = inner.f_back
    if number == signal.SIGTERM:
        raise SystemExit(TERMINATED)
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line and leave with its exit status."""
    signal.signal(signal.SIGTERM, stop)
    # Whoever started this may have asked for Ctrl-C to be ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, stop)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character of a name shows a question mark for it.
        if stream is not None:
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # typeshed: TextIO
    raise SystemExit(_status())


def _status() -> int:
    """Run the command and return its exit status, after one message on stderr where something stopped it."""
    try:
        from planner.cli import cli

        # Not cli.main(), which ends with status 1 when whoever reads the output has gone away.
        with cli.make_context("planner", sys.argv[1:]) as context:
            cli.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except PlannerError as error:
        _say(*str(error).splitlines())
        return error.exit_status
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _silence()  # the reader has what it wanted
    except OSError as error:
        if error.filename is not None:
            raise
        _silence()
        _say(f"standard output: cannot be written: {error.strerror}; send it somewhere else")
        return OutputError.exit_status
    return 0


def _silence() -> None:
    """Give the interpreter something to flush into at exit."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(first: str, *more: str) -> None:
    """Print a message on stderr, without what a terminal would obey; nobody may be listening."""
    with contextlib.suppress(OSError):
        click.echo("\n".join(map(legible, (f"planner: {first}", *more))), err=True)


if __name__ == "__main__":
    main()
