"""The demo: enqueues a few dozen jobs, has real workers run them, and shows what became of them.

Run it with `make demo`, or in any environment that has resque-core: `python examples/first_jobs/run.py`.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import shop
from rich.console import Console
from rich.table import Table
from rich.text import Text

from resque_core import Failure, Job, Resque

HERE = Path(__file__).parent
FOLDER = Path(".demo")
STORE = FOLDER / "resque.sqlite3"
LEDGER = FOLDER / "ledger.jsonl"
QUEUES = "critical,*"

#: What must be in the failed store at the end: how many of each exception.
EXPECTED_FAILURES = Counter(
    {"ValueError": 1, "KeyError": 1, "shop.Declined": 1, "UnknownJobClass": 1, "TypeError": 1, "DirtyExit": 2}
)
EXPECTED_SKIPPED = 1

ABOUT_DIRTY_EXIT = """
DirtyExit is the end of a job whose process died before it said what became of the job. One was
killed by SIGKILL, as the kernel does when memory runs out; one left by os._exit(0), which is not
success either. Their worker went on with the next job.
"""


@dataclass(frozen=True)
class Outcome:
    """What the store and the ledger say when the workers are done."""

    enqueued: list[Job]
    ran: list[dict[str, str]]
    failures: list[Failure]
    waiting: int
    processed: int
    seconds: float

    def is_as_expected(self) -> bool:
        """Whether every job is accounted for, and failed as it should if it should."""
        ended = len(self.ran) + len(self.failures) + EXPECTED_SKIPPED
        return (
            Counter(failure.exception for failure in self.failures) == EXPECTED_FAILURES
            and ended == len(self.enqueued) == self.processed
            and self.waiting == 0
        )


def main() -> int:
    """Enqueue, work, show; 0 when all came out as it should."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with Resque(f"sqlite:///{STORE}") as resque:
        enqueued = enqueue_all(resque)
        say(console, f"Enqueued {len(enqueued)} jobs into {STORE}; two workers run them now …")
        seconds = work(console)
        outcome = look(resque, enqueued, seconds)
    show(console, outcome)
    return 0 if outcome.is_as_expected() else 1


def enqueue_all(resque: Resque) -> list[Job]:
    """A few dozen jobs of every kind; a job that its hook refuses is not among those returned."""
    jobs = [resque.enqueue(shop.resize, number, width=320) for number in range(12)]
    jobs += [resque.enqueue(shop.Newsletter, number) for number in range(8, 18)]
    jobs += [resque.enqueue(shop.fetch_rate, code) for code in ("EUR", "CHF", "GBP", "USD", "NOK", "XXX")]
    jobs += [resque.enqueue(shop.charge, order, order * 1250) for order in (0, 5, 6, 7, 8, 90)]
    jobs += [resque.enqueue(shop.build_report, month) for month in ("2026-01", "2026-02", "2026-03")]
    jobs += [resque.enqueue_to("mail", "Invoices::Mailer", 42)]
    jobs += [resque.enqueue_to("images", "shop.resize", "no", "such", "parameters")]
    return [job for job in jobs if job is not None]


def work(console: Console) -> float:
    """Have two workers of the real command line run everything; their log goes to a file."""
    began = time.monotonic()
    command = [program(), "work", "--burst", "--count", "2", "--queues", QUEUES, "--require", "shop"]
    environment = os.environ | {"DEMO_LEDGER": str(LEDGER.resolve())}
    with (FOLDER / "workers.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(
            [*command, "--url", f"sqlite:///{STORE.resolve()}"],
            cwd=HERE,
            env=environment,
            stdout=log,
            stderr=log,
            timeout=120,
            check=False,
        )
    if done.returncode != 0:
        say(console, (FOLDER / "workers.log").read_text(encoding="utf-8"))
        say(console, f"The workers ended with status {done.returncode}.")
    return time.monotonic() - began


def look(resque: Resque, enqueued: list[Job], seconds: float) -> Outcome:
    """Ask the store, and read the ledger that the jobs' own hook wrote."""
    lines = LEDGER.read_text(encoding="utf-8").splitlines() if LEDGER.exists() else []
    info = resque.info()
    return Outcome(
        enqueued=enqueued,
        ran=[json.loads(line) for line in lines],
        failures=list(resque.failures.each()),
        waiting=info["pending"],
        processed=info["processed"],
        seconds=seconds,
    )


def show(console: Console, outcome: Outcome) -> None:
    """The summary that a reader came for."""
    say(console, "\nWhat ran", style="bold")
    console.print(ran_table(outcome))
    say(console, totals(outcome))
    say(console, "What failed, and why", style="bold")
    console.print(failures_table(outcome))
    say(console, ABOUT_DIRTY_EXIT)
    say(console, next_commands())
    good = outcome.is_as_expected()
    verdict = "All came out as it should." if good else "This is NOT the expected outcome."
    say(console, verdict, style="green" if good else "bold red")


def say(console: Console, text: str, style: str = "") -> None:
    """Print lines as they are: what is to be copied must not be broken."""
    console.print(text, style=style, markup=False, soft_wrap=True)


def ran_table(outcome: Outcome) -> Table:
    """One line for each kind of job."""
    table = plain_table("job", "queue", "enqueued", "ran", "failed", "skipped")
    ran = Counter(line["job"] for line in outcome.ran)
    failed = Counter(failure.name for failure in outcome.failures)
    for (name, queue), count in Counter((job.name, job.queue) for job in outcome.enqueued).items():
        skipped = count - ran[name] - failed[name]
        table.add_row(name, queue, *(str(figure) for figure in (count, ran[name], failed[name], skipped)))
    return table


def totals(outcome: Outcome) -> str:
    """The figures in words."""
    ran, failed, pids = len(outcome.ran), len(outcome.failures), len({line["pid"] for line in outcome.ran})
    return f"""
{ran} jobs ran to their end, each in a process of its own ({pids} pids). {failed} failed,
{EXPECTED_SKIPPED} was skipped by its before_perform hook, and one more was refused by its before_enqueue hook
and never stored. Two workers took {outcome.seconds:.1f} s.
"""


def failures_table(outcome: Outcome) -> Table:
    """One line for each failure, those that nobody raised last."""
    table = plain_table("job", "exception", "message")
    for failure in sorted(outcome.failures, key=lambda failure: failure.exception == "DirtyExit"):
        style = "bold red" if failure.exception == "DirtyExit" else ""
        cells = (failure.name, failure.exception, failure.error)
        table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def plain_table(*columns: str) -> Table:
    """A table that is also fine in a file."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def next_commands() -> str:
    """What to try now, ready to be pasted."""
    url, resque = f"--url sqlite:///{STORE}", os.path.relpath(program())
    work = f"PYTHONPATH={os.path.relpath(HERE)} {resque} work --burst --require shop"
    return "\n".join(
        [
            "Try next:",
            f"  {resque} info {url}",
            f"  {resque} failures list {url}",
            f"  {resque} failures retry --all {url}",
            f"  {work} --queues '*' {url}",
            "",
        ]
    )


def program() -> str:
    """The `resque` command of the environment that runs this file."""
    beside = Path(sys.executable).parent / "resque"
    return str(beside) if beside.exists() else "resque"


if __name__ == "__main__":
    sys.exit(main())
