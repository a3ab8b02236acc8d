"""`/healthz`: says to whoever asks whether the store answers, and nothing else."""

import threading

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from django_resque.monitor.instance import shown_alias
from django_resque.stores import resques
from resque_core.errors import ResqueError

#: So long it is waited for the store.
SECONDS = 1.0


@never_cache
@require_safe
def health_view(_request: HttpRequest) -> HttpResponse:
    """`ok`, or 503 and `down` for a store that does not answer within a second."""
    fine = answers()
    response = HttpResponse("ok\n" if fine else "down\n", "text/plain", 200 if fine else 503)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def answers() -> bool:
    """Whether the store answers a small question within `SECONDS`."""
    probe = _running_probe()
    probe.join(SECONDS)
    return probe.answered


class _Probe(threading.Thread):
    """One question. A store that is away may keep it waiting for longer than anybody who asked."""

    def __init__(self, alias: str) -> None:
        super().__init__(daemon=True)
        self._alias = alias
        self.answered = False

    def run(self) -> None:
        try:
            resques[self._alias].storage.queues.paused()
        except ResqueError:
            return
        self.answered = True


_lock = threading.Lock()
_probes: dict[str, _Probe] = {}


def _running_probe() -> _Probe:
    """The one that still waits, however many ask meanwhile; else a new one."""
    alias = shown_alias()
    with _lock:
        probe = _probes.get(alias)
        if probe is None or not probe.is_alive():
            probe = _probes[alias] = _Probe(alias)
            probe.start()
        return probe
