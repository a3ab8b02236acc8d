"""Who may see and do what, on every address of the monitor."""

import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.test import Client, override_settings
from stores import Store

from django_resque import resque as default_resque
from django_resque.monitor.commands import monitor_action
from django_resque.monitor.site import PAGES as SITE
from resque_core import Resque
from tests.cli.store_of import a_failure, a_held_job, a_worker
from tests.django.operators import Elements, addresses, operator, state, superuser

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.every_store]

PAGES = [
    "/admin/resque/overview/",
    "/admin/resque/overview/live.json",
    "/admin/resque/queue/",
    "/admin/resque/workingjob/",
    "/admin/resque/worker/",
    "/admin/resque/failedjob/",
    "/admin/resque/delayedjob/",
    "/admin/resque/schedule/",
    "/admin/resque/batch/",
    "/admin/resque/stats/",
    "/admin/resque/stats/backend/",
]
HOSTILE = (
    '"><img src=x onerror=alert(1)>',
    "../../%2e%2e",
    "</script><script>alert(1)</script>",
    "\u202eabc",
    "a/b?c#d",
)


@pytest.fixture
def scene(file_resque: Resque) -> Resque:
    """A store with something of each kind."""
    for _ in range(2):
        file_resque.enqueue_to("mail", "Mailer", 1)
    a_failure(file_resque, queue="images")
    a_worker(file_resque)
    a_held_job(file_resque, "host+1:1:mail")
    file_resque.set_schedule("mail", {"class": "Mailer", "queue": "mail"}, every=3600)
    return file_resque


#: The names of all commands, as the pages say them.
COMMANDS = {f"resque_{model._meta.model_name}_{verb}" for model, page in SITE.items() for verb in page.verbs}


def commands(key: str) -> list[str]:
    return [path for name, path in addresses(key) if name in COMMANDS]


def test_the_urlconf_has_the_commands_that_the_matrix_is_about() -> None:
    # In the admin, and in the site of its own.
    assert len(commands("x")) == 2 * len(COMMANDS)
    assert len(COMMANDS) >= 18


def test_no_method_on_any_address_changes_anything_for_a_viewer(scene: Resque) -> None:
    before = state(scene)
    viewer, root = operator("views"), superuser()
    asked: set[str] = set()
    for key in (scene.failures.all()[0].id, "mail", "host_2B1_3A1_3Amail"):
        for name, path in addresses(key):
            said = {"action": "retry_ticked", "_selected_action": key, "confirmed": "yes", "index": "0"}
            codes = {viewer.post(path, said).status_code}
            # Those of pages without a row are the same for each key.
            if path not in asked:
                asked.add(path)
                codes |= {viewer.put(path).status_code, viewer.patch(path).status_code}
                codes |= {viewer.delete(path).status_code}
                shown = root.get(path).status_code
                assert shown in ({405} if name in COMMANDS else {200, 302, 404}), path
            assert codes <= ({403, 405} if name in COMMANDS else {200, 302, 403, 404, 405}), path
    assert state(scene) == before


def test_no_other_method_does_a_command_or_changes_a_failed_job_for_a_viewer(scene: Resque) -> None:
    before = state(scene)
    viewer, failure = operator("views"), scene.failures.all()[0].id
    paths = [path for path in commands(failure) if path.startswith("/admin/")]
    pages = ("/admin/resque/failedjob/", f"/admin/resque/failedjob/{failure}/change/")
    for method in (viewer.put, viewer.patch, viewer.delete):
        assert {method(path).status_code for path in paths} == {405}
        assert {method(page).status_code for page in pages} <= {200, 403, 405}
    assert state(scene) == before


def test_no_address_shows_or_does_anything_for_others(scene: Resque) -> None:
    before = state(scene)
    failure = scene.failures.all()[0].id
    for who in (Client(), operator()):
        for name, path in addresses(failure):
            if name == "resque_healthz":
                # Anybody may ask that: `test_live.py`.
                continue
            for method in (who.get, who.post, who.head):
                response = method(path)
                assert response.status_code in {302, 403, 405}, path
                if response.status_code == 302:
                    assert "/login/?next=" in response["Location"], path
    assert state(scene) == before


def test_viewers_see_every_page_and_change_nothing(scene: Resque) -> None:
    before = state(scene)
    viewer = operator("views")
    for page in PAGES:
        assert viewer.get(page).status_code == 200, page
    for key in (scene.failures.all()[0].id, "mail", "host+1:1:mail"):
        assert {viewer.post(path).status_code for path in commands(key)} == {403}
    shown = viewer.get("/admin/resque/failedjob/").content.decode()
    assert "_selected_action" not in shown
    for action in ("retry_ticked", "remove_ticked"):
        ticked = {
            "action": action,
            "_selected_action": scene.failures.all()[0].id,
            "confirmed": "yes",
            "index": "0",
        }
        viewer.post("/admin/resque/failedjob/", ticked)
    assert state(scene) == before


def test_each_right_opens_its_own_commands(scene: Resque) -> None:
    failure = scene.failures.all()[0].id
    for right, pages, key in (
        ("manage_jobs", ("failedjob", "delayedjob", "schedule"), failure),
        ("manage_queues", ("queue", "stats"), "mail"),
        ("manage_workers", ("worker", "workingjob"), "host_2B1_3A1_3Amail"),
    ):
        client = operator("views", right)
        codes = {path: client.post(path).status_code for path in commands(key)}
        assert {path for path, code in codes.items() if code == 302} == {
            path for path in codes if path.split("/resque/")[1].split("/")[0] in pages
        }
        assert set(codes.values()) == {302, 403}


def test_getting_changes_nothing_and_forged_posts_are_refused(scene: Resque) -> None:
    before = state(scene)
    root = superuser()
    for path in commands("mail"):
        assert (root.get(path).status_code, root.head(path).status_code) == (405, 405)
    forger = Client(enforce_csrf_checks=True)
    forger.cookies = root.cookies
    for path in commands("mail"):
        assert forger.post(path).status_code == 403
    assert state(scene) == before


@pytest.mark.parametrize("way", ["setting", "environment", "rule"])
def test_a_monitor_that_is_read_only_or_a_rule_of_the_project_stops_even_a_superuser(
    scene: Resque, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(scene)
    options = {"setting": {"READ_ONLY": True}, "rule": {"CAN": lambda _request, _verb, _target: False}}
    if way == "environment":
        monkeypatch.setenv("RESQUE_MONITOR_READ_ONLY", "1")
    root = superuser()
    with override_settings(RESQUE_MONITOR=options.get(way)):
        for key in (scene.failures.all()[0].id, "mail", "host_2B1_3A1_3Amail"):
            assert {root.post(path).status_code for path in commands(key)} == {403}
        assert ("rq-command" in root.get("/admin/resque/queue/mail/change/").content.decode()) is (
            way == "rule"
        )
    assert state(scene) == before


def test_a_command_is_written_down(scene: Resque, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[object] = []
    monitor_action.connect(lambda verb, target, **_: heard.append((verb, target)), weak=False)
    with caplog.at_level(logging.INFO, "resque.audit"):
        operator("views", "manage_queues", name="eva").post("/admin/resque/queue/mail/clear/")
    (entry,) = LogEntry.objects.all()
    assert (entry.user.username, entry.object_repr, entry.is_deletion()) == ("eva", "mail", True)
    assert "eva: clear mail: mail: 1 waiting jobs deleted." in caplog.text
    assert heard == [("clear", "mail")]


def test_a_command_goes_on_to_no_other_site(scene: Resque) -> None:
    for wanted, location in (
        ("/admin/resque/queue/mail/change/",) * 2,
        ("//evil.example", "/admin/resque/queue/"),
    ):
        response = superuser().post("/admin/resque/queue/mail/pause/", {"next": wanted})
        assert response["Location"] == location


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text_on_every_page(name: str, file_resque: Resque) -> None:
    plain = {page: shape(page) for page in PAGES}
    file_resque.enqueue_to(f"q{name}", f"J{name}", name)
    failure = a_failure(
        file_resque, queue=f"f{name}", name=f"J{name}", exception=f"E{name}", error=name, args=({name: name},)
    )
    a_worker(file_resque, f"host+1:1:{name}")
    says = {"class": f"J{name}", "queue": "mail", "args": [name], "description": name}
    entry = file_resque.set_schedule("".join(filter(str.isprintable, name)), says, every=3600).name
    root = superuser()
    pages = [
        *PAGES,
        f"/admin/resque/failedjob/{failure.id}/change/",
        f"/admin/resque/schedule/{quote(entry)}/change/",
    ]
    links = Elements(root.get("/admin/resque/queue/").content.decode()).values("a", "href")
    pages += [link for link in links if link.endswith("/change/") and "/queue/" in link]
    a_held_job(file_resque, f"host+1:1:{name}", f"q{name}")
    delayed = file_resque.enqueue_in_to(f"d{name}", 60, f"J{name}", name)
    assert delayed
    key = quote(f"host+1:1:{name}")
    pages += [
        f"/admin/resque/{it}/change/"
        for it in (f"workingjob/{key}", f"worker/{key}", f"delayedjob/{delayed.id}")
    ]
    assert len(pages) >= len(PAGES) + 5
    for page in pages:
        response = root.get(page)
        assert response.status_code == 200, page
        if "json" in response["Content-Type"]:
            continue
        tags, handlers = kinds(response.content.decode())
        assert not handlers, page
        assert not tags - plain.get(page, tags) & {"img", "script", "iframe"}, page


def shape(page: str) -> set[str]:
    """The kinds of elements on a page of an empty store."""
    return kinds(superuser().get(page).content.decode())[0]


def kinds(html: str) -> tuple[set[str], list[str]]:
    """The kinds of elements of a page, and the handlers that hang on them."""
    found = Elements(html).found
    scripts = [f"script {attrs.get('src')}" for tag, attrs in found if tag == "script" and "src" in attrs]
    handlers = [name for _, attrs in found for name in attrs if name.startswith("on")]
    bare = [tag for tag, attrs in found if tag == "script" and not ({"src", "type"} & attrs.keys())]
    images = [tag for tag, attrs in found if tag == "img" and attrs.get("src") == "x"]
    return {tag for tag, _ in found} | set(scripts), handlers + bare + images


@pytest.mark.every_store(always=True)
def test_while_the_store_is_away_every_page_says_so_and_the_admin_goes_on(store: Store) -> None:
    root = superuser()
    with override_settings(RESQUE_URL=store.url):
        failure = a_failure(default_resque)
        store.break_down()
        default_resque.close()
        for page in [
            *PAGES,
            f"/admin/resque/failedjob/{failure.id}/change/",
            "/admin/resque/queue/mail/change/",
        ]:
            response = root.get(page)
            assert (response.status_code, response["Retry-After"]) == (503, "5"), page
            assert "does not answer" in response.content.decode()
        assert root.post(f"/admin/resque/failedjob/{failure.id}/retry/").status_code == 503
        assert root.get("/admin/").status_code == 200
        store.come_back()
        default_resque.close()
        assert root.get("/admin/resque/failedjob/").status_code == 200
        default_resque.close()
