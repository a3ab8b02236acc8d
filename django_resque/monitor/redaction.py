"""What is shown of a job's arguments: secrets are masked, here alone; the stored bytes stay as they are."""

import inspect
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django_resque.monitor.options import is_secret
from resque_core.display import one_line
from resque_core.job import Job
from resque_core.registry import registry

MASK = "••••••"
#: Deeper than what is shown.
_DEEP = 20


def shown_arguments(job: Job) -> dict[str, Any]:
    """The arguments of a job by name, where its function is registered here, else by place."""
    return {name: masked(value, name) for name, value in _named(job).items()}


def has_secrets(job: Job) -> bool:
    """Whether anything of its arguments is not shown."""
    return shown_arguments(job) != _named(job)


def arguments_text(job: Job) -> str:
    """The arguments as JSON, indented, keys in the order in which they are stored."""
    if job.problem:
        return job.payload.decode(errors="replace")
    return json.dumps(shown_arguments(job), indent=2, ensure_ascii=False)


def arguments_line(job: Job, limit: int = 120) -> str:
    """The arguments on one line."""
    if job.problem:
        return one_line(job.payload.decode(errors="replace"), limit)
    shown = shown_arguments(job)
    parts = [
        _json(value) if name.startswith("#") else f"{name}={_json(value)}" for name, value in shown.items()
    ]
    return one_line(", ".join(parts), limit)


def masked(value: Any, name: str = "", depth: int = 0) -> Any:
    """`value` without its secrets: values under keys that sound like one, in JSON within texts too."""
    if name and is_secret(name):
        return MASK
    if depth > _DEEP:
        return "…"
    if isinstance(value, Mapping):
        return {key: masked(inner, str(key), depth + 1) for key, inner in value.items()}
    if isinstance(value, str):
        return _masked_text(value, depth)
    if isinstance(value, Sequence):
        return [masked(inner, "", depth + 1) for inner in value]
    return value


def _masked_text(text: str, depth: int) -> str:
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return text
    hidden = masked(inner, "", depth + 1)
    return text if hidden == inner else _json(hidden)


def _named(job: Job) -> dict[str, Any]:
    names = _parameters(job.name)
    places = {
        (names[place] if place < len(names) else f"#{place + 1}"): value
        for place, value in enumerate(job.args)
    }
    return {**places, **job.kwargs}


def _json(value: Any) -> str:
    return _ENCODER.encode(value)


def _parameters(name: str) -> list[str]:
    definition = registry.get(name)
    if definition is None:
        return []
    function: Any = getattr(definition.target, "perform", definition.target)
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [one.name for one in found if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]


# Made once: `json.dumps` makes a new one for each call with options.
_ENCODER = json.JSONEncoder(ensure_ascii=False)
