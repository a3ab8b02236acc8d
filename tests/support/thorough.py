"""Which tests are a part of `make soak` alone: those that take long and say little that others do not."""

from collections.abc import Mapping

import pytest

#: What a mongod alone is called: it does as one of a replica set, except where a test names its server.
ALONE = frozenset({"mongo", "mongo_server"})
#: Stores whose processes and pages are for `make soak`, but for tests marked `every_store(always=True)`.
SERVERS = ("redis", "mongo")
#: Whole folders: a browser is installed for the soak alone.
FOLDERS = ("browser",)
#: Whole modules, and the kinds of store on which they are for `make soak`; none named: on each.
MODULES: dict[str, tuple[str, ...]] = {
    # Names and bytes of every sort: what a store does with them does not depend on the other tests.
    "poison": SERVERS,
    "namespaces": SERVERS,
    "test_hostile_store": (),
    "test_hostile_pages": (),
    "test_mongo_hostile": (),
    # The contract tells what a bundle is; these, that none of its steps may be the last one.
    "test_mongo_bundles": (),
    # They start a cluster, a database, a project, a pool of eight, or another suite.
    "test_redis_cluster": (),
    "test_database_connections": (),
    "test_new_project": (),
    "test_demo_site": (),
    "test_toy_backend": (),
    "test_pool_storm": (),
    "test_tick_storm": (),
    "test_web": SERVERS,
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
    # A process dies before or after a call, or between its steps: no store knows. In `make test` it dies at
    # each reply of Redis, too (test_wire_kills.py), and the contract kills in the midst of calls.
    "test_nothing_is_lost_at_any_point": SERVERS,
    # The storm kills and starts servers, too; and what these do on SQLite they do on each store.
    "test_a_server_that_is_killed_again_and_again_loses_no_job": SERVERS,
    "test_workers_with_a_scheduler_beside_them_fire_and_work": SERVERS,
    "test_a_killed_worker_is_replaced_and_its_job_runs_again": SERVERS,
    "test_a_running_job_is_cancelled_by_itself_by_force_or_by_its_end": SERVERS,
    "test_all_are_gone_through_while_they_are_removed": SERVERS,
    "test_more_are_requeued_and_removed_than_go_in_one_step": SERVERS,
    "test_kill_while_completing": SERVERS,
    "test_kill_while_completing_bundles": SERVERS,
    "test_kill_while_enqueueing": SERVERS,
    "test_kill_while_failing_and_requeueing": SERVERS,
    "test_kill_while_releasing": SERVERS,
    "test_kill_while_sweeping": SERVERS,
    "test_processes_that_promote_at_once_promote_each_job_once": (),
    "test_processes_that_schedule_at_once_carry_out_each_tick_once": SERVERS,
    "test_many_processes_may_prepare_a_new_store_at_once": SERVERS,
    # They wait for somebody's patience to end, or try the same at many places.
    "test_in_ruby_mode_it_does_what_the_table_of_that_says": (),
    "test_with_few_descriptors_no_child_is_lost_sight_of": (),
    "test_a_worker_that_stands_still_is_replaced": (),
    "test_a_worker_beyond_its_memory_is_retired_gently_then_by_deadline": (),
    "test_a_hook_that_hangs_does_not_hold_up_the_end_for_longer_than_patience": (),
    "test_a_job_that_keeps_killing_its_workers_fails_after_the_last_rescue": (),
    "test_one_that_hangs_holds_up_no_job_and_is_ended": (),
    "test_an_app_process_that_does_not_end_its_child_is_ended_itself": (),
    "test_a_job_for_which_a_hanging_app_process_has_no_child_goes_back_to_its_queue": (),
    "test_a_large_job_is_handed_over_within_a_minute": (),
    "test_a_change_replaces_the_worker_and_a_mistake_waits_for_the_next": (),
    "test_a_hot_swap_ends_the_old_pool_of_its_application_alone_and_no_job_is_lost": (),
    "test_a_release_whose_workers_cannot_begin_ends_no_old_pool": (),
    "test_a_programs_loader_is_asked_all_the_time_and_may_fail": (),
    "test_workers_that_die_at_once_are_not_forked_without_end": (),
    "test_no_filter_of_failures_reads_the_whole_collection_or_sorts": (),
    "test_a_closed_standard_stream_is_not_mistaken_for_another_file": (),
    "test_output_that_finds_no_room_is_a_plain_error": (),
    "test_a_killed_mongod_comes_back_on_its_port_with_its_data": (),
    # What a worker does with a bundle is the same on each store; what a store does, the contract tells.
    "test_a_worker_that_is_killed_with_a_bundle_loses_no_job": (*SERVERS, "many per fork", "no fork"),
    "test_an_answer_that_gets_lost_has_no_job_run_twice": SERVERS,
    "test_a_job_that_kills_its_child_within_a_bundle_fails_and_no_other_does": (*SERVERS, "many per fork"),
    "test_each_job_of_a_bundle_has_a_child_of_its_own": SERVERS,
    "test_a_short_storm_loses_nothing": (),
    # A thousand requests. Others send a viewer's to each command, by each method; a stranger's everywhere.
    "test_no_method_on_any_address_changes_anything_for_a_viewer": (),
    # They repeat themselves, or kill a process at every step.
    "test_a_program_that_dies_while_it_begins_a_batch_may_begin_it_again": (),
    "test_a_worker_that_dies_with_the_last_job_leaves_one_callback": (),
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


def is_left_out(config: pytest.Config) -> bool:
    """Whether nothing that is for `make soak` will be run."""
    return str(config.getoption("markexpr")) == "not thorough"


def is_thorough(item: pytest.Item) -> bool:
    """Whether this test is for `make soak`."""
    names = _names(item)
    module = getattr(item, "function", is_thorough).__module__.rpartition(".")[2]
    return (
        bool(ALONE & names)
        or item.path.parent.name in FOLDERS
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
