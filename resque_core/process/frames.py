"""`Channel`: framed messages over a socket pair between the processes of one worker.

A frame is a line of ASCII, its kind and the length in bytes of each part, and then the parts themselves.
There is no JSON in it, nor anything else that every new child would have to copy the pages of.
Results are capped, because the process that writes them runs user code.
"""

import select
import socket
from typing import NamedTuple

#: Bytes that are read at once.
CHUNK = 8192

#: Bytes. No part of ours sends a longer first line.
LONGEST_LINE = 65536

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
    """One end. `send` and `receive` wait, `poll` never does.

    `patience` is how many seconds `send` waits for the other end to read; None is for ever.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.cap: int | None = None
        self.patience: float | None = None
        self._read = b""

    def fileno(self) -> int:
        """For selectors."""
        return self.sock.fileno()

    def send(self, frame: Frame) -> None:
        """Write one frame.

        :raises ChannelClosed: the other end is gone, or did not read in time.
        """
        rest = _encode(frame)
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

    def _send_some(self, rest: bytes) -> int:
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

    def _write_some(self, rest: bytes) -> int:
        return self.sock.send(rest, socket.MSG_DONTWAIT)

    def _receive_some(self, flags: int) -> bytes:
        return self.sock.recv(CHUNK, flags)

    def _next(self) -> Frame | None:
        line, newline, _ = self._read.partition(b"\n")
        # Looked at before it is whole: what is not ours may never become so.
        if len(line) > LONGEST_LINE or not line.replace(b" ", b"a").isalnum():
            if not self._read:
                return None
            raise ChannelBroken(f"a message that is not ours: {line[:40]!r}")
        if not newline:
            return None
        kind, lengths = _first_line(line)
        start = len(line) + 1
        end = start + sum(lengths)
        if self.cap is not None and end > self.cap:
            raise ChannelBroken(f"a message of {end} bytes, more than {self.cap}")
        if len(self._read) < end:
            return None
        parts = []
        for length in lengths:
            parts.append(self._read[start : start + length])
            start += length
        self._read = self._read[end:]
        return Frame(kind, tuple(parts))


def _encode(frame: Frame) -> bytes:
    line = " ".join([frame.kind, *[str(len(part)) for part in frame.parts]])
    return b"".join([line.encode("ascii"), b"\n", *frame.parts])


def _first_line(line: bytes) -> tuple[str, list[int]]:
    kind, *lengths = line.decode("ascii", "replace").split(" ")
    if not kind.isalpha() or not all(length.isdecimal() for length in lengths):
        raise ChannelBroken(f"a message that is not ours: {line[:40]!r}")
    return kind, [int(length) for length in lengths]
