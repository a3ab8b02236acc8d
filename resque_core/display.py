"""Text that others wrote, made safe for a log line, a terminal or a process title (B15)."""

#: As much of one text as a log line needs.
DEFAULT_LIMIT = 200


def one_line(text: object, limit: int = DEFAULT_LIMIT) -> str:
    """`text` on one line of at most `limit` characters, with nothing in it that could steer what shows it.

    Line breaks, ANSI escapes, bidi controls, invisible characters and lone surrogates are written
    as escapes, such as `\\x1b`; never raises, whatever `str(text)` does.
    """
    shown = _string(text)
    cut = len(shown) > limit
    # Cut before escaping too: a hundred megabytes need not be read to show two hundred characters.
    shown = shown[: limit + 1]
    if not shown.isprintable():
        shown = "".join(char if char.isprintable() else _escaped(char) for char in shown)
        cut = cut or len(shown) > limit
    return f"{shown[: max(limit - 1, 0)]}…" if cut else shown


def _string(text: object) -> str:
    try:
        return str(text)
    except Exception:
        return f"<{type(text).__name__} that cannot be shown>"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
