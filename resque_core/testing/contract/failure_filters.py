"""`FailureFilter`: which failures `peek`, `count` and `clear` mean."""

import pytest

from resque_core.failure import FailureFilter
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS, minutes_later
from resque_core.testing.contract.scenes import bury, every_failure


def meant(storage: Storage, which: FailureFilter) -> list[str]:
    """The errors of the failures that `which` means; `peek` and `count` must agree on them."""
    found = [failure.error for failure in storage.failures.peek(0, 100, which)]
    assert storage.failures.count(which) == len(found)
    return found


@pytest.mark.parametrize("exception", ["app.errors.Refused", "Refused"])
def test_an_exception_is_named_in_full_or_by_its_last_part(storage: Storage, exception: str) -> None:
    """People remember the class, not where it lives."""
    bury(storage, error="yes", exception="app.errors.Refused")
    bury(storage, error="no", exception="app.errors.NotRefused")
    bury(storage, error="no", exception="Refused.Really")
    assert meant(storage, FailureFilter(exception=exception)) == ["yes"]


@pytest.mark.parametrize(
    "exception", ["errors.Refused", "app", "efused", "refused", "%", "_efused", ".*", "R?fused", "", "."]
)
def test_no_other_part_or_pattern_of_an_exception_matches(storage: Storage, exception: str) -> None:
    """Least of all what a query language takes for a wildcard."""
    bury(storage, exception="app.errors.Refused")
    bury(storage, exception="Refused")
    assert meant(storage, FailureFilter(exception=exception)) == []


def test_an_exception_without_a_module_is_matched_by_its_name(storage: Storage) -> None:
    """Its last part is all of it."""
    bury(storage, error="yes", exception="ValueError")
    assert meant(storage, FailureFilter(exception="ValueError")) == ["yes"]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ascii)
def test_names_are_compared_as_they_are(storage: Storage, text: str) -> None:
    """Odd text matches itself, and nothing else matches it."""
    bury(storage, error="yes", name=text, queue=text)
    bury(storage, error="no", name="a:b,cd", queue="failed ")
    assert meant(storage, FailureFilter(name=text)) == ["yes"]
    assert meant(storage, FailureFilter(queue=text)) == ["yes"]


def test_failures_of_one_class_are_meant_by_its_name(storage: Storage) -> None:
    """Exactly, upper and lower case included; a job without a name has the empty one."""
    bury(storage, error="mail", name="Mail")
    bury(storage, error="mails", name="Mails")
    bury(storage, error="nameless", name="")
    assert meant(storage, FailureFilter(name="Mail")) == ["mail"]
    assert meant(storage, FailureFilter(name="mail")) == []
    assert meant(storage, FailureFilter(name="")) == ["nameless"]


def test_failures_of_one_queue_are_meant_by_its_name(storage: Storage) -> None:
    """The queue that the job came from."""
    bury(storage, error="mail", queue="mail")
    bury(storage, error="images", queue="images")
    assert meant(storage, FailureFilter(queue="images")) == ["images"]


@pytest.mark.parametrize("worker", ["web-1", "web-1+1a2b:7:mail", "web-1:7:mail"])
def test_failures_of_one_machine_or_one_worker_are_meant_by_its_name(storage: Storage, worker: str) -> None:
    """A worker's id begins with its machine; no other beginning of an id names one."""
    ids = ("web-1+1a2b:7:mail", "web-1:7:mail", "web-10+1a2b:7:mail", "web-2+1a2b:7:web-1", "web-1", "")
    for number, one in enumerate(ids):
        bury(storage, error=str(number), worker=one)
    expected = ["4", "1", "0"] if worker == "web-1" else [str(ids.index(worker))]
    assert meant(storage, FailureFilter(worker=worker)) == expected
    assert meant(storage, FailureFilter(worker="web-")) == []
    assert meant(storage, FailureFilter(worker="web-1+")) == []
    assert meant(storage, FailureFilter(worker="")) == ["5"]


def test_since_and_until_include_their_moments(storage: Storage) -> None:
    """A window from the first to the last moment that is shown."""
    for minute in (1, 2, 3):
        bury(storage, error=str(minute), failed_at=minutes_later(minute))
    two = minutes_later(2)
    assert meant(storage, FailureFilter(since=two)) == ["3", "2"]
    assert meant(storage, FailureFilter(until=two)) == ["2", "1"]
    assert meant(storage, FailureFilter(since=two, until=two)) == ["2"]


def test_retried_failures_are_told_from_the_others(storage: Storage) -> None:
    """Kept failures only: the others went when they were requeued."""
    bury(storage, error="untouched")
    storage.failures.requeue({bury(storage, error="retried").id: None}, keep=True)
    assert meant(storage, FailureFilter(retried=True)) == ["retried"]
    assert meant(storage, FailureFilter(retried=False)) == ["untouched"]
    assert meant(storage, FailureFilter(retried=None)) == ["retried", "untouched"]


def test_a_store_says_whether_a_filter_is_quick(storage: Storage) -> None:
    """Where it is not, nobody waits for one: a page goes through a part of the list."""
    assert storage.failures.indexed in (True, False)


def test_every_field_of_a_filter_has_to_match(storage: Storage) -> None:
    """Fields narrow each other down."""
    bury(storage, error="yes", exception="Refused", name="Mail", queue="mail", failed_at=minutes_later(1))
    bury(storage, error="exception", exception="Other", name="Mail", queue="mail", failed_at=minutes_later(1))
    bury(storage, error="name", exception="Refused", name="Other", queue="mail", failed_at=minutes_later(1))
    bury(storage, error="queue", exception="Refused", name="Mail", queue="other", failed_at=minutes_later(1))
    bury(storage, error="worker", exception="Refused", name="Mail", queue="mail", worker="other")
    bury(storage, error="time", exception="Refused", name="Mail", queue="mail", failed_at=minutes_later(2))
    which = FailureFilter(
        exception="Refused", name="Mail", queue="mail", worker="host", until=minutes_later(1), retried=False
    )
    assert meant(storage, which) == ["yes"]


def test_windows_count_matching_failures_only(storage: Storage) -> None:
    """The start of a window is an index among those that match."""
    for number in range(6):
        bury(storage, error=str(number), queue="even" if number % 2 == 0 else "odd")
    window = storage.failures.peek(1, 2, FailureFilter(queue="even"))
    assert [failure.error for failure in window] == ["2", "0"]


def test_clear_deletes_only_what_the_filter_means(storage: Storage) -> None:
    """So a page clears what it showed, and not what came since."""
    for minute in (1, 2, 3):
        bury(storage, error=str(minute), failed_at=minutes_later(minute))
    assert storage.failures.clear(FailureFilter(until=minutes_later(2))) == 2
    assert [failure.error for failure in every_failure(storage)] == ["3"]
