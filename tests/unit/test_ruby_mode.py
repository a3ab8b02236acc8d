"""`classic_payload` and `ruby`: what a client writes, and what it refuses to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stores import prepared

from resque_core import Resque, job
from resque_core.errors import InvalidArguments, SettingsError
from resque_core.identity import new_identity
from resque_core.worker import WorkLoop
from resque_core.worker_options import WorkerOptions


@job(queue="mail", name="Reports::Daily")
def report(day: object, *, copy: bool = False) -> None: ...


@job(queue="mail", name="Once", on_worker_death="fail")
def once() -> None: ...


@pytest.fixture(params=["classic_payload", "ruby"])
def resque(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Resque]:
    option: dict[str, Any] = {request.param: True}
    with Resque(prepared(tmp_path / "jobs.sqlite3"), **option) as resque:
        yield resque


def test_a_job_is_class_and_args_in_rubys_bytes(resque: Resque) -> None:
    enqueued = resque.enqueue(report, 1e-05, ["é", {"k": 1e16}])
    assert resque.peek("mail") == [enqueued]
    assert enqueued
    assert enqueued.payload.decode() == '{"class":"Reports::Daily","args":[1.0e-05,["é",{"k":1.0e+16}]]}'


def test_equal_jobs_are_several_jobs(resque: Resque) -> None:
    resque.enqueue_many([(report, 1), (report, 1), report.build(1)])
    resque.enqueue(report, 1)
    assert {found.payload for found in resque.peek("mail", 0, 9)} == {
        b'{"class":"Reports::Daily","args":[1]}'
    }
    assert resque.size("mail") == 4
    assert resque.dequeue(report, 1) == 4


def test_a_pushed_payload_keeps_its_order_and_its_keys_and_gets_none(resque: Resque) -> None:
    pushed = resque.push("mail", {"lang": "ruby", "args": [1.0, {"a": [2]}], "class": "A"})
    resque.push("mail", {"class": "B"})
    assert pushed.args == (1.0, {"a": [2]})
    assert [found.payload for found in resque.peek("mail", 0, 2)] == [
        b'{"lang":"ruby","args":[1.0,{"a":[2]}],"class":"A"}',
        b'{"class":"B"}',
    ]


def test_a_job_of_another_writer_that_is_moved_keeps_its_own_keys(resque: Resque) -> None:
    resque.push("old", {"class": "A", "locale": "de", "args": []})
    moved = resque.pop("old")
    assert moved
    resque.enqueue_many([replace(moved, queue="new")])
    assert resque.peek("new")[0].payload == b'{"class":"A","args":[],"locale":"de"}'


def test_what_needs_more_than_class_and_args_is_refused_and_nothing_is_stored(resque: Resque) -> None:
    for call in (
        lambda: resque.enqueue(report, 1, copy=True),
        lambda: resque.enqueue_many([report.build(1), report.build(1, copy=True)]),
    ):
        with pytest.raises(InvalidArguments, match="Reports::Daily needs kwargs, and a classic payload"):
            call()
    assert resque.queues() == []


def test_arguments_that_are_not_json_are_named_as_ever(resque: Resque) -> None:
    with pytest.raises(InvalidArguments, match=r"args\[0\]\['k'\] is nan"):
        resque.enqueue(report, {"k": float("nan")})


def test_only_a_ruby_client_lets_its_workers_answer_for_on_worker_death(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.sqlite3"
    with Resque(url, ruby=True) as resque:
        resque.enqueue(once)
        resque.enqueue_many([once.build()])
        assert {found.payload for found in resque.peek("mail", 0, 2)} == {b'{"class":"Once","args":[]}'}
    with (
        Resque(url, classic_payload=True) as resque,
        pytest.raises(InvalidArguments, match="on_worker_death"),
    ):
        resque.enqueue(once)


@pytest.mark.parametrize("option", ["classic_payload", "ruby"])
def test_a_policy_that_no_payload_could_carry_is_refused(option: str) -> None:
    flag: dict[str, Any] = {option: True}
    with pytest.raises(SettingsError, match="Tell the workers instead"):
        Resque(on_worker_death={"mail": "requeue"}, **flag)
    Resque(on_worker_death="fail", ruby=True)


def test_a_ruby_workers_id_has_no_nonce() -> None:
    ruby, ours = new_identity(["a", "!b"], ruby=True), new_identity(["a", "!b"])
    assert ruby.id == f"{ruby.host}:{ruby.pid}:a"
    assert ours.id.startswith(f"{ours.host}+")


def test_a_worker_is_rubys_if_it_is_told_so_or_its_resque_was() -> None:
    plain, ruby = Resque(), Resque(ruby=True)
    assert WorkLoop(ruby, "q", WorkerOptions()).options.ruby
    assert WorkLoop(plain, "q", WorkerOptions(ruby=True)).options.ruby
    assert not WorkLoop(plain, "q", WorkerOptions()).options.ruby
    loop = WorkLoop(ruby, "q", WorkerOptions())
    assert loop.id == f"{loop.presence.identity.host}:{loop.presence.identity.pid}:q"


def test_a_dead_workers_job_fails_with_ruby_unless_somebody_says_otherwise() -> None:
    assert WorkerOptions().death_policy == "requeue"
    assert WorkerOptions(ruby=True).death_policy == "fail"
    assert WorkerOptions(ruby=True, on_worker_death="requeue").death_policy == "requeue"
