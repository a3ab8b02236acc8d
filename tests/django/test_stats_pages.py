"""Stats: counters by day, what sets one back, and what the store says of itself."""

import pytest
from django.contrib.admin.models import LogEntry

from resque_core import Resque
from resque_core.clock import utc_now
from tests.cli.store_of import a_failure
from tests.django.operators import Elements, operator, superuser

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]
STATS = "/admin/resque/stats/"


def stats(more: str = "") -> str:
    response = superuser().get(f"{STATS}{more}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_store_says_what_it_is_and_how_much_it_keeps(resque: Resque) -> None:
    a_failure(resque)
    shown = stats("backend/")
    assert resque.storage.server_info().server in shown
    assert resque.location in shown
    for name, count in resque.storage.inventory().items():
        assert f"<bdi>{name}</bdi></th><td>{count}</td>" in shown
    assert '<th scope="row">Python</th>' in shown
    assert f"{STATS}backend/" in Elements(stats()).values("a", "href")


def test_who_may_not_see_stats_does_not_see_the_store_either(file_resque: Resque) -> None:
    assert file_resque.queues() == []
    assert operator("view_overview").get(f"{STATS}backend/").status_code == 403


def test_a_day_says_how_many_ended_and_failed(file_resque: Resque) -> None:
    assert "Nothing has ended in the last 30 days." in stats()
    for _ in range(2):
        a_failure(file_resque)
    file_resque.stats.increment("processed", 1238)
    today = utc_now().strftime("%Y-%m-%d")
    assert f"{today}</th><td>1,240</td><td>2</td><td>0.2%</td>" in stats()


def test_a_counter_is_set_back_after_a_question_by_who_may_manage_queues(resque: Resque) -> None:
    a_failure(resque)
    resque.stats.increment("mails/sent", 7)
    viewer = operator("views")
    assert "Reset" not in viewer.get(STATS).content.decode()
    assert viewer.post(f"{STATS}failed/reset/").status_code == 403
    shown = stats()
    assert "It would begin again at 0." in shown
    address = f"{STATS}mails_2Fsent/reset/"
    assert address in Elements(shown).values("form", "action")
    assert resque.stats.all()["mails/sent"] == 7
    said = superuser().post(address, {"next": STATS}, follow=True).content.decode()
    assert "The counter mails/sent is set back." in said
    assert resque.stats.get("mails/sent") == 0
    assert resque.stats.get("failed") == 1
    assert sum(bucket.value for bucket in resque.stats.history("mails/sent", "day", 2)) == 7
    assert LogEntry.objects.get().change_message.startswith("reset: ")
