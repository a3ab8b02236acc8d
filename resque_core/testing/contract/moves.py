"""`queues.move`: waiting jobs wait on another queue instead, and stay what they are."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from resque_core.job import Entry
from resque_core.records import Idle, Reservation, Verdict
from resque_core.sequel import Leaving, Note, Sequel
from resque_core.storage import Storage
from resque_core.testing.contract.factories import LATER, ODD_TEXTS, an_entry, numbered
from resque_core.testing.contract.fixtures import OpenAnother
from resque_core.testing.contract.scenes import bury, hold, ids, join, let_lapse, snapshot, take
from resque_core.testing.contract.unique import a_claim, put


def test_moved_jobs_wait_at_the_tail_of_the_other_queue_in_their_order(storage: Storage) -> None:
    """In that of their queue, whatever the order of the ids; what does not wait there is left out."""
    storage.jobs.enqueue([*numbered(5), an_entry("images", id="first")])
    assert storage.queues.move("mail", "images", ["3", "nobody", "first", "1", "3"]) == 2
    assert ids(storage) == ["0", "2", "4"]
    assert ids(storage, "images") == ["first", "1", "3"]


def test_jobs_that_were_put_to_the_front_are_moved_in_the_order_of_reserving(storage: Storage) -> None:
    """At the other queue's tail they wait behind all that are there."""
    storage.jobs.enqueue([*numbered(2), an_entry("images", id="there")])
    storage.jobs.enqueue(numbered(2, start=2), at_front=True)
    storage.jobs.enqueue([an_entry("images", id="in front")], at_front=True)
    storage.jobs.release(take(storage, join(storage)))
    assert storage.queues.move("mail", "images", ["0", "1", "2", "3"]) == 4
    assert ids(storage, "images") == ["in front", "there", "2", "3", "0", "1"]
    storage.jobs.enqueue(numbered(1, "images", start=9))
    assert ids(storage, "images")[-2:] == ["1", "9"]


def test_both_queues_are_known_and_one_may_be_new(storage: Storage) -> None:
    """The one that was left is empty now, not gone."""
    storage.jobs.enqueue(numbered(2))
    assert storage.queues.move("mail", "new", ["0", "1"]) == 2
    assert [(info.name, info.size) for info in storage.queues.all()] == [("mail", 0), ("new", 2)]


def test_only_what_waits_on_that_queue_is_moved(storage: Storage) -> None:
    """What runs, is delayed, has failed, or waits elsewhere is not; and no queue becomes known."""
    running, failure = hold(storage), bury(storage)
    delayed, elsewhere = an_entry(), an_entry("elsewhere")
    storage.jobs.enqueue([delayed], run_at=LATER)
    storage.jobs.enqueue([an_entry(), elsewhere])
    before = snapshot(storage)
    given = [running.entry.id, failure.job_id, delayed.id, elsewhere.id, "nobody"]
    assert storage.queues.move("mail", "new", given) == 0
    assert storage.queues.move("unknown", "new", given) == 0
    assert storage.queues.move("mail", "new", []) == 0
    assert snapshot(storage) == before


def test_within_one_queue_nothing_moves(storage: Storage) -> None:
    """Else a call that is repeated would change the order again."""
    storage.jobs.enqueue(numbered(3))
    assert storage.queues.move("mail", "mail", ["0"]) == 0
    assert ids(storage) == ["0", "1", "2"]


def test_a_move_that_is_repeated_changes_nothing_more(storage: Storage) -> None:
    """The jobs are not where they were."""
    storage.jobs.enqueue([*numbered(3), an_entry("images")])
    storage.queues.move("mail", "images", ["0", "1"])
    before = snapshot(storage)
    assert storage.queues.move("mail", "images", ["0", "1"]) == 0
    assert snapshot(storage) == before


def test_a_moved_job_is_reserved_and_ended_where_it_waits(storage: Storage) -> None:
    """Under its id, with its bytes; then the id is free."""
    entry = an_entry()
    storage.jobs.enqueue([entry])
    storage.queues.move("mail", "images", [entry.id])
    assert storage.jobs.enqueue([entry]) == 0
    held = take(storage, join(storage), "mail", "images")
    assert held.entry == Entry(entry.id, "images", entry.payload)
    assert storage.jobs.complete(held)
    assert storage.jobs.enqueue([entry]) == 1


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_queue_and_id_of_a_moved_job_may_be_any_text(storage: Storage, text: str) -> None:
    """Of a payload that is no JSON, too."""
    storage.jobs.enqueue([Entry(text, f"from {text}", b"\xff{"), an_entry(f"from {text}")])
    assert storage.queues.move(f"from {text}", f"to {text}", [text]) == 1
    assert list(storage.queues.peek(f"to {text}", 0, 2)) == [Entry(text, f"to {text}", b"\xff{")]
    assert storage.queues.size(f"from {text}") == 1


def test_of_equal_jobs_the_one_that_is_meant_moves(storage: Storage) -> None:
    """Equal bytes under two ids are two jobs, on either queue."""
    same = [an_entry(payload=b'{"class":"Mail","args":[]}') for _ in range(3)]
    storage.jobs.enqueue(same)
    names = [entry.id for entry in same]
    assert storage.queues.move("mail", "images", [names[1]]) == 1
    assert (ids(storage), ids(storage, "images")) == ([names[0], names[2]], [names[1]])
    assert storage.queues.move("mail", "images", [names[2], names[0]]) == 2
    assert ids(storage, "images") == [names[1], names[0], names[2]]
    assert storage.queues.move("images", "mail", [names[0]]) == 1
    assert (ids(storage), ids(storage, "images")) == ([names[0]], [names[1], names[2]])


def test_jobs_are_moved_out_of_a_long_queue(storage: Storage) -> None:
    """From its head, its middle and its tail; the rest stays in order."""
    entries = [an_entry(id=f"job-{number}", payload=b'{"id":"job-%d"}' % number) for number in range(2500)]
    storage.jobs.enqueue(entries)
    moved = ["job-0", "job-1700", "job-2499"]
    assert storage.queues.move("mail", "images", moved[::-1]) == 3
    assert ids(storage, "images") == moved
    assert ids(storage) == [entry.id for entry in entries if entry.id not in moved]


def test_a_moved_job_holds_its_claim_until_it_has_ended(storage: Storage) -> None:
    """Its key is not free because it waits elsewhere."""
    entry = an_entry()
    put(storage, a_claim(), entry)
    storage.queues.move("mail", "images", [entry.id])
    storage.queues.clear("mail")
    assert put(storage, a_claim()) == entry.id
    storage.jobs.complete(take(storage, join(storage), "images"))
    assert put(storage, a_claim()) is None


def test_a_moved_job_keeps_its_rescues(storage: Storage) -> None:
    """A job that kills its workers does not begin anew by being moved."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    storage.queues.move("mail", "images", [held.entry.id])
    assert take(storage, join(storage), "images").rescues == 1


def test_the_age_of_a_moved_job_begins_anew(storage: Storage) -> None:
    """How long it has waited on another queue says nothing of this one."""
    storage.jobs.enqueue(numbered(1))
    time.sleep(1)
    moved_at = time.monotonic()
    storage.queues.move("mail", "images", ["0"])
    latency = storage.queues.latencies(["images"])["images"]
    assert latency < 0.9 + time.monotonic() - moved_at


def test_a_tracked_job_that_was_moved_waits_and_keeps_its_note(storage: Storage) -> None:
    """Who asks for it by its id sees no difference."""
    entry = an_entry()
    storage.records.open({entry.id: Note(b"about", seconds=600.0)})
    storage.jobs.enqueue([entry])
    storage.queues.move("mail", "images", [entry.id])
    standing = storage.records.read(entry.id)
    assert standing
    assert standing.place == "waiting"
    assert standing.note
    assert standing.note.about == b"about"


def test_a_moved_job_is_still_one_of_its_batch(storage: Storage) -> None:
    """It leaves with its end."""
    storage.batches.begin("batch", numbered(1), an_entry("end", id="last"))
    storage.queues.move("mail", "images", ["0"])
    storage.batches.mend()
    assert ids(storage, "end") == []
    storage.jobs.complete(take(storage, join(storage), "images"), Sequel(leaving=Leaving("batch")))
    assert ids(storage, "end") == ["last"]


def test_jobs_may_be_moved_to_and_from_a_queue_that_is_paused(storage: Storage) -> None:
    """A pause keeps jobs from workers only."""
    storage.jobs.enqueue(numbered(2))
    worker = join(storage)
    for queue in ("mail", "images"):
        storage.queues.pause(queue)
    assert storage.queues.move("mail", "images", ["0", "1"]) == 2
    assert isinstance(storage.jobs.reserve(["images"], worker, uuid4().hex), Idle)
    storage.queues.resume("images")
    assert take(storage, worker, "images").entry.id == "0"


def test_jobs_of_another_namespace_are_not_moved(
    storage: Storage, open_another: OpenAnother, namespace: str
) -> None:
    """Under the same id on the queue of the same name."""
    storage.jobs.enqueue(numbered(1))
    elsewhere = open_another(namespace + "2")
    elsewhere.prepare()
    assert elsewhere.queues.move("mail", "images", ["0"]) == 0
    assert ids(storage) == ["0"]


@pytest.mark.parametrize(
    "settle",
    [
        pytest.param(lambda storage, held: storage.jobs.release(held), id="release"),
        pytest.param(
            lambda storage, held: storage.jobs.reschedule(held, held.entry, timedelta()), id="reschedule"
        ),
    ],
)
def test_a_settlement_is_repeated_after_its_job_was_moved(
    storage: Storage, settle: Callable[[Storage, Reservation], bool]
) -> None:
    """Whoever sent it back is told so again, and the job stays where it is."""
    held = hold(storage)
    assert settle(storage, held)
    storage.queues.move("mail", "images", [held.entry.id])
    assert settle(storage, held)
    assert (ids(storage), ids(storage, "images")) == ([], [held.entry.id])
