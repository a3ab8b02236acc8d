"""`resque list`, `remove`, `kill`: with the words of Ruby's command."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from resque_core import Resque
from tests.cli.command import Command
from tests.cli.store_of import a_held_job, a_worker

NAME = "host+1:1:mail"


def test_a_list_without_workers_says_none(command: Command) -> None:
    said = command("list")
    assert (said.code, said.out) == (0, "None\n")


def test_workers_are_listed_with_what_they_do(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer", 42)
    for name in ("a:1:mail", "b:2:mail\n"):
        a_worker(resque, name)
    a_held_job(resque, "a:1:mail")
    assert command("list").lines == ["a:1:mail (working)", "b:2:mail\\n (idle)"]


def test_a_removed_worker_is_gone_though_it_lives_and_its_job_fails(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer", 42)
    a_worker(resque, NAME)
    a_held_job(resque, NAME)
    said = command("remove", NAME)
    assert (said.code, said.out) == (0, f"** removed {NAME}\n")
    (failure,) = resque.failures.peek()
    assert (failure.exception, failure.error) == ("DirtyExit", "Job still being processed")
    assert resque.workers() == []


def test_its_job_may_go_back_instead(command: Command, resque: Resque) -> None:
    enqueued = resque.enqueue_to("mail", "Mailer", 42)
    a_worker(resque, NAME)
    a_held_job(resque, NAME)
    assert command("remove", NAME, "--requeue").code == 0
    assert resque.peek("mail") == [enqueued]


@pytest.mark.parametrize("verb", ["remove", "kill"])
def test_without_an_id_the_usage_is_told_as_in_ruby(command: Command, verb: str) -> None:
    said = command(verb)
    assert (said.code, said.out) == (1, "")
    assert f"** resque {verb} WORKER_ID" in said.err


def test_a_worker_that_is_not_there_cannot_be_removed(command: Command) -> None:
    said = command("remove", "nobody:1:mail")
    assert (said.code, said.out) == (1, "")
    assert "There is no worker nobody:1:mail." in said.err


@pytest.fixture(params=["resque-3.0.0: Waiting for mail", "shop/resque-0.1.0: Paused", "vi notes-on-resque"])
def process(request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], bool]]:
    """A process under a title, and whether that is a worker's."""
    named = f"from setproctitle import setproctitle; setproctitle({request.param!r}); print(1, flush=True)"
    code = f"{named}; import time; time.sleep(60)"
    running = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert running.stdout
    running.stdout.readline()
    yield running, "Waiting" in request.param or "Paused" in request.param
    running.kill()
    running.communicate()


def test_only_a_process_that_is_a_worker_is_killed(
    command: Command, resque: Resque, process: tuple[subprocess.Popen[str], bool]
) -> None:
    running, is_worker = process
    name = f"{socket.gethostname()}+0123abcd:{running.pid}:mail"
    a_worker(resque, name)
    said = command("kill", name)
    done = f"** killed {name}" if is_worker else f"** worker {name} not running"
    assert (said.code, said.lines) == (0, [done, f"** removed {name}"])
    assert not is_worker or running.wait(10) == -signal.SIGKILL
    assert is_worker or running.poll() is None
    assert resque.workers() == []


def test_a_worker_that_has_died_is_only_removed(command: Command, resque: Resque) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    name = f"{socket.gethostname()}:{gone.pid}:mail"
    a_worker(resque, name)
    assert command("kill", name).lines == [f"** worker {name} not running", f"** removed {name}"]


@pytest.mark.parametrize("name", ["elsewhere:{pid}:mail", "no id", "{host}:{pid}", "{host}:1:mail"])
def test_what_is_no_worker_of_this_machine_is_not_killed(command: Command, resque: Resque, name: str) -> None:
    name = name.format(host=socket.gethostname(), pid=os.getpid())
    a_worker(resque, name)
    said = command("kill", name)
    assert "killed" not in said.out
    assert ("resque workers stop" in said.err) == name.startswith("elsewhere")
