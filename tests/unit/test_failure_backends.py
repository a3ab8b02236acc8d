"""Failure backends: what they are told, and what becomes of their errors."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from resque_core import Resque, job
from resque_core.clock import from_epoch
from resque_core.errors import SettingsError
from resque_core.failure import Failure
from resque_core.failures import (
    AirbrakeBackend,
    LoggingBackend,
    Multiple,
    Report,
    SentryBackend,
    add_failure_backend,
    clear_failure_backends,
    failure_backends,
)
from resque_core.failures.installed import install
from resque_core.failures.report import report_of
from resque_core.failures.telling import tell_in_thread

TOLD: list[Report] = []

FAILURE = Failure(
    id="f1",
    job_id="j1",
    queue="mail",
    name="backends.send",
    payload=b'{"class":"backends.send","args":[42,{"token":"hunter2"}],"kwargs":{"copy":true}}',
    exception="shop.errors.Refused",
    error="no such order\n\x1b[31m",
    backtrace=("Traceback", '  File "shop.py", line 7, in send', "shop.errors.Refused: no such order"),
    worker="h:1:mail",
    failed_at=from_epoch(1_700_000_000),
)


@job(queue="mail", name="backends.send")
def send(order: int, options: object = None, *, copy: bool = False) -> None:
    raise ValueError(order)


class Keeps:
    """A backend of a user's."""

    def save(self, report: Report) -> None:
        TOLD.append(report)


class Breaks:
    def save(self, report: Report) -> None:
        raise ConnectionError("no route")


@pytest.fixture(autouse=True)
def _nobody_is_told() -> Iterator[None]:
    TOLD.clear()
    yield
    clear_failure_backends()


def test_a_report_says_all_but_secrets() -> None:
    report = report_of(FAILURE)
    assert (report.name, report.args, report.kwargs) == (
        "backends.send", [42, {"token": "[redacted]"}], {"copy": True}
    )  # fmt: skip
    assert (report.failure_id, report.job_id, report.queue, report.worker) == ("f1", "j1", "mail", "h:1:mail")
    assert "hunter2" not in repr(report)


def test_bytes_that_are_no_job_make_a_report_too() -> None:
    report = report_of(replace(FAILURE, payload=b"\xff", name=""))
    assert (report.name, report.args, report.kwargs) == ("", [], {})


def test_an_active_job_is_reported_by_its_class() -> None:
    payload = {
        "class": "ActiveJob::QueueAdapters::ResqueAdapter::JobWrapper",
        "args": [{"job_class": "ReportJob", "arguments": [1]}],
    }
    assert report_of(replace(FAILURE, payload=json.dumps(payload).encode())).name == "ReportJob"


def test_each_of_several_is_told_whatever_another_does(caplog: pytest.LogCaptureFixture) -> None:
    Multiple([Breaks(), Keeps(), Breaks(), Keeps()]).save(report_of(FAILURE))
    assert [report.failure_id for report in TOLD] == ["f1", "f1"]
    assert (
        "Failure f1 is in the store, but Breaks could not tell of it: ConnectionError: no route"
        in caplog.text
    )


def test_a_failure_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    LoggingBackend().save(report_of(FAILURE))
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "\n" not in record.getMessage()
    assert "backends.send on mail failed: shop.errors.Refused: no such order" in record.getMessage()
    assert "hunter2" not in record.getMessage()
    assert record.__dict__["resque"].job_id == "j1"


def test_backends_are_named_or_added_as_class_or_object() -> None:
    install(["redis", "logging", f"{__name__}:Keeps"])
    add_failure_backend(Keeps)
    add_failure_backend(Keeps())
    assert [type(backend).__name__ for backend in failure_backends().backends] == [
        "LoggingBackend", "Keeps", "Keeps", "Keeps"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "sentri",
            "there is no such backend. Write redis, redis_multi_queue, logging, sentry",
        ),
        ("nowhere:Sink", "there is no module nowhere"),
        ("json:dumps", "it has no method save"),
        ("json:Nothing", "json has no Nothing"),
        ("airbrake", "set AIRBRAKE_PROJECT_ID"),
    ],
)
def test_a_backend_that_cannot_be_had_is_refused(name: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        install([name])


def test_a_program_that_fails_a_reserved_job_tells_them_when_the_store_has_it(resque: Resque) -> None:
    class Looks:
        def save(self, report: Report) -> None:
            assert resque.failures.get(report.failure_id)
            TOLD.append(report)

    add_failure_backend(Looks())
    resque.enqueue(send, 42)
    with resque.reserve("mail") as held:
        assert held
        held.perform()
    assert [(report.name, report.error) for report in TOLD] == [("backends.send", "42")]


def test_one_that_hangs_is_left_alone() -> None:
    gate = threading.Event()

    class Hangs:
        def save(self, report: Report) -> None:
            gate.wait(60)

    add_failure_backend(Hangs())
    tell_in_thread(FAILURE, 0.01)
    gate.set()


def test_sentry_gets_an_event() -> None:
    sentry_sdk = pytest.importorskip("sentry_sdk")
    sent: list[Any] = []

    class Transport(sentry_sdk.transport.Transport):  # type: ignore[misc, name-defined, unused-ignore]
        def capture_envelope(self, envelope: Any) -> None:
            sent.append(envelope.get_event())

    SentryBackend(dsn="https://key@sentry.invalid/1", transport=Transport, default_integrations=False).save(
        report_of(FAILURE)
    )
    (event,) = sent
    assert event["exception"]["values"] == [
        {"type": "Refused", "module": "shop.errors", "value": FAILURE.error}
    ]
    assert (event["level"], event["transaction"], event["tags"]["queue"]) == (
        "error",
        "backends.send",
        "mail",
    )
    assert event["extra"]["args"] == [42, {"token": "[redacted]"}]
    assert "hunter2" not in str(event)


@pytest.fixture
def airbrake() -> Iterator[HTTPServer]:
    """What stands for Airbrake's service: takes notices, or refuses them if told so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))  # type: ignore[attr-defined]
            self.send_response(self.server.status)  # type: ignore[attr-defined]
            self.end_headers()
            self.wfile.write(b'{"id": "1"}' if self.server.status == 201 else b'{"message": "refused"}')  # type: ignore[attr-defined]

        def log_message(self, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.got, server.status = [], 201  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


# pybrake asks what of the many things that it can watch is there, and click for its version.
@pytest.mark.filterwarnings("ignore:The '__version__' attribute is deprecated:DeprecationWarning")
def test_airbrake_gets_a_notice_and_its_refusal_is_an_error(airbrake: Any) -> None:
    pytest.importorskip("pybrake")
    backend = AirbrakeBackend(1, "key", host=f"http://127.0.0.1:{airbrake.server_port}")
    backend.save(report_of(FAILURE))
    (notice,) = airbrake.got
    assert notice["errors"][0]["type"] == "shop.errors.Refused"
    assert notice["context"]["component"] == "resque"
    assert notice["params"]["args"] == [42, {"token": "[redacted]"}]
    assert "hunter2" not in str(notice)
    airbrake.status = 400
    with pytest.raises(RuntimeError, match="Airbrake did not take it"):
        backend.save(report_of(FAILURE))
