"""The options in the query of a URL. One that is unknown, or that cannot be used, is an error."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from resque_core.errors import SettingsError

_LONGEST = 86_400.0
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Option(NamedTuple):
    """How an option is read, and how its value is described."""

    read: Callable[[str], object]
    form: str


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= _LONGEST or math.isnan(number):
        raise ValueError
    return number


def _whole_seconds(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _LONGEST:
        raise ValueError
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _database(text: str) -> int:
    if not text.isdigit():
        raise ValueError
    return int(text)


def _switch(text: str) -> bool:
    if text.lower() not in _YES + _NO:
        raise ValueError
    return text.lower() in _YES


def _word(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _client_name(text: str) -> str:
    # CLIENT SETNAME takes no others.
    if not text or any(not "!" <= letter <= "~" for letter in text):
        raise ValueError
    return text


def _requirement(text: str) -> str:
    if text not in ("required", "optional", "none"):
        raise ValueError
    return text


_EVERYWHERE = {
    "socket_timeout": Option(_seconds, "SECONDS"),
    "socket_connect_timeout": Option(_seconds, "SECONDS"),
    "health_check_interval": Option(_whole_seconds, "SECONDS"),
    "max_connections": Option(_count, "NUMBER"),
    "client_name": Option(_client_name, "NAME"),
    "username": Option(_word, "NAME"),
    "password": Option(_word, "TEXT"),
    "db": Option(_database, "NUMBER"),
}
_TLS = {
    "ssl_ca_certs": Option(_word, "FILE"),
    "ssl_ca_path": Option(_word, "FOLDER"),
    "ssl_certfile": Option(_word, "FILE"),
    "ssl_keyfile": Option(_word, "FILE"),
    "ssl_password": Option(_word, "TEXT"),
    "ssl_cert_reqs": Option(_requirement, "required|optional|none"),
    "ssl_check_hostname": Option(_switch, "yes|no"),
}
_SENTINEL = {"sentinel_username": Option(_word, "NAME"), "sentinel_password": Option(_word, "TEXT")}
_KNOWN: Mapping[str, Mapping[str, Option]] = {
    "redis": _EVERYWHERE,
    "rediss": _EVERYWHERE | _TLS,
    "unix": _EVERYWHERE,
    "redis+sentinel": _EVERYWHERE | _SENTINEL | {"ssl": Option(_switch, "yes|no")} | _TLS,
    "redis+cluster": _EVERYWHERE | {"ssl": Option(_switch, "yes|no")} | _TLS,
}


def read_options(scheme: str, pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """The options of a URL of this scheme, as the driver takes them.

    :raises SettingsError: an option is unknown, or has a value that it cannot have.
    """
    known, found = _KNOWN[scheme], dict[str, object]()
    for name, value in pairs:
        if name not in known:
            forms = ", ".join(f"{option}={known[option].form}" for option in sorted(known))
            raise SettingsError(f"A {scheme}:// URL has no option {name!r}. It has: {forms}.")
        try:
            found[name] = known[name].read(value)
        except ValueError:
            # `from None`: the driver's words would repeat the value, and that may be a password.
            shown = "" if "password" in name else f"={value!r}"
            raise SettingsError(f"{name}{shown} cannot be used: write {name}={known[name].form}.") from None
    return found
