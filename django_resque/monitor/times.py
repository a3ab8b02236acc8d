"""Moments and spans, as people read them."""

from datetime import datetime

from django.utils.timezone import localtime

from django_resque.monitor.markup import format_html
from resque_core.clock import utc_now


def since(moment: datetime) -> float:
    """Seconds from a moment to now."""
    return (utc_now() - moment).total_seconds()


def ago(moment: datetime | None) -> str:
    """How long ago, with the moment itself when pointed at."""
    if moment is None:
        return "–"
    passed = since(moment)
    words = duration(abs(passed))
    shown = f"{words} ago" if passed >= 0 else f"in {words}"
    exact = localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, shown)


def duration(seconds: float) -> str:
    """`4 s`, `3 min`, `2 h`, `5 d`."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
