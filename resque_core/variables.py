"""Environment variables that say how workers work: Ruby's, and a few of ours."""

from collections.abc import Callable, Mapping
from typing import Any

from resque_core.config import Given, split_list
from resque_core.display import one_line
from resque_core.errors import SettingsError

A_NUMBER = "a number of seconds, for example 5"

#: Ruby's environment variables: what each one sets, how it is read, and what it should hold.
#: QUEUES comes after QUEUE because it wins.
VARIABLES: dict[str, tuple[str, Callable[[str], Any], str]] = {
    "QUEUE": ("queues", split_list, "a list of queues"),
    "QUEUES": ("queues", split_list, "a list of queues"),
    "INTERVAL": ("interval", float, A_NUMBER),
    "MIN_INTERVAL": ("min_interval", float, A_NUMBER),
    "MAX_INTERVAL": ("max_interval", float, A_NUMBER),
    "BACKOFF_INTERVAL": ("backoff_interval", float, A_NUMBER),
    "RESQUE_TERM_TIMEOUT": ("term_timeout", float, A_NUMBER),
    "RESQUE_PRE_SHUTDOWN_TIMEOUT": ("pre_shutdown_timeout", float, A_NUMBER),
    "JOBS_PER_FORK": ("jobs_per_fork", int, "a whole number, for example 100"),
    "SECONDS_PER_FORK": ("seconds_per_fork", float, A_NUMBER),
    "FAILURE_BACKEND": ("failure_backend", split_list, "a list of failure backends"),
    "COUNT": ("count", int, "a whole number, for example 4"),
    "PIDFILE": ("pidfile", str, "a path"),
    "RESQUE_SCHEDULE": ("schedule", str, "a path"),
    "RESQUE_SCHEDULER_INTERVAL": ("scheduler_interval", float, A_NUMBER),
}

#: Ruby's variables that switch something on by being there: `TERM_CHILD=0` does, and so does `TERM_CHILD=`.
#: VVERBOSE comes last because it wins.
SWITCHES: dict[str, dict[str, Any]] = {
    "TERM_CHILD": {"term_child": True},
    "GRACEFUL_TERM": {"graceful_term": True},
    "BACKGROUND": {"background": True},
    "RUN_AT_EXIT_HOOKS": {"run_at_exit_hooks": True},
    "LOGGING": {"log_level": "info", "log_format": "ruby"},
    "VERBOSE": {"log_level": "info", "log_format": "ruby"},
    "VVERBOSE": {"log_level": "debug", "log_format": "ruby-verbose"},
}

#: The one value that Ruby looks for in this variable; any other leaves the forks on.
NO_FORKS = "false"


def from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    """What the variables say, and in which of them.

    :raises SettingsError: one cannot be read; the message names it.
    """
    found: dict[str, Given] = {}
    for variable, values in SWITCHES.items():
        if variable in environ:
            found |= {name: Given(value, variable) for name, value in values.items()}
    if environ.get("FORK_PER_JOB") == NO_FORKS:
        found["fork"] = Given(False, "FORK_PER_JOB")
    for variable, (name, read, wanted) in VARIABLES.items():
        text = environ.get(variable)
        if text:
            found[name] = Given(_read(read, variable, text, wanted), variable)
    return found


def _read(read: Callable[[str], Any], variable: str, text: str, wanted: str) -> Any:
    try:
        return read(text)
    except ValueError:
        raise SettingsError(f"{variable}: '{one_line(text)}' is not {wanted}.") from None
