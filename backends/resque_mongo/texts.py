"""Text as BSON can carry it: lone surrogates are no UTF-8, and names of fields have letters of their own."""

from urllib.parse import quote, unquote

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


def shown(value: Stored) -> str:
    """The text that `stored` was given."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def field_of(text: str) -> str:
    """The text as the name of a field: no dot, no dollar, no NUL, never empty."""
    return ":" + quote(text, safe="", errors="surrogatepass").replace(".", "%2E")


def text_of(field: str) -> str:
    """The text that `field_of` was given."""
    return unquote(field[1:], errors="surrogatepass")
