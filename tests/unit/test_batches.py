"""Jobs that are enqueued together, and one that waits for the end of all, as programs see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import prepared

from resque_core import Batch, Resque, Retry, Worker, current_job, job
from resque_core.errors import InvalidArguments
from resque_core.mending import BatchMender
from resque_core.testing import captured

ran: list[Any] = []


@job(queue="q", name="batches.part")
def part(number: int) -> None:
    ran.append(number)


@part.hook
def before_enqueue_small(number: int) -> bool:
    return number < 100


@job(queue="q", name="batches.stumble", retry=Retry(limit=1))
def stumble() -> None:
    running = current_job()
    ran.append(running.attempt if running else None)
    raise ValueError("no")


@job(queue="end", name="batches.summary")
def summary(batch: str, note: str = "") -> None:
    ran.append((batch, note))


@job(queue="q", name="batches.unique", unique="until_done")
def unique(*_anything: Any) -> None: ...


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    ran.clear()
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


def work(resque: Resque, queues: str = "q,end") -> None:
    assert Worker(resque, queues, burst=True, fork=False).work() == 0


def test_a_target_alone_is_called_with_the_id_of_the_batch_once_all_have_ended(resque: Resque) -> None:
    batch = resque.batch([(part, 1), part.build(2)], then=summary)
    assert (batch.total, batch.pending, batch.ended) == (2, 2, False)
    assert resque.find_batch(batch.id) == batch
    assert {found.batch for found in resque.peek("q", 0, 9)} == {batch.id}
    assert resque.size("end") == 0
    work(resque)
    assert ran == [1, 2, (batch.id, "")]
    ended = resque.find_batch(batch.id)
    assert ended == Batch(batch.id, 2, 0, 0, batch.callback)
    assert ended.ended
    assert resque.find_batch("another") is None


def test_a_call_keeps_its_own_arguments_and_may_be_of_any_code_base(resque: Resque) -> None:
    resque.batch([(part, 1)], then=summary.build("mine", note="own"))
    work(resque)
    assert ran[1:] == [("mine", "own")]
    resque.batch([(part, 1)], then=(summary, "tuple"))
    work(resque)
    assert ran[3:] == [("tuple", "")]


def test_a_job_that_fails_has_ended_after_its_last_attempt(resque: Resque) -> None:
    """resque-batched-job waits for it for ever."""
    batch = resque.batch([(stumble,), (part, 1)], then=summary)
    work(resque)
    assert ran == [1, 1, 2, (batch.id, "")]
    assert resque.find_batch(batch.id) == Batch(batch.id, 2, 0, 1, batch.callback)


def test_a_failed_job_that_is_retried_by_hand_does_not_call_again(resque: Resque) -> None:
    batch = resque.batch([(stumble,)], then=summary)
    work(resque)
    assert resque.failures.requeue_all() == 1
    work(resque)
    assert ran.count((batch.id, "")) == 1


def test_a_job_that_was_cancelled_or_expired_has_ended_too(resque: Resque) -> None:
    batch = resque.batch([(part, 1), (part, 2)], then=summary)
    one, other = resque.peek("q", 0, 2)
    assert resque.cancel(one.id) == "cancelled"
    with resque.reserve("q") as held:
        assert held
        assert held.job.id == other.id
        held.fail(ValueError("no"))
    mender = BatchMender()
    mender.mend(resque.storage)
    assert resque.size("end") == 0
    mender._walk.now()
    mender.mend(resque.storage)
    work(resque)
    assert ran == [(batch.id, "")]
    assert resque.find_batch(batch.id) == Batch(batch.id, 2, 0, 1, batch.callback)


def test_what_a_hook_vetoes_is_no_part_of_it(resque: Resque) -> None:
    batch = resque.batch([(part, 1000), (part, 1)], then=summary)
    assert batch.total == 1
    all_vetoed = resque.batch([(part, 1000)], then=summary)
    work(resque)
    assert sorted(map(str, ran)) == sorted(map(str, [1, (batch.id, ""), (all_vetoed.id, "")]))


def test_a_batch_may_be_only_looked_at(resque: Resque) -> None:
    batch = resque.batch([(part, 1)])
    assert batch.callback == ""
    work(resque)
    assert resque.find_batch(batch.id) == Batch(batch.id, 1, 0, 0)


def test_what_cannot_be_waited_for_is_refused_and_nothing_is_stored(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = part.build(1)
    refused: list[Any] = [([(unique,)], None), ([(part, 1)], unique), ([built, built], None), ([part], None)]
    for items, then in refused:
        with pytest.raises(InvalidArguments):
            resque.batch(items, then=then)
    monkeypatch.setattr("resque_core.batch_client.MOST_JOBS", 2)
    with pytest.raises(InvalidArguments, match="2 jobs at most"):
        resque.batch([(part, number) for number in range(3)])
    assert resque.queue_sizes() == {}


def test_a_classic_payload_cannot_say_which_batch_it_is_of() -> None:
    with Resque("sqlite://", classic_payload=True) as resque, pytest.raises(InvalidArguments, match="batch"):
        resque.batch([(part, 1)])


def test_inline_the_callback_comes_last(resque: Resque) -> None:
    resque.inline = True
    batch = resque.batch([(part, 1), (part, 2)], then=summary)
    assert ran == [1, 2, (batch.id, "")]


def test_captured_are_the_jobs_and_the_one_that_waits(resque: Resque) -> None:
    with captured(resque) as jobs:
        resque.batch([(part, 1)], then=summary)
    assert [it.name for it in jobs] == ["batches.part", "batches.summary"]
