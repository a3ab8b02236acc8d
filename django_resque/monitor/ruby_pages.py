"""What Ruby's `resque-web` answers: its addresses, and its numbers as text."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from django_resque.monitor.addresses import row_url
from django_resque.monitor.source import snapshot
from resque_core.display import one_line
from resque_core.errors import StorageError

#: Ruby's address, and the page that is shown for it.
RUBY_PAGES = {
    "overview": "overview",
    "queues": "queue",
    "queues/<path:name>": "queue",
    "working": "workingjob",
    "working/<path:name>": "workingjob",
    "workers": "worker",
    "workers/<path:name>": "worker",
    "failed": "failedjob",
    "failed/<path:name>": "failedjob",
    "delayed": "delayedjob",
    "schedule": "schedule",
    "stats": "stats",
    "stats/<path:name>": "stats",
}


def new_address(site: str, page: str, name: str) -> str:
    """Where Ruby's address leads: to the page of a queue or a worker that it names, or to the list."""
    # What else may end it is a machine, a list of failures, a moment, or a part of the statistics.
    is_row = page == "queue" or (page in {"worker", "workingjob"} and ":" in name)
    return row_url(site, page, name if is_row else "")


@require_safe
def stats_text(request: HttpRequest) -> HttpResponse:
    """The numbers of `/stats.txt`, line by line as Ruby writes them; but as text, which no browser runs."""
    if not request.user.has_perm("resque.view_stats"):
        raise PermissionDenied
    try:
        now = snapshot()
    except StorageError as error:
        return _text(f"{one_line(error, 500)}\n", 503)
    lines = [
        f"resque.pending={now.pending}",
        f"resque.processed+={now.counters.get('processed', 0)}",
        f"resque.failed+={now.counters.get('failed', 0)}",
        f"resque.workers={len(now.workers)}",
        f"resque.working={len(now.working)}",
        *(f"queues.{one_line(queue.name)}={queue.size}" for queue in now.queues),
    ]
    return _text("\n".join(lines) + "\n")


def _text(body: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(body, content_type="text/plain; charset=utf-8", status=status)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
