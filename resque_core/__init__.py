"""Resque for Python: jobs on queues, worked in forked children, never silently lost."""

import logging as _logging
import typing as _typing

from resque_core._version import __version__
from resque_core.batch import Batch
from resque_core.client import Resque
from resque_core.current import current_job
from resque_core.decorator import job, register
from resque_core.default_app import set_default_app
from resque_core.errors import (
    AlreadyEnqueued,
    BadPayload,
    DontPerform,
    DuplicateJobError,
    EnqueueError,
    IncompatibleStoreError,
    InvalidArguments,
    InvalidQueueName,
    JobCancelled,
    JobInterrupt,
    JobTimeout,
    LintError,
    NoClassError,
    NoDefaultAppError,
    NoQueueError,
    PayloadTooLarge,
    PromotionRefused,
    RegistrationError,
    ResqueError,
    RetryJob,
    SettingsError,
    StorageError,
    TermException,
    UnknownBackendError,
    UnknownJobClass,
    UnnameableJobError,
    WorkerBusyError,
    WorkerError,
)
from resque_core.failure import Failure, FailureFilter
from resque_core.job import Job
from resque_core.job_status import JobStatus
from resque_core.lint import lint_plugin
from resque_core.process.worker import Worker
from resque_core.records import WorkerInfo
from resque_core.stat import NullStats, Stat
from resque_core.worker_hooks import worker_hooks

if _typing.TYPE_CHECKING:
    from resque_core.process.pool.manager import Pool
from resque_core.retry import Retry

__all__ = [  # noqa: RUF022 - grouped by what one looks for
    # Enqueue and look after
    "Resque",
    "set_default_app",
    "Worker",
    "Pool",
    # Define jobs
    "job",
    "Retry",
    "register",
    "current_job",
    "lint_plugin",
    "worker_hooks",
    # Values
    "Job",
    "JobStatus",
    "Batch",
    "Failure",
    "FailureFilter",
    "WorkerInfo",
    "Stat",
    "NullStats",
    # Errors
    "ResqueError",
    "EnqueueError",
    "NoQueueError",
    "NoClassError",
    "InvalidQueueName",
    "InvalidArguments",
    "PayloadTooLarge",
    "AlreadyEnqueued",
    "RegistrationError",
    "UnnameableJobError",
    "DuplicateJobError",
    "LintError",
    "BadPayload",
    "UnknownJobClass",
    "RetryJob",
    "PromotionRefused",
    "DontPerform",
    "NoDefaultAppError",
    "SettingsError",
    "WorkerError",
    "WorkerBusyError",
    "StorageError",
    "UnknownBackendError",
    "IncompatibleStoreError",
    # Raised in a running job
    "JobInterrupt",
    "TermException",
    "JobTimeout",
    "JobCancelled",
    # About this package
    "__version__",
]


def __getattr__(name: str) -> _typing.Any:
    # What a worker has loaded, each job's child pays for: only who manages a pool loads it.
    if name == "Pool":
        from resque_core.process.pool.manager import Pool

        return Pool
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# A library says nothing unless the program wants to hear it.
_logging.getLogger("resque").addHandler(_logging.NullHandler())
