"""What an operator does with a mouse, in a real browser."""

from typing import Any

from stores import Store

from resque_core import Job, Resque, Worker, job
from tests.browser.site import Site
from tests.cli.store_of import a_failure

HOSTILE = '"><img src=x onerror=document.title="owned">'


@job(name="Letter", queue="mail")
def send(number: int) -> None:
    """The store counts it."""


def test_a_failed_job_is_found_retried_and_seen_to_have_run(page: Any, store: Store) -> None:
    with Resque(store.url) as resque:
        wanted = a_failure(resque, name="Letter", exception="shop.Timeout")
        a_failure(resque, name="Thumbnail", exception="ValueError")
        page.goto("/failed")
        page.click("text=shop.Timeout (1)")
        assert page.locator("#result_list tbody tr").count() == 1
        page.click("#result_list tbody a >> nth=0")
        page.click("button:has-text('Retry') >> nth=0")
        page.wait_for_selector("text=Retry: done.")
        assert resque.failures.get(wanted.id) is None
        page.goto("/resque/queue/mail/change/")
        assert page.locator("bdi:has-text('Letter')").count() == 1
        Worker(resque, "mail", burst=True, fork=False).work()
        page.reload()
        page.wait_for_selector("text=Nothing waits.")
        page.goto("/resque/stats/")
        # Pages share for a second what they read: the counter may be seen only when this one is updated.
        page.wait_for_selector("tr:has(bdi:text-is('processed')) td:text-is('3')", timeout=60_000)
        assert resque.failures.count() == 1


def test_two_operators_on_a_list_that_moves_hit_the_jobs_they_saw(
    page: Any, chromium: Any, site: Site, store: Store
) -> None:
    context = chromium.new_context(base_url=site.address)
    context.add_init_script("localStorage.setItem('resque-live', 'off')")
    other = context.new_page()
    with Resque(store.url) as resque:
        keys = [a_failure(resque, args=(number,)).id for number in range(4)]
        other.goto("/resque/failedjob/")
        page.goto("/resque/failedjob/")
        run(page, "remove_ticked", keys[3], keys[1])
        page.click("text=Yes, do it")
        page.wait_for_selector("text=Remove: 2 done.")
        run(other, "retry_ticked", keys[3], keys[2], keys[0])
        said = other.inner_text(".messagelist")
        assert "2 done" in said
        assert "1 already gone" in said
        assert sorted(waiting.args for waiting in resque.peek("mail", 0, 9)) == [(0,), (2,)]
    context.close()


def run(page: Any, action: str, *keys: str) -> None:
    """Tick rows, and choose what is done to them."""
    for key in keys:
        page.check(f"input[value='{key}']")
    page.select_option("select[name=action]", action)
    page.click("button[name=index]")


def test_everything_matching_is_retried_after_a_question(page: Any, store: Store) -> None:
    with Resque(store.url) as resque:
        for number in range(55):
            a_failure(resque, args=(number,), exception="shop.Timeout")
        page.goto("/resque/failedjob/?exception=shop.Timeout")
        page.check("#action-toggle")
        page.click(".question a")
        page.select_option("select[name=action]", "retry_ticked")
        page.click("button[name=index]")
        page.click("text=Yes, do it")
        page.wait_for_selector("text=Retry: 55 done.")
        assert (resque.failures.count(), resque.size("mail")) == (0, 55)


def test_a_page_says_that_the_store_is_away_and_goes_on_when_it_is_back(page: Any, store: Store) -> None:
    with Resque(store.url) as resque:
        a_failure(resque)
        page.goto("/overview")
        store.break_down()
        page.wait_for_selector("text=Not up to date", timeout=60_000)
        page.goto("/resque/failedjob/")
        assert "does not answer" in page.inner_text("h1, #content")
        store.come_back()
        page.wait_for_selector("#rq-live-tabs", timeout=60_000)


def test_hostile_names_make_no_element(page: Any, store: Store) -> None:
    with Resque(store.url) as resque:
        resque.enqueue_to(f"q{HOSTILE}", f"J{HOSTILE}", HOSTILE)
        texts: dict[str, Any] = {"queue": f"f{HOSTILE}", "name": f"J{HOSTILE}", "exception": f"E{HOSTILE}"}
        failure = a_failure(resque, error=HOSTILE, **texts)
        resque.set_schedule(f"s{HOSTILE}", {"class": f"J{HOSTILE}", "args": [HOSTILE]}, every=3600)
    pages = ("overview", "queue", "worker", "workingjob", "failedjob", "schedule", "batch", "stats")
    for address in (*pages, f"failedjob/{failure.id}/change"):
        page.goto(f"/resque/{address}/")
        assert page.locator("img[src=x]").count() == 0
        assert "owned" not in page.title().split("|")[-1]


def test_pages_fit_a_telephone(chromium: Any, site: Any, store: Store) -> None:
    with Resque(store.url) as resque:
        a_failure(resque, name="a_rather_long_name_of.a_module_and.a_function", args=({"key": "value" * 40},))
        resque.batch([Job(queue="mail", name="Mailer", args=(number,)) for number in range(3)])
        resque.set_schedule("a_rather_long_name_of_a_recurring_entry", {"args": ["value" * 40]}, every=3600)
    context = chromium.new_context(base_url=site.address, viewport={"width": 390, "height": 800})
    page = context.new_page()
    for address in ("overview", "queue", "worker", "failedjob", "schedule", "batch", "stats"):
        page.goto(f"/resque/{address}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    context.close()
