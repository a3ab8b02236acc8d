"""Where a worker's settings come from: options over environment variables over the configuration file."""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from resque_core.config import Given, split_list
from resque_core.time_limits import read_limits
from resque_core.variables import from_environment
from resque_core.work_settings import check_setting

#: Options that are called otherwise than their settings.
_OPTIONS = {"scheduler_interval": "interval"}


def layered(options: Any, environ: Mapping[str, str], config: Mapping[str, Given]) -> dict[str, Any]:
    """Each setting that anybody mentioned, checked: said by option, else by variable, else in the file.

    :raises SettingsError: a value cannot be used; the message says where it was written.
    """
    layers = ChainMap(_from_options(options), from_environment(environ), dict(config))
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
