"""Worker hooks that tell that they ran, and where; for tests of workers that require this module."""

import os

from storeroom import tell

from resque_core import Job, WorkerInfo, worker_hooks


@worker_hooks.worker_setup
def set_up() -> None:
    tell("hook", "worker_setup", os.getpid())


@worker_hooks.before_first_fork
def warm_up() -> None:
    tell("hook", "before_first_fork", os.getpid())


@worker_hooks.before_fork
def prepare(job: Job) -> None:
    tell("hook", "before_fork", os.getpid(), job.name)
    if job.args == ("before_fork",):
        raise LookupError("not this one")


@worker_hooks.after_fork
def connect(job: Job) -> None:
    tell("hook", "after_fork", os.getpid(), job.name)
    if job.args == ("after_fork",):
        raise LookupError("not that one")


@worker_hooks.after_fork
def connect_more() -> None:
    tell("hook", "after_fork", os.getpid(), "again")


@worker_hooks.queue_empty
def rest() -> None:
    tell("hook", "queue_empty", os.getpid())
    raise ValueError("a hook that nobody waits for is broken")


@worker_hooks.before_pause
def before(worker: WorkerInfo) -> None:
    tell("hook", "before_pause", os.getpid(), worker.id)


@worker_hooks.after_pause
def after(worker: WorkerInfo) -> None:
    tell("hook", "after_pause", os.getpid(), worker.id)


@worker_hooks.shutdown
def say_goodbye() -> None:
    tell("hook", "shutdown", os.getpid())


@worker_hooks.worker_exit
def leave() -> None:
    tell("hook", "worker_exit", os.getpid())
