"""Fixtures of the command's tests: a store in a file, and the command, called in-process or for real."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from resque_core import Resque
from resque_core.cli.main import app


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
        result = CliRunner().invoke(app, [*words], input=input, prog_name="resque")
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def command(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, whose store is named by RESQUE_URL."""
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    monkeypatch.setenv("RESQUE_URL", url)
    monkeypatch.delenv("RESQUE_DEBUG", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return Command(url, folder)


@pytest.fixture
def resque(command: Command) -> Iterator[Resque]:
    """A `Resque` on the command's store, to arrange and to look."""
    with Resque(command.url) as resque:
        yield resque
