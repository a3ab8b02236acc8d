"""fakeredis as a server of its own, so that several processes may share it."""

import importlib.metadata
import sys
from dataclasses import dataclass
from pathlib import Path

from servers.redis_program import RedisProgram

SERVE = """
import sys
from fakeredis import TcpFakeServer
from redis.exceptions import ResponseError

server = TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_version=(7, 0))
server.daemon_threads = True

class Handler(server.RequestHandlerClass):
    # fakeredis 2.40 closes a connection after each error that it replies; a Redis goes on.
    def setup(self):
        super().setup()
        read = self.current_client.read_response

        def read_errors_too():
            try:
                return read()
            except ResponseError as error:
                return error

        self.current_client.read_response = read_errors_too

server.RequestHandlerClass = Handler
server.serve_forever()
"""


@dataclass(frozen=True)
class FakeRedisProgram:
    """Keeps everything in memory: what is killed is gone."""

    @property
    def version(self) -> str:
        """That of fakeredis."""
        return importlib.metadata.version("fakeredis")

    def command(self, port: int, folder: Path) -> list[str]:
        """This interpreter, with everything that it has installed."""
        return [sys.executable, "-c", SERVE, str(port)]

    answers = RedisProgram.answers

    def url(self, port: int) -> str:
        """Its first database, for clients with patience: it is a hundred times as slow as a Redis."""
        return f"redis://127.0.0.1:{port}/0?socket_timeout=60"
