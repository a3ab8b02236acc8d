"""Which tests are a part of `make soak` alone: those that take long and say little that others do not."""

from collections.abc import Mapping

import pytest

#: What a mongod alone is called: it does as one of a replica set, except where a test names its server.
ALONE = frozenset({"mongo", "mongo_server"})
#: Stores whose processes are tested in `make soak`, but for tests marked `every_store(always=True)`.
SERVERS = ("redis", "mongo")
#: Whole modules, and the kinds of store on which they are for `make soak`; none named: on each.
MODULES: dict[str, tuple[str, ...]] = {
    # Names and bytes of every sort: what a store does with them does not depend on the other tests.
    "poison": SERVERS,
    "namespaces": SERVERS,
    "test_hostile_store": (),
    "test_hostile_pages": (),
    "test_mongo_hostile": (),
    # They start a cluster, a database, a project, a pool of eight, or another suite.
    "test_redis_cluster": (),
    "test_database_connections": (),
    "test_new_project": (),
    "test_demo_site": (),
    "test_toy_backend": (),
    "test_pool_storm": (),
    "test_tick_storm": (),
    "test_web": SERVERS,
    "test_browser": (),
}
#: Tests that take long, by name, and what they are parametrized by when they do; none named: always.
LONG: dict[str, tuple[str, ...]] = {
    # Clients of MongoDB look for a primary for half a minute.
    "test_while_the_store_is_away_every_page_says_so_and_the_admin_goes_on": ("mongo",),
    "test_jobs_that_run_through_an_outage_longer_than_their_leases_are_not_run_again": SERVERS,
    "test_a_server_that_is_killed_and_started_again_has_lost_nothing": (),
    # What the tests of the commands of the shell do with these stores, once more.
    "test_a_scheduler_has_the_project_and_the_options_of_the_command": SERVERS,
    "test_a_worker_has_the_project_and_the_jobs_of_all_applications": SERVERS,
    # They repeat themselves, or kill a process at every step.
    "test_no_job_is_lost_or_doubled_whatever_happens": ("second", "third"),
    "test_counters_are_exact_wherever_folding_is_killed": (),
    "test_a_sweep_that_dies_anywhere_is_finished_by_the_next": (),
    "test_a_process_that_is_killed_at_any_statement_leaves_all_or_nothing": (),
    "test_it_fails_when_a_job_does_not_come_out_as_it_should": (),
    "test_output_goes_to_the_file_at_once_or_waits_in_buffers": (),
    "test_hostile_names_stay_text_on_every_page": (),
    # What it sends with takes half a minute to install.
    "test_airbrake_gets_a_notice_and_its_refusal_is_an_error": (),
    # They run pytest.
    "test_a_missing_server_skips_a_test_but_fails_it_in_ci": (),
    "test_every_test_that_the_page_names_is_there": (),
}


def is_thorough(item: pytest.Item) -> bool:
    """Whether this test is for `make soak`."""
    names = _names(item)
    module = getattr(item, "function", is_thorough).__module__.rpartition(".")[2]
    return (
        bool(ALONE & names)
        or _is_listed(MODULES, module, names)
        or _is_listed(LONG, getattr(item, "originalname", ""), names)
        or _is_one_store_more(item, names)
        or _is_one_value_more(item, names)
    )


def _is_listed(listed: Mapping[str, tuple[str, ...]], name: str, names: set[str]) -> bool:
    kinds = listed.get(name)
    return kinds is not None and (not kinds or _are_of(names, kinds))


def _is_one_store_more(item: pytest.Item, names: set[str]) -> bool:
    mark = item.get_closest_marker("every_store")
    return mark is not None and not mark.kwargs.get("always") and _are_of(names, SERVERS)


def _is_one_value_more(item: pytest.Item, names: set[str]) -> bool:
    """On servers, the contract is kept with the first of the texts and values that a test is tried with."""
    if not _are_of(names, SERVERS) or not item.nodeid.startswith("tests/contract/"):
        return False
    indices: Mapping[str, int] = getattr(item, "callspec").indices  # noqa: B009 - of functions alone
    return any(index > 0 for name, index in indices.items() if name != "kind")


def _are_of(names: set[str], kinds: tuple[str, ...]) -> bool:
    return any(name.startswith(kinds) for name in names)


def _names(item: pytest.Item) -> set[str]:
    """What this test is parametrized by, as far as that has a name."""
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return {name for value in values if isinstance(name := getattr(value, "name", value), str)}
