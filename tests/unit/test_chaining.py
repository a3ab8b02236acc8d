"""`then=`: jobs that are enqueued when another one is done, with what it returned or without."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import prepared

from resque_core import DontPerform, InvalidArguments, RegistrationError, Resque, Worker, job
from resque_core.job import Job
from resque_core.testing import inline

RAN: list[tuple[str, object]] = []
#: What the first job does.
ACT: list[Callable[[], Any]] = []


@job(queue="first", name="tests.first")
def first() -> Any:
    RAN.append(("first", None))
    return ACT[0]()


@job(queue="next", name="tests.following")
def following(result: object) -> None:
    RAN.append(("next", result))


@job(queue="next", name="tests.lonely", unique="until_done")
def lonely() -> None: ...


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    RAN.clear()
    ACT[:] = [lambda: {"rows": 3}]
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


def work(resque: Resque) -> None:
    assert Worker(resque, "first,next", burst=True, fork=False).work() == 0


def test_a_target_alone_gets_what_the_job_before_returned(resque: Resque) -> None:
    resque.enqueue(first, then=following)
    assert resque.queues() == ["first"]
    work(resque)
    assert RAN == [("first", None), ("next", {"rows": 3})]
    assert resque.stats.all() == {"processed": 2}


def test_calls_are_enqueued_as_they_are_and_a_list_has_several(resque: Resque) -> None:
    resque.enqueue(first, then=[following.build("built"), (following, "told"), following, "tests.following"])
    work(resque)
    assert RAN[1:] == [("next", "built"), ("next", "told"), ("next", {"rows": 3}), ("next", {"rows": 3})]


def test_a_delayed_job_is_followed_too(resque: Resque) -> None:
    resque.enqueue_in(0, first, then=following)
    work(resque)
    assert RAN == [("first", None), ("next", {"rows": 3})]


def test_a_job_that_fails_is_not_followed_until_it_is_retried_and_done(resque: Resque) -> None:
    ACT[0] = lambda: int("x")
    resque.enqueue(first, then=following)
    work(resque)
    assert RAN == [("first", None)]
    ACT[0] = lambda: 7
    resque.failures.requeue_all()
    work(resque)
    assert RAN[1:] == [("first", None), ("next", 7)]


def test_a_job_that_a_hook_skips_is_not_followed(resque: Resque) -> None:
    @job(queue="first", name="tests.skipped")
    class Skipped:
        @staticmethod
        def before_perform_never() -> None:
            raise DontPerform

        @staticmethod
        def perform() -> None: ...

    resque.enqueue(Skipped, then=following)
    work(resque)
    assert RAN == []
    assert resque.stats.all() == {"processed": 1}


def test_a_result_that_cannot_be_passed_on_fails_the_job(resque: Resque) -> None:
    ACT[0] = object
    resque.enqueue(first, then=following)
    resque.enqueue(first, then=following.build("without"))
    work(resque)
    (failure,) = resque.failures.peek(0, 2)
    assert failure.exception == "InvalidArguments"
    assert "for the next one, but a object is not JSON" in failure.error
    assert RAN[-1] == ("next", "without")


def test_each_follower_has_its_id_from_the_start(resque: Resque) -> None:
    done = resque.enqueue(first, then=following.build("x"))
    assert done
    (said,) = resque.peek("first")[0].then
    work_first = Worker(resque, "first", burst=True, fork=False)
    assert work_first.work() == 0
    assert [found.id for found in resque.peek("next", 0, 9)] == [said["text"]["id"]]


def test_who_reserves_by_hand_says_what_the_job_returned(resque: Resque) -> None:
    resque.enqueue(first, then=following)
    resque.enqueue(first, then=following)
    with resque.reserve("first") as held:
        assert held
        held.complete("by hand")
    with resque.reserve("first") as held:
        assert held
        held.perform()
    assert [found.args for found in resque.peek("next", 0, 9)] == [("by hand",), ({"rows": 3},)]


def test_inline_they_follow_at_once(resque: Resque) -> None:
    ACT[:] = [lambda: 5]
    with inline(resque):
        resque.enqueue(first, then=[following, following.build("too")])
    assert RAN == [("first", None), ("next", 5), ("next", "too")]


def test_a_follower_that_would_be_refused_is_refused_at_once(resque: Resque) -> None:
    with pytest.raises(InvalidArguments, match="unique"):
        resque.enqueue(first, then=lonely.build())
    with pytest.raises(InvalidArguments, match="JSON"):
        resque.enqueue(first, then=(following, object()))
    with pytest.raises(RegistrationError, match="not a registered job"):
        resque.enqueue(first, then=42)
    assert resque.queues() == []


@job(queue="next", name="tests.known", track=True)
def known(*args: object) -> None:
    RAN.append(("known", args))


def test_jobs_follow_one_another(resque: Resque) -> None:
    resque.enqueue(
        first, then=resque.build(first, then=[(following, "told"), resque.build(first, then=following)])
    )
    work(resque)
    assert RAN[:3] == [("first", None)] * 3
    assert RAN[3:] == [("next", "told"), ("next", {"rows": 3})]


def test_jobs_that_follow_one_another_are_what_each_is_where_it_is_enqueued(tmp_path: Path) -> None:
    """With queue and policy of the `Resque` that enqueues the first, which has not built them."""

    @job(name="tests.homeless")
    def homeless() -> None: ...

    with Resque(f"sqlite:///{tmp_path}/x.sqlite3", default_queue="lost", on_worker_death="fail") as resque:
        done = resque.enqueue(first, then=resque.build(first, then=resque.build(homeless, then=(homeless,))))
        assert done
        second = done.then[0]["text"]
        third = second["then"][0]
        assert second["on_worker_death"] == "fail"
        assert (third["queue"], third["text"]["on_worker_death"]) == ("lost", "fail")
        assert third["text"]["then"][0]["queue"] == "lost"


def test_so_many_follow_one_another_that_their_text_can_be_written(resque: Resque) -> None:
    chain = first.build()
    for _ in range(19):
        chain = resque.build(first, then=chain)
    resque.enqueue(first, then=chain)
    work(resque)
    assert len(RAN) == 21
    with pytest.raises(InvalidArguments, match="More than 20 jobs follow one another"):
        resque.enqueue(first, then=resque.build(first, then=chain))


def test_where_a_job_goes_is_not_said_where_it_is_built() -> None:
    with pytest.raises(InvalidArguments, match="enqueue_many"):
        first.build(at_front=True)  # type: ignore[call-arg]


def test_a_function_builds_what_follows_it_too(resque: Resque) -> None:
    chain = first.build(then=following)  # type: ignore[call-arg]
    assert [it["text"]["class"] for it in chain.then] == ["tests.following"]
    assert chain.kwargs == {}


def test_a_tracked_job_that_follows_is_waiting_until_it_is_enqueued(resque: Resque) -> None:
    last = known.build("last")
    middle = resque.build(first, then=last)
    begun = resque.enqueue(first, then=middle)
    assert begun
    found = resque.job(last.id)
    assert found
    assert (found.status, found.name, found.queue, found.args) == ("waiting", known.name, "next", ("last",))
    assert not found.ended
    with resque.reserve("first") as held:
        assert held
        assert status(resque, last) == "waiting"
        held.complete()
    assert status(resque, last) == "waiting"
    work_first = Worker(resque, "first", burst=True, fork=False)
    assert work_first.work() == 0
    assert status(resque, last) == "queued"
    work(resque)
    assert status(resque, last) == "done"


def test_a_tracked_job_that_is_never_to_follow_is_cancelled_until_the_one_before_is_retried(
    resque: Resque,
) -> None:
    last = known.build("last")
    begun = resque.enqueue(first, then=last)
    assert begun
    ACT[0] = lambda: int("x")
    work(resque)
    assert status(resque, last) == "cancelled"
    resque.failures.requeue_all()
    assert status(resque, last) == "waiting"
    resque.cancel(begun.id)
    assert status(resque, last) == "cancelled"


def test_the_tracked_callback_of_a_batch_is_waiting_until_it_is_enqueued(resque: Resque) -> None:
    last = known.build("last")
    call = resque.build(known, "call", then=last)
    resque.batch([(first,)], then=call)
    assert (status(resque, call), status(resque, last)) == ("waiting", "waiting")
    with resque.reserve("first") as held:
        assert held
        held.complete()
    assert (status(resque, call), status(resque, last)) == ("queued", "waiting")
    resque.cancel(call.id)
    assert (status(resque, call), status(resque, last)) == ("cancelled", "cancelled")


def status(resque: Resque, of: Job) -> str:
    found = resque.job(of.id)
    assert found
    return found.status


def test_a_parameter_of_that_name_is_refused() -> None:
    with pytest.raises(RegistrationError, match="`then`"):
        job(queue="first", name="tests.odd")(lambda then: None)


def test_what_another_code_base_means_by_then_is_kept(resque: Resque) -> None:
    resque.push("first", {"class": "tests.first", "args": [], "then": ["odd"]})
    found: Job = resque.peek("first")[0]
    assert found.extras == {"then": ["odd"]}
    work(resque)
    assert RAN == [("first", None)]
