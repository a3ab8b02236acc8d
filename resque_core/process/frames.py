"""`Channel`: framed messages over a socket pair between the processes of one worker.

A frame is a head (a small JSON object) and a body (raw bytes, a job's payload): two lengths, then both.
Results are capped, because the process that writes them runs user code.
"""

import json
import select
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

_LENGTHS = struct.Struct(">II")
_CHUNK = 65536

#: More than a result needs: text and backtrace are cut to far less by the process that writes them.
MAX_RESULT = 4 * 1024 * 1024


class ChannelClosed(Exception):
    """The other end is gone."""


class ChannelBroken(Exception):
    """The other end sent what no part of ours sends."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    kind: str
    head: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""


def channel_pair() -> tuple["Channel", "Channel"]:
    """Two connected channels; both close on exec, so that programs that a job starts hold neither."""
    left, right = socket.socketpair()
    return Channel(left), Channel(right)


class Channel:
    """One end. `send` and `receive` wait, `poll` never does.

    `patience` is how many seconds `send` waits for the other end to read; None is for ever.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.cap: int | None = None
        self.patience: float | None = None
        self._read = bytearray()

    def fileno(self) -> int:
        """For selectors."""
        return self.sock.fileno()

    def send(self, frame: Frame) -> None:
        """Write one frame.

        :raises ChannelClosed: the other end is gone, or did not read in time.
        """
        head = json.dumps({"kind": frame.kind, **frame.head}).encode()
        rest = memoryview(_LENGTHS.pack(len(head), len(frame.body)) + head + frame.body)
        try:
            while rest:
                rest = rest[self._send_some(rest) :]
        except OSError as error:
            raise ChannelClosed(str(error)) from error

    def poll(self) -> Frame | None:
        """The next whole frame that has arrived, or None.

        :raises ChannelClosed: the other end is gone and everything it sent was read.
        :raises ChannelBroken: a frame is larger than the cap, or not one of ours.
        """
        while (frame := self._next()) is None:
            try:
                chunk = self.sock.recv(_CHUNK)
            except BlockingIOError:
                return None
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            if not chunk:
                raise ChannelClosed("end of file")
            self._read += chunk
        return frame

    def receive(self) -> Frame:
        """The next frame; waits for it. Raises as `poll`."""
        while (frame := self.poll()) is None:
            select.select([self.sock], [], [])
        return frame

    def close(self) -> None:
        """Let go of this end."""
        self.sock.close()

    def _send_some(self, rest: memoryview) -> int:
        try:
            return self.sock.send(rest)
        except BlockingIOError:
            _, writable, _ = select.select([], [self.sock], [], self.patience)
            if not writable:
                raise TimeoutError(f"nothing was read for {self.patience} seconds") from None
            return 0

    def _next(self) -> Frame | None:
        if len(self._read) < _LENGTHS.size:
            return None
        head_length, body_length = _LENGTHS.unpack_from(self._read)
        end = _LENGTHS.size + head_length + body_length
        if self.cap is not None and end > self.cap:
            raise ChannelBroken(f"a message of {end} bytes, more than {self.cap}")
        if len(self._read) < end:
            return None
        head = bytes(self._read[_LENGTHS.size : _LENGTHS.size + head_length])
        body = bytes(self._read[_LENGTHS.size + head_length : end])
        del self._read[:end]
        return _frame(head, body)


def _frame(head: bytes, body: bytes) -> Frame:
    try:
        fields = json.loads(head)
        return Frame(fields.pop("kind"), fields, body)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ChannelBroken(f"a message that is not ours: {error}") from error
