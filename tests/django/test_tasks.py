"""Django's tasks, on resque queues."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from django_resque.tasks import InvalidTask, ResqueBackend, task_enqueued, task_finished, task_started
from django_resque.test import captured, inline, work_off
from resque_core import InvalidArguments, Resque
from tests.django.site.shop.jobs import send_receipt
from tests.django.site.shop.tasks import add, attempts, fails

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
    with pytest.raises(NotImplementedError):
        add.get_result("x")
    with pytest.raises(ImproperlyConfigured, match="Known are ALIAS, ON_COMMIT"):
        ResqueBackend("default", {"OPTIONS": {"ALAIS": "eu"}})


def test_a_store_that_the_settings_do_not_have_is_a_check_error() -> None:
    assert ResqueBackend("default", {}).check() == []
    (error,) = ResqueBackend("default", {"OPTIONS": {"ALIAS": "eu"}}).check()
    assert (error.id, error.hint) == ("resque.E007", "RESQUE has: default.")
