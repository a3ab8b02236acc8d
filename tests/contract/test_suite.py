"""The suite as a package: whole, and loud when it fails."""

import inspect
import pkgutil
from importlib import import_module
from types import ModuleType
from typing import cast

import pytest

from resque_core.storage import Storage
from resque_core.testing import contract
from resque_core.testing.contract import enqueue


def modules() -> list[ModuleType]:
    return [import_module(f"{contract.__name__}.{it.name}") for it in pkgutil.iter_modules(contract.__path__)]


def test_every_test_of_every_module_is_exported_under_a_name_of_its_own() -> None:
    """A test that another one shadows would never run."""
    tests = [
        (name, thing)
        for module in modules()
        for name, thing in vars(module).items()
        if name.startswith("test_") and thing.__module__ == module.__name__
    ]
    assert len(tests) >= 60
    assert len({name for name, _ in tests}) == len(tests)
    assert [name for name, test in tests if getattr(contract, name) is not test] == []
    assert {name for name, _ in tests} == {name for name in contract.__all__ if name.startswith("test_")}


def test_no_test_asks_which_backend_it_runs_on() -> None:
    """One contract for all: whatever differs is in a backend's conftest."""
    for module in modules():
        source = inspect.getsource(module)
        assert [name for name in ("sqlite", "redis", "mongo", "toy") if name in source.lower()] == []


def test_a_failed_assertion_shows_what_it_compared() -> None:
    """Also in helpers: pytest rewrites the modules of the suite although they are an installed package's."""
    with pytest.raises(AssertionError, match=r"0 == 1|1 == 0"):
        enqueue.test_enqueueing_nothing_stores_nothing(cast(Storage, Liar()))


class Liar:
    """A storage that says 1 for 0."""

    class jobs:  # noqa: N801
        @staticmethod
        def enqueue(entries: object) -> int:
            return 1
