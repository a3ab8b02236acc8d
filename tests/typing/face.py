"""Not run: what a type checker says of programs that use the public names.

A wrong call carries `type: ignore`; mypy reports every one of these that it does not need.
"""

from collections.abc import Sequence
from typing import assert_type

from resque_core import Failure, Job, Resque, WorkerInfo, job, register


@job(queue="file_serve")
def archive(repo_id: int, branch: str = "main") -> bool:
    """A job with a position and a keyword."""
    return bool(repo_id and branch)


@job
async def bare(address: str, *, cc: Sequence[str] = ()) -> None:
    """A coroutine, without options."""


@job(queue="images", on_worker_death="fail")
class Thumbnail:
    """A class: it stays what it is."""

    @staticmethod
    def perform(image_id: int) -> None:
        """The job."""


def a_job_function_is_called_as_before() -> None:
    assert_type(archive(44), bool)
    assert_type(archive(44, branch="x"), bool)
    archive("44")  # type: ignore[arg-type]


def enqueue_takes_what_the_function_takes() -> None:
    assert_type(archive.enqueue(44), Job | None)
    assert_type(archive.enqueue(44, "x"), Job | None)
    archive.enqueue(44, branch="x")
    archive.enqueue(repo_id=44)
    archive.enqueue("44")  # type: ignore[arg-type]
    archive.enqueue(44, branch=7)  # type: ignore[arg-type]
    archive.enqueue(44, tag="x")  # type: ignore[call-arg]
    archive.enqueue()  # type: ignore[call-arg]


def delay_and_build_take_the_same() -> None:
    assert_type(archive.delay(44), Job | None)
    assert_type(archive.build(44, branch="x"), Job)
    archive.delay("44")  # type: ignore[arg-type]
    archive.build(44, 45, 46)  # type: ignore[call-arg, arg-type]
    bare.enqueue("a@example.org", cc=["b@example.org"])
    bare.enqueue("a@example.org", ["b@example.org"])  # type: ignore[call-arg]


def a_class_stays_a_class() -> None:
    assert_type(Thumbnail(), Thumbnail)
    Thumbnail.perform(42)
    register(Thumbnail, name="Thumbnail")
    register(42, queue=7)  # type: ignore[arg-type]


def an_app_takes_jobs_of_any_kind(resque: Resque) -> None:
    assert_type(resque.enqueue(archive, 44, "x"), Job | None)
    assert_type(resque.enqueue(Thumbnail, 42, at_front=True), Job | None)
    assert_type(resque.enqueue_to("mail", "Mailer", 42), Job | None)
    assert_type(resque.enqueue_many([archive.build(44), (Thumbnail, 42)]), list[Job | None])
    resque.enqueue_to(7, "Mailer")  # type: ignore[arg-type]


def answers_are_values(resque: Resque) -> None:
    assert_type(resque.pop("mail"), Job | None)
    assert_type(resque.peek("mail", 0, 10), list[Job])
    assert_type(resque.size("mail"), int)
    assert_type(resque.queues(), list[str])
    assert_type(resque.workers(), list[WorkerInfo])
    assert_type(resque.failures.get("id"), Failure | None)
    assert_type(resque.dequeue(archive, 44), int | None)


def values_are_frozen(value: Job) -> None:
    value.queue = "other"  # type: ignore[misc]
