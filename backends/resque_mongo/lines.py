"""`Line`: one end of a connection between a worker and the switchboard, for lines of JSON. It never waits."""

import json
import socket
from collections.abc import Sequence
from typing import Any

#: Bytes that are no whole line yet, at most: the hints of a thousand queues are a hundredth of it.
_LONGEST = 2**20
#: A write to somebody who has gone is an error, and no signal.
_QUIETLY = getattr(socket, "MSG_NOSIGNAL", 0)


class Line:
    """Of a connected socket."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._begun = b""
        #: Which of its waits the worker at the other end is in.
        self.number = 0

    def fileno(self) -> int:
        """The socket's."""
        return self._socket.fileno()

    def say(self, *said: object) -> None:
        """One line.

        :raises OSError: nobody is there, or has read for long.
        """
        line = json.dumps(said).encode() + b"\n"
        if self._socket.send(line, _QUIETLY) != len(line):
            raise OSError("The other end does not read what it is told.")

    def hear(self) -> Sequence[Any]:
        """What was said by now.

        :raises OSError: the other end has hung up, or talks nonsense.
        """
        while True:
            try:
                read = self._socket.recv(65536)
            except BlockingIOError:
                return self._lines()
            self._begun += read
            if not read or len(self._begun) > _LONGEST:
                return self._last_lines()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _lines(self) -> Sequence[Any]:
        *lines, self._begun = self._begun.split(b"\n")
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise OSError("The other end says what is no JSON.") from error

    def _last_lines(self) -> Sequence[Any]:
        """What came before the end; the next call tells of that."""
        if lines := self._lines():
            return lines
        raise ConnectionResetError("The other end has hung up.")
