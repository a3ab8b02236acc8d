"""`records`, and `jobs.cancel`: where a job is, what is noted beside it, and that it can be taken away."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from resque_core.claim import Claim
from resque_core.job import Entry
from resque_core.records import Standing, Verdict
from resque_core.sequel import Note
from resque_core.storage import Storage
from resque_core.testing.contract.factories import LATER, ODD_TEXTS, a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import (
    delayed_ids,
    hold,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
    until,
)

RAW = b'{"a":"\xc3\xa9"}\x00\xff5:x'
NOTE = Note(b"about", b"latest", b"end")


def texts(storage: Storage, job: str) -> tuple[bytes, bytes, bytes] | None:
    """What is noted beside the job."""
    standing = storage.records.read(job)
    note = standing.note if standing else None
    return (note.about, note.latest, note.end) if note else None


def place(storage: Storage, job: str) -> str | None:
    """Where the job is."""
    standing = storage.records.read(job)
    return standing.place if standing else None


def test_what_nobody_knows_of_has_no_standing(storage: Storage) -> None:
    """Nor is asking an error."""
    assert storage.records.read("unknown") is None


def test_a_job_stands_where_it_is_whether_it_has_a_note_or_none(storage: Storage) -> None:
    """From its enqueueing to its end."""
    waiting, held = an_entry(), hold(storage)
    storage.jobs.enqueue([waiting])
    assert storage.records.read(waiting.id) == Standing("waiting")
    assert storage.records.read(held.entry.id) == Standing("running", reservation=held)
    storage.jobs.release(held)
    assert place(storage, held.entry.id) == "waiting"
    storage.jobs.complete(take(storage, held.worker))
    assert place(storage, held.entry.id) is None


def test_a_delayed_job_stands_with_the_time_at_which_it_is_due(storage: Storage) -> None:
    """In whole milliseconds at least."""
    due = LATER + timedelta(milliseconds=250)
    entry = an_entry()
    storage.jobs.enqueue([entry], run_at=due)
    assert storage.records.read(entry.id) == Standing("delayed", run_at=due)
    storage.schedule.promote_now([entry.id])
    assert storage.records.read(entry.id) == Standing("waiting")


@pytest.mark.parametrize("job", ODD_TEXTS, ids=ascii)
def test_a_note_is_kept_byte_for_byte_under_any_id(storage: Storage, job: str) -> None:
    """Whoever wrote it reads it."""
    storage.records.open({job: Note(RAW, b"", RAW)})
    assert texts(storage, job) == (RAW, b"", RAW)
    assert place(storage, job) == "gone"


def test_a_note_that_is_there_is_not_opened_again(storage: Storage) -> None:
    """A job may have begun before its enqueuer comes to say what it is."""
    storage.records.open({"1": Note(b"first"), "2": Note(b"second")})
    storage.records.open({"1": Note(b"other", b"new"), "3": Note(b"third")})
    assert [texts(storage, job) for job in "123"] == [
        (b"first", b"", b""),
        (b"second", b"", b""),
        (b"third", b"", b""),
    ]
    storage.records.open({})


def test_an_empty_text_leaves_what_was_noted(storage: Storage) -> None:
    """Each of the three is written by somebody else."""
    held = hold(storage)
    storage.records.open({held.entry.id: Note(b"about")})
    assert storage.records.write(held, Note(latest=b"half"))
    assert storage.records.write(held, Note(latest=b"all", end=b"end"))
    assert texts(storage, held.entry.id) == (b"about", b"all", b"end")


def test_a_job_that_nobody_opened_a_note_for_gets_one_when_it_is_written(storage: Storage) -> None:
    """The enqueuer may have died in between."""
    held = hold(storage)
    assert storage.records.write(held, Note(latest=b"half"))
    assert texts(storage, held.entry.id) == (b"", b"half", b"")


def test_a_stale_token_writes_nothing(storage: Storage) -> None:
    """The job is somebody else's."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    assert not storage.records.write(held, NOTE)
    take(storage, join(storage))
    assert not storage.records.write(held, NOTE)
    assert texts(storage, held.entry.id) is None


def test_a_note_is_gone_when_its_time_is_over_and_may_be_opened_anew(storage: Storage) -> None:
    """By the store's clock. Each write begins its time again."""
    held = hold(storage)
    storage.records.open({held.entry.id: Note(b"short", seconds=0.05), "other": Note(b"long")})
    until(lambda: texts(storage, held.entry.id) is None)
    assert storage.records.read(held.entry.id) == Standing("running", reservation=held)
    storage.records.open({held.entry.id: Note(b"again", seconds=0.2)})
    storage.records.write(held, Note(latest=b"half"))
    until(lambda: datetime.now(UTC) > (held.reserved_at or LATER) + timedelta(seconds=0.6))
    assert texts(storage, held.entry.id) == (b"again", b"half", b"")
    assert texts(storage, "other") == (b"long", b"", b"")


def test_notes_of_one_namespace_are_none_of_another(storage: Storage, neighbour: Storage) -> None:
    """Nor are its jobs."""
    entry = an_entry()
    storage.jobs.enqueue([entry])
    storage.records.open({entry.id: NOTE})
    assert neighbour.records.read(entry.id) is None
    assert not neighbour.jobs.cancel(entry.id)
    assert ids(storage) == [entry.id]


@pytest.mark.parametrize("delete", ["pop", "dequeue", "clear", "remove", "cancel"])
def test_the_note_of_a_job_that_was_deleted_tells_that_there_was_one(storage: Storage, delete: str) -> None:
    """It stands nowhere, and it has no end."""
    entry = an_entry()
    storage.jobs.enqueue([entry])
    storage.records.open({entry.id: Note(b"about")})
    ways: dict[str, Callable[[], object]] = {
        "pop": lambda: storage.queues.pop("mail"),
        "dequeue": lambda: storage.queues.dequeue("mail", lambda _payload: True),
        "clear": lambda: storage.queues.clear("mail"),
        "remove": lambda: storage.queues.remove("mail"),
        "cancel": lambda: storage.jobs.cancel(entry.id),
    }
    ways[delete]()
    assert storage.records.read(entry.id) == Standing("gone", Note(b"about", seconds=Note().seconds))


def test_cancel_takes_one_job_out_of_its_queue(storage: Storage) -> None:
    """From among others that say the same, in their order."""
    same = [Entry(name, "mail", b'{"class":"Same","args":[]}') for name in ("a", "b", "c")]
    storage.jobs.enqueue([*numbered(2), *same, *numbered(2, start=2)])
    assert storage.jobs.cancel("b")
    assert storage.jobs.cancel("1")
    assert ids(storage) == ["0", "a", "c", "2", "3"]
    assert not storage.jobs.cancel("b")
    assert storage.jobs.enqueue(same) == 1


def test_cancel_takes_a_job_out_of_a_long_queue(storage: Storage) -> None:
    """Wherever it waits."""
    storage.jobs.enqueue([an_entry(id=f"job-{number}") for number in range(2100)])
    assert storage.jobs.cancel("job-2050")
    assert storage.queues.size("mail") == 2099
    assert "job-2050" not in ids(storage)


def test_cancel_takes_a_job_out_of_the_delayed_ones(storage: Storage) -> None:
    """And no other of the same second."""
    storage.jobs.enqueue(numbered(3), run_at=LATER)
    assert storage.jobs.cancel("1")
    assert not storage.jobs.cancel("1")
    assert sorted(delayed_ids(storage)) == ["0", "2"]


def test_cancel_leaves_running_jobs_and_unknown_ones_alone(storage: Storage) -> None:
    """Their workers have to end them."""
    held = hold(storage)
    before = snapshot(storage)
    assert not storage.jobs.cancel(held.entry.id)
    assert not storage.jobs.cancel("unknown")
    assert snapshot(storage) == before
    assert storage.jobs.complete(held)


@pytest.mark.parametrize("run_at", [None, LATER])
def test_a_cancelled_job_holds_no_claim(storage: Storage, run_at: datetime | None) -> None:
    """Another may come at once."""
    first, second = an_entry(), an_entry()
    claim = Claim("key", "done")
    storage.jobs.enqueue_unique([first], [claim], run_at=run_at)
    storage.jobs.cancel(first.id)
    assert storage.jobs.enqueue_unique([second], [claim]) == {}


def test_a_failed_job_stands_nowhere_until_it_is_requeued(storage: Storage) -> None:
    """Its note says how it ended; then it waits again."""
    held = hold(storage)
    failure = a_failure(held)
    storage.records.write(held, NOTE)
    storage.jobs.fail(held, failure)
    assert place(storage, held.entry.id) == "gone"
    storage.failures.requeue({failure.id: None})
    assert place(storage, held.entry.id) == "waiting"
