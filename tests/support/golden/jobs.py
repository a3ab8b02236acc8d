"""The jobs of the scenarios, under the names that Ruby gave them."""

import os
import signal
import time
from pathlib import Path

from resque_core import DontPerform, job


class BoomError(Exception): ...


class ArgumentError(Exception): ...


class Explosion(Exception): ...


@job(name="AddJob")
class AddJob:
    queue = "math"

    @staticmethod
    def perform(a: int, b: int) -> int:
        return a + b


@job(name="NoArgsJob")
class NoArgsJob:
    queue = "default"

    @staticmethod
    def perform() -> None: ...


@job(name="OtherJob")
class OtherJob:
    queue = "default"

    @staticmethod
    def perform(*args: object) -> None: ...


@job(name="Mailers::Welcome")
class Welcome:
    queue = "mailers high"

    @staticmethod
    def perform(user: int) -> None: ...


@job(name="MethodQueueJob")
class MethodQueueJob:
    @staticmethod
    def queue() -> str:
        return "from_method"

    @staticmethod
    def perform(number: int) -> None: ...


@job(name="RejectedJob")
class RejectedJob:
    queue = "rejected"

    @staticmethod
    def before_enqueue_reject(number: int) -> bool:
        return False

    @staticmethod
    def perform(number: int) -> None: ...


@job(name="NilHookJob")
class NilHookJob:
    queue = "nilhook"

    @staticmethod
    def before_enqueue_nothing(number: int) -> None: ...

    @staticmethod
    def perform(number: int) -> None: ...


@job(name="FailJob", queue="failing")
def fail(message: str = "kaboom", *more: object) -> None:
    raise BoomError(message)


@job(name="Deep::Nested::FailJob", queue="failing_two")
def fail_deep(*args: object) -> None:
    raise Explosion("nested")


@job(name="UnicodeFailJob", queue="failing")
def fail_in_unicode(text: str) -> None:
    raise RuntimeError("héllo wörld – 日本語 😀")


@job(name="BinaryFailJob", queue="failing")
def fail_in_bytes() -> None:
    raise RuntimeError("bad \udcff\udcfe bytes")


@job(name="EmptyMessageJob", queue="failing")
def fail_silently() -> None:
    raise ArgumentError


@job(name="ArityJob", queue="failing")
def want_two(a: int, b: int) -> None: ...


@job(name="DontPerformJob")
class DontPerformJob:
    queue = "hooks"

    @staticmethod
    def before_perform_refuse() -> None:
        raise DontPerform

    @staticmethod
    def perform() -> None: ...


@job(name="BlockingJob", queue="slow")
def block(name: str, seconds: float) -> None:
    """Ends when the test makes the file of that name."""
    folder = Path(os.environ["GOLDEN_FOLDER"])
    (folder / f"{name}.begun").write_text(str(os.getpid()))
    limit = time.monotonic() + seconds
    while not (folder / name).exists() and time.monotonic() < limit:
        time.sleep(0.005)


@job(name="SleepingJob", queue="slow")
def sleep(name: str, seconds: float) -> None:
    block(name, seconds)


@job(name="TermAwareJob", queue="slow")
def watch_for_term(name: str, seconds: float) -> None:
    """Lets a TermException pass."""
    block(name, seconds)


@job(name="SuicideJob", queue="suicide")
def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
