"""Beside Ruby Resque: what it wrote, took away or pruned must neither break nor lose anything."""

import json
from datetime import UTC, datetime
from hashlib import sha1, sha256

import pytest
from redis_space import Space

from resque_core import Resque
from resque_core.claim import Claim
from resque_core.failure import FailureFilter
from resque_core.job import Entry
from resque_core.presence import Presence
from resque_core.pruning import prune_silent
from resque_core.records import Idle, Lost, Reservation, Verdict
from resque_core.testing.contract.factories import a_failure, an_entry, numbered
from resque_core.testing.contract.scenes import bury, find_worker, hold, ids, join, let_lapse, take
from resque_core.worker_options import worker_options

RUBY_JOB = b'{"class":"Archive","args":[44,"main"]}'
RUBY_WORKER = "web1:4242:high,low"
RUBY_FAILURE = (
    b'{"failed_at":"2026/11/21 22:53:36 EST","payload":{"class":"FailJob","args":["kaboom",{"k":[1.0]}]},'
    b'"exception":"Deep::BoomError","error":"kaboom","backtrace":["a.rb:1:in `b\'"],'
    b'"worker":"web1:4242:*","queue":"failing"}'
)


def a_ruby_worker(space: Space) -> None:
    space.client.sadd(space.key("workers"), RUBY_WORKER)
    space.client.set(space.key(f"worker:{RUBY_WORKER}:started"), "2026-11-21 22:53:36 -0500")
    space.client.hset(space.key("workers:heartbeat"), RUBY_WORKER, "2026-11-21T22:53:40-05:00")
    record = b'{"queue":"high","run_at":"2026-11-22T03:55:54Z","payload":' + RUBY_JOB + b"}"
    space.client.set(space.key(f"worker:{RUBY_WORKER}"), record)


def fail_in_ruby(space: Space, *elements: bytes) -> None:
    space.client.rpush(space.key("failed"), *elements)


# Entries.


def test_a_job_of_rubys_has_an_id_made_of_queue_and_bytes(space: Space) -> None:
    space.push("high", RUBY_JOB)
    expected = Entry(sha1(b"high\0" + RUBY_JOB).hexdigest(), "high", RUBY_JOB)
    assert space.storage.queues.peek("high") == [expected]
    assert take(space.storage, join(space.storage), "high").entry == expected


def test_a_job_of_another_program_has_the_id_that_it_carries(space: Space) -> None:
    space.push("high", b'{"class":"A","args":[{"id":"no"}],"id":"yes"}')
    assert [entry.id for entry in space.storage.queues.peek("high")] == ["yes"]


@pytest.mark.parametrize("own", ["42", '""', "null", '"a\\nb"', '"' + "x" * 256 + '"', "[1]"])
def test_what_cannot_be_an_id_is_none(space: Space, own: str) -> None:
    payload = f'{{"class":"A","args":[],"id":{own}}}'.encode()
    space.push("high", payload)
    assert [entry.id for entry in space.storage.queues.peek("high")] == [
        sha1(b"high\0" + payload).hexdigest()
    ]


def test_a_payload_is_enqueued_as_a_whole_though_a_copy_of_its_id_was_worked(space: Space) -> None:
    payload = b'{"class":"A","args":[],"id":"mine"}'
    jobs = space.storage.jobs
    jobs.enqueue([Entry("mine", "mail", payload)])
    space.push("copies", payload)
    assert jobs.complete(take(space.storage, join(space.storage), "copies"))
    jobs.enqueue([Entry("other", "images", b"has an alias")])
    assert jobs.enqueue([Entry("second", "mail", payload)]) == 1
    assert ids(space.storage) == ["mine", "second"]
    worker = join(space.storage)
    for name in ("mine", "second"):
        held = take(space.storage, worker)
        assert held.entry.id == name
        assert jobs.complete(held)


def test_equal_jobs_of_rubys_are_all_worked(space: Space) -> None:
    for _ in range(3):
        space.push("high", RUBY_JOB)
    held = [take(space.storage, join(space.storage), "high") for _ in range(3)]
    assert [space.storage.jobs.complete(each) for each in held] == [True] * 3
    assert space.storage.stats.all()["processed"] == 3


def test_ruby_jobs_before_between_and_behind_ours_keep_the_order(space: Space) -> None:
    space.push("mail", b"ruby 1")
    space.storage.jobs.enqueue(numbered(1))
    space.push("mail", b"ruby 2")
    space.storage.jobs.enqueue(numbered(1, start=1))
    worker, taken = join(space.storage), []
    while isinstance(held := space.storage.jobs.reserve(["mail"], worker, "t"), Reservation):
        taken.append(held.entry.payload)
        space.storage.jobs.complete(held)
    assert taken == [b"ruby 1", b"job 0", b"ruby 2", b"job 1"]


def test_a_released_and_a_rescued_job_of_rubys_is_its_own_bytes_again(space: Space) -> None:
    space.push("mail", RUBY_JOB)
    worker = join(space.storage)
    space.storage.jobs.release(take(space.storage, worker))
    held = take(space.storage, worker)
    space.storage.workers.sweep(let_lapse(space.storage, worker), Verdict())
    assert space.pop("mail") == RUBY_JOB
    space.push("mail", RUBY_JOB)
    assert take(space.storage, join(space.storage)).entry == held.entry


def test_a_failed_job_of_rubys_can_be_requeued(space: Space) -> None:
    space.push("mail", RUBY_JOB)
    held = take(space.storage, join(space.storage))
    failure = a_failure(held)
    space.storage.jobs.fail(held, failure)
    assert space.storage.failures.requeue({failure.id: None})
    assert space.pop("mail") == RUBY_JOB


# What Ruby takes away.


def test_an_id_is_free_again_when_ruby_took_its_job(space: Space) -> None:
    entry = an_entry()
    space.storage.jobs.enqueue([entry])
    assert space.pop("mail") == entry.payload
    assert space.storage.jobs.enqueue([entry]) == 1
    assert space.storage.jobs.enqueue([entry]) == 0


def test_an_id_is_free_again_though_later_jobs_wait(space: Space) -> None:
    first, *others = [an_entry() for _ in range(300)]
    space.storage.jobs.enqueue([first, *others])
    space.pop("mail")
    assert space.storage.jobs.enqueue([first]) == 1
    assert space.storage.jobs.enqueue(others) == 0


def test_an_id_is_free_again_on_another_queue_or_with_other_bytes(space: Space) -> None:
    space.storage.jobs.enqueue([Entry("daily", "mail", b"1"), an_entry()])
    space.pop("mail")
    assert space.storage.jobs.enqueue([Entry("daily", "images", b"2")]) == 1
    assert space.storage.jobs.enqueue([Entry("daily", "mail", b"3")]) == 0


def test_an_id_that_waits_behind_many_jobs_of_rubys_is_still_taken(space: Space) -> None:
    for number in range(250):
        space.push("mail", b"ruby %d" % number)
    entry = an_entry()
    space.storage.jobs.enqueue([entry])
    assert space.storage.jobs.enqueue([entry]) == 0


def test_a_job_that_ruby_failed_can_be_requeued_under_its_id(space: Space) -> None:
    entry = an_entry(payload=b'{"class":"A","args":[],"id":"mine"}', id="mine")
    space.storage.jobs.enqueue([entry])
    space.pop("mail")
    fail_in_ruby(
        space, RUBY_FAILURE.replace(b'{"class":"FailJob","args":["kaboom",{"k":[1.0]}]}', entry.payload)
    )
    (failure,) = space.storage.failures.peek()
    assert failure.job_id == "mine"
    assert space.storage.failures.requeue({failure.id: None}, queue="mail")
    assert space.storage.queues.peek("mail") == [entry]


def test_what_is_noted_of_jobs_that_ruby_takes_does_not_pile_up(space: Space) -> None:
    for start in range(0, 1000, 100):
        space.storage.jobs.enqueue(numbered(100, start=start))
        while space.pop("mail"):
            pass
    assert space.client.hlen(space.key("x:ids")) <= 300
    assert space.client.zcard(space.key("x:order:mail")) <= 300


def test_latency_forgets_the_jobs_that_ruby_took(space: Space) -> None:
    space.storage.jobs.enqueue(numbered(1))
    space.client.hset(space.key("x:ids"), "0", b"w1000000\n\nmail")
    space.storage.jobs.enqueue(numbered(1, start=1))
    assert space.storage.queues.latencies(["mail"])["mail"] > 1e6
    space.pop("mail")
    assert 0 <= space.storage.queues.latencies(["mail"])["mail"] < 60


def test_jobs_of_rubys_have_no_latency_that_anybody_could_know(space: Space) -> None:
    space.push("mail", RUBY_JOB)
    assert space.storage.queues.latencies(["mail"])["mail"] == 0.0


# Workers.


def test_a_worker_of_rubys_is_shown_with_its_job(space: Space) -> None:
    a_ruby_worker(space)
    (worker,) = space.storage.workers.all()
    assert (worker.id, worker.host, worker.pid, worker.queues) == (RUBY_WORKER, "web1", 4242, ("high", "low"))
    assert worker.started_at == datetime(2026, 11, 22, 3, 53, 36, tzinfo=UTC)
    assert worker.heartbeat_at == datetime(2026, 11, 22, 3, 53, 40, tzinfo=UTC)
    assert worker.state == "working"
    assert worker.reservation
    assert worker.reservation.entry.payload == RUBY_JOB
    assert worker.reservation.reserved_at == datetime(2026, 11, 22, 3, 55, 54, tzinfo=UTC)


def test_a_worker_of_rubys_is_never_swept_settled_or_commanded(space: Space) -> None:
    a_ruby_worker(space)
    (worker,) = space.storage.workers.all()
    assert worker.reservation
    before = space.keys()
    assert space.storage.workers.lapsed() == []
    assert space.storage.workers.command(RUBY_WORKER, "quiet") is False
    assert space.storage.workers.beat(RUBY_WORKER, 60).alive is False
    assert space.storage.jobs.complete(worker.reservation) is False
    assert space.storage.jobs.reserve(["high"], RUBY_WORKER, "t") == Lost()
    assert space.storage.workers.unregister(RUBY_WORKER) is False
    assert space.keys() == before


@pytest.mark.parametrize("name", ["", "host", "host:pid", "h:1:", "::", "\xff"])
def test_a_malformed_worker_breaks_no_list(space: Space, name: str) -> None:
    space.client.sadd(space.key("workers"), name)
    space.client.set(space.key(f"worker:{name}"), "no JSON")
    (worker,) = space.storage.workers.all()
    assert worker.id == name
    assert worker.reservation


def prune_in_ruby(space: Space, worker: str) -> None:
    """What `unregister_worker` of Ruby's does to a worker of ours."""
    space.client.srem(space.key("workers"), worker)
    space.client.delete(*(space.key(name) for name in (f"worker:{worker}", f"worker:{worker}:started")))
    space.client.hdel(space.key("workers:heartbeat"), worker)


def test_a_worker_that_ruby_pruned_is_told_so_and_forgotten(space: Space) -> None:
    held = hold(space.storage)
    prune_in_ruby(space, held.worker)
    assert space.storage.jobs.complete(held) is False
    assert space.storage.jobs.reserve(["mail"], held.worker, "t") == Lost()
    assert space.storage.workers.beat(held.worker, 60).alive is False
    assert space.storage.jobs.enqueue([held.entry]) == 1
    assert find_worker(space.storage, held.worker) is None
    assert space.ours() == ["x:aliases", "x:ids", "x:order:mail"] or space.ours() == ["x:ids", "x:order:mail"]


def test_a_worker_that_ruby_pruned_is_swept_when_it_is_dead(space: Space) -> None:
    held = hold(space.storage)
    let_lapse(space.storage, held.worker)
    prune_in_ruby(space, held.worker)
    (seen,) = space.storage.workers.lapsed()
    assert seen.reservation is None
    assert space.storage.workers.sweep(seen, Verdict())
    assert space.storage.workers.lapsed() == []
    assert ids(space.storage) == []


# Failures.


def test_a_failure_of_rubys_is_read_whole(space: Space) -> None:
    fail_in_ruby(space, RUBY_FAILURE)
    (failure,) = space.storage.failures.peek()
    assert failure.id == sha256(RUBY_FAILURE).hexdigest()[:16]
    assert failure.payload == b'{"class":"FailJob","args":["kaboom",{"k":[1.0]}]}'
    assert failure.job_id == sha1(b"failing\0" + failure.payload).hexdigest()
    assert (failure.name, failure.exception, failure.error) == ("FailJob", "Deep::BoomError", "kaboom")
    assert (failure.queue, failure.worker, failure.backtrace) == (
        "failing",
        "web1:4242:*",
        ("a.rb:1:in `b'",),
    )
    assert failure.failed_at == datetime(2026, 11, 22, 3, 53, 36, tzinfo=UTC)
    assert failure.retried_at is None
    assert space.storage.failures.get(failure.id) == failure


def test_a_failure_of_a_later_ruby_has_its_own_id(space: Space) -> None:
    fail_in_ruby(space, RUBY_FAILURE[:-1] + b',"failure_id":"5f3c-uuid"}')
    assert space.storage.failures.get("5f3c-uuid")
    fail_in_ruby(space, b'{"failure_id":"first",' + RUBY_FAILURE[1:])
    assert space.storage.failures.remove(["first"])
    assert [failure.id for failure in space.storage.failures.peek(0, 9)] == ["5f3c-uuid"]


def test_a_failure_is_not_found_by_an_id_in_its_payload(space: Space) -> None:
    payload = b'{"class":"A","args":[{"failure_id":"fake"}]}'
    failure = bury(space.storage, an_entry(payload=payload))
    assert space.storage.failures.get("fake") is None
    assert space.storage.failures.get(failure.id) == failure


def test_failures_of_rubys_are_requeued_marked_and_removed(space: Space) -> None:
    fail_in_ruby(space, RUBY_FAILURE, RUBY_FAILURE.replace(b"kaboom", b"again"))
    newest, oldest = space.storage.failures.peek(0, 9)
    assert space.storage.failures.requeue({oldest.id: None}, keep=True)
    assert space.pop("failing") == oldest.payload
    marked = space.keys()["failed"][0]
    assert marked.startswith(RUBY_FAILURE[:-1] + b',"retried_at":"')
    assert list(json.loads(marked))[-1] == "retried_at"
    assert space.storage.failures.remove([newest.id])
    (kept,) = space.storage.failures.peek(0, 9)
    assert kept.retried_at
    assert space.storage.failures.count(FailureFilter(retried=True)) == 1


def test_a_failure_of_ours_that_ruby_requeued_is_still_found(space: Space) -> None:
    failure = bury(space.storage)
    element = space.keys()["failed"][0]
    retried = element[:-1] + b',"retried_at":"2026/11/22 10:00:00 UTC"}'
    space.client.lset(space.key("failed"), 0, retried)
    kept = space.storage.failures.get(failure.id)
    assert kept
    assert kept.retried_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert space.storage.failures.requeue({failure.id: None}) == []
    assert space.storage.failures.requeue({failure.id: None}, again=True, keep=True)
    assert space.keys()["failed"][0].count(b"retried_at") == 1


@pytest.mark.parametrize(
    "element",
    [b"", b"null", b"[]", b"42", b"{", b'{"a":1}x', b"\xff\xfe", b'{"payload":' + b"[" * 100_000, b"{}",
     b'{"failed_at":7,"payload":[1],"exception":null,"error":[],"backtrace":"x","worker":{},"queue":1}',
     b'{"retried_at":"soon","failed_at":"2026/99/99 00:00:00 UTC","x":1,"payload":null}'],
    ids=range(11),
)  # fmt: skip
def test_an_element_that_is_no_failure_is_shown_and_can_be_removed(space: Space, element: bytes) -> None:
    fail_in_ruby(space, element)
    good = bury(space.storage)
    newest, bad = space.storage.failures.peek(0, 9)
    assert newest == good
    assert space.storage.failures.count(FailureFilter(queue="mail")) == 1
    assert space.storage.failures.get(bad.id) == bad
    assert space.storage.failures.remove([bad.id])
    assert [failure.id for failure in space.storage.failures.peek(0, 9)] == [good.id]


def test_failures_are_found_after_ruby_removed_others(space: Space) -> None:
    failures = [bury(space.storage) for _ in range(6)]
    for place in (4, 2, 0):
        space.client.lset(space.key("failed"), place, "")
        space.client.lrem(space.key("failed"), 1, "")
    for failure in failures[1::2]:
        assert space.storage.failures.get(failure.id) == failure
        assert space.storage.failures.remove([failure.id])
    assert space.storage.failures.count() == 0


def test_failures_are_kept_after_ruby_cleared_the_list(space: Space) -> None:
    bury(space.storage)
    space.client.delete(space.key("failed"))
    failure = bury(space.storage)
    assert space.storage.failures.get(failure.id) == failure
    assert space.client.zcard(space.key("x:failures")) == 1


def test_a_pause_of_rubys_stops_our_workers(space: Space) -> None:
    space.client.set(space.key("pause-all-workers"), "true")
    space.push("mail", RUBY_JOB)
    assert space.storage.jobs.reserve(["mail"], join(space.storage), "t") == Idle(paused=True)


def test_a_unique_job_that_ruby_took_claims_nothing_any_more(space: Space) -> None:
    """Ruby knows no claims: the store looks whether the job that has one is still there."""
    jobs, claim = space.storage.jobs, Claim("key", "done")
    first, second, third = an_entry(), an_entry(), an_entry()
    assert not jobs.enqueue_unique([first], [claim])
    space.client.lpop(space.key("queue:mail"))
    assert not jobs.enqueue_unique([second], [claim])
    assert jobs.enqueue_unique([third], [claim]) == {third.id: second.id}


# Ruby's dead workers.


def test_a_worker_of_rubys_that_fell_silent_is_pruned_and_its_job_fails_as_in_ruby(space: Space) -> None:
    a_ruby_worker(space)
    assert prune_silent(space.storage.workers, _now(space)).failed == 1
    assert space.storage.workers.all() == []
    (failure,) = space.storage.failures.peek()
    assert failure.exception == "PruneDeadWorkerDirtyExit"
    assert failure.error == f"Worker {RUBY_WORKER} did not gracefully exit while processing Archive"
    assert failure.payload == RUBY_JOB
    assert prune_silent(space.storage.workers, _now(space)).workers == 0


def test_the_job_of_a_pruned_worker_fails_into_the_list_of_its_queue_if_failures_are_kept_so(
    space: Space,
) -> None:
    a_ruby_worker(space)
    options = worker_options(failure_backend=("redis_multi_queue",))
    with Resque(space.url, namespace=space.namespace) as resque:
        told = Presence(resque, ["mail"], options).register().failures
    (failure,) = space.storage.failures.peek()
    assert [failure.id] == [it.id for it in told]
    assert space.client.llen(space.key(f"{failure.queue}_failed")) == 1
    assert space.client.llen(space.key("failed")) == 0


@pytest.mark.parametrize("beats", [True, False])
def test_a_worker_of_rubys_that_beats_or_never_beat_is_left_alone(space: Space, beats: bool) -> None:
    a_ruby_worker(space)
    space.client.hdel(space.key("workers:heartbeat"), RUBY_WORKER)
    if beats:
        heard = datetime.fromtimestamp(_now(space) - 200, UTC).isoformat(timespec="seconds")
        space.client.hset(space.key("workers:heartbeat"), RUBY_WORKER, heard)
    assert prune_silent(space.storage.workers, _now(space)).workers == 0
    assert [worker.id for worker in space.storage.workers.all()] == [RUBY_WORKER]
    assert space.storage.failures.count() == 0


def test_a_worker_of_ours_is_never_pruned_by_its_heartbeat(space: Space) -> None:
    worker = join(space.storage)
    assert prune_silent(space.storage.workers, _now(space) + 10_000).workers == 0
    assert [info.id for info in space.storage.workers.all()] == [worker]


def _now(space: Space) -> float:
    return float(space.client.time()[0])
