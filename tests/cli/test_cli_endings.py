"""How a command ends when something is wrong: one line, a code, and no traceback unless it is asked for."""

import errno
import os
import signal
import subprocess
from pathlib import Path

import pytest

from resque_core import Resque
from resque_core.cli import queues
from resque_core.cli.complaint import complain
from resque_core.job import Entry
from tests.cli.command import Command


def test_a_store_that_cannot_be_opened_is_one_line(command: Command, tmp_path: Path) -> None:
    said = command("queues", "list", "--url", f"sqlite:///{tmp_path}")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("resque: error: ")
    assert said.err.count("\n") == 1


def test_a_store_that_nothing_can_open_says_what_can(command: Command) -> None:
    said = command("info", "--url", "nosuch://host")
    assert said.code == 1
    assert "nosuch" in said.err
    assert "sqlite" in said.err


@pytest.mark.parametrize(
    "words", [("--url", ""), ("--url", " "), ("--namespace", ""), ("--config", "nowhere.yml")]
)
def test_a_setting_that_cannot_be_used_ends_with_2(command: Command, words: tuple[str, ...]) -> None:
    said = command("info", *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("resque: error: ")


def test_a_fault_of_ours_is_told_in_one_line_too(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "queue_shapes", lambda resque: 1 / 0)
    said = command("queues", "list")
    assert said.code == 1
    assert said.err == (
        "resque: error: this is a fault of resque itself, not yours: ZeroDivisionError: division by zero "
        "(RESQUE_DEBUG=1 shows where)\n"
    )


def test_with_resque_debug_there_is_a_traceback(command: Command) -> None:
    said = command.real("info", "--url", "nosuch://host", RESQUE_DEBUG="1")
    assert said.code == 1
    assert said.err.startswith("Traceback (most recent call last):")
    assert "resque: error: " in said.err


def test_hostile_text_in_an_error_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    complain("no \x1b[31mred\u202e\nbelow:\n    in \x07file")
    assert capsys.readouterr().err == "resque: error: no \\x1b[31mred\\u202e\nbelow:\n    in \\x07file\n"


def test_a_reader_that_goes_away_is_no_error(command: Command, resque: Resque) -> None:
    payload = b'{"class":"Mailer","args":["%s"]}' % (b"x" * 100)
    resque.storage.jobs.enqueue([Entry(str(number), "mail", payload) for number in range(2000)])
    argv = command.argv("queues", "peek", "mail", "--count", "2000")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_reader_that_was_never_there_is_no_error(command: Command) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command.argv("info"), stdout=write, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("queues", "list"), ("failures", "list", "--json")])
def test_output_that_finds_no_room_is_a_plain_error(
    command: Command, words: tuple[str, ...], unbuffered: str
) -> None:
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command.argv(*words),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == b"resque: error: the output cannot be written: No space left on device\n"


def test_a_full_disk_under_a_file_is_not_taken_for_one_under_the_output(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(resque: Resque) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "some/file")

    monkeypatch.setattr(queues, "queue_shapes", fail)
    said = command("queues", "list")
    assert said.code == 1
    assert "some/file" in said.err


def test_ctrl_c_ends_with_130(command: Command, folder: Path) -> None:
    os.mkfifo(folder / "slow.yml")
    argv = command.argv("info", "--config", "slow.yml")
    process = subprocess.Popen(argv, cwd=folder, stderr=subprocess.PIPE)
    # Opening our end returns when the command has opened its own: now it is inside.
    with process, (folder / "slow.yml").open("w"):
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b"")
