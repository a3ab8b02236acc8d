"""`resque enqueue`: one job, with exactly the arguments that were written."""

import json
from pathlib import Path
from typing import Any

import pytest

from resque_core import Resque
from resque_core.errors import StorageError
from resque_core.outbox import StoreOutbox
from tests.cli.command import Command

JOBS = """
from resque_core import job

@job(queue="thumbs")
def resize(width, height=1): ...

@job(queue="vetoed")
class Vetoed:
    @staticmethod
    def before_enqueue_never(*args): return False
    @staticmethod
    def perform(*args): ...
"""


@pytest.fixture
def jobs(folder: Path) -> None:
    (folder / "enqueue_jobs.py").write_text(JOBS)


def test_a_job_is_placed_and_its_id_printed(command: Command, resque: Resque) -> None:
    said = command("enqueue", "Mailer", "42", "--queue", "mail")
    (job,) = resque.peek("mail", 0, 9)
    assert said.code == 0
    assert said.out == f"{job.id}\n"
    assert (job.name, job.args) == ("Mailer", (42,))


def test_every_kind_of_json_arrives_as_it_was_written(command: Command, resque: Resque) -> None:
    words = ["-5", "1.5", '"text"', "null", "true", "[1, [2]]", '{"a": {"b": "ü"}}']
    assert command("enqueue", "Mailer", *words, "--queue", "mail").code == 0
    assert resque.peek("mail")[0].args == (-5, 1.5, "text", None, True, [1, [2]], {"a": {"b": "ü"}})


def test_keyword_arguments_and_the_front_of_the_queue(command: Command, resque: Resque) -> None:
    command("enqueue", "First", "--queue", "mail")
    command("enqueue", "Second", "--queue", "mail", "--at-front", "--kwargs", '{"queue": "x", "name": 1}')
    front, back = resque.peek("mail", 0, 9)
    assert (front.name, front.kwargs, back.name) == ("Second", {"queue": "x", "name": 1}, "First")


def test_json_shows_the_job(command: Command) -> None:
    shape = command("enqueue", "Mailer", "42", "--queue", "mail", "--json").json
    assert shape.pop("id")
    assert shape.pop("enqueued_at").endswith("Z")
    assert shape == {"queue": "mail", "class": "Mailer", "args": [42], "kwargs": {}}


@pytest.mark.parametrize(
    ("word", "hint"),
    [("hello", "'\"hello\"'"), ("it's", "'\"it'\"'\"'s\"'"), ("", "'\"\"'")],
)
def test_what_is_no_json_is_refused_with_how_to_write_it(
    command: Command, resque: Resque, word: str, hint: str
) -> None:
    said = command("enqueue", "Mailer", "1", word, "--queue", "mail")
    assert said.code == 2
    assert said.err.startswith("resque: error: argument 2: ")
    assert said.err.rstrip().endswith(hint)
    assert resque.queues() == []


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ('{"a":', "It breaks at character 6: Expecting value."),
        (" [1", "It breaks at character 4: Expecting ',' delimiter."),
        ("{a: 1}", "It breaks at character 2: Expecting property name enclosed in double quotes."),
        ("[" + "9" * 5000 + "]", "It is nested too deeply, or holds a number of too many digits."),
    ],
)
@pytest.mark.parametrize("where", ["argument 1", "--kwargs"])
def test_of_a_broken_object_or_list_the_place_is_told(
    command: Command, word: str, place: str, where: str
) -> None:
    words = (word,) if where == "argument 1" else ("--kwargs", word)
    said = command("enqueue", "Mailer", *words, "--queue", "mail")
    assert said.code == 2
    assert said.err.startswith(f"resque: error: {where}: ")
    assert said.err.rstrip().endswith(place)
    assert "double quotes inside" not in said.err


def test_an_option_that_does_not_exist_is_not_taken_for_an_argument(command: Command, resque: Resque) -> None:
    said = command("enqueue", "Mailer", "--at-fornt", "--queue", "mail")
    assert said.code == 2
    assert "--at-fornt" in said.err
    assert resque.queues() == []


@pytest.mark.parametrize("kwargs", ["[1]", "nonsense", '{"at_front": 1}'])
def test_keyword_arguments_must_be_an_object_that_a_job_can_take(command: Command, kwargs: str) -> None:
    said = command("enqueue", "Mailer", "--queue", "mail", "--kwargs", kwargs)
    assert said.code == 2
    assert said.err.startswith("resque: error: --kwargs: ")


def test_json_nested_without_end_is_refused(command: Command) -> None:
    assert command("enqueue", "Mailer", "[" * 100_000, "--queue", "mail").code == 2


def test_what_the_library_refuses_ends_with_1(command: Command, resque: Resque) -> None:
    said = command("enqueue", "Mailer", "NaN", "--queue", "mail")
    assert said.code == 1
    assert "args[0]" in said.err
    assert resque.queues() == []


def test_a_job_without_a_queue_is_refused(command: Command) -> None:
    said = command("enqueue", "Mailer")
    assert said.code == 1
    assert "Jobs must be placed onto a queue." in said.err


def test_a_queue_name_that_cannot_be_used_is_refused(command: Command) -> None:
    said = command("enqueue", "Mailer", "--queue", "a,b")
    assert said.code == 1
    assert said.err.startswith("resque: error: ")


@pytest.mark.usefixtures("jobs")
def test_with_require_the_jobs_own_queue_is_the_default(command: Command, resque: Resque) -> None:
    said = command.apart("enqueue", "enqueue_jobs.resize", "80", "--require", "enqueue_jobs")
    assert (said.code, said.err) == (0, "")
    assert resque.peek("thumbs")[0].args == (80,)


@pytest.mark.usefixtures("jobs")
def test_with_require_its_hooks_apply(command: Command, resque: Resque) -> None:
    said = command.apart("enqueue", "enqueue_jobs.Vetoed", "--require", "enqueue_jobs")
    assert (said.code, said.out) == (1, "")
    assert "before_enqueue" in said.err
    assert resque.size("vetoed") == 0


def test_a_module_that_cannot_be_imported_is_shown_with_its_traceback(command: Command, folder: Path) -> None:
    (folder / "enqueue_broken.py").write_text("x = 1\nraise OSError('no disk')\n")
    said = command.apart("enqueue", "Mailer", "--queue", "mail", "--require", "enqueue_broken")
    assert said.code == 2
    assert said.err.splitlines()[0] == (
        "resque: error: --require enqueue_broken: importing it raised OSError: no disk"
    )
    assert 'enqueue_broken.py", line 2' in said.err


def test_a_job_may_be_put_off_and_may_expire(command: Command, resque: Resque) -> None:
    assert command("enqueue", "Mailer", "1", "-q", "mail", "--in", "3600", "--expires", "60").code == 0
    assert command("enqueue", "Mailer", "2", "-q", "mail", "--at", "2100-01-01T00:00:00+01:00").code == 0
    assert command("enqueue", "Mailer", "3", "-q", "mail", "--expires", "60").code == 0
    assert [found.job.args for found in resque.schedule.peek()] == [(1,), (2,)]
    assert resque.schedule.peek()[0].job.expires_at
    assert resque.schedule.peek()[1].run_at.isoformat() == "2099-12-31T23:00:00+00:00"
    assert resque.peek("mail")[0].expires_at


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--at", "tomorrow"], "Write it like"),
        (["--at", "2100-01-01T00:00"], "time zone"),
        (["--in", "5", "--at", "2100-01-01T00:00Z"], "two times"),
        (["--in", "5", "--at-front"], "--at-front"),
        (["--kwargs", '{"expires": 3}'], "--expires"),
    ],
)
def test_times_that_cannot_be_meant_are_refused(
    command: Command, resque: Resque, options: list[str], words: str
) -> None:
    said = command("enqueue", "Mailer", "--queue", "mail", *options)
    assert said.code in (1, 2)
    assert words in said.err
    assert resque.size("mail") + resque.schedule.count() == 0


LINES = """{"class": "Mailer", "args": [1], "queue": "letters"}

{"class": "enqueue_jobs.resize", "args": [2], "kwargs": {"height": 3}, "id": "mine", "trace": "x"}
{"class": "Mailer"}
"""


@pytest.mark.usefixtures("jobs")
def test_the_jobs_of_a_file_go_to_their_queues(command: Command, resque: Resque, folder: Path) -> None:
    (folder / "jobs.jsonl").write_text(LINES)
    said = command("enqueue", "--from-jsonl", "jobs.jsonl", "--queue", "mail", "--require", "enqueue_jobs")
    assert (said.code, said.out) == (0, "3 jobs were enqueued.\n")
    assert resque.queue_sizes() == {"letters": 1, "mail": 2}
    resize, mailer = resque.peek("mail", 0, 9)
    assert (resize.name, resize.args, resize.kwargs) == ("enqueue_jobs.resize", (2,), {"height": 3})
    assert (resize.id, resize.extras, mailer.name) == ("mine", {"trace": "x"}, "Mailer")


@pytest.mark.parametrize("more", [(), ("--in", "60")])
def test_others_follow_it(command: Command, folder: Path, resque: Resque, more: tuple[str, ...]) -> None:
    (folder / "enqueue_chain.py").write_text(
        """
from resque_core import job

@job(queue="letters")
def publish(path): ...
"""
    )
    follow = ("--then", "enqueue_chain.publish", "--then", "enqueue_chain.publish")
    said = command("enqueue", "Resize", "7", "-q", "mail", *follow, "--require", "enqueue_chain", *more)
    assert said.code == 0
    (found,) = resque.peek("mail") or [resque.schedule.peek()[0].job]
    follower = ("letters", "enqueue_chain.publish", True)
    assert [(it["queue"], it["text"]["class"], it["result"]) for it in found.then] == [follower] * 2


def test_a_unique_job_that_is_there_already_is_told_so(
    command: Command, folder: Path, resque: Resque
) -> None:
    (folder / "enqueue_once.py").write_text(
        """
from resque_core import job

@job(queue="mail", unique="until_done")
def once(number): ...
"""
    )
    words = ("enqueue", "enqueue_once.once", "1", "--require", "enqueue_once")
    first = command(*words).lines[0]
    for more in ((), ("--in", "60")):
        said = command(*words, *more)
        assert (said.code, said.out) == (1, "")
        assert f"it is unique, and job {first} is the same and has not come to its end" in said.err
    assert resque.size("mail") == 1


def test_jobs_come_from_standard_input_and_are_counted_in_json(command: Command, resque: Resque) -> None:
    said = command("enqueue", "--from-jsonl", "-", "--json", input='{"class": "A", "queue": "q"}\n')
    assert said.json == {"enqueued": 1}
    assert resque.peek("q")[0].name == "A"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"args": [1], "queue": "q"}', "no class"),
        ('{"class": "A"}', "onto a queue"),
        ('{"class": "A", "queue": 7}', "queue is no text"),
        ('{"class": "A", "queue": "q", "args": 1}', "'args'"),
        ('{"class": "A", "queue": "q", "id": 7}', "id is no text"),
        ('{"class": "A", "queue": "q", "id": 0}', "id is no text"),
    ],
)
def test_a_line_that_is_no_job_is_told_with_its_number(
    command: Command, resque: Resque, folder: Path, line: str, why: str
) -> None:
    (folder / "jobs.jsonl").write_text(f'{{"class": "A", "queue": "q"}}\n\n{line}\n')
    said = command("enqueue", "--from-jsonl", "jobs.jsonl")
    assert said.code == 1
    assert said.err.startswith("resque: error: jobs.jsonl, line 3: ")
    assert why in said.err
    assert "0 jobs before it were enqueued" in said.err
    assert resque.size("q") == 0


def a_line(number: int, **more: object) -> str:
    return json.dumps({"class": "A", "queue": "q", "args": [number], **more}) + "\n"


def test_a_bad_line_in_the_middle_says_up_to_where_all_is_enqueued_and_the_rest_can_follow(
    command: Command, resque: Resque
) -> None:
    lines = ["\n", *map(a_line, range(2500))]
    said = command("enqueue", "--from-jsonl", "-", input="".join([*lines[:1500], "{\n", *lines[1500:]]))
    assert said.code == 1
    assert said.err.startswith("resque: error: -, line 1501: not JSON")
    assert said.err.endswith("1000 jobs before it were enqueued (up to line 1001); no other was.\n")
    assert command("enqueue", "--from-jsonl", "-", input="".join(lines[1001:])).code == 0
    assert [job.args[0] for job in resque.peek("q", 0, 9999)] == [*range(2500)]


def test_of_two_lines_with_one_id_both_are_named(command: Command, resque: Resque) -> None:
    twice = [a_line(1), a_line(2, id="x"), a_line(3), a_line(4, id="x"), a_line(5)]
    said = command("enqueue", "--from-jsonl", "-", input="".join(twice))
    assert said.code == 1
    assert said.err.startswith("resque: error: -, line 4: line 2 has its id, x, too. ")
    assert resque.size("q") == 0


def test_what_was_enqueued_with_ids_may_be_sent_again(command: Command, resque: Resque) -> None:
    lines = "".join(a_line(number, id=f"job {number}") for number in range(3))
    for _ in range(2):
        assert command("enqueue", "--from-jsonl", "-", input=lines).code == 0
        assert [job.args[0] for job in resque.peek("q", 0, 9)] == [0, 1, 2]


def test_only_a_step_has_to_remember_its_ids(command: Command, resque: Resque) -> None:
    lines = "".join(a_line(number, id=f"job {number % 1000}") for number in range(1001))
    assert command("enqueue", "--from-jsonl", "-", input=lines).code == 0
    assert resque.size("q") == 1000


def test_a_store_that_goes_away_meanwhile_leaves_only_one_step_in_doubt(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, puts = StoreOutbox.put, []

    def put_once(outbox: StoreOutbox, jobs: Any, **options: Any) -> Any:
        puts.append(len(jobs))
        if len(puts) > 1:
            raise StorageError("The store is gone.")
        return put(outbox, jobs, **options)

    monkeypatch.setattr(StoreOutbox, "put", put_once)
    said = command("enqueue", "--from-jsonl", "-", input="".join(map(a_line, range(2500))))
    assert said.code == 1
    assert said.err == (
        "resque: error: The store is gone. -: 1000 jobs were enqueued, up to line 1000; "
        "of the lines after that, to 2000, all or none.\n"
    )


def test_a_hook_that_raises_is_no_fault_of_ours(command: Command, resque: Resque, folder: Path) -> None:
    (folder / "enqueue_hooked.py").write_text(
        """
from resque_core import job

@job(queue="mail")
def hooked(): ...

@hooked.hook
def before_enqueue_break(): raise ValueError("closed")
"""
    )
    said = command("enqueue", "enqueue_hooked.hooked", "--require", "enqueue_hooked")
    assert said.code == 1
    assert (
        said.err == "resque: error: a hook of a job raised ValueError: closed (RESQUE_DEBUG=1 shows where)\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        *((), ("--from-jsonl", "missing.jsonl"), ("Mailer", "--from-jsonl", "-")),
        *(("--from-jsonl", "-", "--at-front"), ("--from-jsonl", "-", "--in", "5")),
        ("--from-jsonl", "-", "--then", "B"),
        *(("--from-jsonl", "-", "--expires", "5"), ("--from-jsonl", "-", "--kwargs", '{"a": 1}')),
    ],
)
def test_what_does_not_go_with_a_file_is_refused(command: Command, words: tuple[str, ...]) -> None:
    said = command("enqueue", *words)
    assert said.code == 2
    assert "--from-jsonl" in said.err
