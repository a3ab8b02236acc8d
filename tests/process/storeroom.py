"""Jobs for the process tests. Each appends a line to the file in SHOP_LOG: evidence of its own."""

import atexit
import contextlib
import ctypes
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from logging.handlers import MemoryHandler
from pathlib import Path

from resque_core import Retry, TermException, current_job, job
from resque_core.process.parent_death import outlive_parent


def tell(*words: object) -> None:
    line = " ".join(str(word) for word in words) + "\n"
    descriptor = os.open(os.environ["SHOP_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def wait_for_file(path: str, seconds: float = 60.0) -> None:
    limit = time.monotonic() + seconds
    while not Path(path).exists() and time.monotonic() < limit:
        time.sleep(0.005)


@job(queue="shop")
def pack(number: int) -> None:
    tell("packed", number, os.getpid())


@job(queue="shop")
def break_down(message: str) -> None:
    raise ValueError(message)


@job(queue="shop", retry=Retry(limit=1))
def stumble(number: int) -> None:
    """Fails once."""
    running = current_job()
    if running and running.attempt == 1:
        raise ValueError("once")
    tell("packed", number, os.getpid())


@job(queue="shop")
def hold(path: str) -> None:
    """Runs until the file appears."""
    tell("holding", os.getpid(), os.getppid(), os.getpgid(0))
    wait_for_file(path)
    tell("held", os.getpid())


@job(queue="shop")
def linger(path: str) -> None:
    """Ends by itself, when the file appears and its parent is gone."""
    outlive_parent()
    parent = os.getppid()
    tell("lingering", os.getpid())
    wait_for_file(path)
    while os.getppid() == parent:
        time.sleep(0.01)
    time.sleep(0.3)
    tell("left", os.getpid())
    os._exit(0)


@job(queue="shop")
def announce(path: str) -> None:
    """Says how far it is, and runs until the file appears."""
    running = current_job()
    if running:
        running.progress(1, 2)
    wait_for_file(path)
    tell("packed", os.getpid())


@job(queue="shop")
class Endures:
    """Runs until the file appears, or it is told to end; if it is deaf, not even then."""

    queue = "shop"

    @staticmethod
    def perform(path: str, deaf: bool) -> None:
        tell("enduring", os.getpid())
        try:
            wait_for_file(path)
        except TermException:
            tell("told")
            if not deaf:
                raise
            wait_for_file(path)
        tell("endured")

    @staticmethod
    def on_failure_tell(error: BaseException, *_: object) -> None:
        tell("on_failure", type(error).__name__)


@job(queue="shop")
class Told:
    """Tells what became of it."""

    queue = "shop"

    @staticmethod
    def perform(_word: str) -> None:
        tell("performed")

    @staticmethod
    def on_failure_tell(error: BaseException, _word: str) -> None:
        tell("on_failure", type(error).__name__)


@job(queue="shop")
def log(text: str) -> None:
    """Speaks through a logger of its own."""
    logging.getLogger("storeroom").info(text)


@job(queue="shop")
def log_into_memory(text: str) -> None:
    """Through a handler that keeps lines back until it is closed, and that was not there before."""
    log = logging.getLogger("storeroom")
    log.addHandler(MemoryHandler(100, target=logging.StreamHandler()))
    log.propagate = False
    log.info(text)


@job(queue="shop")
def leave_something_for_the_exit(seconds: float = 0.0) -> None:
    atexit.register(tell, "at_exit")
    # Those that were registered last are called first.
    atexit.register(time.sleep, seconds)


@job(queue="shop")
class Vanishes:
    """Its child is dead, and its failure hook runs until the file appears."""

    queue = "shop"

    @staticmethod
    def perform(_path: str, _deaf: bool) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    @staticmethod
    def on_failure_tell(error: BaseException, path: str, _deaf: bool) -> None:
        tell("enduring", os.getpid())
        wait_for_file(path)
        tell("on_failure", type(error).__name__)


@job(queue="shop")
def grow_and_hold(megabytes: int, path: str) -> None:
    """Holds with so much memory in use."""
    used = bytearray(os.urandom(1024) * 1024 * megabytes)
    tell("holding", os.getpid(), len(used))
    wait_for_file(path)


@job(queue="shop")
def die(number: int) -> None:
    tell("dying", os.getpid())
    os.kill(os.getpid(), number)
    time.sleep(60)


@job(queue="shop")
def leave(status: int) -> None:
    os._exit(status)


@job(queue="shop")
def raise_exit(status: int) -> None:
    sys.exit(status)


@job(queue="shop")
def fall_through_a_fork() -> None:
    """The grandchild returns into the library's code."""
    if os.fork() == 0:
        tell("grandchild", os.getpid())
        return
    os.wait()
    tell("forked", os.getpid())


@job(queue="shop")
def leave_a_grandchild() -> None:
    """Leaves a process behind that holds every descriptor of the job."""
    pid = os.fork()
    if pid == 0:
        time.sleep(300)
        os._exit(0)
    tell("left", pid)


@job(queue="shop")
def close_everything() -> None:
    os.closerange(3, 256)
    tell("closed", os.getpid())


@job(queue="shop")
def close_everything_and_hold(path: str) -> None:
    os.closerange(3, 256)
    tell("closed", os.getpid())
    wait_for_file(path)


@job(queue="shop")
def write_rubbish() -> None:
    """Writes to every descriptor that a job should leave alone."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\xff" * 64)
        except OSError:
            continue
    time.sleep(60)


@job(queue="shop")
def shout(text: str) -> None:
    print(text)
    tell("shouted")


@job(queue="shop")
def shout_and_hold(text: str, path: str) -> None:
    print(text)
    tell("shouted")
    wait_for_file(path)


@job(queue="shop")
def report_signals() -> None:
    names = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD)
    handlers = [signal.getsignal(name) for name in names]
    subprocess.run(["true"], check=True)
    tell("signals", all(handler == signal.SIG_DFL for handler in handlers), signal.set_wakeup_fd(-1))


@job(queue="shop")
def survive_signals_of_others() -> None:
    """What ends a job is its worker's to send; what the job starts is the job's to end."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        os.kill(os.getpid(), number)
    program = subprocess.Popen(["sleep", "60"])
    program.terminate()
    # Often, because Python drops a signal that comes while a fork is under way: that takes a moment's luck.
    tell("ended", -program.wait(), *{_signal_that_ended_a_newborn() for _ in range(50)})


def _signal_that_ended_a_newborn() -> int:
    forked = os.fork()
    if forked == 0:
        time.sleep(60)
        os._exit(0)
    os.kill(forked, signal.SIGTERM)
    return os.WTERMSIG(os.waitpid(forked, 0)[1])


@job(queue="shop")
class Watched:
    """Its on_failure hook runs in the app process when its child dies."""

    queue = "shop"

    @staticmethod
    def perform(number: int) -> None:
        os.kill(os.getpid(), number)

    @staticmethod
    def on_failure_tell(error: BaseException, number: int) -> None:
        tell("on_failure", type(error).__name__, number, os.getpid())


@job(queue="shop")
class KillsItsApp:
    """Its on_failure hook takes the app process with it."""

    queue = "shop"

    @staticmethod
    def perform() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    @staticmethod
    def on_failure_kill(_error: BaseException) -> None:
        tell("killing", os.getpid())
        os.kill(os.getpid(), signal.SIGKILL)


@job(queue="shop")
def pass_on(number: int) -> None:
    """Enqueues another job from inside a job."""
    pack.enqueue(number)


def set_up() -> None:
    tell("setup", os.getpid())


def adopt_orphans() -> None:
    """As process 1 of a container does: descendants that lose their parent become this one's children."""
    pr_set_child_subreaper = 36
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1)


def refuse_forks() -> None:
    """As on a machine that is out of processes."""

    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    os.fork = refuse


@job(queue="shop")
def start_a_program(seconds: int) -> None:
    """Starts a program in the job's own process group, and waits for it."""
    program = subprocess.Popen(["sleep", str(seconds)])
    tell("program", program.pid)
    program.wait()


@job(queue="shop")
def start_a_daemon() -> None:
    """Leaves a process behind that is out of our reach."""
    daemon = subprocess.Popen(["sleep", "60"], start_new_session=True)
    tell("daemon", daemon.pid)


@job(queue="shop")
def read_the_terminal() -> None:
    tell("read", repr(sys.stdin.read()))


@job(queue="shop")
def tell_handlers() -> None:
    tell("handlers", signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL, len(signal.pthread_sigmask(0, ())))


@job(queue="shop")
def fork_and_fall_through() -> None:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        tell("waited")


@job(queue="shop")
class HangsInItsHook:
    queue = "shop"

    @staticmethod
    def perform() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    @staticmethod
    def on_failure_hang(_error: BaseException) -> None:
        tell("hanging", os.getpid())
        time.sleep(60)


@job(queue="shop")
def claim_gigabytes() -> None:
    """Says that a message follows whose length has thousands of digits."""
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"done " + b"9" * 5000 + b"\n")
    time.sleep(60)


def hang_after_forks() -> None:
    """As a library that waits, in each new process, for something that never comes."""
    os.register_at_fork(after_in_child=lambda: time.sleep(60))


def leave_few_descriptors() -> None:
    """As on a machine with a low limit of open files: one more is too many."""
    free = os.dup(0)
    os.close(free)
    limit = free + int(os.environ["SHOP_SPARE"])
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def take_signals() -> None:
    """As a module that does as it likes with signals when it is imported."""
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1})


def reap_every_child() -> None:
    """As a module whose thread collects children that are not its own."""

    def reap() -> None:
        while True:
            try:
                os.wait()
            except ChildProcessError:
                time.sleep(0.001)

    threading.Thread(target=reap, daemon=True).start()
