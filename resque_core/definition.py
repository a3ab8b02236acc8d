"""`Definition`: what `@job` and `register` know of one job."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import timedelta
from types import CoroutineType, ModuleType
from typing import Any

from resque_core.codec import LONGEST_TRACK
from resque_core.errors import InvalidArguments, RegistrationError, UnnameableJobError
from resque_core.hooks import Hooks, find_hooks, takes_self
from resque_core.job import DEATH_POLICIES
from resque_core.limiting import Limiting, limiting
from resque_core.moments import read_delay
from resque_core.queue_name import check_queue_name
from resque_core.recurrence import entry_of
from resque_core.retry import Retry
from resque_core.schedule_entry import ScheduleEntry
from resque_core.terms import lasting
from resque_core.time_limits import problem_with
from resque_core.uniqueness import Uniqueness, uniqueness

#: Keywords of `enqueue` and its like, so not of jobs.
KEPT = ("at_front", "expires", "then")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `@job` and `register` are told about a job.

    :raises RegistrationError: a value cannot be used.
    """

    queue: str | None = None
    name: str | None = None
    on_worker_death: str | None = None
    plugins: Sequence[object] = ()
    unique: str | float | None = None
    unique_key: Callable[..., Any] | None = None
    on_duplicate: str | None = None
    #: How many may run at once, of those for which `limit_key` chooses the same of their arguments.
    limit: int | None = None
    limit_key: Callable[..., Any] | None = None
    #: Seconds that it may run; None leaves that to the worker.
    timeout: float | None = None
    #: Whether it gets a child of its own from a worker that has children perform several jobs.
    isolate: bool = False
    retry: Retry | None = None
    #: How long after it should have run it is worth running: seconds, or a timedelta; None: for ever.
    expires: float | timedelta | None = None
    #: Whether its status, progress and result are kept, and for how many seconds after its end.
    track: bool = False
    result_ttl: float | timedelta = 86_400.0
    #: What `unique` and its like say together, and what `limit` and its like do.
    uniqueness: Uniqueness | None = field(init=False, default=None)
    limiting: Limiting | None = field(init=False, default=None)
    #: Parameters whose values are masked in reports.
    sensitive_args: Sequence[str] = ()
    #: When schedulers enqueue it, without arguments: by a cron expression, or so often.
    cron: str | None = None
    every: float | timedelta | str | None = None
    timezone: str | None = None
    catch_up: str | None = None
    overlap: str | None = None
    environment: str | Sequence[str] | None = None

    def __post_init__(self) -> None:
        self.schedule_of("-")
        object.__setattr__(self, "uniqueness", uniqueness(self.unique, self.unique_key, self.on_duplicate))
        limits = limiting(self.unique, self.unique_key, self.limit, self.limit_key)
        object.__setattr__(self, "limiting", limits)
        name: object = self.name
        policy = self.on_worker_death
        if self.queue is not None:
            check_queue_name(self.queue)
        if name is not None and not (isinstance(name, str) and name and name.isprintable()):
            raise RegistrationError(
                f"{name!a:.80} cannot name a job. Give it a name of printable characters."
            )
        isolate: object = self.isolate
        if not isinstance(isolate, bool):
            raise RegistrationError(f"isolate={isolate!a:.80}: write True or False.")
        if self.timeout is not None and (reason := problem_with(self.timeout)):
            raise RegistrationError(f"timeout={reason}")
        if self.retry is not None and not isinstance(self.retry, Retry):
            raise RegistrationError(f"retry={self.retry!a:.80}: write retry=Retry(limit=…).")
        _check_expires(self.expires)
        _check_track(self.track, self.result_ttl)
        if policy is not None and policy not in DEATH_POLICIES:
            raise RegistrationError(f"on_worker_death={policy!a:.80}: write 'requeue' or 'fail'.")

    def schedule_of(self, name: str) -> ScheduleEntry | None:
        """The recurring entry of the job with this name, if it has one.

        :raises RegistrationError: a value cannot be used.
        """
        said = (self.timezone, self.catch_up, self.overlap, self.environment)
        return entry_of(name, self.cron, self.every, said)


#: What `@job` and `register` may be told.
OPTIONS = tuple(part.name for part in fields(Options) if part.init)


def _check_expires(expires: object) -> None:
    try:
        if expires is not None:
            lasting(expires)
    except InvalidArguments as error:
        raise RegistrationError(str(error)) from None


def _check_track(track: object, ttl: object) -> None:
    if not isinstance(track, bool):
        raise RegistrationError(f"track={track!a:.80}: write True or False.")
    try:
        seconds = read_delay(ttl).total_seconds()
    except InvalidArguments as error:
        raise RegistrationError(f"result_ttl={error}") from None
    if not 0 < seconds <= LONGEST_TRACK:
        raise RegistrationError(f"result_ttl={ttl!a:.80}: give seconds, more than 0 and at most a year.")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a job is written down: equal for the same lines, imported again."""

    module: str
    qualname: str
    file: str | None = None
    line: int | None = None

    @property
    def path(self) -> str:
        """`module.qualname`; for a module just its name."""
        return f"{self.module}.{self.qualname}" if self.qualname else self.module

    def __str__(self) -> str:
        return f"{self.path} ({self.file}:{self.line})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Definition:
    """A job that can be enqueued by name and, if it has a target, performed."""

    #: The wire name.
    name: str
    #: The class, module or function; None for a job that only other code bases know.
    target: Any = None
    hooks: Hooks = field(default_factory=Hooks)
    source: Source = Source("", "")
    options: Options = Options()

    @property
    def queue(self) -> str | None:
        """Its queue: what was given as `queue=`, else the target's `queue`, read or called anew each time."""
        if self.options.queue or not _has_parts(self.target):
            return self.options.queue
        queue = getattr(self.target, "queue", None)
        # A module of jobs may well import the standard library's `queue`.
        if isinstance(queue, ModuleType):
            return None
        queue = queue() if callable(queue) else queue
        return None if queue is None else check_queue_name(queue)

    def call(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Call the job's function; a coroutine is run to its end."""
        # Looked up each time, so that a test may patch `perform`.
        function = getattr(self.target, "perform", None) if _has_parts(self.target) else self.target
        if function is None:
            # It says what is wrong.
            function = _function_of(self.target)
        result = function(*args, **kwargs)
        return _run(result) if isinstance(result, CoroutineType) else result


def define(target: Any, options: Options) -> Definition:
    """The definition of a class or module with `perform`, or of a function.

    :raises RegistrationError: it cannot be a job; the message says why and what to do.
    """
    target = target.__func__ if isinstance(target, staticmethod) else target
    function = _function_of(target)
    source = _source_of(target, function)
    _check_function(source, function)
    if options.schedule_of("-"):
        _refuse_required(source, function)
    _refuse_self(source, "queue", getattr(target, "queue", None))
    return Definition(
        name=options.name or _wire_name(source),
        target=target,
        hooks=find_hooks(target if _has_parts(target) else None, options.plugins),
        source=source,
        options=options,
    )


_WITH_PARTS = (type, ModuleType)


def _has_parts(target: object) -> bool:
    """Whether this is a class or a module: something with `queue`, `perform` and hooks on it."""
    return isinstance(target, _WITH_PARTS)


def _function_of(target: Any) -> Any:
    function = getattr(target, "perform", None) if _has_parts(target) else target
    if callable(function) and (function is not target or hasattr(target, "__qualname__")):
        return function
    raise RegistrationError(
        f"{target!r} cannot be a job: that takes a function, or a class or module with a function `perform`."
    )


def _source_of(target: Any, function: Any) -> Source:
    code = getattr(inspect.unwrap(function), "__code__", None)
    file, line = getattr(code, "co_filename", None), getattr(code, "co_firstlineno", None)
    if isinstance(target, ModuleType):
        return Source(target.__name__, "", file, line)
    return Source(str(target.__module__), target.__qualname__, file, line)


def _wire_name(source: Source) -> str:
    way_out = "Move it to the top of a module that can be imported, or give it a name: @job(name=…)."
    if source.module in ("__main__", "__mp_main__"):
        raise UnnameableJobError(
            f"{source.path} has no name that a worker could use: it is part of the program that was started, "
            f"not of a module. {way_out}"
        )
    if "<" in source.qualname:
        raise UnnameableJobError(
            f"{source.path} has no name that a worker could use: it is made inside a function. {way_out}"
        )
    return source.path


def _check_function(source: Source, function: Any) -> None:
    _refuse_self(source, "perform", function)
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise RegistrationError(f"{source.path} has a `yield`: calling it would run nothing. Take that out.")
    for name in KEPT:
        if name in _parameters(function):
            raise RegistrationError(
                f"{source.path} has a parameter `{name}`, which enqueue keeps for itself. "
                f"Rename the parameter."
            )


def _refuse_required(source: Source, function: Any) -> None:
    """A tick has no arguments to give."""
    plain = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    )
    needed = [it.name for it in _parameters(function).values() if it.default is it.empty and it.kind in plain]
    if needed:
        raise RegistrationError(
            f"{source.path} is recurring, and nobody gives it {', '.join(needed)}. Give each a default, "
            f"or leave cron=… and every=… to an entry with args in a schedule file."
        )


def _refuse_self(source: Source, part: str, function: object) -> None:
    if takes_self(function):
        raise RegistrationError(
            f"The {part} of {source.path} takes `self`, but jobs have no instance. "
            f"Make it a @staticmethod or @classmethod."
        )


def _parameters(function: Any) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _run(coroutine: "CoroutineType[Any, Any, Any]") -> Any:
    # Imported only where a job is a coroutine: it would make up a third of our import time.
    import asyncio

    # Closed, so that one that could not be started (a loop runs here already) does not warn as well.
    with closing(coroutine):
        return asyncio.run(coroutine)
