"""What can be asked of queues, and done to them."""

from typing import Any

import pytest

from resque_core import Resque, job
from resque_core.errors import InvalidQueueName
from resque_core.job import Entry


@job(queue="files", name="queue_client.archive")
def archive(*args: Any, **kwargs: Any) -> None: ...


def test_queues_are_listed_sorted_with_their_sizes(resque: Resque) -> None:
    for queue in ("b", "a", "b"):
        resque.enqueue_to(queue, archive, 1)
    assert resque.queues() == ["a", "b"]
    assert resque.queue_sizes() == {"a": 1, "b": 2}


def test_a_queue_that_nobody_knows_is_empty(resque: Resque) -> None:
    assert resque.size("unknown") == 0
    assert resque.peek("unknown") == []
    assert resque.pop("unknown") is None
    assert resque.latency("unknown") == 0.0
    assert resque.clear_queue("unknown") == resque.remove_queue("unknown") == 0


def test_a_peek_is_a_window(resque: Resque) -> None:
    resque.enqueue_many([(archive, number) for number in range(5)])
    assert [waiting.args for waiting in resque.peek("files", 1, 2)] == [(1,), (2,)]
    assert [waiting.args for waiting in resque.peek("files")] == [(0,)]


def test_pop_takes_the_head(resque: Resque) -> None:
    stored = resque.enqueue_many([(archive, 1), (archive, 2)])
    assert [resque.pop("files"), resque.pop("files"), resque.pop("files")] == [*stored, None]


def test_bytes_that_are_no_job_are_shown_and_popped_with_their_problem(resque: Resque) -> None:
    resque.storage.jobs.enqueue([Entry("odd", "q", b"\xff"), Entry("next", "q", b'{"class":"A"}')])
    (peeked,) = resque.peek("q")
    assert peeked == resque.pop("q")
    assert (peeked.id, peeked.payload) == ("odd", b"\xff")
    assert peeked.problem
    assert resque.pop("q").name == "A"  # type: ignore[union-attr]


def test_waiting_jobs_are_moved_by_id_or_all_in_their_order(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resque_core.queue_client.MOVED_AT_ONCE", 2)
    resque.enqueue_many([(archive, number) for number in range(6)])
    jobs = resque.peek("files", 0, 6)
    assert resque.move("files", "slow", [jobs[4].id, "nobody", jobs[1].id]) == 2
    assert resque.move("files", "slow") == 4
    assert [job.args for job in resque.peek("slow", 0, 9)] == [(1,), (4,), (0,), (2,), (3,), (5,)]
    assert resque.move("files", "slow") == resque.move("slow", "slow") == 0
    assert resque.queue_sizes() == {"files": 0, "slow": 6}


def test_jobs_are_not_moved_to_what_cannot_be_a_queue(resque: Resque) -> None:
    resque.enqueue(archive, 1)
    with pytest.raises(InvalidQueueName, match="holds ','"):
        resque.move("files", "a,b")
    assert resque.size("files") == 1


def test_a_cleared_queue_stays_known_and_a_removed_one_does_not(resque: Resque) -> None:
    for _ in range(2):
        resque.enqueue(archive, 1)
    assert resque.clear_queue("files") == 2
    assert resque.queues() == ["files"]
    resque.enqueue(archive, 1)
    assert resque.remove_queue("files") == 1
    assert resque.queues() == []


def test_odd_queues_of_other_writers_can_be_read_and_removed_by_their_exact_name(resque: Resque) -> None:
    for queue in ("a,b", "!x", "a\nb", "*"):
        resque.storage.jobs.enqueue([Entry(f"i{queue}", queue, b'{"class":"A","args":[]}')])
        assert resque.size(queue) == 1
        assert resque.peek(queue)[0].name == "A"
        assert resque.dequeue_from(queue, "A") == 1
        assert resque.remove_queue(queue) == 0
    assert resque.queues() == []


def test_latency_is_the_age_of_the_oldest(resque: Resque) -> None:
    resque.enqueue(archive, 1)
    assert 0 <= resque.latency("files") < 60


def test_timings_are_of_the_jobs_that_ended(resque: Resque) -> None:
    resque.enqueue(archive, 1)
    with resque.reserve("files") as held:
        assert held is not None
        assert resque.timings("files").duration.total == 0
        held.perform()
    timings = resque.timings("files")
    assert (timings.wait.total, timings.duration.total) == (1, 1)
    assert resque.timings("unknown").wait.total == 0


def test_queues_are_paused_by_name_or_all_together(resque: Resque) -> None:
    resque.enqueue(archive, 1)
    resque.pause("files")
    assert resque.paused() == {"files"}
    with resque.reserve("files") as held:
        assert held is None
    resque.pause_all()
    resque.resume("files")
    assert resque.paused() == {"*"}
    with resque.reserve("files") as held:
        assert held is None
    resque.resume_all()
    assert resque.paused() == frozenset()
    with resque.reserve("files") as held:
        assert held is not None


def test_samples_are_the_first_jobs_of_every_queue_with_its_size(resque: Resque) -> None:
    resque.enqueue_many([(archive, number) for number in range(3)])
    resque.enqueue_to("empty", archive, 1)
    resque.pop("empty")
    assert resque.sample_queues(2) == {
        "empty": {"size": 0, "samples": []},
        "files": {"size": 3, "samples": resque.list_range("files", 0, 2)},
    }


def test_an_active_job_is_shown_by_the_class_that_it_wraps(resque: Resque) -> None:
    wrapper = "ActiveJob::QueueAdapters::ResqueAdapter::JobWrapper"
    resque.enqueue_to("rails", wrapper, {"job_class": "ReportJob", "arguments": [1]})
    for odd in ({"job_class": 5}, "ReportJob"):
        resque.enqueue_to("rails", wrapper, odd)
    shown = [waiting.shown_name for waiting in resque.peek("rails", 0, 3)]
    assert shown == ["ReportJob", wrapper, wrapper]
    resque.enqueue_to("plain", "Mailer", {"job_class": "ReportJob"})
    assert resque.peek("plain")[0].shown_name == "Mailer"
