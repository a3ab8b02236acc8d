"""What the options of `resque pool` add up to, and which of two that disagree counts (spec pool §6)."""

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from resque_core.cli import pool as command
from resque_core.cli.main import app
from resque_core.pool.settings import PoolSettings
from resque_core.process.pool.logs import PoolLogs

DAEMON_PIDFILE, LOCK = "tmp/pids/resque-pool.pid", "tmp/resque-pool.lock"


def shown(value: object) -> str | None:
    return " ".join(value) or "none" if isinstance(value, list) else None


class Asked:
    """Stands where the manager would begin, and keeps what it would begin with."""

    def __init__(self) -> None:
        self.settings: PoolSettings | None = None
        self.logs: PoolLogs | None = None

    def __call__(self, settings: PoolSettings, _config: str | None, _resque: Any, logs: PoolLogs) -> int:
        self.settings, self.logs = settings, logs
        return 0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    monkeypatch.chdir(tmp_path)
    for name in ("RESQUE_ENV", "RAILS_ENV", "RACK_ENV", "RESQUE_SINGLE_PGRP"):
        # Set, so that what the command changes is put back.
        monkeypatch.setenv(name, "")
    asked = Asked()
    monkeypatch.setattr(command, "run_pool", asked)
    return asked


def settings_of(asked: Asked, *words: str) -> PoolSettings:
    said = CliRunner().invoke(app, ["pool", "--url", "sqlite:///jobs.sqlite3", *words])
    assert said.exit_code == 0, said.output
    assert asked.settings
    return asked.settings


@pytest.mark.parametrize(
    ("words", "pidfile"),
    [
        ([], None),
        (["-d"], DAEMON_PIDFILE),
        (["-d", "--no-pidfile"], None),
        (["--no-pidfile", "-d"], None),
        (["-p", "a", "--no-pidfile"], None),
        (["--no-pidfile", "-p", "a"], "a"),
        (["-d", "-p", "a"], "a"),
        (["-H", "-p", "a"], "a"),
        (["-p", "a", "-H"], None),
        (["-d", "-H"], None),
    ],
    ids=shown,
)
def test_of_options_about_the_pidfile_the_last_one_counts(
    asked: Asked, words: list[str], pidfile: str | None
) -> None:
    assert settings_of(asked, *words).pidfile == pidfile


@pytest.mark.parametrize(
    ("words", "others", "lock"),
    [([], False, None), (["-k"], True, None), (["-H"], True, LOCK), (["-H", "-l", "b"], True, "b")],
    ids=shown,
)
def test_a_hot_swap_ends_others_and_has_a_lock(
    asked: Asked, words: list[str], others: bool, lock: str | None
) -> None:
    settings = settings_of(asked, *words)
    assert (settings.kill_others, settings.lock) == (others, lock)


@pytest.mark.parametrize(
    ("words", "behavior"),
    [
        ([], "graceful-wait"),
        (["--term-graceful"], "graceful"),
        (["--term-graceful", "--term-graceful-wait"], "graceful-wait"),
        (["--term-immediate"], "immediate"),
        (["--term-immediate", "--term-graceful"], "graceful"),
        (["--term-immediate", "--term-graceful-wait"], "graceful-wait"),
    ],
    ids=shown,
)
def test_what_term_does_is_chosen(asked: Asked, words: list[str], behavior: str) -> None:
    assert settings_of(asked, *words).term_behavior == behavior


def test_the_environment_is_set_for_the_application_too(asked: Asked) -> None:
    assert settings_of(asked, "-E", "production").environment == "production"
    assert [os.environ[name] for name in ("RESQUE_ENV", "RAILS_ENV", "RACK_ENV")] == ["production"] * 3


@pytest.mark.parametrize(("value", "single"), [("yes", True), ("Okay", True), ("0", False), ("", False)])
def test_one_process_group_may_be_asked_for_by_a_variable(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, value: str, single: bool
) -> None:
    """The command of resque-pool wrote the variable anew, so that it had no effect."""
    monkeypatch.setenv("RESQUE_SINGLE_PGRP", value)
    assert settings_of(asked).single_process_group is single
    assert settings_of(asked, "--single-process-group").single_process_group


def test_what_holds_for_each_worker_is_said_by_options_and_variables(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_INTERVAL", "7")
    monkeypatch.setenv("TERM_CHILD", "1")
    words = ["--order", "shuffle", "--max-jobs", "5", "--max-rss", "300", "--max-age", "60", "-s", "250"]
    settings = settings_of(asked, *words, "--log-file", "a.log", "--log-format", "json")
    options = settings.options({"max_jobs": 2, "interval": 1.5})
    assert (options.order, options.max_rss, options.max_age) == ("shuffle", 300.0, 60.0)
    assert (options.max_jobs, options.interval) == (2, 1.5)
    assert (options.max_interval, options.term_child) == (7.0, True)
    assert settings.spawn_delay == 0.25
    assert (settings.sync, settings.schedule, settings.scheduler_interval) == (True, None, 5.0)
    assert asked.logs == PoolLogs(log_file="a.log", log_format="json")


def test_a_schedule_is_named_by_option_or_variable(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESQUE_SCHEDULE", "a.yml")
    monkeypatch.setenv("RESQUE_SCHEDULER_INTERVAL", "2")
    settings = settings_of(asked)
    assert (settings.schedule, settings.scheduler_interval) == ("a.yml", 2.0)
    assert settings_of(asked, "--schedule", "b.yml", "--nosync").schedule == "b.yml"


def test_a_variable_that_no_pool_can_follow_is_refused(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORK_PER_JOB", "false")
    said = CliRunner().invoke(app, ["pool", "--url", "sqlite:///jobs.sqlite3"])
    assert said.exit_code == 2
    assert "no option fork" in said.output
    assert asked.settings is None


@pytest.mark.parametrize("words", [["-v"], ["--version"], ["-h"], ["--help"]], ids=shown)
def test_help_and_version_start_no_pool(asked: Asked, words: list[str]) -> None:
    said = CliRunner().invoke(app, ["pool", *words])
    assert said.exit_code == 0
    assert said.output.strip()
    assert asked.settings is None
