"""The command `resque`: as users start it, and as a program calls it that has loaded it already."""

import os
import sys
from typing import NoReturn

import pymongo as pymongo
import redis as redis
from setproctitle import getproctitle
from typer.main import get_command

from resque_core.cli.main import app

_command = get_command(app)
# Reads no words, and so loads what typer loads only when it has to read some.
_command.commands["work"].make_context("work", [])  # type: ignore[attr-defined]

# Has the room for titles measured, before the environment that it includes is another.
getproctitle()


def resque(*words: str) -> None:
    """Do as `resque` does when it is given these words, and exit as it does."""
    _command.main([*words], prog_name="resque")


def become_resque(*words: str) -> NoReturn:
    """Be the command itself, in a Python that has loaded nothing."""
    os.execv(sys.executable, [sys.executable, "-m", "resque_core.cli.main", *words])
