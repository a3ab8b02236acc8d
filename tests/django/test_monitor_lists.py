"""Jobs are found by their id, in the lists of those that wait or run, and on their own pages."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client, override_settings

from django_resque.monitor.backtraces import application_lines
from resque_core import Job, Resque
from resque_core.job import Entry
from tests.cli.store_of import a_failure, a_held_job, a_worker
from tests.django.operators import Elements, operator, superuser

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]
ADMIN = "/admin/resque/"


def shown(address: str, client: Client | None = None) -> str:
    response = (client or superuser()).get(f"{ADMIN}{address}", follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def place_of(key: str) -> str:
    """Where the way to an id leads."""
    return str(superuser().get(f"{ADMIN}overview/find/", {"id": key})["Location"])


def test_what_has_an_id_is_found_wherever_it_is(resque: Resque) -> None:
    a_worker(resque)
    failure = a_failure(resque, queue="images")
    running = resque.enqueue_to("mail", "Mailer", 1)
    assert running
    a_held_job(resque, "host+1:1:mail")
    waiting = resque.enqueue_to("mail", "Mailer", 2)
    delayed = resque.enqueue_in_to("mail", 3600, "Mailer", 3)
    batch = resque.batch([Job(queue="other", name="Mailer")])
    assert waiting
    assert delayed
    worker = "host_2B1_3A1_3Amail"
    for key, place in (
        (failure.id, f"failedjob/{failure.id}/change/"),
        (f" {failure.job_id} ", f"failedjob/{failure.id}/change/"),
        (running.id, f"workingjob/{worker}/change/"),
        (waiting.id, f"queue/mail/change/?q={waiting.id}"),
        (delayed.id, f"delayedjob/{delayed.id}/change/"),
        (batch.id, f"batch/{batch.id}/change/"),
        ("host+1:1:mail", f"worker/{worker}/change/"),
        ("nobody", "failedjob/?q=nobody"),
        ("", "overview/"),
    ):
        assert place_of(key) == ADMIN + place
    assert "1 found in the first 1 of 1" in shown(f"queue/mail/change/?q={waiting.id}")
    assert "Nothing waits, runs or is a batch or a worker under the id nobody" in shown(
        "overview/find/?id=nobody"
    )


def test_an_id_is_looked_up_only_for_those_who_may_see_the_overview(file_resque: Resque) -> None:
    blind = operator("view_failedjob")
    assert blind.get(f"{ADMIN}overview/find/?id=1").status_code == 403
    assert "rq-find" not in shown("failedjob/", blind)
    assert "rq-find" in shown("failedjob/")


def test_a_queue_is_searched_as_far_as_there_is_time(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_resque.monitor.walking.WINDOW", 2)
    for number in range(3):
        file_resque.enqueue_to("mail", "Mailer", {"to": f"ada-{number}", "token": "geheim"})
    file_resque.enqueue_to("mail", "Letter")
    with override_settings(RESQUE_MONITOR={"SEARCH_SECONDS": 0}):
        first = shown("queue/mail/change/?q=ada-2")
        assert "0 found in the first 2 of 4" in first
        (more,) = [link for link in Elements(first).values("a", "href") if "from=" in link]
        assert "1 found in 2 to 4 of 4" in shown(f"queue/mail/change/{more}")
    with override_settings(RESQUE_MONITOR={"SEARCH_SECONDS": 60}):
        assert "1 found" in shown("queue/mail/change/?q=LETTER")
        assert "0 found" in shown("queue/mail/change/?q=geheim")
        assert "0 found" in shown("queue/mail/change/?q=ada-2", operator("views"))


def test_ticked_jobs_are_removed_from_their_queue(resque: Resque) -> None:
    for number in range(3):
        resque.enqueue_to("mail", "Mailer", number)
    resque.storage.jobs.enqueue([Entry("x", "mail", b"\xff{")])
    keys = Elements(shown("queue/mail/change/")).values("input", "value")
    ticked = [job.id for job in (*resque.peek("mail", 1, 1), *resque.peek("mail", 3, 1))]
    assert set(ticked) <= set(keys)
    url, said = f"{ADMIN}queue/mail/remove_jobs/", {"job": [*ticked, "gone"]}
    assert operator("views").post(url, said).status_code == 403
    assert operator("views", "manage_jobs").post(url, said).status_code == 403
    answer = superuser().post(url, said, follow=True).content.decode()
    assert "2 waiting jobs deleted, 1 were begun or gone already." in answer
    assert [job.args for job in resque.peek("mail", 0, 9)] == [(0,), (2,)]
    assert "no job was ticked" in superuser().post(url, follow=True).content.decode()


def test_ticked_jobs_are_moved_to_another_queue(resque: Resque) -> None:
    for number in range(4):
        resque.enqueue_to("mail", "Mailer", number)
    resque.enqueue_to('<b> "bulk"', "Mailer", 9)
    page = Elements(shown("queue/mail/change/"))
    ticked = [job.id for job in resque.peek("mail", 1, 2)]
    assert set(ticked) <= set(page.values("input", "value"))
    assert page.values("option", "value")[-1:] == ['<b> "bulk"']
    url = f"{ADMIN}queue/mail/move_jobs/"
    assert page.values("button", "formaction") == [url]
    said = {"job": [*ticked[::-1], "gone"], "to": ' <b> "bulk" '}
    assert operator("views").post(url, said).status_code == 403
    assert operator("views", "manage_jobs").post(url, said).status_code == 403
    answer = superuser().post(url, said, follow=True).content.decode()
    assert "2 waiting jobs moved to &lt;b&gt; &quot;bulk&quot;, 1 were begun or gone already." in answer
    assert [job.args for job in resque.peek("mail", 0, 9)] == [(0,), (3,)]
    assert [job.args for job in resque.peek('<b> "bulk"', 0, 9)] == [(9,), (1,), (2,)]
    assert "move_jobs: mail: 2 waiting jobs moved" in LogEntry.objects.get().change_message


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"to": "images"}, "no job was ticked"),
        ({"job": "1", "to": "mail"}, "they wait there already"),
        ({"job": "1"}, "nothing was moved. The queue name"),
        ({"job": "1", "to": "a,b"}, "nothing was moved. The queue name"),
    ],
)
def test_a_move_that_cannot_be_changes_nothing_and_says_why(
    file_resque: Resque, said: dict[str, str], answer: str
) -> None:
    file_resque.storage.jobs.enqueue([Entry("1", "mail", b"{}")])
    assert answer in superuser().post(f"{ADMIN}queue/mail/move_jobs/", said, follow=True).content.decode()
    assert file_resque.queue_sizes() == {"mail": 1}


def test_a_long_queue_is_not_cleared_before_its_name_was_typed(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django_resque.monitor.queues.MANY", 1)
    for number in range(2):
        file_resque.enqueue_to("mail", "Mailer", number)
    assert "Type <strong>mail</strong> to go on" in shown("queue/mail/change/")
    client, form = superuser(), {"expected": "yes", "typed": "images"}
    for verb in ("clear", "delete"):
        answer = client.post(f"{ADMIN}queue/mail/{verb}/", form, follow=True)
        assert "nothing was deleted, as its name was not typed" in answer.content.decode()
    assert file_resque.size("mail") == 2
    client.post(f"{ADMIN}queue/mail/clear/", form | {"typed": "mail"})
    assert file_resque.size("mail") == 0


def rows(address: str) -> list[str]:
    """The ids of the rows of a list."""
    found = Elements(shown(address)).found
    return [str(a["value"]) for tag, a in found if tag == "input" and a.get("name") == "_selected_action"]


def test_delayed_jobs_are_filtered_searched_and_sorted(file_resque: Resque) -> None:
    soon = file_resque.enqueue_in_to("mail", 60, "Mailer", "needle")
    later = file_resque.enqueue_in_to("images", 7200, "Thumbnail")
    last = file_resque.enqueue_in_to("mail", 7 * 86_400, "Mailer")
    late = file_resque.enqueue_in_to("mail", -1, "Mailer")
    assert soon
    assert later
    assert last
    assert late
    file_resque.enqueue_to("again", "Mailer")
    a_worker(file_resque)
    held = a_held_job(file_resque, "host+1:1:mail", "again")
    again = replace(held.entry, payload=b'{"class":"Mailer","args":[1],"attempt":2}')
    assert file_resque.storage.jobs.reschedule(held, again, timedelta(days=2))
    for query, wanted in (
        ("queue=images", [later.id]),
        ("job=Mailer&queue=mail", [soon.id, last.id]),
        ("kind=retry", [held.entry.id]),
        ("kind=scheduled", [soon.id, later.id, last.id]),
        ("due=1h", [soon.id]),
        ("due=24h", [soon.id, later.id]),
        ("due=later", [held.entry.id, last.id]),
        ("due=late", []),
        ("q=needle", [soon.id]),
        ("o=-4", [last.id, held.entry.id, later.id, soon.id]),
        ("queue=mail&o=-4", [last.id, soon.id]),
    ):
        assert rows(f"delayedjob/?{query}") == wanted, query
    assert "2 found in the first 4 of 4" in shown("delayedjob/?queue=mail")


def test_everything_delayed_that_matches_is_run_or_removed_with_one_line_in_the_log(
    file_resque: Resque,
) -> None:
    client = superuser()
    for number in range(3):
        file_resque.enqueue_in_to("mail" if number else "images", 3600, "Mailer", number)
    everything = {"_selected_action": "x", "index": "0", "select_across": "1", "confirmed": "yes"}
    address = f"{ADMIN}delayedjob/?queue=mail"
    answer = client.post(address, {"action": "run_ticked"} | everything, follow=True)
    assert "2 of 2 jobs wait on their queues now" in answer.content.decode()
    assert file_resque.queue_sizes()["mail"] == 2
    answer = client.post(f"{ADMIN}delayedjob/", {"action": "remove_ticked"} | everything, follow=True)
    assert "1 of 1 jobs are removed" in answer.content.decode()
    assert file_resque.schedule.count() == 0


def test_a_delayed_job_that_nobody_promotes_is_marked(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_resque.enqueue_in_to("mail", 3600, "Mailer")
    assert ">late<" not in shown("delayedjob/")
    monkeypatch.setattr("django_resque.monitor.delayed.LATE", -7200.0)
    assert ">late<" in shown("delayedjob/")


def test_running_jobs_are_filtered_by_queue_job_and_machine_at_once(file_resque: Resque) -> None:
    for number, (queue, name) in enumerate([("mail", "Mailer"), ("mail", "Letter"), ("images", "Mailer")]):
        file_resque.enqueue_to(queue, name)
        a_worker(file_resque, f"host+{number}:1:{queue}")
        a_held_job(file_resque, f"host+{number}:1:{queue}", queue)
    for query, wanted in (
        ("queue=mail", {"host+0:1:mail", "host+1:1:mail"}),
        ("job=Mailer", {"host+0:1:mail", "host+2:1:images"}),
        ("job=Mailer&queue=mail", {"host+0:1:mail"}),
        ("job=Mailer&host=other", set()),
        ("o=5", {"host+0:1:mail", "host+1:1:mail", "host+2:1:images"}),
    ):
        assert set(rows(f"workingjob/?{query}")) == wanted, query


TRACE = [
    "Traceback (most recent call last):",
    '  File "/srv/shop/jobs.py", line 12, in send',
    "    deliver(order)",
    '  File "/usr/lib/python3.11/site-packages/smtp/client.py", line 99, in deliver',
    "    raise Timeout",
    "    ^^^^^^^^^^^^^",
    "smtp.Timeout: no answer",
]
RUBY = "/srv/app/job.rb:3:in `perform'"
GROUP = ["  + Exception Group", '  | File "/a/b.py", line 1, in c']


@pytest.mark.parametrize(
    ("trace", "wanted"),
    [
        (TRACE, [*TRACE[:3], TRACE[6]]),
        ([RUBY, "/usr/lib/ruby/gems/x/y.rb:1:in `z'"], [RUBY]),
        (GROUP, GROUP),
        ([], []),
    ],
)
def test_frames_of_libraries_are_left_out(trace: list[str], wanted: list[str]) -> None:
    assert list(application_lines(trace)) == wanted


def failed_with(resque: Resque, payload: bytes, **changes: Any) -> str:
    """The id of a failure with this payload."""
    a_worker(resque)
    resque.storage.jobs.enqueue([Entry("job-1", "mail", payload)])
    held = a_held_job(resque, "host+1:1:mail")
    failure = replace(a_failure(resque, queue="images"), id="f1", job_id="job-1", payload=payload, **changes)
    assert resque.storage.jobs.fail(held, failure)
    return "f1"


def test_the_page_of_a_failure_folds_libraries_and_shows_the_record_without_secrets(
    file_resque: Resque,
) -> None:
    history = b'"history":[{"attempt":1,"exception":"First"}]'
    payload = b'{"class":"Mailer","args":["geheim"],"token":"geheim","attempt":2,"x":{"a":1},%b}' % history
    key = failed_with(file_resque, payload, backtrace=tuple(TRACE), worker="host+1:1:mail")
    page = shown(f"failedjob/{key}/change/")
    assert page.count("deliver(order)") == 2
    assert page.count("raise Timeout") == 1
    assert "All 7 lines" in page
    record = page[page.index("The record as it is stored") :]
    assert "&quot;x&quot;: {" in record
    assert "geheim" not in record
    assert "First" in page
    assert "host_2B1_3A1_3Amail/change/" in page
    copied = set(Elements(page).values("button", "data-copy"))
    assert {"rq-job-id", "rq-failure-id", "rq-backtrace", "rq-raw"} <= copied
    assert copied <= set(Elements(page).values("code", "id"))
    blind = shown(f"failedjob/{key}/change/", operator("views"))
    assert "The record as it is stored" not in blind
    assert "deliver" not in blind


def test_the_page_of_what_is_no_job_says_why_and_shows_its_bytes(file_resque: Resque) -> None:
    key = failed_with(file_resque, b"\xff{no", name="")
    page = shown(f"failedjob/{key}/change/")
    assert "This is not a job" in page
    assert "{no" in page
    assert "The record as it is stored" not in page
