"""The helpers that we give to tests of others."""

from typing import Any

import pytest

from resque_core import Job, Resque, job
from resque_core.testing import captured, inline

CALLS: list[Any] = []


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


@job(queue="q", name="testing.note")
def note(*args: Any) -> None:
    CALLS.append(args)


@job(queue="q", name="testing.picky")
def picky(number: int) -> None: ...


@picky.hook
def before_enqueue_check(number: int) -> bool:
    return number > 0


@picky.hook
def after_enqueue_note(number: int) -> None:
    CALLS.append(number)


def test_captured_jobs_are_what_would_have_been_stored(resque: Resque) -> None:
    with captured(resque) as jobs:
        stored = resque.enqueue(note, (1,))
        resque.push("p", {"class": "Theirs"})
        resque.enqueue_to("r", note, 2, at_front=True)
        assert [(one.queue, one.name, one.args) for one in jobs] == [
            ("r", "testing.note", (2,)),
            ("q", "testing.note", ([1],)),
            ("p", "Theirs", ()),
        ]
        assert jobs[1] is stored
    assert resque.queues() == []
    assert CALLS == []


def test_many_captured_at_the_front_keep_their_order(resque: Resque) -> None:
    with captured(resque) as jobs:
        resque.enqueue(note, 0)
        resque.enqueue_many([(note, 1), (note, 2)], at_front=True)
    assert [one.args for one in jobs] == [(1,), (2,), (0,)]


def test_capturing_keeps_hooks_and_vetoes(resque: Resque) -> None:
    with captured(resque) as jobs:
        resque.enqueue(picky, 1)
        assert resque.enqueue(picky, 0) is None
    assert [one.args for one in jobs] == [(1,)]
    assert CALLS == [1]


def test_afterwards_jobs_are_stored_again_even_after_an_exception(resque: Resque) -> None:
    for helper in (captured, inline):
        with pytest.raises(ZeroDivisionError), helper(resque):
            _ = 1 / 0
        resque.enqueue(note, 1)
    assert resque.size("q") == 2


def test_inline_performs_at_once(resque: Resque) -> None:
    with inline(resque) as same:
        assert same is resque
        resque.enqueue(note, (1,))
    assert CALLS == [([1],)]
    assert resque.queues() == []


def test_inside_of_inline_jobs_can_be_captured(resque: Resque) -> None:
    with inline(resque), captured(resque) as jobs:
        resque.enqueue(note, 1)
    assert (len(jobs), CALLS) == (1, [])


def test_the_fixture_is_the_default_app_on_a_store_of_its_own(resque: Resque) -> None:
    note.enqueue(1)
    assert resque.queue_sizes() == {"q": 1}


def test_another_test_has_another_store(resque: Resque) -> None:
    assert resque.queues() == []


def test_captured_jobs_fixture(captured_jobs: list[Job]) -> None:
    note.enqueue(1)
    assert [one.name for one in captured_jobs] == ["testing.note"]


@pytest.mark.usefixtures("inline_jobs")
def test_inline_jobs_fixture() -> None:
    note.enqueue(1)
    assert CALLS == [(1,)]
