"""Django's tasks, on resque queues."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from django_resque.task_api import TaskResultMismatch
from django_resque.task_results import STATES, result_of_job
from django_resque.tasks import (
    InvalidTask,
    ResqueBackend,
    TaskResultDoesNotExist,
    task_enqueued,
    task_finished,
    task_started,
)
from django_resque.test import captured, inline, work_off
from resque_core import InvalidArguments, Resque, Retry
from resque_core.job import Job
from resque_core.job_status import Status
from tests.django.site.shop.jobs import send_receipt
from tests.django.site.shop.tasks import add, attempts, double_dictionary, fails, moment

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def heard() -> Iterator[list[tuple[str, Any]]]:
    """The signals that were sent, with the status of the task."""
    found: list[tuple[str, Any]] = []
    signals = {"enqueued": task_enqueued, "started": task_started, "finished": task_finished}

    def listen(name: str) -> Any:
        def note(sender: Any, task_result: Any, **_: Any) -> None:
            assert sender is ResqueBackend
            found.append((name, str(task_result.status.value)))

        return note

    kept = {name: listen(name) for name in signals}
    for name, signal in signals.items():
        signal.connect(kept[name])
    yield found
    for name, signal in signals.items():
        signal.disconnect(kept[name])


def test_a_task_and_a_job_are_worked_from_the_same_queues(
    resque: Resque, heard: list[tuple[str, Any]]
) -> None:
    result = add.enqueue(2, other=3)
    send_receipt.enqueue(1)
    assert (result.status.value, result.args, result.kwargs) == ("READY", [2], {"other": 3})
    assert resque.peek("mail")[0].id == result.id
    assert result.enqueued_at is not None
    done = work_off("mail")
    assert ([job.name.rsplit(".")[-1] for job in done.jobs], done.failures) == (["add", "send_receipt"], ())
    assert heard == [("enqueued", "READY"), ("started", "RUNNING"), ("finished", "SUCCESSFUL")]


def test_a_coroutine_that_fails_is_in_the_failed_store(
    file_resque: Resque, heard: list[tuple[str, Any]]
) -> None:
    result = asyncio.run(fails.aenqueue("so it is"))
    (failure,) = work_off("default").failures
    assert (failure.job_id, failure.exception, failure.error) == (result.id, "ValueError", "so it is")
    assert heard[-1] == ("finished", "FAILED")


def test_a_task_may_ask_for_its_context(file_resque: Resque) -> None:
    attempts.enqueue(1)
    assert work_off("default").failures == ()


def test_a_task_may_wait_for_its_time(file_resque: Resque) -> None:
    moment = timezone.now() + timedelta(hours=1)
    result = add.using(run_after=moment).enqueue(1)
    (delayed,) = file_resque.schedule.peek()
    assert (delayed.job.id, delayed.job.queue, delayed.run_at) == (result.id, "mail", moment)
    assert file_resque.size("mail") == 0


def test_a_task_is_stored_at_once_unless_it_is_to_wait_for_the_commit(file_resque: Resque) -> None:
    with transaction.atomic():
        add.enqueue(1)
        assert file_resque.size("mail") == 1
    waiting = {
        "BACKEND": "django_resque.tasks.ResqueBackend",
        "QUEUES": ["mail"],
        "OPTIONS": {"ON_COMMIT": True},
    }
    with override_settings(TASKS={"default": waiting}), transaction.atomic():
        add.enqueue(1)
        assert file_resque.size("mail") == 1
    assert file_resque.size("mail") == 2


def test_resque_itself_takes_a_task(file_resque: Resque) -> None:
    file_resque.enqueue(add, 1, other=2)
    file_resque.enqueue(add.using(queue_name="default"), 1)
    assert file_resque.queue_sizes() == {"mail": 1, "default": 1}
    assert work_off().failures == ()


def test_tests_capture_and_run_tasks_as_jobs(file_resque: Resque) -> None:
    with captured() as jobs:
        add.enqueue(1)
    assert [job.args for job in jobs] == [(1,)]
    with inline(), pytest.raises(ValueError, match="now"):
        fails.enqueue("now")


def test_what_cannot_be_run_is_refused(file_resque: Resque) -> None:
    with pytest.raises(InvalidTask, match="priority"):
        add.using(priority=5)
    with pytest.raises(InvalidTask, match="nosuch"):
        add.using(queue_name="nosuch")
    with pytest.raises(InvalidArguments):
        add.enqueue(object())
    with pytest.raises(TaskResultDoesNotExist):
        add.get_result("x")
    with pytest.raises(ImproperlyConfigured, match="Known are ALIAS, ON_COMMIT, RETRY, TIMEOUT, RESULT_TTL"):
        ResqueBackend("default", {"OPTIONS": {"ALAIS": "eu"}})


def test_an_argument_that_json_cannot_carry_is_a_type_error(file_resque: Resque) -> None:
    with pytest.raises(TypeError, match=r"args\[0\] is a datetime.datetime"):
        add.enqueue(timezone.now())
    with pytest.raises(TypeError, match="JSON cannot carry"):
        add.get_backend().enqueue_many([(add, (1,), {}), (add, (), {"one": {1}})])
    with pytest.raises(TypeError, match="JSON cannot carry"):
        asyncio.run(add.aenqueue(object()))
    assert file_resque.queue_sizes() == {}


def test_what_a_task_is_given_has_been_json(file_resque: Resque) -> None:
    result = double_dictionary.enqueue((1, 2, 3))
    assert result.args == [[1, 2, 3]]
    work_off("default")
    result.refresh()
    assert (result.status.value, result.errors[0].exception_class) == ("FAILED", TypeError)
    assert "unhashable type: 'list'" in result.errors[0].traceback


def test_what_a_task_returns_must_be_json_where_it_is_kept(file_resque: Resque) -> None:
    result = moment.enqueue()
    work_off("default")
    result.refresh()
    assert result.status.value == "FAILED"
    assert "Object of type datetime is not JSON serializable" in result.errors[0].traceback
    with pytest.raises(ValueError, match="failed"):
        _ = result.return_value
    backend = {"BACKEND": "django_resque.tasks.ResqueBackend", "OPTIONS": {"RESULT_TTL": None}}
    with override_settings(TASKS={"default": backend}):
        moment.enqueue()
        assert work_off("default").failures == ()
    moment.get_backend().validate_task(moment)


def test_a_definition_that_is_none_is_refused_where_it_stands() -> None:
    with pytest.raises(InvalidTask, match="module level"):
        replace(add, func=lambda: None)
    with pytest.raises(InvalidTask, match="first argument of 'context'"):
        replace(moment, takes_context=True)
    with pytest.raises(InvalidTask, match="aware"):
        add.using(run_after=datetime(2026, 1, 1))


def test_a_changed_task_leaves_the_first_one_as_it_is(file_resque: Resque) -> None:
    changed = add.using(queue_name="default")
    assert (add.queue_name, changed.queue_name, changed.func) == ("mail", "default", add.func)
    assert (changed.enqueue(1).task, add.call(1, other=2), asyncio.run(add.acall(1))) == (changed, 3, 2)
    assert file_resque.queue_sizes() == {"default": 1}


def test_a_result_is_found_by_its_id_alone_and_without_waiting(file_resque: Resque) -> None:
    result = add.enqueue(2)
    found = add.get_backend().get_result(result.id)
    assert found == asyncio.run(add.get_backend().aget_result(result.id)) == result
    assert asyncio.run(add.aget_result(result.id)) == result
    work_off("mail")
    assert not found.is_finished
    asyncio.run(found.arefresh())
    assert found.return_value == 3


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ({"RETRY": {"limit": -1}}, "give a whole number"),
        ({"RETRY": {"times": 3}}, "times"),
        ({"TIMEOUT": 0}, "timeout="),
        ({"RESULT_TTL": -5}, "result_ttl="),
    ],
)
def test_options_that_cannot_be_used_are_refused(option: dict[str, Any], says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=says):
        ResqueBackend("default", {"OPTIONS": option})


def test_a_result_is_known_from_the_call_to_its_end(resque: Resque) -> None:
    result = add.enqueue(2, other=3)
    waiting = add.get_result(result.id)
    assert (waiting.status.value, waiting.args, waiting.kwargs) == ("READY", [2], {"other": 3})
    assert (waiting.task.func, waiting.task.queue_name, waiting.attempts) == (add.func, "mail", 0)
    with pytest.raises(ValueError, match="not finished"):
        _ = waiting.return_value
    assert work_off("mail").failures == ()
    result.refresh()
    assert (result.status.value, result.return_value, result.is_finished) == ("SUCCESSFUL", 5, True)
    assert (result.attempts, [bool(worker) for worker in result.worker_ids]) == (1, [True])
    assert result.enqueued_at <= result.started_at <= result.finished_at
    with pytest.raises(TaskResultMismatch):
        fails.get_result(result.id)


def test_the_result_of_a_task_that_failed_has_its_error(file_resque: Resque) -> None:
    result = fails.enqueue("so it is")
    work_off("default")
    asyncio.run(result.arefresh())
    assert (result.status.value, len(result.errors)) == ("FAILED", 1)
    assert result.errors[0].exception_class is ValueError
    assert "so it is" in result.errors[0].traceback


def test_many_calls_are_placed_in_one_step(resque: Resque, heard: list[tuple[str, Any]]) -> None:
    backend = add.get_backend()
    results = backend.enqueue_many([(add, (1,), {}), (fails, (), {"reason": "no"})])
    assert resque.queue_sizes() == {"default": 1, "mail": 1}
    assert heard == [("enqueued", "READY")] * 2
    assert backend.get_result(results[1].id).kwargs == {"reason": "no"}
    later = add.using(run_after=timezone.now())
    with pytest.raises(InvalidTask, match="run_after"):
        backend.enqueue_many([(add, (1,), {}), (later, (1,), {})])
    assert resque.size("mail") == 1


def test_retries_time_limit_and_results_are_options_of_the_backend() -> None:
    options = {"RETRY": {"limit": 1, "delay": 0}, "TIMEOUT": 30, "RESULT_TTL": None}
    backend = "django_resque.tasks.ResqueBackend"
    with override_settings(TASKS={"default": {"BACKEND": backend, "QUEUES": [], "OPTIONS": options}}):
        assert not fails.get_backend().supports_get_result
        with pytest.raises(NotImplementedError):
            fails.get_result("x")
        terms = fails.using(queue_name="slow").definition.options
        assert (terms.queue, terms.timeout, terms.track) == ("slow", 30, False)
        assert terms.retry == Retry(limit=1, delay=0)
    fails.get_backend().validate_task(fails)


def test_an_attempt_after_others_knows_them(file_resque: Resque) -> None:
    said = {"attempt": 1, "at": "2026-01-01T00:00:00Z", "exception": "ValueError", "error": "once"}
    job = Job(queue="mail", name=add.module_path, args=(1,), attempt=2, history=(said,))
    result = result_of_job(add, job, "default")
    assert (result.attempts, result.errors[0].exception_class_path) == (1, "builtins.ValueError")


def test_django_has_a_word_for_each_status_of_a_job() -> None:
    assert set(STATES) == set(get_args(Status))


def test_a_store_that_the_settings_do_not_have_is_a_check_error() -> None:
    assert ResqueBackend("default", {}).check() == []
    (error,) = ResqueBackend("default", {"OPTIONS": {"ALIAS": "eu"}}).check()
    assert (error.id, error.hint) == ("resque.E007", "RESQUE has: default.")
