"""The fenced code blocks of a Markdown page, in order.

A block that follows a comment `<!-- not run: reason -->` is left out. Everything else that has a
language is either saved (its first line is a comment with a file name: `# jobs.py`) or run. What a comment
`<!-- stays: reason -->` says is followed by commands that are ended once they have begun.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

FENCE = re.compile(
    r"(?P<skip><!-- not run: .+? -->\n+)?(?P<stays><!-- stays: .+? -->\n+)?"
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
FILE_NAME = re.compile(r"(?:#|--) (?P<name>[\w/-]+\.(?:py|yml|yaml|cfg|toml))$")
RUNNABLE = ("python", "console", "bash")


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    language: str
    text: str
    line: int
    #: Whether its commands go on and on.
    stays: bool = False

    @property
    def file_name(self) -> str | None:
        """The file that it says it is."""
        found = FILE_NAME.match(self.text.split("\n", 1)[0])
        return found["name"] if found else None


@dataclass(frozen=True)
class Command:
    """One command of a console block, with the output that the page shows for it."""

    text: str
    shown: str


def blocks_of(page: Path) -> list[Block]:
    """Its blocks that are to be saved or run."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        body = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        line = text.count("\n", 0, match.start("language")) + 1
        block = Block(match["language"], body, line, bool(match["stays"]))
        if not match["skip"] and (block.language in RUNNABLE or block.file_name):
            found.append(block)
    return found


def commands_of(block: Block) -> Iterator[Command]:
    """The commands of a console block: `$ ` begins one, `> ` goes on with it, the rest is its output."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        first, *lines = part.replace("\\\n", " ").splitlines()
        more = list(takewhile(lambda line: line.startswith("> "), lines))
        command = "\n".join([first, *(line.removeprefix("> ") for line in more)])
        yield Command(command, "\n".join(lines[len(more) :]).strip("\n"))
