"""Puts workers, jobs in flight and failures into a store, as dead processes would have left them."""

from datetime import datetime
from uuid import uuid4

from resque_core import Failure, Resque, WorkerInfo
from resque_core.clock import utc_now
from resque_core.records import Reservation


def made(url: str) -> str:
    """The URL, behind which there is an empty store now."""
    with Resque(url) as resque:
        resque.queues()
    return url


def a_worker(resque: Resque, name: str = "host+1:1:mail", lease: float = 30.0) -> WorkerInfo:
    """A registered worker."""
    worker = WorkerInfo(id=name, host="host", pid=1, queues=("mail",), started_at=utc_now())
    resque.storage.workers.register(worker, lease)
    return worker


def a_held_job(resque: Resque, worker: str, queue: str = "mail") -> Reservation:
    """A job that the worker holds."""
    held = resque.storage.jobs.reserve([queue], worker, uuid4().hex)
    assert isinstance(held, Reservation)
    return held


def a_failure(resque: Resque, failed_at: datetime | None = None, **changes: object) -> Failure:
    """A job that failed; the queue, name and args are those of `job`, the rest as told."""
    queue, name = str(changes.pop("queue", "mail")), str(changes.get("name", "Mailer"))
    job = resque.enqueue_to(queue, name, *changes.pop("args", (42,)))  # type: ignore[misc]
    assert job is not None
    return fail_next(resque, queue, failed_at, **changes)


def fail_next(resque: Resque, queue: str, failed_at: datetime | None = None, **changes: object) -> Failure:
    """The job at the head of the queue, failed."""
    worker = a_worker(resque, f"{changes.get('host', 'host')}+{uuid4().hex[:8]}:1:{queue}")
    held = a_held_job(resque, worker.id, queue)
    failure = Failure(
        id=uuid4().hex,
        job_id=held.entry.id,
        queue=queue,
        name=str(changes.get("name", "Mailer")),
        payload=held.entry.payload,
        exception=str(changes.get("exception", "shop.errors.Timeout")),
        error=str(changes.get("error", "no answer")),
        backtrace=("shop/jobs.py:12:in `send'",),
        worker=worker.id,
        failed_at=failed_at or utc_now(),
    )
    assert resque.storage.jobs.fail(held, failure)
    resque.storage.workers.unregister(worker.id)
    return failure
