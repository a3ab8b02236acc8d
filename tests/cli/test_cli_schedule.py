"""`resque schedule`, and what `resque scheduler` says before it begins."""

from pathlib import Path

import pytest

from resque_core import Resque
from tests.cli.command import Command

NIGHTLY = '{"cron": "0 3 * * *", "class": "Report", "queue": "reports", "args": [1]}'


@pytest.fixture
def nightly(resque: Resque) -> str:
    return resque.set_schedule("nightly", cron="0 3 * * *", job="Report", queue="reports", args=[1]).name


def test_entries_are_set_and_listed_by_name(command: Command, resque: Resque) -> None:
    said = command("schedule", "set", "nightly", NIGHTLY)
    assert said.out.startswith("nightly: next run 20")
    assert command("schedule", "set", "a", '{"every": "5m", "queue": "q"}', "--json").json["next_run"]
    said = command("schedule", "list")
    assert [line.split()[0] for line in said.lines] == ["NAME", "a", "nightly"]
    assert "every 5m" in said.lines[1]
    assert said.err == "2 recurring entries.\n"
    listed = command("schedule", "list", "--json").json
    assert [(it["name"], it["class"], it["args"], it["source"]) for it in listed] == [
        ("a", "a", [], "api"),
        ("nightly", "Report", [1], "api"),
    ]
    assert listed[1]["next_run"].endswith("T03:00:00.000000Z")
    assert len(resque.all_schedules()) == 2


@pytest.mark.parametrize(
    ("says", "said"),
    [('{"cron": "* *"}', "Wrong number of fields"), ("[1]", "not a JSON object"), ('{"evry": 5}', "every")],
)
def test_a_bad_entry_is_refused(command: Command, resque: Resque, says: str, said: str) -> None:
    refused = command("schedule", "set", "a", says)
    assert refused.code == 2
    assert said in refused.err
    assert resque.all_schedules() == []


def test_an_entry_is_shown(command: Command, nightly: str) -> None:
    assert command("schedule", "show", nightly, "--json").json["when"] == "cron 0 3 * * *"
    assert "next_run" in command("schedule", "show", nightly).out


@pytest.mark.parametrize("verb", ["show", "run", "pause", "resume", "remove"])
def test_an_entry_that_is_not_there_is_said(command: Command, resque: Resque, verb: str) -> None:
    resque.all_schedules()
    said = command("schedule", verb, "nobody")
    assert said.code == 1
    assert "There is no recurring entry nobody" in said.err


def test_an_entry_is_run_now_with_its_own_or_other_arguments(
    command: Command, resque: Resque, nightly: str
) -> None:
    ids = [command("schedule", "run", nightly).out.strip()]
    ids += [command("schedule", "run", nightly, "7", '"again"', "--json").json["id"]]
    waiting = resque.peek("reports", 0, 9)
    assert [(job.id, job.args) for job in waiting] == [(ids[0], (1,)), (ids[1], (7, "again"))]


def test_an_entry_is_paused_and_resumed(command: Command, resque: Resque, nightly: str) -> None:
    assert command("schedule", "pause", nightly).out == "nightly: paused\n"
    assert "paused" in command("schedule", "list").lines[1]
    assert command("schedule", "resume", nightly).out == "nightly: resumed\n"
    found = resque.fetch_schedule(nightly)
    assert found
    assert found.next_run


def test_an_entry_is_removed_only_by_somebody_who_is_sure(
    command: Command, resque: Resque, nightly: str
) -> None:
    assert command("schedule", "remove", nightly).code == 2
    assert command("schedule", "remove", nightly, "--yes").out == "nightly: removed\n"
    assert resque.all_schedules() == []


def test_a_bad_file_is_told_before_anything_begins(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "schedule.yml"
    file.write_text("a:\n  cron: '61 * * * *'\n", encoding="utf-8")
    for words in (("scheduler",), ("work", "--queues", "q", "--scheduler")):
        said = command.apart(*words, "--schedule", str(file))
        assert said.code == 2
        assert f"{file}: line 2: a: cron: '61 * * * *': Bad minute" in said.err
