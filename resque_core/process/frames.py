"""`Channel`: framed messages over a socket pair between the processes of one worker.

A frame is a line of ASCII, its kind and the length in bytes of each part, and then the parts themselves.
There is no JSON in it, nor anything else that every new child would have to copy the pages of.
Results are capped, because the process that writes them runs user code.
"""

import select
import socket
from typing import NamedTuple

#: Bytes that are read at once; and of a frame that is known to be longer.
CHUNK = 8192
_LARGE_CHUNK = 1024 * 1024

#: Bytes. No part of ours sends a longer first line.
LONGEST_LINE = 65536
#: Digits of a length: enough for gigabytes, and few enough for `int`.
_MOST_DIGITS = 12

#: More than a result needs: text and backtrace are cut to far less by the process that writes them.
MAX_RESULT = 4 * 1024 * 1024


class ChannelClosed(Exception):
    """The other end is gone."""


class ChannelBroken(Exception):
    """The other end sent what no part of ours sends."""


class Frame(NamedTuple):
    """One message: its kind, one ASCII word, and its parts."""

    kind: str
    parts: tuple[bytes, ...] = ()

    def texts(self) -> list[str]:
        """The parts as text.

        :raises ChannelBroken: one of them is none.
        """
        try:
            return [part.decode("utf-8", "surrogatepass") for part in self.parts]
        except ValueError as error:
            raise ChannelBroken(f"text that is none: {error}") from error


def text_frame(kind: str, *texts: str) -> Frame:
    """A frame whose parts are these texts; lone surrogates, as in the names of files, pass."""
    return Frame(kind, tuple([text.encode("utf-8", "surrogatepass") for text in texts]))


def channel_pair() -> tuple["Channel", "Channel"]:
    """Two connected channels; both close on exec, so that programs that a job starts hold neither."""
    left, right = socket.socketpair()
    return Channel(left), Channel(right)


class Channel:
    """One end. `send` and `receive` wait, `post`, `flush` and `poll` never do.

    `patience` is how many seconds `send` waits for the other end to read; None is for ever.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.cap: int | None = None
        self.patience: float | None = None
        self._read = bytearray()
        #: Of the frame that is arriving: its kind and the lengths of its parts.
        self._line: tuple[str, list[int]] | None = None
        self._unsent = memoryview(b"")

    def fileno(self) -> int:
        """For selectors."""
        return self.sock.fileno()

    def send(self, *frames: Frame) -> None:
        """Write frames, one after the other.

        :raises ChannelClosed: the other end is gone, or did not read in time.
        """
        rest = memoryview(b"".join(map(_encode, frames)))
        try:
            while rest:
                rest = rest[self._send_some(rest) :]
        except OSError as error:
            raise ChannelClosed(str(error)) from error

    def post(self, frame: Frame) -> bool:
        """Write as much of one frame as can be written now; `flush` writes the rest, and answers the same."""
        self._unsent = memoryview(_encode(frame))
        return self.flush()

    def flush(self) -> bool:
        """Go on with what was posted; whether all of it is written. Raises as `send`."""
        try:
            while self._unsent:
                self._unsent = self._unsent[self._write_some(self._unsent) :]
        except BlockingIOError:
            return False
        except OSError as error:
            raise ChannelClosed(str(error)) from error
        return True

    def poll(self) -> Frame | None:
        """The next whole frame that has arrived, or None.

        :raises ChannelClosed: the other end is gone and everything it sent was read.
        :raises ChannelBroken: a frame is larger than the cap, or not one of ours.
        """
        while (frame := self._next()) is None:
            try:
                self._take(self._receive_some(socket.MSG_DONTWAIT))
            except BlockingIOError:
                return None
            except OSError as error:
                raise ChannelClosed(str(error)) from error
        return frame

    def receive(self) -> Frame:
        """The next frame; waits for it. Raises as `poll`."""
        while (frame := self._next()) is None:
            try:
                self._take(self._receive_some(0))
            except OSError as error:
                raise ChannelClosed(str(error)) from error
        return frame

    def close(self) -> None:
        """Let go of this end."""
        self.sock.close()

    def _send_some(self, rest: memoryview) -> int:
        try:
            return self._write_some(rest)
        except BlockingIOError:
            _, writable, _ = select.select([], [self.sock], [], self.patience)
            if not writable:
                raise TimeoutError(f"nothing was read for {self.patience} seconds") from None
            return 0

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            raise ChannelClosed("end of file")
        self._read += chunk

    def _write_some(self, rest: memoryview) -> int:
        return self.sock.send(rest, socket.MSG_DONTWAIT)

    def _receive_some(self, flags: int) -> bytes:
        return self.sock.recv(self._wanted(), flags)

    def _wanted(self) -> int:
        """How many bytes to read at once: what is missing of a frame that is known to be long."""
        missing = sum(self._line[1]) - len(self._read) if self._line else 0
        return min(max(missing, CHUNK), _LARGE_CHUNK)

    def _next(self) -> Frame | None:
        if self._line is None and self._read:
            self._line = self._take_line()
        if self._line is None or len(self._read) < sum(self._line[1]):
            return None
        (kind, lengths), self._line = self._line, None
        parts, start = [], 0
        for length in lengths:
            parts.append(bytes(self._read[start : start + length]))
            start += length
        del self._read[:start]
        return Frame(kind, tuple(parts))

    def _take_line(self) -> tuple[str, list[int]] | None:
        end = self._read.find(b"\n", 0, LONGEST_LINE + 1)
        line = bytes(self._read[: LONGEST_LINE + 1 if end < 0 else end])
        # Looked at before it is whole: what is not ours may never become so.
        if len(line) > LONGEST_LINE or not line.replace(b" ", b"a").isalnum():
            raise _not_ours(line)
        if end < 0:
            return None
        kind, lengths = _first_line(line)
        size = end + 1 + sum(lengths)
        if self.cap is not None and size > self.cap:
            raise ChannelBroken(f"a message of {size} bytes, more than {self.cap}")
        del self._read[: end + 1]
        return kind, lengths


def _encode(frame: Frame) -> bytes:
    line = " ".join([frame.kind, *[str(len(part)) for part in frame.parts]])
    return b"".join([line.encode("ascii"), b"\n", *frame.parts])


def _first_line(line: bytes) -> tuple[str, list[int]]:
    kind, *lengths = line.decode("ascii", "replace").split(" ")
    if kind.isalpha() and all(length.isdecimal() and len(length) <= _MOST_DIGITS for length in lengths):
        return kind, [int(length) for length in lengths]
    raise _not_ours(line)


def _not_ours(line: bytes) -> ChannelBroken:
    return ChannelBroken(f"a message that is not ours: {line[:40]!r}")
