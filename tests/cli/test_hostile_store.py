"""What other programs may have left in a store stops no command and no worker."""

import logging
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import redis
from mongo_documents import furnish, spoil
from redis_space import Space, new_space
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import MONGO, REDIS, SQLITE, TYPICAL, Kind

from resque_core import Resque, Worker, job
from resque_core.job import Entry
from resque_core.storage import Storage
from resque_core.testing.contract.factories import LATER, a_failure, a_worker
from resque_core.testing.contract.scenes import hold
from resque_redis.keys import OURS, RUBY
from tests.cli.command import Command
from tests.docs.test_reference import COMMANDS

RAN: list[str] = []
LONG = "n" * 10_000
#: Bytes where a job, a failure, a record or a time should be.
BYTES = tuple(
    text.encode("latin-1")
    for text in (
        *("", " ", "no JSON", "\xff\xfe\x00", "null", "true", "17", '"text"', "[]", '[{"class":"A"}]', "{}"),
        *('{"class":null}', '{"class":{"a":1},"args":"x"}', '{"class":"A","args":{"0":1}}'),
        '{"class":"A","args":[],"id":[],"kwargs":3,"enqueued_at":{},"attempt":"x","history":7,"unique":1}',
        '{"failed_at":[],"payload":null,"exception":{},"error":7,"backtrace":"x","worker":null,"queue":[]}',
        '{"failed_at":"soon","payload":[1],"exception":null,"queue":"q","failure_id":7,"x":[]}',
        '{"queue":[],"run_at":7,"payload":"x"}',
        '{"queue":null,"run_at":"soon","payload":null,"x":7,"token":7}',
        "[" * 5000,
        f'{{"class":"{LONG}","args":["{LONG}"],"id":"{LONG}"}}',
    )
)
#: Ids of workers. HOST:PID:QUEUES is what one looks like.
WORKERS = tuple(
    name.encode("latin-1")
    for name in (
        *("", "h", "h:1:", ":::", "h:x:q", f"h:{9**30}:q", "h:-1:q", "\xff:1:q", f"{LONG}:1:q"),
        "a\x1b[31m\n:1:q",
    )
)

#: Each command but those that go on for ever: those that look, then those that act, then those that delete.
LOOKING = (
    *("info", "info --json", "metrics", "doctor", "check", "list", "queues list", "queues list --json"),
    *("queues size hostile", "queues peek hostile --count 99", "queues peek hostile --json"),
    *(
        "delayed list",
        "delayed list --json",
        "delayed show 1.x",
        "failures list --limit 99",
        "failures list --json",
    ),
    *(
        "batches list",
        "failures show x",
        "failures list --queue q --since 1h",
        "workers list",
        "workers list --json",
    ),
    *("workers show h:1:q", f"workers show {LONG}", f"queues size {LONG}"),
    *("pool status", "pool status --json"),
    *("schedule list", "schedule list --json", "schedule show x"),
)
ACTING = (
    *(
        "enqueue A 1 --queue well",
        "pause --all",
        "resume --all",
        "queues pause hostile",
        "queues resume hostile",
    ),
    *("delayed run 1.x", "failures retry x", "failures retry --all", "failures sort", "workers quiet h:1:q"),
    *(
        "workers stop h:1:q",
        "workers kill-job h:1:q",
        "kill h:x:q",
        "remove h:1:q",
        "workers forget h --force",
    ),
    *("workers prune", "remove h", "status x", "status hostile0 --json", "cancel hostile0"),
    "cancel x --hard",
    *("pool scale mail 2", "pool pause", "pool resume", "pool restart"),
    *(
        'schedule set well {"every":"1h","class":"hostile.well","queue":"well"}',
        "schedule run well",
        "schedule pause well",
    ),
    *("schedule resume well", "schedule pause x"),
    *(
        "queues move hostile moved hostile0 x",
        "queues move hostile moved --all",
        "queues move moved hostile --all",
    ),
)
DELETING = (
    *("delayed remove 1.x", "delayed clear --yes", "failures remove --all", "failures clear --all"),
    *("queues clear hostile --yes", "queues remove hostile --yes", "schedule remove well --yes"),
)
#: What runs until it is told to end: the worker has tests of its own below, and the others start or show one.
GOES_ON = {"work", "pool", "web", "scheduler"}
#: Their exit code is an answer: no, not all is well.
ANSWER_NO = ("check", "doctor")


def texts_as_jobs(storage: Storage) -> None:
    for queue, run_at in (("hostile", None), ("later", LATER)):
        entries = [Entry(f"{queue}{number}", queue, text) for number, text in enumerate(BYTES)]
        storage.jobs.enqueue(entries, run_at=run_at)


def texts_in_the_hands_of_workers(storage: Storage) -> None:
    for number, text in enumerate(BYTES):
        hold(storage, Entry(f"held{number}", "hostile", text))


def failures_of_texts(storage: Storage) -> None:
    for number, text in enumerate(BYTES):
        held = hold(storage, Entry(f"failed{number}", "hostile", text))
        said = text.decode("latin-1")
        failure = a_failure(held, name="", exception=said, error=said, backtrace=(said,), worker=said)
        storage.jobs.fail(held, failure)


def malformed_workers(storage: Storage) -> None:
    for name in WORKERS:
        text = name.decode("latin-1")
        storage.workers.register(a_worker(id=text, host=text, pid=0, queues=(text,)), 0.0)


def names_of_ten_kilobytes(storage: Storage) -> None:
    held = hold(storage, Entry(LONG, LONG, BYTES[-1]))
    storage.jobs.fail(held, a_failure(held, name=LONG, exception=LONG))
    storage.jobs.enqueue([Entry("1", LONG, BYTES[-1])])
    storage.queues.pause(LONG)
    storage.stats.increment(LONG[:1000])


#: What any store can be given through its own methods.
IN_ANY_STORE = (
    *(texts_as_jobs, texts_in_the_hands_of_workers, failures_of_texts, malformed_workers),
    names_of_ten_kilobytes,
)


def columns_of_other_types(storage: Storage) -> None:
    """As the sqlite3 shell can write them; where a CHECK is in the way, nothing is changed."""
    for each in IN_ANY_STORE[:4]:
        each(storage)
    connection = storage.connection
    for change in (
        "UPDATE workers SET queues = 'no JSON', started_at = 'soon', heartbeat_at = 'x', pid = 'x'",
        "UPDATE workers SET processed = 'many', failed = 'many', host = x'ff'",
        "UPDATE failures SET backtrace = '7', failed_at = 'soon', retried_at = 'then', worker = x'ff'",
        "UPDATE failures SET error = x'ff', exception = x'ff'",
        "UPDATE stats SET value = 'many'",
        "UPDATE jobs SET enqueued_at = 'soon'",
        "UPDATE jobs SET reserved_at = 'soon' WHERE reserved_at IS NOT NULL",
    ):
        connection.execute(change)
    connection.commit()
    connection.close()


def documents_of_other_types(storage: Storage) -> None:
    """As mongosh can write them: of each document that there is copies, each with one field that is wrong."""
    furnish(storage, "resque")
    assert spoil(storage.connection, "resque") > 500


def texts_in_lists(space: Space) -> None:
    for name in ("queue:hostile", "failed", "hostile_failed", "delayed:1", "delayed:4102444800"):
        space.client.rpush(space.key(name), *BYTES)
    space.client.sadd(space.key("queues"), "hostile")
    space.client.sadd(space.key("failed_queues"), "hostile_failed", "gone_failed", LONG, b"\xff")
    seconds = {"1": 1, "7": 7, "4102444800": 4102444800, "soon": 3, "": 2}
    space.client.zadd(space.key("delayed_queue_schedule"), seconds)


def workers_of_other_programs(space: Space) -> None:
    for number, name in enumerate(WORKERS):
        key = space.key("worker:").encode() + name
        space.client.sadd(space.key("workers"), name)
        space.client.hset(space.key("workers:heartbeat"), name, BYTES[number])
        space.client.set(key, BYTES[-1 - number])
        space.client.set(key + b":started", BYTES[number])


def records_that_are_none(space: Space) -> None:
    for number, text in enumerate(BYTES):
        worker = f"h:{number}:q"
        space.client.sadd(space.key("workers"), worker)
        space.client.set(space.key(f"worker:{worker}"), text)
        space.client.hset(space.key("x:workers"), worker, text)


def bytes_for_names(space: Space) -> None:
    for queue in (b"\xff\xfe", b"\x1b[31mred", b"", b"a\nb\x00", "\u202e".encode(), LONG.encode()):
        space.client.sadd(space.key("queues"), queue)
        space.client.rpush(space.key("queue:").encode() + queue, b'{"class":"A","args":[]}')


def texts_for_counters(space: Space) -> None:
    for name in ("processed", "failed", "other"):
        space.client.set(space.key(f"stat:{name}"), "many")
        space.client.sadd(space.key("x:stats"), name)


def times_that_no_clock_shows(space: Space) -> None:
    for second in (1_795_782_264_000, 1_795_782_264_000_000_000, 10**40):
        space.client.rpush(space.key(f"delayed:{second}"), '{"class":"A","args":[],"queue":"hostile"}')
        space.client.zadd(space.key("delayed_queue_schedule"), {str(second): second})


#: Keys that are there once in a namespace, and some of those that there are many of.
SINGLE = tuple(key for key in (RUBY | OURS).values() if key and not key.endswith(":") and "{" not in key)
MANY = (
    *("queue:hostile", "worker:h:1:q", "worker:h:1:q:started", "stat:processed", "stat:failed:h:1:q"),
    *("delayed:1", "hostile_failed", "x:order:hostile", "x:failures:hostile_failed", "x:commands:h:1:q"),
    *("x:claims:held", "x:claims:jobs", "x:names:1", "x:slots:key", "x:line:key"),
)


def of_another_type(space: Space, *keys: str) -> None:
    space.client.sadd(space.key("workers"), "h:1:q")
    space.client.sadd(space.key("failed_queues"), "hostile_failed")
    for key in keys:
        space.client.delete(space.key(key))
        if key.startswith(("stat:", "worker:", "pause")) or "lock" in key:
            space.client.rpush(space.key(key), "an element")
        else:
            space.client.set(space.key(key), "a text")


def every_key_of_ours_is_of_another_type(space: Space) -> None:
    of_another_type(space, *(key for key in (*SINGLE, *MANY) if key.startswith("x:")))


def every_key_of_rubys_is_of_another_type(space: Space) -> None:
    of_another_type(space, *(key for key in (*SINGLE, *MANY) if not key.startswith("x:")))


#: What only Redis lets others write.
ON_REDIS = (
    *(texts_in_lists, workers_of_other_programs, records_that_are_none, bytes_for_names, texts_for_counters),
    times_that_no_clock_shows,
    *(every_key_of_ours_is_of_another_type, every_key_of_rubys_is_of_another_type),
)


@pytest.fixture
def space(fleet: Fleet, tmp_path: Path) -> Iterator[Space]:
    kind = REDIS[-1]
    store = or_skip(lambda: kind.new(fleet, tmp_path))
    yield new_space(store.url)
    store.discard()


#: On Redis case by case; in other stores, where others write less, all at once.
EACH = [
    *(pytest.param((kind, IN_ANY_STORE), id=kind.name) for kind in TYPICAL if kind != REDIS[-1]),
    *(pytest.param((REDIS[-1], (case,)), id=f"redis-{case.__name__}") for case in IN_ANY_STORE),
    pytest.param((SQLITE, (columns_of_other_types,)), id="sqlite-columns_of_other_types"),
    pytest.param((MONGO[-1], (documents_of_other_types,)), id="mongo-documents_of_other_types"),
]


@pytest.fixture(params=EACH)
def resque(request: pytest.FixtureRequest, fleet: Fleet, tmp_path: Path) -> Iterator[Resque]:
    kind: Kind
    kind, cases = request.param
    store = or_skip(lambda: (kind.used or kind.new)(fleet, tmp_path))
    with Resque(store.url) as resque:
        for case in cases:
            case(resque.storage)
        yield resque
    store.discard()


@job(queue="well", name="hostile.well")
def well(text: str) -> None:
    RAN.append(text)


def command_on(resque: Resque | Space, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Command:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("RESQUE_URL", resque.url)
    monkeypatch.setenv("RESQUE_NAMESPACE", resque.namespace)
    monkeypatch.setenv("COLUMNS", "80")
    return Command(resque.url, folder)


def carry_out_all(command: Command, *, refusing: str = "") -> None:
    """Each command does what it is for, or says in one line why not; `refusing`: what may be in that line."""
    for words in (*LOOKING, *ACTING, *DELETING):
        said = command(*words.split())
        assert said.code in (0, 1), (words[:80], said.err)
        assert "a fault of resque" not in said.err, (words[:80], said.err)
        assert "Traceback" not in said.err, (words[:80], said.err)
        assert "server's log" not in said.err, (words[:80], said.err)
        errors = [line for line in said.err.splitlines() if line.startswith("resque: error: ")]
        assert said.code == 0 or said.out or said.err, words[:80]
        if words in LOOKING and words.split()[0] not in ANSWER_NO and " show " not in words:
            assert said.code == 0, (words[:80], said.err)
        assert not any("WRONGTYPE" in line for line in errors if not refusing or refusing not in line), errors


def work_on_amid(resque: Resque, queues: str = "hostile,well") -> None:
    """A worker does what there is to do, and jobs like others run."""
    RAN.clear()
    text = f"amid {next(numbers)}"
    resque.enqueue(well, text)
    assert Worker(resque, queues, burst=True, fork=False, sweep=0.01).work() == 0
    assert [text] == RAN
    assert not any(resque.size(queue) for queue in ("hostile", "well"))


numbers = count()


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "resque")


def test_every_command_is_tried() -> None:
    tried = {words.replace(LONG, "") for words in (*LOOKING, *ACTING, *DELETING)}
    assert [
        name
        for name in COMMANDS
        if name not in GOES_ON and not any(f"{words} ".startswith(f"{name} ") for words in tried)
    ] == []


def test_no_command_is_stopped(resque: Resque, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    carry_out_all(command_on(resque, monkeypatch, tmp_path))


def test_no_worker_is_stopped(resque: Resque) -> None:
    work_on_amid(resque)


@pytest.mark.parametrize("case", ON_REDIS, ids=lambda case: case.__name__)
def test_no_command_is_stopped_on_redis(
    space: Space, case: Callable[[Space], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case(space)
    # A set of Ruby's that is none can be read as an empty one, but nothing can be added to it.
    carry_out_all(command_on(space, monkeypatch, tmp_path), refusing="WRONGTYPE the key")


@pytest.mark.parametrize("case", ON_REDIS, ids=lambda case: case.__name__)
def test_no_worker_is_stopped_on_redis(space: Space, case: Callable[[Space], None]) -> None:
    case(space)
    with Resque(space.url, namespace=space.namespace) as resque:
        work_on_amid(resque)


@pytest.mark.parametrize("key", [*SINGLE, *MANY])
def test_no_worker_is_stopped_by_a_key_of_another_type(space: Space, key: str) -> None:
    of_another_type(space, key)
    with Resque(space.url, namespace=space.namespace) as resque:
        work_on_amid(resque, "well")
        assert resque.stats.get("processed") == (0 if key == "stat:processed" else 1)


@pytest.mark.parametrize("key", ["queues", "workers"])
def test_what_stands_in_place_of_a_set_of_names_is_set_aside_and_told_of(space: Space, key: str) -> None:
    of_another_type(space, key)
    with Resque(space.url, namespace=space.namespace) as resque:
        work_on_amid(resque, "*")
        findings = {it.subject: it for it in resque.storage.examine()}
    assert space.client.get(space.key(f"{key}:set-aside")) == b"a text"
    assert f"{key}:set-aside" in findings["keys"].says


def test_what_another_program_wrote_under_a_key_of_ours_is_set_aside(space: Space) -> None:
    of_another_type(space, "x:ids")
    with Resque(space.url, namespace=space.namespace) as resque:
        work_on_amid(resque, "well")
    with redis.Redis.from_url(space.url) as client:
        assert client.get(space.key("x:ids:set-aside")) == b"a text"
