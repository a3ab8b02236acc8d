"""How worker hooks are run: which the keeper asks for, and what becomes of what they raise."""

import logging

from resque_core.errors import WorkerError
from resque_core.failing import exception_message, exception_name
from resque_core.records import WorkerInfo
from resque_core.worker_hooks import WorkerHookKind, worker_hooks

log = logging.getLogger("resque")

#: Those that the keeper asks for. The others the app process or the child runs by itself.
_ASKED_FOR: tuple[WorkerHookKind, ...] = (
    "queue_empty",
    "before_pause",
    "after_pause",
    "shutdown",
    "worker_exit",
)


def asked_for() -> list[str]:
    """The kinds that the keeper is to ask for: `before_fork` only if one of its hooks wants the job."""
    kinds: list[str] = [kind for kind in _ASKED_FOR if worker_hooks.of(kind)]
    return [*kinds, "before_fork"] if worker_hooks.takes_argument("before_fork") else kinds


def run_logged(kind: WorkerHookKind, worker: WorkerInfo | None) -> None:
    """Run the hooks of this kind. A worker goes on whatever they raise: it is logged."""
    try:
        worker_hooks.run(kind, worker)
    except BaseException:
        log.exception("A worker hook %s raised; the worker goes on", kind)


def run_first(kind: WorkerHookKind) -> None:
    """Run hooks without which the worker is not to start.

    :raises WorkerError: one raised.
    """
    try:
        worker_hooks.run(kind)
    except Exception as error:
        said = f"{exception_name(error)}: {exception_message(error)}"
        raise WorkerError(f"A worker hook {kind} raised {said}") from error
