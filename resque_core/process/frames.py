"""`Channel`: framed messages over a socket pair between the processes of one worker.

A frame is a head of fixed size, the length in bytes of each part, and the parts themselves, of which the
first is its kind. Little code reads that: whatever runs in a new child, the child has to copy pages for.
Results are capped, because the process that writes them runs user code.
"""

import select
import socket
import struct
from collections.abc import Callable
from importlib import import_module
from socket import SocketType
from typing import NamedTuple, TypeVar

#: How text is encoded: lone surrogates, as in the names of files, pass.
TEXT = ("utf-8", "surrogatepass")

#: Bytes that are read at once, enough for most jobs and small enough for the allocator of small objects: the
#: other one touches more pages. And of a frame that is known to be longer.
CHUNK = 448
_LARGE_CHUNK = 1024 * 1024

_MARK = b"rsq1"
#: The mark, the number of parts, and how many bytes follow: a length of 8 for each part, and the parts.
_HEAD = struct.Struct("!4sHQ")
_LENGTH = struct.Struct("!Q")
#: Asked for once: an attribute that is not one of Python's own objects is looked up by its name each time.
_HEAD_SIZE, _LENGTH_SIZE, _pack_length = _HEAD.size, _LENGTH.size, _LENGTH.pack
_NO_WAIT = int(socket.MSG_DONTWAIT)
#: Seconds, and microseconds: a `timeval`. Where a time is longer than a `long`, Linux has another option.
_SO_RCVTIMEO_NEW = 66
_TIME = struct.Struct("@qq" if socket.SO_RCVTIMEO == _SO_RCVTIMEO_NEW else "@ll")

#: More than a result needs: text and backtrace are cut to far less by the process that writes them.
MAX_RESULT = 4 * 1024 * 1024


_socket_pair: Callable[[], tuple[SocketType, SocketType]] = import_module("_socket").socketpair


Sock = TypeVar("Sock", bound=SocketType)


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
            return [str(part, *TEXT) for part in self.parts]
        except ValueError as error:
            raise ChannelBroken(f"text that is none: {error}") from error


def text_frame(kind: str, *texts: str) -> Frame:
    """A frame whose parts are these texts."""
    parts = []
    # No comprehension, which is a function to be made, nor `encode(*TEXT)`, which is looked up by its name.
    for text in texts:
        parts.append(text.encode("utf-8", "surrogatepass"))  # noqa: PERF401
    return Frame(kind, tuple(parts))


def socket_pair() -> tuple[SocketType, SocketType]:
    """Two connected sockets; both close on exec, so that programs that a job starts hold neither.

    Plain ones, of the class that `socket.socket` inherits from: that is less code for each job.
    """
    left, right = _socket_pair()
    return without_timeout(left), without_timeout(right)


def without_timeout(sock: Sock) -> Sock:
    """This socket, which waits for as long as it takes, or not at all.

    A module of jobs may have called `socket.setdefaulttimeout`, which is about all that are made.
    """
    if sock.gettimeout() is not None:
        sock.settimeout(None)
    return sock


def limit_wait(sock: SocketType, seconds: float) -> None:
    """Let one who hears over this socket wait so long at most, less than a second; 0: for ever.

    Said before a fork, it costs the child nothing: there is no clock to look at, and nothing to poll.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIME.pack(0, int(seconds * 1_000_000)))


def channel_pair() -> tuple["Channel", "Channel"]:
    """Two connected channels; both close on exec."""
    left, right = socket_pair()
    return Channel(left), Channel(right)


class Channel:
    """One end. `send` and `receive` wait, `post`, `flush` and `poll` never do.

    `patience` is how many seconds `send` waits for the other end to read; None is for ever.
    """

    def __init__(self, sock: SocketType) -> None:
        self.sock = sock
        self.cap: int | None = None
        self.patience: float | None = None
        self._read = bytearray()
        #: How many bytes are known to be missing of the frame that is arriving.
        self._missing = 0
        self._unsent: bytes | memoryview = b""

    def fileno(self) -> int:
        """For selectors."""
        return self.sock.fileno()

    def send(self, *frames: Frame) -> None:
        """Write frames, one after the other.

        :raises ChannelClosed: the other end is gone, or did not read in time.
        """
        rest = memoryview(b"".join(map(encode_frame, frames)))
        try:
            while rest:
                try:
                    rest = rest[self._write_some(rest) :]
                except BlockingIOError:
                    self._wait_for_a_reader()
        except OSError as error:
            raise ChannelClosed(str(error)) from error

    def post(self, frame: Frame) -> bool:
        """Write as much of one frame as can be written now; `flush` writes the rest, and answers the same."""
        self._unsent = memoryview(encode_frame(frame))
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
                self._read_some(_NO_WAIT)
            except BlockingIOError:
                return None
        return frame

    def receive(self) -> Frame:
        """The next frame; waits for it. Raises as `poll`."""
        while (frame := self._next()) is None:
            self.hears()
        return frame

    def hears(self) -> bool:
        """Wait for something to read, and read it. False: nothing came within the socket's `limit_wait`.

        There is no limit any more then.

        :raises ChannelClosed: the other end is gone.
        """
        try:
            self._read_some(0)
        except BlockingIOError:
            limit_wait(self.sock, 0)
            return False
        return True

    def close(self) -> None:
        """Let go of this end."""
        self.sock.close()

    def _wait_for_a_reader(self) -> None:
        _, writable, _ = select.select([], [self.sock], [], self.patience)
        if not writable:
            raise TimeoutError(f"nothing was read for {self.patience} seconds")

    def _read_some(self, flags: int) -> None:
        try:
            chunk = self._receive_some(min(max(self._missing, CHUNK), _LARGE_CHUNK), flags)
        except BlockingIOError:
            raise
        except OSError as error:
            raise ChannelClosed(str(error)) from error
        if not chunk:
            raise ChannelClosed("end of file")
        self._read += chunk

    def _write_some(self, rest: bytes | memoryview) -> int:
        return self.sock.send(rest, _NO_WAIT)

    def _receive_some(self, most: int, flags: int) -> bytes:
        return self.sock.recv(most, flags)

    def _next(self) -> Frame | None:
        if not self._read:
            return None
        # Looked at before it is whole: what is not ours may never become so.
        if not self._read.startswith(_MARK[: len(self._read)]):
            raise _not_ours(self._read)
        if len(self._read) < _HEAD_SIZE:
            return None
        _, count, size = _HEAD.unpack_from(self._read)
        end = _HEAD_SIZE + size
        if self.cap is not None and end > self.cap:
            raise ChannelBroken(f"a message of {end} bytes, more than {self.cap}")
        self._missing = max(0, end - len(self._read))
        if self._missing:
            return None
        whole = bytes(self._read[:end])
        del self._read[:end]
        return _decode(whole, count)


def encode_frame(frame: Frame) -> bytes:
    """The bytes of a frame."""
    kind, texts = frame
    parts = (kind.encode("ascii"), *texts)
    body = b"".join((*map(_pack_length, map(len, parts)), *parts))
    return _HEAD.pack(_MARK, len(parts), len(body)) + body


def _decode(whole: bytes, count: int) -> Frame:
    start = _HEAD_SIZE + count * _LENGTH_SIZE
    if not count or start > len(whole):
        raise _not_ours(whole)
    parts = []
    for at in range(_HEAD_SIZE, start, _LENGTH_SIZE):
        (length,) = _LENGTH.unpack_from(whole, at)
        parts.append(whole[start : start + length])
        start += length
    if start != len(whole) or not parts[0].isalpha():
        raise _not_ours(whole)
    return Frame(parts[0].decode("ascii"), tuple(parts[1:]))


def _not_ours(read: bytes | bytearray) -> ChannelBroken:
    return ChannelBroken(f"a message that is not ours: {bytes(read[:40])!r}")
