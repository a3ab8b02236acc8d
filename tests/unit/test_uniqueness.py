"""Unique jobs, as programs see them."""

from collections.abc import Iterator
from typing import Any

import pytest

from resque_core import AlreadyEnqueued, Resque, job
from resque_core.claim import Claim
from resque_core.errors import InvalidArguments, RegistrationError
from resque_core.uniqueness import Uniqueness

ENQUEUED: list[Any] = []


@job(queue="q", name="unique.started", unique="until_start")
def until_start(number: int, *, why: str = "") -> None: ...


@until_start.hook
def after_enqueue_note(number: int, *, why: str = "") -> None:
    ENQUEUED.append(number)


@job(queue="q", name="unique.done", unique="until_done", on_duplicate="raise")
def until_done(*anything: Any) -> None: ...


@job(queue="q", name="unique.hourly", unique=3600, unique_key=lambda customer, _text: customer)
def hourly(customer: str, text: str) -> None: ...


@job(queue="q", name="unique.plain")
def plain(number: int) -> None: ...


@pytest.fixture
def resque() -> Iterator[Resque]:
    ENQUEUED.clear()
    with Resque("sqlite://") as resque:
        resque.storage.prepare()
        yield resque


def test_a_duplicate_is_none_and_runs_no_hook_that_says_it_was_enqueued(resque: Resque) -> None:
    assert resque.enqueue(until_start, 1)
    assert resque.enqueue(until_start, 1) is None
    assert resque.enqueue_to("elsewhere", until_start, 1) is None
    assert ENQUEUED == [1]
    assert resque.queue_sizes() == {"q": 1}


def test_a_duplicate_may_be_an_error_that_names_the_job_in_the_way(resque: Resque) -> None:
    first = resque.enqueue(until_done, 1)
    assert first
    with pytest.raises(AlreadyEnqueued, match=first.id):
        resque.enqueue(until_done, 1)


def test_of_many_jobs_only_the_duplicates_are_none(resque: Resque) -> None:
    resque.enqueue(until_done, 1)
    many: list[Any] = [until_done.build(1), (until_done, 2), (plain, 1), (until_done, 2), (plain, 1)]
    assert [bool(found) for found in resque.enqueue_many(many)] == [False, True, True, False, True]
    assert resque.size("q") == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("a-b",), ("a", "b"), id="joined"),
        pytest.param(("a b",), ("ab",), id="spaces"),
        pytest.param((), ("",), id="nothing and an empty text"),
        pytest.param((1,), ("1",), id="number and text"),
        pytest.param((1,), (True,), id="number and truth"),
        pytest.param(([1, 2],), (1, 2), id="list and arguments"),
    ],
)
def test_arguments_that_only_look_alike_are_no_duplicates(
    resque: Resque, one: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    """resque-retry and resque-lock join arguments by a dash, and take the first two for one job."""
    assert resque.enqueue(until_done, *one)
    assert resque.enqueue(until_done, *other)


def test_the_order_of_keys_does_not_matter(resque: Resque) -> None:
    assert resque.enqueue(until_done, {"a": 1, "b": 2})
    with pytest.raises(AlreadyEnqueued):
        resque.enqueue(until_done, {"b": 2, "a": 1})


def test_the_key_may_be_a_part_of_the_arguments(resque: Resque) -> None:
    assert resque.enqueue(hourly, "ada", "one")
    assert resque.enqueue(hourly, "ada", "two") is None
    assert resque.enqueue(hourly, "bob", "one")


def test_jobs_of_another_name_have_keys_of_their_own(resque: Resque) -> None:
    assert resque.enqueue(until_start, 1)
    assert resque.enqueue(until_done, 1)
    assert resque.enqueue(plain, 1)


def test_the_claim_is_in_the_text_and_no_other_jobs_text_says_anything_of_it(resque: Resque) -> None:
    resque.enqueue(hourly, "ada", "one")
    resque.enqueue(plain, 1)
    unique, usual = resque.peek("q", 0, 2)
    assert unique.claim == Claim('unique.hourly:"ada"', "expiry", 3600.0)
    assert usual.claim is None
    assert b'unique":' not in usual.payload


def test_what_another_program_calls_unique_is_kept_as_it_is(resque: Resque) -> None:
    pushed = resque.push("q", {"class": "Theirs", "args": [], "unique": "yes"})
    assert pushed.claim is None
    assert b'"unique":"yes"' in pushed.payload


def test_a_failed_job_is_not_retried_while_another_like_it_waits(resque: Resque) -> None:
    resque.enqueue(until_done, 1)
    with resque.reserve("q") as held:
        assert held
        held.fail(ValueError("no"))
    assert resque.enqueue(until_done, 1)
    (failure,) = resque.failures.peek()
    assert not resque.failures.requeue(failure.id)
    assert resque.failures.requeue_all() == 0
    resque.clear_queue("q")
    assert resque.failures.requeue(failure.id)
    with pytest.raises(AlreadyEnqueued):
        resque.enqueue(until_done, 1)


def test_a_classic_payload_cannot_carry_a_claim() -> None:
    with (
        Resque("sqlite://", classic_payload=True) as resque,
        pytest.raises(InvalidArguments, match="needs unique"),
    ):
        resque.enqueue(until_start, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"unique": "always"}, "until_start"),
        ({"unique": 0}, "number of seconds"),
        ({"unique": True}, "number of seconds"),
        ({"unique": "until_done", "on_duplicate": "explode"}, "'ignore' or 'raise'"),
        ({"unique": "until_done", "unique_key": "customer"}, "a function"),
        ({"unique_key": len}, "give unique"),
        ({"on_duplicate": "raise"}, "give unique"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(RegistrationError, match=said):
        job(queue="q", **options)


def test_a_key_that_is_not_json_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidArguments, match="Return a string"):
        Uniqueness(unique="until_done", unique_key=lambda: object()).claim("some.job", (), {})


def test_a_long_key_is_hashed() -> None:
    unique = Uniqueness(unique="until_done", unique_key=lambda text: text)
    keys = {unique.claim("some.job", ("x" * size,), {}).key for size in (1000, 1001)}
    assert len(keys) == 2
    assert all(len(key) < 100 for key in keys)


def test_a_job_that_was_refused_or_vetoed_claims_nothing(resque: Resque) -> None:
    """Resque's locks were taken before a job was checked, and kept the next one out for ever."""

    @job(queue="q", name="unique.checked", unique="until_done", unique_key=lambda *_args: "key")
    def checked(what: Any) -> None: ...

    @checked.hook
    def before_enqueue_good(what: Any) -> bool:
        return bool(what == "good")

    with pytest.raises(InvalidArguments):
        resque.enqueue(checked, object())
    assert resque.enqueue(checked, "bad") is None
    assert resque.enqueue(checked, "good")
