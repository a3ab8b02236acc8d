"""Which store and which namespace are meant: an argument, the environment, a file, or the embedded store."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from resque_core.errors import SettingsError
from resque_core.ruby_address import read_address
from resque_core.storage import Storage

#: Variables that may name the store; the first that is set wins.
STORE_VARIABLES = ("RESQUE_URL", "REDIS_URL", "MONGODB_URI")
#: Variables that may name the environment, ours before Ruby's.
ENVIRONMENT_VARIABLES = ("RESQUE_ENV", "RAILS_ENV", "RACK_ENV")
DEFAULT_NAMESPACE = "resque"


@dataclass(frozen=True, slots=True)
class StoreChoice:
    """Which store, and how it came to be chosen. A `Resque` takes one in place of a URL."""

    #: Empty where `opener` says how to get there.
    url: str
    #: What named it, for messages: `argument`, a variable, `config file` or `embedded`.
    source: str
    #: Whether to make a store that does not exist; else it is an error at first use.
    create: bool = True
    #: A namespace that came with the address; any other that is named wins.
    namespace: str | None = None
    #: Makes the storage of a namespace on an open client of somebody's, which is never closed here.
    opener: Callable[[str], Storage] | None = None


def find_store(
    argument: str | None, environ: Mapping[str, str], config_url: str | None = None
) -> StoreChoice:
    """The store that is meant: the argument, else RESQUE_URL, REDIS_URL, MONGODB_URI, file, embedded.

    :raises SettingsError: nothing names a store, and there is no home folder to embed one in.
    """
    if argument is not None:
        return _choice(_usable(argument), "argument")
    for variable in STORE_VARIABLES:
        if environ.get(variable):
            return _choice(environ[variable], variable)
    if config_url:
        return _choice(config_url, "config file")
    return StoreChoice(_embedded(environ), "embedded")


def find_namespace(
    argument: str | None, environ: Mapping[str, str], config_namespace: str | None = None
) -> str:
    """The namespace that is meant: the argument, else RESQUE_NAMESPACE, the file's, or `resque`.

    :raises SettingsError: it is empty, or holds characters that a key cannot have.
    """
    if argument is None:
        argument = environ.get("RESQUE_NAMESPACE") or config_namespace or DEFAULT_NAMESPACE
    return _checked(argument)


def environment_name(environ: Mapping[str, str]) -> str:
    """`production`, `test`, …: RESQUE_ENV, else Ruby's RAILS_ENV and RACK_ENV, else `development`."""
    return named_environment(environ) or "development"


def named_environment(environ: Mapping[str, str]) -> str | None:
    """The same, and None where no variable names one."""
    return next((environ[name] for name in ENVIRONMENT_VARIABLES if environ.get(name)), None)


def _choice(text: str, source: str) -> StoreChoice:
    url, namespace = read_address(text)
    return StoreChoice(url, source, namespace=namespace)


def _usable(url: object) -> str:
    if isinstance(url, str) and url.strip():
        return url
    # Whatever else it is, a client or bytes, it may show a password.
    what = "An empty text" if isinstance(url, str) else f"An object of type {type(url).__name__}"
    raise SettingsError(f"{what} is not a store's URL. Write e.g. sqlite:///jobs.sqlite3, or leave it out.")


def _checked(namespace: object) -> str:
    if isinstance(namespace, str) and namespace and namespace.isprintable():
        return namespace
    raise SettingsError(
        f"The namespace {namespace!a:.80} cannot be used: give it a name of printable characters."
    )


def _embedded(environ: Mapping[str, str]) -> str:
    path = _state_folder(environ) / "resque" / "resque.sqlite3"
    return f"sqlite:///{quote(os.fsencode(path))}"


def _state_folder(environ: Mapping[str, str]) -> Path:
    # The XDG specification has relative paths ignored.
    state = Path(environ.get("XDG_STATE_HOME") or "")
    if state.is_absolute():
        return state
    home = Path(environ.get("HOME") or "")
    if home.is_absolute() and home.is_dir():
        return home / ".local" / "state"
    raise SettingsError(
        "No store was named, and there is no home folder to keep the embedded one in. "
        "Set RESQUE_URL, for example to sqlite:////var/lib/jobs/resque.sqlite3."
    )
