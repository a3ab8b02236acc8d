"""`confirmed`: the page between an action and what it does: how many, which, as of when."""

from datetime import datetime
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime

from resque_core.clock import utc_now

#: The field of the confirm page that holds the moment at which its count was taken.
SNAPSHOT = "snapshot"


def confirmed(
    page: Any, request: HttpRequest, rows: Any, question: str, words: str = ""
) -> HttpResponse | None:
    """None once the user has said yes; else the page that asks."""
    if request.POST.get("confirmed") == "yes":
        return None
    count = rows.count()
    response: HttpResponse = page.page(
        request,
        "resque/confirm.html",
        title=question,
        question=question,
        count=count,
        at_least=rows.partial,
        words=words,
        names=[str(row.pk) for row in rows[:20]] if rows.ids is not None else [],
        ticked=request.POST.getlist(ACTION_CHECKBOX_NAME),
        checkbox=ACTION_CHECKBOX_NAME,
        action=request.POST.get("action", ""),
        across=request.POST.get("select_across", "0"),
        snapshot=utc_now(),
    )
    return response


def snapshot_of(request: HttpRequest) -> datetime:
    """The moment that the user saw; what failed after it was not meant."""
    try:
        moment = parse_datetime(request.POST.get(SNAPSHOT, ""))
    except ValueError:
        moment = None
    now = utc_now()
    return min(moment, now) if moment is not None and moment.tzinfo else now
