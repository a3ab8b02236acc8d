"""System checks: what is wrong with the settings (always), and whether the stores answer (`--deploy`)."""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning

from django_resque.conf import Misconfigured, aliases
from django_resque.stores import make_resque, resques
from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.errors import ResqueError


def check_settings(**_: Any) -> list[CheckMessage]:
    """Whether each alias can be made into a `Resque`. No store is touched."""
    try:
        return [found for alias in aliases() for found in _check_alias(alias)]
    except Misconfigured as error:
        return [_message(error)]


def check_stores(**_: Any) -> list[CheckMessage]:
    """Whether each store answers. Only `check --deploy` asks."""
    if check_settings():
        return []
    return [found for alias in aliases() for found in _check_reachable(alias)]


def _check_alias(alias: str) -> list[CheckMessage]:
    try:
        made = make_resque(alias)
    except Misconfigured as error:
        return [_message(error)]
    except ResqueError as error:
        hint = f"Correct what RESQUE[{alias!r}] says."
        return [Error(f"RESQUE[{alias!r}] cannot be used: {error}", hint=hint, id="resque.E003")]
    return _check_url(alias, made)


def _check_url(alias: str, resque: Resque) -> list[CheckMessage]:
    try:
        with resque:
            # Opening a storage reads its URL and finds its driver; it connects nowhere.
            resque.location  # noqa: B018
    except ResqueError as error:
        hint = "Correct RESQUE_URL, or what RESQUE says of this alias."
        return [Error(f"The store {alias!r} cannot be used: {error}", hint=hint, id="resque.E004")]
    return []


def _check_reachable(alias: str) -> list[CheckMessage]:
    try:
        resques[alias].storage.server_info()
    except ResqueError as error:
        hint = "Start it, or correct its URL. Until it answers, nothing can be enqueued."
        text = f"The store {alias!r} does not answer: {one_line(error, 500)}"
        return [Warning(text, hint=hint, id="resque.W001")]
    return []


def _message(error: Misconfigured) -> Error:
    return Error(error.message, hint=error.hint, id=error.id)
