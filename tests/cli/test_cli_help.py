"""Every command explains itself, and the reference knows every command and option."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from resque_core import __version__
from resque_core.cli.main import app
from tests.cli.command import Command

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
READING = ("info", "queues list", "queues size", "queues peek", "delayed list", "delayed show",
           "schedule list", "schedule show",
           "failures list", "failures show", "workers list", "workers show", "pool status",
           "batches list",
           "check")  # fmt: skip
SHARED = {"--url", "--namespace", "--config", "--json", "--help"}


def commands(group: Any = None, path: str = "") -> Iterator[tuple[str, Any]]:
    top: Any = group or get_command(app)
    for name, found in top.commands.items():
        full = f"{path} {name}".strip()
        if hasattr(found, "commands"):
            yield from commands(found, full)
        if getattr(found, "invoke_without_command", True):
            yield full, found


COMMANDS = dict(commands())


def options(path: str) -> set[str]:
    return {name for parameter in COMMANDS[path].params for name in parameter.opts if name.startswith("--")}


def section(path: str) -> str:
    """What the reference says below the heading of the command or its group."""
    heading = f"## `resque {path.split()[0]}`\n"
    return REFERENCE.read_text(encoding="utf-8").partition(heading)[2].partition("\n## ")[0]


def test_the_commands_are_those_that_were_promised() -> None:
    assert set(COMMANDS) == {
        *(
            "work",
            "scheduler",
            "pool",
            "enqueue",
            "info",
            "pause",
            "resume",
            "check",
            "status",
            "cancel",
            "doctor",
            "metrics",
            "web",
            "list",
            "remove",
            "kill",
        ),
        "batches list",
        *(f"pool {name}" for name in ("status", "scale", "pause", "resume", "restart")),
        *(
            f"queues {name}"
            for name in ("list", "size", "peek", "pause", "resume", "move", "clear", "remove")
        ),
        *(f"delayed {name}" for name in ("list", "show", "run", "remove", "clear")),
        *(f"schedule {name}" for name in ("list", "show", "set", "run", "pause", "resume", "remove")),
        *(f"failures {name}" for name in ("list", "show", "retry", "remove", "clear", "sort")),
        *(f"workers {name}" for name in ("list", "show", "quiet", "stop", "kill-job", "forget", "prune")),
    }


@pytest.mark.parametrize("path", COMMANDS)
def test_help_ends_well_is_narrow_and_has_an_example_of_this_command(command: Command, path: str) -> None:
    said = command(*path.split(), "--help")
    assert said.code == 0
    assert max(map(len, said.lines)) <= 80
    examples = said.out.partition("Examples:")[2]
    assert re.search(rf"resque .*\b{path.split()[-1]}\b", examples)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_argument_and_option_is_explained(path: str) -> None:
    for parameter in COMMANDS[path].params:
        assert parameter.help, f"{path}: {parameter.name}"


@pytest.mark.parametrize("path", COMMANDS)
def test_the_reference_has_the_command_and_its_options(path: str) -> None:
    text = section(path)
    assert len(path.split()) == 1 or f"`resque {path}" in text
    missing = {name for name in options(path) - SHARED if f"`{name}" not in text}
    assert not missing


@pytest.mark.parametrize("path", READING)
def test_every_command_that_reads_can_print_json(path: str) -> None:
    assert "--json" in options(path)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_can_be_told_its_store(path: str) -> None:
    assert {"--url", "--namespace", "--config"} <= options(path)


def test_no_command_shows_the_help_as_in_ruby(command: Command) -> None:
    said = command()
    assert said.code == 0
    assert "resque work --queues mail" in said.out
    assert all(name.split()[0] in said.out for name in COMMANDS)


def test_the_version_is_printed(command: Command) -> None:
    assert command("--version").out == f"resque {__version__}\n"


@pytest.mark.parametrize(
    "words", [("nonsense",), ("queues", "nonsense"), ("info", "--nonsense"), ("enqueue",)]
)
def test_a_command_line_that_makes_no_sense_ends_with_2(command: Command, words: tuple[str, ...]) -> None:
    said = command(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.err


def test_completion_can_be_installed(command: Command) -> None:
    assert "--install-completion" in command("--help").out


def test_words_are_completed(command: Command) -> None:
    said = command.real(_RESQUE_COMPLETE="complete_bash", COMP_WORDS="resque queues p", COMP_CWORD="2")
    assert said.out.split() == ["peek", "pause"]
