"""The URL grammar: `redis://`, `rediss://`, `unix://`, `redis+sentinel://`, `redis+cluster://`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl, quote, unquote

from resque_core.errors import SettingsError
from resque_redis.options import read_options

SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")
PORT, SENTINEL_PORT = 6379, 26379
_EXAMPLES = (
    "Write redis://localhost:6379/0, rediss://host:6380, unix:///run/redis.sock?db=0, "
    "redis+sentinel://host:26379,host2/service/0, or redis+cluster://host:7000,host2:7001"
)
#: A cluster keeps together what is equal between the first brace and the next closing one.
_HASH_TAG = re.compile(r"^[^{]*\{[^}]+\}")
_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.%]+)\]|(?P<name>[^:\[\]/@\s]+))?(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL means."""

    scheme: str
    #: Hosts with their ports: one server, or the sentinels or nodes that are asked first.
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    service: str = ""
    database: int = 0
    #: Keyword arguments of the driver's connections, the password among them: never shown.
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @property
    def location(self) -> str:
        """The URL of the server itself, without credentials and options."""
        if self.scheme == "unix":
            return f"unix://{quote(self.path)}" + (f"?db={self.database}" if self.database else "")
        hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        if self.scheme == "redis+cluster":
            return f"{self.scheme}://{hosts}"
        service = f"/{quote(self.service, safe='')}" if self.service else ""
        return f"{self.scheme}://{hosts}{service}/{self.database}"


def parse_url(url: str) -> Target:
    """The target that `url` names. Nothing is touched.

    :raises SettingsError: the URL or one of its options says nothing that Redis has. No message of
        it shows the URL, since there may be a password in it.
    """
    address, _, query = url.partition("?")
    scheme, separator, rest = address.partition("://")
    scheme = scheme.lower()
    if scheme not in SCHEMES or not separator:
        raise SettingsError(f"This is not the URL of a Redis server. {_EXAMPLES}.")
    credentials, at, place = rest.rpartition("@")
    options = _options(scheme, query)
    if at:
        options = _credentials(credentials) | options
    return _READERS[scheme](scheme, place, options)


def _options(scheme: str, query: str) -> dict[str, object]:
    try:
        return read_options(scheme, parse_qsl(query, keep_blank_values=True))
    except SettingsError:
        if "@" not in query:
            raise
    # The first half of a password would be taken for a port, the second for an option, and shown.
    raise SettingsError(
        f"The options of a {scheme}:// URL cannot be used (not shown: they may be a part of a password). "
        "In user, password and options, ? is written as %3F, @ as %40, and / as %2F."
    )


def check_namespace(namespace: str) -> None:
    """Refuse a namespace whose keys a cluster would spread over its nodes.

    :raises SettingsError: it has no hash tag.
    """
    if not _HASH_TAG.match(namespace):
        raise SettingsError(
            f"A Redis Cluster keeps the keys of the namespace {namespace!r} on several nodes, and no "
            f"job could move in one step. Put the namespace, or a part of it, in braces: {{{namespace}}}."
        )


def _credentials(text: str) -> dict[str, object]:
    username, _, password = text.partition(":")
    found = {"username": unquote(username), "password": unquote(password)}
    return {key: value for key, value in found.items() if value}


def _server(scheme: str, place: str, options: dict[str, object]) -> Target:
    hosts, _, path = place.partition("/")
    if "," in hosts:
        raise SettingsError(f"A {scheme}:// URL names one server. For several: {_EXAMPLES}.")
    return Target(scheme, _hosts(hosts, PORT), database=_database(path, options), options=options)


def _socket(scheme: str, place: str, options: dict[str, object]) -> Target:
    path = unquote(place)
    if not path.startswith("/") or "\0" in path:
        raise SettingsError(f"A unix:// URL names the path of a socket, from the root on. {_EXAMPLES}.")
    return Target(scheme, path=path, database=_database("", options), options=options)


def _sentinel(scheme: str, place: str, options: dict[str, object]) -> Target:
    hosts, _, path = place.partition("/")
    service, _, database = path.partition("/")
    if not service:
        raise SettingsError(f"A {scheme}:// URL names the service that the sentinels watch. {_EXAMPLES}.")
    number = _database(database, options)
    return Target(scheme, _hosts(hosts, SENTINEL_PORT), "", unquote(service), number, options)


def _cluster(scheme: str, place: str, options: dict[str, object]) -> Target:
    hosts, _, path = place.partition("/")
    if _database(path, options):
        raise SettingsError("A Redis Cluster has no database but 0: leave the number out.")
    return Target(scheme, _hosts(hosts, PORT), options=options)


def _hosts(text: str, port: int) -> tuple[tuple[str, int], ...]:
    return tuple(_host(part, port) for part in text.split(","))


def _host(text: str, port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    number = int(found["port"] or port) if found else 0
    if not found or not 0 < number < 65_536:
        raise SettingsError(f"The URL of a Redis server has no proper HOST:PORT. {_EXAMPLES}.")
    return unquote(found["v6"] or found["name"] or "localhost"), number


def _database(path: str, options: dict[str, object]) -> int:
    number = options.pop("db", None)
    if path.isdigit():
        return int(path)
    if path:
        raise SettingsError(f"The URL of a Redis server ends with a database's number. {_EXAMPLES}.")
    return number if isinstance(number, int) else 0


_READERS = {
    "redis": _server,
    "rediss": _server,
    "unix": _socket,
    "redis+sentinel": _sentinel,
    "redis+cluster": _cluster,
}
