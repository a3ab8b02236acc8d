"""The store that a command means, and the `Resque` on it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from resque_core.cli.options import StoreOptions
from resque_core.client import Resque
from resque_core.config import Given, load_config
from resque_core.keeping import MULTI_QUEUE, ONE_LIST
from resque_core.loading import opener_of
from resque_core.settings import StoreChoice, environment_name, find_namespace, find_store


@dataclass(frozen=True, slots=True)
class ChosenStore:
    """A store and a namespace in it."""

    url: str
    #: What named it: `--url`, `RESQUE_URL` …, `config file` or `embedded`.
    source: str
    namespace: str
    #: Dotted path of the function that opens it, for a URL that says too little.
    backend: str | None = None


#: The store that is meant when no option names one: what a program that has the commands run on it knows.
known_store: ContextVar[ChosenStore | None] = ContextVar("resque_known_store", default=None)


def config_of(options: StoreOptions) -> dict[str, Given]:
    """The settings of the file that --config names, for this environment; none without it."""
    return load_config(options.config, environment_name(os.environ)) if options.config else {}


def chosen_store(options: StoreOptions, config: Mapping[str, Given]) -> ChosenStore:
    """The store that is meant: --url, else a variable, else the file's, else the embedded one."""
    known = known_store.get()
    if known and options.url is None and options.config is None:
        return replace(known, namespace=find_namespace(options.namespace, {}, known.namespace))
    found = find_store(options.url, os.environ, _text(config, "url"))
    named = found.namespace if options.namespace is None else options.namespace
    namespace = find_namespace(named, os.environ, _text(config, "namespace"))
    return ChosenStore(found.url, "--url" if found.source == "argument" else found.source, namespace)


def open_store(
    chosen: ChosenStore, *, create: bool = False, config: Mapping[str, Given] | None = None
) -> Resque:
    """A `Resque` on the chosen store. It touches the store at its first use.

    Unless told to `create` it, a store that somebody named must be there: a mistyped URL would
    otherwise look like a store in which all is well.
    """
    create = create or chosen.source == "embedded" or _is_known(chosen)
    opener = opener_of(chosen.backend, chosen.url)
    choice = StoreChoice(chosen.url, chosen.source, create, opener=opener)
    return Resque(choice, namespace=chosen.namespace, **_keeping(config or {}))


@contextmanager
def opened(options: StoreOptions, *, create: bool = False) -> Iterator[Resque]:
    """A `Resque` on the store that the options mean, closed at the end."""
    config = config_of(options)
    with open_store(chosen_store(options, config), create=create, config=config) as resque:
        yield resque


def _is_known(chosen: ChosenStore) -> bool:
    known = known_store.get()
    return known is not None and known.url == chosen.url


def _keeping(config: Mapping[str, Given]) -> dict[str, Any]:
    """How failures are kept, which some commands write too; the names in the file are those of `Resque`."""
    said = {name: config[name].value for name in ("max_failures", "max_failure_age") if name in config}
    apart = "failure_backend" in config and MULTI_QUEUE in config["failure_backend"].value
    return {**said, "failure_backend": MULTI_QUEUE if apart else ONE_LIST}


def _text(config: Mapping[str, Given], name: str) -> str | None:
    return config[name].value if name in config else None
