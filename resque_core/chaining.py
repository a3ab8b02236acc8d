"""What `then=` says: which jobs are enqueued when another one is done."""

from collections.abc import Mapping
from typing import Any

from resque_core.codec import decode_payload
from resque_core.composer import Composer
from resque_core.display import one_line
from resque_core.errors import InvalidArguments
from resque_core.job import Job
from resque_core.targets import find_definition


def read_then(composer: Composer, then: Any) -> tuple[Mapping[str, Any], ...]:
    """The jobs to follow, as the text of the one before says them.

    A call (`fn.build(…)`, or a tuple `(target, *args)`) is enqueued as it is; a target alone is called with
    what the job before returned. A list has several of these.

    :raises EnqueueError: one of them is refused.
    """
    items = then if isinstance(then, list) else [] if then is None else [then]
    return tuple(_follower(composer, item) for item in items)


def _follower(composer: Composer, item: Any) -> Mapping[str, Any]:
    if isinstance(item, Job):
        return _said(composer.finish(item, find_definition(item.name)))
    target, *args = item if isinstance(item, tuple) and item else (item,)
    job = composer.compose(find_definition(target), None, args, {})
    return {**_said(job), **({} if isinstance(item, tuple) else {"result": True})}


def _said(job: Job) -> dict[str, Any]:
    if job.claim:
        raise InvalidArguments(
            f"{one_line(job.name)} is unique, so nobody knows whether it could be enqueued then. "
            f"Let the job before enqueue it, or make it a job that is not unique."
        )
    return {"queue": job.queue, "text": decode_payload(job.payload)}
