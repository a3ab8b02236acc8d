"""The command under test: called in this process, or as users do."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import preloaded
from resque_command import resque
from typer import testing
from typer.main import get_command

from resque_core.cli.main import app

# Else each call puts all commands together anew, which takes longer than most of them.
vars(testing)["_get_command"] = cache(get_command)


@dataclass(frozen=True)
class Said:
    """What the command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def said_apart(act: Callable[..., Any], *words: str, folder: Path, **variables: str) -> Said:
    """What comes of calling `act` in a process of its own, forked from one that has loaded the command."""
    with TemporaryDirectory() as streams:
        out, err = Path(streams) / "out", Path(streams) / "err"
        process = preloaded.start(
            act, *words, env=preloaded.surroundings() | variables,
            folder=folder, output=preloaded.Streams(out, err),
        )  # fmt: skip
        code = preloaded.exit_code(process, 60)
        assert code is not None, f"it goes on and on; it said: {err.read_text()}"
        return Said(code, out.read_text(), err.read_text())


class Command:
    """The command on one store."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def __call__(self, *words: str, input: str | None = None) -> Said:
        """Call it in this process."""
        result = testing.CliRunner().invoke(app, [*words], input=input, prog_name="resque")
        return Said(result.exit_code, result.stdout, result.stderr)

    def apart(self, *words: str, **variables: str) -> Said:
        """Call it in a process of its own, which has loaded it already: that takes a tenth of the time."""
        return said_apart(resque, *words, folder=self.folder, **variables)

    def real(self, *words: str, **variables: str) -> Said:
        """Call it as users do, in a process of its own."""
        done = subprocess.run(
            self.argv(*words), cwd=self.folder, env=os.environ | variables,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "resque_core.cli.main", *words]
