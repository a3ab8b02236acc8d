"""What failed jobs leave, beside what Ruby's do. A scenario is named by its number in `data/`."""

from golden.jobs import fail, fail_deep, fail_in_bytes, fail_in_unicode, fail_silently, kill_myself, want_two
from golden.scene import Scene

DONE = "pid <PID> exit 0"


def have_failed(scene: Scene, *messages: str) -> None:
    """Let jobs fail with these messages."""
    for message in messages:
        scene.resque.enqueue(fail, message)
    scene.work_off()


def test_40_a_failed_job_is_in_the_failed_list(scene: Scene) -> None:
    scene.resque.enqueue(fail, "kaboom", {"k": [1]})
    scene.work_off()
    scene.compare("40", worker_exit=DONE)


def test_41_while_the_worker_lives_its_own_counters_are_there(scene: Scene) -> None:
    scene.resque.enqueue(fail)
    worker = scene.start("failing")
    scene.wait(lambda: scene.resque.stats.get("failed") == 1 and "Waiting" in scene.title(worker))
    scene.compare("41")


def test_42_messages_are_kept_whatever_they_are(scene: Scene) -> None:
    scene.resque.enqueue(fail_in_unicode, "ü")
    scene.resque.enqueue(fail_in_bytes)
    scene.resque.enqueue(fail_silently)
    scene.resque.push("failing", {"class": "No::Such::Thing", "args": [1]})
    scene.resque.enqueue_to("failing", want_two, 1)
    scene.resque.enqueue_to("failing", "PerformlessJob")
    scene.resque.enqueue(fail_deep, 1)
    scene.resque.push("failing", {"class": "python.module.Job", "args": [1]})
    scene.resque.push("failing", {"class": "other-job", "args": [1]})
    scene.work_off()
    scene.compare("42", worker_exit=DONE)


def test_43_a_failure_that_is_retried_and_kept_says_so(scene: Scene) -> None:
    have_failed(scene, "one", "two")
    assert scene.resque.failures.requeue(0)
    scene.compare("43", worker_exit=DONE)


def test_45_the_failures_of_one_queue_are_retried_or_removed(scene: Scene) -> None:
    scene.resque.enqueue(fail, "one")
    scene.resque.enqueue(fail_deep)
    scene.resque.enqueue(fail, "three")
    scene.work_off()
    assert scene.resque.failures.requeue_queue("failing") == 2
    assert scene.resque.failures.remove_queue("failing_two") == 1
    scene.compare("45", worker_exit=DONE)


def test_46_one_failure_is_removed_from_between_two(scene: Scene) -> None:
    have_failed(scene, "one", "two", "three")
    assert scene.resque.failures.remove(1)
    scene.compare("46", worker_exit=DONE)


def test_47_cleared_failures_stay_counted(scene: Scene) -> None:
    scene.resque.enqueue(fail)
    scene.work_off()
    scene.resque.failures.clear()
    scene.compare("47", worker_exit=DONE)


def test_49_each_queue_may_have_its_own_list(scene: Scene) -> None:
    scene.resque.enqueue(fail, "one")
    scene.resque.enqueue(fail_deep)
    scene.resque.enqueue(fail, "two")
    scene.work_off(failure_backend=("redis_multi_queue",))
    scene.compare("49", worker_exit=DONE)


def test_51_of_two_stores_the_list_of_the_queue_is_taken(scene: Scene) -> None:
    scene.resque.enqueue(fail, "one")
    scene.work_off(failure_backend=("redis", "redis_multi_queue"))
    scene.compare("51", worker_exit=DONE)


def test_52_a_child_that_was_killed_leaves_a_dirty_exit(scene: Scene) -> None:
    scene.resque.enqueue(kill_myself)
    worker = scene.start("suicide")
    scene.wait(lambda: scene.resque.failures.count() == 1 and "Waiting" in scene.title(worker))
    scene.compare("52")
