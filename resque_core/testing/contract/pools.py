"""`pools`: what managers of pools say of themselves, and what is said to them."""

import pytest

from resque_core.records import PoolCommand, PoolReport
from resque_core.storage import Storage
from resque_core.testing.contract.factories import ODD_TEXTS
from resque_core.testing.contract.scenes import LONG, until


def said(storage: Storage) -> list[tuple[str, str]]:
    """Which pools there are, and what they say."""
    return [(report.pool, report.about) for report in storage.pools.all()]


def texts(commands: object) -> list[str]:
    """What a pool was told."""
    assert isinstance(commands, list | tuple)
    return [command.text for command in commands if isinstance(command, PoolCommand)]


def let_end(storage: Storage, pool: str) -> None:
    """End the pool's lease."""
    storage.pools.report(pool, "the last of it", 0)
    until(lambda: pool not in dict(said(storage)))


def test_a_pool_is_listed_with_what_it_said_last(storage: Storage) -> None:
    """Once, and until its lease is over."""
    storage.pools.report("shop", "first", LONG)
    storage.pools.report("shop", "second", 60)
    [report] = storage.pools.all()
    assert report == PoolReport("shop", "second", report.lease_left)
    assert 0 < report.lease_left <= 60.01


def test_pools_are_listed_by_id(storage: Storage) -> None:
    """Whoever came first."""
    for name in ("b", "B", "a"):
        storage.pools.report(name, "", LONG)
    assert [report.pool for report in storage.pools.all()] == ["B", "a", "b"]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ascii)
def test_a_pool_may_be_called_and_say_and_be_told_anything(storage: Storage, text: str) -> None:
    """Applications have odd names, and groups are lists of queues."""
    assert list(storage.pools.report(text, text, LONG)) == []
    assert said(storage) == [(text, text)]
    assert storage.pools.command(text, text)
    assert texts(storage.pools.report(text, text, LONG)) == [text]


def test_what_a_pool_is_told_comes_in_order_and_again_until_it_is_heard(storage: Storage) -> None:
    """A reply that is lost loses no command."""
    storage.pools.report("shop", "", LONG)
    for text in ("scale", "pause", "restart"):
        assert storage.pools.command("shop", text)
    commands = storage.pools.report("shop", "", LONG)
    assert texts(commands) == ["scale", "pause", "restart"]
    assert storage.pools.report("shop", "", LONG) == commands
    assert texts(storage.pools.report("shop", "", LONG, commands[1].number)) == ["restart"]
    assert texts(storage.pools.report("shop", "", LONG, commands[2].number)) == []


def test_numbers_of_commands_grow(storage: Storage) -> None:
    """Also once all that were before are heard: a pool tells a new one by it."""
    storage.pools.report("shop", "", LONG)
    heard = 0
    for text in ("one", "two", "three"):
        storage.pools.command("shop", text)
        [command] = storage.pools.report("shop", "", LONG, heard)
        assert (command.number > heard, command.text) == (True, text)
        heard = command.number


def test_a_pool_is_told_what_is_meant_for_it(storage: Storage) -> None:
    """Others never hear of it."""
    storage.pools.report("shop", "", LONG)
    storage.pools.report("shop2", "", LONG)
    storage.pools.command("shop", "pause")
    assert texts(storage.pools.report("shop2", "", LONG)) == []
    assert texts(storage.pools.report("shop", "", LONG)) == ["pause"]


def test_a_pool_that_withdrew_is_gone_and_told_nothing(storage: Storage) -> None:
    """Withdrawing again is no error, and a namesake begins anew."""
    storage.pools.report("shop", "", LONG)
    storage.pools.report("other", "", LONG)
    storage.pools.command("shop", "pause")
    for _ in range(2):
        storage.pools.withdraw("shop")
    assert said(storage) == [("other", "")]
    assert storage.pools.command("shop", "pause") is False
    assert texts(storage.pools.report("shop", "", LONG)) == []


def test_a_pool_whose_lease_is_over_is_forgotten(storage: Storage) -> None:
    """It died, and nobody withdrew it. The next one of its name is told nothing of what it did not hear."""
    storage.pools.report("shop", "", LONG)
    storage.pools.command("shop", "pause")
    let_end(storage, "shop")
    assert storage.pools.command("shop", "restart") is False
    assert texts(storage.pools.report("shop", "again", LONG)) == []
    assert said(storage) == [("shop", "again")]


def test_a_pool_that_was_forgotten_hears_what_it_is_told_afterwards(storage: Storage) -> None:
    """It was away for longer than its lease, and says still what it has heard."""
    storage.pools.report("shop", "", LONG)
    for text in ("one", "two", "three"):
        storage.pools.command("shop", text)
    heard = storage.pools.report("shop", "", LONG)[-1].number
    let_end(storage, "shop")
    assert texts(storage.pools.report("shop", "", LONG, heard)) == []
    storage.pools.command("shop", "four")
    assert texts(storage.pools.report("shop", "", LONG, heard)) == ["four"]


def test_a_pool_is_known_in_one_namespace(storage: Storage, neighbour: Storage) -> None:
    """And heard of, and told, in no other."""
    storage.pools.report("shop", "here", LONG)
    assert said(neighbour) == []
    assert neighbour.pools.command("shop", "pause") is False
    neighbour.pools.report("shop", "there", LONG)
    neighbour.pools.command("shop", "pause")
    assert texts(storage.pools.report("shop", "here", LONG)) == []
    neighbour.pools.withdraw("shop")
    assert said(storage) == [("shop", "here")]
