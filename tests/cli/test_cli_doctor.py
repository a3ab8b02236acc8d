"""`resque doctor`: what endangers jobs, and what to do about it."""

import os
from pathlib import Path

import pytest

from resque_core import Resque
from resque_core.testing.contract.scenes import until
from tests.cli.command import Command
from tests.cli.store_of import a_held_job, a_worker


def findings(command: Command) -> dict[str, dict[str, str]]:
    """What it found, by subject."""
    return {found["subject"]: found for found in command("doctor", "--json").json["findings"]}


def test_a_store_in_order_is_healthy(command: Command) -> None:
    said = command("doctor")
    assert said.code == 0
    assert all(line.startswith("ok ") for line in said.lines)
    told = command("doctor", "--json").json
    assert told["healthy"] is True
    assert told["namespace"] == "resque"
    assert {"version", "persistence", "file system", "clock", "leases", "queues"} <= findings(command).keys()


def test_a_queue_that_nobody_works_is_a_danger(command: Command, resque: Resque) -> None:
    resque.enqueue_to("letters", "Mailer", 1)
    a_worker(resque)
    said = command("doctor")
    assert said.code == 1
    assert "DANGER   queues: Nobody works letters, where 1 job waits." in said.out
    assert "resque work --queues letters" in said.out


def test_a_queue_that_a_worker_serves_is_none(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer", 1)
    a_worker(resque)
    assert command("doctor").code == 0


def test_a_paused_queue_with_jobs_is_a_warning(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer", 1)
    resque.pause("mail")
    assert findings(command)["pauses"]["level"] == "warning"
    assert command("doctor").code == 0


def test_a_dead_workers_job_that_nobody_takes_back_is_a_danger(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer", 1)
    dead = a_worker(resque, lease=0.0)
    a_held_job(resque, dead.id)
    until(lambda: resque.storage.workers.lapsed())
    said = command("doctor", "--json")
    assert said.code == 1
    (found,) = [it for it in said.json["findings"] if it["subject"] == "leases"]
    assert found["level"] == "danger"
    assert "1 dead worker (" in found["says"]
    assert "holds 1 job." in found["says"]
    assert "resque workers prune" in found["advice"]


def test_while_others_live_a_lease_that_ended_just_now_is_a_warning(command: Command, resque: Resque) -> None:
    a_worker(resque, lease=0.0)
    a_worker(resque, "host+2:2:mail")
    until(lambda: resque.storage.workers.lapsed())
    assert findings(command)["leases"]["level"] == "warning"


def test_a_store_that_is_not_there_is_a_danger(command: Command, tmp_path: Path) -> None:
    said = command("doctor", "--json", "--url", f"sqlite:///{tmp_path}/nowhere.sqlite3")
    assert said.code == 1
    assert said.json["healthy"] is False
    (found,) = said.json["findings"]
    assert found["subject"] == "store"
    assert "There is no store" in found["says"]


def test_a_file_that_a_power_failure_may_damage_is_a_danger(command: Command) -> None:
    said = command("doctor", "--url", f"{command.url}?synchronous=off")
    assert said.code == 1
    assert "Take `synchronous` out of the store's URL." in said.out


@pytest.mark.parametrize("level", ["ok", "warning", "danger"])
def test_json_and_text_say_the_same(command: Command, resque: Resque, level: str) -> None:
    resque.enqueue_to("mail", "Mailer", 1)
    resque.enqueue_to("letters", "Mailer", 1)
    resque.pause("mail")
    text = command("doctor").out
    said = [it["says"] for it in findings(command).values() if it["level"] == level]
    assert said
    assert all(words in text for words in said if "MB are free" not in words)


def test_the_environment_is_left_alone(command: Command) -> None:
    before = dict(os.environ)
    command("doctor")
    assert dict(os.environ) == before
