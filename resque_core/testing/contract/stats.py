"""`stats`: named counters and their history by the minute and by the day."""

from datetime import UTC, datetime, timedelta

import pytest

from resque_core.records import Verdict
from resque_core.storage import Grain, Storage
from resque_core.testing.contract.factories import ODD_TEXTS, a_failure
from resque_core.testing.contract.scenes import bury, hold, join, let_lapse

LENGTHS = {"minute": timedelta(minutes=1), "day": timedelta(days=1)}

grains = pytest.mark.parametrize("grain", ["minute", "day"])


def lately(storage: Storage, name: str, grain: Grain = "minute") -> int:
    """What was counted in this bucket and the one before, in case the clock just struck."""
    return sum(bucket.value for bucket in storage.stats.history(name, grain, 2))


def test_a_counter_adds_up(storage: Storage) -> None:
    """By one unless told otherwise; each under its own name."""
    storage.stats.increment("mails")
    storage.stats.increment("mails", by=41)
    storage.stats.increment("images", by=3)
    assert dict(storage.stats.all()) == {"mails": 42, "images": 3}


def test_a_new_store_has_no_counters(storage: Storage) -> None:
    """None was ever incremented."""
    assert dict(storage.stats.all()) == {}


@pytest.mark.parametrize("name", ODD_TEXTS, ids=ascii)
def test_a_counter_may_have_any_name(storage: Storage, name: str) -> None:
    """Names are made of queues and classes."""
    storage.stats.increment(name)
    assert dict(storage.stats.all()) == {name: 1}
    assert lately(storage, name) == 1
    storage.stats.clear(name)
    assert dict(storage.stats.all()) == {}


def test_a_counter_may_grow_large(storage: Storage) -> None:
    """Beyond 32 bits."""
    storage.stats.increment("bytes", by=2**40)
    storage.stats.increment("bytes", by=2**40)
    assert storage.stats.all()["bytes"] == 2**41


def test_a_cleared_counter_begins_anew(storage: Storage) -> None:
    """The others stay; clearing what is not there is no error."""
    storage.stats.increment("mails")
    storage.stats.increment("images")
    storage.stats.clear("mails")
    storage.stats.clear("nothing")
    assert dict(storage.stats.all()) == {"images": 1}
    storage.stats.increment("mails")
    assert storage.stats.all()["mails"] == 1


@grains
def test_a_cleared_counter_keeps_its_history(storage: Storage, grain: Grain) -> None:
    """What happened then, happened."""
    storage.stats.increment("mails", by=5)
    storage.stats.clear("mails")
    assert lately(storage, "mails", grain) == 5


@grains
def test_history_ends_now_and_leaves_nothing_out(storage: Storage, grain: Grain) -> None:
    """As many buckets as were asked for, oldest first, one after the other, zeros included."""
    storage.stats.increment("mails")
    length = LENGTHS[grain]
    buckets = storage.stats.history("mails", grain, 5)
    starts = [bucket.start for bucket in buckets]
    assert starts == [starts[0] + number * length for number in range(5)]
    now = datetime.fromtimestamp(storage.workers.beat(join(storage), 60).now, UTC)
    assert starts[-1] <= now < starts[-1] + 2 * length
    assert [bucket.value for bucket in buckets[:3]] == [0, 0, 0]


@grains
def test_buckets_begin_where_minutes_and_days_begin(storage: Storage, grain: Grain) -> None:
    """In UTC, whatever the machine's time zone."""
    for bucket in storage.stats.history("mails", grain, 3):
        assert bucket.start.utcoffset() == timedelta(0)
        assert bucket.start.timestamp() % LENGTHS[grain].total_seconds() == 0


@grains
def test_history_adds_up_to_the_counter(storage: Storage, grain: Grain) -> None:
    """Each increment is in its minute and in its day, under its own name."""
    storage.stats.increment("mails", by=2)
    storage.stats.increment("mails", by=3)
    storage.stats.increment("images")
    assert lately(storage, "mails", grain) == 5


@grains
def test_an_unknown_counter_has_a_history_of_zeros(storage: Storage, grain: Grain) -> None:
    """Missing is not an error, and asking makes no counter."""
    assert [bucket.value for bucket in storage.stats.history("nothing", grain, 3)] == [0, 0, 0]
    assert dict(storage.stats.all()) == {}


@grains
def test_settlements_are_in_the_history(storage: Storage, grain: Grain) -> None:
    """A completed and a failed job are two processed and one failed; a release is nothing."""
    storage.jobs.complete(hold(storage))
    storage.jobs.release(hold(storage))
    bury(storage)
    assert lately(storage, "processed", grain) == 2
    assert lately(storage, "failed", grain) == 1


@grains
def test_a_job_that_a_sweep_gave_up_is_in_the_history(storage: Storage, grain: Grain) -> None:
    """It counts as processed and failed; a rescue counts nothing."""
    rescued, given_up = hold(storage), hold(storage)
    storage.workers.sweep(let_lapse(storage, rescued.worker), Verdict())
    storage.workers.sweep(let_lapse(storage, given_up.worker), Verdict(a_failure(given_up)))
    assert lately(storage, "processed", grain) == 1
    assert lately(storage, "failed", grain) == 1


def test_the_counters_of_settlements_can_be_cleared(storage: Storage) -> None:
    """They are counters like others; the workers' own counts stay."""
    held = hold(storage)
    storage.jobs.complete(held)
    storage.stats.clear("processed")
    assert storage.stats.all().get("processed", 0) == 0
    assert storage.workers.all()[0].processed == 1
