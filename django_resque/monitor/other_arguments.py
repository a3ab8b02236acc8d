"""Running a recurring entry with other arguments than its own: the fields of the form, and what they say."""

import json
from collections.abc import Mapping
from typing import Any

from django_resque.monitor.details import Field
from django_resque.monitor.redaction import has_secrets
from resque_core.display import one_line
from resque_core.errors import InvalidArguments
from resque_core.job import Job


def fields_of(job: Job, *, shown: bool) -> tuple[Field, Field]:
    """Two fields, with the job's own arguments for a start; empty, if not all of them may be shown."""
    filled = shown and not has_secrets(job)
    args, kwargs = (_json(list(job.args)), _json(dict(job.kwargs))) if filled else ("", "")
    hint = "" if filled else "Some of its own are hidden, so nothing is filled in: write all of them."
    return (
        Field("args", "Arguments, a list in JSON", args or "[]", hint),
        Field("kwargs", "Keyword arguments, an object in JSON", kwargs or "{}"),
    )


def read(form: Mapping[str, str]) -> tuple[list[Any], dict[str, Any]]:
    """What was written into the fields.

    :raises InvalidArguments: it is no JSON of that kind, or nothing.
    """
    args, kwargs = _value(form, "args", list), _value(form, "kwargs", dict)
    if not args and not kwargs:
        raise InvalidArguments("No argument was given. With the entry's own, it is run by *Run now*.")
    return args, kwargs


def _value(form: Mapping[str, str], name: str, kind: type) -> Any:
    text = form.get(name, "").strip() or _json(kind())
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidArguments(f"{name}: not JSON: {one_line(error, 200)}.") from error
    if not isinstance(value, kind):
        wanted = 'a list, as [1, "two"]' if kind is list else 'an object, as {"size": 3}'
        raise InvalidArguments(f"{name}: {one_line(text, 80)} is not {wanted}.")
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
