"""`RESQUE_MONITOR`: what the settings say of the monitor, read at each use."""

import os
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

#: Keys whose values are hidden, wherever they occur in a name.
SECRET = "api|token|key|secret|passw|signature|auth|cookie|session|card|ssn"  # noqa: S105 - names, no values

DEFAULTS: Mapping[str, Any] = {
    #: Nothing can be changed.
    "READ_ONLY": False,
    #: `(request, verb, target) -> bool`: a rule of the project's own, besides the permissions.
    "CAN": None,
    #: Names of arguments to hide: a list of regular expressions; empty: none.
    "REDACT": [SECRET],
    #: As many failures one request changes; the page goes on with the next.
    "BULK_LIMIT": 10_000,
    #: What a program that reads `/metrics` brings as a bearer; empty: only users of the monitor read them.
    "METRICS_TOKEN": "",
    #: Shown on each page, such as "production".
    "ENVIRONMENT": "",
    #: Seconds: open pages do not ask for news more often, whatever their users choose.
    "MIN_INTERVAL": 2.0,
    #: Seconds for which a search looks, at most, before it says how far it got.
    "SEARCH_SECONDS": 0.1,
    #: Seconds after which a running job is marked as slow.
    "SLOW_AFTER": 300.0,
}


def option(name: str) -> Any:
    """The value of an option."""
    given: Mapping[str, Any] = getattr(settings, "RESQUE_MONITOR", None) or {}
    return given.get(name, DEFAULTS[name])


def read_only() -> bool:
    """Whether nothing may be changed, by the settings or by RESQUE_MONITOR_READ_ONLY in the environment."""
    return bool(option("READ_ONLY")) or os.environ.get("RESQUE_MONITOR_READ_ONLY", "") not in {"", "0"}


def is_secret(name: str) -> bool:
    """Whether the value of an argument of this name is hidden."""
    return _sounds_like(name, tuple(option("REDACT")))


def allowed_by_project(request: object, verb: str, target: str) -> bool:
    """What the project's own rule says, if it has one."""
    rule: Callable[[object, str, str], bool] | None = option("CAN")
    return rule is None or bool(rule(request, verb, target))


@lru_cache(1000)
def _sounds_like(name: str, patterns: tuple[str, ...]) -> bool:
    # The rows of a page ask for the same few names.
    return any(re.search(pattern, name, re.IGNORECASE) for pattern in patterns)
