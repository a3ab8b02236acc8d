"""The suite's fixtures. A backend gives `storage_url` in its conftest; it may give any other of these too."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest
from hypothesis import settings

from resque_core.discovery import open_storage
from resque_core.storage import Storage, Waker
from resque_core.testing.contract.actors import Actor

OpenAnother = Callable[..., Storage]
OpenWaker = Callable[[], Waker]
StartActor = Callable[..., Actor]


@pytest.fixture
def namespace() -> str:
    """A namespace that nobody used before."""
    return f"contract-{uuid4().hex}"


@pytest.fixture
def open_another(storage_url: str, namespace: str) -> Iterator[OpenAnother]:
    """Opens the same store once more, in the same namespace or another, as another process would."""
    opened: list[Storage] = []

    def open_it(namespace: str = namespace) -> Storage:
        """In this namespace."""
        opened.append(open_storage(storage_url, namespace))
        return opened[-1]

    yield open_it
    for storage in opened:
        storage.close()


@pytest.fixture
def unprepared() -> None:
    """Asked for by a test whose store nobody may have prepared: no used and emptied one."""


@pytest.fixture
def storage(open_another: OpenAnother) -> Storage:
    """The store under test: opened, prepared, empty."""
    storage = open_another()
    storage.prepare()
    return storage


@pytest.fixture(
    params=[
        pytest.param("{}2", id="longer"),
        pytest.param("{}%", id="percent"),
        pytest.param("%", id="all-percent"),
        pytest.param("*", id="star"),
        pytest.param("{}.x", id="dotted"),
        pytest.param("../{}", id="folder"),
        pytest.param("É🙂 {}", id="unicode"),
    ]
)
def neighbour(request: pytest.FixtureRequest, open_another: OpenAnother, namespace: str) -> Storage:
    """The same store in a namespace that a careless prefix, pattern or comparison would take for ours."""
    other = open_another(request.param.format(namespace))
    other.prepare()
    return other


@pytest.fixture
def open_waker(storage: Storage, open_another: OpenAnother) -> Iterator[OpenWaker]:
    """Opens the waker of one more worker, each as if in a process of its own."""
    if storage.waker() is None:
        pytest.skip("workers on this store only poll")
    with ExitStack() as opened:

        def open_it() -> Waker:
            waker = open_another().waker()
            assert waker
            opened.callback(waker.close)
            return waker

        yield open_it


@pytest.fixture
def waker(open_waker: OpenWaker) -> Waker:
    """Of a worker that is to wait."""
    return open_waker()


@pytest.fixture
def start_actor(storage_url: str, namespace: str) -> Iterator[StartActor]:
    """Starts another process on the same store and namespace; see `actor.py` for the parts."""
    started: list[Actor] = []

    def start(part: str, **arguments: object) -> Actor:
        """To play this part."""
        started.append(Actor(storage_url, namespace, part, arguments))
        return started[-1]

    yield start
    for actor in started:
        actor.kill()


@pytest.fixture
def contention_jobs() -> int:
    """How many jobs eight processes fight for."""
    return 5000


@pytest.fixture
def race_rounds() -> int:
    """How many times each race is run at one start."""
    return 40


@pytest.fixture
def kills() -> int:
    """How often each life is ended by kill -9."""
    return 8


@pytest.fixture
def quick_storage_url(storage_url: str) -> str:
    """The store for the state machine, which may trade durability for speed."""
    return storage_url


@pytest.fixture
def steps_between_looks() -> int:
    """After how many steps the state machine compares the whole store with its model."""
    return 1


@pytest.fixture
def conservation_settings() -> settings:
    """How long the state machine goes on: a life of 40 steps at most has 30 on average."""
    return settings(max_examples=300, stateful_step_count=40, print_blob=True)


@pytest.fixture
def unreachable_url() -> str:
    """A URL of this backend behind which no store can be; without one, what depends on it is skipped."""
    return pytest.skip("the backend's conftest gives no `unreachable_url`")
