"""Recurring entries: what one may say, the API, and the scheduler that carries out their ticks."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stores import prepared

from resque_core import RegistrationError, Resque, SettingsError, job
from resque_core.clock import utc_now
from resque_core.reconciling import reconcile, source_of, wanted_entries
from resque_core.records import Agenda
from resque_core.recurring_job import RecurringJob
from resque_core.registry import Registry
from resque_core.schedule_entry import Plan, read_entry
from resque_core.schedule_file import load_schedule
from resque_core.scheduler import Scheduler
from resque_core.storage import Recurring
from resque_core.ticks import Cron

HEARD: list[str] = []
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
EVERY_FIVE = {"cron": "*/5 * * * *"}


@job(queue="mail", name="tests.recurring")
def recurring(number: int = 0) -> None:
    """A job with hooks."""


@recurring.hook
def before_schedule_note(number: int = 0) -> bool:
    HEARD.append("before_schedule")
    if number == 13:
        raise ZeroDivisionError("unlucky")
    return number != 7


@recurring.hook
def after_schedule_note(number: int = 0) -> None:
    HEARD.append("after_schedule")


@job(queue="mail", name="tests.recurring.once", unique="until_done")
def once() -> None:
    """A unique job."""


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    HEARD.clear()
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


def make_due(resque: Resque, name: str, ago: float = 1.0) -> RecurringJob:
    """Have the entry's next tick have come so many seconds ago."""
    found = resque.fetch_schedule(name)
    assert found
    tick = (utc_now() - timedelta(seconds=ago)).replace(microsecond=0)
    stored = replace(found, next_run=tick).stored()
    assert resque.storage.recurring.put(stored, found.revision)
    return replace(found, next_run=tick)


def look(resque: Resque, environment: str = "test") -> int:
    """What a scheduler enqueues that comes along now."""
    return Scheduler(resque, environment).look()


def the(resque: Resque, name: str) -> RecurringJob:
    """The entry, which must be there."""
    found = resque.fetch_schedule(name)
    assert found
    return found


# What an entry may say.


def test_an_entry_of_resque_scheduler_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "schedule.yml"
    file.write_text(
        """
nightly:
  cron: "0 3 * * *"
  class: Report
  queue: reports
  args: [1, {"deep": true}]
  description: Every night.
  rails_env: production, staging
  persist: true
Cleaner:
  every: ["1h", {first_in: "5m"}]
  args: {days: 3}
by_hand:
  never:
  args: all
""",
        encoding="utf-8",
    )
    nightly, cleaner, by_hand = load_schedule(str(file))
    assert (nightly.job, nightly.queue, nightly.args) == ("Report", "reports", (1, {"deep": True}))
    assert nightly.environments == ("production", "staging")
    assert nightly.description == "Every night."
    assert (cleaner.job, cleaner.queue, cleaner.args) == ("Cleaner", None, ({"days": 3},))
    assert (cleaner.when, cleaner.ticks.first(LONG_AGO)) == ("every 1h", LONG_AGO + timedelta(minutes=5))
    assert (by_hand.args, by_hand.ticks.first(LONG_AGO)) == (("all",), None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n  class: A\n  cron: '* * *'\n", "line 3: a: cron: '\\* \\* \\*': Wrong number"),
        ("a:\n  every: 5m\nb:\n  every: often\n", "line 4: b: every: 'often' is no time"),
        ("a:\n  every: 5m\n  clas: A\n", "line 3: a: clas is not a key.*Did you mean class"),
        ("a:\n  every: 5m\n  catch_up: some\n", "line 3: a: catch_up: 'some' is not one of none, last, all"),
        ("a:\n  every: 5m\n  timezone: Asia/Tokyo\n", "line 3: a: timezone: a period is as long everywhere"),
        ("a:\n  every: 5m\n  every: 6m\n", "line 3: a: every is there already, in line 2"),
        ("a:\n  every: 5m\nb: {}\na:\n  every: 6m\n", "line 4: a is there already, in line 1"),
        ("a: 5\n", "line 1: a: an entry is a mapping"),
        ("a: [\n", "line 2: not plain YAML"),
        ("a:\n  every: <%= 5 %>\n", "line 2 holds ERB"),
        ("- a\n", "this is no schedule"),
    ],
)
def test_a_bad_file_is_refused_with_file_line_and_entry(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=f"bad.yml: .*{said}|bad.yml: {said}"):
        load_schedule(str(file))


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("UTC", 3), ("CET", 2), ("Japan", 18), ("Etc/GMT-2", 1), ("+09:00", 18), ("-0530", 8), ("EST", 8)],
)
def test_a_time_zone_may_have_any_name_that_there_is(zone: str, hour: int) -> None:
    """As fugit takes them, and so resque-scheduler."""
    for cron in (f"0 3 * * * {zone}", f"0 0 3 * * * {zone}"):
        tick = read_entry("a", {"cron": cron}).ticks.first(LONG_AGO)
        assert tick
        assert tick.hour == hour


@pytest.mark.parametrize("day", ["MON", "Mon-Fri", "SUN,SAT", "thu"])
def test_a_weekday_after_seconds_is_no_time_zone(day: str) -> None:
    assert read_entry("a", {"cron": f"0 0 3 * * {day}"}).ticks.first(LONG_AGO)


@pytest.mark.parametrize("zone", ["Mars", "Europe/Atlantis", "+25:00"])
def test_a_time_zone_that_there_is_not_is_refused(zone: str) -> None:
    with pytest.raises(SettingsError, match=r"cron|time zone"):
        read_entry("a", {"cron": f"0 3 * * * {zone}"})


@pytest.mark.parametrize(
    ("catch_up", "late", "expected"),
    [
        ("last", 5, Plan(LONG_AGO, LONG_AGO + timedelta(minutes=5))),
        ("last", 1210, Plan(LONG_AGO + timedelta(minutes=20), LONG_AGO + timedelta(minutes=25))),
        ("all", 1210, Plan(LONG_AGO, LONG_AGO + timedelta(minutes=5))),
        ("none", 5, Plan(LONG_AGO, LONG_AGO + timedelta(minutes=5))),
        ("none", 1211, Plan(None, LONG_AGO + timedelta(minutes=25))),
    ],
)
def test_what_was_missed_is_made_up_for_as_the_entry_says(catch_up: str, late: int, expected: Plan) -> None:
    entry = read_entry("a", EVERY_FIVE | {"catch_up": catch_up})
    assert entry.plan(LONG_AGO, LONG_AGO + timedelta(seconds=late)) == expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cron": "* *"}, "Wrong number of fields"),
        ({"cron": "* * * * *", "every": 5}, "not both"),
        ({"overlap": "skip"}, "give cron or every"),
        ({"every": "5m", "overlap": "never"}, "not one of allow, skip"),
        ({"every": "5m", "timezone": "Asia/Tokyo"}, "timezone: a period is as long everywhere"),
    ],
)
def test_a_job_that_cannot_recur_so_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(RegistrationError, match=said):
        job(queue="mail", **options)  # type: ignore[call-overload]


def test_a_recurring_job_that_needs_arguments_is_refused() -> None:
    with pytest.raises(RegistrationError, match="nobody gives it number"):

        @job(queue="mail", name="tests.recurring.needy", every="5m")
        def needy(number: int) -> None:
            """Never called."""


# The API.


def test_an_entry_is_set_fetched_listed_and_removed(resque: Resque) -> None:
    made = resque.set_schedule("nightly", {"cron": "0 3 * * *", "class": "Report", "queue": "reports"})
    assert made.next_run is not None
    assert made.next_run > utc_now()
    assert resque.fetch_schedule("nightly") == made
    resque.set_schedule("five", every=timedelta(minutes=5), job=recurring, args=[1])
    assert [(it.name, it.entry.job, it.source) for it in resque.all_schedules()] == [
        ("five", "tests.recurring", "api"),
        ("nightly", "Report", "api"),
    ]
    assert resque.remove_schedule("five")
    assert not resque.remove_schedule("five")
    assert resque.fetch_schedule("five") is None


def test_setting_it_again_keeps_its_next_run_unless_its_times_change(resque: Resque) -> None:
    made = resque.set_schedule("a", every="1h", queue="mail")
    assert resque.set_schedule("a", every="60m", queue="slow").next_run == made.next_run
    assert the(resque, "a").entry.queue == "slow"
    assert resque.set_schedule("a", every="5m").next_run != made.next_run


def test_a_paused_entry_has_no_ticks_until_it_is_resumed(resque: Resque) -> None:
    resque.set_schedule("a", EVERY_FIVE, queue="mail")
    assert resque.pause_schedule("a")
    assert the(resque, "a").paused
    assert the(resque, "a").next_run is None
    assert look(resque) == 0
    assert resque.resume_schedule("a")
    coming = the(resque, "a").next_run
    assert coming is not None
    assert coming > utc_now()
    assert not resque.pause_schedule("nobody")


def test_an_entry_is_run_now_with_other_arguments(resque: Resque) -> None:
    made = resque.set_schedule("a", EVERY_FIVE, job=recurring, args=[1])
    first, second = resque.run_schedule("a"), resque.run_schedule("a", 2)
    assert first is not None
    assert second is not None
    assert [it.args for it in resque.peek("mail", 0, 9)] == [(1,), (2,)]
    assert the(resque, "a").next_run == made.next_run
    with pytest.raises(SettingsError, match="no recurring entry nobody"):
        resque.run_schedule("nobody")


# The scheduler.


def test_a_tick_enqueues_a_job_named_after_it_and_is_noted(resque: Resque) -> None:
    resque.set_schedule("a", EVERY_FIVE, job="Mailer", queue="mail", args=[1], kwargs={"html": True})
    due = make_due(resque, "a")
    assert due.next_run is not None
    assert look(resque) == 1
    (made,) = resque.peek("mail", 0, 9)
    assert made.id.startswith("a@20")
    assert (made.name, made.args, made.kwargs) == ("Mailer", (1,), {"html": True})
    after = the(resque, "a")
    assert after.last_job == made.id
    assert after.last_run is not None
    assert after.next_run is not None
    assert after.next_run > utc_now() > after.last_run
    assert look(resque) == 0


def test_hooks_are_called_once_for_each_tick(resque: Resque) -> None:
    resque.set_schedule("a", EVERY_FIVE, job=recurring)
    make_due(resque, "a")
    assert look(resque) + look(resque) == 1
    assert HEARD == ["before_schedule", "after_schedule"]


def test_a_tick_whose_hooks_another_scheduler_runs_is_left_to_it(resque: Resque) -> None:
    """Until it counts as dead; then its hooks are called again."""
    resque.set_schedule("a", EVERY_FIVE, job=recurring)
    make_due(resque, "a")
    found = the(resque, "a")
    taken = replace(found, taken_until=utc_now() + timedelta(seconds=60))
    stored = taken.stored()
    assert resque.storage.recurring.put(stored, found.revision)
    assert look(resque) == 0
    assert HEARD == []
    over = replace(taken, taken_until=utc_now() - timedelta(seconds=1))
    assert resque.storage.recurring.put(over.stored(), stored.revision)
    assert look(resque) == 1


@pytest.mark.parametrize(
    ("number", "said"), [(7, "vetoed by a before_schedule hook"), (13, "ZeroDivisionError: unlucky")]
)
def test_a_tick_without_a_job_says_why(
    resque: Resque, caplog: pytest.LogCaptureFixture, number: int, said: str
) -> None:
    """In the entry, and in the log; and the next one comes as ever."""
    resque.set_schedule("a", EVERY_FIVE, job=recurring, args=[number])
    make_due(resque, "a")
    with caplog.at_level(logging.WARNING, "resque"):
        assert look(resque) == 0
    after = the(resque, "a")
    assert said in after.note
    assert said in caplog.text
    assert after.last_run is None
    assert after.next_run is not None
    assert after.next_run > utc_now()
    assert HEARD == ["before_schedule"]


def test_an_entry_without_a_queue_says_so_and_stops_no_other(resque: Resque) -> None:
    resque.set_schedule("a", EVERY_FIVE, job="Elsewhere")
    resque.set_schedule("b", EVERY_FIVE, job=recurring)
    for name in ("a", "b"):
        make_due(resque, name)
    assert look(resque) == 1
    assert "No queue could be inferred" in the(resque, "a").note


def test_a_tick_is_skipped_while_the_job_of_the_one_before_is_there(resque: Resque) -> None:
    """With overlap=skip only."""
    for overlap in ("skip", "allow"):
        resque.set_schedule(overlap, EVERY_FIVE, job="Mailer", queue="mail", overlap=overlap)
    for _ in range(2):
        for overlap in ("skip", "allow"):
            make_due(resque, overlap, ago=600 if HEARD else 1)
        look(resque)
        HEARD.append("once")
    assert [it.id.partition("@")[0] for it in resque.peek("mail", 0, 9)] == ["allow", "skip", "allow"]
    assert "is still there" in the(resque, "skip").note
    resque.clear_queue("mail")
    make_due(resque, "skip")
    assert look(resque) == 1


def test_a_unique_job_that_is_there_has_no_second_one_by_a_tick(resque: Resque) -> None:
    holder = resque.enqueue(once)
    assert holder is not None
    resque.set_schedule("a", EVERY_FIVE, job=once)
    make_due(resque, "a")
    assert look(resque) == 0
    assert f"job {holder.id} holds its claim" in the(resque, "a").note
    assert resque.size("mail") == 1


def test_missed_ticks_are_all_made_up_for_if_the_entry_wants_that(resque: Resque) -> None:
    for catch_up in ("all", "last", "none"):
        resque.set_schedule(catch_up, every="60s", job="Mailer", queue=catch_up, catch_up=catch_up)
        make_due(resque, catch_up, ago=215)
    look(resque)
    assert {name: resque.size(name) for name in ("all", "last", "none")} == {"all": 4, "last": 1, "none": 0}
    assert "missed" in the(resque, "none").note
    assert len({it.id for it in resque.peek("all", 0, 9)}) == 4


@pytest.mark.parametrize("catch_up", ["all", "last"])
def test_a_tick_that_would_follow_itself_is_carried_out_once_and_pauses_the_entry(
    resque: Resque, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, catch_up: str
) -> None:
    """Else it would be due for ever, whoever got its time wrong."""
    resque.set_schedule("a", EVERY_FIVE, job="Mailer", queue="mail", catch_up=catch_up)
    tick = make_due(resque, "a").next_run
    assert tick
    monkeypatch.setattr(Cron, "following", lambda *_: tick)
    monkeypatch.setattr(Cron, "latest", lambda *_: tick)
    assert look(resque) == 1
    assert look(resque) == 0
    assert resque.size("mail") == 1
    after = the(resque, "a")
    assert (after.paused, after.next_run, after.last_run) == (True, None, tick)
    assert "which is not later" in after.note
    assert "Recurring entry a: paused" in caplog.text
    monkeypatch.undo()
    assert resque.resume_schedule("a")
    assert the(resque, "a").next_run


def test_an_entry_for_another_environment_is_left_alone(resque: Resque) -> None:
    resque.set_schedule("a", EVERY_FIVE, job=recurring, environment="production, staging")
    make_due(resque, "a")
    assert look(resque, "test") == 0
    assert look(resque, "staging") == 1


def test_an_entry_that_nobody_can_read_stops_no_other(
    resque: Resque, caplog: pytest.LogCaptureFixture
) -> None:
    resque.set_schedule("good", EVERY_FIVE, job=recurring)
    make_due(resque, "good")
    stored = the(resque, "good").stored()
    assert resque.storage.recurring.put(replace(stored, name="bad", text=b"\xff"), "")
    assert look(resque) == 1
    assert "'bad' cannot be read" in caplog.text
    assert [it.name for it in resque.all_schedules()] == ["good"]


# From files and code.


def write(folder: Path, text: str) -> str:
    file = folder / "schedule.yml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_file_is_stored_and_what_it_says_no_more_is_deleted(resque: Resque, tmp_path: Path) -> None:
    """What was set through the API, or says another file, stays; what is unchanged keeps its next run."""
    resque.set_schedule("mine", EVERY_FIVE, queue="mail")
    path = write(
        tmp_path, "a: {every: 1h, queue: q}\nb: {every: 1h, queue: q}\nmine: {every: 1s, queue: q}\n"
    )
    none = Registry()
    reconcile(resque, wanted_entries(path, none), "test", path)
    before = the(resque, "a")
    assert before.source == source_of(path)
    assert the(resque, "mine").source == "api"
    write(tmp_path, "a: {every: 1h, queue: other}\nc: {every: 1h, queue: q, env: production}\n")
    reconcile(resque, wanted_entries(path, none), "test", path)
    assert [it.name for it in resque.all_schedules()] == ["a", "mine"]
    assert the(resque, "a").next_run == before.next_run
    assert the(resque, "a").entry.queue == "other"
    reconcile(resque, {}, "test", None)
    assert [it.name for it in resque.all_schedules()] == ["a", "mine"]


def test_an_entry_for_another_environment_is_stored_by_its_scheduler_and_deleted_by_none(
    resque: Resque, tmp_path: Path
) -> None:
    path = write(
        tmp_path, "p: {every: 1h, queue: q, env: production}\ns: {every: 1h, queue: q, env: staging}\n"
    )
    for environment in ("production", "staging", "production"):
        reconcile(resque, wanted_entries(path, Registry()), environment, path)
    assert [it.name for it in resque.all_schedules()] == ["p", "s"]
    write(tmp_path, "p: {every: 1h, queue: q, env: staging}\n")
    reconcile(resque, wanted_entries(path, Registry()), "production", path)
    assert [(it.name, it.entry.is_for("production")) for it in resque.all_schedules()] == [("p", False)]


def test_a_period_that_no_clock_can_hold_is_refused() -> None:
    for body in ({"every": 10**400}, {"every": ["1h", {"first_in": 300_000_000_000}]}):
        with pytest.raises(SettingsError, match=r"is no time|ten years at most"):
            read_entry("a", {**body, "queue": "q", "class": "A"})


def test_a_job_of_code_is_stored_by_its_wire_name(resque: Resque) -> None:
    """And deleted once its module, which is loaded, says it no more."""
    here = Registry()

    @job(queue="mail", name="tests.recurring.of_code", every="5m", catch_up="all")
    def of_code() -> None:
        """Never called."""

    here.add(of_code.definition)
    reconcile(resque, wanted_entries(None, here), "test", None)
    found = the(resque, "tests.recurring.of_code")
    assert (found.source, found.entry.catch_up) == (f"code:{__name__}", "all")
    reconcile(resque, {}, "test", None)
    assert resque.all_schedules() == []


def test_however_many_entries_are_new_all_are_read_once(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = {f"e{number}": (read_entry(f"e{number}", EVERY_FIVE), "code:here") for number in range(5)}
    reads: list[Agenda] = []
    part = type(resque.storage.recurring)
    read = part.all

    def noted(self: Recurring) -> Agenda:
        reads.append(read(self))
        return reads[-1]

    monkeypatch.setattr(part, "all", noted)
    assert reconcile(resque, entries, "test", None) == 5
    assert len(reads) == 1
