"""However many jobs are dequeued, Redis deletes them in steps, and finds those that moved in between."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis_space import Space

from resque_core.testing.contract.factories import numbered
from resque_core.testing.contract.scenes import ids, join, take
from resque_redis import queues


@pytest.fixture
def steps(space: Space, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many payloads each step was given."""
    given: list[int] = []
    store = space.storage.queues._store  # type: ignore[attr-defined]
    run = store.run

    def note(script: str, *arguments: Any) -> Any:
        if script == "dequeue":
            given.append(len(arguments) - 3)
        return run(script, *arguments)

    monkeypatch.setattr(store, "run", note)
    return given


def at_first(call: Callable[[], object], chosen: set[bytes]) -> Callable[[bytes], bool]:
    """Chooses these payloads, and does something else once: after they were read, before they are deleted."""
    turns: Iterator[Callable[[], object]] = iter([call])

    def matches(payload: bytes) -> bool:
        for turn in turns:
            turn()
        return payload in chosen

    return matches


def payloads(count: int) -> set[bytes]:
    return {entry.payload for entry in numbered(count)}


def test_each_step_deletes_from_one_window(
    space: Space, steps: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "_WINDOW", 4)
    space.storage.jobs.enqueue(numbered(11))
    assert space.storage.queues.dequeue("mail", lambda payload: payload != b"job 5") == 10
    assert (steps, ids(space.storage)) == ([4, 3, 3], ["5"])


@pytest.mark.parametrize("chosen", [3, 80])
@pytest.mark.parametrize("new", [150, 700])
def test_what_others_enqueue_meanwhile_hides_none(space: Space, chosen: int, new: int) -> None:
    """However far it moves those that were chosen from the tail."""
    storage = space.storage
    storage.jobs.enqueue(numbered(100))
    matches = at_first(lambda: storage.jobs.enqueue(numbered(new, start=100)), payloads(chosen))
    assert storage.queues.dequeue("mail", matches) == chosen
    assert ids(storage) == [str(number) for number in range(chosen, 100 + new)]


def test_those_before_them_are_looked_at_once_others_are_gone_from_behind(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next window lies as much nearer to the tail."""
    monkeypatch.setattr(queues, "_WINDOW", 4)
    space.storage.jobs.enqueue(numbered(13))
    odd = {b"job 1", b"job 3", b"job 5", b"job 7", b"job 9", b"job 11"}
    assert space.storage.queues.dequeue("mail", odd.__contains__) == 6
    assert ids(space.storage) == ["0", "2", "4", "6", "8", "10", "12"]


def test_what_a_worker_took_meanwhile_is_its_own(space: Space) -> None:
    storage = space.storage
    storage.jobs.enqueue(numbered(5))
    worker = join(storage)
    matches = at_first(lambda: take(storage, worker), payloads(2))
    assert storage.queues.dequeue("mail", matches) == 1
    assert ids(storage) == ["2", "3", "4"]


def test_who_is_killed_between_two_steps_leaves_the_others_to_the_next_call(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "_WINDOW", 3)
    storage = space.storage
    storage.jobs.enqueue(numbered(7))

    def matches(payload: bytes) -> bool:
        if payload == b"job 3":
            raise KeyboardInterrupt
        return True

    with pytest.raises(KeyboardInterrupt):
        storage.queues.dequeue("mail", matches)
    assert ids(storage) == ["0", "1", "2", "3"]
    assert storage.queues.dequeue("mail", lambda _payload: True) == 4
    assert storage.jobs.enqueue(numbered(7)) == 7
