"""`Rows`: looks enough like a QuerySet for the admin's lists, and reads a store instead of a table."""

import copy
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, Self

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q


class Rows:
    """Rows of a model without a table. A subclass says how many there are and which are at which place.

    What `ChangeList` of Django 5.2 to 6.1 calls, and no more.
    """

    ordered = True
    totally_ordered = True
    #: Whether who looks at the rows may see arguments; each row knows it, for its columns ask for that.
    arguments_shown = False

    def __init__(self, model: Any) -> None:
        self.model = model
        self.query = SimpleNamespace(order_by=("pk",), select_related=False)
        #: Ids that were ticked; None: all rows.
        self.ids: tuple[str, ...] | None = None
        #: A field, perhaps after a minus.
        self.order: str = ""

    def total(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def window(self, start: int, count: int) -> Sequence[Any]:
        """The records from index `start`."""
        raise NotImplementedError

    def record(self, key: str) -> Any | None:
        """The record with this id."""
        raise NotImplementedError

    def key(self, record: Any) -> str:
        """The id of a record."""
        return str(record.id)

    def changed(self, **changes: Any) -> Self:
        """A copy with other attributes."""
        clone = copy.copy(self)
        vars(clone).update(changes)
        return clone

    def row(self, record: Any) -> Any:
        """The model's instance for a record."""
        row = self.model(id=self.key(record))
        row.record = record
        row.arguments_shown = self.arguments_shown
        return row

    @property
    def partial(self) -> bool:
        """Whether there may be more of these rows than were counted."""
        return False

    # From here on: what the admin calls.

    def _clone(self) -> Self:
        return self.changed()

    all = distinct = _clone

    def using(self, _alias: str | None) -> Self:
        """There is no database to choose."""
        return self

    def filter(self, *conditions: Q, **lookups: Any) -> Self:
        """Narrow to ticked rows. Anything else in the address is a mistake, and must not show all rows."""
        given = lookups.pop("pk__in", None)
        if lookups or any(conditions):
            raise IncorrectLookupParameters
        return self if given is None else self.changed(ids=tuple(map(str, given)))

    def order_by(self, *names: str) -> Self:
        """The first name that is not the primary key counts."""
        named = [name for name in names if name.lstrip("-") != "pk"]
        return self.changed(order=named[0] if named else "")

    def count(self) -> int:
        """How many there are."""
        return self.total() if self.ids is None else len(self.ids)

    def get(self, *, pk: str) -> Any:
        """The row with this id.

        :raises DoesNotExist: there is none.
        """
        record = self.record(pk)
        if record is None:
            raise self.model.DoesNotExist
        return self.row(record)

    def __getitem__(self, part: slice) -> list[Any]:
        start = part.start or 0
        stop = self.count() if part.stop is None else part.stop
        if self.ids is not None:
            found = (self.record(key) for key in self.ids[start:stop])
            return [self.row(record) for record in found if record is not None]
        return [self.row(record) for record in self.window(start, stop - start)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self[0:None])

    def __len__(self) -> int:
        return self.count()

    def __bool__(self) -> bool:
        return True


class ListedRows(Rows):
    """Rows that a single call of the store gives all at once: queues, workers."""

    def __init__(self, model: Any, read: Callable[[], Sequence[Any]], sorts: dict[str, Any]) -> None:
        super().__init__(model)
        self._read = read
        self._sorts = sorts
        self.wanted: Callable[[Any], bool] = lambda _record: True

    def total(self) -> int:
        """How many are wanted."""
        return len(self._records())

    def window(self, start: int, count: int) -> Sequence[Any]:
        """Those wanted, in order."""
        return self._records()[start : start + count]

    def record(self, key: str) -> Any | None:
        """By looking through them."""
        return next((record for record in self._read() if self.key(record) == key), None)

    def key(self, record: Any) -> str:
        """Queues have a name for an id."""
        return str(record.id if hasattr(record, "id") else record.name)

    def narrowed(self, wanted: Callable[[Any], bool]) -> Self:
        """Those of them that are wanted, too."""
        before = self.wanted
        return self.changed(wanted=lambda record: before(record) and wanted(record))

    def _records(self) -> list[Any]:
        found = [record for record in self._read() if self.wanted(record)]
        sort = self._sorts.get(self.order.lstrip("-"))
        return sorted(found, key=sort, reverse=self.order.startswith("-")) if sort else found
