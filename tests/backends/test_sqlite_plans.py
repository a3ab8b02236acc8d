"""Every statement finds its rows by an index, within its namespace."""

import re
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import resque_sqlite
from resque_core.failure import FailureFilter
from resque_sqlite.connection import Connection
from resque_sqlite.failures import _filtered
from resque_sqlite.queries import load
from resque_sqlite.url import Target

PACKAGE = Path(resque_sqlite.__file__).parent
PARTS = ("jobs", "queues", "schedule", "failures", "workers", "stats")
STATEMENTS = {(part, name): sql for part in PARTS for name, sql in load(part).items()}
#: The clock is a table of one row.
HARMLESS = re.compile(r"SCAN (\d+ )?CONSTANT ROWS?|SCAN clock")
#: Among the few workers whose lease is over.
MAY_SORT = {("workers", "lapsed")}

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "exception": "app.Refused",
    "name": "Mail",
    "queue": "mail",
    "worker": "web-1",
    "since": NOW,
    "until": NOW,
    "retried": False,
}
FILTERS = [
    FailureFilter(),
    FailureFilter(exception="Refused"),
    FailureFilter(retried=True),
    *(FailureFilter(**dict(one)) for one in combinations(FIELDS.items(), 1)),
    *(FailureFilter(**dict(two)) for two in combinations(FIELDS.items(), 2)),
]


def fields_of(which: FailureFilter) -> str:
    """The filter as a test's id says it."""
    return " ".join(f"{name}={value}" for name, value in asdict(which).items() if value is not None) or "all"


def plan(sql: str) -> list[str]:
    """How SQLite means to run the statement."""
    connection = Connection(Target(None), "test")
    with connection.reading() as session:
        values = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
        return [row[3] for row in session.rows(f"EXPLAIN QUERY PLAN {sql}", **values)]


WHOLE = [key for key, sql in STATEMENTS.items() if "{filter}" not in sql and not key[1].startswith("only_")]


@pytest.mark.parametrize("key", WHOLE, ids="-".join)
def test_no_statement_reads_a_whole_table_or_sorts(key: tuple[str, str]) -> None:
    steps = [step for step in plan(STATEMENTS[key]) if not HARMLESS.fullmatch(step)]
    assert not [step for step in steps if "SCAN" in step]
    assert key in MAY_SORT or not [step for step in steps if "TEMP B-TREE" in step]


@pytest.mark.parametrize("which", FILTERS, ids=fields_of)
@pytest.mark.parametrize("statement", ["peek", "count", "clear"])
def test_no_filter_of_failures_reads_the_whole_table_or_sorts(statement: str, which: FailureFilter) -> None:
    steps = plan(_filtered(statement, which)[0])
    assert not [step for step in steps if "SCAN" in step or "TEMP B-TREE" in step]


@pytest.mark.parametrize(
    "key", [("queues", "size"), ("queues", "latency"), ("queues", "all"), ("failures", "count")], ids="-".join
)
def test_counting_reads_no_payload(key: tuple[str, str]) -> None:
    steps = plan(STATEMENTS[key].replace("{filter}", ""))
    assert [step for step in steps if "USING COVERING INDEX" in step]


@pytest.mark.parametrize("field", FIELDS)
def test_counting_with_one_filter_reads_no_payload(field: str) -> None:
    statement, _ = _filtered("count", FailureFilter(**{field: FIELDS[field]}))
    assert "USING COVERING INDEX" in plan(statement)[0]


@pytest.mark.parametrize("key", [key for key in STATEMENTS if key[1] != "now"], ids="-".join)
def test_every_statement_stays_in_its_namespace(key: tuple[str, str]) -> None:
    assert key[1].startswith("only_") or ":namespace" in STATEMENTS[key]


@pytest.mark.parametrize("key", STATEMENTS, ids="-".join)
def test_every_statement_is_used(key: tuple[str, str]) -> None:
    part, name = key
    code = (PACKAGE / f"{part}.py").read_text()
    built = name.startswith("only_")
    assert built or f'SQL["{name}"' in code or f'"{name}"' in code


def test_no_sql_is_written_in_python() -> None:
    words = re.compile(r'"\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|COMMIT|CREATE)\b')
    assert not [file.name for file in PACKAGE.glob("*.py") if words.search(file.read_text())]


def test_the_clock_never_says_null() -> None:
    # unixepoch('subsec') is NULL before SQLite 3.42; a lease that is NULL never ends.
    connection = Connection(Target(None), "test")
    with connection.reading() as session:
        ((now,),) = session.rows("SELECT now FROM clock")
    assert abs(now - datetime.now(UTC).timestamp()) < 5
