"""`BirthChannel`: between keeper and app process. It carries the sockets of newborn children, too."""

import os
import socket
import struct
from collections import deque
from collections.abc import Iterable
from socket import SocketType

from resque_core.process.frames import Channel, ChannelBroken, Frame, without_timeout

_DESCRIPTOR = struct.Struct("@i")
#: Sockets that come at once, at most.
_MOST = 16
_ROOM = socket.CMSG_SPACE(_MOST * _DESCRIPTOR.size)
#: What `socket_pair` makes.
_FAMILY, _TYPE = int(socket.AF_UNIX), int(socket.SOCK_STREAM)
#: Sockets come closed on exec, where the system has that.
_CLOSED_ON_EXEC = int(getattr(socket, "MSG_CMSG_CLOEXEC", 0))


class BirthChannel(Channel):
    """A channel over which a socket can be handed to the process at the other end."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self._to_hand = b""
        self._handed: deque[int] = deque()

    def send_sockets(self, handed: Iterable[SocketType], *frames: Frame) -> None:
        """Write frames, and with their first byte copies of the sockets `handed`, 16 at most.

        :raises ChannelClosed: the other end is gone, or did not read in time.
        """
        self._to_hand = b"".join([_DESCRIPTOR.pack(sock.fileno()) for sock in handed])
        self.send(*frames)

    def take_socket(self) -> Channel:
        """The oldest socket that has come and was not taken yet.

        :raises ChannelBroken: there is none: this process may not open another descriptor.
        """
        if not self._handed:
            raise ChannelBroken("a birth without a socket: too many files are open here")
        descriptor = self._handed.popleft()
        if not _CLOSED_ON_EXEC:
            os.set_inheritable(descriptor, False)
        # All is said of it, so that the system is not asked; and a plain one is less to close.
        return Channel(without_timeout(SocketType(_FAMILY, _TYPE, 0, descriptor)))

    def _write_some(self, rest: bytes | memoryview) -> int:
        if not self._to_hand:
            return super()._write_some(rest)
        handing = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, self._to_hand)]
        sent = self.sock.sendmsg([rest], handing, socket.MSG_DONTWAIT)
        self._to_hand = b""
        return sent

    def _receive_some(self, most: int, flags: int) -> bytes:
        # The kernel ends a read before bytes that come with others, so that they are those of one send.
        # Not `socket.recv_fds`: it does not pass the flags on.
        chunk, ancillary, _, _ = self.sock.recvmsg(most, _ROOM, flags | _CLOSED_ON_EXEC)
        for _level, _kind, data in ancillary:
            whole = data[: len(data) - len(data) % _DESCRIPTOR.size]
            self._handed += [descriptor for (descriptor,) in _DESCRIPTOR.iter_unpack(whole)]
        return chunk


def birth_channel_pair() -> tuple[BirthChannel, BirthChannel]:
    """Two connected channels; both close on exec."""
    left, right = socket.socketpair()
    return BirthChannel(without_timeout(left)), BirthChannel(without_timeout(right))
