"""What Django's settings say of stores: read when it is needed, checked in one place."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from django_resque.backends import BACKENDS, Backend, project_file
from resque_core.closest import closest
from resque_core.discovery import scheme_of
from resque_core.errors import ResqueError, SettingsError
from resque_core.settings import StoreChoice, find_store

DEFAULT_ALIAS = "default"
#: The settings of a single store, each with the key that it is in the full form.
SHORT = {"RESQUE_BACKEND": "BACKEND", "RESQUE_URL": "URL", "RESQUE_NAMESPACE": "NAMESPACE"}


class Misconfigured(SettingsError):
    """Settings that cannot be used; a system check reports it under its `id`."""

    def __init__(self, number: str, message: str, hint: str) -> None:
        super().__init__(f"{message} {hint}")
        self.id = f"resque.{number}"
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """What the settings say of one alias."""

    choice: StoreChoice
    #: Dotted path of the function that opens the store, if the URL's scheme does not say enough.
    backend: str | None = None
    default_queue: str = "default"
    #: The database whose commit enqueued jobs wait for; None: they are stored at once.
    on_commit: str | None = "default"
    inline: bool = False
    on_worker_death: str | Mapping[str, str] = "requeue"
    max_payload: int = 1_000_000
    failure_backend: str | Sequence[str] | None = None
    max_failures: int | None = None
    max_failure_age: float | timedelta | None = None


def aliases() -> list[str]:
    """The aliases that the settings define; without RESQUE just `default`."""
    return list(_stores())


def given(alias: str) -> dict[str, Any]:
    """What the settings say of an alias, by the keys of RESQUE, as it is written.

    :raises Misconfigured: they do not know the alias.
    """
    stores = _stores()
    if alias not in stores:
        raise Misconfigured(
            "E001", f"There is no Resque with the alias {alias!r}.", f"RESQUE has: {', '.join(stores)}."
        )
    return stores[alias]


def store_settings(alias: str = DEFAULT_ALIAS) -> StoreSettings:
    """What the settings say of an alias.

    :raises Misconfigured: they cannot be used, or do not know the alias.
    """
    said = given(alias)
    where = f"RESQUE[{alias!r}]" if getattr(settings, "RESQUE", None) else "RESQUE"
    _refuse_unknown(said, where)
    choice, backend = _choice(said, where)
    namespace = said.get("NAMESPACE") or choice.namespace
    options = {name: said[key] for key, name in _OPTIONS.items() if key in said}
    _check_options(options, where)
    return StoreSettings(
        choice=replace(choice, namespace=namespace),
        backend=backend,
        on_commit=_database(said.get("ON_COMMIT", True), where),
        **options,
    )


#: Keys that are handed on as they are.
_OPTIONS = {
    "DEFAULT_QUEUE": "default_queue",
    "INLINE": "inline",
    "ON_WORKER_DEATH": "on_worker_death",
    "MAX_PAYLOAD": "max_payload",
    "FAILURE_BACKEND": "failure_backend",
    "MAX_FAILURES": "max_failures",
    "MAX_FAILURE_AGE": "max_failure_age",
}
_KEYS = (*SHORT.values(), *_OPTIONS, "ON_COMMIT")


def _stores() -> dict[str, dict[str, Any]]:
    full = getattr(settings, "RESQUE", None)
    short = {key: value for name, key in SHORT.items() if (value := getattr(settings, name, None))}
    if not full:
        return {DEFAULT_ALIAS: short}
    if short:
        raise Misconfigured(
            "E002",
            "Both RESQUE and the short settings (RESQUE_BACKEND, RESQUE_URL, RESQUE_NAMESPACE) are set.",
            "Move what these say into RESQUE['default'].",
        )
    if not isinstance(full, Mapping) or not all(isinstance(store, Mapping) for store in full.values()):
        raise Misconfigured(
            "E002", "RESQUE is not a dictionary of stores.", "Write RESQUE = {'default': {'URL': …}}."
        )
    if DEFAULT_ALIAS not in full:
        raise Misconfigured("E002", "RESQUE has no 'default'.", "Name one of its stores 'default'.")
    return {str(alias): dict(store) for alias, store in full.items()}


def _refuse_unknown(given: Mapping[str, Any], where: str) -> None:
    for key in given:
        if key not in _KEYS:
            close = closest(str(key).upper(), _KEYS)
            hint = f"Did you mean {close}?" if close else f"Known are {', '.join(_KEYS)}."
            raise Misconfigured("E003", f"{where} has an unknown key {key!r}.", hint)


def _choice(given: Mapping[str, Any], where: str) -> tuple[StoreChoice, str | None]:
    """Where the store is, and the dotted path of its backend if that was given."""
    name, url = given.get("BACKEND"), given.get("URL")
    if url is not None and not isinstance(url, str):
        raise Misconfigured("E004", f"{where}: the URL is a {type(url).__name__}.", "Write it as text.")
    if not name:
        return (_from_url(url, where) if url else _unnamed()), None
    if str(name) in BACKENDS:
        return _named(str(name), url, where), None
    return _dotted(str(name), url, where)


def _from_url(url: str, where: str) -> StoreChoice:
    try:
        found = find_store(url, {})
        scheme_of(found.url)
    except ResqueError as error:
        raise Misconfigured("E004", f"{where}: {error}", "Correct the URL.") from None
    return replace(found, source="Django's settings")


def _unnamed() -> StoreChoice:
    """As everywhere, the environment may name the store; else it is a file of the project."""
    found = find_store(None, os.environ)
    file = project_file()
    return StoreChoice(file, "a file in BASE_DIR") if found.source == "embedded" and file else found


def _named(name: str, url: str | None, where: str) -> StoreChoice:
    backend = BACKENDS[name]
    if not backend.installed:
        raise Misconfigured(
            "E005",
            f"{where}: the driver of {name!r} ({backend.driver}) is not installed.",
            f'Install it: pip install "resque-core[{backend.extra}]".',
        )
    choice = _from_url(url, where) if url else _default_of(name, backend)
    if scheme_of(choice.url) not in backend.schemes:
        raise Misconfigured(
            "E006",
            f"{where}: the backend is {name!r}, but the URL begins with {scheme_of(choice.url)}://.",
            f"Leave the backend out, or give a URL that begins with {backend.scheme}://.",
        )
    return choice


def _default_of(name: str, backend: Backend) -> StoreChoice:
    url = backend.url or project_file()
    if url is None:
        raise Misconfigured(
            "E004", f"The backend {name!r} keeps a file in BASE_DIR, which is not set.", "Set it, or a URL."
        )
    return StoreChoice(url, "Django's settings")


def _dotted(path: str, url: str | None, where: str) -> tuple[StoreChoice, str]:
    """A store that a function of the user's opens: `open(url, namespace) -> Storage`."""
    close = closest(path, BACKENDS)
    hint = f"Write 'redis', 'mongo', 'sqlite' or the dotted path of a function{_meant(close)}."
    if "." not in path:
        raise Misconfigured("E001", f"{where}: there is no backend {path!r}.", hint)
    try:
        opener: Callable[..., Any] = import_string(path)
    except ImportError as error:
        raise Misconfigured(
            "E001", f"{where}: the backend {path} cannot be imported: {error}.", hint
        ) from None
    if not callable(opener):
        raise Misconfigured("E001", f"{where}: the backend {path} is a {type(opener).__name__}.", hint)
    if not url:
        raise Misconfigured("E004", f"{where}: the backend {path} needs a URL.", "Set RESQUE_URL.")
    return StoreChoice(url, "Django's settings", opener=partial(opener, url)), path


def _meant(close: str | None) -> str:
    return f" (did you mean {close!r}?)" if close else ""


def _database(value: object, where: str) -> str | None:
    if value is True:
        return "default"
    if value is False:
        return None
    if isinstance(value, str) and value in settings.DATABASES:
        return value
    raise Misconfigured(
        "E003",
        f"{where}: ON_COMMIT is {value!r}.",
        f"Write True, False, or the alias of a database: {', '.join(settings.DATABASES)}.",
    )


def _check_options(options: Mapping[str, Any], where: str) -> None:
    if not isinstance(options.get("inline", False), bool):
        raise Misconfigured("E003", f"{where}: INLINE is {options['inline']!r}.", "Write True or False.")
