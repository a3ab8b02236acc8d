"""Which arguments JSON can carry, and for those that it cannot: which, where, and what to pass instead."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

from resque_core.display import one_line
from resque_core.job import Job

#: Levels of objects and lists in a whole job's text. Ruby's parser reads no more by default.
MAX_DEPTH = 100
#: The job itself is one level, its list of arguments the second.
_ARGUMENT_DEPTH = MAX_DEPTH - 2

_PLAIN = frozenset({str, int, bool, float, type(None)})
#: Written with `|`, it would be made anew for each value that is looked at.
_NESTING = (dict, list, tuple)
_LONGEST_PATH = 120


def sound(value: Any, room: int) -> bool:
    """Whether `value` has string keys only, and no more than `room` levels: what JSON encoders let pass."""
    if type(value) in _PLAIN or not isinstance(value, _NESTING):
        return True
    if room <= 0:
        return False
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                return False
        value = value.values()
    for item in value:  # noqa: SIM110 - a generator takes long, and a second frame for each level
        if type(item) not in _PLAIN and not sound(item, room - 1):
            return False
    return True


def canonical(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """Equal texts for equal arguments. Python alone would take `True`, `1` and `1.0` for the same."""
    return json.dumps([args, kwargs], sort_keys=True)


def explain(job: Job, error: Exception | None = None) -> str:
    """Why `job` cannot be written as JSON: the first part that is to blame, and the way out."""
    for path, value, depth in _parts(job):
        reason = _refusal(value, depth)
        if reason:
            return f"{one_line(job.name)}: {_shortened(path)} {reason}"
    return (
        f"{one_line(job.name)}: the arguments cannot be written as JSON: {one_line(error)}. "
        f"Pass plain strings, numbers, lists and dicts."
    )


def _parts(job: Job) -> Iterator[tuple[str, Any, int]]:
    yield from _walk("the job's name", job.name, _ARGUMENT_DEPTH)
    for index, value in enumerate(job.args):
        yield from _walk(f"argument args[{index}]", value, _ARGUMENT_DEPTH)
    for name, value in job.kwargs.items():
        yield from _walk(f"argument kwargs[{name!r}]", value, _ARGUMENT_DEPTH)
    for name, value in job.extras.items():
        yield from _walk(f"key {name!r}", value, _ARGUMENT_DEPTH)


def _walk(path: str, value: Any, room: int) -> Iterator[tuple[str, Any, int]]:
    yield path, value, room
    if isinstance(value, dict | list | tuple):
        for key, item in _items(value):
            yield from _walk(f"{path}[{key!r:.80}]", item, room - 1)


def _items(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Iterable[tuple[Any, Any]]:
    return dict.items(value) if isinstance(value, dict) else enumerate(value)


def _shortened(path: str) -> str:
    return path if len(path) <= _LONGEST_PATH else f"{path[:_LONGEST_PATH]}…"


def _refusal(value: Any, room: int) -> str | None:
    if isinstance(value, str):
        return _text_refusal(value)
    if isinstance(value, float):
        return (
            None if math.isfinite(value) else f"is {value}, which JSON does not have. Pass None, or a string."
        )
    if isinstance(value, int) or value is None:
        return _number_refusal(value)
    if not isinstance(value, dict | list | tuple):
        return f"is {_type_name(value)}, which JSON cannot carry. {_way_out(value)}"
    if room <= 0:
        return f"is nested more than {MAX_DEPTH} deep, or holds itself. Store it and pass its key."
    return _key_refusal(value) if isinstance(value, dict) else None


def _text_refusal(value: str) -> str | None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return (
            f"holds a lone surrogate ({value[error.start]!a}), which UTF-8 cannot carry. "
            f"Decode the text properly, or pass bytes as base64."
        )
    return None


def _number_refusal(value: int | None) -> str | None:
    try:
        repr(value)
    except ValueError:
        return "is an integer with more digits than Python writes. Pass it as a hexadecimal string."
    return None


def _key_refusal(value: dict[Any, Any]) -> str | None:
    for key in value:
        if not isinstance(key, str):
            return (
                f"has the key {one_line(key)}, {_type_name(key)}; JSON would make it a string. "
                f"Pass string keys."
            )
        if reason := _text_refusal(key):
            return f"has a key that {reason}"
    return None


def _type_name(value: Any) -> str:
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _way_out(value: Any) -> str:
    kind = type(value)
    if isinstance(value, Enum):
        return "Pass its .value."
    if is_dataclass(value):
        return "Pass dataclasses.asdict(value)."
    if kind.__name__ in ("Decimal", "UUID"):
        return f"Pass str(value) and make it a {kind.__name__} again in the job."
    # Asked of the type: on a lazy object, the attribute itself could be a query.
    advice = (text for attribute, text in _ADVICE.items() if hasattr(kind, attribute))
    return next(advice, "Pass its primary key, or its parts as strings and numbers.")


_ADVICE = {
    "isoformat": "Pass value.isoformat() and read it with fromisoformat() in the job.",
    "total_seconds": "Pass value.total_seconds().",
    "pk": "Pass its primary key and load the object in the job.",
    "decode": "Pass text, for example base64.",
    "__fspath__": "Pass str(value).",
    "tolist": "Pass value.tolist().",
    "isdisjoint": "Pass sorted(value).",
    "keys": "Pass dict(value).",
    "__next__": "Pass list(value).",
    "__iter__": "Pass list(value).",
}
