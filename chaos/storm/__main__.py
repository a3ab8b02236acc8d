"""`make chaos`: storms over real workers on real stores, and whether the promise was kept."""

import json
import sys
from pathlib import Path

from storm.conduct import Result, conduct
from storm.options import parse
from storm.report import problems, report, table


def main(arguments: list[str]) -> int:
    """Let it storm; 1 if anything is wrong afterwards."""
    storms, path, command = parse(arguments)
    results: list[Result] = []
    print(command, flush=True)
    for options in storms:
        results.append(conduct(options, _in_memory()))
        print(f"\n{table(report(results[-1:], command)['storms'])}\n{results[-1].server}", flush=True)
        print("\n".join(problems(results[-1:])), flush=True)
    told = report(results, command)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=2) + "\n")
    if len(results) > 1:
        print(f"\n{table(told['storms'])}")
    print(f"The report is in {path}.")
    return int(bool(problems(results)))


def _in_memory() -> Path | None:
    """A folder in memory takes kills as well as a disk does."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
