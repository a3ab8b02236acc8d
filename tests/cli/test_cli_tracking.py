"""`resque status`, `resque cancel` and `resque batches`."""

from resque_core import Resque, RetryJob, Worker, current_job, job
from tests.cli.command import Command


@job(queue="shop", name="tests.cli.tracked", track=True)
def tracked() -> list[int]:
    running = current_job()
    assert running
    running.progress(3, 4, "nearly")
    return [1, 2]


@job(queue="shop", name="tests.cli.untracked")
def untracked(colour: str, *, size: int = 1) -> None:
    raise RetryJob(delay=60)


def enqueued(resque: Resque) -> str:
    done = resque.enqueue(tracked)
    assert done
    return done.id


def test_the_status_of_a_job_is_shown_until_it_has_ended(command: Command, resque: Resque) -> None:
    job_id = enqueued(resque)
    assert command("status", job_id, "--json").json["status"] == "queued"
    Worker(resque, "shop", burst=True, fork=False).work()
    said = command("status", job_id, "--watch")
    assert said.code == 0
    assert "100% (3 of 4)" in said.out
    assert "nearly" in said.out
    assert command("status", job_id, "--watch", "--json").json["result"] == [1, 2]


def test_a_batch_is_shown_until_its_jobs_have_ended(command: Command, resque: Resque) -> None:
    batch = resque.batch([(tracked,), (tracked,)], then=tracked.build())
    resque.cancel(resque.peek("shop")[0].id)
    waiting = {"id": batch.id, "total": 2, "pending": 2, "failed": 0, "callback": batch.callback}
    assert command("status", batch.id, "--json").json == waiting
    assert "0% (0 of 2)" in command("status", batch.id).out
    resque.storage.batches.mend()
    Worker(resque, "shop", burst=True, fork=False).work()
    assert "100% (2 of 2)" in command("status", batch.id, "--watch").out


def test_batches_are_listed_the_one_begun_last_first(command: Command, resque: Resque) -> None:
    assert "No batch" in command("batches", "list").err
    first, second = resque.batch([(tracked,)] * 3), resque.batch([(tracked,)], then=tracked.build())
    Worker(resque, "shop", burst=True, fork=False, max_jobs=2).work()
    listed = command("batches", "list").out.splitlines()
    assert [line.split() for line in listed[1:]] == [
        [second.id, "1", "0", "0", second.callback],
        [first.id, "3", "2", "0", "none"],
    ]
    said = command("batches", "list", "--start", "1", "--count", "1", "--json")
    assert said.json == [{"id": first.id, "total": 3, "pending": 1, "failed": 0, "callback": ""}]
    assert "1 of 2" in command("batches", "list", "--count", "1").err


def test_a_job_that_nobody_knows_is_said(command: Command) -> None:
    said = command("status", "nobody")
    assert said.code == 1
    assert "Nobody knows of job nobody" in said.err


def test_of_a_waiting_job_that_is_not_tracked_nothing_is_said_that_nobody_knows(
    command: Command, resque: Resque
) -> None:
    waiting = resque.enqueue(untracked, "red", size=2)
    assert waiting
    said = command("status", waiting.id, "--json").json
    assert (said["id"], said["status"]) == (waiting.id, "queued")
    assert [said[name] for name in ("name", "queue", "args", "kwargs", "attempt")] == [None] * 5
    assert command("status", waiting.id).out.split() == ["id", waiting.id, "status", "queued"]


def test_of_a_delayed_job_that_is_not_tracked_its_call_and_attempt_are_shown(
    command: Command, resque: Resque
) -> None:
    waiting = resque.enqueue(untracked, "red", size=2)
    assert waiting
    Worker(resque, "shop", burst=True, fork=False).work()
    said = command("status", waiting.id, "--json").json
    assert (said["status"], said["name"], said["queue"]) == ("delayed", "tests.cli.untracked", "shop")
    assert (said["args"], said["kwargs"], said["attempt"]) == (["red"], {"size": 2}, 2)
    lines = [line.split(maxsplit=1) for line in command("status", waiting.id).out.splitlines()]
    assert ["args", '["red"]'] in lines
    assert ["kwargs", '{"size": 2}'] in lines


def test_the_arguments_of_a_tracked_job_are_shown_as_json(command: Command, resque: Resque) -> None:
    waiting = resque.enqueue_to("shop", tracked)
    assert waiting
    lines = [line.split(maxsplit=1) for line in command("status", waiting.id).out.splitlines()]
    assert ["args", "[]"] in lines
    assert ["attempt", "1"] in lines


def test_a_waiting_job_is_cancelled(command: Command, resque: Resque) -> None:
    job_id = enqueued(resque)
    assert command("cancel", job_id).out == "cancelled\n"
    assert resque.size("shop") == 0
    assert command("status", job_id, "--json").json["status"] == "cancelled"
    said = command("cancel", job_id, "--hard")
    assert said.code == 1
    assert "Nothing was changed" in said.err


def test_the_worker_of_a_running_job_is_told(command: Command, resque: Resque) -> None:
    job_id = enqueued(resque)
    with resque.reserve("shop") as held:
        assert held
        assert command("cancel", job_id, "--hard").out == "its worker was told\n"
        assert resque.storage.workers.beat(held.reservation.worker, 30).commands == (f"cancel-hard {job_id}",)
