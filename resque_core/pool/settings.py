"""`PoolSettings`: how a pool manager behaves, checked in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from resque_core.display import one_line
from resque_core.errors import SettingsError
from resque_core.settings import named_environment
from resque_core.variables import from_environment
from resque_core.work_settings import check_setting
from resque_core.worker_options import WorkerOptions, worker_options

#: What TERM means: wait for jobs, within their grace; leave, while they finish; have them handed back.
TERM_BEHAVIORS = ("graceful-wait", "graceful", "immediate")
#: Seconds. Whoever needs more between two forks needs another machine.
LONGEST_DELAY = 3600.0
#: What each worker of a pool gets from its group or its manager, and cannot be said for all.
_NOT_FOR_POOLS = ("burst", "fork")
_TEXT, _FLAG = (str | None, "text, or None"), (bool, "True or False")
_TYPES: dict[str, tuple[Any, str]] = {
    "app_name": (str, "text"),
    "spawn_delay": (int | float, "a number of seconds"),
    "worker": (Mapping, "a mapping, such as {'interval': 2}"),
    **dict.fromkeys(("environment", "stdout", "stderr", "pidfile", "lock"), _TEXT),
    **dict.fromkeys(("single_process_group", "daemon", "kill_others", "sync"), _FLAG),
}
#: What variables such as INTERVAL and RESQUE_SCHEDULE say counts for a pool's workers and schedulers too.
_OF_WORKERS = [it.name for it in fields(WorkerOptions)]
_OF_SCHEDULERS = ("schedule", "scheduler_interval")
#: RESQUE_SINGLE_PGRP: resque-pool's list (spec pool §6).
_TRUE_WORDS = ("yes", "y", "true", "t", "1", "okay", "sure", "please")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSettings:
    """How the manager of a pool behaves. Times are in seconds.

    :raises SettingsError: a value cannot be used.
    """

    #: In titles and logs, and by which a hot swap knows its predecessor.
    app_name: str
    #: Which section of the file counts; None or empty for none.
    environment: str | None = None
    term_behavior: str = "graceful-wait"
    #: Between two forks.
    spawn_delay: float = 0.0
    #: Leave the workers in the manager's process group: a signal to the group reaches all of them.
    single_process_group: bool = False
    #: Go on in the background, as a daemon, which WINCH stops the workers of.
    daemon: bool = False
    #: End the other pools of this application once our workers are there.
    kill_others: bool = False
    #: Files to which standard output and errors go; reopened on HUP.
    stdout: str | None = None
    stderr: str | None = None
    #: Pass output on line by line, instead of letting it wait in buffers.
    sync: bool = True
    pidfile: str | None = None
    #: A file that is locked, shared, for as long as anybody of this pool lives.
    lock: str | None = None
    #: A YAML file of recurring entries, and seconds between looks for new ones: of groups' schedulers.
    schedule: str | None = None
    scheduler_interval: float = 5.0
    #: Options of every worker, as keywords of `Worker`.
    worker: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_types()
        if not self.app_name or not self.app_name.isprintable() or "]" in self.app_name:
            raise SettingsError(
                f"The application's name {self.app_name!a:.80} cannot be shown in titles. "
                f"Give printable text without ']'."
            )
        if self.term_behavior not in TERM_BEHAVIORS:
            raise SettingsError(
                f"term_behavior={self.term_behavior!a:.80} is not one of {', '.join(TERM_BEHAVIORS)}."
            )
        if not 0 <= self.spawn_delay <= LONGEST_DELAY:
            raise SettingsError(
                f"spawn_delay={self.spawn_delay!a:.80}: give 0 to {LONGEST_DELAY:.0f} seconds."
            )
        for name in ("schedule", "scheduler_interval"):
            check_setting(name, getattr(self, name), name)
        for name in _NOT_FOR_POOLS:
            if name in self.worker:
                raise SettingsError(f"A pool's workers have no option {name}: they work on, in forks.")
        self.options()

    def _check_types(self) -> None:
        for name, (wanted, words) in _TYPES.items():
            value = getattr(self, name)
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                raise SettingsError(f"{name}={value!a:.80} cannot be used. Give {words}.")

    def options(self, own: Mapping[str, Any] | None = None) -> WorkerOptions:
        """The options of a worker whose group says `own`; its code is loaded already, by the manager.

        :raises SettingsError: they cannot be used.
        """
        options = worker_options(**{**self.worker, **(own or {}), "require": (), "setup": None})
        if options.drain:
            raise SettingsError("interval: 0 would end a pool's workers as soon as there is nothing to do.")
        return options

    @property
    def term_child(self) -> bool:
        """Whether workers tell their job that it is to end; then the manager asks by TERM, not by QUIT."""
        return self.options().term_child

    def as_stopped(self, own: Mapping[str, Any] | None = None) -> WorkerOptions:
        """The same, as the worker itself gets them: where TERM is immediate, it leaves no group any grace."""
        options = self.options(own)
        return replace(options, grace=0.0) if self.term_behavior == "immediate" else options


def pool_settings(environ: Mapping[str, str], **options: Any) -> PoolSettings:
    """The settings of a pool: as the options say, else as the variables do that are for pools.

    :raises SettingsError: there is no option of that name, or a value cannot be used.
    """
    known = [it.name for it in fields(PoolSettings)]
    if unknown := [name for name in options if name not in known]:
        raise SettingsError(
            f"A pool has no option {' or '.join(map(one_line, unknown))}. It has: {', '.join(known)}; what "
            f"holds for each worker is said by worker={{…}}."
        )
    variables = _from_variables(environ)
    of_workers = options.get("worker", {})
    if isinstance(of_workers, Mapping):
        options["worker"] = {**variables["worker"], **of_workers}
    return PoolSettings(**{**variables, **options})


def _from_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    said = from_environment(environ)
    for name, given in said.items():
        check_setting(name, given.value, given.where)
    values = {name: given.value for name, given in said.items()}
    return {
        "app_name": Path.cwd().name or "resque",
        "environment": named_environment(environ),
        "single_process_group": environ.get("RESQUE_SINGLE_PGRP", "").lower() in _TRUE_WORDS,
        "worker": {name: values[name] for name in _OF_WORKERS if name in values},
        **{name: values[name] for name in _OF_SCHEDULERS if name in values},
    }
