"""What `then=` says: which jobs are enqueued when another one is done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from resque_core.codec import decode_payload
from resque_core.definition import KEPT, Definition
from resque_core.display import one_line
from resque_core.errors import InvalidArguments
from resque_core.following import following
from resque_core.job import Job
from resque_core.mould import new_job
from resque_core.targets import find_definition
from resque_core.terms import Terms

#: How many jobs may follow one another. Each is part of the text of the one before.
MOST_LINKS = 20


def read_then(then: Any) -> tuple[Mapping[str, Any], ...]:
    """The jobs to follow, as the text of the one before says them.

    A call (`fn.build(…)`, or a tuple `(target, *args)`) is enqueued as it is; a target alone is called with
    what the job before returned. A list has several of these.

    :raises EnqueueError: one of them is refused.
    """
    items = then if isinstance(then, list) else [] if then is None else [then]
    return tuple(_follower(item) for item in items)


def build(target: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Job:
    """The job of a call that is to be enqueued by others; `then` and `expires` are not arguments of it.

    :raises EnqueueError: an argument is not JSON, or what is to follow is refused.
    """
    definition = find_definition(target)
    said = {name: kwargs[name] for name in kwargs if name not in KEPT}
    if "at_front" in kwargs:
        raise InvalidArguments(
            f"{one_line(definition.name)}: whether a job goes to the front is said where it is enqueued: "
            f"enqueue_many([…], at_front=True)."
        )
    terms = Terms(kwargs.get("expires"), None, read_then(kwargs.get("then")))
    return new_job(definition, definition.queue or "", args, said, terms)


def completed(
    prepare: Callable[[Job, Definition], Job], then: tuple[Mapping[str, Any], ...]
) -> tuple[Mapping[str, Any], ...]:
    """The same with what `prepare` adds to each job, and to those that follow it.

    :raises EnqueueError: one of them is refused.
    """
    jobs = map(following, then)
    return tuple(
        {**it, **_said(prepare(job, find_definition(job.name)))} for it, job in zip(then, jobs, strict=True)
    )


def _follower(item: Any) -> Mapping[str, Any]:
    if isinstance(item, Job):
        return _said(item)
    target, *args = item if isinstance(item, tuple) and item else (item,)
    if target is None or target == "":
        raise InvalidArguments(f"then={one_line(item)}: give a job, its name, or a call of it.")
    said = _said(build(target, args, {}))
    return said if isinstance(item, tuple) else {**said, "result": True}


def _said(job: Job) -> dict[str, Any]:
    if job.claim:
        raise InvalidArguments(
            f"{one_line(job.name)} is unique, so nobody knows whether it could be enqueued then. "
            f"Let the job before enqueue it, or make it a job that is not unique."
        )
    if _links(job.then) >= MOST_LINKS:
        raise InvalidArguments(
            f"More than {MOST_LINKS} jobs follow one another. Let the last of so many enqueue the next."
        )
    return {"queue": job.queue, "text": decode_payload(job.payload)}


def _links(then: Any) -> int:
    """How many jobs follow one another, at most."""
    return max((1 + _links(it["text"].get("then") or ()) for it in then), default=0)
