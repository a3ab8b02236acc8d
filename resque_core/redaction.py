"""Masks arguments that must not leave this process: in reports to other services, whose names say secret."""

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from resque_core.definition import Definition
from resque_core.job import Job

MASK = "[redacted]"
#: Keys and parameters whose values are secrets, wherever in the name it stands.
SECRET = re.compile(
    r"passw|passphrase|secret|token|credential|authorization|cookie|api_?key|private_?key", re.IGNORECASE
)
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
#: Levels that are looked through; what lies deeper is masked as a whole.
_MAX_DEPTH = 20


def redacted_arguments(job: Job, definition: Definition | None) -> tuple[list[Any], dict[str, Any]]:
    """The job's arguments with every secret masked: by key, and by the name of its parameter."""
    named = _parameters(definition)
    hidden = set(definition.options.sensitive_args) if definition else set()

    def is_hidden(name: str | None) -> bool:
        return name is not None and (name in hidden or _is_secret(name))

    names: list[str | None] = [*named[: len(job.args)], *[None] * (len(job.args) - len(named))]
    args = [MASK if is_hidden(name) else redacted(value) for name, value in zip(names, job.args, strict=True)]
    kwargs = {name: MASK if is_hidden(name) else redacted(value) for name, value in job.kwargs.items()}
    return args, kwargs


def shown_safely(job: Job, definition: Definition | None) -> str:
    """The job in words, with every secret masked."""
    args, kwargs = redacted_arguments(job, definition)
    return str(replace(job, args=tuple(args), kwargs=kwargs))


def redacted(value: Any, room: int = _MAX_DEPTH) -> Any:
    """A JSON value whose secrets, by their keys, are masked."""
    if room <= 0:
        return MASK
    if isinstance(value, Mapping):
        return {
            key: MASK if _is_secret(str(key)) else redacted(member, room - 1) for key, member in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [redacted(item, room - 1) for item in value]
    return value


def _is_secret(name: str) -> bool:
    return SECRET.search(name.replace("-", "_")) is not None


def _parameters(definition: Definition | None) -> list[str]:
    """Names of the parameters that positional arguments go to."""
    function = getattr(definition.target, "perform", definition.target) if definition else None
    try:
        parameters = inspect.signature(function).parameters.values() if function else ()
    except (TypeError, ValueError):
        return []
    return [each.name for each in parameters if each.kind in _POSITIONAL]
