"""Names to definitions, and nothing else ever runs."""

from dataclasses import replace
from typing import Any

import pytest

from resque_core.definition import Definition, Options, Source, define
from resque_core.errors import DuplicateJobError
from resque_core.registry import Registry


def pack() -> None:
    """A job."""


def unpack() -> None:
    """Another."""


def the(target: Any, name: str = "shop.pack") -> Definition:
    return define(target, Options(name=name))


def test_a_job_is_found_by_exactly_its_name_and_by_what_it_was_made_of() -> None:
    registry = Registry()
    definition = the(pack)
    registry.add(definition)
    assert registry.get("shop.pack") is definition
    assert registry.made_of(pack) is definition
    for other in ("shop.Pack", "shop", "shop.pack ", "shop.pack.__globals__", "", "os.system"):
        assert registry.get(other) is None
    assert registry.made_of(unpack) is None


def test_names_are_sorted() -> None:
    registry = Registry()
    for name in ("b", "a", "B"):
        registry.add(the(pack, name))
    assert registry.names() == ["B", "a", "b"]


def test_a_second_definition_under_one_name_is_refused_naming_both_places() -> None:
    registry = Registry()
    registry.add(the(pack))
    with pytest.raises(DuplicateJobError) as refusal:
        registry.add(the(unpack))
    message = str(refusal.value)
    assert "'shop.pack' is taken by" in message
    assert f"pack ({__file__}:" in message
    assert f"unpack ({__file__}:" in message
    assert "@job(name=…)" in message
    assert registry.made_of(pack) is registry.get("shop.pack")


def test_the_same_definition_imported_again_replaces_itself() -> None:
    registry = Registry()
    registry.add(the(pack))
    again = replace(the(pack), options=Options(queue="new"))
    registry.add(again)
    assert registry.get("shop.pack") is again


@pytest.mark.parametrize(
    "moved",
    [
        Source("other", "pack", "shop.py", 3),
        Source("shop", "Pack", "shop.py", 3),
        Source("shop", "pack", "copy.py", 3),
        Source("shop", "pack", "shop.py", 9),
    ],
)
def test_the_same_name_from_anywhere_else_is_another_definition(moved: Source) -> None:
    registry = Registry()
    registry.add(replace(the(pack), source=Source("shop", "pack", "shop.py", 3)))
    with pytest.raises(DuplicateJobError):
        registry.add(replace(the(pack), source=moved))


def test_classes_that_define_equality_are_told_apart() -> None:
    class Meta(type):
        __hash__ = None  # type: ignore[assignment]

        def __eq__(cls, other: object) -> bool:
            return True

    class One(metaclass=Meta):
        @staticmethod
        def perform() -> None: ...

    class Two(metaclass=Meta):
        @staticmethod
        def perform() -> None: ...

    registry = Registry()
    for target, name in ((One, "one"), (Two, "two")):
        registry.add(the(target, name))
    assert registry.made_of(One) is registry.get("one")
    assert registry.made_of(Two) is registry.get("two")


def test_a_cleared_registry_knows_nothing() -> None:
    registry = Registry()
    registry.add(the(pack))
    registry.clear()
    assert registry.names() == []
    assert registry.made_of(pack) is None
