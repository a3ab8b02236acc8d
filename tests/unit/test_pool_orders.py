"""Signals to a pool's manager that come faster than it answers."""

import signal

from resque_core.process.pool.answers import ANSWERED
from resque_core.process.pool.orders import Orders


def test_the_same_signal_counts_once_where_it_came_last() -> None:
    """A pool that is paused, resumed and paused is paused."""
    orders = Orders([signal.SIGUSR2, signal.SIGCONT])
    actions = orders.actions()
    for number in (signal.SIGUSR2, signal.SIGCONT, signal.SIGUSR2):
        actions[number]()
    assert [orders.next(), orders.next(), orders.next()] == [signal.SIGCONT, signal.SIGUSR2, None]


def test_however_many_come_before_an_answer_none_is_dropped() -> None:
    orders = Orders(ANSWERED)
    for note in orders.actions().values():
        note()
    assert [orders.next() for _ in ANSWERED] == list(ANSWERED)
    assert orders.next() is None
