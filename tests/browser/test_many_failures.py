"""More failures than one request changes, in a real browser."""

import json
from typing import Any

from stores import Store

from resque_core import Resque

#: One more than a request takes.
MANY = 10_001


def test_the_page_goes_on_by_itself_until_all_are_cleared(page: Any, store: Store) -> None:
    with Resque(store.url) as resque:
        # As a program in Ruby writes them: many at once take no time.
        about = {"failed_at": "2026/11/26 13:00:00 UTC", "exception": "E", "error": "no", "queue": "mail"}
        payloads = ({"class": "Mailer", "args": [number]} for number in range(MANY))
        elements = [json.dumps(about | {"payload": payload}) for payload in payloads]
        resque.storage.connection.rpush("failed", *elements)
        page.goto("/resque/failedjob/")
        page.click("text=Clear all")
        page.click("text=Yes, do it")
        page.wait_for_selector("text=Nothing has been done")
        assert resque.failures.count() == MANY
        page.fill("#rq-typed", str(MANY))
        page.click("text=Yes, do it")
        page.wait_for_selector("text=Remove: 10,001 done.", timeout=300_000)
        assert resque.failures.count() == 0
