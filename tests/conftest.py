"""What every test gets: an environment in which nobody's real store is named, and servers to be had."""

import gc
import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from compiled import compile_ours, compile_theirs, rewrite_tests
from hypothesis import HealthCheck, settings
from servers.binaries import Binary, mongod_binary, redis_binaries
from servers.fleet import Fleet, mongo_program, redis_program
from servers.server import Server
from servers.wanted import or_skip
from soak import repeats, times
from thorough import is_thorough

FROM_OUTSIDE = (
    *("RESQUE_URL", "REDIS_URL", "MONGODB_URI", "RESQUE_NAMESPACE"),
    *("RESQUE_ENV", "RAILS_ENV", "RACK_ENV"),
    *("QUEUE", "QUEUES", "INTERVAL", "COUNT", "PIDFILE"),
    *("MIN_INTERVAL", "MAX_INTERVAL", "BACKOFF_INTERVAL", "FORK_PER_JOB", "RUN_AT_EXIT_HOOKS"),
    *("TERM_CHILD", "GRACEFUL_TERM", "BACKGROUND", "LOGGING", "VERBOSE", "VVERBOSE"),
)

#: These take many seconds each. They come first: at the end no process is left with one while others idle.
LONG = (
    "test_no_job_is_lost_or_doubled_whatever_happens",
    "test_the_toy_backend_passes_the_suite",
    "test_many_processes_take_every_job_once_and_in_order",
    "test_two_workers_run_many_jobs_each_exactly_once",
    "test_a_short_storm_loses_nothing",
)

#: Bytes for the data of all servers, of several test runs.
ENOUGH = 4_000_000_000


# How quick a machine is, and what else runs on it, is no property of what is tested.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=times(40, 500)
)
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """Take ctrl-c as a terminal does: what a shell starts with `&` ignores it, and so would all children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if memory := _in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)
    if not hasattr(config, "workerinput"):
        compile_ours()
        if config.getoption("numprocesses", None):
            compile_theirs()
            rewrite_tests()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected is there to stay: no collection of garbage goes through all of it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first; and mark those of `make soak`."""
    for item in items:
        if is_thorough(item):
            item.add_marker("thorough")
        if repeats(item):
            item.add_marker("soak")
    items.sort(key=lambda item: getattr(item, "originalname", "") not in LONG)


def pytest_report_header() -> list[str]:
    """Which servers the tests run on."""
    found = [str(binary) for binary in (*redis_binaries(), mongod_binary()) if binary]
    return [f"servers: {', '.join(found) or 'none'}"]


@pytest.fixture(autouse=True)
def _no_real_store(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Unset what the environment says about stores, and give each test an embedded one of its own."""
    for name in FROM_OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    # A name only: making a folder for each of some thousand tests would take longer than most of them.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / uuid4().hex / "state"))


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    """The servers of this test run (of each of xdist's workers), started when they are asked for first."""
    with TemporaryDirectory(prefix="resque-servers-", dir=_in_memory()) as folder:
        fleet = Fleet(Path(folder))
        yield fleet
        fleet.close()


def _in_memory() -> str | None:
    """A folder in memory: it takes kills as well as a disk does, and mongod half of the time."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > ENOUGH else None


@pytest.fixture(
    scope="session",
    params=[pytest.param(binary, id=f"redis{binary.short_version}") for binary in redis_binaries()]
    or [pytest.param(None, id="redis")],
)
def redis_server(request: pytest.FixtureRequest, fleet: Fleet) -> Server:
    """A running redis-server, of each version that is found. It is shared: kill one of your own."""
    binary: Binary | None = request.param
    return fleet.keep(or_skip(lambda: redis_program(binary)))


@pytest.fixture(scope="session")
def mongo_server(fleet: Fleet) -> Server:
    """A running mongod without a replica set. It is shared: kill one of your own."""
    return fleet.keep(or_skip(mongo_program))


@pytest.fixture(scope="session")
def mongo_replica_set(fleet: Fleet) -> Server:
    """A running replica set of one mongod. It is shared: kill one of your own."""
    return fleet.keep(or_skip(lambda: mongo_program(replica_set=True)))


@pytest.fixture
def start_redis(fleet: Fleet) -> Iterator[Callable[..., Server]]:
    """Starts a redis-server of the test's own: `start_redis("--maxmemory", "10mb")`."""
    started: list[Server] = []

    def start(*arguments: str) -> Server:
        started.append(fleet.start(or_skip(lambda: redis_program(None, *arguments))))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def start_mongo(fleet: Fleet) -> Iterator[Callable[..., Server]]:
    """Starts a mongod of the test's own: `start_mongo("--quiet", replica_set=True)`."""
    started: list[Server] = []

    def start(*arguments: str, replica_set: bool = False) -> Server:
        program = or_skip(lambda: mongo_program(*arguments, replica_set=replica_set))
        started.append(fleet.start(program))
        return started[-1]

    yield start
    for server in started:
        server.close()
