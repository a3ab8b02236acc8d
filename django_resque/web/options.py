"""`WebOptions`: what `resque web` is told, checked when it is made."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from resque_core.errors import SettingsError

#: Ruby's variable, in one part or in two.
AUTH = "RESQUE_WEB_HTTP_BASIC_AUTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Where the monitor listens, for whom, and which store it shows.

    :raises SettingsError: a value cannot be used, or the whole network could come in.
    """

    url: str
    namespace: str
    #: Dotted path of the function that opens the store, for a URL that says too little.
    backend: str | None = None
    host: str = "127.0.0.1"
    port: int = 5678
    #: The beginning of every address.
    prefix: str = ""
    #: `name:password`; None lets everybody in.
    auth: str | None = None
    read_only: bool = False
    #: Let everybody in, from everywhere.
    insecure: bool = False
    #: Names that the Host header may have besides `host`.
    hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.auth is not None and (":" not in self.auth or self.auth[0] == ":" or self.auth[-1] == ":"):
            raise SettingsError(f"{AUTH} and --auth are written name:password.")
        if not 0 < self.port < 65_536:
            raise SettingsError(f"--port: {self.port} is not a port. Give one from 1 to 65535.")
        if self.auth is None and not self.insecure and not is_loopback(self.host):
            raise SettingsError(
                f"--host {self.host}: everybody who can reach it could read and remove jobs. Set {AUTH} to "
                f"name:password, or say --insecure if something in front of it asks who they are."
            )


def environ_auth(environ: Mapping[str, str]) -> str | None:
    """`name:password` of the environment, if it has one."""
    name, password = environ.get(f"{AUTH}_USER"), environ.get(f"{AUTH}_PASSWORD")
    return environ.get(AUTH) or (f"{name}:{password}" if name and password else None)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
