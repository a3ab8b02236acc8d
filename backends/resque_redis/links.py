"""Links to servers: each sends one command and reads its answer, once."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import redis
from redis.cluster import RedisCluster

from resque_redis.errors import DRIVER_ERRORS, explain
from resque_redis.lines import ConnectionLine, patient
from resque_redis.packing import Argument, ScriptCall, pack
from resque_redis.spares import Spares, borrow
from resque_redis.text import to_text


class OfProcess:
    """One thing for each process, made when it is first asked for: no connection ever crosses a fork."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make
        self._things: dict[int, Any] = {}

    def get(self) -> Any:
        """This process's own."""
        process = os.getpid()
        thing = self._things.get(process)
        if thing is None:
            # Without a lock, which a fork could leave locked for ever: of two threads, one makes it in vain.
            thing = self._things.setdefault(process, self.make())
            self._forget_others(process)
        return thing

    def take(self) -> Any:
        """The same, or None if there is none; the next `get` makes another."""
        return self._things.pop(os.getpid(), None)

    def _forget_others(self, process: int) -> None:
        for other in [key for key in self._things if key != process]:
            # Only this side's descriptors are closed; the parent's connections go on.
            self._things.pop(other, None)


class PoolLink:
    """A server behind a pool of connections. The pool's own client is left out, since it may repeat calls."""

    def __init__(
        self, location: str, make_pool: Callable[[], redis.ConnectionPool], owned: bool = True
    ) -> None:
        self.location = location
        self._make_pool = make_pool
        self._spares = OfProcess(lambda: Spares(make_pool(), keeps=owned))
        self._owned = owned

    def call(self, *command: Argument) -> Any:
        """The answer to one command."""
        try:
            return self._exchange(pack(command))
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error

    def run(self, script: ScriptCall, arguments: Sequence[Argument]) -> Any:
        """The answer of a script."""
        try:
            try:
                return self._exchange(script.pack(arguments))
            except redis.exceptions.NoScriptError:
                # Nothing was run, so this is no repetition.
                return self._exchange(script.pack_whole(arguments))
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error

    def info(self) -> Mapping[str, str]:
        """What the server says of itself."""
        try:
            lines = to_text(self._exchange(pack((b"INFO",)))).splitlines()
        except redis.ResponseError:
            return {}
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error
        return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))

    def client(self) -> Any:
        """A client on the same connections, which it does not own."""
        return redis.Redis(connection_pool=self._spares.get().pool)

    def line(self, longest: float) -> ConnectionLine | None:
        """A connection from a pool of its own: the number of those in this one may have a limit."""

        def connect(_: Argument) -> Any:
            pool = self._make_pool()
            pool.connection_kwargs = patient(pool.connection_kwargs, longest)
            return borrow(pool)

        return ConnectionLine(self.location, connect) if self._owned else None

    def close(self) -> None:
        """Close the connections, also those that threads use now."""
        spares = self._spares.take() if self._owned else None
        if spares is not None:
            spares.pool.disconnect()

    def _exchange(self, request: bytes) -> Any:
        spares = self._spares.get()
        connection = spares.take()
        answered = False
        try:
            connection.send_packed_command([request])
            answer = connection.read_response(disable_decoding=True)
            answered = True
        except redis.ResponseError:
            answered = True
            raise
        finally:
            spares.give(connection, answered=answered)
        return answer


class ClusterLink:
    """A cluster: the driver finds the node that has the keys."""

    def __init__(self, location: str, make_client: Callable[[], RedisCluster], owned: bool = True) -> None:
        self.location = location
        self._clients = OfProcess(make_client)
        self._owned = owned

    def call(self, *command: Argument) -> Any:
        """The answer to one command."""
        try:
            return self._clients.get().execute_command(*command)
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error

    def run(self, script: ScriptCall, arguments: Sequence[Argument]) -> Any:
        """The answer of a script."""
        keyed = (len(script.keys), *script.keys, *arguments)
        try:
            client = self._clients.get()
            try:
                return client.execute_command("EVALSHA", script.script.digest, *keyed)
            except redis.exceptions.NoScriptError:
                return client.execute_command("EVAL", script.script.text, *keyed)
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error

    def info(self) -> Mapping[str, str]:
        """What one of the nodes says of itself."""
        try:
            client = self._clients.get()
            said = client.info(target_nodes=client.get_default_node())
        except redis.ResponseError:
            return {}
        except DRIVER_ERRORS as error:
            raise explain(error, self.location) from error
        return {str(name): str(value) for name, value in said.items()}

    def client(self) -> Any:
        """The cluster's client."""
        return self._clients.get()

    def line(self, longest: float) -> ConnectionLine | None:
        """A connection to the node that has a key, which by then may be another one than before."""

        def connect(key: Argument) -> Any:
            client = self._clients.get()
            pool = client.get_redis_connection(client.get_node_from_key(key)).connection_pool
            connection = pool.connection_class(**patient(pool.connection_kwargs, longest))
            connection.connect()
            return connection

        return ConnectionLine(self.location, connect) if self._owned else None

    def close(self) -> None:
        """Close the connections to all nodes."""
        client = self._clients.take() if self._owned else None
        if client is not None:
            client.close()
