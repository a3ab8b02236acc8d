"""Tags and filters of the monitor's templates: addresses, buttons, moments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.contrib.admin.utils import quote
from django.urls import reverse

from django_resque.monitor import numbers, programs, table, times
from django_resque.monitor.addresses import can_be_addressed, row_url
from django_resque.monitor.details import Field
from resque_core.codec import decode_leniently
from resque_core.records import WorkerInfo

register = template.Library()


@register.simple_tag(takes_context=True)
def page_url(context: Mapping[str, Any], page: str, key: str | None = None) -> str:
    """The address of a page, or of one row on it, in the site that shows this one."""
    site = context["resque_site"]
    if key is None:
        return reverse(f"{site}:resque_{page}_changelist")
    return row_url(site, page, key)


@register.simple_tag(takes_context=True)
def changed_query(context: Mapping[str, Any], **changes: str | None) -> str:
    """The query of this page's address, with other values; without those that are None."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def find_url(context: Mapping[str, Any]) -> str:
    """Where an id is looked up; empty for those who may not."""
    allowed = context["request"].user.has_perm("resque.view_overview")
    return reverse(f"{context['resque_site']}:resque_find") if allowed else ""


@register.inclusion_tag("admin/change_list_results.html")
def result_table(changes: Any) -> dict[str, Any]:
    """The rows of a list, as the admin's `result_list` shows them."""
    return table.table(changes)


@register.inclusion_tag("resque/copy.html")
def copy_button(element: str, what: str, words: bool = False) -> dict[str, Any]:
    """A button that copies the text of the element with this id; in `words`, it says which text that is."""
    return {"element": element, "what": what, "words": words}


@register.inclusion_tag("resque/command.html", takes_context=True)
def command_form(
    context: Mapping[str, Any],
    page: str,
    key: str,
    verb: str,
    label: str,
    after: str,
    fields: Sequence[Field] = (),
    typed: str = "",
) -> dict[str, Any]:
    """A button that does something to one row, below its fields; `after` is where to go on.

    `typed` is what has to be typed before.
    """
    url = reverse(f"{context['resque_site']}:resque_{page}_{verb}", args=[key])
    token = context.get("csrf_token")
    return {"url": url, "label": label, "next": after, "fields": fields, "typed": typed, "csrf_token": token}


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago."""
    return times.ago(moment)


@register.filter
def job_name(worker: WorkerInfo) -> str:
    """The name of the job that a worker holds."""
    return decode_leniently(worker.reservation.entry).name if worker.reservation else ""


@register.filter
def number(value: int) -> str:
    """With separators."""
    return numbers.number(value)


@register.filter
def addressable(text: str) -> bool:
    """Whether an address can have this name in it."""
    return can_be_addressed(text)


@register.filter
def quoted(key: str) -> str:
    """As addresses have a key of the admin's."""
    return str(quote(key))


@register.simple_tag
def worker_command() -> str:
    """The command line that starts a worker for all queues."""
    return programs.work_on("*")
