"""The demo site: one command, and the job of an order is worked."""

import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from resque_core import Resque

ROOT = Path(__file__).parents[2]
SECONDS = 90.0


def test_one_command_starts_a_site_whose_orders_are_worked(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    url = f"sqlite:///{tmp_path}/jobs.sqlite3"
    demo = subprocess.Popen(
        [sys.executable, str(ROOT / "examples/demo/start.py"), f"127.0.0.1:{port}"],
        env=environment | {"DEMO_FOLDER": str(tmp_path), "RESQUE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        order(f"http://127.0.0.1:{port}/", "eva")
        with Resque(url) as resque:
            wait_for(lambda: resque.failures.count() == 1)
            assert resque.failures.all()[0].error == "eva is not an address"
    finally:
        demo.terminate()
        demo.wait(SECONDS)


def order(address: str, customer: str) -> None:
    """Fill in the page's form."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    pages: list[str] = []

    def answered() -> bool:
        try:
            pages.append(opener.open(address, timeout=SECONDS).read().decode())
        except OSError:
            return False
        return True

    wait_for(answered)
    token = pages[0].split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "customer": customer}).encode()
    assert "Thank you" in opener.open(address, form, timeout=SECONDS).read().decode()


def wait_for(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
