"""`WorkerOptions`: how one worker works, checked when it is made."""

from dataclasses import dataclass, fields

from resque_core.work_settings import check_setting


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """The keyword options of `Worker`. Times are in seconds.

    :raises SettingsError: a value cannot be used.
    """

    #: Between looks at empty queues; 0 drains the queues and ends, as in Ruby.
    interval: float = 5.0
    #: End when there is nothing left to do.
    burst: bool = False
    #: Run each job in a forked child; False runs it in this process.
    fork: bool = True
    #: How long the worker may be silent before its job is taken back.
    lease: float = 30.0
    #: Between looks for workers whose lease is over.
    sweep: float = 5.0
    #: How long a running job may go on when the worker is stopped; then it is handed back.
    grace: float = 25.0
    #: How often a job is taken back from dead workers before it counts as failed.
    max_rescues: int = 3
    #: What becomes of a dead worker's job that does not say itself: `requeue` or `fail`.
    on_worker_death: str = "requeue"
    #: Modules to import in the app process.
    require: tuple[str, ...] = ()
    #: `module:function` to call once in the app process, after the modules.
    setup: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            check_setting(field.name, getattr(self, field.name), field.name)

    @property
    def drain(self) -> bool:
        """Whether the worker ends at the first look that finds nothing."""
        return self.burst or self.interval == 0
