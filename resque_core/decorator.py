"""`@job` and `register`: make jobs of functions, classes and modules."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, ParamSpec, Protocol, TypeVar, overload

from resque_core.closest import closest
from resque_core.definition import OPTIONS, Definition, Options, define
from resque_core.errors import RegistrationError
from resque_core.job_function import JobFunction
from resque_core.registry import registry
from resque_core.retry import Retry

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)


class JobDecorator(Protocol):
    """What `@job(…)` is: it makes a `JobFunction` of a function, and registers a class as it is."""

    @overload
    def __call__(self, target: C, /) -> C: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, target: Callable[P, R], /) -> JobFunction[P, R]: ...


@overload
def job(target: C, /) -> C: ...  # type: ignore[overload-overlap]
@overload
def job(target: Callable[P, R], /) -> JobFunction[P, R]: ...
@overload
def job(
    queue: str | None = None,
    *,
    name: str | None = None,
    on_worker_death: str | None = None,
    plugins: Sequence[object] = (),
    unique: str | float | None = None,
    unique_key: Callable[..., Any] | None = None,
    on_duplicate: str | None = None,
    limit: int | None = None,
    limit_key: Callable[..., Any] | None = None,
    timeout: float | None = None,
    isolate: bool = False,
    sensitive_args: Sequence[str] = (),
    retry: Retry | None = None,
    expires: float | timedelta | None = None,
    track: bool = False,
    result_ttl: float | timedelta = 86_400.0,
    cron: str | None = None,
    every: float | timedelta | str | None = None,
    timezone: str | None = None,
    catch_up: str | None = None,
    overlap: str | None = None,
    environment: str | Sequence[str] | None = None,
) -> JobDecorator: ...
def job(queue: Any = None, **options: Any) -> Any:
    """Register a job: a function, or a class with `perform` and maybe `queue` and hooks.

    `@job` as it is, or `@job(queue="mail", name=…, on_worker_death="fail", plugins=[…])`. A function
    becomes a `JobFunction`, with `.enqueue(…)`; a class stays what it is.

    :raises RegistrationError: it cannot be a job; the message says why and what to do.
    """
    if queue is None or isinstance(queue, str):
        settings = _read(queue=queue, **options)
        return lambda target: _register(target, settings)
    return _register(queue, _read(**options))


def register(
    obj: object,
    queue: str | None = None,
    name: str | None = None,
    on_worker_death: str | None = None,
    **options: Any,
) -> Definition:
    """Register a class, module or function that others wrote, with the options of `job`. It is not changed.

    :raises RegistrationError: it cannot be a job; the message says why and what to do.
    """
    settings = _read(queue=queue, name=name, on_worker_death=on_worker_death, **options)
    definition = define(obj._function if isinstance(obj, JobFunction) else obj, settings)
    registry.add(definition)
    return definition


def _read(**options: Any) -> Options:
    """
    :raises RegistrationError: one of them is none, or its value cannot be used.
    """
    for name in options.keys() - OPTIONS:
        close = closest(name, OPTIONS)
        way_out = f"Did you mean {close}?" if close else f"There are {', '.join(OPTIONS)}."
        raise RegistrationError(f"{name} is no option of a job. {way_out}")
    return Options(**options)


def _register(target: Any, options: Options) -> Any:
    definition = define(target, options)
    registry.add(definition)
    return target if isinstance(target, type) else JobFunction(definition.target, definition)
