"""A command whose first word is either the name of a subcommand or a file.

``planner elements starlink.csv`` inspects the file, ``planner elements fetch starlink`` downloads one. A file that is
called as a subcommand is reached as ``./fetch``.
"""

import click


class FileCommand(click.Command):
    """What is done with the file; its usage reads ``planner elements FILE [OPTIONS]``."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Leave the argument out: it stands where the name of a command does."""
        return super().collect_usage_pieces(ctx)[:1]


class FileOrCommand(click.Group):
    """A group that takes what is no subcommand for arguments of `on_file`."""

    on_file: FileCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep options before the file for `on_file`; only a call for help is the group's own."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["--", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand, or `on_file` with all the arguments."""
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "FILE", self.on_file, args

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show both uses."""
        formatter.write_usage(ctx.command_path, "FILE [OPTIONS]")
        for name, command in self.commands.items():
            pieces = " ".join([name, *command.collect_usage_pieces(ctx)])
            formatter.write_usage(ctx.command_path, pieces, prefix=" " * len("Usage: "))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options of `on_file`, then the subcommands."""
        self.on_file.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)
