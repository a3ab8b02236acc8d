"""Signals to a pool's manager that come faster than it answers."""

import signal

from resque_core.process.pool.orders import Orders


def test_the_same_signal_counts_once_where_it_came_last() -> None:
    """A pool that is paused, resumed and paused is paused."""
    orders = Orders([signal.SIGUSR2, signal.SIGCONT])
    actions = orders.actions()
    for number in (signal.SIGUSR2, signal.SIGCONT, signal.SIGUSR2):
        actions[number]()
    assert [orders.next(), orders.next(), orders.next()] == [signal.SIGCONT, signal.SIGUSR2, None]
