"""Finding failures in a long list: by the order of ours, and in slices what other programs wrote."""

from typing import Any

import pytest
from redis_space import Space

from resque_core.failure import FailureFilter
from resque_core.testing.contract.factories import an_entry
from resque_core.testing.contract.scenes import bury
from resque_redis.failure_text import decode_failure
from resque_redis.store import Store

RUBY = (
    b'{"failed_at":"2026/11/22 03:53:36 UTC","payload":{"class":"FailJob","args":[%d]},"exception":"A::Boom",'
    b'"error":"e","backtrace":[],"worker":"web1:1:*","queue":"failing"}'
)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """The scripts that are run, with their arguments."""
    seen: list[tuple[str, tuple[Any, ...]]] = []
    run = Store.run

    def note_and_run(store: Store, script: str, *arguments: Any) -> Any:
        seen.append((script, arguments))
        return run(store, script, *arguments)

    monkeypatch.setattr(Store, "run", note_and_run)
    return seen


def fail_in_ruby(space: Space, *elements: bytes) -> None:
    space.client.rpush(space.key("failed"), *elements)


def test_failures_of_ours_are_there_or_not_without_reading_the_list(
    space: Space, runs: list[tuple[str, tuple[Any, ...]]]
) -> None:
    failures = [bury(space.storage) for _ in range(4)]
    runs.clear()
    assert space.storage.failures.get(failures[1].id) == failures[1]
    assert space.storage.failures.get("nobody's") is None
    assert not space.storage.failures.remove(["nobody's"])
    assert [script for script, _ in runs] == [
        "failures_find", *["failures_find", "failure_lists"] * 2,
    ]  # fmt: skip
    runs.clear()
    assert space.storage.failures.remove([failures[2].id])
    assert space.storage.failures.requeue({failures[0].id: None})
    assert [script for script, _ in runs if script != "failure_lists"] == [
        "failures_find", "failures_remove", "failures_find", "failures_requeue",
    ]  # fmt: skip
    assert [failure.id for failure in space.storage.failures.peek(0, 9)] == [failures[3].id, failures[1].id]


def test_a_quick_look_for_an_id_reads_nothing_of_rubys(
    space: Space, runs: list[tuple[str, tuple[Any, ...]]]
) -> None:
    """A search asks whether its text is an id: for any text, and beside any number of failures."""
    ours = bury(space.storage)
    fail_in_ruby(space, RUBY % 1)
    (theirs,) = space.storage.failures.peek(0, 1)
    runs.clear()
    assert space.storage.failures.get(ours.id, quick=True) == ours
    assert space.storage.failures.get("no id at all", quick=True) is None
    assert space.storage.failures.get(theirs.id, quick=True) is None
    assert {script for script, _ in runs} == {"failures_find", "failure_lists"}
    assert space.storage.failures.get(theirs.id) == theirs


def test_a_failure_among_many_of_rubys_is_searched_in_slices(
    space: Space, runs: list[tuple[str, tuple[Any, ...]]]
) -> None:
    ours = bury(space.storage)
    # As if Ruby had taken some hundred away that were older: its place in the order says nothing any more.
    space.client.zadd(space.key("x:failures"), {f"gone{number}": number for number in range(300)})
    fail_in_ruby(space, *(RUBY % number for number in range(2200)))
    oldest = space.storage.failures.peek(2199, 1)[0]
    assert oldest.payload == b'{"class":"FailJob","args":[0]}'
    runs.clear()
    assert space.storage.failures.get(ours.id) == ours
    assert space.storage.failures.get("0123456789abcdef") is None
    assert space.storage.failures.remove([oldest.id])
    assert not space.storage.failures.remove([oldest.id])
    slices = [
        arguments
        for script, arguments in runs
        if script == "failures_window" and arguments[0] <= arguments[1]
    ]
    assert max(last - first for first, last in slices) < 1000
    assert space.storage.failures.remove([ours.id])
    assert space.storage.failures.count() == 2199


def test_the_server_sends_only_failures_that_may_match(space: Space) -> None:
    """All of a long list is looked at, and hardly any of it has to be sent and read."""
    fail_in_ruby(space, *(RUBY % number for number in range(2200)))
    fail_in_ruby(space, (RUBY % 0).replace(b"A::Boom", b"Rare"))
    before = _sent(space)
    assert space.storage.failures.count(FailureFilter(exception="Rare")) == 1
    assert _sent(space) - before < 100 * len(RUBY)


@pytest.mark.parametrize(
    ("changes", "which"),
    [
        ({b'"failing"': b'"f\\u0061iling"'}, FailureFilter(queue="failing")),
        ({b"FailJob": b"Fail\\/Job"}, FailureFilter(name="Fail/Job")),
        ({}, FailureFilter(exception="Boom")),
        ({b"A::Boom": b"A.Boom"}, FailureFilter(exception="Boom")),
        ({b"A::Boom": b'B \\"x\\"'}, FailureFilter(exception='B "x"')),
        ({b"}": b',"retried_at":"2026/11/22 04:00:00 UTC"}'}, FailureFilter(retried=True)),
        ({b'"queue":"failing"': b'"queue":7'}, FailureFilter(queue="")),
        ({b"{": b"["}, FailureFilter(exception="BadPayload")),
    ],
)
def test_a_filter_finds_a_failure_however_it_is_written(
    space: Space, changes: dict[bytes, bytes], which: FailureFilter
) -> None:
    element = RUBY % 1
    for old, new in changes.items():
        element = new.join(element.rsplit(old, 1))
    bury(space.storage, an_entry("other"))
    fail_in_ruby(space, element)
    (found,) = space.storage.failures.peek(0, 9, which)
    assert found == space.storage.failures.peek()[0]
    assert space.storage.failures.clear(which) == space.storage.failures.count() == 1


@pytest.mark.parametrize(
    "element",
    [
        b'{"failed_at":"2026/11/22 03:53:36 UTC","payload":%s,"queue":"a"}',
        b'{"queue":"a","payload" : \n%s }',
        b'{"error":"\\"payload\\":1","queue":"a","payload":%s}',
        b'{"x":{"payload":2},"queue":"a","payload":%s}',
        b'{"payload":1,"queue":"a","payload":%s}',
        b'{"payload":1,"queue":"a","p\\u0061yload":%s}',
    ],
)
def test_the_bytes_of_a_payload_are_those_in_the_element_whoever_wrote_it(element: bytes) -> None:
    """The last of several members of one name counts, as for every parser."""
    payload = b'{"class": "A",  "args":[1.50, "\xc3\xa9", {"id":12345678901234567890}]}'
    failure = decode_failure(element % payload)
    assert (failure.payload, failure.queue, failure.name) == (payload, "a", "A")


def _sent(space: Space) -> int:
    """Bytes that the server has sent to all clients."""
    return int(space.client.info("stats")["total_net_output_bytes"])
