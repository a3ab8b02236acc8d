"""The table that is printed of storms, and the report for machines."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from storm.conduct import Result

ROWS = (
    *("jobs", "payloads that are no jobs", "SIGKILL of keepers", "SIGKILL of app processes"),
    *("SIGKILL of children", "workers ended by jobs", "SIGSTOP", "SIGTERM", "leases lost by slowness"),
    *("faults of the store", "lost", "ran more than once", "in flight at faults, at most"),
    *("in the failed store", "rescue: median", "rescue: 99 %", "drained after", "seconds", "verdict"),
)
#: Lines that are shown of each thing that is wrong.
MOST = 40


def report(results: Sequence[Result], command: str) -> dict[str, Any]:
    """Everything, as JSON."""
    return {"command": command, "storms": [_one(result) for result in results]}


def table(storms: Sequence[Mapping[str, Any]]) -> str:
    """The figures of reported storms, one column each, as Markdown."""
    heads = [storm["options"]["backend"] for storm in storms]
    rows = [[row, *(storm["figures"][row] for storm in storms)] for row in ROWS]
    lines = [["", *heads], *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads) + 1)]
    shown = [lines[0], ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in shown
    )


def problems(results: Sequence[Result]) -> list[str]:
    """What is wrong, kind by kind, each cut to a few lines."""
    return [
        "\n    ".join(
            [f"{result.options.backend}: not so: {check.name} ({len(check.wrong)})", *check.wrong[:MOST]]
        )
        for result in results
        for check in result.audit.checks()
        if check.wrong
    ]


def rescues(result: Result) -> list[float]:
    """Seconds from the death of a keeper until its job began again."""
    keepers = {**result.account.evidence.poisoned, **result.account.blows.keepers}
    return [
        then.at - keepers[run.keeper]
        for runs in result.account.evidence.began.values()
        for run, then in pairwise(runs)
        if run.keeper in keepers and then.at > keepers[run.keeper]
    ]


def _column(result: Result) -> dict[str, str]:
    counts, audit = result.account.blows.counts, result.audit
    took = rescues(result)
    values: dict[str, object] = {
        "jobs": f"{len(result.account.producer.accepted):,}",
        "payloads that are no jobs": len(result.account.producer.payloads),
        "SIGKILL of keepers": f"{counts['kill keeper']:,}",
        "SIGKILL of app processes": counts["kill app process"],
        "SIGKILL of children": counts["kill child"],
        "workers ended by jobs": len(result.account.evidence.poisoned),
        "SIGSTOP": sum(count for name, count in counts.items() if name.startswith("freeze")),
        "SIGTERM": counts["stop worker"],
        "leases lost by slowness": len(result.account.late - set(result.account.blows.keepers)),
        "faults of the store": sum(count for name, count in counts.items() if name.startswith("store")),
        "lost": len(audit.lost),
        "ran more than once": result.account.evidence.repeated,
        "in flight at faults, at most": audit.in_flight(),
        "in the failed store": len(result.account.contents.failed),
        "rescue: median": f"{median(took):.1f} s" if took else "",
        "rescue: 99 %": f"{quantiles(took, n=100)[98]:.1f} s" if len(took) > 1 else "",
        "drained after": f"{result.account.drained:.1f} s",
        "seconds": f"{result.seconds:.0f}",
        "verdict": "broken" if any(check.wrong for check in audit.checks()) else "kept",
    }
    return {name: str(value) for name, value in values.items()}


def _one(result: Result) -> dict[str, Any]:
    return {
        "options": asdict(result.options),
        "server": result.server,
        "figures": _column(result),
        "faults": dict(result.account.blows.counts),
        "checks": {check.name: check.wrong for check in result.audit.checks()},
    }
