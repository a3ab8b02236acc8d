"""What a pool's manager does on each signal (spec pool §5; docs/reference/pool.md is the long form)."""

import logging
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resque_core.process.pool.manager import Pool

log = logging.getLogger("resque.pool")

#: SIGINFO where there is one (BSD); Linux has SIGIO under the same number.
SIGINFO = signal.Signals(29)
#: Everything that the manager answers, besides the death of a worker.
ANSWERED = (
    *(signal.SIGHUP, signal.SIGQUIT, signal.SIGINT, signal.SIGTERM, signal.SIGWINCH),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT, SIGINFO),
)


def answer(pool: "Pool", order: signal.Signals) -> None:
    """Do what this signal asks for. While a pool waits for its last jobs, INT or TERM ends the wait."""
    log.info("%s", order.name)
    match order:
        case signal.SIGINT | signal.SIGTERM if pool.waiting:
            pool.abandon()
        case signal.SIGHUP:
            pool.refresh()
        case signal.SIGQUIT:
            pool.leave(signal.SIGQUIT, wait=not pool.settings.term_child)
        case signal.SIGINT:
            pool.leave(pool.gentle, wait=False)
        case signal.SIGTERM:
            _terminate(pool)
        case signal.SIGWINCH:
            _shrink(pool)
        case _:
            _steer(pool, order)


def _steer(pool: "Pool", order: signal.Signals) -> None:
    match order:
        case signal.SIGUSR2:
            pool.pause()
        case signal.SIGCONT:
            pool.resume()
        case signal.SIGUSR1:
            pool.pass_on(order)
        case _:
            pool.inform()


def _terminate(pool: "Pool") -> None:
    behavior = pool.settings.term_behavior
    if behavior == "graceful":
        pool.leave(pool.gentle, wait=False)
    else:
        # A worker hands its job back if it is not done within its grace; `immediate` has left it none.
        pool.leave(signal.SIGTERM, wait=behavior == "graceful-wait")


def _shrink(pool: "Pool") -> None:
    # On a terminal it means that a window changed its size.
    if pool.settings.daemon:
        pool.stop_workers()
