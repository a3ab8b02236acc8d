"""A redis-server as tests want it."""

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path

from servers.binaries import Binary


@dataclass(frozen=True)
class RedisProgram:
    """Keeps an append-only file, synced every second, and no snapshots."""

    binary: Binary
    #: More of redis-server's command line; the last word on an option wins.
    arguments: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """`7.0.15`."""
        return self.binary.version

    def command(self, port: int, folder: Path) -> list[str]:
        """Its whole configuration."""
        options = {
            "port": str(port), "bind": "127.0.0.1", "dir": str(folder), "logfile": str(folder / "log"),
            "appendonly": "yes", "appendfsync": "everysec", "save": "",
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [str(self.binary.path), *words, *self.arguments]

    def answers(self, port: int) -> bool:
        """Whether it says PONG, or asks for a password; it is not ready while it loads its data."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0) as connection:
            connection.settimeout(1.0)
            connection.sendall(b"*1\r\n$4\r\nPING\r\n")
            return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        return False

    def url(self, port: int) -> str:
        """Its first database."""
        return f"redis://127.0.0.1:{port}/0"
