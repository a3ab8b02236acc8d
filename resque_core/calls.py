"""Calls on their way to the outbox: what `enqueue_many` and its like take."""

from dataclasses import replace

from resque_core.composer import Composer
from resque_core.definition import Definition
from resque_core.errors import InvalidArguments
from resque_core.job import Job
from resque_core.targets import find_definition
from resque_core.terms import Terms

#: A job, and the definition whose hooks it passes.
Call = tuple[Job, Definition]


def call_of(composer: Composer, item: object, batch: str = "") -> Call:
    """The job of a built one, or of a tuple `(target, *args)`; of a batch, if that is named.

    :raises EnqueueError: it is refused.
    """
    if isinstance(item, Job):
        definition = find_definition(item.name)
        return composer.finish(replace(item, batch=batch) if batch else item, definition), definition
    if isinstance(item, tuple) and item:
        definition = find_definition(item[0])
        return composer.compose(definition, None, item[1:], {}, Terms(batch=batch)), definition
    raise InvalidArguments(
        f"enqueue_many takes jobs (fn.build(…)) and tuples (target, *args), not {item!a:.80}."
    )
