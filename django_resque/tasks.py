"""`ResqueBackend`: Django's tasks on resque queues, worked by `manage.py resque_work` beside all other jobs.

Of `django.tasks` where Django has it (6.0 and newer), else of the package `django-tasks`.
"""

import functools
import inspect
import os
import socket
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from django_resque.conf import DEFAULT_ALIAS, aliases
from django_resque.immediately import immediately
from django_resque.stores import resques
from resque_core.client import Resque
from resque_core.current import current_job
from resque_core.decorator import register
from resque_core.definition import Definition, Options
from resque_core.errors import EnqueueError, RegistrationError, ResqueError
from resque_core.job import Job
from resque_core.registry import registry

try:
    from django.tasks import TaskContext, TaskResult, TaskResultStatus
    from django.tasks.backends.base import BaseTaskBackend
    from django.tasks.base import Task, TaskError
    from django.tasks.exceptions import InvalidTask
    from django.tasks.signals import task_enqueued, task_finished, task_started
except ImportError:
    from django_tasks import TaskResult, TaskResultStatus
    from django_tasks.backends.base import BaseTaskBackend
    from django_tasks.base import Task, TaskContext, TaskError
    from django_tasks.exceptions import InvalidTaskError as InvalidTask
    from django_tasks.signals import task_enqueued, task_finished, task_started

__all__ = [  # noqa: RUF022 - ours first, then what tests and receivers need of whichever package it is
    "ResqueBackend",
    "ResqueTask",
    "InvalidTask",
    "task_enqueued",
    "task_finished",
    "task_started",
]

#: What OPTIONS may say: the alias of a store, and whether to wait for a transaction's commit.
OPTIONS = ("ALIAS", "ON_COMMIT")


class ResqueTask(Task):
    """A task that `resque.enqueue` takes, as it takes any other job."""

    __slots__ = ()

    @property
    def definition(self) -> Definition:
        """What resque knows of it, on the queue of this task."""
        known = _make_known(self)
        return replace(known, options=Options(queue=self.queue_name))


class ResqueBackend(BaseTaskBackend):
    """A backend for the setting TASKS: `{"default": {"BACKEND": "django_resque.tasks.ResqueBackend"}}`.

    As Django has it, a task is stored at once; with `"OPTIONS": {"ON_COMMIT": True}` at the commit, as other
    jobs are. A queue is one by its name, so priority is an order of queues, and not a number of a task.
    """

    task_class = ResqueTask
    supports_defer = True
    supports_async_task = True
    supports_get_result = False
    supports_priority = False

    def __init__(self, alias: str, params: Mapping[str, Any]) -> None:
        super().__init__(alias, params)
        unknown = [name for name in self.options if name not in OPTIONS]
        if unknown:
            raise ImproperlyConfigured(
                f"TASKS[{alias!r}]: OPTIONS has an unknown key {unknown[0]!r}. "
                f"Known are {', '.join(OPTIONS)}."
            )

    def validate_task(self, task: Any) -> None:
        """Refuse what cannot be run; what can is known to the workers of this process from now on.

        :raises InvalidTask: it cannot be run.
        """
        super().validate_task(task)
        _make_known(task)

    def enqueue(self, task: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Place a call of the task on its queue.

        :raises EnqueueError: it was refused, and nothing was stored.
        """
        self.validate_task(task)
        with self._moment():
            job = self._place(task, args, kwargs)
        if job is None:
            raise EnqueueError(
                f"A before_enqueue hook of {task.module_path} kept the task from being enqueued."
            )
        result = _result(task, job, self.alias)
        task_enqueued.send(type(self), task_result=result)
        return result

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Whether the store that OPTIONS names is one of the settings."""
        try:
            known = aliases()
        except ResqueError:
            # That is reported by the check of the settings.
            return []
        alias = self.options.get("ALIAS", DEFAULT_ALIAS)
        if alias in known:
            return []
        hint = f"RESQUE has: {', '.join(known)}."
        return [
            checks.Error(f"TASKS[{self.alias!r}]: there is no Resque {alias!r}.", hint=hint, id="resque.E007")
        ]

    def _place(self, task: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Job | None:
        resque = self._resque()
        if task.run_after is None:
            return resque.enqueue_to(task.queue_name, task.module_path, *args, **kwargs)
        moment = task.run_after
        # Without USE_TZ, Django's moments are those of its time zone.
        moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
        return resque.enqueue_at_to(task.queue_name, moment, task.module_path, *args, **kwargs)

    def _resque(self) -> Resque:
        return resques[self.options.get("ALIAS", DEFAULT_ALIAS)]

    def _moment(self) -> AbstractContextManager[None]:
        return nullcontext() if self.options.get("ON_COMMIT") else immediately()


def _make_known(task: Any) -> Definition:
    known = registry.get(task.module_path)
    if known is not None and getattr(known.target, "task_function", None) is task.func:
        return known
    try:
        return register(_runner(task), name=task.module_path)
    except RegistrationError as error:
        raise InvalidTask(str(error)) from None


def _runner(task: Any) -> Callable[..., Any]:
    """What a worker calls: the task between its signals. Its result is whatever the worker settles."""

    @functools.wraps(task.func)
    def run(*args: Any, **kwargs: Any) -> Any:
        job = current_job()
        if job is None:
            return task.call(*args, **kwargs)
        result = _result(task, job, task.backend)
        now = timezone.now()
        _note(result, status=TaskResultStatus.RUNNING, started_at=now, last_attempted_at=now)
        result.worker_ids.append(f"{socket.gethostname()}:{os.getpid()}")
        # The backend is asked for when the job runs: settings may change, in tests above all.
        sender = type(task.get_backend())
        task_started.send(sender, task_result=result)
        try:
            value = _call(task, result, args, kwargs)
        except BaseException as error:
            result.errors.append(_error(error))
            _note(result, status=TaskResultStatus.FAILED, finished_at=timezone.now())
            task_finished.send(sender, task_result=result)
            raise
        _note(result, status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now(), _return_value=value)
        task_finished.send(sender, task_result=result)
        return value

    run.task_function = task.func  # type: ignore[attr-defined]
    # A coroutine function is run by the task itself: to the worker this is a plain function.
    del run.__wrapped__
    run.__signature__ = _signature(task)  # type: ignore[attr-defined]
    return run


def _signature(task: Any) -> inspect.Signature:
    """What a caller gives: the context is not theirs to give."""
    signature = inspect.signature(task.func)
    given = list(signature.parameters.values())[1 if task.takes_context else 0 :]
    return signature.replace(parameters=given)


def _call(task: Any, result: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    if task.takes_context:
        return task.call(TaskContext(task_result=result), *args, **kwargs)
    return task.call(*args, **kwargs)


def _result(task: Any, job: Job, backend: str) -> Any:
    return TaskResult(
        task=task,
        id=job.id,
        status=TaskResultStatus.READY,
        enqueued_at=job.enqueued_at,
        started_at=None,
        finished_at=None,
        last_attempted_at=None,
        args=list(job.args),
        kwargs=dict(job.kwargs),
        backend=backend,
        errors=[],
        worker_ids=[],
    )


def _note(result: Any, **values: Any) -> None:
    # A frozen dataclass, which Django's own backends change in this way, too.
    for name, value in values.items():
        object.__setattr__(result, name, value)


def _error(error: BaseException) -> Any:
    path = f"{type(error).__module__}.{type(error).__qualname__}"
    return TaskError(exception_class_path=path, traceback="".join(traceback.format_exception(error)))
