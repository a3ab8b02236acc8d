"""`DelayedClient`: enqueues jobs for later."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from resque_core.chaining import read_then
from resque_core.composer import Composer
from resque_core.delayed_jobs import DelayedJobs
from resque_core.duplicates import complain_of_duplicate
from resque_core.job import Job
from resque_core.moments import read_delay, read_moment
from resque_core.outbox import Outbox
from resque_core.queue_client import QueueClient
from resque_core.records import When
from resque_core.redaction import shown_safely
from resque_core.targets import find_definition
from resque_core.terms import NO_TERMS, Expires, Terms

log = logging.getLogger("resque")


class DelayedClient(QueueClient):
    """Jobs for later. Each is on no queue until it is due; then any worker puts it there."""

    #: Where enqueued jobs go.
    outbox: Outbox
    #: The jobs that wait for their time.
    schedule: DelayedJobs
    _composer: Composer

    def enqueue_at(
        self,
        when: datetime,
        target: Any,
        /,
        *args: Any,
        expires: Expires | None = None,
        then: Any = None,
        **kwargs: Any,
    ) -> Job | None:
        """As `enqueue`, at a moment: an aware datetime, by the store's clock. At once, if it is past.

        Returns the job, or None when a `before_schedule` hook vetoed, or a unique job is there already.
        `before_enqueue` and `after_enqueue` hooks are not called. `expires` counts from that moment on.

        :raises EnqueueError: it was refused and nothing was stored; the message says why and what to do.
        """
        return self._delay(self._terms(expires, read_moment(when), then), None, target, args, kwargs)

    def enqueue_at_to(
        self,
        queue: str,
        when: datetime,
        target: Any,
        /,
        *args: Any,
        expires: Expires | None = None,
        then: Any = None,
        **kwargs: Any,
    ) -> Job | None:
        """As `enqueue_at`, but on `queue`."""
        return self._delay(self._terms(expires, read_moment(when), then), queue, target, args, kwargs)

    def enqueue_in(
        self,
        delay: float | timedelta,
        target: Any,
        /,
        *args: Any,
        expires: Expires | None = None,
        then: Any = None,
        **kwargs: Any,
    ) -> Job | None:
        """As `enqueue_at`, so long from now: seconds, also parts of one, or a timedelta."""
        return self._delay(self._terms(expires, read_delay(delay), then), None, target, args, kwargs)

    def enqueue_in_to(
        self,
        queue: str,
        delay: float | timedelta,
        target: Any,
        /,
        *args: Any,
        expires: Expires | None = None,
        then: Any = None,
        **kwargs: Any,
    ) -> Job | None:
        """As `enqueue_in`, but on `queue`."""
        return self._delay(self._terms(expires, read_delay(delay), then), queue, target, args, kwargs)

    def _terms(self, expires: Expires | None, run_at: When | None, then: Any) -> Terms:
        if expires is None and run_at is None and then is None:
            return NO_TERMS
        return Terms(expires, run_at, read_then(then))

    def _delay(
        self, terms: Terms, queue: str | None, target: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Job | None:
        definition = find_definition(target)
        job = self._composer.compose(definition, queue, args, kwargs, terms)
        if definition.hooks.veto("before_schedule", job.args, job.kwargs):
            log.warning(
                "Not delayed, because a before_schedule hook vetoed: %s", shown_safely(job, definition)
            )
            return None
        for holder in self.outbox.put([job], run_at=terms.run_at).values():
            complain_of_duplicate(job, definition, holder)
            return None
        definition.hooks.run("after_schedule", job.args, job.kwargs)
        return job
