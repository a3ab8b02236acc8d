"""Puts the table of reported storms on the page about the guarantee: `python -m storm.publish`."""

import json
import re
from pathlib import Path
from typing import Any

from storm.report import table

ROOT = Path(__file__).parents[2]
#: One file for each backend, as `make chaos ARGS="--backend redis --report …"` wrote it.
REPORTS = ROOT / "chaos/reports"
PAGE = ROOT / "docs/explanation/guarantees.md"
_PLACE = re.compile(r"(<!-- what make chaos printed -->\n).*?(<!-- end of it -->)", re.DOTALL)


def main() -> None:
    """Write the page anew."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_PLACE.sub(lambda place: f"{place[1]}{shown()}{place[2]}", text), encoding="utf-8")


def shown() -> str:
    """What the page shows: the commands, the servers and the table."""
    reports: list[dict[str, Any]] = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(REPORTS.glob("*.json"))
    ]
    if not reports:
        return ""
    storms = [storm for report in reports for storm in report["storms"]]
    commands = "\n".join(report["command"] for report in reports)
    servers = "; ".join(storm["server"] for storm in storms)
    return f"\n```text\n{commands}\n```\n\n{table(storms)}\n\n{servers}.\n\n"


if __name__ == "__main__":
    main()
