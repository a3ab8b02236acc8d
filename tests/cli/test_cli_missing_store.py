"""A URL behind which there is no store: a typing error, until a job is enqueued there or worked."""

import os
from pathlib import Path

import pytest

from tests.cli.command import Command

COMMANDS = [
    ("info",),
    ("queues", "list"),
    ("queues", "size", "mail"),
    ("queues", "peek", "mail"),
    ("queues", "clear", "mail", "--yes"),
    ("failures", "list", "--json"),
    ("failures", "retry", "--all"),
    ("workers", "list"),
    ("workers", "prune"),
    ("pause", "mail"),
    ("resume", "--all"),
]
NEW = ("new", "folder", "jobs.sqlite3")


@pytest.fixture
def url(folder: Path) -> str:
    return f"sqlite:///{folder.joinpath(*NEW)}"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_missing_store_is_an_error_and_stays_missing(
    command: Command, folder: Path, url: str, words: tuple[str, ...]
) -> None:
    said = command(*words, "--url", url)
    assert said.code == 1
    assert said.out in ("", "[")
    assert said.err.startswith(
        f"resque: error: There is no store at {url}. `resque work` and `resque enqueue`"
    )
    assert said.err.count("\n") == 1
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("source", ["RESQUE_URL", "config file"])
def test_so_it_is_when_a_variable_or_the_file_names_it(
    command: Command, monkeypatch: pytest.MonkeyPatch, folder: Path, url: str, source: str
) -> None:
    words = ["info"]
    monkeypatch.delenv("RESQUE_URL")
    if source == "config file":
        (folder / "resque.yml").write_text(f"url: {url}\n")
        words += ["--config", "resque.yml"]
    else:
        monkeypatch.setenv(source, url)
    said = command(*words)
    assert (said.code, said.out) == (1, "")
    assert f"There is no store at {url}." in said.err
    assert not (folder / NEW[0]).exists()


def test_the_embedded_store_is_made_by_whoever_looks_first(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RESQUE_URL")
    said = command("queues", "list", "--json")
    assert (said.code, said.json) == (0, [])
    assert (Path(os.environ["XDG_STATE_HOME"]) / "resque" / "resque.sqlite3").exists()


def test_enqueue_makes_the_store(command: Command, url: str) -> None:
    assert command("enqueue", "Mailer", "--queue", "mail", "--url", url).code == 0
    assert command("queues", "size", "mail", "--url", url).out == "1\n"


def test_work_makes_the_store(command: Command, url: str) -> None:
    assert command.apart("work", "--queues", "mail", "--burst", "--url", url).code == 0
    assert command("queues", "list", "--json", "--url", url).json == []
