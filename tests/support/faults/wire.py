"""`Wire`: a loopback proxy between a worker and its store that holds back one reply, and strikes meanwhile.

So a process dies, or freezes, exactly when the store has done as it was asked and nobody knows yet.
Random kills hardly ever meet that moment.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from resque_redis.scripts import SCRIPTS

#: What a request asks for; empty for what the driver asks of its own accord.
NameOf = Callable[[bytes], str]
_DRIVERS_OWN = frozenset({"hello", "ismaster", "ping", "endSessions", "buildInfo", "buildinfo"})
_DIGESTS = {script.digest: name for name, script in SCRIPTS.items()}
#: Where the name of its command begins in a MongoDB message: header, flags, kind, length, type.
_NAME_AT = 16 + 4 + 1 + 4 + 1


def redis_name(request: bytes) -> str:
    """The script's name, or the command's."""
    words = request.split(b"\r\n")[2::2]
    if not words:
        return ""
    if words[0] == b"EVALSHA" and len(words) > 1:
        return _DIGESTS.get(words[1], "EVALSHA")
    return "" if words[0] in (b"CLIENT", b"SELECT", b"HELLO") else words[0].decode()


def mongo_name(request: bytes) -> str:
    """The command's name."""
    name = request[_NAME_AT:].split(b"\0")[0].decode("ascii", "replace")
    return "" if name in _DRIVERS_OWN else name


class Wire:
    """Passes everything on between `port` and the server's, until the nth reply. Close it at the end.

    `strike` is called while that reply is held back; it says whether to pass it on afterwards.
    """

    def __init__(self, server: int, name_of: NameOf, nth: int, strike: Callable[[], bool]) -> None:
        self._server = server
        self._name_of = name_of
        self._left = nth
        self._strike = strike
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        #: What the reply that was held back answers; None while there was none.
        self.held: str | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Hang up on everybody."""
        for each in (self._listener, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                self._sockets += [client, server]
                asked: list[str] = []
                threading.Thread(target=self._ask, args=(client, server, asked), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client, asked), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, asked: list[str]) -> None:
        with suppress(OSError):
            while request := client.recv(1 << 16):
                if name := self._name_of(request):
                    asked[:] = [name]
                server.sendall(request)
            server.shutdown(socket.SHUT_RDWR)

    def _answer(self, server: socket.socket, client: socket.socket, asked: list[str]) -> None:
        with suppress(OSError):
            while reply := server.recv(1 << 16):
                if asked and self._is_the_one(asked.pop()) and not self._strike():
                    break
                client.sendall(reply)
            client.shutdown(socket.SHUT_RDWR)

    def _is_the_one(self, name: str) -> bool:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.held = name
            return self._left == 0
