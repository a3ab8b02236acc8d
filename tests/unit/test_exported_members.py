"""The public face is exactly what `__all__` lists."""

import inspect
import os
import subprocess
import sys
from types import ModuleType

import resque_core
from resque_core import errors


def test_all_is_what_the_package_has() -> None:
    public = {
        name
        for name, value in vars(resque_core).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    # Loaded by who asks for it.
    assert resque_core.Pool.__name__ == "Pool"
    assert public | {"__version__", "Pool"} == set(resque_core.__all__)


def test_nothing_is_listed_twice() -> None:
    assert len(resque_core.__all__) == len(set(resque_core.__all__))


def test_every_error_is_exported() -> None:
    raised = {name for name, value in vars(errors).items() if inspect.isclass(value)}
    assert raised <= set(resque_core.__all__)


def test_every_error_is_in_the_tree_that_the_docstring_draws() -> None:
    for name, value in vars(errors).items():
        if inspect.isclass(value):
            assert issubclass(value, (errors.ResqueError, errors.JobInterrupt))
            assert f" {name} " in f" {errors.__doc__} ".replace("\n", " ")


def test_importing_it_loads_no_driver_no_framework_and_nothing_heavy() -> None:
    code = "import sys, resque_core; print(*sys.modules)"
    # Without this, a coverage run would measure that process too, by means of sqlite3.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=plain
    )
    heavy = {"asyncio", "django", "pymongo", "pytest", "redis", "rich", "sqlite3", "typer", "yaml", "click"}
    assert heavy & set(loaded.stdout.split()) == set()
