"""The lists of queues and workers: how they are sorted and narrowed."""

from dataclasses import replace

import pytest

from resque_core import Resque
from tests.cli.store_of import a_held_job, a_worker
from tests.django.operators import Elements, operator, superuser

pytestmark = pytest.mark.usefixtures("database")


def page(address: str) -> str:
    response = superuser().get(f"/admin/resque/{address}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_queues_are_sorted_and_narrowed_by_what_they_do(
    file_resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    for queue, count in (("mail", 1), ("images", 3), ("low", 2)):
        for _ in range(count):
            file_resque.enqueue_to(queue, "Job")
    waits = {"mail": 300.0, "images": 7200.0, "low": 5.0}
    monkeypatch.setattr(
        file_resque.storage.queues, "latencies", lambda names: {name: waits[name] for name in names}
    )
    for number, patterns in enumerate((("mail", "images"), ("mail",), ("low",))):
        worker = replace(a_worker(file_resque, f"host+{number}:1:x"), id=f"b+{number}:1:x", queues=patterns)
        file_resque.storage.workers.unregister(f"host+{number}:1:x")
        file_resque.storage.workers.register(worker, -1.0 if patterns == ("low",) else 30.0)
    for column, order in (
        ("2", ["mail", "low", "images"]),
        ("-3", ["images", "mail", "low"]),
        ("-5", ["mail", "images", "low"]),
    ):
        assert ticked_on(page(f"queue/?o={column}")) == order, column
    assert "2 h" in page("queue/")
    assert ticked_on(page("queue/?state=alone")) == ["low"]
    assert ticked_on(page("queue/?state=running&q=a&o=1")) == ["images", "mail"]
    assert ticked_on(page("queue/?state=waiting&q=low")) == ["low"]
    assert ticked_on(page("queue/?state=paused")) == []
    listening = page("worker/?queue=mail")
    assert listening.count('name="_selected_action"') == 2
    assert "/admin/resque/worker/?queue=mail" in Elements(page("queue/")).values("a", "href")


def test_workers_are_told_by_machine_and_state(file_resque: Resque) -> None:
    assert "No worker is registered. Start one: <code>manage.py resque_work" in page("worker/")
    file_resque.enqueue_to("mail", "Mailer")
    assert "No worker is registered, and 1 job waits." in page("worker/")
    for host, number in (("web-1", 1), ("web-1", 2), ("web-2", 3)):
        made = replace(a_worker(file_resque), id=f"{host}+{number}:1:mail", host=host)
        file_resque.storage.workers.register(made, 30.0)
    file_resque.storage.workers.unregister("host+1:1:mail")
    a_held_job(file_resque, "web-1+2:1:mail")
    assert "Lost" not in page("worker/?state=idle").split("rq-live-warnings")[1].split("</div>")[0]
    file_resque.storage.workers.beat("web-2+3:1:mail", -1.0)
    shown = page("worker/")
    assert "the last heartbeat is longer ago than the lease" in shown
    assert "1 lost" in shown
    assert "1 working" in shown
    assert "?host=web-2" in Elements(shown).values("a", "href")
    assert ticked_on(page("worker/?state=lapsed")) == ["web-2+3:1:mail"]
    assert ticked_on(page("worker/?host=web-1&state=idle")) == ["web-1+1:1:mail"]
    assert ticked_on(page("worker/?queue=mail")) == ["web-1+1:1:mail", "web-1+2:1:mail"]


def ticked_on(text: str) -> list[str]:
    """The rows of a list, from the first on: what their boxes would tick."""
    boxes = [
        it for tag, it in Elements(text).found if tag == "input" and it.get("name") == "_selected_action"
    ]
    return [str(box["value"]) for box in boxes]


def test_a_running_job_is_a_line_with_its_arguments_for_those_who_may_see_them(file_resque: Resque) -> None:
    file_resque.enqueue_to("mail", "Mailer", "to you")
    a_worker(file_resque)
    a_held_job(file_resque, "host+1:1:mail")
    job = "workingjob/host_2B1_3A1_3Amail/change/"
    for rights, seen in ((["views"], False), (["views", "view_arguments"], True)):
        shown = operator(*rights).get("/admin/resque/workingjob/").content.decode()
        assert (f'{job}"><bdi>Mailer</bdi>' in shown, "to you" in shown) == (True, seen)
    assert f'{job}"><bdi>Mailer</bdi>' in page("worker/")
