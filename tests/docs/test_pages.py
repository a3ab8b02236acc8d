"""Every page does what it says: its files are saved, its code and commands run, its output compared."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.blocks import Block, blocks_of, commands_of
from tests.docs.runner import Reader

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: Pages of commands out of any order; the tests of the command itself run these.
NOT_FOLLOWED = (ROOT / "docs/reference/cli.md",)
#: Pages that start many commands, or run test suites of their own: these are for `make soak`.
LONG = (*(ROOT / "docs/how-to").glob("*.md"), *(ROOT / "docs/tutorial").glob("*.md"))
WITH_BLOCKS = [
    pytest.param(page, id=str(page.relative_to(ROOT)), marks=[pytest.mark.thorough] if page in LONG else [])
    for page in PAGES
    if page not in NOT_FOLLOWED and blocks_of(page)
]


@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_the_examples_of_a_page_work_in_order(page: Path, tmp_path: Path) -> None:
    with Reader(tmp_path) as reader:
        for block in blocks_of(page):
            reader.follow(block)


def write(folder: Path, text: str) -> list[Block]:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return blocks_of(page)


def test_blocks_are_found_with_their_line(tmp_path: Path) -> None:
    blocks = write(tmp_path, "Hello\n\n```python\nx = 1\n```\n\n  ```console\n  $ ls\n  ```\n")
    assert blocks == [Block("python", "x = 1\n", 3), Block("console", "$ ls\n", 7)]


def test_a_block_that_is_marked_or_has_no_runnable_language_is_left_out(tmp_path: Path) -> None:
    text = "<!-- not run: needs a server -->\n```bash\nfalse\n```\n\n```text\nnothing\n```\n"
    assert write(tmp_path, text) == []


def test_a_file_name_in_the_first_line_makes_it_a_file(tmp_path: Path) -> None:
    (block,) = write(tmp_path, "```yaml\n# conf/resque.yml\na: 1\n```\n")
    with Reader(tmp_path) as reader:
        reader.follow(block)
    assert (tmp_path / "conf/resque.yml").read_text(encoding="utf-8").endswith("a: 1\n")


def test_commands_are_told_from_their_output() -> None:
    block = Block("console", "$ echo a \\\n  b\na b\n$ echo 'c\n> d'\nc\nd\n$ true\n", 1)
    assert [(c.text.split(), c.shown) for c in commands_of(block)] == [
        (["echo", "a", "b"], "a b"),
        (["echo", "'c", "d'"], "c\nd"),
        (["true"], ""),
    ]


@pytest.mark.parametrize(
    "block",
    [
        Block("python", "raise ValueError", 1),
        Block("console", "$ false\n", 1),
        Block("console", "$ echo yes\nno\n", 1),
        Block("bash", "false\ntrue\n", 1),
    ],
    ids=["python", "status", "output", "script"],
)
def test_an_example_that_does_not_work_fails(block: Block, tmp_path: Path) -> None:
    with Reader(tmp_path) as reader, pytest.raises(pytest.fail.Exception):
        reader.follow(block)


def test_what_stays_is_ended_once_it_has_begun(tmp_path: Path) -> None:
    (block,) = write(tmp_path, "<!-- stays: on and on -->\n```console\n$ echo on; exec sleep 1000\n```\n")
    assert block.stays
    obedient = Block(
        "bash", "bash -c 'trap \"exit 0\" TERM; echo on; while :; do sleep 0.01; done'", 1, stays=True
    )
    with Reader(tmp_path) as reader:
        reader.follow(obedient)
        with pytest.raises(pytest.fail.Exception, match="ended 1"):
            reader.follow(replace(obedient, text="bash -c 'exit 1'"))


def test_python_blocks_of_a_page_share_one_namespace(tmp_path: Path) -> None:
    with Reader(tmp_path) as reader:
        reader.follow(Block("python", "x = 1\n", 1))
        reader.follow(Block("python", "assert x == 1\n", 2))
