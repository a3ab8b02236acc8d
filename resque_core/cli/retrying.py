"""`resque failures retry`, `remove`, `clear` and `sort`: what becomes of failed jobs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated, Literal

import typer

from resque_core.cli.complaint import FAILED
from resque_core.cli.options import StoreOptions, option
from resque_core.cli.render import count, note, print_text, progress
from resque_core.cli.store import opened
from resque_core.cli.which import WhichOptions
from resque_core.client import Resque
from resque_core.clock import utc_now
from resque_core.display import one_line
from resque_core.errors import SettingsError

#: So many of all that match are retried at once.
AT_ONCE = 100
#: What became of a failure that was to be retried.
Outcome = Literal["retried", "gone", "refused"]

FailureIds = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", show_default=False, help="Ids, as `resque failures list` shows them."),
]


@dataclass(frozen=True, kw_only=True)
class AllOption:
    """Whether every failure is meant that matches the filters."""

    all: Annotated[bool, option("--all", help="Every failure that matches the filters.")] = False


@dataclass(frozen=True, kw_only=True)
class RetryOptions(AllOption):
    """How to retry."""

    to_queue: Annotated[
        str | None, option("--to-queue", metavar="NAME", help="To this queue instead of the one it was on.")
    ] = None
    keep: Annotated[bool, option("--keep", help="Keep the failure, marked as retried.")] = False
    again: Annotated[bool, option("--again", help="Also those that were retried before.")] = False


def retry(how: RetryOptions, which: WhichOptions, store: StoreOptions, ids: FailureIds = None) -> None:
    """Put failed jobs back on their queues.

    \b
    Examples:
      resque failures retry 1f2e3d4c5b6a79881f2e3d4c5b6a7988
      resque failures retry --all --exception Timeout --since 2h
      resque failures retry --all --to-queue slow --keep
    """
    _check_choice(ids, how, which)
    with opened(store) as resque:
        if ids:
            outcomes = Counter(_retry(resque, failure_id, how) for failure_id in ids)
        else:
            outcomes = Counter(_retry_all(resque, which, how))
    _report(outcomes)
    if ids and outcomes["retried"] < len(ids):
        raise typer.Exit(FAILED)


def remove(every: AllOption, which: WhichOptions, store: StoreOptions, ids: FailureIds = None) -> None:
    """Delete failed jobs for good.

    \b
    Examples:
      resque failures remove 1f2e3d4c5b6a79881f2e3d4c5b6a7988
      resque failures remove --all --class Mailer --until 7d
    """
    _check_choice(ids, every, which)
    if not ids:
        _clear(which, store)
        return
    with opened(store) as resque:
        removed = sum(resque.failures.remove(failure_id) for failure_id in ids)
    print_text(f"{removed} removed, {len(ids) - removed} already gone")
    if removed < len(ids):
        raise typer.Exit(FAILED)


def clear(every: AllOption, which: WhichOptions, store: StoreOptions) -> None:
    """Delete every failed job that matches the filters, for good. Needs --all.

    \b
    Examples:
      resque failures clear --all
      resque failures clear --all --queue mail --until 30d
    """
    _check_choice(None, every, which)
    _clear(which, store)


def sort(store: StoreOptions) -> None:
    """Move failures from the one list to a list for each queue, for workers with redis_multi_queue.

    Only Redis has lists. What the other commands show stays the same.

    \b
    Examples:
      resque failures sort
    """
    with opened(store) as resque:
        moved = resque.failures.sort()
    print_text(f"{count(moved, 'failure')} moved to the lists of their queues")


def _check_choice(ids: list[str] | None, every: AllOption, which: WhichOptions) -> None:
    if ids and (every.all or not which.empty):
        raise SettingsError("Name failures by id, or choose them with --all and filters; not both.")
    if not ids and not every.all:
        raise SettingsError("Which failures? Name their ids, or write --all for all that the filters match.")


def _clear(which: WhichOptions, store: StoreOptions) -> None:
    chosen = which.chosen()
    with opened(store) as resque:
        print_text(f"{count(resque.failures.clear(chosen), 'failure')} removed")


def _retry_all(resque: Resque, which: WhichOptions, how: RetryOptions) -> Iterator[Outcome]:
    chosen = which.chosen(retried=None if how.again else False)
    # Without an end, jobs that fail again at once would be retried for ever.
    chosen = replace(chosen, until=chosen.until or utc_now())
    total = resque.failures.count(chosen)
    rest = iter(progress(resque.failures.each(chosen), total, "Retrying"))
    while some := list(islice(rest, AT_ONCE)):
        done = resque.failures.requeue_many(some, how.to_queue, keep=how.keep, again=how.again)
        others = {failure.id for failure in some}.difference(done)
        for _ in done:
            yield "retried"
        yield from (_refused(resque, failure_id) for failure_id in others)


def _retry(resque: Resque, failure_id: str, how: RetryOptions) -> Outcome:
    if resque.failures.requeue(failure_id, queue=how.to_queue, keep=how.keep, again=how.again):
        return "retried"
    return _refused(resque, failure_id)


def _refused(resque: Resque, failure_id: str) -> Outcome:
    if resque.failures.get(failure_id) is None:
        note(f"{one_line(failure_id)}: there is no such failure (any more)")
        return "gone"
    note(f"{one_line(failure_id)}: its job waits or runs already, or it was retried before (--again)")
    return "refused"


def _report(outcomes: Counter[Outcome]) -> None:
    print_text(
        f"{outcomes['retried']} retried, {outcomes['gone']} already gone, {outcomes['refused']} not retryable"
    )
