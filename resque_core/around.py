"""Runs a call inside `around_perform` hooks: generator functions that `yield` where the rest goes on."""

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any

from resque_core.hooks import Hook

Call = Callable[[], Any]


def within(hooks: Sequence[Hook], call: Call, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Call:
    """`call` inside all hooks, the first of them outermost."""
    for hook in reversed(hooks):
        call = partial(_run, hook, call, args, kwargs)
    return call


def _run(hook: Hook, call: Call, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """One hook around `call`. What it returns, if anything, is the result for the hooks around it."""
    around = hook(*args, **kwargs)
    try:
        next(around)
    except StopIteration as end:
        return end.value
    try:
        result = call()
    except BaseException as error:
        return _throw(hook, around, error)
    try:
        around.send(result)
    except StopIteration as end:
        return result if end.value is None else end.value
    raise _yielded_twice(hook, around)


def _throw(hook: Hook, around: Generator[Any, Any, Any], error: BaseException) -> Any:
    """Raise what the job raised at the hook's `yield`; a hook that catches it has dealt with it."""
    try:
        around.throw(error)
    except StopIteration as end:
        return end.value
    except RuntimeError as wrapped:
        # A StopIteration cannot leave a generator as itself (PEP 479).
        if isinstance(error, StopIteration) and wrapped.__cause__ is error:
            raise error from None
        raise
    raise _yielded_twice(hook, around)


def _yielded_twice(hook: Hook, around: Generator[Any, Any, Any]) -> RuntimeError:
    around.close()
    name = getattr(hook, "__qualname__", repr(hook))
    return RuntimeError(f"The hook {name} yielded twice. Let it yield once, where the job is performed.")
