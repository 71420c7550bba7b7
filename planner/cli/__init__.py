"""The commands: run, check, schema, show, elements, explain, route.

Results go to stdout, progress and warnings to stderr.

Nothing heavy is imported at the top of any module here: ``planner --help`` answers before NumPy could load.
"""

import click

from planner.cli.element_commands import elements
from planner.cli.network_commands import explain, route
from planner.cli.plan_commands import check, run, schema, show

__all__ = ["cli"]


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: planner run examples/01_first_light.toml",
)
@click.version_option(package_name="orbital-compute-planner", prog_name="planner")
def cli() -> None:
    """Plan orbital computing: fleet, laser network, placement, launches and money from one plan file."""


for command in (check, elements, explain, route, run, schema, show):
    cli.add_command(command)
