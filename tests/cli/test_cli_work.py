"""`resque work`: where its settings come from, and that it works."""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from resque_core import Resque
from resque_core.cli import work
from resque_core.work_settings import WorkSettings
from tests.cli.command import Command

JOBS = """
import pathlib
from resque_core import job

@job(queue="mail")
def note(text: str):
    with open("notes", "a") as notes:
        notes.write(text + "\\n")

@job(queue="mail")
def shout(text: str):
    print(text)

@job(queue="mail")
def broken():
    raise ValueError("no such order")

def boot():
    pathlib.Path("booted").write_text("yes")
"""

Told = Callable[..., WorkSettings]


@pytest.fixture
def jobs(folder: Path) -> None:
    (folder / "work_jobs.py").write_text(JOBS)


@pytest.fixture
def told(command: Command, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Call `resque work` and tell which settings it would have worked with."""
    seen: list[WorkSettings] = []

    def run_workers(settings: WorkSettings) -> int:
        seen.append(settings)
        return 7

    monkeypatch.setattr(work, "run_workers", run_workers)

    def settings_of(*words: str) -> WorkSettings:
        said = command("work", *words)
        assert (said.code, said.err) == (7, "")
        return seen.pop()

    return settings_of


def test_every_option_reaches_the_worker(told: Told) -> None:
    settings = told(
        *(
            "--url",
            "sqlite:///x",
            "--namespace",
            "shop",
            "--queues",
            "a, b,*",
            "--interval",
            "0.5",
            "--burst",
        ),
        *("--require", "one", "--require", "two", "--setup", "one:boot", "--no-fork", "--lease", "9"),
        *("--sweep", "2", "--grace", "0", "--max-rescues", "0", "--on-worker-death", "fail", "--count", "3"),
        *("--pidfile", "x.pid", "--log-level", "debug", "--jobs-per-fork", "7", "--seconds-per-fork", "1.5"),
    )
    assert settings == WorkSettings(
        url="sqlite:///x",
        source="--url",
        namespace="shop",
        queues=("a", "b", "*"),
        require=("one", "two"),
        setup="one:boot",
        interval=0.5,
        burst=True,
        fork=False,
        jobs_per_fork=7,
        seconds_per_fork=1.5,
        lease=9.0,
        sweep=2.0,
        grace=0.0,
        max_rescues=0,
        on_worker_death="fail",
        count=3,
        pidfile="x.pid",
        log_level="debug",
    )


def test_what_nobody_said_has_its_default(told: Told, command: Command) -> None:
    assert told("--queues", "mail") == WorkSettings(
        url=command.url, source="RESQUE_URL", namespace="resque", queues=("mail",)
    )


def test_rubys_variables_are_read(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"QUEUE": "a", "INTERVAL": "0.5", "COUNT": "2", "PIDFILE": "x.pid"}.items():
        monkeypatch.setenv(name, value)
    settings = told()
    assert (settings.queues, settings.interval, settings.count, settings.pidfile) == (("a",), 0.5, 2, "x.pid")
    monkeypatch.setenv("QUEUES", "b, c")
    assert told().queues == ("b", "c")
    monkeypatch.setenv("QUEUES", "")
    assert told().queues == ("a",)


def test_how_long_a_child_works_is_read_from_variables(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_PER_FORK", "100")
    monkeypatch.setenv("SECONDS_PER_FORK", "2.5")
    settings = told("--queues", "mail")
    assert (settings.jobs_per_fork, settings.seconds_per_fork) == (100, 2.5)


def test_options_win_over_variables_and_these_over_the_file(
    told: Told, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "resque.yml").write_text("queues: f\ninterval: 3\ncount: 3\nburst: true\nfork: false\n")
    monkeypatch.setenv("INTERVAL", "2")
    monkeypatch.setenv("COUNT", "2")
    settings = told("--config", "resque.yml", "--count", "1", "--no-burst")
    assert (settings.queues, settings.interval, settings.count) == (("f",), 2.0, 1)
    assert (settings.burst, settings.fork) == (False, False)


@pytest.mark.parametrize(
    ("words", "variables", "says"),
    [
        ((), {}, "Please give each worker at least one queue."),
        (("--queues", "!slow"), {}, "--queues: Please give each worker at least one queue."),
        (("--queues", "a", "--lease", "0"), {}, "--lease: 0.0 seconds cannot be used. Give more than 0"),
        (("--queues", "a", "--on-worker-death", "x"), {}, "--on-worker-death: 'x' is not one of"),
        ((), {"QUEUE": "!slow"}, "QUEUE: Please give each worker at least one queue."),
        ((), {"QUEUE": "a", "INTERVAL": "soon"}, "INTERVAL: 'soon' is not a number of seconds"),
        ((), {"QUEUE": "a", "INTERVAL": "-1"}, "INTERVAL: -1.0 seconds cannot be used. Give 0 or more"),
        ((), {"QUEUE": "a", "COUNT": "many"}, "COUNT: 'many' is not a whole number"),
        ((), {"QUEUE": "a", "COUNT": "0"}, "COUNT: 0 cannot be used. Give a whole number from 1 to 1000."),
        ((), {"QUEUE": "a", "COUNT": "\x1b[31m"}, r"COUNT: '\x1b[31m' is not a whole number"),
    ],
)
def test_what_cannot_be_used_is_named_by_where_it_was_written(
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    variables: dict[str, str],
    says: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    said = command("work", *words)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("jobs")
def test_jobs_run_and_their_logs_go_to_stderr(command: Command, resque: Resque, folder: Path) -> None:
    for text in ("one", "two"):
        resque.enqueue_to("mail", "work_jobs.note", text)
    resque.enqueue_to("mail", "work_jobs.broken")
    said = command.apart(
        *("work", "--queues", "mail", "--require", "work_jobs", "--setup", "work_jobs:boot", "--burst")
    )
    assert (said.code, said.out) == (0, ""), said.err
    assert (folder / "notes").read_text() == "one\ntwo\n"
    assert (folder / "booted").exists()
    (shape,) = command("failures", "list", "--json").json
    assert (shape["class"], shape["exception"], shape["error"]) == (
        "work_jobs.broken",
        "ValueError",
        "no such order",
    )
    assert command("workers", "list", "--json").json == []


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize("stream", [0, 1, 2])
def test_a_closed_standard_stream_is_not_mistaken_for_another_file(
    command: Command, resque: Resque, folder: Path, stream: int
) -> None:
    resque.enqueue_to("mail", "work_jobs.shout", "hello")
    words = ("work", "--queues", "mail", "--require", "work_jobs", "--burst", "--pidfile", "w.pid")
    line = shlex.join(command.argv(*words)) + f" {stream}>&-; cat w.pid 2>/dev/null"
    subprocess.run(["sh", "-c", line], cwd=folder, timeout=60, check=False, capture_output=True)
    assert resque.stats.all() == {"processed": 1}


@pytest.mark.usefixtures("jobs")
def test_an_interval_of_0_drains_the_queues_as_in_ruby(
    command: Command, resque: Resque, folder: Path
) -> None:
    resque.enqueue_to("mail", "work_jobs.note", "one")
    said = command.apart("work", "--require", "work_jobs", QUEUE="*", INTERVAL="0")
    assert said.code == 0, said.err
    assert (folder / "notes").read_text() == "one\n"


def test_a_module_that_is_not_there_ends_the_worker(command: Command) -> None:
    said = command.apart("work", "--queues", "mail", "--require", "no_such_jobs", "--burst")
    assert said.code != 0
    assert "no_such_jobs" in said.err
    assert "Traceback" not in said.err


@pytest.mark.usefixtures("jobs")
def test_a_worker_can_be_stopped_by_its_id(command: Command, resque: Resque, folder: Path) -> None:
    argv = command.argv(
        "work", "--queues", "mail", "--require", "work_jobs", "--lease", "1", "--pidfile", "w.pid"
    )
    with subprocess.Popen(argv, cwd=folder, stderr=subprocess.PIPE, env=os.environ) as process:
        deadline = time.monotonic() + 60
        while not (listed := command("workers", "list", "--json").json) and time.monotonic() < deadline:
            time.sleep(0.02)
        try:
            assert listed[0]["pid"] == process.pid == int((folder / "w.pid").read_text())
            assert command("workers", "stop", listed[0]["id"]).code == 0
            process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
