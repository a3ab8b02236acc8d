"""What is printed: plain and complete in a pipe, fitted on a terminal, and never a way to steer it."""

import os
import pty
import re
import subprocess
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path

import preloaded
import pytest
import resque_command

from resque_core import Resque
from resque_core.cli.render import age, count, json_text, seconds
from resque_core.clock import utc_now
from tests.cli.command import Command
from tests.cli.store_of import a_failure

#: Rich markup, an escape sequence, a line break, a bidi control, and quotes.
HOSTILE = "[red]x[/red] \x1b[31m\n\u202e'\""
LISTS = [("queues", "list"), ("queues", "peek", "[red]x[/red]"), ("failures", "list")]


def on_terminal(command: Command, *words: str, columns: int = 80, answer: str = "") -> tuple[int, str]:
    """Run it with a terminal on every standard stream; its exit code and what the terminal was sent."""
    leader, follower = pty.openpty()
    terminal = Path(os.ttyname(follower))
    env = preloaded.surroundings() | {"COLUMNS": str(columns), "LINES": "40", "TERM": "xterm-256color"}
    streams = preloaded.Streams(terminal, input=terminal)
    process = preloaded.start(resque_command.resque, *words, env=env, folder=command.folder, output=streams)
    if answer:
        os.write(leader, answer.encode())
    seen = b""
    while leader in wait([leader, process.sentinel], 60):
        seen += os.read(leader, 65536)
    os.close(follower)
    os.close(leader)
    code = preloaded.exit_code(process, 0)
    assert code is not None, f"it goes on and on; the terminal shows: {seen!r}"
    return code, seen.decode().replace("\r\n", "\n")


def bare(text: str) -> str:
    """Without the sequences that rich itself writes."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


@pytest.fixture
def hostile(resque: Resque) -> Resque:
    a_failure(resque, args=(HOSTILE,), error=HOSTILE, exception=HOSTILE)
    resque.enqueue_to("[red]x[/red]", HOSTILE, HOSTILE)
    return resque


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    "words", [("queues", "list"), ("queues", "peek", "[red]x[/red]"), ("failures", "list")]
)
def test_hostile_text_is_shown_as_what_it_is(command: Command, words: tuple[str, ...]) -> None:
    code, seen = on_terminal(command, *words, columns=200)
    assert code == 0
    assert "[red]x[/red]" in bare(seen)
    for raw in ("\x1b[31m", "\u202e"):
        assert raw not in seen
    plain = command(*words).out
    assert "[red]x[/red]" in plain
    assert "\x1b" not in plain
    assert len(plain.splitlines()) == len(bare(seen).strip().splitlines())


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    "words", [("queues", "peek", "[red]x[/red]"), ("failures", "list"), ("queues", "list")]
)
def test_json_is_ascii(command: Command, words: tuple[str, ...]) -> None:
    said = command(*words, "--json")
    assert said.out.isascii()
    assert "\x1b" not in said.out
    assert said.json


@pytest.mark.parametrize("columns", [80, 120])
def test_tables_fit_the_terminal_and_ids_are_whole(command: Command, resque: Resque, columns: int) -> None:
    failure = a_failure(resque, name="shop.jobs.send_a_receipt_to_somebody", error="no answer " * 30)
    _, seen = on_terminal(command, "failures", "list", columns=columns)
    lines = bare(seen).splitlines()
    assert max(map(len, lines)) <= columns
    assert any(failure.id in line for line in lines)
    assert "shop.errors.Timeout: no" in bare(seen) or "…" in seen


def test_in_a_pipe_nothing_is_cut_and_nothing_coloured(command: Command, resque: Resque) -> None:
    a_failure(resque, error="no answer " * 30)
    said = command.apart("failures", "list", COLUMNS="40")
    assert ("no answer " * 30).rstrip() in said.out
    assert "\x1b" not in said.out


@pytest.mark.parametrize(("answer", "left", "code"), [("y\n", 0, 0), ("n\n", 1, 1), ("\n", 1, 1)])
def test_a_terminal_is_asked_before_jobs_are_deleted(
    command: Command, resque: Resque, answer: str, left: int, code: int
) -> None:
    resque.enqueue_to("mail", "Mailer")
    ended, seen = on_terminal(command, "queues", "clear", "mail", answer=answer)
    assert "Delete 1 job on mail? [y/N]" in seen
    assert (ended, resque.size("mail")) == (code, left)


def test_a_long_operation_shows_progress_on_a_terminal_only(command: Command, resque: Resque) -> None:
    for _ in range(3):
        a_failure(resque)
    assert command.apart("failures", "retry", "--all", "--keep").err == ""
    resque.clear_queue("mail")
    _, seen = on_terminal(command, "failures", "retry", "--all", "--again")
    assert "Retrying" in seen
    assert "3 retried, 0 already gone, 0 not retryable" in seen


def test_watching_redraws_in_place(command: Command) -> None:
    leader, follower = pty.openpty()
    env = os.environ | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        command.argv("info", "--watch", "0.05"), stdin=follower, stdout=follower, stderr=follower, env=env,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(follower)
        seen = b""
        while seen.count(b"pending") < 3:
            seen += os.read(leader, 65536)
        process.send_signal(2)
        with suppress(OSError):
            while piece := os.read(leader, 65536):
                seen += piece
        os.close(leader)
    assert process.returncode == 130
    assert b"\x1b[1A" in seen  # up a line
    assert seen.rstrip().endswith(b"\x1b[?25h")  # the cursor is back


def sleeps(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_a_ctrl_c_at_a_question_is_one_as_elsewhere(command: Command, resque: Resque) -> None:
    resque.enqueue_to("mail", "pack")
    leader, follower = pty.openpty()
    with subprocess.Popen(
        command.argv("queues", "clear", "mail"), stdin=follower, stdout=follower, stderr=follower,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(follower)
        seen = b""
        while b"[y/N]" not in seen:
            seen += os.read(leader, 65536)
        # One that comes before Python reads would be heard of after it has read.
        while not sleeps(process.pid):
            assert process.poll() is None
        process.send_signal(2)
        process.wait(20)
        os.close(leader)
    assert process.returncode == 130
    assert resque.size("mail") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 d"), (-3, "-3 s")],
)
def test_seconds_are_told_as_one_needs_them(value: float, text: str) -> None:
    assert seconds(value) == text


def test_small_words() -> None:
    assert (count(1, "job"), count(0, "job"), count(2, "job")) == ("1 job", "0 jobs", "2 jobs")
    assert age(None) == ""
    assert age(utc_now()) == "0 s"
    assert json_text({"at": utc_now()}).endswith('Z"\n}')
