"""Every error that this library raises, as one tree; and beside it, what a worker raises in a running job.

::

    ResqueError
    ├── EnqueueError                 a job was refused; nothing was stored
    │   ├── NoQueueError             no queue was given and none could be inferred
    │   ├── NoClassError             a job needs a name
    │   ├── InvalidQueueName         empty, too long, or with characters no tool can carry
    │   ├── InvalidArguments         an argument that JSON cannot carry
    │   ├── PayloadTooLarge          more than `max_payload` bytes
    │   └── AlreadyEnqueued          a unique job with on_duplicate="raise", and another like it is there
    ├── RegistrationError            `@job` or `register` cannot take this object
    │   ├── UnnameableJobError       no stable name: `__main__` or `<locals>`
    │   └── DuplicateJobError        two definitions under one name
    ├── LintError                    a plugin's hook names would collide
    ├── BadPayload                   stored bytes that are not a job
    ├── UnknownJobClass              a job whose name nobody registered here
    ├── DontPerform                  raised *by* a before_perform hook: skip this job quietly
    ├── RetryJob                     raised *by* a job: try it again later
    ├── PromotionRefused             hooks of a delayed job did not let it run; it is in the failed store
    ├── NoDefaultAppError            `fn.enqueue` with no `Resque` to enqueue to
    ├── SettingsError                a setting, option or configuration file that cannot be used
    ├── WorkerError                  a worker that cannot start or go on
    │   └── WorkerBusyError          a worker asked for a second job before it settled the first
    └── StorageError                 the store cannot be reached or is broken
        ├── UnknownBackendError      no installed backend answers this URL
        └── IncompatibleStoreError   the store's layout is not one this version can use

    JobInterrupt                     raised in a job by its worker; `except Exception` lets it pass
    ├── TermException                the worker is stopping, or was told to end this job
    ├── JobTimeout                   the job's time limit is over
    └── JobCancelled                 somebody cancelled the job

The ends of a job that nobody raised (`DirtyExit`, `PruneDeadWorkerDirtyExit`) are names in a
failure's `exception` field, as in Ruby Resque, and not exceptions.
"""

import datetime


class ResqueError(Exception):
    """Root of all errors raised by this library."""


class JobInterrupt(BaseException):
    """Root of what a worker raises in a running job. The job may clean up, and let it pass."""

    #: Whether the job goes back to its queue when this ends it, instead of failing.
    hands_back = False
    #: Whether the job fails when this ends it.
    fails = True


class TermException(JobInterrupt):
    """The worker is stopping, or was told to end this job (Ruby's Resque::TermException)."""


class JobTimeout(JobInterrupt):
    """The job's time limit is over: it has `term_timeout` seconds to clean up, and is killed then."""


class JobCancelled(JobInterrupt):
    """Somebody cancelled the job: raised by `progress`, or, if that was asked for, wherever the job is."""

    fails = False


class EnqueueError(ResqueError):
    """A job was refused; nothing was stored."""


class NoQueueError(EnqueueError):
    """No queue was given and none could be inferred."""


class NoClassError(EnqueueError):
    """A job was given without a name."""


class InvalidQueueName(EnqueueError):
    """A queue name that is empty, too long, or holds characters that no tool can carry."""


class InvalidArguments(EnqueueError):
    """An argument that JSON cannot carry, named with its path and the way out."""


class PayloadTooLarge(EnqueueError):
    """A job whose text is longer than `max_payload` bytes."""


class AlreadyEnqueued(EnqueueError):
    """A unique job of which another one waits or runs, and whose definition says on_duplicate="raise"."""


class RegistrationError(ResqueError):
    """An object that `@job` or `register` cannot take."""


class UnnameableJobError(RegistrationError):
    """An object without a name that another process could find."""


class DuplicateJobError(RegistrationError):
    """Two definitions under one wire name."""


class LintError(ResqueError):
    """A plugin whose hook names would collide with those of other plugins."""


class BadPayload(ResqueError):
    """Stored bytes that are not a job: not JSON, no class, or arguments that are no list."""


class UnknownJobClass(ResqueError):
    """A job whose name nobody registered in this process."""


class DontPerform(ResqueError):
    """Raised by a `before_perform` hook to skip the job quietly (Ruby's Resque::Job::DontPerform)."""


class RetryJob(ResqueError):
    """Raised by a job: try it again, after `delay` seconds or as its `Retry` says, if attempts are left.

    :raises InvalidArguments: the delay is no time from 0 to a year.
    """

    def __init__(
        self, message: str = "The job asked to be retried", *, delay: float | datetime.timedelta | None = None
    ) -> None:
        seconds = delay.total_seconds() if isinstance(delay, datetime.timedelta) else delay
        if seconds is not None and not _is_wait(seconds):
            raise InvalidArguments(
                f"RetryJob(delay={delay!a:.80}): give seconds or a timedelta, from 0 to a year."
            )
        super().__init__(message)
        self.delay = delay


def _is_wait(seconds: object) -> bool:
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return number and 0 <= seconds <= 366 * 86_400  # type: ignore[operator]


class PromotionRefused(ResqueError):
    """A `before_delayed_enqueue` hook said False, or it or an `after_delayed_enqueue` hook raised."""


class NoDefaultAppError(ResqueError):
    """A job was enqueued through its function, but no `Resque` was made in this process."""


class SettingsError(ResqueError):
    """A setting, option or configuration file that cannot be used."""


class WorkerError(ResqueError):
    """A worker that cannot start or go on."""


class WorkerBusyError(WorkerError):
    """A worker asked for a second job before it settled the first."""


class StorageError(ResqueError):
    """The store cannot be reached or is broken; the driver's exception is the cause."""


class UnknownBackendError(StorageError):
    """No installed backend answers the URL's scheme."""


class IncompatibleStoreError(StorageError):
    """The store's layout is not one that this version can use."""
