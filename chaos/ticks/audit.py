"""What came of the storm: for each entry the ticks that had no job, or more than one."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from resque_core.recurring_job import RecurringJob


def runs(evidence: Path) -> Sequence[tuple[str, int]]:
    """Each run that came to its end: which job, and under which keeper."""
    lines = evidence.read_text().splitlines() if evidence.exists() else []
    return [(line.rpartition(" ")[0], int(line.rpartition(" ")[2])) for line in lines]


def expected(first: Sequence[RecurringJob], last: Sequence[RecurringJob]) -> dict[str, set[str]]:
    """The jobs that the ticks of each entry must have had, from its first to its last one."""
    ends = {job.name: job.last_run for job in last}
    found: dict[str, set[str]] = {}
    for job in first:
        ids, tick, end = set[str](), job.next_run, ends[job.name]
        while tick is not None and end is not None and tick <= end:
            ids.add(f"{job.name}@{tick.isoformat().replace('+00:00', 'Z')}")
            tick = job.entry.ticks.following(tick)
        found[job.name] = ids
    return found


def wrong(
    wanted: Mapping[str, set[str]], done: Sequence[tuple[str, int]], killed: Collection[int]
) -> dict[str, list[str]]:
    """What is missing, what is too much, and what ran twice though no worker of it was killed."""
    there = {job for job, _ in done}
    ids = set().union(*wanted.values())
    under_the_living = Counter(job for job, keeper in done if keeper not in killed)
    return {
        "missing": sorted(ids - there),
        "unasked": sorted(there - ids),
        "twice": sorted(job for job, count in under_the_living.items() if count > 1),
    }
