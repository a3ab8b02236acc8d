"""What an operator does without a mouse, in a real browser."""

from typing import Any

from stores import Store

from resque_core import Resque
from tests.cli.store_of import a_failure


def test_failed_jobs_are_found_ticked_and_retried_by_keys_alone(page: Any, store: Store) -> None:
    with Resque(store.url) as resque:
        wanted = a_failure(resque, args=(1,), exception="shop.Timeout")
        other = a_failure(resque, args=(2,), exception="shop.Timeout")
        a_failure(resque, args=(3,), exception="ValueError")
        page.goto("/resque/overview/")
        page.keyboard.press("g")
        page.keyboard.press("f")
        page.wait_for_url("**/resque/failedjob/")
        page.keyboard.press("/")
        page.keyboard.type("shop.Timeout")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=2 found")
        page.focus(f"input[value='{wanted.id}']")
        page.keyboard.press("Space")
        page.keyboard.press("r")
        page.wait_for_selector("text=Retry: 1 done.")
        assert [job.args for job in resque.peek("mail", 0, 9)] == [(1,)]
        assert resque.failures.get(other.id) is not None


def test_keys_do_nothing_in_a_field_with_nothing_ticked_or_switched_off(page: Any, store: Store) -> None:
    with Resque(store.url) as resque:
        a_failure(resque)
        page.goto("/resque/failedjob/")
        page.keyboard.press("r")
        page.focus("#searchbar")
        page.keyboard.type("gq?r")
        assert page.input_value("#searchbar") == "gq?r"
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Control+g")
        page.keyboard.press("q")
        assert page.url.endswith("/resque/failedjob/")
        page.keyboard.press("?")
        page.wait_for_selector("dialog[open]")
        assert "g f" in page.inner_text("dialog[open] table").replace("\t", " ")
        page.uncheck("#rq-keys-switch")
        page.keyboard.press("Escape")
        page.reload()
        page.keyboard.press("?")
        page.keyboard.press("g")
        page.keyboard.press("q")
        assert page.locator("dialog[open]").count() == 0
        page.click("#rq-keys-open")
        page.check("#rq-keys-switch")
        page.click("dialog[open] button")
        page.keyboard.press("g")
        page.keyboard.press("q")
        page.wait_for_url("**/resque/queue/")
        assert resque.failures.count() == 1


def test_every_page_is_reached_by_its_key(page: Any, store: Store) -> None:
    # The last one, so that each key leads away from where it is pressed.
    page.goto("/resque/stats/")
    keys = page.eval_on_selector_all(".rq-tabs a", "links => links.map(it => [it.dataset.key, it.href])")
    assert len({key for key, _ in keys}) == len(keys) == 9
    for key, address in keys:
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(address)
