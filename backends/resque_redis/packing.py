"""Requests as the server reads them. What is the same in each call of a script is packed once."""

from collections.abc import Iterable, Sequence

from resque_redis.scripts import Script

Argument = bytes | str | int


def pack(words: Sequence[Argument]) -> bytes:
    """A command."""
    return b"*%d\r\n" % len(words) + _packed(words)


class ScriptCall:
    """A script with its keys, to be called with different arguments."""

    def __init__(self, script: Script, keys: Sequence[bytes]) -> None:
        self.script = script
        self.keys = tuple(keys)
        head: list[Argument] = [b"EVALSHA", script.digest, len(self.keys), *self.keys]
        self._head, self._count = _packed(head), len(head)

    def pack(self, arguments: Sequence[Argument]) -> bytes:
        """The request, to a server that knows the script."""
        return b"*%d\r\n%b%b" % (self._count + len(arguments), self._head, _packed(arguments))

    def pack_whole(self, arguments: Sequence[Argument]) -> bytes:
        """The request, to one that does not."""
        return pack((b"EVAL", self.script.text, len(self.keys), *self.keys, *arguments))


def _packed(words: Iterable[Argument]) -> bytes:
    parts: list[bytes] = []
    for word in words:
        raw = word if isinstance(word, bytes) else str(word).encode()
        # Not formatted as a whole: that would copy each word once more.
        parts += (b"$%d\r\n" % len(raw), raw, b"\r\n")
    return b"".join(parts)
