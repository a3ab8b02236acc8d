"""However long a queue is, Redis deletes it in steps, between which it serves others."""

from collections.abc import Callable
from typing import Any

import pytest
from redis_space import Space

from resque_core.storage import Storage
from resque_core.testing.contract.factories import an_entry, numbered
from resque_core.testing.contract.scenes import hold, ids
from resque_redis import queues

DELETE: dict[str, Callable[[Storage], int]] = {
    "clear": lambda it: it.queues.clear("mail"),
    "remove": lambda it: it.queues.remove("mail"),
}
each_way = pytest.mark.parametrize("delete", DELETE.values(), ids=DELETE)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of three elements."""
    monkeypatch.setattr(queues, "_STEP", 3)


@pytest.fixture
def between(space: Space, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens after each step."""
    then: list[Callable[[], object]] = []
    store = space.storage.queues._store  # type: ignore[attr-defined]
    run = store.run

    def step(script: str, *arguments: Any) -> Any:
        said = run(script, *arguments)
        if script == "clear":
            for call in then:
                call()
        return said

    monkeypatch.setattr(store, "run", step)
    return then


class Killed(BaseException):
    """Stands for the end of the process."""


def die() -> None:
    raise Killed


@each_way
@pytest.mark.parametrize("count", [0, 1, 3, 6, 7])
def test_all_that_wait_are_deleted_and_nothing_else(
    space: Space, delete: Callable[[Storage], int], count: int
) -> None:
    held = hold(space.storage)
    space.storage.jobs.enqueue([*numbered(count), an_entry("images")])
    assert delete(space.storage) == count
    assert (space.storage.queues.size("mail"), space.storage.queues.size("images")) == (0, 1)
    assert space.storage.jobs.complete(held)
    assert space.storage.jobs.enqueue(numbered(count)) == count


@each_way
def test_who_is_killed_between_two_steps_leaves_the_others_to_the_next_call(
    space: Space, between: list[Callable[[], object]], delete: Callable[[Storage], int]
) -> None:
    storage = space.storage
    storage.jobs.enqueue(numbered(7))
    storage.queues.pause("mail")
    between.append(die)
    with pytest.raises(Killed):
        delete(storage)
    between.clear()
    assert ids(storage) == ["3", "4", "5", "6"]
    assert [(info.name, info.size, info.paused) for info in storage.queues.all()] == [("mail", 4, True)]
    assert storage.jobs.enqueue(numbered(7)) == 3
    assert delete(storage) == 7


@each_way
def test_it_ends_though_others_add_more_than_go_in_each_step(
    space: Space, between: list[Callable[[], object]], delete: Callable[[Storage], int]
) -> None:
    """And the queue is known, since jobs wait."""
    storage = space.storage
    storage.jobs.enqueue(numbered(7))
    between.append(lambda: storage.jobs.enqueue([an_entry() for _ in range(4)]))
    assert delete(storage) == 7
    assert [(info.name, info.size) for info in storage.queues.all()] == [("mail", 12)]


def test_what_is_noted_of_jobs_that_other_programs_took_goes_too(
    space: Space, between: list[Callable[[], object]]
) -> None:
    """However many they are: in as few steps as jobs would."""
    steps: list[int] = []
    between.append(lambda: steps.append(1))
    space.storage.jobs.enqueue(numbered(8))
    space.client.delete(f"{space.namespace}:queue:mail")
    assert space.storage.queues.remove("mail") == 0
    assert [key for key in space.client.scan_iter(f"{space.namespace}:*") if b"order" in key] == []
    assert space.storage.queues.all() == []
    assert len(steps) == 3


@each_way
def test_what_is_enqueued_after_other_programs_have_taken_all_stays(
    space: Space, between: list[Callable[[], object]], delete: Callable[[Storage], int]
) -> None:
    """Nothing waited when the call began."""
    storage = space.storage
    storage.jobs.enqueue(numbered(8))
    space.client.delete(f"{space.namespace}:queue:mail")
    new = iter([an_entry(id="new")])
    between.append(lambda: storage.jobs.enqueue(list(new)))
    assert delete(storage) == 0
    assert ids(storage) == ["new"]
    assert [info.name for info in storage.queues.all()] == ["mail"]
