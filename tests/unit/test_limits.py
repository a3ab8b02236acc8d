"""Jobs of which so many run at once, as programs and workers see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import prepared

from resque_core import Resque, Worker, job
from resque_core.errors import InvalidArguments, RegistrationError, StorageError
from resque_core.limit import Limit
from resque_core.sweeper import Sweeper

RAN: list[Any] = []
UNIQUE = "limits.alone"


@job(queue="q", name=UNIQUE, unique="while_running")
def alone(number: int) -> None:
    RAN.append(number)


@job(queue="q", name="limits.called", limit=2, limit_key=lambda customer, _number: customer)
def call(customer: str, number: int) -> None:
    RAN.append((customer, number))


@job(queue="q", name="limits.few", limit=3)
def few(number: int) -> None:
    RAN.append(number)


@job(queue="q", name="limits.stumble", unique="while_running")
def stumble() -> None:
    raise ValueError("no")


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    RAN.clear()
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


def work(resque: Resque) -> None:
    assert Worker(resque, "q", burst=True, fork=False).work() == 0


def limits_of(resque: Resque, count: int) -> list[Limit | None]:
    return [found.limit for found in resque.peek("q", 0, count)]


def test_a_second_job_is_enqueued_and_waits_while_the_first_runs(resque: Resque) -> None:
    """Neither refused nor dropped: resque-lock-timeout lets go of it without a word."""
    first, second = resque.enqueue(alone, 1), resque.enqueue(alone, 1)
    assert first
    assert second
    with resque.reserve("q") as held:
        assert held
        assert held.job.id == first.id
        with resque.reserve("q") as nothing:
            assert nothing is None
        (waiting,) = resque.schedule.peek(0, 9)
        assert waiting.job.id == second.id
        held.complete()
    work(resque)
    assert RAN == [1]
    assert resque.stats.all() == {"processed": 2}


def test_other_jobs_of_the_queue_are_not_held_up(resque: Resque) -> None:
    for number in (1, 1, 2):
        resque.enqueue(alone, number)
    with resque.reserve("q") as held:
        assert held
        work(resque)
        assert RAN == [2]
        assert resque.schedule.count() == 1
        held.complete()


@pytest.mark.parametrize("end", ["complete", "fail", "release"])
def test_the_next_one_is_on_its_queue_as_soon_as_one_has_ended(resque: Resque, end: str) -> None:
    """Nobody waits for a time to pass."""
    first, second = resque.enqueue(alone, 1), resque.enqueue(alone, 1)
    assert first
    assert second
    with resque.reserve("q") as held:
        assert held
        with resque.reserve("q"):
            pass
        held.fail(ValueError("no")) if end == "fail" else getattr(held, end)()
    there = [found.id for found in resque.peek("q", 0, 9)]
    assert there == ([second.id, first.id] if end == "release" else [second.id])


def test_a_worker_wakes_the_next_one_whatever_became_of_its_job(resque: Resque) -> None:
    resque.enqueue(stumble)
    waiting = resque.enqueue(stumble)
    assert waiting
    with resque.reserve("q") as held:
        assert held
        with resque.reserve("q"):
            pass
        resque.schedule.run_now(waiting)
        assert not resque.schedule.count()
        held.release()
    work(resque)
    assert resque.failures.count() == 2


def test_a_sweep_wakes_who_waits_for_the_dead(resque: Resque) -> None:
    """resque-lock-timeout#11: the lock of a killed worker stayed for ever."""
    resque.enqueue(alone, 1)
    resque.enqueue(alone, 1)
    with resque.reserve("q") as held:
        assert held
        with resque.reserve("q"):
            pass
        resque.storage.workers.beat(held.reservation.worker, 0)
        assert Sweeper(resque.storage).sweep_all().requeued == 1
        held.settled = True
    assert resque.size("q") == 2
    assert resque.schedule.count() == 0


def test_so_many_run_for_each_key(resque: Resque) -> None:
    for customer in ("ada", "ada", "ada", "bob"):
        resque.enqueue(call, customer, 1)
    assert limits_of(resque, 1) == [Limit('limits.called:"ada"', 2)]
    with resque.reserve("q") as one, resque.reserve("q") as two, resque.reserve("q") as three:
        held = [it.job.args[0] for it in (one, two, three) if it]
        assert held == ["ada", "ada", "bob"]


def test_without_a_key_all_jobs_of_the_name_count_together(resque: Resque) -> None:
    resque.enqueue(few, 1)
    resque.enqueue(few, 2)
    assert limits_of(resque, 2) == [Limit("limits.few", 3)] * 2


def test_jobs_that_differ_run_side_by_side(resque: Resque) -> None:
    resque.enqueue(alone, 1)
    resque.enqueue(alone, 2)
    one, two = limits_of(resque, 2)
    assert one != two


def test_a_worker_asks_again_when_the_answer_about_a_slot_was_lost(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    resque.enqueue(alone, 1)
    worker = Worker(resque, "q", burst=True, fork=False)
    resque.storage.prepare()
    jobs, lost = resque.storage.jobs, list[bool]()

    def admit(*asked: Any) -> bool:
        answer = type(jobs).admit(jobs, *asked)
        if not lost:
            lost.append(answer)
            raise StorageError("The answer was lost.")
        return answer

    monkeypatch.setattr(jobs, "admit", admit)
    assert worker.work() == 0
    assert lost == [True]
    assert RAN == [1]


def test_what_another_program_calls_limit_is_kept_as_it_is(resque: Resque) -> None:
    for said in (3, {"key": "k", "most": 0}, {"key": 1, "most": 1}):
        pushed = resque.push("q", {"class": "Theirs", "args": [], "limit": said})
        assert pushed.limit is None
        assert pushed.extras == {"limit": said}


def test_a_classic_payload_cannot_carry_a_limit() -> None:
    with (
        Resque("sqlite://", classic_payload=True) as resque,
        pytest.raises(InvalidArguments, match="needs limit"),
    ):
        resque.enqueue(alone, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limit": 0}, "from 1 to"),
        ({"limit": True}, "from 1 to"),
        ({"limit": "two"}, "from 1 to"),
        ({"limit_key": len}, "give limit"),
        ({"limit": 2, "limit_key": "customer"}, "a function"),
        ({"limit": 2, "unique": "while_running"}, "not both"),
        ({"unique": "while_running", "on_duplicate": "raise"}, "it waits"),
        ({"unique": "while_running", "unique_key": "customer"}, "a function"),
    ],
)
def test_limits_that_cannot_be_meant_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(RegistrationError, match=said):
        job(queue="q", **options)


def test_a_job_may_be_unique_while_it_waits_and_limited_while_it_runs(resque: Resque) -> None:
    @job(queue="q", name="limits.both", unique="until_start", limit=1)
    def both() -> None: ...

    found = resque.enqueue(both)
    assert found
    assert found.claim
    assert found.limit == Limit("limits.both", 1)
    assert resque.enqueue(both) is None
