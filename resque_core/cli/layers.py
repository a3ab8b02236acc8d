"""Where a worker's settings come from: options over environment variables over the configuration file."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from resque_core.config import Given, split_list
from resque_core.display import one_line
from resque_core.errors import SettingsError
from resque_core.time_limits import read_limits
from resque_core.work_settings import check_setting

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

#: Options that are called otherwise than their settings.
_OPTIONS = {"scheduler_interval": "interval"}

#: The one value that Ruby looks for in this variable; any other leaves the forks on.
NO_FORKS = "false"


def layered(options: Any, environ: Mapping[str, str], config: Mapping[str, Given]) -> dict[str, Any]:
    """Each setting that anybody mentioned, checked: said by option, else by variable, else in the file.

    :raises SettingsError: a value cannot be used; the message says where it was written.
    """
    layers = ChainMap(_from_options(options), _from_environment(environ), dict(config))
    for name, given in layers.items():
        check_setting(name, given.value, given.where)
    return {name: given.value for name, given in layers.items()}


def _from_options(options: Any) -> dict[str, Given]:
    said = {field.name: getattr(options, field.name) for field in fields(options) if field.name != "config"}
    return {
        name: Given(_as_setting(name, value), f"--{_OPTIONS.get(name, name).replace('_', '-')}")
        for name, value in said.items()
        if value is not None and value != []
    }


def _as_setting(name: str, value: Any) -> Any:
    if name == "queues":
        return split_list(value)
    if name == "timeout":
        return read_limits(value)
    return tuple(value) if isinstance(value, list) else value


def _from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
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
