"""In which order a worker asks its queues."""

from resque_core.queue_order import arranged

QUEUES = ["a", "b", "c"]


def test_strict_asks_as_listed() -> None:
    assert arranged(QUEUES, "strict", "b") == QUEUES


def test_round_robin_begins_behind_the_queue_that_had_the_last_job() -> None:
    assert arranged(QUEUES, "round-robin", None) == QUEUES
    assert arranged(QUEUES, "round-robin", "a") == ["b", "c", "a"]
    assert arranged(QUEUES, "round-robin", "c") == QUEUES
    assert arranged(QUEUES, "round-robin", "gone") == QUEUES


def test_shuffle_asks_all_of_them_in_orders_that_differ() -> None:
    orders = {tuple(arranged(QUEUES, "shuffle", None)) for _ in range(200)}
    assert len(orders) == 6
    assert {frozenset(order) for order in orders} == {frozenset(QUEUES)}
