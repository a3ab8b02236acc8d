"""Takes a JSON object apart without changing a byte of its members: payloads must come back as they were."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

#: Ruby's parser refuses what is nested deeper than 100, and a failed page would not open any more.
_MAX_DEPTH = 90
_BLANKS = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Member:
    """The value of one key."""

    #: Decoded; numbers are left as texts, since some are too large.
    value: Any
    #: Its own text.
    text: str


def members_of(text: str) -> dict[str, Member]:
    """The members of a JSON object, in order; of several with one key the last, as in every parser.

    :raises ValueError: the text is no JSON object, or is nested too deeply to be read.
    """
    try:
        return _read_object(text, _skip(text, 0))
    except (IndexError, StopIteration, RecursionError) as error:
        raise ValueError("no JSON object") from error


def value_of(text: str) -> Any:
    """A whole JSON text, decoded as members are.

    :raises ValueError: it is none.
    """
    return _LENIENT.decode(text)


def text_at(text: str, start: int) -> str:
    """The text of the JSON value that begins right there.

    :raises ValueError: there is none.
    """
    return text[start : _LENIENT.raw_decode(text, start)[1]]


def object_of(payload: bytes) -> Mapping[str, Any] | None:
    """The object in a payload that can be part of Ruby's JSON as it is; None for all other bytes."""
    if not (payload.startswith(b"{") and payload.endswith(b"}")):
        return None
    try:
        body = _STRICT.decode(payload.decode())
        return body if isinstance(body, dict) and _is_shallow(body, _MAX_DEPTH) else None
    except (ValueError, RecursionError):
        return None


def _read_object(text: str, start: int) -> dict[str, Member]:
    found: dict[str, Member] = {}
    if text[start] != "{":
        raise ValueError("no JSON object")
    place = _skip(text, start + 1)
    while text[place] != "}":
        if text[place] != '"':
            raise ValueError("no key")
        key, place = _LENIENT.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] != ":":
            raise ValueError("no colon")
        begin = _skip(text, place + 1)
        value, end = _LENIENT.raw_decode(text, begin)
        found[key] = Member(value, text[begin:end])
        place = _skip(text, end)
        if text[place] == ",":
            place = _skip(text, place + 1)
    if _skip(text, place + 1) != len(text):
        raise ValueError("more than a JSON object")
    return found


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANKS:
        place += 1
    return place


def _is_shallow(value: object, room: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return room > 0 and all(_is_shallow(part, room - 1) for part in parts)


def _refuse(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not a JSON number")


def _finite(literal: str) -> str:
    if float(literal) in (float("inf"), float("-inf")):
        raise ValueError(f"{literal} is too large for a number")
    return literal


_LENIENT = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
_STRICT = json.JSONDecoder(parse_int=str, parse_float=_finite, parse_constant=_refuse)
