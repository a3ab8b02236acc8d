"""`then=`: jobs that are enqueued when another one is done, with what it returned or without."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

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
    with Resque(f"sqlite:///{tmp_path}/resque.sqlite3") as resque:
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


def test_a_parameter_of_that_name_is_refused() -> None:
    with pytest.raises(RegistrationError, match="`then`"):
        job(queue="first", name="tests.odd")(lambda then: None)


def test_what_another_code_base_means_by_then_is_kept(resque: Resque) -> None:
    resque.push("first", {"class": "tests.first", "args": [], "then": ["odd"]})
    found: Job = resque.peek("first")[0]
    assert found.extras == {"then": ["odd"]}
    work(resque)
    assert RAN == [("first", None)]
