"""Hooks that tell of the end of a delay: once, when a worker has taken the job; a veto is recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stores import prepared

from resque_core import InvalidArguments, Resque, Retry, Worker, job

told: list[str] = []
PAST = datetime(2026, 1, 2, tzinfo=UTC)


@job(queue="q", name="delays.told", retry=Retry(limit=2))
def tell(what: str) -> None:
    told.append(f"performed {what}")
    if what == "stumble" and told.count("performed stumble") == 1:
        raise ValueError("no")


@tell.hook
def before_delayed_enqueue_ask(what: str) -> bool:
    told.append(f"before {what}")
    if what == "broken":
        raise RuntimeError("no answer")
    return what != "vetoed"


@tell.hook
def after_delayed_enqueue_note(what: str) -> None:
    told.append(f"after {what}")


@tell.hook
def before_perform_note(what: str) -> None:
    told.append(f"before_perform {what}")


@job(queue="q", name="delays.plain")
def plain() -> None: ...


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    told.clear()
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


def run(resque: Resque, what: str) -> None:
    waiting = resque.enqueue_in(3600, tell, what)
    assert waiting
    resque.schedule.run_now(waiting)
    work(resque)


def work(resque: Resque) -> None:
    assert Worker(resque, "q", burst=True, fork=False).work() == 0


ONCE = ["before it", "after it", "before_perform it", "performed it"]


def test_they_are_called_once_when_a_worker_has_taken_the_job(resque: Resque) -> None:
    """resque-scheduler calls before_schedule again at promotion."""
    run(resque, "it")
    assert told == ONCE
    resque.enqueue_in(0.001, tell, "it")
    while not resque.size("q"):
        resque.storage.schedule.promote()
    work(resque)
    assert told == ONCE * 2


def test_a_retry_does_not_call_them_again(resque: Resque) -> None:
    run(resque, "stumble")
    assert told.count("before stumble") == told.count("after stumble") == 1
    assert told.count("performed stumble") == 2


@pytest.mark.parametrize("what", ["vetoed", "broken"])
def test_a_veto_is_recorded_and_not_retried(resque: Resque, what: str) -> None:
    """resque-scheduler drops the job without a word."""
    run(resque, what)
    assert told == [f"before {what}"]
    (failure,) = resque.failures.peek()
    assert failure.exception == "PromotionRefused"
    assert ("vetoed the delayed job" if what == "vetoed" else "no answer") in failure.error
    assert resque.stats.all() == {"processed": 1, "failed": 1}
    assert resque.failures.requeue(failure.id)
    work(resque)
    assert told == [f"before {what}"] * 2


@pytest.mark.parametrize("what", ["vetoed", "broken"])
def test_a_veto_names_the_job_without_its_secrets(resque: Resque, what: str) -> None:
    @job(queue="q", name="delays.secret", sensitive_args=["pin"])
    def secret(pin: str, more: dict[str, str]) -> None: ...

    @secret.hook
    def before_delayed_enqueue(pin: str, more: dict[str, str]) -> bool:
        if what == "broken":
            raise ValueError("no answer")
        return False

    assert resque.enqueue_in(1, secret, "p1234", {"token": "t1234", "city": "Graz"})
    assert resque.schedule.run_now(secret) == 1
    work(resque)
    (failure,) = resque.failures.peek()
    assert failure.exception == "PromotionRefused"
    assert "Graz" in failure.error
    assert "1234" not in failure.error


def test_jobs_that_were_not_delayed_call_neither(resque: Resque) -> None:
    resque.enqueue(tell, "it")
    resque.enqueue_at(PAST, tell, "it")
    resque.enqueue_in(0, tell, "it")
    work(resque)
    assert told == ["before_perform it", "performed it"] * 3


def test_no_other_delayed_jobs_text_says_anything_of_it(resque: Resque) -> None:
    resque.enqueue_in(3600, plain)
    resque.enqueue_in(3600, tell, "it")
    marked = {it.job.name: b"delayed_hooks" in it.job.payload for it in resque.schedule.peek()}
    assert marked == {"delays.plain": False, "delays.told": True}


def test_a_classic_payload_cannot_say_that_they_are_to_be_called() -> None:
    with (
        Resque("sqlite://", classic_payload=True) as resque,
        pytest.raises(InvalidArguments, match="delayed_hooks"),
    ):
        resque.enqueue_in(3600, tell, "it")


def test_jobs_that_wait_for_another_attempt_are_counted(resque: Resque) -> None:
    @job(queue="q", name="delays.later", retry=Retry(limit=1, delay=3600))
    def later() -> None:
        raise ValueError("not yet")

    resque.enqueue_in(3600, plain)
    resque.enqueue(later)
    work(resque)
    info = resque.info()
    assert (info["delayed"], info["retrying"]) == (2, 1)
