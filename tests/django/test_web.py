"""`resque web`: the monitor without a project."""

import base64
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import preloaded
import pytest
from resque_command import resque as resque_command

from django_resque.web.options import WebOptions, environ_auth
from resque_core import Resque, SettingsError
from tests.cli.store_of import a_failure
from tests.django.operators import superuser

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
RUBY = ("/overview", "/queues", "/queues/mail", "/working", "/failed/", "/workers", "/stats/resque")


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Site:
    """A running server."""

    address: str
    auth: str = ""

    def get(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, str, Any]:
        """Status, body and headers of an answer."""
        sent = (
            {"Authorization": f"Basic {base64.b64encode(self.auth.encode()).decode()}"} if self.auth else {}
        )
        request = urllib.request.Request(self.address + path, data, sent | headers)
        try:
            answer: HTTPResponse = urllib.request.build_opener(_Stay).open(request, timeout=SECONDS)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers
        return answer.status, answer.read().decode(), answer.headers


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Starts `resque web` on the store of the test."""
    started: list[ForkServerProcess] = []

    def run(*words: str, auth: str = "", prefix: str = "") -> Site:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = ("web", "-p", str(port), "-L", *words)
        environ = preloaded.surroundings()
        started.append(
            preloaded.start(resque_command, *command, env=environ, folder=tmp_path, output=tmp_path / "said")
        )
        site = Site(f"http://127.0.0.1:{port}{prefix}", auth)
        _await(site, started[-1])
        return site

    yield run
    for process in started:
        process.terminate()
        assert preloaded.exit_code(process, SECONDS) is not None, (tmp_path / "said").read_text()


def _await(site: Site, process: ForkServerProcess) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.exitcode is None:
        try:
            site.get("/stats.txt")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"It does not answer: {process.exitcode}")


def test_it_shows_steers_and_asks_who_comes(start: Callable[..., Site], resque: Resque) -> None:
    failure = a_failure(resque)
    resque.enqueue_to("mail", "Mailer")
    site = start("-r", resque.url, "-N", "resque", "--auth", "me:secret", auth="me:secret")
    stranger = Site(site.address, "me:guess")
    assert [one.get("/resque/overview/")[0] for one in (stranger, Site(site.address), site)] == [
        401,
        401,
        200,
    ]
    # Anybody hears whether the store answers within a second, which a busy machine may take longer for.
    assert stranger.get("/healthz")[:2] in {(200, "ok\n"), (503, "down\n")}
    assert site.get("/")[2]["Location"] == "/resque/overview/"
    assert {site.get(path)[0] for path in RUBY} == {302}
    status, text, headers = site.get("/stats.txt")
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert text.splitlines()[:1] == ["resque.pending=1"]
    assert "queues.mail=1" in text
    assert site.get("/static/resque/monitor.css")[0] == 200
    assert site.get("/resque/overview/", Host="evil.example")[0] == 400
    page = site.get(f"/resque/failedjob/{failure.id}/change/")
    token = page[1].split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    cookie = page[2]["Set-Cookie"].split(";")[0]
    retry = f"/resque/failedjob/{failure.id}/retry/"
    assert site.get(retry, b"")[0] == 403
    assert site.get(retry, f"csrfmiddlewaretoken={token}".encode(), Cookie=cookie)[0] == 302
    assert resque.size("mail") == 2
    assert "Content-Security-Policy" in page[2]


def test_it_can_be_read_only_and_live_under_a_path(start: Callable[..., Site], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    with Resque(url) as resque:
        failure = a_failure(resque)
        (tmp_path / "web.yml").write_text(f"url: {url}\n", encoding="utf-8")
        site = start("-a", "/ops", "--read-only", "web.yml", prefix="/ops")
        page = site.get(f"/resque/failedjob/{failure.id}/change/")
        assert page[0] == 200
        assert "read-only" in page[1]
        assert "rq-command" not in page[1]
        assert "/ops/static/resque/monitor.css" in page[1]
        assert site.get("/static/resque/monitor.css")[0] == 200


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"host": "0.0.0.0"}, "everybody who can reach it"),
        ({"auth": "nameless"}, "name:password"),
        ({"port": 70_000}, "not a port"),
    ],
)
def test_what_is_not_safe_or_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        WebOptions(url="sqlite:///x", namespace="resque", **given)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = subprocess.run(
            [sys.executable, "-m", "resque_core.cli.main", "web", "-L", "-p", str(port)],
            cwd=tmp_path, env=os.environ, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    assert said.returncode == 2
    assert f"--port {port}: cannot listen there: Address already in use" in said.stderr


def test_it_may_be_open_to_the_network_with_auth_or_on_purpose() -> None:
    for more in ({"auth": "me:secret"}, {"insecure": True}):
        assert WebOptions(url="sqlite:///x", namespace="resque", host="0.0.0.0", **more).port == 5678
    assert environ_auth({"RESQUE_WEB_HTTP_BASIC_AUTH": "a:b"}) == "a:b"
    assert (
        environ_auth({"RESQUE_WEB_HTTP_BASIC_AUTH_USER": "a", "RESQUE_WEB_HTTP_BASIC_AUTH_PASSWORD": "c"})
        == "a:c"
    )


@pytest.mark.usefixtures("database")
def test_a_project_may_have_the_monitor_without_the_admin(file_resque: Resque) -> None:
    failure = a_failure(file_resque)
    client = superuser()
    assert client.get("/ops/")["Location"] == "/ops/resque/overview/"
    page = client.get(f"/ops/resque/failedjob/{failure.id}/change/").content.decode()
    assert f'action="/ops/resque/failedjob/{failure.id}/retry/"' in page


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("queues/mail", "queue/mail/change/"),
        ("queues/", "queue/"),
        ("workers/web-1:7:mail,*", "worker/web-1_3A7_3Amail_2C%2A/change/"),
        ("workers/web-1", "worker/"),
        ("working/web-1:7:mail", "workingjob/web-1_3A7_3Amail/change/"),
        ("failed/mail_failed", "failedjob/"),
        ("stats/redis", "stats/"),
    ],
)
def test_rubys_addresses_lead_to_the_page_of_the_same_thing(file_resque: Resque, old: str, new: str) -> None:
    assert superuser().get(f"/ops/{old}")["Location"] == f"/ops/resque/{new}"


#: Calls the application of examples/wsgi.py, mounted under /ops, as a server does.
MOUNTED = """
import base64
from wsgiref.util import setup_testing_defaults

from wsgi import application


def call(path, **more):
    environ = {"SCRIPT_NAME": "/ops", "PATH_INFO": path, "HTTP_HOST": "jobs.example.com", **more}
    setup_testing_defaults(environ)
    said = []
    body = b"".join(application(environ, lambda status, headers, _=None: said.append((status, headers))))
    return int(said[0][0][:3]), dict(said[0][1]).get("Location"), body.decode()


me = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"me:secret").decode()}
print(call("/resque/overview/")[0], call("/stats.txt")[0])
print(call("/", **me)[1], call("/stats.txt", **me)[2][:16])
page = call("/resque/queue/", **me)[2]
print("/ops/static/resque/monitor.css" in page, "/ops/resque/failedjob/" in page)
print(call("/static/resque/monitor.css", **me)[0], call("/queues", **me)[1])
"""


def test_it_is_an_application_for_any_server_and_any_path(tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'examples'}:{ROOT}",
        "RESQUE_URL": f"sqlite:///{tmp_path}/x",
    }
    environ.pop("DJANGO_SETTINGS_MODULE", None)

    def ran(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", MOUNTED], env=environ | more,
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    said = ran(RESQUE_WEB_HTTP_BASIC_AUTH="me:secret")
    assert said.stdout.splitlines() == [
        "401 401",
        "/ops/resque/overview/ resque.pending=0",
        "True True",
        "200 /ops/resque/queue/",
    ], said.stderr
    assert "Set RESQUE_WEB_HTTP_BASIC_AUTH to name:password" in ran().stderr
