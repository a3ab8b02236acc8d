"""`jobs.admit` and `jobs.wake`: so many jobs of a kind run at once, and the others wait."""

from collections.abc import Callable

import pytest

from resque_core.claim import Claim
from resque_core.job import Entry
from resque_core.limit import Limit
from resque_core.records import Reservation, Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, a_failure, an_entry
from resque_core.testing.contract.reschedule import AT_ONCE, LATER
from resque_core.testing.contract.scenes import (
    LONG,
    counted,
    delayed_ids,
    hold,
    ids,
    join,
    let_lapse,
    snapshot,
    take,
    until,
)

ONE, TWO = Limit("key", 1), Limit("key", 2)

#: Each way in which a job leaves the hands of its worker.
ENDS: dict[str, Callable[[Storage, Reservation], object]] = {
    "complete": lambda storage, held: storage.jobs.complete(held),
    "complete and reserve": lambda storage, held: storage.jobs.complete_and_reserve(held, ["none"], "next"),
    "fail": lambda storage, held: storage.jobs.fail(held, a_failure(held)),
    "reschedule": lambda storage, held: storage.jobs.reschedule(held, held.entry, AT_ONCE),
    "release": lambda storage, held: storage.jobs.release(held),
    "sweep": lambda storage, held: storage.workers.sweep(let_lapse(storage, held.worker), Verdict()),
    "sweep to the failed store": lambda storage, held: storage.workers.sweep(
        let_lapse(storage, held.worker), Verdict(a_failure(held))
    ),
}


def run(storage: Storage, limit: Limit = ONE, entry: Entry | None = None) -> Reservation:
    """A job that has a slot, in the hands of a new worker."""
    held = hold(storage, entry)
    assert storage.jobs.admit(held, limit, LONG)
    return held


def turn_away(storage: Storage, limit: Limit = ONE, entry: Entry | None = None) -> Reservation:
    """A job that got no slot; what its worker held."""
    held = hold(storage, entry)
    assert not storage.jobs.admit(held, limit, LONG)
    return held


def test_a_job_without_a_slot_is_delayed_and_no_other_is_held_up(storage: Storage) -> None:
    """Its worker takes the next one; nothing is counted."""
    run(storage)
    away = turn_away(storage)
    assert delayed_ids(storage) == [away.entry.id]
    other = an_entry()
    storage.jobs.enqueue([other])
    assert take(storage, away.worker).entry == other
    assert counted(storage) == (0, 0)


def test_so_many_as_the_limit_says_run_at_once(storage: Storage) -> None:
    """And not one more."""
    run(storage, TWO)
    run(storage, TWO)
    turn_away(storage, TWO)


def test_limits_with_other_keys_are_counted_apart(storage: Storage, neighbour: Storage) -> None:
    """As are those of other namespaces."""
    run(storage)
    run(storage, Limit("other", 1))
    run(neighbour)


@pytest.mark.parametrize("way", ENDS)
def test_every_end_of_a_reservation_gives_its_slot_back(storage: Storage, way: str) -> None:
    """No lock of a dead worker is left behind, and none has to expire."""
    held = run(storage)
    ENDS[way](storage, held)
    storage.queues.clear("mail")
    run(storage)


def test_a_job_that_went_back_has_no_slot_until_it_is_admitted_again(storage: Storage) -> None:
    """Another may be quicker."""
    first = run(storage)
    storage.jobs.release(first)
    again = take(storage, join(storage))
    run(storage)
    assert not storage.jobs.admit(again, ONE, LONG)


def test_an_admission_that_is_repeated_takes_one_slot(storage: Storage) -> None:
    """Its reply was lost."""
    held = run(storage, TWO)
    assert storage.jobs.admit(held, TWO, LONG)
    run(storage, TWO)
    assert storage.jobs.admit(held, TWO, LONG)


def test_a_job_that_was_turned_away_is_not_held_any_more(storage: Storage) -> None:
    """Asked again, or settled, nothing changes."""
    run(storage)
    away = turn_away(storage)
    before = snapshot(storage)
    assert not storage.jobs.admit(away, ONE, LONG)
    assert not storage.jobs.complete(away)
    assert snapshot(storage) == before


def test_a_stale_token_takes_no_slot(storage: Storage) -> None:
    """A worker that was swept meanwhile: the job is where the sweep has put it."""
    held = hold(storage)
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    assert not storage.jobs.admit(held, ONE, LONG)
    assert ids(storage) == [held.entry.id]
    assert delayed_ids(storage) == []
    run(storage, entry=an_entry("images"))


def test_a_job_that_waits_for_a_slot_may_be_woken_and_is_the_head_then(storage: Storage) -> None:
    """The first first; unknown, few would look for its queue."""
    run(storage)
    away = [turn_away(storage) for _ in range(2)]
    storage.queues.remove("mail")
    storage.jobs.enqueue([an_entry(id="behind")])
    for expected in away:
        assert storage.jobs.wake("key")
        assert ids(storage)[0] == expected.entry.id
    assert not storage.jobs.wake("key")
    assert "mail" in [queue.name for queue in storage.queues.all()]
    assert delayed_ids(storage) == []


def test_only_who_waits_for_that_slot_is_woken(storage: Storage, neighbour: Storage) -> None:
    """Not who is delayed for another reason, an earlier wait of its own among them."""
    run(storage)
    away = turn_away(storage)
    storage.schedule.promote_now([away.entry.id])
    held = take(storage, join(storage))
    storage.jobs.reschedule(held, held.entry, LATER)
    assert not storage.jobs.wake("key")
    assert not storage.jobs.wake("other")
    assert not neighbour.jobs.wake("key")
    assert delayed_ids(storage) == [away.entry.id]


def test_nobody_has_to_wake_it(storage: Storage) -> None:
    """Whoever should have, may have died: it asks again by itself."""
    run(storage)
    held = hold(storage)
    assert not storage.jobs.admit(held, ONE, 0.05)
    until(lambda: storage.schedule.promote().count)
    assert ids(storage) == [held.entry.id]


@pytest.mark.parametrize("woken", [False, True])
def test_a_job_keeps_its_rescues_and_its_claim_while_it_waits(storage: Storage, woken: bool) -> None:
    """Else one that kills its workers would go on for ever."""
    run(storage, entry=an_entry("images"))
    entry, claim = an_entry(), Claim("unique", "done")
    storage.jobs.enqueue_unique([entry], [claim])
    storage.workers.sweep(let_lapse(storage, take(storage, join(storage)).worker), Verdict())
    held = take(storage, join(storage))
    assert not storage.jobs.admit(held, ONE, LONG)
    other = an_entry()
    assert storage.jobs.enqueue_unique([other], [claim]) == {other.id: entry.id}
    assert storage.jobs.wake("key") if woken else storage.schedule.promote_now([entry.id])
    again = take(storage, join(storage))
    assert (again.entry, again.rescues) == (entry, 1)


@pytest.mark.parametrize("key", ODD_TEXTS, ids=ascii)
def test_the_key_of_a_limit_may_be_any_text(storage: Storage, key: str) -> None:
    """It is compared as it is."""
    run(storage, Limit(key, 1))
    away = turn_away(storage, Limit(key, 1))
    assert storage.jobs.wake(key)
    assert ids(storage) == [away.entry.id]


def test_a_job_that_waits_for_a_slot_can_be_deleted(storage: Storage) -> None:
    """And then nobody is woken for it."""
    run(storage)
    first, second = turn_away(storage), turn_away(storage)
    assert storage.jobs.cancel(first.entry.id)
    assert storage.jobs.wake("key")
    assert ids(storage) == [second.entry.id]
