"""The waker of MongoDB: one change stream for a machine, one job wakes one worker, who dies is replaced."""

import math
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pymongo
import pytest
from mongo_spy import Spied
from pymongo.errors import PyMongoError
from servers.fleet import Fleet, mongo_program
from servers.server import Server

from resque_core.errors import StorageError
from resque_core.storage import Storage, Waker
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import take, until
from resque_core.testing.contract.waking import hears, listen
from resque_mongo import changes, open_storage, storage_of, switchboard
from resque_mongo.changes import Changes
from resque_mongo.lines import Line
from resque_mongo.meeting_place import MeetingPlace
from resque_mongo.url import parse_url
from resque_mongo.waker import MongoWaker

WORKERS = 50


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the workers of these tests meet. A socket's path has to be short."""
    with TemporaryDirectory(dir="/tmp") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        yield Path(runtime) / "resque"


@pytest.fixture
def mongo_url(mongo_replica_set: Server) -> str:
    return mongo_replica_set.url


@pytest.fixture
def new_waker(mongo_url: str, namespace: str) -> Iterator[Callable[[], MongoWaker]]:
    """Opens the waker of one more worker, which has its own client."""
    with ExitStack() as opened:

        def new() -> MongoWaker:
            waker = opened.enter_context(closing(open_storage(mongo_url, namespace))).waker()
            assert isinstance(waker, MongoWaker)
            return opened.enter_context(closing(waker))

        yield new


def attend(waker: Waker, *queues: str) -> None:
    """Listen as one that is known: who is new, or finds the stream closed, is woken once to look again."""
    listen(waker, *queues)
    assert hears(waker)
    listen(waker, *queues)


def hears_at_once(waker: Waker) -> bool:
    """Whether it is woken by what was so when it began to listen."""
    return until(lambda: [heard] if (heard := waker.heard()) or math.isinf(waker.left()) else [])[0]


def runs_it(waker: MongoWaker) -> bool:
    return waker._board is not None


def test_of_fifty_workers_that_wait_one_job_wakes_one(mongo: Storage, mongo_url: str, namespace: str) -> None:
    with ExitStack() as opened:
        storage = opened.enter_context(closing(open_storage(mongo_url, namespace)))
        wakers = [waker for _ in range(WORKERS + 1) if (waker := storage.waker())]
        *others, last = wakers
        for waker in wakers:
            opened.callback(waker.close)
            attend(waker, "mail" if waker is not last else "last")
        until(lambda: all(not waker.heard() and math.isinf(waker.left()) for waker in wakers))
        mongo.jobs.enqueue([an_entry()])
        woken = until(lambda: [waker for waker in others if waker.heard()])
        # Whom the first job has woken was told before this one was.
        mongo.jobs.enqueue([an_entry("last")])
        assert hears(last)
        woken += [waker for waker in others if waker.heard()]
        assert len(woken) == 1


def test_what_does_not_come_to_wait_wakes_nobody(mongo: Storage, new_waker: Callable[[], MongoWaker]) -> None:
    """A delayed job, the claim and the end of one, a beat, and what is done in another queue."""
    waker, last = new_waker(), new_waker()
    mongo.jobs.enqueue(numbered(1))
    held = take(mongo, "w")
    attend(waker)
    attend(last, "last")
    mongo.jobs.enqueue([an_entry()], run_at=timedelta(days=1))
    mongo.jobs.enqueue([an_entry("other")])
    mongo.workers.beat("w", 600)
    mongo.jobs.complete(held)
    mongo.queues.pause("mail")
    mongo.jobs.enqueue([an_entry("last")])
    assert hears(last)
    assert not waker.heard()


def test_who_comes_when_the_machine_listens_already_looks_once_more(
    mongo: Storage, new_waker: Callable[[], MongoWaker]
) -> None:
    """A job may have been told to nobody, between its look and this."""
    attend(new_waker())
    second = new_waker()
    listen(second)
    assert hears(second)
    listen(second)
    assert not hears_at_once(second)


def test_when_the_worker_ends_that_listens_for_all_another_takes_its_place(
    mongo: Storage, new_waker: Callable[[], MongoWaker], folder: Path
) -> None:
    first, second, third = (new_waker() for _ in range(3))
    for waker in (first, second, third):
        attend(waker)
    assert [runs_it(waker) for waker in (first, second, third)] == [True, False, False]
    first.close()
    for waker in (second, third):
        assert hears(waker)
        listen(waker)
    assert runs_it(second) != runs_it(third)
    until(lambda: not (second.heard() or third.heard()) and math.isinf(second.left() + third.left()))
    mongo.jobs.enqueue([an_entry()])
    assert until(lambda: second.heard() or third.heard())
    second.close()
    third.close()
    assert list(folder.iterdir()) == []


def test_a_change_stream_is_open_while_anybody_waits_and_a_little_longer(
    mongo: Storage, new_waker: Callable[[], MongoWaker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switchboard, "LINGER", 0.0)
    waker = new_waker()
    attend(waker)
    board = waker._board
    assert board
    waker.stop()
    until(lambda: mongo.jobs.enqueue([an_entry("other")]) and not board._watching)
    listen(waker)
    assert hears(waker)


def test_an_election_costs_nobody_its_hearing(
    mongo: Storage, new_waker: Callable[[], MongoWaker], mongo_url: str
) -> None:
    waker = new_waker()
    attend(waker)
    with pymongo.MongoClient[dict[str, object]](mongo_url, serverSelectionTimeoutMS=30_000) as client:
        with suppress(PyMongoError):
            client.admin.command("replSetStepDown", 1, force=True)
        client.admin.command("ping")
    until(lambda: _works(lambda: mongo.jobs.enqueue([an_entry()])))
    assert hears(waker)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """One that a test may kill."""
    with closing(Fleet(tmp_path)) as fleet:
        yield fleet.start(mongo_program(replica_set=True))


@pytest.fixture
def own_storage(own_server: Server, namespace: str) -> Iterator[Storage]:
    with closing(open_storage(f"{own_server.url}&serverSelectionTimeoutMS=300", namespace)) as storage:
        yield storage


@pytest.mark.thorough
def test_a_server_that_comes_back_soon_costs_nobody_its_hearing(
    own_server: Server, own_storage: Storage
) -> None:
    with closing(own_storage.waker() or pytest.fail("no waker")) as waker:
        attend(waker)
        own_server.kill()
        own_server.start()
        until(lambda: _works(lambda: own_storage.jobs.enqueue([an_entry()])))
        assert hears(waker)


@pytest.mark.thorough
def test_who_listens_to_a_server_that_stays_away_is_told_and_hears_again_when_it_is_back(
    own_server: Server, own_storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MARGIN", 0.5)
    monkeypatch.setattr(changes, "AWAIT", 0.5)
    with closing(own_storage.waker() or pytest.fail("no waker")) as waker:
        attend(waker)
        own_server.kill()
        with pytest.raises(StorageError, match="mongodb://127"):
            hears(waker)
        waker.close()
        own_server.start()
        until(lambda: _works(lambda: own_storage.jobs.enqueue([an_entry()])))
        attend(waker)
        own_storage.jobs.enqueue([an_entry()])
        assert hears(waker)


def _works(call: Callable[[], object]) -> bool:
    with suppress(StorageError):
        call()
        return True
    return False


def test_who_may_not_listen_is_told(folder: Path) -> None:
    def watch() -> Changes:
        raise StorageError("You may not.")

    with closing(MongoWaker(MeetingPlace("here", "test"), watch)) as waker:
        listen(waker)
        with pytest.raises(StorageError, match="You may not"):
            hears(waker)
        waker.close()
        assert list(folder.iterdir()) == []


def test_a_switchboard_that_keeps_silent_is_given_up(folder: Path) -> None:
    """As that of a worker which was stopped."""
    place = MeetingPlace("here", "test")
    door = place.open()
    assert door
    with door, closing(place), closing(MongoWaker(MeetingPlace("here", "test"), pytest.fail)) as waker:
        listen(waker)
        assert 0 < waker.left() <= 5
        assert not waker.heard()
        waker._due = 0.0
        with pytest.raises(StorageError, match="silent"):
            waker.heard()


def test_who_finds_the_place_taken_and_nobody_there_asks_again(folder: Path) -> None:
    """Another has the lock, and is about to open."""
    first, second = MeetingPlace("here", "test"), MeetingPlace("here", "test")
    assert second.visit() is None
    door = first.open()
    assert door
    door.close()
    with closing(MongoWaker(second, pytest.fail)) as waker:
        listen(waker)
        assert waker.fileno() == -1
        assert waker.left() <= 0.05
        assert not waker.heard()
        waker._due = 0.0
        with pytest.raises(StorageError, match="silent"):
            waker.heard()
        first.close()
        door = first.open()
        assert door
        with door:
            listen(waker)
            assert waker.fileno() >= 0
        first.close()


def test_a_folder_that_others_may_write_to_is_refused(folder: Path) -> None:
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with (
        closing(MongoWaker(MeetingPlace("here", "test"), pytest.fail)) as waker,
        pytest.raises(StorageError, match="not a folder of this user's alone"),
    ):
        listen(waker)


def test_a_place_that_cannot_be_opened_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A socket's path has a hundred characters."""
    far = tmp_path / ("far" * 50)
    far.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(far))
    with (
        closing(MongoWaker(MeetingPlace("here", "test"), pytest.fail)) as waker,
        pytest.raises(StorageError, match="cannot meet"),
    ):
        listen(waker)


def test_what_a_dead_worker_left_is_no_obstacle(folder: Path) -> None:
    dead = MeetingPlace("here", "test")
    door = dead.open()
    assert door
    door.close()
    dead.forget()
    assert len(list(folder.iterdir())) == 2
    place = MeetingPlace("here", "test")
    door = place.open()
    assert door
    door.close()
    place.close()
    assert list(folder.iterdir()) == []


def test_one_who_talks_nonsense_is_hung_up_on_and_nobody_else(
    mongo: Storage, new_waker: Callable[[], MongoWaker], mongo_url: str, namespace: str
) -> None:
    waker = new_waker()
    attend(waker)
    place = MeetingPlace(parse_url(mongo_url).location, namespace)
    for nonsense in (b"what?\n", b"1\n", b"[1, [[]]]\n", b"[1]\n"):
        visitor = place.visit()
        assert visitor
        with visitor:
            visitor.setblocking(True)
            visitor.sendall(nonsense)
            assert visitor.makefile("rb").read().count(b"woken") == 0
    mongo.jobs.enqueue([an_entry()])
    assert hears(waker)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_of_the_worker_that_listens_neither_ends_it_nor_outlives_it(
    mongo: Storage, new_waker: Callable[[], MongoWaker], namespace: str
) -> None:
    """As jobs may fork in a worker with `--no-fork`."""
    first, second = new_waker(), new_waker()
    attend(first)
    attend(second)
    read, write = os.pipe()
    if not (child := os.fork()):
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    mongo.jobs.enqueue(numbered(2))
    assert hears(first)
    assert hears(second)
    listen(second)
    first.close()

    def takes_over() -> bool:
        # At first it may be woken once more: by what the other was woken for, and has passed on.
        if second.heard():
            listen(second)
        return runs_it(second)

    until(takes_over)
    os.close(write)
    os.waitpid(child, 0)


def test_lines_are_heard_one_by_one_however_they_come(folder: Path) -> None:
    ours, theirs = socket.socketpair()
    line = Line(ours)
    assert line.hear() == []
    theirs.sendall(b'[1, "lis')
    assert line.hear() == []
    theirs.sendall(b'tening"]\n[1, "woken"]\n[2')
    theirs.close()
    assert line.hear() == [[1, "listening"], [1, "woken"]]
    with pytest.raises(OSError, match="hung up"):
        line.hear()
    with pytest.raises(BrokenPipeError):
        line.say(1)
    line.close()


def test_a_line_has_a_bound_and_never_waits_for_who_does_not_read() -> None:
    ours, theirs = socket.socketpair()
    line = Line(ours)
    with theirs, pytest.raises(OSError, match=r"does not read|unavailable"):
        until(lambda: line.say("a" * 100_000))
    line.close()
    ours, theirs = socket.socketpair()
    line = Line(ours)
    writer = threading.Thread(target=_write_much, args=[theirs])
    writer.start()
    with pytest.raises(OSError, match="hung up"):
        until(lambda: line.hear())
    line.close()
    writer.join()


def _write_much(connected: socket.socket) -> None:
    with connected, suppress(OSError):
        connected.sendall(b"a" * 2**22)


def test_a_standalone_server_has_none(mongo_server: Server, namespace: str) -> None:
    with closing(open_storage(mongo_server.url, namespace)) as storage:
        assert storage.waker() is None


def test_who_may_have_one_connection_polls(mongo_url: str, namespace: str) -> None:
    """The stream would have it for itself."""
    with closing(open_storage(f"{mongo_url}&maxPoolSize=1", namespace)) as storage:
        assert storage.waker() is None


def test_who_brings_an_open_client_polls(mongo: Storage, spied: Spied, namespace: str) -> None:
    assert storage_of(spied.database, namespace).waker() is None
