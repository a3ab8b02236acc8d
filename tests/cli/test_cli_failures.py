"""`resque failures`: what failed is found, run again, or deleted; and what was done is counted."""

from datetime import timedelta
from typing import Any

import pytest

from resque_core import Failure, Resque
from resque_core.cli import failures
from resque_core.cli.which import moment
from resque_core.clock import from_iso, to_iso, utc_now
from resque_core.errors import SettingsError
from resque_core.failure_store import FailureStore
from resque_core.job import Entry
from tests.cli.command import Command, Said
from tests.cli.store_of import a_failure, fail_next


def ids(said: Said) -> list[str]:
    return [failure["id"] for failure in said.json]


@pytest.fixture
def three(resque: Resque) -> tuple[Failure, ...]:
    now = utc_now()
    old = a_failure(resque, now - timedelta(hours=5), queue="slow", name="Report", exception="OSError")
    mid = a_failure(resque, now - timedelta(hours=2), exception="shop.errors.Refused")
    return old, mid, a_failure(resque, now)


def test_a_failure_as_json_tells_everything(command: Command, resque: Resque) -> None:
    failure = a_failure(resque, args=(42, {"a": 1}))
    assert command("failures", "list", "--json").json == [
        {
            "id": failure.id,
            "job_id": failure.job_id,
            "queue": "mail",
            "class": "Mailer",
            "args": [42, {"a": 1}],
            "kwargs": {},
            "exception": "shop.errors.Timeout",
            "error": "no answer",
            "backtrace": ["shop/jobs.py:12:in `send'"],
            "worker": failure.worker,
            "failed_at": to_iso(failure.failed_at),
            "retried_at": None,
            "attempts": [
                {
                    "attempt": 1,
                    "at": to_iso(failure.failed_at),
                    "exception": failure.exception,
                    "error": failure.error,
                }
            ],
        }
    ]


def test_an_empty_store_lists_nothing(command: Command) -> None:
    said = command("failures", "list")
    assert (said.code, len(said.lines)) == (0, 1)
    assert "Nothing has failed" in said.err
    assert command("failures", "list", "--json").out == "[]\n"


def test_a_failure_shows_all_of_its_attempts(command: Command, resque: Resque) -> None:
    lines = [
        {"attempt": n, "at": f"2026-11-2{n}T00:00:00.000000Z", "exception": "E", "error": f"no {n}"}
        for n in (1, 2)
    ]
    resque.push("mail", {"class": "Mailer", "args": [], "history": lines})
    resque.push("mail", {"class": "Mailer", "args": [1]})
    for error in (ValueError("no 2"), ValueError("once")):
        with resque.reserve("mail") as held:
            assert held
            held.fail(error)
    once, several = resque.failures.peek(0, 2)
    said = command("failures", "show", several.id)
    assert [line for line in said.lines if line.startswith("attempt ")] == [
        "attempt 1  2026-11-21T00:00:00.000000Z  E: no 1",
        "attempt 2  2026-11-22T00:00:00.000000Z  E: no 2",
    ]
    assert command("failures", "show", several.id, "--json").json["attempts"] == lines
    (alone,) = command("failures", "show", once.id, "--json").json["attempts"]
    assert (alone["attempt"], alone["exception"], alone["error"]) == (1, "ValueError", "once")
    assert "attempt 1" not in command("failures", "show", once.id).out


def test_the_table_shows_the_newest_first_in_full(command: Command, three: tuple[Failure, ...]) -> None:
    lines = command("failures", "list").lines
    assert [line.split()[0] for line in lines[1:]] == [failure.id for failure in reversed(three)]
    assert lines[2].split(maxsplit=5)[1:] == ["2", "h", "mail", "Mailer", "shop.errors.Refused: no answer"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--exception", "OSError"], [0]),
        (["--exception", "Refused"], [1]),
        (["--exception", "shop.errors.Refused"], [1]),
        (["--class", "Mailer"], [2, 1]),
        (["--queue", "slow"], [0]),
        (["--since", "3h"], [2, 1]),
        (["--since", "10800s", "--until", "60m"], [1]),
        (["--until", "0d"], [2, 1, 0]),
        (["--queue", "mail", "--since", "1h"], [2]),
        (["--start", "1"], [1, 0]),
        (["--limit", "2"], [2, 1]),
        (["--start", "1", "--limit", "1"], [1]),
        (["--queue", "nowhere"], []),
    ],
)
def test_failures_are_chosen_by_filters(
    command: Command, three: tuple[Failure, ...], words: tuple[str, ...], found: list[int]
) -> None:
    assert ids(command("failures", "list", "--json", *words)) == [three[index].id for index in found]


def test_a_time_may_be_a_date(command: Command, three: tuple[Failure, ...]) -> None:
    moment = to_iso(three[1].failed_at - timedelta(seconds=1))
    assert ids(command("failures", "list", "--json", "--since", moment)) == [three[2].id, three[1].id]


@pytest.mark.parametrize("when", ["yesterday", "2 h", "h", "-2h", "999999999w", "2026-13-01", "", "٢h"])
@pytest.mark.parametrize("option", ["--since", "--until"])
def test_what_is_no_time_is_refused(command: Command, option: str, when: str) -> None:
    said = command("failures", "list", option, when)
    assert said.code == 2
    assert said.err.startswith(f"resque: error: {option}: '{when}' is not a time.")


def test_a_date_without_a_zone_is_utc() -> None:
    assert moment("2026-11-22T08:30", "--since") == from_iso("2026-11-22T08:30:00Z")
    with pytest.raises(SettingsError):
        moment("never", "--since")


def test_a_long_list_goes_through_several_windows(
    command: Command, resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "WINDOW", 3)
    expected = [a_failure(resque).id for _ in range(8)]
    assert ids(command("failures", "list", "--json")) == expected[::-1]
    assert ids(command("failures", "list", "--json", "--limit", "5", "--start", "1")) == expected[::-1][1:6]


def test_the_table_says_when_there_are_more(command: Command, three: tuple[Failure, ...]) -> None:
    said = command("failures", "list", "--limit", "2")
    assert len(said.lines) == 3
    assert said.err == "1 to 2 of 3; --start and --limit show others.\n"
    assert command("failures", "list").err == ""


def test_one_failure_is_shown_with_its_backtrace(command: Command, resque: Resque) -> None:
    failure = a_failure(resque)
    said = command("failures", "show", failure.id)
    assert "exception  shop.errors.Timeout" in said.lines
    assert "args       [42]" in said.lines
    assert said.lines[-1] == "    shop/jobs.py:12:in `send'"
    assert command("failures", "show", failure.id, "--json").json["id"] == failure.id


def test_a_failure_that_is_not_there_ends_with_1(command: Command) -> None:
    for words in (("show", "nothing"), ("show", "nothing", "--json")):
        said = command("failures", *words)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith("resque: error: There is no failure nothing.")


def test_bytes_that_are_no_job_are_told_as_such(command: Command, resque: Resque) -> None:
    resque.storage.jobs.enqueue([Entry("bad", "mail", b"\xff{")])
    failure = fail_next(resque, "mail", name="", exception="BadPayload")
    (shape,) = command("failures", "list", "--json").json
    assert (shape["class"], shape["args"], shape["kwargs"]) == (None, None, None)
    assert shape["payload_base64"] == "/3s="
    assert "not a job" in command("failures", "list").out
    assert "payload_base64  /3s=" in command("failures", "show", failure.id).lines


def test_named_failures_are_retried(command: Command, resque: Resque, three: tuple[Failure, ...]) -> None:
    said = command("failures", "retry", three[0].id, three[2].id)
    assert (said.code, said.out) == (0, "2 retried, 0 already gone, 0 not retryable\n")
    assert resque.queue_sizes() == {"mail": 1, "slow": 1}
    assert [failure.id for failure in resque.failures.all()] == [three[1].id]


def test_an_id_that_is_not_there_ends_with_1_and_the_others_are_retried(
    command: Command, resque: Resque, three: tuple[Failure, ...]
) -> None:
    said = command("failures", "retry", "nothing", three[0].id)
    assert (said.code, said.out) == (1, "1 retried, 1 already gone, 0 not retryable\n")
    assert "nothing: there is no such failure" in said.err
    assert resque.size("slow") == 1


def test_a_kept_failure_is_retried_once_and_again_only_when_asked(
    command: Command, resque: Resque, three: tuple[Failure, ...]
) -> None:
    one = three[0].id
    assert command("failures", "retry", one, "--keep").code == 0
    kept = resque.failures.get(one)
    assert kept is not None
    assert kept.retried_at
    assert "(retried)" in command("failures", "list", "--queue", "slow").out
    resque.clear_queue("slow")
    refused = command("failures", "retry", one)
    assert (refused.code, refused.out) == (1, "0 retried, 0 already gone, 1 not retryable\n")
    assert "--again" in refused.err
    assert command("failures", "retry", one, "--again", "--keep").code == 0
    assert resque.size("slow") == 1


def test_all_that_match_are_retried_to_another_queue(
    command: Command, resque: Resque, three: tuple[Failure, ...]
) -> None:
    said = command("failures", "retry", "--all", "--class", "Mailer", "--to-queue", "later")
    assert said.out == "2 retried, 0 already gone, 0 not retryable\n"
    assert resque.size("later") == 2
    assert [failure.id for failure in resque.failures.all()] == [three[0].id]


def test_all_leaves_those_alone_that_were_retried_before(
    command: Command, resque: Resque, three: tuple[Failure, ...]
) -> None:
    command("failures", "retry", three[0].id, "--keep")
    said = command("failures", "retry", "--all", "--keep")
    assert (said.code, said.out) == (0, "2 retried, 0 already gone, 0 not retryable\n")
    assert resque.failures.count() == 3


def test_all_goes_past_those_that_cannot_be_retried(
    command: Command, resque: Resque, three: tuple[Failure, ...]
) -> None:
    # Its job waits already: the same job was kept as a failure and retried.
    command("failures", "retry", "--all", "--keep")
    said = command("failures", "retry", "--all", "--again")
    assert (said.code, said.out) == (0, "0 retried, 0 already gone, 3 not retryable\n")


def test_a_queue_name_that_cannot_be_used_is_refused(
    command: Command, resque: Resque, three: tuple[Failure, ...]
) -> None:
    said = command("failures", "retry", three[0].id, "--to-queue", "a,b")
    assert said.code == 1
    assert resque.failures.count() == 3


def test_named_failures_are_removed(command: Command, resque: Resque, three: tuple[Failure, ...]) -> None:
    said = command("failures", "remove", three[0].id, "nothing")
    assert (said.code, said.out) == (1, "1 removed, 1 already gone\n")
    assert command("failures", "remove", three[1].id).code == 0
    assert [failure.id for failure in resque.failures.all()] == [three[2].id]


@pytest.mark.parametrize("verb", ["remove", "clear"])
def test_all_that_match_are_removed(
    command: Command, resque: Resque, three: tuple[Failure, ...], verb: str
) -> None:
    assert command("failures", verb, "--all", "--until", "1h").out == "2 failures removed\n"
    assert command("failures", verb, "--all").out == "1 failure removed\n"
    assert resque.failures.count() == 0


@pytest.mark.parametrize(
    "words",
    [
        ("retry",),
        ("remove",),
        ("clear",),
        ("retry", "--queue", "mail"),
        ("clear", "--since", "2h"),
        ("retry", "x", "--all"),
        ("remove", "x", "--queue", "mail"),
    ],
)
def test_it_must_be_clear_which_failures_are_meant(
    command: Command, resque: Resque, three: tuple[Failure, ...], words: tuple[str, ...]
) -> None:
    said = command("failures", *words)
    assert said.code == 2
    assert "--all" in said.err
    assert resque.failures.count() == 3


def test_a_failure_that_goes_while_it_is_looked_at_is_counted_as_gone(
    command: Command, resque: Resque, three: tuple[Failure, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = list(three)
    monkeypatch.setattr(FailureStore, "each", lambda self, which: iter(everything))
    resque.failures.remove(three[1].id)
    said = command("failures", "retry", "--all")
    assert (said.code, said.out) == (0, "2 retried, 1 already gone, 0 not retryable\n")


def test_a_retried_job_that_fails_at_once_is_not_met_again(
    command: Command, resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_failure(resque)
    real = FailureStore.requeue_many

    def requeue_and_fail(self: FailureStore, failures: Any, *args: Any, **options: Any) -> list[str]:
        done = real(self, failures, *args, **options)
        fail_next(resque, "mail")
        return done

    monkeypatch.setattr(FailureStore, "requeue_many", requeue_and_fail)
    assert command("failures", "retry", "--all").out.startswith("1 retried")
    (again,) = resque.failures.all()
    assert again.id != first.id
    assert again.job_id == first.job_id


def test_the_job_goes_on_under_its_id(command: Command, resque: Resque) -> None:
    failure = a_failure(resque)
    command("failures", "retry", failure.id)
    assert resque.peek("mail")[0].id == failure.job_id
    assert resque.peek("mail")[0].payload == failure.payload


def test_sort_says_how_many_it_moved(command: Command, three: tuple[Failure, ...]) -> None:
    said = command("failures", "sort")
    # SQLite has one table: that lists are made on Redis is tested there.
    assert (said.code, said.out) == (0, "0 failures moved to the lists of their queues\n")
    assert ids(command("failures", "list", "--json")) == [failure.id for failure in reversed(three)]
