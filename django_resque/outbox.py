"""`CommitOutbox`: jobs that are enqueued inside `atomic()` are stored when it commits (ruling 16)."""

from collections.abc import Mapping, Sequence
from functools import partial

from django.db import connections, transaction

from django_resque.immediately import is_immediate
from resque_core.job import Job
from resque_core.outbox import Outbox
from resque_core.records import When


class CommitOutbox:
    """Hands jobs on at the commit of the open transaction, or at once where there is none.

    Before that they were checked, so that a mistake is raised where it was made. A transaction that is rolled
    back, and a process that dies before its commit, takes its jobs along.
    """

    def __init__(self, outbox: Outbox, database: str) -> None:
        self.outbox = outbox
        self.database = database

    def put(
        self, jobs: Sequence[Job], *, at_front: bool = False, run_at: When | None = None
    ) -> Mapping[str, str]:
        """Take all jobs, in order. A unique job that is a duplicate is known as one at the commit only."""
        put = partial(self.outbox.put, list(jobs), at_front=at_front, run_at=run_at)
        if is_immediate() or not in_transaction(self.database):
            return put()
        transaction.on_commit(put, using=self.database)
        return {}

    def put_batch(self, batch: str, jobs: Sequence[Job], callback: Job | None) -> None:
        """Take all jobs, and the one that waits for them."""
        put = partial(self.outbox.put_batch, batch, list(jobs), callback)
        if is_immediate() or not in_transaction(self.database):
            put()
        else:
            transaction.on_commit(put, using=self.database)


def in_transaction(database: str) -> bool:
    """Whether the program has a transaction open. The one in which a `TestCase` runs each test is not its."""
    connection = connections[database]
    if connection.atomic_blocks:
        return not all(block._from_testcase for block in connection.atomic_blocks)
    # Without autocommit, and outside of `atomic`, the program commits by itself: Django has no hook for that.
    return False
