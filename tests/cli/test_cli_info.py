"""`resque info` and which store is meant."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from servers.server import Server

from resque_core import Resque
from tests.cli.command import Command
from tests.cli.store_of import made


def test_info_tells_what_there_is(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer", 1)
    said = command("info")
    rows = dict(line.split(maxsplit=1) for line in said.lines if len(line.split()) == 2)
    assert said.code == 0
    assert (rows["pending"], rows["namespace"], rows["source"]) == ("1", "resque", "RESQUE_URL")
    assert re.fullmatch(r"mail +1 +\d+ s", said.lines[-1].rstrip())


def test_info_as_json(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer", 1)
    facts = command("info", "--json").json
    assert (
        facts
        | {
            "pending": 1,
            "processed": 0,
            "failed": 0,
            "queues": 1,
            "workers": 0,
            "working": 0,
            "paused": False,
            "namespace": "resque",
            "store": "sqlite",
            "source": "RESQUE_URL",
            "environment": "development",
        }
        == facts
    )
    assert "store.sqlite3" in facts["servers"][0]


def test_info_shows_what_the_store_says_of_itself(command: Command, resque: Resque) -> None:
    about = resque.storage.server_info()
    server = command("info", "--json").json["server"]
    assert (server["name"], server["location"]) == (about.server, about.location)
    assert server["details"].keys() == about.details.keys()
    lines = command("info").lines
    assert any(line.split(maxsplit=1) == ["server", about.server] for line in lines)
    assert any(line.startswith("details ") and "journal_mode wal, " in line for line in lines)


def test_what_named_a_store_that_nothing_can_open_is_told(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RESQUE_URL")
    monkeypatch.setenv("REDIS_URL", "nosuch://host")
    for words in (("info",), ("queues", "list"), ("enqueue", "Mailer", "--queue", "mail")):
        said = command(*words)
        assert said.code == 1
        assert "(The URL came from: REDIS_URL.)" in said.err
    said = command.apart("work", "--queues", "mail", "--burst")
    assert said.code == 1
    assert "(The URL came from: REDIS_URL.)" in said.err


ORDER = ["--url", "RESQUE_URL", "REDIS_URL", "MONGODB_URI", "config file", "embedded"]


@pytest.mark.parametrize("winner", ORDER)
def test_the_first_that_names_a_store_wins(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path, winner: str
) -> None:
    words = ["info", "--json"]
    monkeypatch.delenv("RESQUE_URL")
    for source in ORDER[ORDER.index(winner) : -1]:
        url = made(f"sqlite:///{tmp_path}/{source.strip('-').replace(' ', '_')}.sqlite3")
        if source == "--url":
            words += ["--url", url]
        elif source == "config file":
            (folder / "resque.yml").write_text(f"url: {url}\n")
            words += ["--config", "resque.yml"]
        else:
            monkeypatch.setenv(source, url)
    facts = command(*words).json
    assert facts["source"] == winner
    named = tmp_path / winner.strip("-").replace(" ", "_")
    path = Path(os.environ["XDG_STATE_HOME"]) / "resque" / "resque" if winner == "embedded" else named
    assert facts["servers"] == [f"sqlite:///{path}.sqlite3"]


def test_an_empty_variable_names_no_store(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESQUE_URL", "")
    assert command("info", "--json").json["source"] == "embedded"


def test_the_namespace_comes_from_option_variable_or_file(
    command: Command, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "resque.yml").write_text("namespace: of_file\n")
    config = ("--config", "resque.yml", "--json")
    assert command("info", *config).json["namespace"] == "of_file"
    monkeypatch.setenv("RESQUE_NAMESPACE", "of_variable")
    assert command("info", *config).json["namespace"] == "of_variable"
    assert command("info", *config, "--namespace", "of_option").json["namespace"] == "of_option"


def test_namespaces_are_apart(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer")
    assert command("queues", "list", "--namespace", "other", "--json").json == []


def test_the_section_of_the_environment_applies(
    command: Command, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "resque.yml").write_text("namespace: plain\nproduction:\n  namespace: live\n")
    assert command("info", "--config", "resque.yml", "--json").json["namespace"] == "plain"
    monkeypatch.setenv("RAILS_ENV", "production")
    facts = command("info", "--config", "resque.yml", "--json").json
    assert (facts["namespace"], facts["environment"]) == ("live", "production")


def test_a_password_is_never_printed(command: Command) -> None:
    for words in (("info",), ("info", "--json"), ("queues", "list")):
        said = command(*words, "--url", "nosuch://user:hunter2@host/0")
        assert said.code == 1
        assert "hunter2" not in said.out + said.err


def test_watching_goes_on_until_it_is_interrupted(command: Command, resque: Resque) -> None:
    argv = command.argv("info", "--watch", "0.05", "--json")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["pending"] == 0
        resque.enqueue_to("mail", "Mailer")
        assert any(json.loads(process.stdout.readline())["pending"] == 1 for _ in range(100))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")


def test_without_a_terminal_watching_prints_one_block_after_the_other(command: Command) -> None:
    argv = command.argv("info", "-w", "0.05")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        seen = [process.stdout.readline() for _ in range(40)]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert sum(line.startswith("pending") for line in seen) >= 2
    assert not any("\x1b" in line for line in seen)


@pytest.mark.parametrize(
    "words", [("5",), ("--watch", "0"), ("--watch", "-1"), ("--watch", "nan"), ("-w", "1e9")]
)
def test_a_pace_that_cannot_be_kept_is_refused(command: Command, words: tuple[str, ...]) -> None:
    said = command("info", *words)
    assert (said.code, said.out) == (2, "")


def test_the_store_that_a_command_made_is_one_that_the_library_reads(
    command: Command, tmp_path: Path
) -> None:
    command("enqueue", "Mailer", "1", "--queue", "mail", "--url", f"sqlite:///{tmp_path}/new.sqlite3")
    with Resque(f"sqlite:///{tmp_path}/new.sqlite3") as resque:
        assert resque.size("mail") == 1


def test_a_server_that_deletes_jobs_is_warned_about(
    command: Command, monkeypatch: pytest.MonkeyPatch, start_redis: Callable[..., Server]
) -> None:
    server = start_redis("--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru")
    monkeypatch.setenv("RESQUE_URL", server.url)
    (warning,) = [line for line in command("info").lines if line.startswith("warning")]
    assert "set maxmemory-policy noeviction" in warning
    with redis.Redis.from_url(server.url) as client:
        client.config_set("maxmemory-policy", "noeviction")
    assert not [line for line in command("info").lines if line.startswith("warning")]
