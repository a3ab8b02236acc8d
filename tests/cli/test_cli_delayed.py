"""`resque delayed`."""

import pytest

from resque_core import Resque
from resque_core.job import Job
from tests.cli.command import Command


@pytest.fixture
def jobs(resque: Resque) -> list[Job]:
    jobs = [resque.enqueue_in_to("mail", 3600 * (number + 1), "Mailer", number) for number in range(3)]
    return [job for job in jobs if job]


def test_delayed_jobs_are_listed_earliest_first(command: Command, jobs: list[Job]) -> None:
    said = command("delayed", "list")
    assert [line.split()[0] for line in said.lines[1:]] == [job.id for job in jobs]
    assert said.lines[1].split()[1:4] == ["in", "60", "min"]
    assert said.err == "3 of 3 delayed jobs.\n"
    listed = command("delayed", "list", "--start", "1", "--count", "1", "--json").json
    assert [(it["id"], it["args"], it["queue"]) for it in listed] == [(jobs[1].id, [1], "mail")]
    assert listed[0]["run_at"].endswith("Z")


def test_a_delayed_job_is_shown(command: Command, jobs: list[Job]) -> None:
    assert command("delayed", "show", jobs[0].id, "--json").json["args"] == [0]
    assert "run_at" in command("delayed", "show", jobs[0].id).out


@pytest.mark.parametrize("verb", ["show", "run", "remove"])
def test_an_id_that_is_not_delayed_is_said(command: Command, verb: str) -> None:
    said = command("delayed", verb, "nobody")
    assert said.code == 1
    assert "No delayed job has the id nobody" in said.err


def test_delayed_jobs_are_run_now(command: Command, resque: Resque, jobs: list[Job]) -> None:
    assert command("delayed", "run", jobs[2].id, jobs[0].id).out == "2 jobs put on their queues\n"
    assert [job.id for job in resque.peek("mail", 0, 9)] == [jobs[2].id, jobs[0].id]


def test_delayed_jobs_are_removed(command: Command, resque: Resque, jobs: list[Job]) -> None:
    assert command("delayed", "remove", jobs[1].id).out == "1 job deleted\n"
    assert resque.schedule.count() == 2


def test_all_are_cleared_only_by_somebody_who_is_sure(
    command: Command, resque: Resque, jobs: list[Job]
) -> None:
    refused = command("delayed", "clear")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert resque.schedule.count() == len(jobs)
    assert command("delayed", "clear", "--yes").out == "3 jobs deleted\n"
    assert resque.schedule.count() == 0
