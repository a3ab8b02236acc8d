"""`ResqueBackend`: Django's tasks on resque queues, worked by `manage.py resque_work` beside all other jobs.

Of `django.tasks` where Django has it (6.0 and newer), else of the package `django-tasks`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from django_resque.conf import DEFAULT_ALIAS, aliases
from django_resque.immediately import immediately
from django_resque.stores import resques
from django_resque.task_api import (
    BaseTaskBackend,
    InvalidTask,
    Task,
    TaskResultDoesNotExist,
    task_enqueued,
    task_finished,
    task_started,
)
from django_resque.task_results import result_of_job, result_of_status
from django_resque.task_runner import make_known
from resque_core.client import Resque
from resque_core.definition import Definition, Options
from resque_core.errors import EnqueueError, InvalidArguments, RegistrationError, ResqueError
from resque_core.job import Job
from resque_core.mould import new_job
from resque_core.registry import registry
from resque_core.retry import Retry

__all__ = [  # noqa: RUF022 - ours first, then what tests and receivers need of whichever package it is
    "ResqueBackend",
    "ResqueTask",
    "UnserializableArguments",
    "InvalidTask",
    "TaskResultDoesNotExist",
    "task_enqueued",
    "task_finished",
    "task_started",
]

#: What OPTIONS may say: a store; whether to wait for a commit; and of each task its retries, its time
#: limit in seconds, and for how many seconds its result is kept.
OPTIONS = ("ALIAS", "ON_COMMIT", "RETRY", "TIMEOUT", "RESULT_TTL")
#: Seconds: a day.
RESULT_TTL = 86_400.0

#: A task, and with what it is called.
Call = tuple[Any, Sequence[Any], Mapping[str, Any]]


class UnserializableArguments(InvalidArguments, TypeError):
    """An argument of a task that JSON cannot carry: Django's documentation promises a TypeError."""


class ResqueTask(Task):
    """A task that `resque.enqueue` takes, as it takes any other job."""

    __slots__ = ()

    @property
    def definition(self) -> Definition:
        """What resque knows of it, on the queue of this task."""
        known = make_known(self, self.get_backend().terms)
        return replace(known, options=replace(known.options, queue=self.queue_name))


class ResqueBackend(BaseTaskBackend):
    """A backend for the setting TASKS: `{"default": {"BACKEND": "django_resque.tasks.ResqueBackend"}}`.

    As Django has it, a task is stored at once; with `"OPTIONS": {"ON_COMMIT": True}` at the commit, as other
    jobs are. A queue is one by its name, so priority is an order of queues, and not a number of a task.
    """

    task_class = ResqueTask
    supports_defer = True
    supports_async_task = True
    supports_priority = False

    def __init__(self, alias: str, params: Mapping[str, Any]) -> None:
        super().__init__(alias, params)
        unknown = [name for name in self.options if name not in OPTIONS]
        if unknown:
            raise ImproperlyConfigured(
                f"TASKS[{alias!r}]: OPTIONS has an unknown key {unknown[0]!r}. "
                f"Known are {', '.join(OPTIONS)}."
            )
        try:
            #: As what job each task is registered.
            self.terms = _terms(self.options)
        except (RegistrationError, TypeError) as error:
            raise ImproperlyConfigured(f"TASKS[{alias!r}]: OPTIONS: {error}") from None
        self.supports_get_result = self.terms.track

    def validate_task(self, task: Any) -> None:
        """Refuse what cannot be run; what can is known to the workers of this process from now on.

        :raises InvalidTask: it cannot be run.
        """
        super().validate_task(task)
        make_known(task, self.terms)

    def enqueue(self, task: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Place a call of the task on its queue.

        :raises EnqueueError: it was refused, and nothing was stored; with an argument that is not JSON, this
            is a TypeError, too.
        """
        self.validate_task(task)
        with self._moment(), _as_django_says():
            job = self._place(task, args, kwargs)
        return self._enqueued(task, job)

    def enqueue_many(self, calls: Iterable[Call]) -> list[Any]:
        """Place many calls in one step, all or none: `(task, args, kwargs)` each. Their results, in order.

        :raises InvalidTask: one is to wait for a time: enqueue that by itself.
        :raises EnqueueError: one was refused, and nothing was stored.
        """
        calls = [*calls]
        with self._moment(), _as_django_says():
            placed = self._resque().enqueue_many([self._job_of(*call) for call in calls])
        return [self._enqueued(task, job) for (task, _, _), job in zip(calls, placed, strict=True)]

    def get_result(self, result_id: str) -> Any:
        """What is known of a call.

        :raises TaskResultDoesNotExist: nothing, or nothing any more.
        """
        if not self.supports_get_result:
            return super().get_result(result_id)
        status = self._resque().job(result_id)
        definition = registry.get(status.name) if status else None
        task = getattr(definition.target, "task", None) if definition else None
        if status is None or task is None:
            raise TaskResultDoesNotExist(result_id)
        return result_of_status(task, status, self.alias)

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

    def _job_of(self, task: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Job:
        self.validate_task(task)
        if task.run_after is not None:
            raise InvalidTask(f"{task.module_path} has run_after: enqueue it by itself.")
        return new_job(make_known(task, self.terms), task.queue_name, args, kwargs)

    def _place(self, task: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Job | None:
        resque = self._resque()
        if task.run_after is None:
            return resque.enqueue_to(task.queue_name, task.module_path, *args, **kwargs)
        moment = task.run_after
        # Without USE_TZ, Django's moments are those of its time zone.
        moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
        return resque.enqueue_at_to(task.queue_name, moment, task.module_path, *args, **kwargs)

    def _enqueued(self, task: Any, job: Job | None) -> Any:
        if job is None:
            raise EnqueueError(
                f"A before_enqueue hook of {task.module_path} kept the task from being enqueued."
            )
        result = result_of_job(task, job, self.alias)
        task_enqueued.send(type(self), task_result=result)
        return result

    def _resque(self) -> Resque:
        return resques[self.options.get("ALIAS", DEFAULT_ALIAS)]

    def _moment(self) -> AbstractContextManager[None]:
        return nullcontext() if self.options.get("ON_COMMIT") else immediately()


@contextmanager
def _as_django_says() -> Iterator[None]:
    try:
        yield
    except InvalidArguments as error:
        raise UnserializableArguments(str(error)) from None


def _terms(options: Mapping[str, Any]) -> Options:
    """What OPTIONS says of each task's job.

    :raises RegistrationError: a value cannot be used.
    """
    retry, ttl = options.get("RETRY"), options.get("RESULT_TTL", RESULT_TTL)
    return Options(
        retry=Retry(**retry) if isinstance(retry, Mapping) else retry,
        timeout=options.get("TIMEOUT"),
        track=ttl is not None,
        result_ttl=RESULT_TTL if ttl is None else ttl,
    )
