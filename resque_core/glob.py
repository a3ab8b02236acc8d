"""Shell patterns as Ruby's `File.fnmatch?` reads them, matched in linear space and without a regex (B10)."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnyChar:
    """`?`: one character."""

    def takes(self, char: str) -> bool:
        """Whether this stands for `char`."""
        return bool(char)


@dataclass(frozen=True, slots=True)
class OneOf:
    """`[ab]`, `[a-z]`, `[!a]`, `[^a]`: one character, by ranges."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def takes(self, char: str) -> bool:
        """Whether this stands for `char`. Ruby takes the ends of a reversed range, nothing between."""
        found = any(char in (low, high) or low <= char <= high for low, high in self.ranges)
        return found != self.negated


@dataclass(frozen=True, slots=True)
class Exactly:
    """Any other character: itself."""

    char: str

    def takes(self, char: str) -> bool:
        """Whether this stands for `char`."""
        return char == self.char


@dataclass(frozen=True, slots=True)
class Nothing:
    """A `[` that is never closed: no character at all, as in Ruby."""

    def takes(self, char: str) -> bool:  # noqa: ARG002
        """False."""
        return False


Piece = AnyChar | OneOf | Exactly | Nothing
#: `*`, any run of characters. It is no piece: it stands for more than one.
STAR = None


class Glob:
    """One pattern, read once."""

    def __init__(self, pattern: str) -> None:
        self._pieces: list[Piece | None] = list(_pieces(pattern))

    def matches(self, name: str) -> bool:
        """Whether the whole of `name` fits. A leading dot fits only a leading dot."""
        if name.startswith(".") and self._pieces[:1] != [Exactly(".")]:
            return False
        return _matches(self._pieces, name)


def _matches(pieces: list[Piece | None], name: str) -> bool:
    """Greedy, with the last `*` as the only place to go back to: never worse than pieces times characters."""
    at = position = 0
    star: tuple[int, int] | None = None
    while position < len(name):
        piece = pieces[at] if at < len(pieces) else Nothing()
        if piece is STAR:
            at += 1
            star = (at, position)
        elif piece.takes(name[position]):
            at, position = at + 1, position + 1
        elif star:
            star = (star[0], star[1] + 1)
            at, position = star
        else:
            return False
    return all(piece is STAR for piece in pieces[at:])


def _pieces(pattern: str) -> Iterator[Piece | None]:
    at = 0
    while at < len(pattern):
        if pattern[at] == "*":
            at += 1
            yield STAR
        elif pattern[at] == "?":
            at += 1
            yield AnyChar()
        elif pattern[at] == "[":
            piece, at = _bracket(pattern, at + 1)
            yield piece
        else:
            char, at = _char(pattern, at)
            yield Exactly(char)


def _bracket(pattern: str, at: int) -> tuple[Piece, int]:
    """The set whose inside begins at `at`, and the index after it."""
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    ranges: list[tuple[str, str]] = []
    while at < len(pattern) and pattern[at] != "]":
        low, at = _char(pattern, at)
        high = low
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            high, at = _char(pattern, at + 1)
        ranges.append((low, high))
    if at >= len(pattern):
        return Nothing(), at
    return OneOf(tuple(ranges), bool(negated)), at + 1


def _char(pattern: str, at: int) -> tuple[str, int]:
    """The character at `at`, unescaped, and the index after it. A backslash at the very end is itself."""
    if pattern[at] == "\\" and at + 1 < len(pattern):
        at += 1
    return pattern[at], at + 1
