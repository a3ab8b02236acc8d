"""Jobs of one step share what they have in common: each is as if it had been enqueued by itself."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resque_core import Job, Resque, job, register
from resque_core.errors import EnqueueError, InvalidQueueName
from resque_core.ids import new_id, new_ids
from resque_core.job import like
from resque_core.shelf import MOST
from resque_core.testing import captured

#: What belongs to each job alone.
OWN = ("id", "enqueued_at", "expires_at")


@job(name="moulds.plain", queue="q")
def plain(*args: Any) -> None: ...


@job(name="moulds.unique", queue="q", unique="until_done", limit=2)
def unique(*args: Any) -> None: ...


@job(name="moulds.more", queue="q", on_worker_death="fail", track=True, expires=60)
def more(*args: Any) -> None: ...


@pytest.fixture
def resque() -> Iterator[Resque]:
    resque = Resque("sqlite://", default_queue="q")
    yield resque
    resque.close()


@pytest.fixture
def jobs(resque: Resque) -> Iterator[list[Job]]:
    with captured(resque) as jobs:
        yield jobs


def at(moment: datetime | None) -> datetime:
    assert moment
    return moment


def common(made: Job) -> Any:
    """All of a job but what is its own, and which keys for that are in its text."""
    body = json.loads(made.payload)
    own = [key for key in OWN if body.pop(key, None)]
    return replace(made, id="", enqueued_at=None, expires_at=None, payload=b""), body, own


@pytest.mark.parametrize("classic", [False, True])
@pytest.mark.parametrize("target", [plain, unique, more, "Shipper"])
@given(arguments=st.lists(st.sampled_from([(), (1, "a"), ([1, {"b": (2,)}],), (b"x",), ("\ud800",)])))
def test_each_job_of_enqueue_many_is_as_enqueue_makes_it(
    target: Any, classic: bool, arguments: list[tuple[Any, ...]]
) -> None:
    resque = Resque("sqlite://", default_queue="q", classic_payload=classic)

    def made(*calls: tuple[Any, ...]) -> Any:
        with captured(resque) as stored:
            try:
                resque.enqueue_many([(target, *args) for args in calls])
            except EnqueueError as error:
                return [str(error)]
            return list(map(common, stored))

    one_by_one = [each for args in arguments for each in made(args)]
    refused = [each for each in one_by_one if isinstance(each, str)]
    assert made(*arguments) == (refused[:1] or one_by_one)


def test_jobs_of_one_step_are_enqueued_at_one_moment_and_have_ids_of_their_own(
    resque: Resque, jobs: list[Job]
) -> None:
    before = datetime.now(UTC)
    resque.enqueue_many([(plain,), (more, 1), (plain, 2)])
    moments = {at(each.enqueued_at) for each in jobs}
    assert len(moments) == 1
    assert before <= moments.pop() <= datetime.now(UTC)
    assert len({each.id for each in jobs}) == 3
    assert [json.loads(each.payload)["id"] for each in jobs] == [each.id for each in jobs]


def test_a_later_job_is_enqueued_later_and_expires_later(resque: Resque, jobs: list[Job]) -> None:
    for _ in range(2):
        resque.enqueue(more)
    first, second = jobs
    assert at(first.enqueued_at) < at(second.enqueued_at)
    assert at(first.expires_at) < at(second.expires_at)


def test_a_class_chooses_its_queue_anew_for_each_job_of_a_step(resque: Resque, jobs: list[Job]) -> None:
    numbers = count()

    class Wandering:
        @staticmethod
        def queue() -> str:
            return f"q{next(numbers)}"

        @staticmethod
        def perform() -> None: ...

    register(Wandering, name="moulds.Wandering")
    resque.enqueue_many([(Wandering,)] * 3)
    assert [each.queue for each in jobs] == ["q0", "q1", "q2"]


def test_jobs_of_a_batch_know_it_and_others_do_not(resque: Resque, jobs: list[Job]) -> None:
    batches = [resque.batch([(plain,)]).id for _ in range(2)]
    resque.enqueue(plain)
    assert [each.batch for each in jobs] == [*batches, ""]


def test_terms_of_one_call_are_not_those_of_the_next(resque: Resque, jobs: list[Job]) -> None:
    resque.enqueue(plain, expires=60)
    resque.enqueue(plain, then=plain)
    resque.enqueue(plain)
    assert [bool(each.expires_at) for each in jobs] == [True, False, False]
    assert [len(each.then) for each in jobs] == [0, 1, 0]


def test_what_somebody_writes_to_one_job_is_not_in_the_next() -> None:
    resque = Resque("sqlite://", classic_payload=True)
    with captured(resque) as jobs:
        resque.enqueue(plain)
        jobs[0].extras["mine"] = 1  # type: ignore[index]
        resque.enqueue(plain)
    assert jobs[1].extras == {}
    assert b"mine" not in jobs[1].payload


def test_what_is_kept_for_calls_to_come_does_not_grow_for_ever(resque: Resque, jobs: list[Job]) -> None:
    for number in range(MOST + 2):
        resque.enqueue_to(f"user-{number}", "Shipper")
    assert len(resque._composer._moulds._kept) <= MOST
    assert jobs[-1].queue == f"user-{MOST + 1}"


@pytest.mark.parametrize("queue", [["q"], 1, "", "a,b"])
def test_a_queue_that_none_may_be_called_is_refused_each_time(resque: Resque, queue: Any) -> None:
    for _ in range(2):
        with pytest.raises(InvalidQueueName):
            resque.enqueue_to(queue, plain)


def test_like_is_replace() -> None:
    made = Job(queue="q", name="n", args=(1,), kwargs={"a": 1})
    twin = like(made, id="x", args=(2,))
    assert twin == replace(made, id="x", args=(2,))
    assert made.args == (1,)


def test_a_job_that_was_made_by_like_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        like(Job(queue="q", name="n")).id = "x"  # type: ignore[misc]


def test_ids_by_the_thousand_look_like_single_ones_and_are_all_different() -> None:
    ids = list(islice(new_ids(), 1000))
    assert len(set(ids)) == 1000
    assert {len(each) for each in ids} == {len(new_id())}
    assert set("".join(ids)) <= set("0123456789abcdef")
