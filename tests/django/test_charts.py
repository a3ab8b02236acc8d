"""What charts draw of the depths of queues."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_resque.monitor.charts import DAY, LINES, SPANS, depth_chart, depths_chart
from django_resque.monitor.sparks import Sparks
from resque_core import Resque
from resque_core.depths import Depths
from tests.django.operators import Elements, superuser

NOW = datetime(2026, 3, 29, 1, 7, 31, tzinfo=UTC)
pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]


@pytest.fixture
def noted(file_resque: Resque, monkeypatch: pytest.MonkeyPatch) -> list[Depths]:
    """What the store has noted: a list that a test fills, as so many minutes ago."""
    kept: list[Depths] = []
    for module in ("charts", "sparks"):
        monkeypatch.setattr(f"django_resque.monitor.{module}.utc_now", lambda: NOW)
    monkeypatch.setattr(file_resque.storage.queues, "samples", lambda _count: sorted(kept, key=_start))
    return kept


def _start(it: Depths) -> float:
    return it.start.timestamp()


def note(noted: list[Depths], minutes_ago: int, total: int | None = None, **queues: int) -> Depths:
    seen = Depths(
        NOW.replace(second=0) - timedelta(minutes=minutes_ago),
        sum(queues.values()) if total is None else total,
        queues,
    )
    noted.append(seen)
    return seen


def test_the_deepest_queues_have_lines_and_the_others_share_one(noted: list[Depths]) -> None:
    queues = {f"queue{number}": 10 - number for number in range(LINES + 2)}
    note(noted, 3, **queues)
    last = note(noted, 2, total=100, queue0=20, mail=60)
    chart = depths_chart(SPANS["1h"])
    assert chart.labels == ["mail", "queue0", "queue1", "queue2", "queue3", "others"]
    at = list(chart.starts).index(last.start)
    assert [line[at] for line in chart.lines] == [60, 20, 0, 0, 0, 20]
    assert [line[at - 1] for line in chart.lines] == [0, 10, 9, 8, 7, 6 + 5 + 4]
    assert chart.stacked
    assert chart.summary.startswith("At most 100 jobs waited, 100 when")


def test_a_minute_that_nobody_noted_is_a_gap(noted: list[Depths]) -> None:
    note(noted, 5, mail=1)
    note(noted, 3, mail=2)
    chart = depths_chart(SPANS["1h"])
    (line,) = chart.lines
    assert [it for it in line[50:] if it is not None] == [1, 2]
    assert line[0] is None
    assert [values for _, values in chart.rows] == [(2,), (1,)]


def test_of_ten_minutes_the_one_is_drawn_in_which_most_waited(noted: list[Depths]) -> None:
    for minutes in range(100):
        note(noted, minutes, mail=minutes)
    chart = depths_chart(SPANS["30d"])
    assert len(chart.starts) == DAY.count // DAY.fold
    assert [it for it in chart.lines[0] if it is not None] == [*range(99, 0, -10)]


def test_a_queue_that_was_not_noted_by_name_is_unknown_then(noted: list[Depths]) -> None:
    note(noted, 25, total=9, mail=5)
    note(noted, 15, total=5, mail=5)
    assert [it for it in depth_chart("mail").lines[0] if it is not None] == [5, 5]
    assert [it for it in depth_chart("low").lines[0] if it is not None] == [0]


def test_without_notes_the_chart_says_who_would_make_them(noted: list[Depths]) -> None:
    chart = depths_chart(SPANS["1h"])
    assert chart.labels == ["all queues"]
    assert "workers and schedulers do that" in chart.summary
    assert chart.rows == []


def test_a_row_has_a_line_of_the_last_hour_with_gaps(noted: list[Depths]) -> None:
    note(noted, 70, mail=500)
    for minutes, size in ((59, 4), (2, 1), (0, 2)):
        note(noted, minutes, mail=size)
    lines = Elements(Sparks().of("mail")).values("polyline", "points")
    assert lines == ["0,1.0 1.5,1.0", "85.5,11.5 87,11.5", "88.5,8.0 90,8.0"]
    assert "At most 4 waited" in Sparks().of("mail")
    note(noted, 1, total=9, other=5)
    assert 'points="0,15.0 1.5,15.0"' in Sparks().of("low")
    noted.clear()
    assert Sparks().of("mail") == "–"


def test_pages_carry_what_a_store_has_noted(resque: Resque) -> None:
    """On the overview, on Stats, and on the page of the queue; a name is never a part of the page."""
    name = "</script><b id=evil>"
    resque.enqueue_to(name, "Mail", 1)
    resque.enqueue_to("mail", "Mail", 1)
    resque.enqueue_to("mail", "Mail", 2)
    resque.storage.queues.sample()
    client = superuser()
    for page in ("overview/", "overview/?span=7d", "stats/"):
        text = client.get(f"/admin/resque/{page}").content.decode()
        assert "<b id=evil>" not in text
        data = carried(text, "rq-depths")
        assert data["labels"] == ["mail", name]
        assert [[it for it in line if it] for line in data["series"][1:]] == [[2], [1]]
        jobs = carried(text, "rq-jobs" if "overview" in page else "rq-days")
        assert jobs["labels"] == ["processed", "failed"]
    text = client.get("/admin/resque/queue/mail/change/").content.decode()
    assert [it for it in carried(text, "rq-depth")["series"][1] if it] == [2]


def carried(text: str, name: str) -> dict[str, Any]:
    """The numbers of a chart."""
    _, _, rest = text.partition(f'<script id="{name}" type="application/json">')
    found: dict[str, Any] = json.loads(rest.partition("</script>")[0])
    return found
