"""Texts as keys, fields and arguments: UTF-8, and whatever other programs stored instead."""

import json


def to_bytes(text: str) -> bytes:
    """The bytes of a name. What came from bytes that are no UTF-8 becomes these bytes again."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        # Other lone surrogates: no encoding has them, and a name must not keep a job from settling.
        return text.encode(errors="backslashreplace")


def to_text(raw: bytes) -> str:
    """The name that these bytes are; each stray byte is a lone surrogate."""
    return raw.decode(errors="surrogateescape")


def to_json(value: object) -> bytes:
    """Compact JSON, raw UTF-8, as Ruby writes it. Texts must be `sound`."""
    return _ENCODER.encode(value).encode()


def to_ascii_json(value: object) -> bytes:
    """Compact JSON without any letter beyond ASCII; lone surrogates come back from it."""
    return json.dumps(value, separators=(",", ":")).encode()


def sound(text: str) -> str:
    """The text, with each lone surrogate written out, since no reader of UTF-8 would take it."""
    return text.encode(errors="backslashreplace").decode()


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def is_number(value: bytes) -> bool:
    """Whether it is a whole number, as the server counts."""
    return value.removeprefix(b"-").isdigit()
