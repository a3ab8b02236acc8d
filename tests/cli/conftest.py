"""Fixtures of the command's tests: a folder, a store in a file, and the command on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import prepared

from resque_core import Resque
from tests.cli.command import Command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def command(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, whose store is named by RESQUE_URL and exists."""
    url = prepared(tmp_path / "store.sqlite3")
    monkeypatch.setenv("RESQUE_URL", url)
    monkeypatch.delenv("RESQUE_DEBUG", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return Command(url, folder)


@pytest.fixture
def resque(command: Command) -> Iterator[Resque]:
    """A `Resque` on the command's store, to arrange and to look."""
    with Resque(command.url) as resque:
        yield resque
