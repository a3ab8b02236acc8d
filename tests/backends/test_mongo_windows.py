"""Claims of the kind `window`: one of the first few jobs, so that many workers do not meet on the first."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from mongo_spy import Spied
from pymongo.monitoring import CommandStartedEvent

from resque_core.errors import SettingsError
from resque_core.records import Idle, Reservation
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_worker, an_entry, numbered
from resque_core.testing.contract.scenes import counted, ids, join, take
from resque_mongo import open_storage, pauses, storage_of
from resque_mongo.windows import FOR_EACH, MOST, Windows

Open = Callable[[str], Storage]


@pytest.fixture
def open_with(mongo_url: str, namespace: str) -> Iterator[Open]:
    """Opens the store with an option `claim`."""
    opened: list[Storage] = []

    def open_it(claim: str) -> Storage:
        mark = "&" if "?" in mongo_url else "?"
        opened.append(open_storage(f"{mongo_url}{mark}claim={claim}", namespace))
        return opened[-1]

    yield open_it
    for storage in opened:
        storage.close()


def claimed(storage: Storage, count: int, queue: str = "mail") -> list[int]:
    """The numbers of so many jobs, in the order in which workers get them."""
    return [int(take(storage, join(storage), queue).entry.id.rpartition("-")[2]) for _ in range(count)]


def test_a_window_gives_the_first_jobs_in_about_their_order(mongo: Storage, open_with: Open) -> None:
    """Each once; none comes before it is among the first few."""
    storage = open_with("window")
    join(mongo)
    mongo.jobs.enqueue(numbered(60))
    numbers = claimed(storage, 40)
    assert len(set(numbers)) == 40
    assert numbers != sorted(numbers)
    # Before the claim of this place, so many were taken, and so many more were in the window.
    assert all(number < place + MOST for place, number in enumerate(numbers))
    assert sorted([*numbers, *map(int, ids(mongo))]) == list(range(60))


@pytest.mark.parametrize("claim", ["strict", "mail:strict,window", "images:window"])
def test_a_queue_that_is_claimed_strictly_keeps_its_order(
    mongo: Storage, open_with: Open, claim: str
) -> None:
    """Whatever others do, and however many workers there are."""
    storage = open_with(claim)
    join(mongo)
    mongo.jobs.enqueue(numbered(30))
    assert claimed(storage, 30) == list(range(30))


def test_who_works_alone_claims_the_first_job_and_asks_no_more_than_without_a_window(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "HOLDS", 600.0)
    mongo.jobs.enqueue(numbered(30))
    storage = storage_of(spied.database, namespace, claim="window")
    done = take(storage, "w")
    spied.spy.begin()
    for number in range(1, 30):
        answer = storage.jobs.complete_and_reserve(done, ["mail"], uuid4().hex)
        assert isinstance(answer, Reservation)
        assert answer.entry.id == str(number)
        done = answer
    assert spied.spy.names == [
        "find resque_queues",
        *["update resque_jobs", "findAndModify resque_jobs"] * 29,
    ]


def test_a_job_that_others_took_meanwhile_costs_no_more_than_a_try(
    mongo: Storage, watched: Storage, spied: Spied, namespace: str
) -> None:
    """All that were seen are gone: the first of the others is claimed."""
    mongo.workers.register(a_worker(id="other"), 600)
    mongo.jobs.enqueue(numbered(FOR_EACH * 2))
    storage = storage_of(spied.database, namespace, claim="window")
    original = spied.spy.started

    def started(event: CommandStartedEvent) -> None:
        if event.command_name == "findAndModify":
            spied.spy.started = original  # type: ignore[method-assign]
            mongo.queues.clear("mail")
            mongo.jobs.enqueue([an_entry(id="late")])
        original(event)

    spied.spy.started = started  # type: ignore[method-assign]
    assert take(storage, "w").entry.id == "late"


def test_workers_that_claim_at_once_get_each_job_once(mongo: Storage, open_with: Open) -> None:
    mongo.jobs.enqueue(numbered(60))
    taken: list[str] = []

    def drain() -> None:
        storage = open_with("window")
        held: object = storage.jobs.reserve(["mail"], join(storage), uuid4().hex)
        while isinstance(held, Reservation):
            taken.append(held.entry.id)
            held = storage.jobs.complete_and_reserve(held, ["mail"], uuid4().hex)
        assert held == Idle()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(drain) for _ in range(4)]:
            done.result()
    assert sorted(map(int, taken)) == list(range(60))
    assert counted(mongo) == (60, 0)


def test_the_window_is_as_wide_as_the_workers_are_many_up_to_a_bound() -> None:
    for workers, width in ((1, 1), (2, 2 * FOR_EACH), (500, MOST)):
        assert Windows({None: "window"}).width("mail", partial(int, workers)) == width
        assert Windows({"mail": "window"}).width("images", partial(int, workers)) == 1


@pytest.mark.parametrize("claim", ["first", "window,strict", "mail:window,mail:strict", ":window", "mail:"])
def test_what_cannot_be_meant_is_refused_with_the_way_out(claim: str) -> None:
    ways: list[Callable[[], Storage]] = [
        lambda: open_storage(f"mongodb://localhost/jobs?claim={claim}", "test"),
        lambda: storage_of(None, "test", claim=claim),  # type: ignore[arg-type]
    ]
    for open_it in ways:
        with pytest.raises(SettingsError, match="Write window for all queues"):
            open_it()


def test_a_queue_in_the_option_may_be_percent_encoded(mongo: Storage, open_with: Open) -> None:
    storage = open_with("a%3Ab%20c:window")
    join(mongo)
    mongo.jobs.enqueue([an_entry("a:b c", id=f"j-{number}") for number in range(40)])
    assert claimed(storage, 20, "a:b c") != list(range(20))
