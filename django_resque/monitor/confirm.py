"""`confirmed`: the page between an action and what it does: how many, which, as of when."""

from datetime import datetime
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime

from resque_core.clock import utc_now

#: The field of the confirm page that holds the moment at which its count was taken.
SNAPSHOT = "snapshot"
#: The fields that hold what is to be typed, and what was.
EXPECTED, TYPED = "expected", "typed"
#: A mistake with more than these is worth some typing before.
MANY = 1000


def confirmed(
    page: Any, request: HttpRequest, rows: Any, question: str, words: str = ""
) -> HttpResponse | None:
    """None once the user has said yes, and typed the number of many; else the page that asks."""
    said_yes = request.POST.get("confirmed") == "yes"
    if said_yes and typed_right(request):
        return None
    count = rows.count()
    response: HttpResponse = page.page(
        request,
        "resque/confirm.html",
        title=question,
        question=question,
        count=count,
        at_least=rows.partial,
        expected=str(count) if count > MANY or rows.partial else "",
        mistyped=said_yes,
        words=words,
        names=[str(row.pk) for row in rows[:20]] if rows.ids is not None else [],
        form=form_of(request),
        back=back_to_list(page, request),
        snapshot=utc_now(),
    )
    return response


def form_of(request: HttpRequest) -> dict[str, Any]:
    """What the action's own form said, to be said again by the next one."""
    return {
        "ticked": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": request.POST.get("action", ""),
        "across": request.POST.get("select_across", "0"),
    }


def back_to_list(page: Any, request: HttpRequest) -> str:
    """The address of the list, with its filters, from the first page on."""
    query = request.GET.copy()
    for place in ("p", "from"):
        query.pop(place, None)
    return f"{page.list_url()}?{query.urlencode()}" if query else str(page.list_url())


def typed_right(request: HttpRequest) -> bool:
    """Whether what was typed is what the page asked for, if it did; commas and blanks do not matter."""
    typed = request.POST.get(TYPED, "").replace(",", "").strip()
    return typed == request.POST.get(EXPECTED, "").strip()


def snapshot_of(request: HttpRequest) -> datetime:
    """The moment that the user saw; what failed after it was not meant."""
    try:
        moment = parse_datetime(request.POST.get(SNAPSHOT, ""))
    except ValueError:
        moment = None
    now = utc_now()
    return min(moment, now) if moment is not None and moment.tzinfo else now
