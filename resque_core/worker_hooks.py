"""`worker_hooks`: functions that run at points in a worker's life, as Ruby's `Resque.before_fork { … }` does.

Which process runs which of them is told in docs/reference/hooks.md.
"""

import inspect
from collections.abc import Callable
from typing import Any, Literal, TypeVar, get_args

from resque_core.display import one_line
from resque_core.errors import RegistrationError

WorkerHookKind = Literal[
    "worker_setup",
    "before_first_fork",
    "before_fork",
    "after_fork",
    "queue_empty",
    "before_pause",
    "after_pause",
    "shutdown",
    "worker_exit",
]
WORKER_HOOK_KINDS: tuple[WorkerHookKind, ...] = get_args(WorkerHookKind)
#: Those that may take an argument: the job, or the worker.
_WITH_JOB = ("before_fork", "after_fork")
_WITH_WORKER = ("before_pause", "after_pause")

Hook = Callable[..., Any]
H = TypeVar("H", bound=Hook)


class WorkerHooks:
    """The worker hooks of this process, several of each kind, in the order in which they were registered.

    Each method is a decorator and returns the function unchanged.

    :raises RegistrationError: the function cannot be called as its kind is.
    """

    def __init__(self) -> None:
        self._hooks: dict[WorkerHookKind, list[tuple[Hook, int]]] = {}

    def worker_setup(self, hook: H) -> H:
        """Once, when the worker's code has been loaded."""
        return self._add("worker_setup", hook)

    def before_first_fork(self, hook: H) -> H:
        """Once, before the first child is forked and before the worker is registered."""
        return self._add("before_first_fork", hook)

    def before_fork(self, hook: H) -> H:
        """Before each fork. A hook that takes the job has no child forked ahead of its job."""
        return self._add("before_fork", hook)

    def after_fork(self, hook: H) -> H:
        """In each child, before its job. It may take the job."""
        return self._add("after_fork", hook)

    def queue_empty(self, hook: H) -> H:
        """When a worker that had worked finds nothing more to do."""
        return self._add("queue_empty", hook)

    def before_pause(self, hook: H) -> H:
        """When the worker was told to pause (USR2). It may take the worker's `WorkerInfo`."""
        return self._add("before_pause", hook)

    def after_pause(self, hook: H) -> H:
        """When the worker was told to go on (CONT). It may take the worker's `WorkerInfo`."""
        return self._add("after_pause", hook)

    def shutdown(self, hook: H) -> H:
        """When the worker was told to end; its job may still run."""
        return self._add("shutdown", hook)

    def worker_exit(self, hook: H) -> H:
        """Last, when the worker is off the register."""
        return self._add("worker_exit", hook)

    def clear(self, kind: WorkerHookKind | None = None) -> None:
        """Forget the hooks of this kind, or all."""
        for each in WORKER_HOOK_KINDS if kind is None else (kind,):
            self._hooks.pop(each, None)

    def of(self, kind: WorkerHookKind) -> tuple[Hook, ...]:
        """The hooks of this kind, in their order."""
        return tuple(hook for hook, _ in self._hooks.get(kind, ()))

    def takes_argument(self, kind: WorkerHookKind) -> bool:
        """Whether a hook of this kind wants the job, or the worker."""
        return any(wanted for _, wanted in self._hooks.get(kind, ()))

    def run(self, kind: WorkerHookKind, *about: object) -> None:
        """Call every hook of this kind; what one raises goes to the caller."""
        for hook, wanted in self._hooks.get(kind, ()):
            hook(*about[:wanted])

    def _add(self, kind: WorkerHookKind, hook: H) -> H:
        hooks = self._hooks.setdefault(kind, [])
        if hook not in self.of(kind):
            hooks.append((hook, _wanted(kind, hook)))
        return hook


#: The hooks of this process, as its modules registered them.
worker_hooks = WorkerHooks()


def _wanted(kind: WorkerHookKind, hook: Hook) -> int:
    """How many arguments to call the hook with."""
    most = 1 if kind in (*_WITH_JOB, *_WITH_WORKER) else 0
    if inspect.iscoroutinefunction(hook) or inspect.isgeneratorfunction(hook):
        raise RegistrationError(f"The worker hook {kind} cannot be {one_line(hook)}: use a plain function.")
    signature = inspect.signature(hook)
    for count in range(most, -1, -1):
        try:
            signature.bind(*[None] * count)
        except TypeError:
            continue
        return count
    what = "the job" if kind in _WITH_JOB else "the worker"
    may = f"nothing, or {what}" if most else "nothing"
    raise RegistrationError(f"The worker hook {kind} {one_line(hook)}{signature} is called with {may}.")
