"""The failed store: newest first, addressed by failure id."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any

from resque_core.claim import Claim
from resque_core.failure import EVERY_FAILURE, Failure, FailureFilter, host_of
from resque_core.keeping import TRIMMED_AT_ONCE, Keeping
from resque_core.leafing import leaf_through
from resque_sqlite import claims, queues
from resque_sqlite.columns import read_moment, read_text, read_texts
from resque_sqlite.connection import Connection
from resque_sqlite.emptying import delete_all
from resque_sqlite.paging import window
from resque_sqlite.queries import load
from resque_sqlite.session import Row, Session

SQL = load("failures")
#: So many jobs are put back in one transaction: nobody else writes meanwhile.
AT_ONCE = 100


class SqliteFailures:
    """`Failures` on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def indexed(self) -> bool:
        """Yes."""
        return True

    def peek(self, start: int = 0, count: int = 1, which: FailureFilter = EVERY_FAILURE) -> Sequence[Failure]:
        """Up to `count` matching failures from index `start`, newest first."""
        statement, values = _filtered("peek", which)
        with self._connection.reading() as session:
            return [_failure(row) for row in session.rows(statement, **values, **window(start, count))]

    def count(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """How many match."""
        statement, values = _filtered("count", which)
        with self._connection.reading() as session:
            return int(session.rows(statement, **values)[0][0])

    def get(self, failure_id: str, *, quick: bool = False) -> Failure | None:  # noqa: ARG002
        """The failure with this id: always quick."""
        with self._connection.reading() as session:
            for row in session.rows(SQL["get"], id=failure_id):
                return _failure(row)
        return None

    def each(self, which: FailureFilter = EVERY_FAILURE) -> Iterator[Failure]:
        """All that match, newest first, read some at a time."""
        return leaf_through(self, which)

    def requeue(
        self,
        claims: Mapping[str, Claim | None],
        *,
        queue: str | None = None,
        keep: bool = False,
        again: bool = False,
    ) -> Sequence[str]:
        """Append their jobs to a queue; the failures go, or stay marked with `keep`."""
        moved: list[str] = []
        rest = iter(claims.items())
        while some := list(islice(rest, AT_ONCE)):
            with self._connection.writing() as session:
                values = {"queue": queue, "again": again}
                moved += [key for key, claim in some if _requeue(session, key, claim, values, keep=keep)]
        return moved

    def remove(self, failure_ids: Sequence[str]) -> Sequence[str]:
        """Delete these; the ids of those that were there."""
        with self._connection.writing() as session:
            return [key for key in failure_ids if session.change(SQL["remove"], id=key)]

    def clear(self, which: FailureFilter = EVERY_FAILURE) -> int:
        """Delete all that match now, in steps; return how many."""
        statement, values = _filtered("clear", which)
        return delete_all(
            self._connection,
            "failures",
            lambda session, limits: session.change(statement, **values, **limits),
        )

    def sort(self) -> int:
        """There is one table, and no list that a failure could be moved to."""
        return 0


def _requeue(
    session: Session, failure_id: str, claim: Claim | None, values: Mapping[str, object], *, keep: bool
) -> bool:
    if claim and _is_held_by_another(session, failure_id, claim):
        return False
    rows = session.rows(SQL["requeue"], id=failure_id, **values)
    for job, taken in rows:
        queues.know(session, taken)
        session.change(SQL["mark" if keep else "remove"], id=failure_id)
        if claim:
            claims.hold(session, job, claim)
    return bool(rows)


def _is_held_by_another(session: Session, failure_id: str, claim: Claim) -> bool:
    jobs = session.rows(SQL["job"], id=failure_id)
    return any(claims.holder(session, job, claim) for (job,) in jobs)


def store(session: Session, failure: Failure) -> None:
    """Add the failure to the failed store."""
    session.change(
        SQL["store"],
        id=failure.id,
        job_id=failure.job_id,
        queue=failure.queue,
        name=failure.name,
        payload=failure.payload,
        exception=failure.exception,
        kind=_last_part(failure.exception),
        error=failure.error,
        backtrace=json.dumps(failure.backtrace),
        worker=failure.worker,
        host=host_of(failure.worker),
        failed_at=failure.failed_at.timestamp(),
        retried_at=failure.retried_at.timestamp() if failure.retried_at else None,
    )


def trim(session: Session, keeping: Keeping) -> None:
    """Delete what is more, or older, than is to be kept: from the old end, and not too many at once."""
    if not keeping.trims:
        return
    # One step back from the newest for each that is kept, however many there are.
    beyond = session.rows(SQL["newest_beyond"], most=keeping.most) if keeping.most is not None else []
    last = beyond[0][0] if beyond else -1
    oldest = session.rows(SQL["oldest"], age=keeping.age, limit=TRIMMED_AT_ONCE)
    too_much = (number <= last or is_too_old for number, is_too_old in oldest)
    if gone := sum(1 for _ in takewhile(bool, too_much)):
        session.change(SQL["remove_oldest"], number=oldest[gone - 1][0])


def _failure(row: Row) -> Failure:
    job_failure, job, queue, name, payload, exception, error, backtrace, worker, failed_at, retried_at = row
    return Failure(
        id=job_failure,
        job_id=job,
        queue=queue,
        name=name,
        payload=payload,
        exception=read_text(exception),
        error=read_text(error),
        backtrace=read_texts(backtrace),
        worker=read_text(worker),
        failed_at=read_moment(failed_at),
        retried_at=None if retried_at is None else read_moment(retried_at),
    )


def _filtered(name: str, which: FailureFilter) -> tuple[str, dict[str, Any]]:
    """The statement with the conditions that `which` sets, and only these: so each can use its index."""
    conditions, values = _conditions(which)
    return SQL[name].replace("{filter}", " ".join(SQL[condition] for condition in conditions)), values


def _conditions(which: FailureFilter) -> tuple[list[str], dict[str, Any]]:
    conditions = []
    values: dict[str, Any] = {}
    if which.exception is not None:
        # A name without a dot can only be a last part, one with a dot only a full name.
        conditions.append("only_exception" if "." in which.exception else "only_kind")
        values |= {"exception": which.exception, "kind": _last_part(which.exception)}
    for field in ("name", "queue"):
        if getattr(which, field) is not None:
            conditions.append(f"only_{field}")
            values[field] = getattr(which, field)
    if which.worker is not None:
        conditions.append("only_worker")
        values |= {"worker": which.worker, "host": host_of(which.worker)}
    for field in ("since", "until"):
        if getattr(which, field) is not None:
            conditions.append(f"only_{field}")
            values[field] = getattr(which, field).timestamp()
    if which.retried is not None:
        conditions.append("only_retried" if which.retried else "only_unretried")
    return conditions, values


def _last_part(exception: str) -> str:
    return exception.rpartition(".")[2]
