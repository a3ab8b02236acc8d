"""The JSON that read commands print: one function for each kind of value."""

from base64 import b64encode
from typing import Any

from resque_core.client import Resque
from resque_core.codec import decode_leniently
from resque_core.failure import Failure
from resque_core.job import Entry, Job
from resque_core.pool_info import PoolInfo
from resque_core.records import ALL_QUEUES, Reservation, ServerInfo, WorkerInfo


def job_shape(job: Job) -> dict[str, Any]:
    """A job; one that cannot be decoded has no class, and its bytes as base64."""
    shape = {"id": job.id, "queue": job.queue, **_call(job), "enqueued_at": job.enqueued_at}
    return shape | ({"problem": job.problem} if job.problem else {})


def failure_shape(failure: Failure) -> dict[str, Any]:
    """A failure with the call that failed."""
    job = decode_leniently(Entry(failure.job_id, failure.queue, failure.payload))
    return {
        "id": failure.id,
        "job_id": failure.job_id,
        "queue": failure.queue,
        **_call(job),
        "exception": failure.exception,
        "error": failure.error,
        "backtrace": list(failure.backtrace),
        "worker": failure.worker,
        "failed_at": failure.failed_at,
        "retried_at": failure.retried_at,
        "attempts": _attempts(failure, job),
    }


def queue_shapes(resque: Resque) -> list[dict[str, Any]]:
    """Every queue; one counts as paused also while all are."""
    paused = resque.paused()
    return [
        {
            "name": name,
            "size": size,
            "paused": name in paused or ALL_QUEUES in paused,
            "latency": round(resque.latency(name), 3),
        }
        for name, size in resque.queue_sizes().items()
    ]


def worker_shape(worker: WorkerInfo) -> dict[str, Any]:
    """A worker with the job that it holds."""
    return {
        "id": worker.id,
        "host": worker.host,
        "pid": worker.pid,
        "queues": list(worker.queues),
        "state": worker.state,
        "started_at": worker.started_at,
        "heartbeat_at": worker.heartbeat_at,
        "lease_left": round(worker.lease_left, 3),
        "processed": worker.processed,
        "failed": worker.failed,
        "job": _held(worker.reservation),
    }


def pool_shape(pool: PoolInfo) -> dict[str, Any]:
    """A pool with its groups."""
    return {
        "id": pool.id,
        "app_name": pool.app_name,
        "host": pool.host,
        "pid": pool.pid,
        "environment": pool.environment,
        "state": pool.state,
        "started_at": pool.started_at,
        "lease_left": round(pool.lease_left, 3),
        "groups": [
            {
                "queues": group.queues,
                "configured": group.configured,
                "wanted": group.wanted,
                "alive": group.alive,
                "pids": list(group.pids),
                "backoff": group.backoff,
            }
            for group in pool.groups
        ],
    }


def server_shape(server: ServerInfo) -> dict[str, Any]:
    """What the store says of itself."""
    return {"name": server.server, "location": server.location, "details": server.details}


def _held(reservation: Reservation | None) -> dict[str, Any] | None:
    if reservation is None:
        return None
    held = {"reserved_at": reservation.reserved_at, "rescues": reservation.rescues}
    return job_shape(decode_leniently(reservation.entry)) | held


def _attempts(failure: Failure, job: Job) -> list[dict[str, Any]]:
    """Its failed attempts, oldest first: the one that is the failure, if its policy has noted none."""
    if job.history:
        return [dict(line) for line in job.history]
    said = {"at": failure.failed_at, "exception": failure.exception, "error": failure.error}
    return [{"attempt": job.attempt, **said}]


def _call(job: Job) -> dict[str, Any]:
    if job.problem:
        return {
            "class": None,
            "args": None,
            "kwargs": None,
            "payload_base64": b64encode(job.payload).decode(),
        }
    return {"class": job.name, "args": list(job.args), "kwargs": dict(job.kwargs)}
