"""Each variable that `resque work` reads: what it sets, and that the worker does it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from resque_core import Resque
from resque_core.cli import work
from resque_core.variables import SWITCHES, VARIABLES
from resque_core.work_settings import WorkSettings
from tests.cli.command import Command

Settings = Callable[..., WorkSettings]

JOBS = """
import os
from resque_core import job

@job(queue="mail")
def note():
    with open("notes", "a") as notes:
        notes.write(f"{os.getpid()}\\n")
"""

RUBYS = {"log_level": "info", "log_format": "ruby"}
#: Of each variable one value, and the settings that differ from the defaults then.
READ = (
    ("QUEUE", "a, b", {"queues": ("a", "b")}),
    ("QUEUES", "a,!b", {"queues": ("a", "!b")}),
    ("INTERVAL", "0.5", {"interval": 0.5}),
    ("MIN_INTERVAL", "0", {"min_interval": 0.0}),
    ("MAX_INTERVAL", "60", {"max_interval": 60.0}),
    ("BACKOFF_INTERVAL", "1.5", {"backoff_interval": 1.5}),
    ("RESQUE_TERM_TIMEOUT", "0.5", {"term_timeout": 0.5}),
    ("RESQUE_PRE_SHUTDOWN_TIMEOUT", "0", {"pre_shutdown_timeout": 0.0}),
    ("JOBS_PER_FORK", "7", {"jobs_per_fork": 7}),
    ("SECONDS_PER_FORK", "2.5", {"seconds_per_fork": 2.5}),
    ("FAILURE_BACKEND", "redis_multi_queue, logging", {"failure_backend": ("redis_multi_queue", "logging")}),
    ("COUNT", "3", {"count": 3}),
    ("RESQUE_SCHEDULE", "entries.yml", {"schedule": "entries.yml"}),
    ("RESQUE_SCHEDULER_INTERVAL", "2.5", {"scheduler_interval": 2.5}),
    ("PIDFILE", "x.pid", {"pidfile": "x.pid"}),
    ("FORK_PER_JOB", "false", {"fork": False}),
    # As in Ruby, this one word alone switches forks off, and any word switches the others on.
    *(("FORK_PER_JOB", word, {}) for word in ("true", "False", "0", "no", "")),
    *(("TERM_CHILD", word, {"term_child": True}) for word in ("1", "0", "")),
    ("GRACEFUL_TERM", "no", {"graceful_term": True}),
    ("BACKGROUND", "no", {"background": True}),
    ("RUN_AT_EXIT_HOOKS", "0", {"run_at_exit_hooks": True}),
    ("LOGGING", "0", RUBYS),
    ("VERBOSE", "1", RUBYS),
    ("VVERBOSE", "", {"log_level": "debug", "log_format": "ruby-verbose"}),
)


@pytest.fixture
def settings(command: Command, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Call `resque work` with variables; what it would have worked with."""

    def run(**variables: str) -> WorkSettings:
        seen: list[WorkSettings] = []

        def run_workers(found: WorkSettings) -> int:
            seen.append(found)
            return 0

        monkeypatch.setattr(work, "run_workers", run_workers)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        said = command("work")
        assert (said.code, said.err) == (0, "")
        return seen[0]

    return run


@pytest.mark.parametrize(("variable", "text", "said"), READ)
def test_a_variable_sets_what_ruby_means_by_it(
    settings: Settings, command: Command, variable: str, text: str, said: dict[str, object]
) -> None:
    others: dict[str, object] = {"url": command.url, "source": "RESQUE_URL", "queues": ("*",)}
    found = settings(**{"QUEUE": "*", variable: text})
    assert found == WorkSettings(**others | said)  # type: ignore[arg-type]


def test_no_variable_is_left_out_here() -> None:
    assert {variable for variable, *_ in READ} == {*VARIABLES, *SWITCHES, "FORK_PER_JOB"}


@pytest.mark.parametrize(
    "variable", ["MIN_INTERVAL", "MAX_INTERVAL", "BACKOFF_INTERVAL", "RESQUE_TERM_TIMEOUT"]
)
def test_a_time_that_is_none_is_refused_by_the_name_of_its_variable(
    command: Command, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("QUEUE", "*")
    monkeypatch.setenv(variable, "soon")
    said = command("work")
    assert said.code == 2
    assert said.err.startswith(f"resque: error: {variable}: 'soon' is not a number of seconds")


@pytest.fixture
def waiting(folder: Path, resque: Resque) -> Resque:
    """Three jobs, which note by which process they were run."""
    (folder / "noting.py").write_text(JOBS)
    for _ in range(3):
        resque.enqueue_to("mail", "noting.note")
    return resque


def notes(folder: Path) -> list[str]:
    return (folder / "notes").read_text().split()


def test_without_forks_the_worker_runs_jobs_itself_and_logs_as_ruby_does(
    command: Command, waiting: Resque, folder: Path
) -> None:
    words = ("work", "--require", "noting")
    said = command.apart(*words, QUEUE="mail", INTERVAL="0", FORK_PER_JOB="false", VVERBOSE="1")
    assert said.code == 0, said.err
    (pid,) = {*notes(folder)}
    done = rf"^\*\* \[\d\d:\d\d:\d\d \d{{4}}-\d\d-\d\d\] {pid}: done: noting.note"
    assert len(re.findall(done, said.err, re.MULTILINE)) == 3


def test_by_default_jobs_run_in_processes_of_their_own(
    command: Command, waiting: Resque, folder: Path
) -> None:
    said = command.apart("work", "--require", "noting", QUEUE="mail", INTERVAL="0", LOGGING="1")
    assert said.code == 0, said.err
    assert len({*notes(folder)}) == 3
    assert said.err.splitlines()[0].startswith("*** resque ")


def test_a_worker_that_uses_too_much_memory_ends_after_its_job(
    command: Command, waiting: Resque, folder: Path
) -> None:
    said = command.apart("work", "--queues", "mail", "--require", "noting", "--max-rss", "1")
    assert (said.code, len(notes(folder)), waiting.size("mail")) == (0, 1, 2)
    assert re.search(r"makes room for a fresh one: it uses \d+ MB", said.err)


def test_a_worker_that_is_too_old_ends_though_it_has_nothing_to_do(command: Command) -> None:
    said = command.apart("work", "--queues", "idle", "--max-age", "0.3", "--interval", "60")
    assert said.code == 0
    assert "makes room for a fresh one: it is" in said.err
