"""`Program`: whether a command has its process to itself, or was called by somebody's code."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import typer


@dataclass(frozen=True, slots=True)
class Program:
    """Typer's context carries one when the command is what its process is there for."""

    #: Where it looks for modules, if that is not for a new Python to find out.
    path: tuple[str, ...] = ()
    #: Takes looks at what --reload watches, if that is not the Python files below the folder.
    looks: Callable[[], Iterable[Sequence[str]]] | None = None


def whole_program(context: typer.Context) -> Program | None:
    """The program, if its process may be replaced: nobody's code is waiting for the command to return."""
    found = context.find_root().obj
    return found if isinstance(found, Program) else None
