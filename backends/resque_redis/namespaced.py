"""`Namespaced`: the driver's client, with the namespace put before every key; what `resque.connection` is."""

import re
from typing import Any

from redis import ResponseError
from redis.commands import CoreCommands

from resque_core.errors import StorageError
from resque_redis.errors import DRIVER_ERRORS, explain
from resque_redis.text import to_bytes

#: These know no keys, and would take other namespaces with them.
_REFUSED = frozenset({"FLUSHDB", "FLUSHALL", "SWAPDB", "SELECT", "SHUTDOWN"})
_SPECIAL = re.compile(rb"([\[\]*?\\])")


class Namespaced(CoreCommands):  # type: ignore[type-arg,misc,unused-ignore]
    """All commands of `redis.Redis` on keys without their namespace: `connection.get("stat:processed")`.

    `keys` and `scan_iter` find the namespace's own and leave it off. Pipelines, transactions and
    subscriptions are the plain `client`'s; its keys have the namespace. Replies are bytes.
    """

    #: The driver's base class wants one for commands that are sent to nobody in particular.
    _event_dispatcher: Any = None

    def __init__(self, client: Any, namespace: str, location: str) -> None:
        #: The driver's client.
        self.client = client
        self._prefix = to_bytes(f"{namespace}:")
        self._location = location
        self._places: dict[str, tuple[int, int, int] | None] = {}

    def execute_command(self, *words: Any, **options: Any) -> Any:
        """Send one command; its keys are named by the server's own table of commands.

        :raises StorageError: there is no answer, or the command would reach beyond the namespace.
        """
        name = str(words[0]).upper()
        if name in _REFUSED:
            raise StorageError(
                f"{name} would reach beyond the namespace. Call it on the plain client: connection.client."
            )
        try:
            if name in ("KEYS", "SCAN"):
                return self._found(name, words, options)
            return self.client.execute_command(*self._named(name, words), **options)
        except DRIVER_ERRORS as error:
            raise explain(error, self._location) from error

    def _named(self, name: str, words: tuple[Any, ...]) -> list[Any]:
        # The driver writes a command of two words as one: `OBJECT ENCODING`.
        head = str(words[0]).split(" ")
        named = [*head, *words[1:]]
        if name not in self._places:
            self._places[name] = self._ask_for_places(head)
        places = self._places[name]
        if places is None:
            self._name_one_by_one(named)
        else:
            first, last, step = places
            for place in range(first, (last if last >= 0 else len(named) + last) + 1, step):
                named[place] = self._key(named[place])
        return [words[0], *named[len(head) :]]

    def _ask_for_places(self, head: list[str]) -> tuple[int, int, int] | None:
        """Index of the first key, of the last, and the step; None where it depends on the call."""
        said = self.client.execute_command("COMMAND", "INFO", head[0])
        about = next(iter(said.values()), None)
        if about is None or len(head) > 1 or b"movablekeys" in map(_plain, about["flags"]):
            return None
        if not about["first_key_pos"]:
            return 1, 0, 1
        return about["first_key_pos"], about["last_key_pos"], about["step_count"]

    def _name_one_by_one(self, named: list[Any]) -> None:
        keys = self._keys_of(named)
        for place in range(1, len(named)):
            if keys and _plain(named[place]) == keys[0]:
                named[place] = self._key(keys.pop(0))

    def _keys_of(self, named: list[Any]) -> list[bytes]:
        try:
            return [_plain(key) for key in self.client.command_getkeys(*named)]
        except ResponseError:
            # It has none: `CONFIG GET`.
            return []

    def _found(self, name: str, words: tuple[Any, ...], options: dict[str, Any]) -> Any:
        pattern = _SPECIAL.sub(rb"\\\1", self._prefix)
        if name == "KEYS":
            found = self.client.execute_command("KEYS", pattern + _plain(words[1]), **options)
            return [self._short(key) for key in found]
        wanted = list(words)
        if b"MATCH" in wanted or "MATCH" in wanted:
            place = wanted.index("MATCH" if "MATCH" in wanted else b"MATCH") + 1
            wanted[place] = pattern + _plain(wanted[place])
        else:
            wanted += ["MATCH", pattern + b"*"]
        cursor, found = self.client.execute_command(*wanted, **options)
        return cursor, [self._short(key) for key in found]

    def _key(self, key: Any) -> bytes:
        return self._prefix + _plain(key)

    def _short(self, key: Any) -> bytes:
        return _plain(key).removeprefix(self._prefix)


def _plain(word: Any) -> bytes:
    return bytes(word) if isinstance(word, bytes | bytearray | memoryview) else to_bytes(str(word))
