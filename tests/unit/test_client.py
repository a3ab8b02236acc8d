"""`Resque`: what it stores, what it refuses, and what it tells."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from resque_core import Job, Resque, job, register
from resque_core.clock import utc_now
from resque_core.discovery import open_storage
from resque_core.errors import (
    EnqueueError,
    InvalidArguments,
    InvalidQueueName,
    NoClassError,
    NoQueueError,
    PayloadTooLarge,
    RegistrationError,
    SettingsError,
    StorageError,
    UnknownBackendError,
)
from resque_core.job import Entry
from resque_core.records import WorkerInfo

CALLS: list[Any] = []


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


@job(queue="files", name="client.archive")
def archive(repo: int, branch: str = "main") -> None:
    CALLS.append((repo, branch))


@job(name="client.homeless")
def homeless() -> None: ...


@job(name="client.once", queue="once", on_worker_death="fail")
def once() -> None: ...


@job(name="client.again", queue="once", on_worker_death="requeue")
def again() -> None: ...


@job(name="client.Thumbnail")
class Thumbnail:
    queue = "images"

    @staticmethod
    def perform(image: int) -> None: ...


@job(name="client.Hooked")
class Hooked:
    queue = "hooked"
    veto: object = None

    @staticmethod
    def perform(*args: Any, **kwargs: Any) -> None:
        CALLS.append(("perform", args, kwargs))

    @classmethod
    def before_enqueue_a(cls, *args: Any, **kwargs: Any) -> object:
        CALLS.append(("before_enqueue", args, kwargs))
        return False if args == ("veto",) else cls.veto

    @staticmethod
    def after_enqueue_a(*args: Any, **kwargs: Any) -> None:
        CALLS.append(("after_enqueue", args, kwargs))

    @classmethod
    def before_dequeue_a(cls, *args: Any, **kwargs: Any) -> object:
        CALLS.append(("before_dequeue", args, kwargs))
        return cls.veto

    @staticmethod
    def after_dequeue_a(*args: Any, **kwargs: Any) -> None:
        CALLS.append(("after_dequeue", args, kwargs))

    @staticmethod
    def on_failure_a(error: Exception, *args: Any) -> None:
        CALLS.append(("on_failure", str(error)))


def names() -> list[str]:
    return [call[0] for call in CALLS]


def text(found: Job) -> dict[str, Any]:
    body = json.loads(found.payload)
    assert isinstance(body, dict)
    return body


# Enqueue


def test_an_enqueued_job_is_on_its_queue_as_it_was_returned(resque: Resque) -> None:
    stored = resque.enqueue(archive, 44, branch="x")
    assert stored is not None
    assert resque.peek("files") == [stored]
    assert (stored.queue, stored.name, stored.args, stored.kwargs) == (
        "files",
        "client.archive",
        (44,),
        {"branch": "x"},
    )
    assert list(text(stored)) == ["class", "args", "kwargs", "id", "enqueued_at"]
    assert text(stored)["id"] == stored.id
    assert stored.enqueued_at is not None
    assert utc_now() - stored.enqueued_at < timedelta(minutes=1)


def test_jobs_wait_in_the_order_in_which_they_came(resque: Resque) -> None:
    for number in range(3):
        resque.enqueue(archive, number)
    resque.enqueue(archive, 9, at_front=True)
    assert [waiting.args for waiting in resque.peek("files", 0, 10)] == [(9,), (0,), (1,), (2,)]


def test_no_two_jobs_have_one_id(resque: Resque) -> None:
    assert len({resque.enqueue(archive, 1).id for _ in range(20)}) == 20  # type: ignore[union-attr]
    assert resque.size("files") == 20


def test_the_returned_job_is_what_was_stored_and_not_the_callers_objects(resque: Resque) -> None:
    branches = {"to": [(1, 2)]}
    stored = resque.enqueue(archive, branches, ("a",))
    branches["to"].clear()
    assert stored is not None
    assert stored.args == ({"to": [[1, 2]]}, ["a"])
    assert resque.peek("files") == [stored]


def test_classes_and_functions_of_others_are_enqueued_once_registered(resque: Resque) -> None:
    def theirs() -> None: ...

    register(theirs, "theirs", "client.theirs")
    resque.enqueue(Thumbnail, 5)
    resque.enqueue(theirs)
    assert resque.queue_sizes() == {"images": 1, "theirs": 1}


def test_a_name_stands_for_the_job_that_is_registered_under_it_with_its_hooks(resque: Resque) -> None:
    resque.enqueue("client.Hooked", 1)
    assert resque.peek("hooked")[0].args == (1,)
    assert names() == ["before_enqueue", "after_enqueue"]


def test_a_name_that_nobody_registered_reaches_another_code_base(resque: Resque) -> None:
    stored = resque.enqueue_to("mail", "Mailers::Welcome", 42)
    assert stored is not None
    assert stored.payload.startswith(b'{"class":"Mailers::Welcome","args":[42],')
    assert resque.peek("mail") == [stored]


def test_enqueue_to_takes_the_queue_that_is_given(resque: Resque) -> None:
    resque.enqueue_to("other", archive, 1)
    resque.enqueue_to("other", archive, 2, at_front=True)
    assert [waiting.args for waiting in resque.peek("other", 0, 9)] == [(2,), (1,)]
    assert resque.size("files") == 0


def test_parameters_may_be_called_as_ours_are(resque: Resque) -> None:
    stored = resque.enqueue_to("q", "Theirs", self=1, queue=2, target=3)
    assert stored is not None
    assert stored.kwargs == {"self": 1, "queue": 2, "target": 3}


# Refusals


@pytest.mark.parametrize("target", [homeless, "Unregistered", "", None])
def test_a_job_without_a_queue_is_refused_before_anything_else(resque: Resque, target: Any) -> None:
    name = "client.homeless" if target is homeless else target or ""
    with pytest.raises(NoQueueError) as refusal:
        resque.enqueue(target, {1})
    assert str(refusal.value) == (
        f"Jobs must be placed onto a queue. No queue could be inferred for class {name}. "
        f"Name one: with enqueue_to, with queue= of @job or register, or with --queue."
    )


@pytest.mark.parametrize("target", ["", None])
def test_a_job_without_a_name_is_refused(resque: Resque, target: Any) -> None:
    with pytest.raises(NoClassError, match=r"^Jobs must be given a class\.$"):
        resque.enqueue_to("q", target)
    assert resque.queues() == []


@pytest.mark.parametrize("target", [len, int, json, Resque, 5, ["client.archive"], lambda: None])
def test_what_nobody_registered_is_refused_with_the_way_out(resque: Resque, target: Any) -> None:
    with pytest.raises(RegistrationError, match=r"is not a registered job\. Put @job on it, call register"):
        resque.enqueue_to("q", target)


@pytest.mark.parametrize("queue", ["", "*", "!low", "a,b", "a\nb", "x" * 256])
def test_a_queue_that_cannot_be_used_is_refused(resque: Resque, queue: str) -> None:
    for refused in (
        lambda: resque.enqueue_to(queue, archive, 1),
        lambda: resque.push(queue, {"class": "A", "args": []}),
        lambda: resque.failures.requeue("any", queue),
    ):
        with pytest.raises(InvalidQueueName):
            refused()
    assert resque.queues() == []


def test_a_refused_job_ran_no_hooks_and_nothing_is_stored(resque: Resque) -> None:
    with pytest.raises(InvalidArguments, match=r"client\.Hooked: argument args\[0\]\['when'\] is a datetime"):
        resque.enqueue(Hooked, {"when": utc_now()})
    assert CALLS == []
    assert resque.queues() == []


def test_a_job_is_as_long_as_max_payload_at_most(tmp_path: Path) -> None:
    with Resque(f"sqlite:///{tmp_path}/1.db", max_payload=1000) as resque:
        overhead = len(resque.enqueue(archive, "").payload)  # type: ignore[union-attr]
        resque.enqueue(archive, "x" * (1000 - overhead))
        with pytest.raises(PayloadTooLarge, match=r"has 1001 bytes, more than the 1000 .*max_payload"):
            resque.enqueue(archive, "x" * (1001 - overhead))
        with pytest.raises(PayloadTooLarge):
            resque.push("q", {"class": "A", "args": ["x" * 1000]})
        with pytest.raises(PayloadTooLarge):
            resque.enqueue_many([(archive, 1), archive.build("x" * 1000)])  # type: ignore[arg-type]
        assert resque.size("files") == 2


def test_a_megabyte_is_the_limit_unless_another_is_given(resque: Resque) -> None:
    with pytest.raises(PayloadTooLarge, match="1000000"):
        resque.enqueue(archive, "x" * 1_000_000)


# Hooks


def test_hooks_get_the_arguments_around_the_storing(resque: Resque) -> None:
    resque.enqueue(Hooked, 1, x=(2,))
    given = (1,), {"x": [2]}
    assert [("before_enqueue", *given), ("after_enqueue", *given)] == CALLS


def test_a_veto_stores_nothing_and_returns_none(resque: Resque) -> None:
    assert resque.enqueue(Hooked, "veto") is None
    assert names() == ["before_enqueue"]
    assert resque.queues() == []


def test_what_a_before_hook_raises_keeps_the_job_from_being_stored(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    @job(name="client.raising", queue="q")
    def raising() -> None: ...

    @raising.hook
    def before_enqueue_no() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        resque.enqueue(raising)
    with pytest.raises(ZeroDivisionError):
        resque.enqueue_many([(archive, 1), (raising,)])
    assert resque.queues() == []


# Many


def test_many_are_stored_in_order_in_one_call(resque: Resque, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    jobs = resque.storage.jobs
    original = jobs.enqueue

    def noting(entries: Sequence[Entry], **options: Any) -> int:
        batches.append(len(entries))
        return original(entries, **options)

    monkeypatch.setattr(jobs, "enqueue", noting)
    stored = resque.enqueue_many(
        [archive.build(1, branch="x"), (archive, 2), (Thumbnail, 3), ("client.Hooked", 4)]
    )
    assert batches == [4]
    assert [one.args for one in stored if one] == [(1,), (2,), (3,), (4,)]
    assert resque.peek("files", 0, 9) == stored[:2]
    assert names() == ["before_enqueue", "after_enqueue"]


def test_many_at_the_front_keep_their_order(resque: Resque) -> None:
    resque.enqueue(archive, 0)
    resque.enqueue_many([(archive, 1), (archive, 2)], at_front=True)
    assert [waiting.args for waiting in resque.peek("files", 0, 9)] == [(1,), (2,), (0,)]


def test_one_that_is_refused_keeps_all_from_being_stored(resque: Resque) -> None:
    for bad in [(archive, {1}), (homeless,), ("",), Job(queue="q", name=""), (len,), (), 5, "client.archive"]:
        with pytest.raises((EnqueueError, RegistrationError)):
            resque.enqueue_many([(Hooked, 1), bad])  # type: ignore[list-item]
    assert resque.queues() == []
    assert CALLS == []


def test_a_veto_among_many_leaves_a_gap(resque: Resque) -> None:
    first, vetoed, last = resque.enqueue_many([(Hooked, 1), (Hooked, "veto"), (Hooked, 2)])
    assert vetoed is None
    assert resque.peek("hooked", 0, 9) == [first, last]
    assert names().count("after_enqueue") == 2


def test_none_at_all_are_many_too(resque: Resque) -> None:
    assert resque.enqueue_many([]) == []
    assert resque.enqueue_many([(Hooked, "veto")]) == [None]


def test_a_value_that_is_given_twice_in_one_call_is_refused_before_any_hook(resque: Resque) -> None:
    built = archive.build(1)
    with pytest.raises(InvalidArguments, match=rf"{built.id} was given twice\."):
        resque.enqueue_many([(Hooked, 7), built, (archive, 2), built])
    assert (resque.queue_sizes(), CALLS) == ({}, [])


def test_a_value_whose_id_waits_or_runs_already_is_not_stored_again(resque: Resque) -> None:
    built = archive.build(1)
    resque.enqueue_many([built])
    assert resque.enqueue_many([built]) == [built]
    assert resque.size("files") == 1
    with resque.reserve("files"):
        resque.enqueue_many([built])
        assert resque.size("files") == 0


def test_a_value_made_by_hand_gets_what_it_lacks(resque: Resque) -> None:
    (stored,) = resque.enqueue_many([Job(queue="q", name="Theirs", args=((1,),), extras={"x": 1})])
    assert stored is not None
    assert resque.peek("q") == [stored]
    assert stored.id
    assert stored.enqueued_at
    assert stored.args == ([1],)
    assert text(stored)["x"] == 1


def test_a_value_that_was_changed_is_stored_as_it_is_now(resque: Resque) -> None:
    changed = replace(archive.build(1), args=(2,), name="client.Thumbnail", id="new")
    (stored,) = resque.enqueue_many([changed])
    assert stored == resque.peek("files")[0]
    assert stored is not None
    assert (stored.id, stored.name, stored.args) == ("new", "client.Thumbnail", (2,))


def test_a_job_that_was_popped_can_be_put_back_byte_for_byte(resque: Resque) -> None:
    resque.storage.jobs.enqueue([Entry("i", "q", b'{"args": [1], "class": "Theirs", "extra": 1}')])
    popped = resque.pop("q")
    assert popped is not None
    assert resque.enqueue_many([popped]) == [popped]
    assert resque.pop("q") == popped


# Settings of a Resque


def test_a_default_queue_takes_what_has_none(tmp_path: Path) -> None:
    with Resque(f"sqlite:///{tmp_path}/1.db", default_queue="default") as resque:
        resque.enqueue(homeless)
        resque.enqueue("Unregistered", 1)
        resque.enqueue_many([homeless.build(), (homeless,)])
        resque.enqueue(archive, 1)
        assert resque.queue_sizes() == {"default": 4, "files": 1}
        with pytest.raises(NoClassError):
            resque.enqueue("")
        assert resque.dequeue(homeless) == 3


@pytest.mark.parametrize(
    ("setting", "fails"),
    [
        ("requeue", []),
        ("fail", ["files", "images"]),
        ({"files": "fail"}, ["files"]),
        ({"*": "fail", "files": "requeue"}, ["images"]),
        ({}, []),
    ],
)
def test_only_the_policy_fail_is_written_into_a_job(setting: Any, fails: list[str], tmp_path: Path) -> None:
    with Resque(f"sqlite:///{tmp_path}/1.db", on_worker_death=setting) as resque:
        stored = [resque.enqueue(archive, 1), resque.enqueue(Thumbnail, 1)]
        stored += resque.enqueue_many([archive.build(1), (Thumbnail, 1)])
        for one in stored:
            assert one is not None
            assert text(one).get("on_worker_death") == ("fail" if one.queue in fails else None)
            assert one.on_worker_death == text(one).get("on_worker_death")
        assert resque.peek("files", 0, 9) == [stored[0], stored[2]]


def test_a_jobs_own_policy_wins_over_the_queues(tmp_path: Path) -> None:
    for setting in ("requeue", "fail"):
        with Resque(f"sqlite:///{tmp_path}/{setting}.db", on_worker_death=setting) as resque:
            for strict in [resque.enqueue(once), *resque.enqueue_many([once.build(), (once,)])]:
                assert strict is not None
                assert strict.on_worker_death == "fail"
            for lenient in [resque.enqueue(again), *resque.enqueue_many([again.build(), (again,)])]:
                assert lenient is not None
                assert lenient.on_worker_death is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_worker_death": "drop"}, "write 'requeue' or 'fail'"),
        ({"on_worker_death": {"q": "drop"}}, "for queue 'q' is 'drop'"),
        ({"on_worker_death": 5}, "a mapping of queues"),
        ({"max_payload": 0}, "max_payload=0"),
        ({"max_payload": "1MB"}, "max_payload='1MB'"),
        ({"default_queue": ""}, "default_queue: .*it is empty"),
        ({"default_queue": "a,b"}, "default_queue"),
        ({"namespace": ""}, "namespace"),
        ({"url": ""}, "not a store's URL"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Resque(**options)


# The store


def test_making_one_touches_no_store(tmp_path: Path) -> None:
    resque = Resque(f"sqlite:///{tmp_path}/folder/1.db")
    assert repr(resque) == f"<Resque sqlite:///{tmp_path}/folder/1.db namespace='resque'>"
    assert list(tmp_path.iterdir()) == []
    assert resque.size("q") == 0
    assert (tmp_path / "folder" / "1.db").exists()
    resque.close()


def test_where_the_store_comes_from_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Resque("sqlite:///1.db").source == "argument"
    embedded = Resque()
    assert embedded.source == "embedded"
    assert embedded.url == f"sqlite:///{os.environ['XDG_STATE_HOME']}/resque/resque.sqlite3"
    monkeypatch.setenv("RESQUE_URL", f"sqlite:///{tmp_path}/2.db")
    monkeypatch.setenv("RESQUE_NAMESPACE", "shop")
    resque = Resque()
    assert (resque.url, resque.source, resque.namespace) == (
        f"sqlite:///{tmp_path}/2.db",
        "RESQUE_URL",
        "shop",
    )
    assert Resque(namespace="mine").namespace == "mine"


def test_a_password_is_in_no_repr() -> None:
    for url in ("nosuch://user:secret@host/db", "secret-without-scheme"):
        resque = Resque(url)
        assert "secret@" not in repr(resque)
        assert repr(resque).endswith(":… namespace='resque'>")


def test_a_store_that_no_backend_reads_is_named_with_what_named_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "nosuch://host")
    with pytest.raises(UnknownBackendError, match=r"nosuch:// URLs.*The URL came from: REDIS_URL"):
        Resque().size("q")


def test_namespaces_keep_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/1.db"
    with Resque(url, namespace="a") as a, Resque(url, namespace="b") as b:
        a.enqueue(archive, 1)
        assert (a.size("files"), b.size("files")) == (1, 0)


def test_threads_share_one_storage_that_is_opened_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def noting(url: str, namespace: str) -> Any:
        opened.append(url)
        return open_storage(url, namespace)

    monkeypatch.setattr("resque_core.lazy_storage.open_storage", noting)
    with Resque(f"sqlite:///{tmp_path}/1.db") as resque:
        threads = [threading.Thread(target=resque.enqueue, args=(archive, n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(opened) == 1
        assert resque.size("files") == 8


def test_a_store_that_could_not_be_opened_is_tried_again(tmp_path: Path) -> None:
    obstacle = tmp_path / "folder"
    obstacle.touch()
    with Resque(f"sqlite:///{tmp_path}/folder/1.db") as resque:
        with pytest.raises(StorageError):
            resque.enqueue(archive, 1)
        obstacle.unlink()
        assert resque.enqueue(archive, 1)


def test_a_closed_one_opens_its_store_again(resque: Resque) -> None:
    resque.enqueue(archive, 1)
    resque.close()
    assert resque.closed
    assert resque.size("files") == 1


def test_closing_what_was_never_opened_is_nothing() -> None:
    resque = Resque("sqlite:///never.db")
    resque.close()
    resque.close()


# Dequeue


def test_dequeue_deletes_the_calls_that_are_equal(resque: Resque) -> None:
    resque.enqueue_many([(archive, 1), (archive, 2), (archive, 1), archive.build(1, branch="x")])
    resque.enqueue_to("files", "Other", 1)
    assert resque.dequeue(archive, 1) == 2
    assert resque.dequeue(archive, 1, branch="x") == 1
    assert resque.dequeue(archive, 99) == 0
    assert [waiting.name for waiting in resque.peek("files", 0, 9)] == ["client.archive", "Other"]


def test_dequeue_without_arguments_deletes_every_call_of_the_job(resque: Resque) -> None:
    resque.enqueue_many([(archive, 1), archive.build(2, branch="x")])
    resque.enqueue_to("files", "Other", 1)
    assert resque.dequeue(archive) == 2
    assert resque.dequeue_from("files", "Other") == 1


def test_dequeue_compares_what_the_texts_say(resque: Resque) -> None:
    theirs = b'{ "args" : [{"b": [1, 2], "a": "\\u00e9"}], "job_id": 7, "class":"client.archive" }'
    resque.storage.jobs.enqueue([Entry("i", "files", theirs), Entry("odd", "files", b"\xff")])
    assert resque.dequeue(archive, {"a": "é", "b": (1, 2)}) == 1
    assert resque.size("files") == 1


def test_dequeue_tells_true_one_and_one_point_zero_apart(resque: Resque) -> None:
    resque.enqueue_many([(archive, True), (archive, 1), (archive, 1.0)])
    assert resque.dequeue(archive, 1) == 1
    assert [waiting.args for waiting in resque.peek("files", 0, 9)] == [(True,), (1.0,)]


def test_dequeue_calls_its_hooks_around(resque: Resque, monkeypatch: pytest.MonkeyPatch) -> None:
    resque.enqueue(Hooked, 1)
    CALLS.clear()
    monkeypatch.setattr(Hooked, "veto", False)
    assert resque.dequeue(Hooked, 1) is None
    assert (names(), resque.size("hooked")) == (["before_dequeue"], 1)
    monkeypatch.setattr(Hooked, "veto", None)
    assert resque.dequeue(Hooked, 1) == 1
    assert CALLS[1:] == [("before_dequeue", (1,), {}), ("after_dequeue", (1,), {})]


def test_dequeue_needs_a_queue_and_a_name(resque: Resque) -> None:
    with pytest.raises(NoQueueError):
        resque.dequeue(homeless)
    with pytest.raises(NoClassError):
        resque.dequeue_from("q", "")
    with pytest.raises(InvalidArguments):
        resque.dequeue(archive, {1})


# Push


def test_push_stores_a_payload_of_another_code_base_with_an_id(resque: Resque) -> None:
    pushed = resque.push("q", {"args": (1, [2]), "class": "Theirs", "lang": "ruby"})
    assert resque.peek("q") == [pushed]
    assert text(pushed) == {"class": "Theirs", "args": [1, [2]], "id": pushed.id, "lang": "ruby"}
    assert list(text(pushed))[:2] == ["class", "args"]
    assert pushed.args == (1, [2])


def test_the_same_payload_pushed_twice_is_two_jobs_unless_it_has_an_id(resque: Resque) -> None:
    for _ in range(2):
        resque.push("q", {"class": "Theirs"})
        resque.push("q", {"class": "Theirs", "id": "own"})
    assert resque.size("q") == 3
    assert text(resque.peek("q")[0])["args"] == []


def test_push_calls_no_hooks(resque: Resque) -> None:
    resque.push("q", {"class": "client.Hooked", "args": ["veto"]})
    assert (CALLS, resque.size("q")) == ([], 1)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({}, NoClassError),
        ({"class": "", "args": []}, NoClassError),
        ({"class": None}, NoClassError),
        ({"class": 5}, InvalidArguments),
        ({"class": "A", "args": {}}, InvalidArguments),
        ({"class": "A", "args": "x"}, InvalidArguments),
        ({"class": "A", "kwargs": []}, InvalidArguments),
        ({"class": "A", "args": [{1}]}, InvalidArguments),
        ({"class": "A", "when": utc_now()}, InvalidArguments),
        ({"class": "A", 5: 6}, InvalidArguments),
        ([], InvalidArguments),
        (None, InvalidArguments),
        ("{}", InvalidArguments),
    ],
)
def test_push_refuses_what_is_no_job(resque: Resque, payload: Any, error: type[EnqueueError]) -> None:
    with pytest.raises(error):
        resque.push("q", payload)
    assert resque.queues() == []


# Inline


def test_inline_jobs_run_at_once_with_what_json_makes_of_their_arguments(resque: Resque) -> None:
    resque.inline = True
    assert resque.inline
    stored = resque.enqueue(Hooked, (1, 2), x=(3,))
    assert isinstance(stored, Job)
    assert ("perform", ([1, 2],), {"x": [3]}) in CALLS
    assert names() == ["before_enqueue", "perform", "after_enqueue"]
    resque.inline = False
    assert resque.queues() == []
    assert resque.info()["processed"] == 0


def test_inline_jobs_raise_to_the_enqueuer_after_their_failure_hooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*args: Any) -> None:
        raise ZeroDivisionError("inline")

    monkeypatch.setattr(Hooked, "perform", explode)
    with Resque(f"sqlite:///{tmp_path}/1.db", inline=True) as resque:
        with pytest.raises(ZeroDivisionError):
            resque.enqueue(Hooked, 1)
        assert names() == ["before_enqueue", "on_failure"]
        assert list(tmp_path.glob("1.db*")) == []


# Workers and info


def a_worker(name: str) -> WorkerInfo:
    return WorkerInfo(id=name, host="h", pid=1, queues=("*",), started_at=utc_now())


def test_workers_are_listed_and_those_that_hold_a_job(resque: Resque) -> None:
    for name in ("h:2:*", "h:1:*"):
        resque.storage.workers.register(a_worker(name), 30)
    resque.enqueue(archive, 1)
    resque.storage.jobs.reserve(["files"], "h:1:*", "token")
    assert [worker.id for worker in resque.workers()] == ["h:1:*", "h:2:*"]
    assert [worker.id for worker in resque.working()] == ["h:1:*"]


def test_info_tells_everything_at_a_glance(resque: Resque, monkeypatch: pytest.MonkeyPatch) -> None:
    resque.enqueue_many([(archive, 1), (archive, 2), (Thumbnail, 3)])
    resque.storage.workers.register(a_worker("h:1:*"), 30)
    resque.storage.jobs.reserve(["files"], "h:1:*", "token")
    resque.stats.increment("processed", 7)
    resque.enqueue_to("failing", archive, 4)
    with resque.reserve("failing") as held:
        assert held is not None
        held.fail(ValueError("x"))
    resque.pause_all()
    monkeypatch.setenv("RAILS_ENV", "production")
    assert resque.info() == {
        "pending": 2,
        "processed": 8,
        "failed": 1,
        "expired": 0,
        "delayed": 0,
        "retrying": 0,
        "queues": 3,
        "workers": 1,
        "working": 1,
        "paused": True,
        "servers": [resque.location],
        "namespace": "resque",
        "store": "sqlite",
        "source": "argument",
        "environment": "production",
    }


def test_a_stream_is_read_and_stored_a_chunk_at_a_time(resque: Resque) -> None:
    read, told = [], []

    def calls() -> Iterator[tuple[Any, ...]]:
        for number in range(5):
            read.append(number)
            yield (archive, number)

    def progress(stored: int) -> None:
        told.append((stored, len(read), len(resque.peek("files", 0, 9))))

    assert resque.enqueue_stream(calls(), chunk=2, progress=progress) == 5
    assert told == [(2, 2, 2), (4, 4, 4), (5, 5, 5)]


def test_a_stream_counts_what_was_stored(resque: Resque) -> None:
    assert resque.enqueue_stream([(Hooked, 1), (Hooked, "veto")], chunk=1) == 1
    assert resque.enqueue_stream([]) == 0


def test_a_refused_item_ends_a_stream_and_its_error_tells_what_was_stored(resque: Resque) -> None:
    calls = [(archive, 1), (archive, 2), (archive, 3), (archive, object())]
    with pytest.raises(InvalidArguments) as refused:
        resque.enqueue_stream(calls, chunk=2)
    assert refused.value.__notes__ == ["2 jobs were stored before that; of what follows none."]
    assert [job.args for job in resque.peek("files", 0, 9)] == [(1,), (2,)]
    with pytest.raises(InvalidArguments, match="chunk=0"):
        resque.enqueue_stream(calls, chunk=0)
