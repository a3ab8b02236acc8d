"""`resque check`: an exit code for probes."""

from dataclasses import replace

import pytest

from resque_core import Resque
from resque_core.identity import host_name, new_identity
from tests.cli.command import Command


@pytest.fixture
def workers(resque: Resque) -> list[str]:
    """Two alive here, one whose lease is over, one elsewhere."""
    here = [new_identity([queue]) for queue in ("a", "b", "c")]
    there = replace(new_identity(["d"]), id="elsewhere+1:1:d", host="elsewhere")
    for worker in (*here, there):
        resque.storage.workers.register(worker, 30.0)
    resque.storage.workers.beat(here[2].id, 0.0)
    return [worker.id for worker in here]


@pytest.mark.parametrize(
    ("flags", "code", "alive"),
    [
        ([], 0, 2),
        (["--workers", "2"], 0, 2),
        (["--workers", "3"], 1, 2),
        (["--workers", "3", "--any-host"], 0, 3),
        (["--host", "elsewhere"], 0, 1),
        (["--host", "nowhere"], 1, 0),
        (["--host", "nowhere", "--workers", "0"], 0, 0),
    ],
)
def test_the_exit_code_says_whether_enough_workers_hold_their_leases(
    command: Command, workers: list[str], flags: list[str], code: int, alive: int
) -> None:
    said = command("check", *flags, "--json")
    assert said.code == code
    assert said.json["workers"] == alive
    assert said.json["ok"] is (code == 0)


def test_without_json_it_says_it_in_a_sentence(command: Command, workers: list[str]) -> None:
    assert command("check").out == f"2 of at least 1 workers are alive on {host_name()}.\n"
    said = command("check", "--workers", "3")
    assert said.code == 1
    assert f"2 of at least 3 workers are alive on {host_name()}." in said.err


def test_a_store_that_does_not_answer_fails_the_check(command: Command) -> None:
    said = command("check", "--url", "redis://127.0.0.1:1/0", "--workers", "0")
    assert said.code == 1
