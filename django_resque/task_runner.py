"""Makes jobs of Django's tasks: what a worker calls is the task, between its signals."""

import functools
import inspect
import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from django_resque.task_api import InvalidTask, TaskContext, TaskResultStatus, task_finished, task_started
from django_resque.task_results import note, result_of_job, task_error
from resque_core.current import current_job
from resque_core.definition import Definition, Options, define
from resque_core.errors import RegistrationError
from resque_core.registry import registry


def make_known(task: Any, terms: Options) -> Definition:
    """The job that this task is from now on, by these terms.

    :raises InvalidTask: it cannot be one.
    """
    known, named = registry.get(task.module_path), replace(terms, name=task.module_path)
    if known and getattr(known.target, "task_function", None) is task.func and known.options == named:
        return known
    try:
        definition = define(_runner(task, kept=terms.track), named)
        registry.add(definition)
    except RegistrationError as error:
        raise InvalidTask(str(error)) from None
    return definition


def _runner(task: Any, *, kept: bool) -> Callable[..., Any]:
    """What a worker calls. What it returns is what the worker settles, and must be JSON to be kept."""

    @functools.wraps(task.func)
    def run(*args: Any, **kwargs: Any) -> Any:
        job = current_job()
        if job is None:
            return task.call(*args, **kwargs)
        result = result_of_job(task, job, task.backend)
        now = timezone.now()
        note(result, status=TaskResultStatus.RUNNING, started_at=now, last_attempted_at=now)
        result.worker_ids.append(f"{socket.gethostname()}:{os.getpid()}")
        # The backend is asked for when the job runs: settings may change, in tests above all.
        sender = type(task.get_backend())
        task_started.send(sender, task_result=result)
        try:
            value = _call(task, result, args, kwargs)
            if kept:
                # Django's documentation: of what is not JSON, a TypeError, and the task has failed.
                json.dumps(value)
        except BaseException as error:
            result.errors.append(task_error(error))
            note(result, status=TaskResultStatus.FAILED, finished_at=timezone.now())
            task_finished.send(sender, task_result=result)
            raise
        note(result, status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now(), _return_value=value)
        task_finished.send(sender, task_result=result)
        return value

    run.task, run.task_function = task, task.func  # type: ignore[attr-defined]
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
