"""Hooks of a pool, registered by decorator: `after_prefork`, `after_spawn` and `siginfo` (spec pool §4)."""

import logging
from collections.abc import Callable
from typing import Any, Literal, TypeVar

log = logging.getLogger("resque.pool")

Moment = Literal["after_prefork", "after_spawn", "siginfo"]
H = TypeVar("H", bound=Callable[..., Any])

_hooks: dict[Moment, list[Callable[..., Any]]] = {"after_prefork": [], "after_spawn": [], "siginfo": []}


def after_prefork(hook: H) -> H:
    """Call `hook(worker)` in each worker's process, before it works: the place to connect anew."""
    return _add("after_prefork", hook)


def after_spawn(hook: H) -> H:
    """Call `hook(queues, pid, pids)` in the manager after each fork: of the new worker, and all pids."""
    return _add("after_spawn", hook)


def siginfo(hook: H) -> H:
    """Call `hook(groups, pids)` in the manager when it is sent SIGINFO (Linux: SIGIO)."""
    return _add("siginfo", hook)


def pool_hooks(moment: Moment) -> tuple[Callable[..., Any], ...]:
    """The hooks of this moment in the order in which they were registered."""
    return tuple(_hooks[moment])


def run_pool_hooks(moment: Moment, *args: object) -> None:
    """Call the hooks of the manager's moments. One that fails is no reason to leave workers alone."""
    for hook in pool_hooks(moment):
        try:
            hook(*args)
        except Exception:
            log.exception("A hook %s failed", moment)


def _add(moment: Moment, hook: H) -> H:
    if hook not in _hooks[moment]:
        _hooks[moment].append(hook)
    return hook
