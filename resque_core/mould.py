"""`Mould`: what calls of one job have in common, found out once for any number of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from resque_core.clock import Moment, this_moment
from resque_core.definition import Definition
from resque_core.drafts import draft
from resque_core.ids import new_id
from resque_core.job import Job, like
from resque_core.stencil import Stencil
from resque_core.terms import NO_TERMS, Terms
from resque_core.texts import as_read, claiming


class Mould:
    """Makes jobs that are like one that has neither arguments nor id nor time.

    :raises InvalidArguments: the text of that one cannot be written.
    """

    def __init__(self, job: Job, definition: Definition) -> None:
        self._job = job
        self._definition = definition
        self._stencil = Stencil(job)

    def cast(self, args: Sequence[Any], kwargs: Mapping[str, Any], job_id: str, moment: Moment) -> Job:
        """A job for a call, with its text, and its arguments as that gives them back. The id is a `new_id`.

        :raises InvalidArguments: an argument is not JSON, or `unique_key` or `limit_key` gave no key.
        """
        args = tuple(args)
        payload = self._stencil.fill(args, kwargs, job_id, moment)
        args, kwargs = as_read(payload, args, kwargs)
        own = {"args": args, "kwargs": kwargs, "id": job_id, "enqueued_at": moment.at, "payload": payload}
        # Not the same dict for all: whoever gets one of the jobs may write to it.
        return claiming(like(self._job, **own, extras=dict(self._job.extras)), self._definition)


def new_job(
    definition: Definition,
    queue: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    terms: Terms = NO_TERMS,
) -> Job:
    """A job for a call of `definition`, with a fresh id. Its time to expire begins when it is enqueued.

    :raises InvalidArguments: an argument is not JSON, or the terms cannot be used.
    """
    return Mould(draft(definition, queue, terms), definition).cast(args, kwargs, new_id(), this_moment())
