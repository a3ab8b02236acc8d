"""Compiles what tests import once, on all processors, before xdist's processes begin.

They import the same in the same order: in a fresh clone, each of them would compile all of it.
"""

import compileall
import contextlib
import importlib.util
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
#: What is imported by processes that tests start, too.
OURS = ("resque_core", "backends", "django_resque", "tests/process", "tests/support", "chaos", "benchmarks")
#: Of what is installed, those of which most is imported; pip is told not to compile all that there is.
THEIRS = ("django", "redis", "pymongo", "bson", "hypothesis", "mongomock", "typer", "prometheus_client")
#: Large parts of these that nothing imports.
UNUSED = frozenset({"gis", "locale", "postgres", "oracle", "mysql"})
#: Of files that pytest rewrites.
PATTERNS = ("test_*.py", "conftest.py")

Compile = Callable[[Path], object]


def compile_ours() -> None:
    """Tests start some hundred Pythons. With PYTHONDONTWRITEBYTECODE, each would compile what it imports."""
    _share_out([path for folder in OURS for path in (ROOT / folder).rglob("*.py")], _compile)


def compile_theirs() -> None:
    """The drivers, Django, and what else is large."""
    specs = filter(None, map(importlib.util.find_spec, THEIRS))
    folders = [Path(spec.origin).parent for spec in specs if spec.origin]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    _share_out([path for path in paths if not UNUSED.intersection(path.parts)], _compile)


def rewrite_tests() -> None:
    """As pytest does before it imports them: what comes of it is kept, and found by each of its processes."""
    tests = [path for pattern in PATTERNS for path in TESTS.rglob(pattern)]
    if not sys.dont_write_bytecode:
        _share_out([path for path in tests if not _is_kept(path)], _rewrite)


def _share_out(paths: Sequence[Path], act: Compile) -> None:
    count = os.cpu_count() or 1
    fork = multiprocessing.get_context("fork")
    shares = [fork.Process(target=_each, args=(act, paths[first::count])) for first in range(count)]
    for process in shares:
        process.start()
    for process in shares:
        process.join()


def _each(act: Compile, paths: Sequence[Path]) -> None:
    for path in paths:
        act(path)


def _compile(path: Path) -> None:
    compileall.compile_file(path, quiet=2)


def _is_kept(path: Path) -> bool:
    kept = path.parent.glob(f"__pycache__/{path.stem}.*-pytest-*.pyc")
    return any(it.stat().st_mtime > path.stat().st_mtime for it in kept)


def _rewrite(path: Path) -> None:
    """Import it without builtins: it is rewritten and kept, and fails before it does anything."""
    spec = importlib.util.find_spec(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if spec and spec.loader:
        module = importlib.util.module_from_spec(spec)
        vars(module)["__builtins__"] = {}
        with contextlib.suppress(Exception):
            spec.loader.exec_module(module)
