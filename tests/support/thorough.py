"""Which tests are a part of `make soak` alone: those that take long and say little that others do not."""

import pytest

#: What a mongod alone is called: it does as one of a replica set, except where a test names its server.
ALONE = frozenset({"mongo", "mongo_server"})
#: Stores whose processes are tested in `make soak`, but for tests marked `every_store(always=True)`.
SERVERS = ("redis", "mongo")
#: Tests that take long, by name, and the kinds of store on which they do; none named: they have none.
LONG: dict[str, tuple[str, ...]] = {
    # Clients of MongoDB look for a primary for half a minute.
    "test_while_the_store_is_away_every_page_says_so_and_the_admin_goes_on": ("mongo",),
    "test_jobs_that_run_through_an_outage_longer_than_their_leases_are_not_run_again": ("mongo",),
    "test_a_server_that_is_killed_and_started_again_has_lost_nothing": (),
    # What the tests of the commands of the shell do with these stores, once more.
    "test_a_scheduler_has_the_project_and_the_options_of_the_command": SERVERS,
    "test_a_worker_has_the_project_and_the_jobs_of_all_applications": SERVERS,
    "test_no_command_is_stopped": ("mongo",),
    "test_no_worker_is_stopped": ("mongo",),
    "test_no_command_is_stopped_on_redis": (),
    "test_each_tick_is_carried_out_once_whoever_is_killed": SERVERS,
    # A site in a browser, which others look at without one.
    "test_one_command_starts_a_site_whose_orders_are_worked": (),
    "test_a_page_says_that_the_store_is_away_and_goes_on_when_it_is_back": (),
    "test_hostile_names_make_no_element": (),
    # A cluster for each; one that reaches every step stays.
    "test_an_open_client_of_a_cluster_is_used_and_left_open": (),
    "test_one_node_is_enough_to_find_the_others": (),
    "test_a_node_that_is_taken_for_a_server_is_refused": (),
}


def is_thorough(item: pytest.Item) -> bool:
    """Whether this test is for `make soak`."""
    names = _names(item)
    return _is_long(item, names) or bool(ALONE & names) or _is_one_store_more(item, names)


def _is_long(item: pytest.Item, names: set[str]) -> bool:
    kinds = LONG.get(getattr(item, "originalname", ""))
    return kinds is not None and (not kinds or _are_of(names, kinds))


def _is_one_store_more(item: pytest.Item, names: set[str]) -> bool:
    mark = item.get_closest_marker("every_store")
    return mark is not None and not mark.kwargs.get("always") and _are_of(names, SERVERS)


def _are_of(names: set[str], kinds: tuple[str, ...]) -> bool:
    return any(name.startswith(kinds) for name in names)


def _names(item: pytest.Item) -> set[str]:
    """What this test is parametrized by, as far as that has a name."""
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return {name for value in values if isinstance(name := getattr(value, "name", value), str)}
