"""`Program`: whether a command has its process to itself, or was called by somebody's code."""

import typer


class Program:
    """Typer's context carries one when the command is what its process is there for."""


def is_whole_program(context: typer.Context) -> bool:
    """Whether the process may be replaced: nobody's code is waiting for the command to return."""
    return isinstance(context.find_root().obj, Program)
