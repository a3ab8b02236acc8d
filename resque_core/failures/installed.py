"""The failure backends of this process: those that the worker's settings name, and those that code adds."""

from collections.abc import Callable, Iterable
from typing import Any

from resque_core.errors import SettingsError
from resque_core.failures.airbrake import AirbrakeBackend
from resque_core.failures.logging import LoggingBackend
from resque_core.failures.multiple import Multiple
from resque_core.failures.report import FailureBackend
from resque_core.failures.sentry import SentryBackend
from resque_core.keeping import MULTI_QUEUE, ONE_LIST
from resque_core.loading import load_object

#: What `--failure-backend` and FAILURE_BACKEND may say in place of `module:Class`.
BY_NAME: dict[str, Callable[[], FailureBackend]] = {
    "logging": LoggingBackend,
    "sentry": SentryBackend,
    "airbrake": AirbrakeBackend,
}
#: The store has every failure, whatever is said.
STORE = (ONE_LIST, MULTI_QUEUE)

_backends: list[FailureBackend] = []


def add_failure_backend(backend: FailureBackend | type[FailureBackend]) -> None:
    """Have it told of every job that fails in a worker of this process, from now on.

    Call it where jobs are defined, or in the function of `--setup`. A class is made an object.
    """
    _backends.append(backend() if isinstance(backend, type) else backend)


def failure_backends() -> Multiple:
    """All of them, as one."""
    return Multiple(_backends)


def clear_failure_backends() -> None:
    """Forget all of them."""
    _backends.clear()


def install(names: Iterable[str]) -> None:
    """Add the backends that the settings name: `logging`, `sentry`, `airbrake`, or `module:Class`.

    :raises SettingsError: one cannot be had.
    """
    for name in names:
        if name not in STORE:
            add_failure_backend(_made(name))


def read_names(said: str | Iterable[str] | None) -> tuple[str, ...]:
    """The names in what `Resque(failure_backend=…)` says: one, or several.

    :raises SettingsError: one of them names no backend.
    """
    names = (said,) if isinstance(said, str) else tuple(said or ())
    for name in names:
        _check(name, f"failure_backend={name!a:.80}")
    return names


def _check(name: object, where: str) -> None:
    if not isinstance(name, str) or (name not in (*STORE, *BY_NAME) and ":" not in name):
        known = ", ".join((*STORE, *BY_NAME))
        raise SettingsError(f"{where}: there is no such backend. Write {known}, or MODULE:CLASS of your own.")


def _made(name: str) -> FailureBackend:
    if name in BY_NAME:
        return BY_NAME[name]()
    where = f"--failure-backend {name}"
    _check(name, where)
    backend: Any = load_object(name, where)
    made: FailureBackend = backend() if isinstance(backend, type) else backend
    if not callable(getattr(made, "save", None)):
        raise SettingsError(f"{where}: it has no method save(report).")
    return made
