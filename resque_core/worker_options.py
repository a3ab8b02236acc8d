"""`WorkerOptions`: how one worker works, checked when it is made."""

from dataclasses import dataclass, fields
from typing import Any

from resque_core.display import one_line
from resque_core.ending import Patience
from resque_core.errors import SettingsError
from resque_core.keeping import MULTI_QUEUE, Keeping
from resque_core.shift import Shift, shift_of
from resque_core.time_limits import TimeLimits
from resque_core.work_settings import check_setting


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """The keyword options of `Worker`. Times are in seconds.

    :raises SettingsError: a value cannot be used.
    """

    #: Between looks at empty queues; 0 drains the queues and ends, as in Ruby.
    interval: float = 5.0
    #: The shortest and the longest wait between looks, and by how much it grows. None: `interval`.
    min_interval: float | None = None
    max_interval: float | None = None
    backoff_interval: float = 0.1
    #: In which order the queues are asked: `strict`, `shuffle` or `round-robin`.
    order: str = "strict"
    #: End after so many jobs, so many megabytes, so many seconds; None: never.
    max_jobs: int | None = None
    max_rss: float | None = None
    max_age: float | None = None
    #: Run what `atexit` has in a job's process before it leaves.
    run_at_exit_hooks: bool = False
    #: End when there is nothing left to do.
    burst: bool = False
    #: Run each job in a forked child; False runs it in this process.
    fork: bool = True
    #: How many jobs one child performs. None: one, or with `seconds_per_fork` any number.
    jobs_per_fork: int | None = None
    #: How long one child performs jobs before another takes over. None: no limit of time.
    seconds_per_fork: float | None = None
    #: How many short jobs are taken from the store at once, at most.
    bundle: int = 32
    #: How long the worker may be silent before its job is taken back.
    lease: float = 30.0
    #: Between looks for workers whose lease is over.
    sweep: float = 5.0
    #: Let delayed jobs wait once they are due.
    promote: bool = True
    #: How long a running job may go on when the worker is stopped; then it is handed back.
    grace: float = 25.0
    #: How often a job is taken back from dead workers before it counts as failed.
    max_rescues: int = 3
    #: What becomes of a dead worker's job that does not say itself: `requeue` or `fail`. None: `requeue`,
    #: and with `ruby` `fail`.
    on_worker_death: str | None = None
    #: Do all as a worker of Ruby's does: its id, its signals, and jobs that are stopped fail.
    ruby: bool = False
    #: Tell a job that is to end, by a TermException in it, before its process is killed.
    term_child: bool = False
    #: How long a job that was told (with `term_child`, or of its time limit) may still run.
    term_timeout: float = 4.0
    #: With `term_child`: how long a job that is to end runs before it is told.
    pre_shutdown_timeout: float | None = None
    #: Let TERM wait for the running job, as QUIT does.
    graceful_term: bool = False
    #: How long a job may run that does not say itself: seconds, or a mapping of queues to seconds.
    timeout: TimeLimits = None
    #: Who is told of failures besides the store: `logging`, `sentry`, `airbrake`, `module:Class`.
    failure_backend: tuple[str, ...] = ()
    #: How many failures are kept, and for how long; the oldest go. None: as its `Resque` says, which is all.
    max_failures: int | None = None
    max_failure_age: float | None = None
    #: Modules to import in the app process.
    require: tuple[str, ...] = ()
    #: `module:function` to call once in the app process, after the modules.
    setup: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            check_setting(field.name, getattr(self, field.name), field.name)
        if not self.fork and (self.jobs_per_fork or self.seconds_per_fork):
            raise SettingsError(
                "jobs_per_fork and seconds_per_fork say how long a forked child works, and this worker forks "
                "none. Leave them out (JOBS_PER_FORK and SECONDS_PER_FORK, too), or let it fork."
            )

    @property
    def shift(self) -> Shift:
        """How long a child of this worker works."""
        return shift_of(self.jobs_per_fork, self.seconds_per_fork)

    @property
    def most_at_once(self) -> int:
        """How many jobs the worker may hold: one, where each is looked after by itself."""
        by_itself = self.max_jobs or self.max_rss or self.order != "strict" or self.death_policy == "fail"
        return 1 if by_itself else self.bundle

    @property
    def drain(self) -> bool:
        """Whether the worker ends at the first look that finds nothing."""
        return self.burst or self.interval == 0

    def kept_as(self, keeping: Keeping) -> Keeping:
        """How failures are kept: as the worker itself says, else as its `Resque` does."""
        return Keeping(
            apart=keeping.apart or MULTI_QUEUE in self.failure_backend,
            most=self.max_failures or keeping.most,
            age=self.max_failure_age or keeping.age,
        )

    @property
    def death_policy(self) -> str:
        """What becomes of a dead worker's job that does not say itself."""
        return self.on_worker_death or ("fail" if self.ruby else "requeue")

    @property
    def stop_patience(self) -> Patience:
        """What the job in hand gets when the worker is stopped: then it goes back, or with `ruby` fails."""
        if self.ruby:
            return self.kill_patience
        if not self.term_child:
            return Patience(self.grace)
        told = self.pre_shutdown_timeout
        if told is None:
            told = max(0.0, self.grace - self.term_timeout)
        return Patience(told + self.term_timeout, told)

    def time_limit(self, seconds: float) -> Patience:
        """What a job gets that may run for so long: then it fails with JobTimeout."""
        return Patience(seconds + self.term_timeout, seconds, fails=True)

    @property
    def kill_patience(self) -> Patience:
        """What the job in hand gets when it is to end by itself: then it fails."""
        if not self.term_child:
            return Patience(0.0, fails=True)
        told = self.pre_shutdown_timeout or 0.0
        return Patience(told + self.term_timeout, told, fails=True)


def worker_options(**options: object) -> WorkerOptions:
    """The options that a caller wrote as keywords.

    :raises SettingsError: there is no option of that name, or its value cannot be used.
    """
    known = [field.name for field in fields(WorkerOptions)]
    unknown = [name for name in options if name not in known]
    if unknown:
        raise SettingsError(
            f"A worker has no option {' or '.join(map(one_line, unknown))}. It has: {', '.join(known)}."
        )
    values: dict[str, Any] = options
    return WorkerOptions(**values)
