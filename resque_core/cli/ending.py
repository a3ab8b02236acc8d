"""How a command ends: exit codes, errors in one line, and quiet when a pipe closes or ctrl-c is pressed."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import typer

from resque_core.cli.complaint import FAILED, complain, exit_code_of


def tidy_ending(function: Callable[..., None]) -> Callable[..., None]:
    """`function`, whose every end is an exit code and at most one line (with RESQUE_DEBUG: a traceback)."""

    @wraps(function)
    def call(**values: Any) -> None:
        try:
            function(**values)
            sys.stdout.flush()
        except typer.Exit:
            raise
        except typer.Abort:
            # A ctrl-c at a question.
            raise typer.Exit(exit_code_of(KeyboardInterrupt())) from None
        except (KeyboardInterrupt, Exception) as error:
            raise typer.Exit(exit_code_of(error)) from None

    return call


def fail(message: str) -> NoReturn:
    """End with exit code 1 and this message."""
    complain(message)
    raise typer.Exit(FAILED)
