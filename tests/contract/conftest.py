"""The stores that the contract suite is run against: see `stores.py`."""

from collections.abc import Generator, Iterator
from pathlib import Path

import preloaded
import pytest
from hypothesis import settings
from mongomock_limits import REASONS, UNENDING
from servers.fleet import Fleet
from servers.wanted import or_skip
from soak import times
from stores import FAKE_REDIS, KINDS, MONGO_WINDOW, MONGOMOCK, Kind
from thorough import ALONE, is_left_out

from resque_core.storage import Storage
from resque_core.testing.contract.fixtures import OpenAnother, OpenWaker, StartActor

#: Tests that several workers see one order, which a window does not promise: see test_mongo_windows.py.
OF_ORDER = (
    "test_many_processes_take_every_job_once_and_in_order",
    "test_producers_and_workers_do_not_disturb_each_other",
    "test_no_job_is_lost_or_doubled_whatever_happens",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the known failures of mongomock; one that does not come is an error (`xfail_strict`)."""
    for item in items:
        named = item.originalname if isinstance(item, pytest.Function) else ""
        if named in OF_ORDER and f"[{MONGO_WINDOW.name}" in item.name:
            item.add_marker(pytest.mark.skip(reason="with a window, several workers see no order"))
        if isinstance(item, pytest.Function) and f"[{MONGOMOCK.name}" in item.name:
            if reason := REASONS.get(item.originalname):
                item.add_marker(pytest.mark.xfail(reason=reason))
            if reason := UNENDING.get(item.originalname):
                item.add_marker(pytest.mark.xfail(reason=reason, run=False))


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test on each kind of store. What would only be left out again is not made: that takes a second."""
    if "kind" in metafunc.fixturenames:
        chosen = [it for it in KINDS if not (_is_thorough(it) and is_left_out(metafunc.config))]
        marks = [pytest.mark.thorough]
        params = [pytest.param(it, id=it.name, marks=marks if _is_thorough(it) else ()) for it in chosen]
        metafunc.parametrize("kind", params)


def _is_thorough(kind: Kind) -> bool:
    """The fakes are for tests of others; a window differs from other MongoDBs in nothing but claims."""
    return kind in (MONGO_WINDOW, FAKE_REDIS, MONGOMOCK) or kind.name in ALONE


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Say of an expected failure only that it came: some hundred tracebacks take pytest a minute."""
    try:
        return (yield)
    except Exception as error:
        if pyfuncitem.get_closest_marker("xfail"):
            raise AssertionError(str(error)) from None
        raise


@pytest.fixture
def storage_url(kind: Kind, fleet: Fleet, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty store: a new one where the test asks for it."""
    make = kind.new if "unprepared" in request.fixturenames else kind.empty
    store = or_skip(lambda: make(fleet, tmp_path))
    yield store.url
    store.discard()


@pytest.fixture
def storage(kind: Kind, open_another: OpenAnother) -> Storage:
    """Prepared, unless it opens one that is: each says itself what it lacks."""
    storage = open_another()
    if kind.used is None:
        storage.prepare()
    return storage


@pytest.fixture
def open_another(kind: Kind, storage_url: str, namespace: str) -> Iterator[OpenAnother]:
    """Opens the same store once more, in the same namespace or another."""
    opened: list[Storage] = []

    def open_it(namespace: str = namespace) -> Storage:
        opened.append(kind.open(storage_url, namespace))
        return opened[-1]

    yield open_it
    for storage in opened:
        storage.close()


@pytest.fixture
def kills(kind: Kind) -> int:
    """How often each way of life is ended by kill -9."""
    return times(1, 2) if kind is FAKE_REDIS else times(3, 8)


@pytest.fixture
def start_actor(kind: Kind, request: pytest.FixtureRequest) -> StartActor:
    """Starts another process on the same store."""
    if kind is MONGOMOCK:
        pytest.fail("mongomock lives in the memory of one process")
    preloaded.preload()
    start: StartActor = request.getfixturevalue("start_actor")
    return start


@pytest.fixture
def open_waker(kind: Kind, request: pytest.FixtureRequest) -> OpenWaker:
    """Opens the waker of one more worker."""
    if kind is FAKE_REDIS:
        pytest.skip("fakeredis does not notice that a client which waits has hung up")
    open_it: OpenWaker = request.getfixturevalue("open_waker")
    return open_it


@pytest.fixture
def quick_storage_url(kind: Kind, storage_url: str) -> str:
    """The same, for the state machine."""
    return storage_url + kind.quick


@pytest.fixture
def contention_jobs(kind: Kind) -> int:
    """How many jobs eight processes fight for."""
    return kind.contention_jobs * times(1, 10) // 10


@pytest.fixture
def race_rounds(kind: Kind) -> int:
    """How many times each race is run at one start."""
    return times(kind.race_rounds, 40)


@pytest.fixture
def steps_between_looks(kind: Kind) -> int:
    """Of the state machine."""
    return kind.steps_between_looks


@pytest.fixture(params=["first", "second", "third"])
def conservation_settings(kind: Kind) -> settings:
    """The lives of each kind in three parts, so that xdist can share them out."""
    return settings(max_examples=kind.lives * times(1, 15) // 3, stateful_step_count=40, print_blob=True)


@pytest.fixture
def unreachable_url(kind: Kind) -> str:
    """A URL behind which there is no store."""
    if kind is MONGOMOCK:
        pytest.skip("mongomock is behind no URL")
    return kind.unreachable
