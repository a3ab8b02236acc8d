"""`check_monitor`: a system check of RESQUE_MONITOR, so that a misspelt READ_ONLY does not go unnoticed."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from django_resque.monitor.options import DEFAULTS
from resque_core.closest import closest


def check_monitor(**_: Any) -> list[CheckMessage]:
    """Whether each option is one, and has a value that can be used."""
    given = getattr(settings, "RESQUE_MONITOR", None) or {}
    if not isinstance(given, Mapping):
        return [_error("RESQUE_MONITOR is not a dictionary.", "Write RESQUE_MONITOR = {'READ_ONLY': True}.")]
    unknown = [_unknown(name) for name in given if name not in DEFAULTS]
    return unknown + [
        _error(f"RESQUE_MONITOR[{name!r}] is {value!a:.80}.", hint)
        for name, value in given.items()
        if name in DEFAULTS and (hint := _way_out(value, DEFAULTS[name]))
    ]


def _unknown(name: object) -> CheckMessage:
    close = closest(str(name).upper(), DEFAULTS)
    hint = f"Did you mean {close}?" if close else f"Known are {', '.join(DEFAULTS)}."
    return _error(f"RESQUE_MONITOR has an unknown key {name!r}.", hint)


def _way_out(value: object, default: object) -> str | None:
    """What to write instead; None for a value of the default's kind."""
    suits, hint = _KINDS.get(type(default), (lambda _: True, ""))
    return None if suits(value) else hint


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _are_patterns(value: object) -> bool:
    try:
        return isinstance(value, list | tuple) and bool([re.compile(pattern) for pattern in value] or True)
    except (re.error, TypeError):
        return False


def _error(message: str, hint: str) -> CheckMessage:
    return Error(message, hint=hint, id="resque.E008")


#: What suits an option, by the kind of its default, and what to say of anything else.
_KINDS: Mapping[type, tuple[Callable[[object], bool], str]] = {
    bool: (lambda value: isinstance(value, bool), "Write True or False."),
    int: (lambda value: _is_number(value) and isinstance(value, int), "Write a whole number, 0 or more."),
    float: (_is_number, "Write a number, 0 or more."),
    str: (lambda value: isinstance(value, str), "Write it as text."),
    list: (_are_patterns, "Write a list of regular expressions."),
    type(None): (lambda value: value is None or callable(value), "Write a function, or None."),
}
