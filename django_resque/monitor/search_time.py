"""`SearchTime`: until when the search of a page may look, so that the page is there soon after."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django_resque.monitor.options import option

#: A page that searches is to be there after so many times `SEARCH_SECONDS` …
PAGE = 1.3
#: … but its search gets this part of them, however long the rest takes.
LEAST = 0.5


class SearchTime:
    """The time of one page. What it has read before it searches is a part of it."""

    #: How long the last page that searched took from the end of its search on.
    drawing = 0.0

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._searched: float | None = None

    @contextmanager
    def searching(self) -> Iterator[float]:
        """While the search goes on; when it is to stop (`time.monotonic`)."""
        yield self._began + share(float(option("SEARCH_SECONDS")), SearchTime.drawing)
        self._searched = time.monotonic()

    def end(self) -> None:
        """The page is drawn: the next search knows how long that takes."""
        if self._searched is not None:
            SearchTime.drawing = time.monotonic() - self._searched


def time_of(request: Any) -> SearchTime:
    """The time of the page that this request is for; it begins with the first call."""
    if not hasattr(request, "resque_time"):
        request.resque_time = SearchTime()
    found: SearchTime = request.resque_time
    return found


def share(seconds: float, drawing: float) -> float:
    """Seconds after which a search stops: all that it may take, unless its page takes long to be drawn."""
    return max(LEAST * seconds, min(seconds, PAGE * seconds - drawing))
