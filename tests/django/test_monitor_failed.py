"""Failed jobs are found, retried and removed in the admin."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client, override_settings
from stores import REDIS

from resque_core import Resque
from resque_core.clock import utc_now
from resque_redis.links import PoolLink
from tests.cli.store_of import a_failure
from tests.django.operators import Elements, operator, superuser

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]
PAGE = "/admin/resque/failedjob/"


def ticks(page: str, url: str = PAGE) -> list[str]:
    """The ids of the rows on a page."""
    elements = Elements(page).found
    return [
        str(a.get("value")) for tag, a in elements if tag == "input" and a.get("name") == "_selected_action"
    ]


def run(client: Client, action: str, ids: list[str], url: str = PAGE, **more: str) -> Any:
    """Choose an action for ticked rows, as the page's form does."""
    data = {"action": action, "_selected_action": ids, "index": "0", "select_across": "0"} | more
    return client.post(url, data, follow=True)


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.every_store(always=True)
def test_a_failed_job_is_found_and_retried(resque: Resque) -> None:
    client = superuser()
    wanted = a_failure(
        resque, name="Mailer", exception="shop.Timeout", error="no answer from smtp", host="web-1"
    )
    a_failure(resque, queue="images", name="Thumbnail", exception="ValueError")
    for query in (
        "exception=shop.Timeout",
        "job=Mailer",
        "queue=mail",
        f"worker={quote(wanted.worker)}",
        "worker=web-1",
        "q=answer+from+smtp",
        "q=shop.time",
        f"q={wanted.id}",
    ):
        assert ticks(text(client.get(f"{PAGE}?{query}"))) == [wanted.id], query
    page = text(client.get(f"{PAGE}{wanted.id}/change/"))
    assert "no answer" in page
    done = client.post(f"{PAGE}{wanted.id}/retry/", follow=True)
    assert "Retry: done." in text(done)
    assert resque.failures.get(wanted.id) is None
    assert [job.name for job in resque.peek("mail")] == ["Mailer"]


def test_ticked_jobs_are_retried_kept_and_after_a_question_removed(file_resque: Resque) -> None:
    client = superuser()
    first, second, third = (a_failure(file_resque, args=(n,)) for n in range(3))
    assert "Retry: 1 done" in text(run(client, "retry_ticked", [first.id]))
    assert "Keep: 1 done" in text(run(client, "keep_ticked", [second.id]))
    assert "not retryable" in text(run(client, "keep_ticked", [second.id]))
    asked = run(client, "remove_ticked", [third.id])
    assert file_resque.failures.get(third.id) is not None
    assert "Remove these failures" in text(asked)
    assert "Remove: 1 done" in text(run(client, "remove_ticked", [third.id], confirmed="yes"))
    assert [one.id for one in file_resque.failures.all()] == [second.id]
    assert ticks(text(client.get(f"{PAGE}?retried=yes"))) == [second.id]
    assert ticks(text(client.get(f"{PAGE}?retried=no"))) == []


def test_everything_matching_is_retried_as_of_the_moment_of_the_question(resque: Resque) -> None:
    client = superuser()
    for number in range(60):
        a_failure(
            resque, utc_now() - timedelta(minutes=1), queue="mail" if number % 2 else "images", args=(number,)
        )
    url = f"{PAGE}?queue=mail"
    shown = ticks(text(client.get(url)))
    asked = text(run(client, "retry_ticked", shown, url, select_across="1"))
    assert "<strong>30</strong>" in asked
    assert "queue mail" in asked
    fields = {str(a.get("name")): str(a.get("value")) for tag, a in Elements(asked).found if tag == "input"}
    late = a_failure(resque, utc_now() + timedelta(seconds=1), queue="mail", args=("late",))
    done = run(
        client, "retry_ticked", shown, url, select_across="1", confirmed="yes", snapshot=fields["snapshot"]
    )
    assert "Retry: 30 done." in text(done)
    assert resque.size("mail") == 30
    assert resque.failures.get(late.id) is not None
    (entry,) = LogEntry.objects.all()
    assert (entry.object_repr, entry.change_message) == (
        "failed jobs: queue mail",
        "retry: Retry: 30 done.",
    )


def test_two_operators_on_a_list_that_moves_hit_the_jobs_they_saw(resque: Resque) -> None:
    one, other = superuser(), superuser("other")
    failures = [a_failure(resque, args=(number,)) for number in range(4)]
    seen = ticks(text(other.get(PAGE)))
    run(one, "remove_ticked", [failures[3].id, failures[1].id], confirmed="yes")
    said = text(run(other, "retry_ticked", seen[1:]))
    assert "2 done" in said
    assert "1 already gone" in said
    assert {job.args for job in resque.peek("mail", 0, 9)} == {(0,), (2,)}
    gone = other.get(f"{PAGE}{failures[3].id}/change/", follow=True)
    assert "is gone" in text(gone)


def test_a_search_says_how_far_it_came_and_goes_on_from_there(file_resque: Resque) -> None:
    client = superuser()
    for number in range(3):
        a_failure(file_resque, error="needle" if number == 0 else "hay", args=(number,))
    with (
        override_settings(RESQUE_MONITOR={"SEARCH_SECONDS": 0}),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("django_resque.monitor.search.WINDOW", 2)
        first = text(client.get(f"{PAGE}?q=needle"))
        assert "0 found in the newest 2 of 3" in first
        (more,) = [link for link in Elements(first).values("a", "href") if "from=" in link]
        rest = text(client.get(PAGE + more))
    assert "1 found in 2 to 3 of 3" in rest


@pytest.fixture
def _two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No page has the time to look at more."""
    monkeypatch.setattr("django_resque.monitor.search.WINDOW", 2)
    with override_settings(RESQUE_MONITOR={"SEARCH_SECONDS": 0}):
        yield


@pytest.mark.usefixtures("_two_at_a_time")
@pytest.mark.every_store(always=True)
@pytest.mark.parametrize("store", [REDIS[-1]], indirect=True, ids=lambda kind: kind.name)
def test_a_filter_reads_no_more_of_a_long_list_than_there_is_time_for(resque: Resque) -> None:
    client = superuser()
    wanted = [a_failure(resque, exception="Rare" if number < 2 else "Plain").id for number in range(6)][:2]
    first = text(client.get(f"{PAGE}?exception=Rare"))
    assert ticks(first) == []
    assert "0 found in the newest 2 of 6" in first
    assert ticks(text(client.get(f"{PAGE}?exception=Rare&from=4"))) == wanted[::-1]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What Redis was asked for: a list that grows."""
    seen: list[object] = []
    exchange = PoolLink._exchange

    def note_and_exchange(link: PoolLink, command: Any) -> Any:
        seen.append(command)
        return exchange(link, command)

    monkeypatch.setattr(PoolLink, "_exchange", note_and_exchange)
    return seen


@pytest.mark.every_store(always=True)
@pytest.mark.parametrize("store", [REDIS[-1]], indirect=True, ids=lambda kind: kind.name)
def test_no_page_asks_redis_more_than_nine_times(
    resque: Resque, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little of the list it sees at a time, and however much time it has."""
    monkeypatch.setattr("django_resque.monitor.search.WINDOW", 2)
    monkeypatch.setattr("django_resque.monitor.search.LARGEST", 2)
    client = superuser()
    for number in range(60):
        a_failure(resque, args=(number,))
    searches = ("queue=mail", "exception=Rare", "q=needle", "q=needle&queue=mail")
    pages = [PAGE, f"{PAGE}?p=2", *(f"{PAGE}?{search}" for search in searches), "/admin/resque/overview/"]
    counts = {}
    with override_settings(RESQUE_MONITOR={"SEARCH_SECONDS": 60}):
        for page in pages:
            client.get(page)  # so that the server knows the scripts
            asked.clear()
            assert client.get(page).status_code == 200
            counts[page] = len(asked)
    assert {page: count for page, count in counts.items() if not 0 < count < 10} == {}


@pytest.mark.usefixtures("_two_at_a_time")
@pytest.mark.every_store(always=True)
@pytest.mark.parametrize("store", [REDIS[-1]], indirect=True, ids=lambda kind: kind.name)
def test_everything_that_a_filter_means_is_retried_though_the_page_found_a_part(resque: Resque) -> None:
    client = superuser()
    for number in range(6):
        a_failure(resque, exception="Rare" if number % 2 else "Plain", args=(number,))
    url = f"{PAGE}?exception=Rare"
    shown = ticks(text(client.get(url)))
    assert len(shown) == 1
    assert "at least 1" in text(run(client, "retry_ticked", shown, url, select_across="1"))
    done = run(client, "retry_ticked", shown, url, select_across="1", confirmed="yes")
    assert "Retry: 3 done." in text(done)
    assert [job.args for job in resque.peek("mail", 0, 10)] == [(5,), (3,), (1,)]


def test_pages_and_both_orders_hold_each_failure_once(file_resque: Resque) -> None:
    client = superuser()
    newest = [a_failure(file_resque, args=(number,)).id for number in range(55)][::-1]
    assert ticks(text(client.get(PAGE))) + ticks(text(client.get(f"{PAGE}?p=2"))) == newest
    assert ticks(text(client.get(f"{PAGE}?o=4"))) == newest[::-1][:50]


def test_a_mistyped_filter_never_shows_everything(file_resque: Resque) -> None:
    a_failure(file_resque)
    response = superuser().get(f"{PAGE}?exeption=Timeout")
    assert (response.status_code, response["Location"]) == (302, f"{PAGE}?e=1")


def test_secrets_are_masked_and_the_stored_job_is_not(file_resque: Resque) -> None:
    client = superuser()
    nested = {"user": {"api_key": "geheim"}, "log": '{"password": "geheim"}', "order": 7}
    failure = a_failure(file_resque, args=(nested,))
    for page in (PAGE, f"{PAGE}{failure.id}/change/", "/admin/resque/overview/"):
        shown = text(client.get(page))
        assert "geheim" not in shown
        assert "••••••" in shown
    assert ticks(text(client.get(f"{PAGE}?q=geheim"))) == []
    client.post(f"{PAGE}{failure.id}/retry/")
    assert file_resque.peek("mail")[0].args == (nested,)


def test_arguments_and_messages_are_for_those_who_may_see_them(file_resque: Resque) -> None:
    failure = a_failure(file_resque, args=("private",), error="also private")
    pages = (PAGE, f"{PAGE}{failure.id}/change/", "/admin/resque/overview/")
    for rights, seen in ((["views"], False), (["views", "view_arguments"], True)):
        client = operator(*rights)
        assert [("private" in text(client.get(page))) for page in pages] == [seen] * 3
        assert (failure.id in text(client.get(f"{PAGE}?q=also+private"))) is seen


def test_rows_have_their_actions_though_the_total_is_of_a_moment_ago(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_resque.monitor.source.FRESH_SECONDS", 60.0)
    client = superuser()
    assert "No failed jobs" in client.get("/admin/resque/failedjob/").content.decode()
    a_failure(file_resque, exception="shop.Timeout")
    page = client.get("/admin/resque/failedjob/?exception=shop.Timeout").content.decode()
    assert ('class="action-select"' in page, 'name="index"' in page) == (True, True)
