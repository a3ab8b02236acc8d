"""What is known of a call of a task: Django's `TaskResult`, of a job or of what was noted of one."""

import traceback
from collections.abc import Mapping
from typing import Any

from django_resque.task_api import InvalidTask, TaskError, TaskResult, TaskResultStatus
from resque_core.job import Job
from resque_core.job_status import JobStatus

#: What Django calls where a job is.
STATES = {
    **dict.fromkeys(("waiting", "queued", "delayed", "retrying"), TaskResultStatus.READY),
    "running": TaskResultStatus.RUNNING,
    "done": TaskResultStatus.SUCCESSFUL,
    **dict.fromkeys(("failed", "cancelled"), TaskResultStatus.FAILED),
}


def result_of_job(task: Any, job: Job, backend: str) -> Any:
    """Of a job that is enqueued, or about to be performed; attempts before this one are in it."""
    return _result(
        task,
        id=job.id,
        status=TaskResultStatus.READY,
        enqueued_at=job.enqueued_at,
        args=list(job.args),
        kwargs=dict(job.kwargs),
        backend=backend,
        errors=[_error_of(said) for said in job.history],
        worker_ids=[""] * (job.attempt - 1),
    )


def result_of_status(task: Any, status: JobStatus, backend: str) -> Any:
    """Of what was noted of a job."""
    state = STATES[status.status]
    begun = state != TaskResultStatus.READY
    failed = status.error and state != TaskResultStatus.SUCCESSFUL
    error = {"exception": status.error.partition(": ")[0], "error": status.error} if failed else None
    if status.status == "cancelled":
        error = {"exception": "resque_core.JobCancelled", "error": "The job was cancelled."}
    result = _result(
        _on_queue(task, status.queue),
        id=status.id,
        status=state,
        enqueued_at=status.enqueued_at,
        started_at=status.started_at,
        last_attempted_at=status.started_at,
        finished_at=status.ended_at,
        args=list(status.args),
        kwargs=dict(status.kwargs),
        backend=backend,
        errors=[_error_of(error)] if error else [],
        worker_ids=[""] * (status.attempt - 1) + ([status.worker] if begun else []),
    )
    note(result, _return_value=status.result)
    return result


def note(result: Any, **values: Any) -> None:
    """Change a result, which is a frozen dataclass: Django's own backends do it in this way, too."""
    for name, value in values.items():
        object.__setattr__(result, name, value)


def task_error(error: BaseException) -> Any:
    """An exception, as Django keeps it."""
    path = f"{type(error).__module__}.{type(error).__qualname__}"
    return TaskError(exception_class_path=path, traceback="".join(traceback.format_exception(error)))


def _result(task: Any, **values: Any) -> Any:
    moments = dict.fromkeys(("started_at", "finished_at", "last_attempted_at"))
    return TaskResult(task=task, **{**moments, **values})


def _error_of(said: Mapping[str, Any]) -> Any:
    name = str(said.get("exception") or "Exception")
    path = name if "." in name else f"builtins.{name}"
    return TaskError(exception_class_path=path, traceback=str(said.get("error", "")))


def _on_queue(task: Any, queue: str) -> Any:
    try:
        return task if queue in ("", task.queue_name) else task.using(queue_name=queue)
    except InvalidTask:
        # The settings have that queue no more.
        return task
