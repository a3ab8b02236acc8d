"""Loads user code by name: the modules of `--require` and the function of `--setup`."""

import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from resque_core.errors import SettingsError
from resque_core.storage import Storage

R = TypeVar("R")

_IMPORT_SYSTEM = ("<frozen importlib", str(Path(importlib.__file__).parent))


def load_modules(names: Iterable[str]) -> None:
    """Import each module, so that it registers its jobs. The current folder comes first in the search.

    :raises SettingsError: there is no such module, or importing it failed; then with its traceback.
    """
    for name in names:
        _load(name, f"--require {name}")


def load_setup(target: str) -> Callable[[], None]:
    """The function that `module:function` names. Called, it too raises SettingsError for its failures.

    :raises SettingsError: it cannot be found or imported.
    """
    where = f"--setup {target}"
    module_name, colon, path = target.partition(":")
    if not colon or not path:
        raise SettingsError(f"{where}: write MODULE:FUNCTION, for example shop.boot:connect.")
    function = _attribute(_load(module_name, where), path, where)
    if not callable(function):
        raise SettingsError(f"{where}: this is a {type(function).__name__}, not a function.")

    def run() -> None:
        _guarded(function, where, "calling it")

    return run


def opener_of(backend: str | None, url: str) -> Callable[[str], Storage] | None:
    """What makes the storage of a namespace, with the function at this dotted path; None for none.

    :raises SettingsError: it cannot be found or imported.
    """
    if backend is None:
        return None
    module, _, name = backend.rpartition(".")
    open_storage = _attribute(_load(module, f"The backend {backend}"), name, f"The backend {backend}")
    if not callable(open_storage):
        raise SettingsError(
            f"The backend {backend}: this is a {type(open_storage).__name__}, not a function."
        )
    return partial(open_storage, url)


def load_object(target: str, where: str) -> object:
    """What `module:name` names; `where` is what the user wrote it under.

    :raises SettingsError: it cannot be found or imported.
    """
    module_name, _, path = target.partition(":")
    return _attribute(_load(module_name, where), path, where)


def use_current_folder() -> None:
    """Make the modules in the current folder importable, as `python -m` does."""
    folder = os.getcwd()  # noqa: PTH109 - sys.path wants text
    if folder not in sys.path:
        sys.path[0:0] = [folder]


def _load(name: str, where: str) -> ModuleType:
    if name.endswith(".py") or not all(part.isidentifier() for part in name.split(".")):
        raise SettingsError(f"{where}: this is not a module's name. Write it as in `import`: shop.jobs")
    use_current_folder()
    try:
        return _guarded(lambda: importlib.import_module(name), where, "importing it")
    except SettingsError as error:
        missing = error.__cause__
        # A module that is missing further in is a fault of the user's code, and keeps its traceback.
        if isinstance(missing, ModuleNotFoundError) and _is_part(missing.name, name):
            raise SettingsError(
                f"{where}: there is no module {missing.name}. It is looked for in the current folder, "
                f"PYTHONPATH and what is installed."
            ) from None
        raise


def _is_part(missing: str | None, name: str) -> bool:
    return missing is not None and f"{name}.".startswith(f"{missing}.")


def _attribute(module: ModuleType, path: str, where: str) -> object:
    found: object = module
    for part in path.split("."):
        if not hasattr(found, part):
            raise SettingsError(f"{where}: {module.__name__} has no {path}.")
        found = getattr(found, part)
    return found


def _guarded(call: Callable[[], R], where: str, doing: str) -> R:
    try:
        return call()
    except (Exception, SystemExit) as error:
        said = traceback.format_exception_only(error)[-1].strip()
        raise SettingsError(f"{where}: {doing} raised {said}\n{_user_traceback(error)}") from error


def _user_traceback(error: BaseException) -> str:
    """The traceback without our own frames and the import system's, which tell the user nothing."""
    summary = traceback.TracebackException.from_exception(error)
    summary.stack = traceback.StackSummary.from_list(
        [frame for frame in summary.stack if not _is_ours(frame.filename)]
    )
    return "".join(summary.format()).rstrip()


def _is_ours(filename: str) -> bool:
    return filename == __file__ or filename.startswith(_IMPORT_SYSTEM)
