"""What other programs may have left in a store stops no page of the monitor."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from redis_space import Space, new_space
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import MONGO, REDIS

from django_resque.stores import resques
from resque_core import Resque
from tests.cli.test_hostile_store import IN_ANY_STORE, ON_REDIS, documents_of_other_types
from tests.django.operators import superuser

pytestmark = pytest.mark.usefixtures("database")

PAGES = (
    *("overview", "overview/live.json", "queue", "queue/hostile", "workingjob", "worker", "failedjob"),
    *("failedjob/?q=hostile", "delayedjob", "schedule", "schedule/hostile", "stats"),
)


@pytest.fixture
def space(fleet: Fleet, tmp_path: Path) -> Iterator[Space]:
    store = or_skip(lambda: REDIS[-1].new(fleet, tmp_path))
    space = new_space(store.url)
    with override_settings(RESQUE_URL=space.url, RESQUE_NAMESPACE=space.namespace):
        yield space
        resques.close_all()
    store.discard()


def check_every_page() -> None:
    client = superuser()
    statuses = {page: client.get(f"/admin/resque/{page}", follow=True).status_code for page in PAGES}
    assert statuses == dict.fromkeys(PAGES, 200)


@pytest.mark.parametrize("case", ON_REDIS, ids=lambda case: case.__name__)
def test_no_page_is_stopped(space: Space, case: Callable[[Space], None]) -> None:
    case(space)
    check_every_page()


def test_nor_by_all_at_once_that_a_store_takes(space: Space) -> None:
    for case in IN_ANY_STORE:
        case(space.storage)
    check_every_page()


def test_nor_by_documents_of_other_types(fleet: Fleet, tmp_path: Path) -> None:
    store = or_skip(lambda: MONGO[0].new(fleet, tmp_path))
    with Resque(store.url) as resque, override_settings(RESQUE_URL=store.url):
        documents_of_other_types(resque.storage)
        check_every_page()
        resques.close_all()
    store.discard()
