"""Pages that show a part of a file show it as it is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXCERPT = re.compile(r"<!-- not run: part of (?P<file>\S+) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)


def test_the_how_to_shows_the_toy_as_it_is() -> None:
    page = (ROOT / "docs/how-to/write-a-backend.md").read_text(encoding="utf-8")
    excerpts = list(EXCERPT.finditer(page))
    assert len(excerpts) >= 3
    for excerpt in excerpts:
        assert excerpt["text"] in (ROOT / excerpt["file"]).read_text(encoding="utf-8")
