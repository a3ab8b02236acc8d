"""The filters of queues and workers: of what is read all at once."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from django_resque.monitor.filter_shapes import Choices
from django_resque.monitor.listening import STATES, Listeners, takes_from
from django_resque.monitor.source import snapshot
from resque_core.records import QueueInfo


class QueueStateFilter(admin.SimpleListFilter):
    """Queues by what they do."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """With something that waits, or in one of the states."""
        return [("waiting", "Has jobs"), *STATES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those in the chosen state."""
        state = self.value()
        return queryset.narrowed(_in_state(state)) if state else queryset


class WorkerStateFilter(admin.SimpleListFilter):
    """Workers by what they do."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """What a worker may be doing."""
        return [("working", "Working"), ("idle", "Idle"), ("lapsed", "Lost")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that do it."""
        state = self.value()
        return queryset.narrowed(lambda worker: worker.state == state) if state else queryset


class ListensFilter(admin.SimpleListFilter):
    """Workers by a queue that they take jobs from; shown where one was chosen, on a page of queues."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """The one that was chosen."""
        chosen = self.used_parameters.get(self.parameter_name)
        return [(chosen, chosen)] if chosen else []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that listen to it."""
        queue = self.value()
        return queryset.narrowed(lambda worker: takes_from(worker, queue)) if queue else queryset


def _in_state(state: str) -> Callable[[QueueInfo], bool]:
    if state == "waiting":
        return lambda queue: queue.size > 0
    now = snapshot()
    listeners = Listeners(now)
    return lambda queue: listeners.state_of(queue) == state
