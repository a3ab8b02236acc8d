"""Calls on their way to the outbox: what `enqueue_many` and its like take."""

from dataclasses import replace

from resque_core.clock import this_moment
from resque_core.composer import Composer
from resque_core.definition import Definition
from resque_core.errors import InvalidArguments
from resque_core.ids import new_ids
from resque_core.job import Job
from resque_core.targets import find_definition
from resque_core.terms import Terms

#: A job, and the definition whose hooks it passes.
Call = tuple[Job, Definition]


class Calls:
    """Makes the jobs that are enqueued in one step, so at one moment; of a batch, if that is named."""

    def __init__(self, composer: Composer, batch: str = "") -> None:
        self._composer = composer
        self._terms = Terms(batch=batch)
        self._ids = new_ids()
        self._moment = this_moment()

    def of(self, item: object) -> Call:
        """The job of a built one, or of a tuple `(target, *args)`.

        :raises EnqueueError: it is refused.
        """
        if isinstance(item, Job):
            definition = find_definition(item.name)
            job = replace(item, batch=self._terms.batch) if self._terms.batch else item
            return self._composer.finish(job, definition), definition
        if isinstance(item, tuple) and item:
            definition = find_definition(item[0])
            mould = self._composer.mould(definition, None, self._terms)
            return self._composer.cast(mould, item[1:], {}, next(self._ids), self._moment), definition
        raise InvalidArguments(
            f"enqueue_many takes jobs (fn.build(…)) and tuples (target, *args), not {item!a:.80}."
        )
