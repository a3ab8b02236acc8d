"""`/metrics`: the page that Prometheus reads, for who may see the numbers or brings the token."""

import hmac
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from django_resque.monitor.instance import resque
from django_resque.monitor.options import option
from resque_core.errors import SettingsError
from resque_core.metrics import prometheus

View = Callable[[HttpRequest], HttpResponse]


def metrics_view(guard: Callable[[View], View]) -> View:
    """The page. Whoever does not bring the token of the settings has to pass the guard."""
    guarded = guard(_for_who_may_see)

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        return _page(request) if _brings_token(request) else guarded(request)

    return view


def _for_who_may_see(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("resque.view_stats"):
        raise PermissionDenied
    return _page(request)


def _brings_token(request: HttpRequest) -> bool:
    wanted = option("METRICS_TOKEN")
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    # In constant time: how long it takes must not tell how much of it was right.
    return (
        bool(wanted)
        and kind.lower() == "bearer"
        and hmac.compare_digest(given.encode(), str(wanted).encode())
    )


def _page(request: HttpRequest) -> HttpResponse:
    try:
        body, kind = prometheus.page(resque, request.headers.get("Accept", ""))
    except SettingsError as error:
        body, kind = f"{error}\n".encode(), "text/plain; charset=utf-8"
        return _told(body, kind, 501)
    return _told(body, kind, 200)


def _told(body: bytes, kind: str, status: int) -> HttpResponse:
    response = HttpResponse(body, content_type=kind, status=status)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
