"""`ConnectionLine`: one connection of the driver's, on which an answer may be waited for without reading."""

from collections.abc import Callable
from typing import Any

from resque_redis.errors import DRIVER_ERRORS, explain
from resque_redis.packing import Argument

#: Seconds by which the timeout of a line's socket exceeds the longest wait on it.
MARGIN = 2.0


class ConnectionLine:
    """`connect` makes a connection to the server that has a key."""

    def __init__(self, location: str, connect: Callable[[Argument], Any]) -> None:
        self.location = location
        self._connect = connect
        self._connection: Any = None

    def send(self, *command: Argument) -> None:
        """Send a command about a key, on a new connection if the old one was hung up meanwhile."""
        try:
            if self._connection is not None and self._is_stale():
                self.close()
            if self._connection is None:
                self._connection = self._connect(command[1])
            self._connection.send_command(*command, check_health=False)
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error

    def fileno(self) -> int:
        """The socket's; -1: there is none."""
        # The driver has no public name for it, in any version.
        socket = getattr(self._connection, "_sock", None)
        return int(socket.fileno()) if socket is not None else -1

    def answered(self) -> bool:
        """Whether there is something to read."""
        try:
            # Without a socket, the driver would make another one.
            return self.fileno() >= 0 and bool(self._connection.can_read(0))
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error

    def answer(self) -> Any:
        """The answer to what was sent."""
        try:
            return self._connection.read_response(disable_decoding=True)
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.disconnect()
            self._connection = None

    def _is_stale(self) -> bool:
        """Whether there is anything to read when nothing was asked: the end, or what nobody knows."""
        try:
            return self.fileno() < 0 or bool(self._connection.can_read(0))
        except DRIVER_ERRORS:
            return True


def patient(options: dict[str, Any], longest: float) -> dict[str, Any]:
    """A connection's options, with a timeout for reading that is longer than any wait."""
    return {**options, "socket_timeout": max(longest + MARGIN, options.get("socket_timeout") or 0.0)}
