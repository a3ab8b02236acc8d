"""Fail points: how one is asked for and refused, and that each is in the table of the fault tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.table import OF_BUNDLES, OPERATORS, ROWS

from resque_core import Resque, SettingsError, StorageError, failpoints
from resque_core.failpoints import (
    ALLOWED,
    FAILPOINT,
    PROCESS_PLACES,
    FailPoint,
    Watched,
    points,
    read_failpoint,
    store_places,
    surrounded,
    uncounted,
    watch,
)


def test_every_point_has_a_row_in_the_table_or_is_an_operators_call() -> None:
    in_table = {row.point for row in ROWS} | {
        f"{it}.{when}" for it in OPERATORS | OF_BUNDLES for when in ("before", "after")
    }
    assert set(points()) - in_table == set(), "tests/support/faults/table.py needs a row for each"
    assert in_table - set(points()) == set()


def test_every_call_of_every_part_of_a_storage_is_a_place() -> None:
    places = set(store_places())
    assert {"jobs.reserve", "workers.sweep", "queues.all", "stats.history", "prepare", "close"} <= places
    assert not {"jobs", "location", "shared", "failures.indexed"} & places


def test_what_is_rehearsed_does_not_bring_a_point_any_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []
    point = FailPoint("child.perform.before", nth=2)
    monkeypatch.setattr(point, "_strike", lambda: reached.append("struck"))
    monkeypatch.setattr(failpoints, "_the_point", lambda: point)
    monkeypatch.setenv(FAILPOINT, "child.perform.before:2")
    point.reach(point.name)
    with uncounted():
        for _ in range(5):
            point.reach(point.name)
    assert reached == []
    point.reach(point.name)
    assert reached == ["struck"]


def test_a_point_is_refused_unless_it_is_allowed() -> None:
    with pytest.raises(SettingsError, match=ALLOWED):
        read_failpoint({FAILPOINT: "jobs.reserve.after"})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("jobs.reserve", "no fail point 'jobs.reserve'"),
        ("nonsense.after", "no fail point"),
        ("jobs.reserve.after:0", "write name"),
        ("jobs.reserve.after:1:explode", "write name"),
        ("jobs.reserve.after:1:kill:more", "write name"),
        ("child.perform.after:drop", "no connection to drop"),
    ],
)
def test_what_is_no_point_is_refused(text: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        read_failpoint({FAILPOINT: text, ALLOWED: "1"})


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("jobs.reserve.after", FailPoint("jobs.reserve.after", 1, "kill")),
        ("jobs.reserve.after:3", FailPoint("jobs.reserve.after", 3, "kill")),
        ("jobs.reserve.after:drop", FailPoint("jobs.reserve.after", 1, "drop")),
        ("app.fork.before:2:stop", FailPoint("app.fork.before", 2, "stop")),
    ],
)
def test_a_point_has_a_name_a_number_and_an_action(text: str, point: FailPoint) -> None:
    assert read_failpoint({FAILPOINT: text, ALLOWED: "1"}) == point


def test_the_nth_time_counts_and_no_other() -> None:
    called: list[int] = []
    call = surrounded(called.append, "jobs.reserve", FailPoint("jobs.reserve.after", 2, "drop"))
    call(1)
    with pytest.raises(StorageError, match=r"jobs\.reserve\.after"):
        call(2)
    call(3)
    assert called == [1, 2, 3]


def test_a_request_that_is_dropped_is_not_carried_out(tmp_path: Path) -> None:
    with Resque(f"sqlite:///{tmp_path}/store") as resque:
        watched = Watched(resque.storage, FailPoint("stats.increment.before", 1, "drop"))
        with pytest.raises(StorageError):
            watched.stats.increment("sold")
        watched.stats.increment("sold")
        assert watched.stats.all() == {"sold": 1}
        assert watched.location == resque.location


def test_without_a_point_a_storage_is_left_alone(tmp_path: Path) -> None:
    with Resque(f"sqlite:///{tmp_path}/store") as resque:
        assert watch(resque.storage) is resque.storage


def test_every_place_in_a_process_is_a_function_that_is_there() -> None:
    from importlib import import_module

    for where in PROCESS_PLACES.values():
        module, _, path = where.partition(":")
        it: object = import_module(module)
        for name in path.split("."):
            it = getattr(it, name)
        assert isinstance(it, Callable), where  # type: ignore[arg-type]


@pytest.mark.parametrize("variable", [FAILPOINT, ALLOWED])
def test_no_test_runs_under_a_point(variable: str) -> None:
    assert variable not in os.environ
