"""The batches: jobs that were enqueued together, and how many of them are still to end."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from django_resque.models import Batch as Row
from django_resque.monitor.addresses import row_url
from django_resque.monitor.base import MonitorAdmin
from django_resque.monitor.details import details, linked
from django_resque.monitor.instance import resque
from django_resque.monitor.markup import format_html
from django_resque.monitor.rows import Rows
from resque_core.batch import Batch


class BatchRows(Rows):
    """Batches, the one begun last at the head."""

    def total(self) -> int:
        """How many there are."""
        return resque.count_batches()

    def window(self, start: int, count: int) -> Sequence[Batch]:
        """Those from index `start`."""
        return resque.batches(start, count)

    def record(self, key: str) -> Batch | None:
        """The one with this id."""
        return resque.find_batch(key)


class BatchAdmin(MonitorAdmin):
    """All batches that are known: those that have ended for a day."""

    title = "Batches"
    list_display = ("batch", "progress", "pending", "failed")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Every batch."""
        return BatchRows(Row)

    @admin.display(description="batch")
    def batch(self, row: Any) -> str:
        """Its id, which leads to its page."""
        return linked(row_url(self.admin_site.name, "batch", row.pk), row.pk)

    @admin.display(description="ended")
    def progress(self, row: Any) -> str:
        """How many jobs have ended, as a bar and in words."""
        return progress_bar(row.record)

    @admin.display(description="pending")
    def pending(self, row: Any) -> int:
        """Jobs that have not ended."""
        return int(row.record.pending)

    @admin.display(description="failed")
    def failed(self, row: Any) -> str:
        """Jobs that failed for good."""
        count = row.record.failed
        return format_html('<span class="rq-red">{}</span>', count) if count else "0"

    def detail(self, request: HttpRequest, key: str) -> HttpResponse:
        """Everything about one batch."""
        found = resque.find_batch(key)
        if found is None:
            return self.missing(request, key)
        return details(
            self,
            request,
            key,
            title=f"Batch {key}",
            facts=[
                ("State", "✔ Ended" if found.ended else "▶ Running"),
                ("Ended", progress_bar(found)),
                ("Pending", str(found.pending)),
                ("Failed", str(found.failed)),
                ("Callback", _callback(found)),
                ("Batch id", found.id),
            ],
        )


def progress_bar(batch: Batch) -> str:
    """How many of its jobs have ended."""
    ended = batch.total - batch.pending
    return format_html(
        '<progress max="{}" value="{}" aria-label="{} of {} jobs have ended"></progress> {} of {}',
        *(max(batch.total, 1), ended if batch.total else 1, ended, batch.total, ended, batch.total),
    )


def _callback(batch: Batch) -> str:
    """The job that waits for the end of all: its id."""
    return batch.callback or "none"
