"""What our client writes and answers, beside what Ruby's does. Tests carry the numbers of `data/`."""

import json
from typing import Any

import pytest
from golden.jobs import (
    AddJob,
    BoomError,
    MethodQueueJob,
    NilHookJob,
    NoArgsJob,
    OtherJob,
    RejectedJob,
    Welcome,
)
from golden.normal import Symbol, inspect
from golden.scene import Scene

from resque_core import Job, Resque


def body_of(job: Job | None) -> Any:
    return job and json.loads(job.payload)


def test_01_jobs_lie_on_their_queues_in_the_order_in_which_they_came(scene: Scene) -> None:
    scene.resque.enqueue(AddJob, 1, 2)
    scene.resque.enqueue(AddJob, 3, 4)
    scene.resque.enqueue(NoArgsJob)
    scene.resque.enqueue(OtherJob, "a", {"k": "v"})
    scene.compare("01")


def test_03_a_queue_may_have_any_name(scene: Scene) -> None:
    scene.resque.enqueue(Welcome, 7)
    scene.resque.enqueue(MethodQueueJob, 1)
    for queue in ("with:colon", "日本", "a/b?c=d"):
        scene.resque.enqueue_to(queue, OtherJob, 1)
    scene.compare("03")


def test_04_a_hook_that_says_false_keeps_a_job_out(scene: Scene) -> None:
    scene.compare(
        "04",
        returned_rejected=inspect(scene.resque.enqueue(RejectedJob, 1)),
        returned_nil_hook=inspect(scene.resque.enqueue(NilHookJob, 1)),
    )


def test_05_any_object_can_be_pushed_popped_and_looked_at(scene: Scene) -> None:
    resque = scene.resque
    for queue, payload in (("people", {"name": "chris"}), ("people", {"name": "bob"}), ("gone", {"x": 1})):
        resque.push(queue, payload)
    scene.compare(
        "05",
        pop=inspect(body_of(resque.pop("people"))),
        pop_last=inspect(body_of(resque.pop("gone"))),
        pop_empty=inspect(body_of(resque.pop("gone"))),
        peek_1=inspect([body_of(job) for job in resque.peek("people")]),
        peek_many=inspect([body_of(job) for job in resque.peek("people", 0, 5)]),
        size=inspect(resque.size("people")),
    )


def test_06_a_removed_queue_is_gone_with_its_name(scene: Scene) -> None:
    scene.resque.enqueue(AddJob, 1, 2)
    scene.resque.enqueue(NoArgsJob)
    scene.compare("06", returned=inspect(scene.resque.remove_queue("math")))


def test_07_without_arguments_every_job_of_the_class_is_dequeued(scene: Scene) -> None:
    for call in ((OtherJob, 1), (NoArgsJob,), (OtherJob, 2), (OtherJob, 1)):
        scene.resque.enqueue(*call)
    scene.compare("07", returned=inspect(scene.resque.dequeue(OtherJob)))


def test_09_jobs_can_be_dequeued_from_a_queue_of_choice(scene: Scene) -> None:
    scene.resque.enqueue_to("q2", OtherJob, 1)
    scene.resque.enqueue_to("q2", OtherJob, 2)
    scene.compare("09", returned=inspect(scene.resque.dequeue_from("q2", "OtherJob", 2)))


def test_10_counters_are_those_of_ruby(scene: Scene) -> None:
    stats = scene.resque.stats
    for name, by in (("processed", 1), ("failed", 1), ("custom", 5), ("gone", 1), ("down", -1)):
        stats.increment(name, by)
    down = stats.get("down")
    stats.clear("gone")
    stats.clear("down")
    scene.compare("10", get=inspect([stats.get("custom"), stats.get("none")]), decr=inspect(down))


def test_11_sizes_samples_and_information_say_the_same(scene: Scene) -> None:
    scene.resque.enqueue(AddJob, 1, 2)
    scene.resque.enqueue(AddJob, 3, 4)
    scene.resque.enqueue(NoArgsJob)
    samples = {
        name: {Symbol("size"): sample["size"], Symbol("samples"): list(map(body_of, sample["samples"]))}
        for name, sample in scene.resque.sample_queues(1).items()
    }
    scene.compare(
        "11",
        info=scene.info(),
        queue_sizes=scene.resque.queue_sizes(),
        keys=sorted(key.decode() for key in scene.resque.connection.keys("*")),
        **{"sample_queues(1)": inspect(samples)},
    )


def test_12_namespaces_are_apart_and_named_as_ruby_names_them(scene: Scene) -> None:
    address = scene.url.removeprefix("redis://").replace("/", ":")
    scene.resque.enqueue(AddJob, 1, 2)
    with Resque(scene.url, namespace="resque:GitHub", ruby=True) as resque:
        resque.enqueue(AddJob, 5, 6)
    with Resque(f"{address}/other", ruby=True) as resque:
        resque.enqueue(AddJob, 7, 8)
        resque.stats.increment("processed")
    scene.compare("12")


def test_13_inline_jobs_touch_no_redis(scene: Scene) -> None:
    scene.resque.inline = True
    returned = inspect(scene.resque.enqueue(AddJob, 1, 2))
    with pytest.raises(BoomError) as raised:
        scene.resque.enqueue("FailJob", "inline")
    scene.compare("13", returned=returned, raised=f"{type(raised.value).__name__}: {raised.value}")
