"""`closest`: what somebody may have meant who wrote a name that there is not."""

from collections.abc import Collection


def closest(name: str, known: Collection[str], cutoff: float = 0.6) -> str | None:
    """The one of the known names that looks most like this one, if any is as like as `cutoff` (0 to 1)."""
    # Imported when somebody has misspelt something: a module that is loaded costs each child of a worker.
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, n=1, cutoff=cutoff)), None)
