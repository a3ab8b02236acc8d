"""Shapes that filters beside the lists have: one that offers values of a field, and one that is not shown."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from django_resque.monitor.addresses import can_be_addressed

#: As many values a filter offers.
MOST = 10

Choices = list[tuple[str, str]]


class FieldFilter(admin.SimpleListFilter):
    """Rows with one value of a field; the most frequent of those that are looked at are offered."""

    field = ""

    def values(self, request: HttpRequest) -> Iterable[str]:
        """What the rows have there that are looked at: a bounded sample, never all."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """What is offered, with how often it was seen."""
        counts = Counter(self.values(request))
        chosen = self.value()
        if chosen and chosen not in counts:
            counts[chosen] = 0
        return [
            (value, f"{value} ({count})" if count else value)
            for value, count in counts.most_common(MOST)
            if can_be_addressed(value)
        ]

    def has_output(self) -> bool:
        """Always: a value in the address must count, though no row has it now."""
        return True


class UnshownFilter(admin.SimpleListFilter):
    """A word of the address that is no filter: the page takes it from the request, where `note` puts it."""

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.note(request, str(self.used_parameters.get(self.parameter_name, "")))

    def note(self, request: HttpRequest, said: str) -> None:
        """Put what the address says there, "" if nothing, into the request."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Nothing, so that it is not shown."""
        return []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """All of them."""
        return queryset
