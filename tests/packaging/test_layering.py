"""Rules about imports and calls that import-linter cannot state."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "resque_core", ROOT / "backends", ROOT / "django_resque")
OURS = ("resque_core", "resque_sqlite", "resque_redis", "resque_mongo", "django_resque")
PROCESS_CALLS = {
    *("fork", "forkpty", "kill", "killpg", "_exit", "abort"),
    *("wait", "wait3", "wait4", "waitid", "waitpid"),
    *("execv", "execve", "execvp", "posix_spawn", "setpgid", "setsid"),
}
#: What a backend may know of the core: values, the Protocols, errors.
FOR_BACKENDS = {
    f"resque_core.{name}"
    for name in (
        *(
            "batch",
            "claim",
            "clock",
            "depths",
            "errors",
            "failure",
            "findings",
            "job",
            "keeping",
            "limit",
            "overview",
            "leafing",
            "records",
            "sequel",
            "timing",
        ),
        "storage",
    )
}
MODULES = [path for package in PACKAGES for path in sorted(package.rglob("*.py"))]
BACKEND_MODULES = [path for path in MODULES if path.is_relative_to(ROOT / "backends")]
#: The door of a backend imports the rest of it when a URL is opened: its driver may not be installed.
#: So does the library's own: only who manages a pool loads its manager.
BUT_DOORS = [
    path
    for path in MODULES
    if path.name != "__init__.py" or path.parent not in (ROOT / "resque_core", *(ROOT / "backends").iterdir())
]
#: A fail point ends its own process, and no other.
FAIL_POINTS = ROOT / "resque_core/failpoints.py"
OUTSIDE_PROCESS = [
    path for path in MODULES if "process" not in path.relative_to(ROOT).parts and path != FAIL_POINTS
]


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All of them; each rule goes through them, and to find them takes longer than to look at them."""
    return tuple(ast.walk(tree))


def process_calls(tree: ast.AST) -> Iterator[str]:
    """Every use of a function of `os` that makes, ends or waits for a process."""
    for node in nodes(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            if node.attr in PROCESS_CALLS:
                yield f"line {node.lineno}: os.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (
                f"line {node.lineno}: {name.name}" for name in node.names if name.name in PROCESS_CALLS
            )


def own_imports_in_functions(tree: ast.AST) -> Iterator[str]:
    """Every import of our own packages that is hidden in a function."""
    functions = (node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    for node in (inner for function in functions for inner in ast.walk(function)):
        for name in imported(node):
            if name.split(".")[0] in OURS:
                yield name


def imported(node: ast.AST) -> list[str]:
    """The names of the modules that one statement imports."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def offences(paths: Iterable[Path], rule: Callable[[ast.Module], Iterable[str]]) -> dict[str, list[str]]:
    """What each of the files does against a rule."""
    found = {str(path.relative_to(ROOT)): list(rule(parse(path))) for path in paths}
    return {path: offence for path, offence in found.items() if offence}


def test_only_the_process_package_forks_kills_waits_and_exits() -> None:
    assert offences(OUTSIDE_PROCESS, process_calls) == {}


def test_no_function_imports_a_module_of_ours() -> None:
    assert offences(BUT_DOORS, own_imports_in_functions) == {}


def test_a_backend_knows_only_the_values_the_protocols_and_the_errors() -> None:
    def beyond(tree: ast.Module) -> set[str]:
        names = {name for node in nodes(tree) for name in imported(node)}
        return {name for name in names if name.startswith("resque_core")} - FOR_BACKENDS

    assert offences(BACKEND_MODULES, beyond) == {}


def test_nothing_of_ours_unpickles() -> None:
    """Whoever can write into the store would run code in our processes."""

    def reads_code(tree: ast.Module) -> set[str]:
        names = {name.split(".")[0] for node in nodes(tree) for name in imported(node)}
        return names & {"pickle", "cPickle", "dill", "marshal", "shelve"}

    assert offences(MODULES, reads_code) == {}


def test_every_module_opens_with_a_sentence_that_says_what_it_is() -> None:
    def silent(tree: ast.Module) -> list[str]:
        return ["no docstring"] if tree.body and ast.get_docstring(tree) is None else []

    assert offences(MODULES, silent) == {}


@pytest.mark.parametrize("code", ["import os\nos.fork()", "from os import kill", "import os\nf = os._exit"])
def test_a_process_call_would_be_found(code: str) -> None:
    assert list(process_calls(ast.parse(code)))


def test_a_hidden_import_would_be_found() -> None:
    assert list(own_imports_in_functions(ast.parse("def f():\n    from resque_core.job import Job")))
