"""The command ``planner``: turns what happens inside into an exit status.

Exit status: 0 solved · 1 internal error · 2 usage · 3 bad input · 4 proved infeasible · 5 limit reached without a
solution · 130 interrupted · 143 terminated.
"""

import os
import signal
import sys
from types import FrameType
from typing import Final

import click

from planner.errors import PlannerError

INTERRUPTED: Final = 128 + signal.SIGINT
TERMINATED: Final = 128 + signal.SIGTERM


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)


def main() -> None:
    """Run the command line and leave with its exit status."""
    from planner.cli import cli

    signal.signal(signal.SIGTERM, _terminate)
    try:
        status = cli.main(prog_name="planner", standalone_mode=False)
        sys.stdout.flush()
    except PlannerError as error:
        click.echo(f"planner: {error}", err=True)
        status = error.exit_status
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("planner: interrupted; nothing was written", err=True)
        status = INTERRUPTED
    except BrokenPipeError:
        # The reader has what it wanted; give the interpreter something to flush into at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    raise SystemExit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
