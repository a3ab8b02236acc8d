"""Code that is moved together in memory stays what it was."""

import gc
import inspect
import sys
import traceback
from collections.abc import Iterator
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest

from resque_core.process.gathering import gather


def _greet(name: str, mark: str = "!") -> str:
    return f"hello {name}{mark}"


def _uncalled() -> None:
    pass


class _Shop:
    def greet(self) -> str:
        return _greet("shop")

    @staticmethod
    def fail() -> None:
        raise ValueError("closed")


@pytest.fixture
def _not_frozen() -> Iterator[None]:
    """What pytest collected is frozen, so nobody is told of it. An app process freezes nothing before."""
    gc.unfreeze()
    yield
    gc.freeze()


@pytest.mark.usefixtures("_not_frozen")
def test_what_runs_gets_a_copy_of_its_code_and_nothing_else_does() -> None:
    codes: list[CodeType] = [_greet.__code__, _Shop.greet.__code__, _uncalled.__code__]
    gather(_Shop().greet, "")
    now = [_greet.__code__, _Shop.greet.__code__, _uncalled.__code__]
    assert [old is new for old, new in zip(codes, now, strict=True)] == [False, False, True]
    assert codes == now
    assert (_greet("you"), _greet("you", mark="?"), _Shop().greet()) == (
        "hello you!",
        "hello you?",
        "hello shop!",
    )


def test_functions_that_are_told_apart_by_what_they_hold_stay_apart() -> None:
    def holding(word: str) -> Any:
        return lambda: word

    first, second = holding("first"), holding("second")
    gather(lambda: (first(), second()), "")
    assert (first(), second()) == ("first", "second")


SHOP = """
class Shop:
    def greet(self, name: str, mark: str = "!", *, times: int = 1) -> str:
        "Say hello."
        return f"hello {self.polite(name)}{mark * times}"

    @staticmethod
    def polite(name):
        return name.title()

    def uncalled(self):
        pass

def open_shop():
    return Shop().greet("you")

open_shop.since = 1999
"""


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    """A module with functions, and one that has imported one of them."""
    shop, street = ModuleType("mall.shop"), ModuleType("mall.street")
    exec(SHOP, vars(shop))
    vars(street)["enter"] = shop.open_shop
    monkeypatch.setitem(sys.modules, "mall.shop", shop)
    monkeypatch.setitem(sys.modules, "mall.street", street)
    return shop, street


@pytest.mark.usefixtures("_not_frozen")
def test_functions_of_the_package_are_made_anew_and_are_as_before(
    package: tuple[ModuleType, ModuleType],
) -> None:
    shop, street = package
    before = shop.open_shop, shop.Shop.greet, shop.Shop.uncalled
    told = [inspect.signature(it) for it in before], [vars(it) for it in before], shop.Shop.greet.__doc__
    gather(shop.open_shop, "mall")
    now = shop.open_shop, shop.Shop.greet, shop.Shop.uncalled
    assert [old is new for old, new in zip(before, now, strict=True)] == [False, False, True]
    assert street.enter is shop.open_shop, "wherever it was imported to"
    assert (shop.open_shop(), before[0]()) == ("hello You!", "hello You!"), "whoever holds an old one"
    assert shop.Shop().greet("a", "?", times=2) == "hello A??"
    assert told == (
        [inspect.signature(it) for it in now],
        [vars(it) for it in now],
        shop.Shop.greet.__doc__,
    )
    assert (shop.Shop.greet.__qualname__, shop.Shop.greet.__module__) == ("Shop.greet", "mall.shop")


@pytest.mark.usefixtures("_not_frozen")
def test_functions_of_others_stay_the_same(package: tuple[ModuleType, ModuleType]) -> None:
    shop, _ = package
    before = shop.open_shop
    gather(shop.open_shop, "shop")
    assert shop.open_shop is before


def test_no_object_is_asked_what_it_is() -> None:
    class Touchy:
        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            raise AssertionError("it was asked")

    held = [Touchy()]
    gather(_uncalled, "")
    assert len(held) == 1


def test_a_traceback_names_the_same_lines() -> None:
    def fail() -> str:
        try:
            _Shop.fail()
        except ValueError:
            return traceback.format_exc()
        return ""

    before = fail()
    gather(fail, "")
    assert fail() == before
    assert "raise ValueError" in before


def test_who_profiles_goes_on_after_that() -> None:
    def profile(_frame: FrameType, _event: str, _about: Any) -> None:
        pass

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        gather(_uncalled, "")
        assert sys.getprofile() is profile
    finally:
        sys.setprofile(before)
