"""Text as BSON can carry it: lone surrogates are no UTF-8."""

#: What `stored` makes of a text. Both compare as the texts do: one text is always stored one way.
Stored = str | bytes


def stored(text: str) -> Stored:
    """The text as a value. One with lone surrogates (odd file names bring them) becomes binary.

    :raises TypeError: it is no text: a mapping here would be an operator of the query language.
    """
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text.")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def shown(value: object) -> str:
    """The text that `stored` was given; of anything else what it looks like, and of nothing none."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return value.decode(errors="backslashreplace")
    return "" if value is None else str(value)
