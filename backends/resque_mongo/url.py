"""The URL grammar, that of MongoDB's drivers: the path names the database, the query has their options."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.uri_parser import parse_uri, split_options

from resque_core.errors import SettingsError
from resque_mongo.windows import Claims, parse_claims

SRV = "mongodb+srv"
SCHEMES = ("mongodb", SRV)
#: The one option that is ours.
CLAIM = "claim"
#: The database of a URL that names none.
DATABASE = "resque"
#: Seconds that a call may take, all its round trips together: less than a lease.
TIMEOUT = 10.0
#: Seconds that an unreachable server is waited for: a worker that waits cannot be stopped.
SELECTION = 3.0
_EXAMPLES = (
    "Write mongodb://localhost:27017/resque, mongodb://USER:PASSWORD@HOST1,HOST2/DATABASE?replicaSet=NAME"
)
#: What the promise leaves no choice about.
_FIXED: Mapping[str, tuple[Any, ...]] = {
    "w": ("majority",),
    "journal": (True,),
    "readpreference": ("primary",),
    "readconcernlevel": ("local",),
}
#: What pymongo raises of a URL.
_REFUSALS = (ConfigurationError, InvalidURI, ValueError, TypeError)
_FORBIDDEN = {"tz_aware", "uuidrepresentation", "unicode_decode_error_handler"}


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL means. Only the driver sees the URL itself, which may hold a password."""

    url: str = field(repr=False)
    database: str
    #: The URL without user, password and options.
    location: str
    timeout: float = TIMEOUT
    #: Seconds that an unreachable server is waited for.
    selection: float = SELECTION
    #: Names of the options that it sets, in lower case.
    options: frozenset[str] = frozenset()
    #: How the jobs of each queue are claimed.
    claims: Claims = field(default_factory=dict)


def parse_url(url: str) -> Target:
    """The target that `url` names. Nothing is touched, no name is looked up.

    :raises SettingsError: the URL or one of its options says nothing that MongoDB has.
    """
    address, _, query = url.partition("?")
    scheme, separator, rest = address.partition("://")
    scheme = scheme.lower()
    if scheme not in SCHEMES or not separator:
        shown = "This (not shown: it may hold a password)" if "@" in url else f"A {scheme!r} URL"
        raise SettingsError(f"{shown} is not one of MongoDB. {_EXAMPLES}.")
    hosts, _, database = rest.rpartition("@")[2].partition("/")
    claims, query = _claims(query)
    options = _options(url, query)
    url = f"{address}?{query}" if query else address
    _check(url, scheme, hosts, options)
    return Target(
        url=f"{scheme}{url[len(scheme) :]}",
        database=database or DATABASE,
        location=f"{scheme}://{hosts}/{database or DATABASE}",
        timeout=options.get("timeoutms") or TIMEOUT,
        selection=options.get("serverselectiontimeoutms") or SELECTION,
        options=frozenset(name.lower() for name in options),
        claims=parse_claims(claims),
    )


def _claims(query: str) -> tuple[str, str]:
    """The text of our own option, and the query without it, which the driver takes."""
    parts = query.replace(";", "&").split("&")
    ours = [part for part in parts if part.lower().startswith(f"{CLAIM}=")]
    if not ours or "@" in query:
        return "", query
    texts = [unquote_plus(part.partition("=")[2]) for part in ours]
    return ",".join(texts), "&".join(part for part in parts if part not in ours)


def _options(url: str, query: str) -> MutableMapping[str, Any]:
    if not query:
        return {}
    try:
        # pymongo itself would only warn of what it does not know.
        found = split_options(query, validate=True, warn=False)
    except _REFUSALS as error:
        name = "" if "@" in url else f"{_refused(query)}: "
        raise SettingsError(f"The options of a MongoDB URL: {name}{_reason(url, error)}") from None
    options = {name.lower(): value for name, value in found.items()}
    for name, allowed in _FIXED.items():
        if name in options and options[name] not in allowed:
            value = "" if "@" in query else f"={options[name]}"
            raise SettingsError(
                f"{name}{value} in a MongoDB URL: jobs could be lost. "
                f"Leave it out: Resque always uses {name}={str(allowed[0]).lower()}."
            )
    if unusable := sorted(_FORBIDDEN & options.keys()):
        raise SettingsError(f"{unusable[0]} in a MongoDB URL: Resque sets that itself. Leave it out.")
    return options


def _refused(query: str) -> str:
    """The first option that the driver does not take; not every version of it says which that is."""
    for option in query.replace(";", "&").split("&"):
        try:
            split_options(option, validate=True, warn=False)
        except _REFUSALS:
            return option.partition("=")[0]
    return "together"


def _check(url: str, scheme: str, hosts: str, options: Mapping[str, Any]) -> None:
    if not hosts:
        raise SettingsError(f"A MongoDB URL names a host. {_EXAMPLES}.")
    if options.get("timeoutms", TIMEOUT) == 0:
        raise SettingsError(
            "timeoutMS=0 in a MongoDB URL: a call without an end would cost a worker its lease."
        )
    if scheme == SRV:
        return  # Its hosts are in the name service, which is asked when the store is opened.
    try:
        parse_uri(f"mongodb{url[len(scheme) :]}", warn=False)
    except _REFUSALS as error:
        raise SettingsError(f"This MongoDB URL cannot be used: {_reason(url, error)} {_EXAMPLES}.") from None


def _reason(url: str, error: Exception) -> str:
    if "@" in url:
        # A password with a slash or a colon would be taken for a port, and shown.
        return (
            "something in it is wrong (not shown: it may hold a password). "
            "In user and password, ? is written as %3F, @ as %40, and / as %2F."
        )
    return f"{str(error).rstrip('.')}."
