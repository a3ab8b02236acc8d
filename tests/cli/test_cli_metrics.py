"""`resque metrics`: printed once, answered on a port, sent to StatsD; and what it refuses."""

import socket
import subprocess
import time
from urllib.request import urlopen

import pytest

from resque_core import Resque
from tests.cli.command import Command

SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read(port: int, process: subprocess.Popen[str]) -> str:
    """The page, once it is there."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=SECONDS) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"It does not answer: {process.poll()}")


def test_without_a_system_it_prints_what_prometheus_would_read(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "Mailer")
    said = command("metrics")
    assert said.code == 0
    assert 'resque_queue_pending{queue="mail"} 1.0' in said.lines
    assert "resque_up 1.0" in said.lines


def test_it_answers_prometheus_and_sends_to_statsd_until_it_is_ended(
    command: Command, resque: Resque
) -> None:
    resque.enqueue_to("mail", "Mailer")
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(SECONDS)
        words = ("--prometheus", str(port), "--statsd", f"127.0.0.1:{statsd.getsockname()[1]}")
        argv = command.argv("metrics", *words, "--interval", "0.05", "--prefix", "shop")
        with subprocess.Popen(argv, cwd=command.folder, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert 'resque_queue_pending{queue="mail"} 1.0' in read(port, process)
                resque.enqueue_to("mail", "Mailer")
                while "shop.queue_pending.mail:2|g" not in statsd.recv(65_536).decode().split("\n"):
                    pass
                assert 'resque_queue_pending{queue="mail"} 2.0' in read(port, process)
            finally:
                process.terminate()
            told = process.communicate(timeout=SECONDS)[0]
            assert process.returncode == 0
            assert f":{port}/metrics" in told
            assert "every 0.05 s" in told


def test_of_a_store_that_does_not_answer_it_logs_once(command: Command) -> None:
    log = command.folder / "log"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd, log.open("w") as errors:
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(SECONDS)
        words = ("--statsd", f"127.0.0.1:{statsd.getsockname()[1]}", "--interval", "0.05")
        argv = command.argv("metrics", *words, "--url", "redis://127.0.0.1:1/0")
        with subprocess.Popen(argv, cwd=command.folder, stdout=subprocess.DEVNULL, stderr=errors) as process:
            assert [statsd.recv(65_536) for _ in range(3)] == [b"resque.up:0|g"] * 3
            process.terminate()
    (said,) = log.read_text().splitlines()
    assert "WARNING No metrics, for the store does not answer: redis://127.0.0.1:1/0: " in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--prometheus", "0"), "is not a port"),
        (("--statsd", "localhost"), "write HOST:PORT"),
        (("--statsd", "localhost:8125", "--interval", "0"), "--interval"),
    ],
)
def test_what_cannot_be_is_refused(command: Command, words: tuple[str, ...], said: str) -> None:
    refused = command("metrics", *words)
    assert refused.code == 2
    assert said in refused.err


def test_a_store_that_is_not_there_is_down(command: Command) -> None:
    said = command("metrics", "--url", "redis://127.0.0.1:1/0")
    assert said.code == 0
    assert [line for line in said.lines if not line.startswith("#")] == ["resque_up 0.0"]
