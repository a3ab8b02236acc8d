"""The command under test: called in this process, or as users do."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

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


class Command:
    """The command on one store."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def __call__(self, *words: str, input: str | None = None) -> Said:
        """Call it in this process."""
        result = testing.CliRunner().invoke(app, [*words], input=input, prog_name="resque")
        return Said(result.exit_code, result.stdout, result.stderr)

    def real(self, *words: str, **variables: str) -> Said:
        """Call it as users do, in a process of its own."""
        done = subprocess.run(
            self.argv(*words), cwd=self.folder, env=os.environ | variables,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "resque_core.cli.main", *words]
