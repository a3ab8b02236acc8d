"""Whether every page can be read and used by whoever sees little, or has no mouse: a check of our own."""

from pathlib import Path
from typing import Any

import pytest
from stores import Store

from resque_core import Job, Resque
from tests.browser.site import Site
from tests.cli.store_of import a_failure, a_held_job, a_worker

CHECK = (Path(__file__).parent / "accessibility.js").read_text(encoding="utf-8")
WORKER = "host_2B1_3A1_3Amail"
LISTS = ["overview", "queue", "workingjob", "worker", "failedjob", "delayedjob", "schedule", "batch", "stats"]


def scene(resque: Resque) -> list[str]:
    """Something of each kind, and the addresses of all pages."""
    resque.enqueue_to("mail", "Mailer", 1)
    resque.enqueue_to("low", "Mailer", 1)
    resque.pause("low")
    failure = a_failure(resque, args=({"note": "x" * 80},), exception="requests.exceptions.ConnectTimeout")
    a_worker(resque)
    a_held_job(resque, "host+1:1:mail")
    delayed = resque.enqueue_in_to("mail", 3600, "Mailer", 2)
    assert delayed
    resque.set_schedule("nightly", {"class": "Mailer", "queue": "mail"}, every=3600)
    resque.batch([Job(queue="mail", name="Mailer", args=(number,)) for number in range(3)])
    rows = [f"{page}/{WORKER}" for page in ("workingjob", "worker")]
    rows += [f"failedjob/{failure.id}", f"delayedjob/{delayed.id}", "schedule/nightly", "queue/mail"]
    return [*LISTS, *(f"{row}/change" for row in rows)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_can_be_read_and_used(
    chromium: Any, site: Site, store: Store, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 900}
    context = chromium.new_context(base_url=site.address, color_scheme=scheme, viewport=size, bypass_csp=True)
    page = context.new_page()
    problems = []
    with Resque(store.url) as resque:
        for address in scene(resque):
            page.goto(f"/resque/{address}/")
            problems += [f"{address} {problem}" for problem in page.evaluate(CHECK)]
    context.close()
    assert not problems, "\n".join(problems)


#: As wide as the admin of a project has it by default.
SIDEBAR = "body { padding-inline-start: 299px }"
TOO_WIDE = """() => [...document.querySelectorAll(".results, .rq-scroll, .rq-list")]
    .filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => `${it.className} ${it.scrollWidth}`)"""


def test_every_list_fits_beside_the_sidebar_of_the_admin(chromium: Any, site: Site, store: Store) -> None:
    size = {"width": 1280, "height": 900}
    context = chromium.new_context(base_url=site.address, viewport=size, bypass_csp=True)
    page, wide = context.new_page(), {}
    with Resque(store.url) as resque:
        for address in [*scene(resque), "failedjob/?group=exception"]:
            page.goto(f"/resque/{address}" if "?" in address else f"/resque/{address}/")
            page.add_style_tag(content=SIDEBAR)
            wide[address] = page.evaluate(TOO_WIDE)
    context.close()
    assert {address: found for address, found in wide.items() if found} == {}
