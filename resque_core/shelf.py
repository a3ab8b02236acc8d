"""`Shelf`: the moulds of one `Resque`, kept for the calls to come."""

from collections.abc import Callable

from resque_core.definition import Definition
from resque_core.mould import Mould
from resque_core.terms import Terms

#: When there are so many, all go: queues may be named after users, and batches never come again.
MOST = 500


class Shelf:
    """Has each mould made once, unless what it says of its jobs depends on when it was made."""

    def __init__(self, make: Callable[[Definition, str, Terms], Mould]) -> None:
        self._make = make
        self._kept: dict[tuple[Definition | str, str, str], Mould] = {}

    def get(self, definition: Definition, queue: str, terms: Terms) -> Mould:
        """The mould of calls on these terms.

        :raises EnqueueError: it cannot be made.
        """
        if not terms.last or definition.options.expires is not None:
            return self._make(definition, queue, terms)
        # Of a job that only other code bases know, the definition is made anew for each call.
        key = (definition.name if definition.target is None else definition, queue, terms.batch)
        mould = self._kept.get(key)
        if mould is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            mould = self._kept[key] = self._make(definition, queue, terms)
        return mould
