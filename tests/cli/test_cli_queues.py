"""`resque queues`, `pause` and `resume`."""

import pytest

from resque_core import Resque
from resque_core.job import Entry
from tests.cli.command import Command


@pytest.fixture
def filled(resque: Resque) -> Resque:
    for number in range(3):
        resque.enqueue_to("mail", "Mailer", number)
    resque.enqueue_to("slow", "Report", "2026", {"all": True})
    return resque


def test_an_empty_store_has_no_queues(command: Command) -> None:
    said = command("queues", "list")
    assert said.code == 0
    assert said.lines == ["QUEUE  SIZE  OLDEST  STATE"]
    assert "no queues yet" in said.err
    assert command("queues", "list", "--json").json == []


@pytest.mark.usefixtures("filled")
def test_queues_are_listed_with_what_waits(command: Command) -> None:
    said = command("queues", "list")
    assert [line.split()[:2] for line in said.lines[1:]] == [["mail", "3"], ["slow", "1"]]
    assert said.err == ""


def test_queues_are_listed_as_json(command: Command, filled: Resque) -> None:
    filled.pause("slow")
    listed = command("queues", "list", "--json").json
    assert all(0 <= queue.pop("latency") < 60 for queue in listed)
    assert listed == [
        {"name": "mail", "size": 3, "paused": False},
        {"name": "slow", "size": 1, "paused": True},
    ]


def test_while_all_are_paused_each_one_is(command: Command, filled: Resque) -> None:
    filled.pause_all()
    assert [queue["paused"] for queue in command("queues", "list", "--json").json] == [True, True]
    assert all(line.endswith("paused") for line in command("queues", "list").lines[1:])


@pytest.mark.usefixtures("filled")
def test_the_size_of_a_queue(command: Command) -> None:
    assert command("queues", "size", "mail").out == "3\n"
    assert command("queues", "size", "mail", "--json").json == {"name": "mail", "size": 3}
    assert command("queues", "size", "unknown").out == "0\n"


@pytest.mark.usefixtures("filled")
def test_the_head_of_a_queue_is_shown_and_stays(command: Command, resque: Resque) -> None:
    assert [job["args"] for job in command("queues", "peek", "mail", "--json").json] == [[0], [1], [2]]
    window = command("queues", "peek", "mail", "--start", "1", "--count", "1", "--json").json
    assert [job["args"] for job in window] == [[1]]
    assert resque.size("mail") == 3


@pytest.mark.usefixtures("filled")
def test_the_head_of_a_queue_as_a_table(command: Command) -> None:
    said = command("queues", "peek", "slow")
    assert said.lines[1].endswith('Report  ["2026", {"all": true}]')


def test_what_is_not_a_job_is_shown_with_its_bytes(command: Command, resque: Resque) -> None:
    resque.storage.jobs.enqueue([Entry("bad", "mail", b"\xff{")])
    (shape,) = command("queues", "peek", "mail", "--json").json
    assert (shape["class"], shape["args"], shape["kwargs"]) == (None, None, None)
    assert shape["payload_base64"] == "/3s="
    assert shape["problem"]
    assert "not a job" in command("queues", "peek", "mail").out


@pytest.mark.usefixtures("filled")
def test_clear_deletes_what_waits_and_keeps_the_queue(command: Command, resque: Resque) -> None:
    said = command("queues", "clear", "mail", "--yes")
    assert (said.code, said.out) == (0, "mail: 3 jobs deleted\n")
    assert resque.queue_sizes() == {"mail": 0, "slow": 1}


@pytest.mark.usefixtures("filled")
def test_remove_deletes_the_queues_too(command: Command, resque: Resque) -> None:
    said = command("queues", "remove", "mail", "slow", "-y")
    assert (said.code, said.lines) == (0, ["mail: removed with 3 jobs", "slow: removed with 1 job"])
    assert resque.queues() == []


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("verb", ["clear", "remove"])
def test_without_a_terminal_nothing_is_deleted_unless_yes_was_said(
    command: Command, resque: Resque, verb: str
) -> None:
    said = command.apart("queues", verb, "mail")
    assert said.code == 2
    assert "3 jobs on mail?" in said.err
    assert "--yes" in said.err
    assert resque.size("mail") == 3


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("verb", ["clear", "remove"])
def test_a_queue_that_does_not_exist_stops_the_whole_command(
    command: Command, resque: Resque, verb: str
) -> None:
    said = command("queues", verb, "mail", "nowhere", "--yes")
    assert said.code == 1
    assert said.err == "resque: error: There is no queue named nowhere. Nothing was changed.\n"
    assert resque.size("mail") == 3


@pytest.mark.usefixtures("filled")
def test_jobs_are_moved_by_id(command: Command, resque: Resque) -> None:
    first, _, third = (job.id for job in resque.peek("mail", 0, 3))
    said = command("queues", "move", "mail", "slow", third, "nobody", first)
    assert (said.code, said.out) == (1, "2 jobs moved from mail to slow, 1 did not wait there\n")
    assert [job.args for job in resque.peek("slow", 1, 3)] == [(0,), (2,)]
    assert resque.queue_sizes() == {"mail": 1, "slow": 3}


@pytest.mark.usefixtures("filled")
def test_all_jobs_of_a_queue_are_moved(command: Command, resque: Resque) -> None:
    assert command("queues", "move", "mail", "new", "--all").out == "3 jobs moved from mail to new\n"
    assert resque.queue_sizes() == {"mail": 0, "new": 3, "slow": 1}


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("mail", "slow"), 2, "--all"),
        (("mail", "slow", "x", "--all"), 2, "--all"),
        (("mail", "mail", "--all"), 2, "Name another queue"),
        (("nowhere", "slow", "--all"), 1, "There is no queue named nowhere. Nothing was changed."),
        (("mail", "a,b", "--all"), 1, "cannot be used"),
    ],
)
def test_a_move_that_cannot_be_says_why(
    command: Command, resque: Resque, words: tuple[str, ...], code: int, reason: str
) -> None:
    said = command("queues", "move", *words)
    assert said.code == code
    assert reason in said.err
    assert resque.queue_sizes() == {"mail": 3, "slow": 1}


@pytest.mark.parametrize("group", [(), ("queues",)])
def test_queues_are_paused_and_resumed_by_name(
    command: Command, resque: Resque, group: tuple[str, ...]
) -> None:
    assert command(*group, "pause", "mail", "slow").lines == ["paused mail", "paused slow"]
    assert resque.paused() == {"mail", "slow"}
    assert command(*group, "resume", "slow").out == "resumed slow\n"
    assert resque.paused() == {"mail"}


def test_all_are_paused_and_resumed_at_once(command: Command, resque: Resque) -> None:
    resque.pause("mail")
    assert command("pause", "--all").out == "paused every queue\n"
    assert resque.paused() == {"*", "mail"}
    assert command("resume", "--all").out == "resumed every queue\n"
    assert resque.paused() == {"mail"}


@pytest.mark.parametrize("verb", ["pause", "resume"])
@pytest.mark.parametrize("words", [(), ("mail", "--all")])
def test_either_names_or_all_must_be_said(command: Command, verb: str, words: tuple[str, ...]) -> None:
    said = command(verb, *words)
    assert said.code == 2
    assert "--all" in said.err
