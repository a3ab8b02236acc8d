"""`Link`: what the storage needs of a server. Nothing here, or above it, knows the driver."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from resque_redis.packing import Argument, ScriptCall


class Link(Protocol):
    """A server, or several that act as one."""

    @property
    def location(self) -> str:
        """Where it is, safe to print."""
        ...

    def call(self, *command: Argument) -> Any:
        """The answer to one command; texts are bytes. It is sent once.

        :raises StorageError: there is no answer, or it is an error.
        """
        ...

    def run(self, script: ScriptCall, arguments: Sequence[Argument]) -> Any:
        """The answer of a script. A server that does not know it gets its text."""
        ...

    def info(self) -> Mapping[str, str]:
        """What the server says of itself; nothing if it does not tell this user, who may work anyway."""
        ...

    def client(self) -> Any:
        """The driver's own client on the same connections."""
        ...

    def line(self, longest: float) -> "Line | None":
        """A further connection, for commands that wait in the server for so many seconds at most.

        None through a client of somebody's, whose connections are counted by others.
        """
        ...

    def close(self) -> None:
        """Let go of every connection that is ours, but for lines."""
        ...


class Line(Protocol):
    """A connection of its own, made when it is needed: a command is sent, its answer read once it came."""

    def send(self, *command: Argument) -> None:
        """Send a command; the one before was answered.

        :raises StorageError: the server cannot be reached.
        """
        ...

    def fileno(self) -> int:
        """What is readable once there is an answer; -1: there is no connection."""
        ...

    def answered(self) -> bool:
        """Whether there is an answer to read.

        :raises StorageError: the connection is gone.
        """
        ...

    def answer(self) -> Any:
        """The answer; texts are bytes.

        :raises StorageError: it is an error.
        """
        ...

    def close(self) -> None:
        """Hang up: what waits in the server waits no more."""
        ...
