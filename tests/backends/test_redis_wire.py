"""What is stored where: Ruby's keys and bytes, as its own golden data show them. Ours are all under `x:`."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest
from redis_space import Space

from resque_core import Resque
from resque_core.failure import Failure, FailureFilter
from resque_core.job import Entry
from resque_core.keeping import Keeping
from resque_core.records import ALL_QUEUES, Reservation, Verdict, WorkerInfo
from resque_core.testing.contract.factories import a_failure
from resque_core.testing.contract.scenes import let_lapse
from resque_redis.scripts import SCRIPTS

ISO = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
STARTED = datetime(2026, 11, 21, 22, 53, 36, tzinfo=UTC)
ID = "host+1:42:q"


def join(space: Space) -> str:
    worker = WorkerInfo(id=ID, host="host", pid=42, queues=("q", "!r"), started_at=STARTED)
    space.storage.workers.register(worker, 60)
    return worker.id


def add(space: Space, *numbers: int, queue: str = "q") -> None:
    space.storage.jobs.enqueue([an_add(number, queue) for number in numbers])


def an_add(number: int, queue: str = "q") -> Entry:
    return Entry(f"id{number}", queue, b'{"class":"Add","args":[%d]}' % number)


def take(space: Space, token: str = "t0") -> Reservation:
    held = space.storage.jobs.reserve(["q"], ID, token)
    assert isinstance(held, Reservation)
    return held


def test_enqueued_jobs_are_their_own_bytes_on_a_list(space: Space) -> None:
    space.storage.jobs.enqueue(
        [
            Entry("a", "math", b'{"class":"AddJob","args":[1,2]}'),
            Entry("b", "math", b'{"class":"AddJob","args":[3,4]}'),
            Entry("c", "default", b'{"class":"NoArgsJob","args":[]}'),
        ]
    )
    assert space.keys() == {
        "queue:default": [b'{"class":"NoArgsJob","args":[]}'],
        "queue:math": [b'{"class":"AddJob","args":[1,2]}', b'{"class":"AddJob","args":[3,4]}'],
        "queues": {b"default", b"math"},
    }


def test_a_popped_queue_stays_in_the_set_and_a_removed_one_does_not(space: Space) -> None:
    add(space, 1)
    add(space, 2, queue="gone")
    space.storage.queues.pop("q")
    assert space.storage.queues.remove("gone") == 1
    assert space.keys() == {"queues": {b"q"}}


def test_a_registered_worker_is_rubys_set_start_time_and_heartbeat(space: Space) -> None:
    join(space)
    keys = space.keys()
    heartbeat = keys.pop("workers:heartbeat")[ID.encode()]
    assert keys == {"workers": {ID.encode()}, f"worker:{ID}:started": b"2026-11-21 22:53:36 +0000"}
    assert re.fullmatch(ISO + rb"\+00:00", heartbeat)
    server_time = space.client.time()[0]
    assert abs(datetime.fromisoformat(heartbeat.decode()).timestamp() - server_time) < 60


def test_a_beat_moves_the_heartbeat_on(space: Space) -> None:
    join(space)
    space.client.hset(space.key("workers:heartbeat"), ID, "2026-01-01T00:00:00+00:00")
    space.storage.workers.beat(ID, 60)
    moved = datetime.fromisoformat(space.client.hget(space.key("workers:heartbeat"), ID).decode())
    assert abs(moved.timestamp() - space.client.time()[0]) < 60


def test_every_day_is_written_as_the_calendar_has_it(space: Space) -> None:
    functions = SCRIPTS["reserve"].text.decode().partition("return take_head")[0]
    lines = (line for line in functions.splitlines() if " = KEYS[" not in line)
    code = "\n".join(["local x_ = 'x:'", *lines])
    days = [
        (year, *day) for year in (1970, 1999, 2000, 2024, 2100) for day in ((1, 1), (2, 28), (3, 1), (12, 31))
    ]
    for day in [*days, (2000, 2, 29), (2024, 2, 29)]:
        moment = datetime(*day, 23, 59, 58, tzinfo=UTC)
        said = space.client.eval(f"{code}\nreturn iso({moment.timestamp():.0f} * 1000000)", 0)
        assert said.decode() == moment.strftime("%Y-%m-%dT%H:%M:%S")


def test_a_running_job_is_rubys_record_with_our_token_last(space: Space) -> None:
    join(space)
    add(space, 1)
    take(space)
    record = space.keys()[f"worker:{ID}"]
    assert re.fullmatch(
        rb'\{"queue":"q","run_at":"' + ISO + rb'Z","payload":\{"class":"Add","args":\[1\]\},'
        rb'"x":\{"id":"id1","at":\d{16},"rescues":0\},"token":"t0"\}',
        record,
    )
    assert list(json.loads(record)) == ["queue", "run_at", "payload", "x", "token"]


def test_a_queue_name_in_a_record_is_written_as_ruby_writes_it(space: Space) -> None:
    name = 'a/b "c" \\ é\t\x01\x7f'
    join(space)
    space.push(name, b'{"class":"Add","args":[]}')
    space.storage.jobs.reserve([name], ID, "t")
    written = '{"queue":"a/b \\"c\\" \\\\ é\\t\\u0001\x7f","run_at"'
    assert space.keys()[f"worker:{ID}"].decode().startswith(written)


def test_payloads_that_cjson_would_change_are_spliced_as_they_are(space: Space) -> None:
    payload = b'{"class":"Big","args":[12345678901234567890123,[],{},1.0,1e2,"\\u00e9/","\xc3\xa9"]}'
    join(space)
    space.push("q", payload)
    take(space)
    assert b'"payload":' + payload + b',"x"' in space.keys()[f"worker:{ID}"]


@pytest.mark.parametrize(
    "payload", [b"{not json}", b"[1]", b"null", b"", b'"\\"', b"a/b\x00\n", b' {"class":"A"}']
)
def test_a_record_is_json_whatever_the_payload_is(space: Space, payload: bytes) -> None:
    join(space)
    space.push("q", payload)
    held = take(space)
    body = json.loads(space.keys()[f"worker:{ID}"])
    assert body["payload"] == {"class": None, "args": []}
    assert body["x"]["raw"] == payload.decode()
    assert space.storage.workers.all()[0].reservation == held
    assert held.entry.payload == payload


LIKE_OURS = b',"id":"%s","enqueued_at":"%s"}'


@pytest.mark.parametrize(
    ("end", "own"),
    [
        (LIKE_OURS % (b"a" * 32, b"2026-11-22T07:30:00.123456Z"), "a" * 32),
        (LIKE_OURS % (b"a" * 32, b"2026-11-22T07:30:00.123456Z") + b" ", "a" * 32),
        (LIKE_OURS % (b"another writer's id, as long as it", b"2026"), "another writer's id, as long as it"),
        (LIKE_OURS % (b"a" * 30 + rb"\n", b"2026-11-22T07:30:00.123456Z"), None),
        (LIKE_OURS % (b"a" * 30 + rb"\/", b"2026-11-22T07:30:00.123456Z"), "a" * 30 + "/"),
        (b',"x":{"y":1' + LIKE_OURS % (b"b" * 32, b"2026-11-22T07:30:00.12345Z") + b"}", None),
        (b',"x":[{"y":1' + LIKE_OURS % (b"b" * 32, b"2026-11-22T07:30:00.1234Z") + b"]}", None),
        (b',"id":"%s","enqueued_at":"2026-11-22","id":"another one"}' % (b"b" * 32), "another one"),
        (b',"id":"other"' + LIKE_OURS % (b"a" * 32, b"2026-11-22T07:30:00.123456Z"), "a" * 32),
    ],
)
def test_an_id_is_that_of_the_object_itself_whatever_its_text_ends_with(
    space: Space, end: bytes, own: str | None
) -> None:
    join(space)
    payload = b'{"class":"Add","args":[]' + end
    space.push("q", payload)
    assert take(space).entry.id == (own or sha1(b"q\0" + payload, usedforsecurity=False).hexdigest())


def test_settled_jobs_are_counted_in_rubys_keys(space: Space) -> None:
    join(space)
    add(space, 1, 2, 3)
    for token in ("t1", "t2"):
        space.storage.jobs.complete(take(space, token))
    held = take(space)
    space.storage.jobs.fail(held, a_failure(held))
    keys = space.keys()
    assert {name: value for name, value in keys.items() if name.startswith("stat:")} == {
        "stat:processed": b"3",
        "stat:failed": b"1",
        f"stat:processed:{ID}": b"3",
        f"stat:failed:{ID}": b"1",
    }
    assert f"worker:{ID}" not in keys


def test_a_worker_that_left_leaves_the_totals_and_nothing_else(space: Space) -> None:
    join(space)
    add(space, 1)
    space.storage.jobs.complete(take(space))
    space.storage.workers.command(ID, "quiet")
    assert space.storage.workers.unregister(ID)
    assert space.keys() == {"queues": {b"q"}, "stat:processed": b"1"}
    history = ("x:minutes:", "x:days:")
    assert [name for name in space.ours() if not name.startswith(history)] == ["x:timings:q"]


def test_a_swept_worker_leaves_nothing_but_its_job(space: Space) -> None:
    join(space)
    add(space, 1)
    take(space)
    assert space.storage.workers.sweep(let_lapse(space.storage, ID), Verdict())
    assert space.keys() == {"queues": {b"q"}, "queue:q": [an_add(1).payload]}
    assert space.ours() == ["x:aliases", "x:ids", "x:order:q", "x:rescues"]


def test_a_failure_is_rubys_entry_with_our_fields_last(space: Space) -> None:
    join(space)
    add(space, 1)
    held = take(space)
    failure = a_failure(
        held, error="böse/\x7f", name="Add", backtrace=("a.py:1:in b",), worker=ID, failed_at=STARTED
    )
    space.storage.jobs.fail(held, failure)
    assert [element.decode() for element in space.keys()["failed"]] == [
        '{"failed_at":"2026/11/21 22:53:36 UTC","payload":{"class":"Add","args":[1]},'
        '"exception":"app.errors.Refused","error":"böse/\x7f","backtrace":["a.py:1:in b"],'
        f'"worker":"{ID}","queue":"q",'
        '"x":{"job_id":"id1","name":"Add","at":"2026-11-21T22:53:36.000000Z"},'
        f'"failure_id":"{failure.id}"}}'
    ]


@pytest.mark.parametrize("name", ["DirtyExit", "PruneDeadWorkerDirtyExit", "TermException"])
def test_an_end_that_nobody_raised_has_rubys_name_there_and_ours_here(space: Space, name: str) -> None:
    join(space)
    add(space, 1)
    held = take(space)
    failure = a_failure(held, exception=name)
    space.storage.jobs.fail(held, failure)
    assert f'"exception":"Resque::{name}"'.encode() in space.keys()["failed"][0]
    assert space.storage.failures.peek(0, 1, FailureFilter(exception=name)) == [failure]


@pytest.mark.parametrize(("name", "meant"), [("Deep::Refused", True), ("Refused", True), ("Deep", False)])
def test_an_exception_of_rubys_is_named_in_full_or_by_its_last_part(
    space: Space, name: str, meant: bool
) -> None:
    space.client.rpush(
        space.key("failed"), b'{"payload":{"class":"A"},"exception":"Deep::Refused","queue":"q"}'
    )
    assert space.storage.failures.count(FailureFilter(exception=name)) == int(meant)


def test_a_payload_that_is_no_object_leaves_a_failure_that_ruby_can_read(space: Space) -> None:
    join(space)
    for number, payload in enumerate((b"{not json", b"\xff", b'{"class":"A","args":[NaN]}', b"[" * 200)):
        space.push("q", payload)
        held = take(space, str(number))
        space.storage.jobs.fail(held, a_failure(held, name=""))
    for element in space.keys()["failed"]:
        body = json.loads(element.decode(), parse_constant=lambda literal: 1 / 0)
        assert body["payload"] == {"class": "", "args": []}


def test_a_kept_failure_ends_with_retried_at_and_its_job_is_pushed(space: Space) -> None:
    join(space)
    add(space, 1)
    held = take(space)
    failure = a_failure(held)
    space.storage.jobs.fail(held, failure)
    before = space.keys()["failed"][0]
    space.storage.failures.requeue({failure.id: None}, keep=True)
    keys = space.keys()
    assert re.fullmatch(
        re.escape(before[:-1]) + rb',"retried_at":"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d UTC"\}', keys["failed"][0]
    )
    assert keys["queue:q"] == [b'{"class":"Add","args":[1]}']
    assert keys["stat:failed"] == b"1"


def test_cleared_failures_leave_the_counter(space: Space) -> None:
    join(space)
    add(space, 1)
    held = take(space)
    space.storage.jobs.fail(held, a_failure(held))
    space.storage.failures.clear()
    keys = space.keys()
    assert "failed" not in keys
    assert keys["stat:failed"] == b"1"


def test_a_pause_of_every_queue_is_rubys_key(space: Space) -> None:
    space.storage.queues.pause(ALL_QUEUES)
    assert space.keys() == {"pause-all-workers": b"true"}
    space.storage.queues.resume(ALL_QUEUES)
    space.client.set(space.key("pause-all-workers"), " TRUE\n")
    assert space.storage.queues.paused() == {ALL_QUEUES}
    space.client.set(space.key("pause-all-workers"), "no")
    assert space.storage.queues.paused() == frozenset()


def test_counters_of_a_program_are_rubys_stats(space: Space) -> None:
    space.storage.stats.increment("mails", 3)
    assert space.keys() == {"stat:mails": b"3"}
    space.client.incrby(space.key("stat:mails"), 4)
    assert space.storage.stats.all() == {"mails": 7}


def test_nothing_is_written_outside_of_the_namespace(space: Space) -> None:
    before = set(space.client.scan_iter(match="*"))
    join(space)
    add(space, 1, 2)
    held = take(space)
    space.storage.jobs.fail(held, a_failure(held))
    space.storage.queues.pause("q")
    new = set(space.client.scan_iter(match="*")) - before
    assert all(name.startswith(f"{space.namespace}:".encode()) for name in new)


# Ruby's byte-exact dequeue, both ways


@pytest.fixture
def classic(space: Space) -> Iterator[Resque]:
    with Resque(space.url, namespace=space.namespace, ruby=True) as resque:
        yield resque


def test_ruby_finds_our_jobs_by_their_bytes(space: Space, classic: Resque) -> None:
    for _ in range(2):
        classic.enqueue_to("q", "Reports::Daily", 1e-5, {"é": [1e16, None]}, 7)
    classic.enqueue_to("q", "Reports::Daily", 8)
    # What Ruby's Resque.dequeue(Reports::Daily, 1e-5, {"é" => [1e16, nil]}, 7) sends.
    text = '{"class":"Reports::Daily","args":[1.0e-05,{"é":[1.0e+16,null]},7]}'
    assert space.client.lrem(space.key("queue:q"), 0, text) == 2
    assert [job.args for job in classic.peek("q", 0, 9)] == [(8,)]


@pytest.mark.parametrize(
    "text",
    [
        '{"class":"Mailer","args":["a&b<é>",1.0e-05,{"k":null}]}',
        '{"class": "Mailer", "args": ["a&b<é>", 1e-05, {"k": null}]}',
        '{"args":["a\\u0026b\\u003cé\\u003e",0.00001,{"k":null}],"locale":"de","class":"Mailer","id":"x"}',
    ],
)
def test_we_find_rubys_jobs_by_what_they_say(space: Space, classic: Resque, text: str) -> None:
    space.push("q", text.encode())
    space.push("q", b'{"class":"Mailer","args":[1]}')
    assert classic.dequeue_from("q", "Mailer", "a&b<é>", 1e-5, {"k": None}) == 1
    assert [job.args for job in classic.peek("q", 0, 9)] == [(1,)]


# Ruby's entries


@pytest.mark.parametrize(
    "failed_at",
    ["2026/11/21 22:53:36 EST", "2026/11/22 03:53:36", "2026-11-22T03:53:36Z", "2026-11-21T22:53:36-05:00"],
)
def test_a_failure_of_rubys_is_read_in_any_dress_and_keeps_what_nobody_knows(
    space: Space, classic: Resque, failed_at: str
) -> None:
    element = (
        f'{{ "queue" : "q", "failed_at":"{failed_at}",\t'
        '"payload": {"args":[1.0e-05], "locale":"de","class":"Mailer"},'
        ' "exception":"Deep::Error","error":null,"backtrace":null,"worker":"h:1:q", "shard":7 }'
    )
    space.client.rpush(space.key("failed"), element)
    failure = classic.failures.get(0)
    assert failure
    assert (failure.name, failure.queue, failure.exception, failure.worker) == (
        "Mailer",
        "q",
        "Deep::Error",
        "h:1:q",
    )
    assert failure.failed_at == datetime(2026, 11, 22, 3, 53, 36, tzinfo=UTC)
    assert classic.failures.requeue(failure.id)
    (kept,) = space.keys()["failed"]
    assert json.loads(kept)["shard"] == 7
    assert b'"retried_at":"' in kept
    assert space.keys()["queue:q"] == [b'{"args":[1.0e-05], "locale":"de","class":"Mailer"}']
    retried = classic.failures.get(0)
    assert retried
    assert retried.retried_at
    assert not classic.failures.requeue(retried.id)


# Lists of single queues (Ruby's redis_multi_queue)


def fail_apart(
    space: Space,
    number: int,
    queue: str,
    keeping: Keeping = Keeping(apart=True),  # noqa: B008 - it is frozen
    failed_at: datetime | None = None,
) -> Failure:
    add(space, number, queue=queue)
    held = space.storage.jobs.reserve([queue], ID, f"t{number}")
    assert isinstance(held, Reservation)
    failure = a_failure(held, failed_at=failed_at or STARTED + timedelta(seconds=number))
    assert space.storage.jobs.fail(held, failure, keeping)
    return replace(failure, apart=keeping.apart)


def test_failures_of_all_lists_are_shown_as_one(space: Space) -> None:
    join(space)
    failures = [
        fail_apart(space, number, queue, Keeping(apart=number != 3))
        for number, queue in enumerate(("a", "b", "a", "c", "b"))
    ]
    keys = space.keys()
    assert keys["failed_queues"] == {b"a_failed", b"b_failed"}
    assert {name: len(keys[name]) for name in ("a_failed", "b_failed", "failed")} == {
        "a_failed": 2, "b_failed": 2, "failed": 1
    }  # fmt: skip
    store = space.storage.failures
    assert store.peek(0, 9) == failures[::-1]
    assert store.peek(1, 2) == failures[3:1:-1]
    assert store.peek(0, 9, FailureFilter(queue="b")) == [failures[4], failures[1]]
    assert (store.count(), store.count(FailureFilter(queue="a"))) == (5, 2)
    assert [store.get(failure.id) for failure in failures] == failures


def test_a_failure_is_retried_or_removed_in_whichever_list_it_is(space: Space) -> None:
    join(space)
    failures = [fail_apart(space, number, "a") for number in range(3)]
    store = space.storage.failures
    assert store.requeue({failures[0].id: None})
    assert store.requeue({failures[1].id: None}, keep=True)
    assert store.remove([failures[2].id])
    assert not store.remove([failures[2].id])
    assert [found.id for found in store.peek(0, 9)] == [failures[1].id]
    assert len(space.keys()["queue:a"]) == 2
    assert store.clear() == 1
    assert not space.client.exists(space.key("a_failed"))


def test_rubys_lists_of_single_queues_are_read(space: Space) -> None:
    space.client.sadd(space.key("failed_queues"), "mail_failed")
    element = '{"failed_at":"2026/11/21 22:53:36 UTC","payload":{"class":"A","args":[]},"queue":"mail"}'
    space.client.rpush(space.key("mail_failed"), element)
    (failure,) = space.storage.failures.peek()
    assert (failure.name, failure.queue, failure.apart) == ("A", "mail", True)


def test_sorting_moves_failures_before_those_that_are_in_the_lists_of_their_queues(space: Space) -> None:
    join(space)
    space.client.rpush(space.key("failed"), '{"error":"of no queue"}', "no failure")
    early = [fail_apart(space, number, queue, Keeping()) for number, queue in enumerate("abab")]
    late = fail_apart(space, 5, "a")
    assert space.storage.failures.sort() == 4
    keys = space.keys()
    assert keys["failed_queues"] == {b"a_failed", b"b_failed"}
    assert [len(keys[name]) for name in ("failed", "a_failed", "b_failed")] == [2, 3, 2]
    of_a = FailureFilter(queue="a")
    assert [it.id for it in space.storage.failures.peek(0, 9, of_a)] == [late.id, early[2].id, early[0].id]
    assert [failure.id for failure in early if not space.storage.failures.get(failure.id)] == []
    ranks = [space.client.zrank(space.key("x:failures:a_failed"), it.id) for it in (early[0], early[2], late)]
    assert ranks == [0, 1, 2]
    assert space.storage.failures.sort() == 0


def test_a_list_that_is_none_takes_no_failure(space: Space) -> None:
    join(space)
    failure = fail_apart(space, 1, "a", Keeping())
    space.client.set(space.key("a_failed"), "text")
    assert space.storage.failures.sort() == 0
    assert space.storage.failures.get(failure.id) == failure


def test_each_list_of_a_queue_keeps_so_many(space: Space) -> None:
    join(space)
    for number, queue in enumerate(("a", "b", "a", "a", "b")):
        fail_apart(space, number, queue, keeping=Keeping(apart=True, most=2))
    keys = space.keys()
    assert {name: len(keys[name]) for name in ("a_failed", "b_failed")} == {"a_failed": 2, "b_failed": 2}
    assert space.client.zcard(space.key("x:failures:a_failed")) == 2


def test_rubys_failures_that_are_too_old_go_whatever_zone_they_are_of(space: Space) -> None:
    join(space)
    ours = datetime.now(UTC).replace(microsecond=0)
    texts = [
        *("no failure at all", "{}", '{"failed_at":null}'),
        '{"failed_at":"2026/11/21 22:53:36 EST","payload":{"class":"A","args":[]},"queue":"mail"}',
        f'{{"failed_at": "{ours - timedelta(hours=10):%Y/%m/%d %H:%M:%S} EST"}}',
        f'{{"failed_at":"{ours - timedelta(hours=10):%Y-%m-%dT%H:%M:%SZ}"}}',
    ]
    space.client.rpush(space.key("failed"), *texts)
    for _ in range(2):
        # An hour is over; but a time of day in an unknown zone may be fourteen hours later than it reads.
        fail_apart(space, 1, "a", keeping=Keeping(age=3600), failed_at=ours)
    assert [element.decode() for element in space.client.lrange(space.key("failed"), 0, 1)] == texts[-2:]
    fail_apart(space, 1, "a", keeping=Keeping(most=2), failed_at=ours)
    assert space.client.zcard(space.key("x:failures")) == space.client.llen(space.key("failed")) == 2


def test_a_sweep_buries_apart_too(space: Space) -> None:
    join(space)
    add(space, 1)
    held = take(space)
    verdict = Verdict(a_failure(held), Keeping(apart=True))
    assert space.storage.workers.sweep(let_lapse(space.storage, ID), verdict)
    assert len(space.keys()["q_failed"]) == 1
