"""Bytes that are no job, or a terrible one: a store carries them all and looks into none (B1-B5)."""

import pytest

from resque_core.job import Entry
from resque_core.records import Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure
from resque_core.testing.contract.scenes import bury, every_failure, hold, join, let_lapse, take

#: Names as in the project's matrix of bad input.
POISON = {
    "B1 nothing": b"",
    "B1 not JSON": b"{not json",
    "B1 number": b"42",
    "B1 list": b"[]",
    "B1 null": b"null",
    "B1 no class": b'{"args":[]}',
    "B1 class not a string": b'{"class":42,"args":[]}',
    "B1 args not a list": b'{"class":"Mail","args":{"0":1}}',
    "B1 blanks": b' \n{"class" : "Mail", "args" : [ ] }\r\n\t ',
    "B2 NaN": b'{"class":"Mail","args":[NaN,Infinity,-Infinity]}',
    "B2 infinity": b'{"class":"Mail","args":[1e999]}',
    "B3 5000 digits": b'{"class":"Mail","args":[' + b"9" * 5000 + b"]}",
    "B3 beyond 64 bits": b'{"class":"Mail","args":[18446744073709551617,0.1,1.0,1e2]}',
    "B3 lone surrogate": b'{"class":"Mail","args":["\\ud800"]}',
    "B3 surrogate as bytes": b'{"class":"Mail","args":["\xed\xa0\x80"]}',
    "B3 one key twice": b'{"class":"Mail","class":"Rm","args":[],"args":[1]}',
    "B3 line separators": '{"class":"Mail","args":["\u2028\u2029"]}'.encode(),
    "B3 NUL": b'{"class":"Ma\x00il","args":["\\u0000"]}\x00',
    "B4 not UTF-8": b'{"class":"Mail","args":["\xff\xfe\x80"]}',
    "B4 every byte": bytes(range(256)),
    "B4 UTF-16": '{"class":"Mail","args":[]}'.encode("utf-16"),
    "B5 depth 100000": b'{"class":"Mail","args":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "B6 a megabyte": b'{"class":"Mail","args":["' + b"x" * 1_000_000 + b'"]}',
}

poison = pytest.mark.parametrize("payload", POISON.values(), ids=POISON.keys())


def poisoned(payload: bytes) -> Entry:
    """A job with these bytes."""
    return Entry("poison", "mail", payload)


@poison
def test_any_bytes_wait_as_they_are(storage: Storage, payload: bytes) -> None:
    """They are listed, popped and given to `dequeue` unchanged."""
    storage.jobs.enqueue([poisoned(payload)])
    assert storage.queues.peek("mail") == [poisoned(payload)]
    assert storage.queues.pop("mail") == poisoned(payload)
    storage.jobs.enqueue([poisoned(payload)])
    assert storage.queues.dequeue("mail", lambda given: given == payload) == 1


@poison
def test_any_bytes_are_held_as_they_are(storage: Storage, payload: bytes) -> None:
    """Their worker, a list of workers and a sweep see the same bytes; so does the next worker."""
    held = hold(storage, poisoned(payload))
    assert held.entry.payload == payload
    info = storage.workers.all()[0]
    assert info.reservation == held
    seen = let_lapse(storage, held.worker)
    assert seen.reservation == held
    assert storage.workers.sweep(seen, Verdict())
    again = take(storage, join(storage))
    assert again.entry == poisoned(payload)
    assert storage.jobs.release(again)
    assert storage.queues.peek("mail") == [poisoned(payload)]


@poison
def test_any_bytes_fail_and_come_back_as_they_are(storage: Storage, payload: bytes) -> None:
    """A retry puts the original bytes on the queue, not what somebody made of them."""
    failure = bury(storage, poisoned(payload))
    assert storage.failures.get(failure.id) == failure
    assert storage.failures.requeue({failure.id: None}, keep=True)
    assert storage.queues.pop("mail") == poisoned(payload)
    assert storage.failures.requeue({failure.id: None}, again=True)
    assert take(storage, join(storage)).entry == poisoned(payload)


@poison
def test_any_bytes_can_be_given_up_by_a_sweep(storage: Storage, payload: bytes) -> None:
    """A rescuer needs neither the job's code nor its sense."""
    held = hold(storage, poisoned(payload))
    failure = a_failure(held)
    assert storage.workers.sweep(let_lapse(storage, held.worker), Verdict(failure))
    assert every_failure(storage) == [failure]


def test_poison_stops_nobody(storage: Storage) -> None:
    """Sound jobs before, between and behind bad ones are worked in their order."""
    entries = [Entry(name, "mail", payload) for name, payload in POISON.items()]
    storage.jobs.enqueue(entries)
    worker, taken = join(storage), []
    for _ in entries:
        held = take(storage, worker)
        taken.append(held.entry)
        assert storage.jobs.fail(held, a_failure(held))
    assert taken == entries
    assert storage.failures.count() == len(entries)
