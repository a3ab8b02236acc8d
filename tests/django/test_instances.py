"""Several aliases: each has a site of its own, and nothing of one reaches the store of another."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.contrib.admin.models import LogEntry
from django.test import override_settings
from django.urls import include, path

import django_resque.monitor
from django_resque.monitor_site import monitor_urls
from django_resque.stores import resques
from resque_core import Resque
from tests.cli.store_of import a_failure
from tests.django.operators import VIEWS, Elements, superuser

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Resque, Resque]]:
    """The stores of two aliases, and a site for each."""
    urls = ModuleType("urls")
    stores = {alias: {"URL": f"sqlite:///{tmp_path}/{alias}.sqlite3"} for alias in ("default", "eu")}
    with override_settings(RESQUE=stores, RESQUE_URL=None, RESQUE_BACKEND=None, ROOT_URLCONF=urls):
        vars(urls)["urlpatterns"] = [path("ops/", include(monitor_urls()))]
        yield resques["default"], resques["eu"]
        resques.close_all()


def shown(address: str) -> str:
    response = superuser().get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def test_each_site_shows_its_own_store_and_leads_nowhere_else(both: tuple[Resque, Resque]) -> None:
    for resque, queue in zip(both, ("here", "there"), strict=True):
        resque.enqueue_to(queue, "Job")
    failure = a_failure(both[1], queue="there")
    pages = [f"resque/{page}/" for page in VIEWS]
    for page in [*pages, f"resque/failedjob/{failure.id}/change/", "resque/queue/there/change/"]:
        text = shown(f"/ops/at/eu/{page}")
        assert ">here<" not in text
        elements = Elements(text)
        links = elements.values("a", "href") + elements.values("form", "action")
        away = [link for link in links if link.startswith("/") and not link.startswith("/ops/at/eu/")]
        assert away == [f"/ops/resque/{page.split('/')[1]}/"], page
    assert "there" in shown("/ops/at/eu/resque/queue/")
    assert "here" in shown("/ops/resque/queue/")
    assert "/ops/at/eu/resque/queue/" in Elements(shown("/ops/resque/queue/")).values("a", "href")
    assert "queues.there=1" in shown("/ops/at/eu/stats.txt")
    assert "queues.there" not in shown("/ops/stats.txt")


def test_a_command_changes_the_store_of_its_site_alone(both: tuple[Resque, Resque]) -> None:
    for resque in both:
        resque.enqueue_to("mail", "Mailer")
    answer = superuser().post("/ops/at/eu/resque/queue/mail/clear/")
    assert answer["Location"] == "/ops/at/eu/resque/queue/"
    assert [resque.size("mail") for resque in both] == [1, 0]
    assert LogEntry.objects.get().change_message.endswith("(eu)")
    ticked = {"_selected_action": ["mail"], "index": "0", "action": "pause_ticked"}
    superuser().post("/ops/at/eu/resque/queue/", ticked)
    assert [resque.paused() for resque in both] == [frozenset(), {"mail"}]


def test_while_one_store_is_away_the_others_are_shown_and_linked(
    both: tuple[Resque, Resque], tmp_path: Path
) -> None:
    both[0].enqueue_to("mail", "Mailer")
    both[1].close()
    (tmp_path / "eu.sqlite3").write_bytes(b"no database at all, and longer than its header would be" * 9)
    root = superuser()
    away = root.get("/ops/at/eu/resque/queue/")
    assert away.status_code == 503
    assert "/ops/resque/queue/" in Elements(away.content.decode()).values("a", "href")
    assert root.get("/ops/resque/queue/").status_code == 200
    assert root.get("/ops/healthz").status_code == 200


def test_a_single_store_offers_no_choice(file_resque: Resque) -> None:
    assert file_resque.queues() == []
    assert "rq-instances" not in shown("/ops/resque/queue/")
    assert "rq-instances" not in shown("/admin/resque/queue/")


def test_no_page_uses_the_default_store_by_name() -> None:
    folder = Path(next(iter(django_resque.monitor.__path__)))
    modules = [file for file in folder.glob("*.py") if file.name != "instance.py"]
    assert len(modules) > 20
    for file in modules:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in {"django_resque", "django_resque.stores"}:
                names = {alias.name for alias in node.names}
                assert "resque" not in names, f"{file.name}: import it from django_resque.monitor.instance"
