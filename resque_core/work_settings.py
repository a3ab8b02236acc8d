"""`WorkSettings`: everything that `resque work` needs to know, checked in one place."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import inf
from typing import Any

from resque_core.errors import SettingsError
from resque_core.job import DEATH_POLICIES
from resque_core.queue_order import ORDERS
from resque_core.time_limits import TimeLimits, problem_with

LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json", "ruby", "ruby-verbose")
MAX_COUNT = 1000
#: A wait of more than a day is a typing error, and more than a few weeks overflows what poll() takes.
MAX_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSettings:
    """How to work: which store, which queues, how many workers, and how patient they are.

    :raises SettingsError: a value cannot be used; the message says which, why and what to write instead.
    """

    #: The store, and which one of argument, --url, RESQUE_URL … named it.
    url: str
    source: str = "argument"
    namespace: str = "resque"
    #: Dotted path of the function that opens the store, for a URL whose scheme no installed backend has.
    backend: str | None = None
    #: Queue patterns in order of priority: names, globs, `!` negations.
    queues: tuple[str, ...]
    #: Modules that register the jobs.
    require: tuple[str, ...] = ()
    #: `module:function`, called once in each app process after the modules were loaded.
    setup: str | None = None
    #: Seconds between looks at empty queues; 0 drains the queues and ends, as in Ruby.
    interval: float = 5.0
    #: Seconds: the shortest and the longest wait between looks, and by how much it grows. None: `interval`.
    min_interval: float | None = None
    max_interval: float | None = None
    backoff_interval: float = 0.1
    #: In which order the queues are asked: `strict`, `shuffle` or `round-robin`.
    order: str = "strict"
    #: End a worker after so many jobs, so many megabytes, so many seconds; None: never.
    max_jobs: int | None = None
    max_rss: float | None = None
    max_age: float | None = None
    #: Run what `atexit` has in a job's process before it leaves.
    run_at_exit_hooks: bool = False
    #: End when there is nothing left to do.
    burst: bool = False
    #: Run each job in a child of its own.
    fork: bool = True
    #: How many jobs one child performs. None: one, or with `seconds_per_fork` any number.
    jobs_per_fork: int | None = None
    #: Seconds that one child performs jobs before another takes over. None: no limit of time.
    seconds_per_fork: float | None = None
    #: How many short jobs are taken from the store at once, at most.
    bundle: int = 32
    #: Seconds that a worker may be silent before its job is taken back.
    lease: float = 30.0
    #: Seconds between looks for workers whose lease is over.
    sweep: float = 5.0
    #: Let delayed jobs wait once they are due.
    promote: bool = True
    #: Seconds that a running job gets to finish when the worker is stopped.
    grace: float = 25.0
    #: Tell a job that is to end, by a TermException in it, before its process is killed.
    term_child: bool = False
    #: With `term_child`: seconds that a job that was told may still run.
    term_timeout: float = 4.0
    #: With `term_child`: seconds that a job that is to end runs before it is told.
    pre_shutdown_timeout: float | None = None
    #: Let TERM wait for the running job, as QUIT does.
    graceful_term: bool = False
    #: Seconds that a job may run, or a mapping of queues to these; a job's own `timeout` counts before.
    timeout: TimeLimits = None
    #: How often one job is taken back from dead workers before it counts as failed.
    max_rescues: int = 3
    #: `requeue` or `fail`: what becomes of a dead worker's job. None: `requeue`, and with `ruby` `fail`.
    on_worker_death: str | None = None
    #: Who is told of failures besides the store: `logging`, `sentry`, `airbrake`, `module:Class`.
    failure_backend: tuple[str, ...] = ()
    #: How many failures are kept, and for how many seconds; the oldest go. None: all, for ever.
    max_failures: int | None = None
    max_failure_age: float | None = None
    #: Do all as Ruby Resque does.
    ruby: bool = False
    #: How many workers to run.
    count: int = 1
    #: Where to write the process id.
    pidfile: str | None = None
    log_level: str = "info"
    #: Where to log; None is stderr.
    log_file: str | None = None
    #: `text`, `json`, or Ruby's: `ruby`, `ruby-verbose`.
    log_format: str = "text"
    #: Go on as a daemon.
    background: bool = False
    #: Have a scheduler run beside the workers.
    scheduler: bool = False
    #: A YAML file of recurring entries, for a scheduler.
    schedule: str | None = None
    #: Seconds between a scheduler's looks for new entries.
    scheduler_interval: float = 5.0
    #: Which environment's entries a scheduler carries out. None: what RESQUE_ENV … say.
    environment: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            check_setting(field.name, getattr(self, field.name), field.name)


def check_setting(name: str, value: object, where: str) -> None:
    """Refuse a value that the setting `name` cannot have; `where` is what the user wrote it under.

    :raises SettingsError: it cannot be used.
    """
    reason = _CHECKS[name](value) if name in _CHECKS else None
    if reason is not None:
        raise SettingsError(f"{where}: {reason}")


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value.strip()):
        return None
    if isinstance(value, str):
        return f"{value!a} is not usable: it is empty. Give it a value, or leave it out."
    return f"a {type(value).__name__} cannot be used. Give text."


def _names(value: Any) -> str | None:
    if isinstance(value, tuple | list) and all(isinstance(name, str) for name in value):
        return None
    return f"{value!a:.80} is not a list of names. Write one, such as ['shop.jobs']."


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"{value!a:.80} cannot be used. Give True or False."


def _queues(value: Any) -> str | None:
    if any(pattern and not pattern.startswith("!") for pattern in value):
        return None
    return "Please give each worker at least one queue. Write --queues 'critical,*' or QUEUES='critical,*'."


def _choice(choices: tuple[str | None, ...]) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        if value in choices:
            return None
        return f"{value!a:.80} is not one of {', '.join(filter(None, choices))}. Write one of these."

    return check


def _seconds(*, zero: bool) -> Callable[[Any], str | None]:
    lowest = "0 or more" if zero else "more than 0"

    def check(value: Any) -> str | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # nan and inf fail these comparisons too.
        if is_number and 0 <= value <= MAX_SECONDS and (zero or value > 0):
            return None
        return f"{value!a:.80} seconds cannot be used. Give {lowest}, and at most {MAX_SECONDS:.0f} (a day)."

    return check


def _more_than_nothing(value: Any) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # nan fails this comparison too.
    return None if is_number and 0 < value < inf else f"{value!a:.80} cannot be used. Give more than 0."


def _optional(check: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else check(value)


def _whole(low: int, high: int | None) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and value >= low and (high is None or value <= high):
            return None
        upwards = "on" if high is None else f"to {high}"
        return f"{value!a:.80} cannot be used. Give a whole number from {low} {upwards}."

    return check


_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "url": _text,
    "namespace": _text,
    "backend": _text,
    "queues": _queues,
    "require": _names,
    "setup": _text,
    "interval": _seconds(zero=True),
    "burst": _flag,
    "fork": _flag,
    "jobs_per_fork": _optional(_whole(1, None)),
    "seconds_per_fork": _optional(_seconds(zero=False)),
    "bundle": _whole(1, 1000),
    "promote": _flag,
    "lease": _seconds(zero=False),
    "sweep": _seconds(zero=False),
    "grace": _seconds(zero=True),
    "term_child": _flag,
    "term_timeout": _seconds(zero=True),
    "pre_shutdown_timeout": _optional(_seconds(zero=True)),
    "graceful_term": _flag,
    "timeout": problem_with,
    "max_rescues": _whole(0, None),
    "on_worker_death": _choice((None, *DEATH_POLICIES)),
    "failure_backend": _names,
    "max_failures": _optional(_whole(1, None)),
    "max_failure_age": _optional(_more_than_nothing),
    "ruby": _flag,
    "count": _whole(1, MAX_COUNT),
    "pidfile": _text,
    "log_level": _choice(LOG_LEVELS),
    "log_file": _text,
    "log_format": _choice(LOG_FORMATS),
    "background": _flag,
    "scheduler": _flag,
    "schedule": _text,
    "scheduler_interval": _seconds(zero=False),
    "environment": _text,
    "min_interval": _optional(_seconds(zero=True)),
    "max_interval": _optional(_seconds(zero=True)),
    "backoff_interval": _seconds(zero=True),
    "order": _choice(ORDERS),
    "max_jobs": _optional(_whole(1, None)),
    "max_rss": _optional(_more_than_nothing),
    "max_age": _optional(_more_than_nothing),
    "run_at_exit_hooks": _flag,
}
