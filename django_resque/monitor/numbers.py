"""Numbers as people read them, and as browsers send them."""

from django.utils.formats import number_format


def number(value: int) -> str:
    """With the separators of the reader's language, or with commas."""
    return number_format(value, use_l10n=True, force_grouping=True)


def counted(count: int, one: str, many: str) -> str:
    """`1 job`, `1,204 jobs`."""
    return f"{number(count)} {one if count == 1 else many}"


def whole(text: str) -> int:
    """A number that a form or an address has in it; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
