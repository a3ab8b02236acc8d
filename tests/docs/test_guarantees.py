"""The page of the guarantee has every row, and each names a test that there is, or says why there is none."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/guarantees.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([CB]\d+) \|(.*)\|$", PAGE, re.MULTILINE))


def defined_tests() -> set[str]:
    """The names of all test functions of the repository."""
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "resque_core/testing/contract").glob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 60
    assert named - defined_tests() == set()


def test_every_row_of_both_matrices_is_there() -> None:
    assert list(ROWS) == [f"C{number}" for number in range(1, 47)] + [f"B{number}" for number in range(1, 27)]


@pytest.mark.parametrize("row", ROWS)
def test_each_row_names_its_tests_or_says_why_there_is_none(row: str) -> None:
    shown_by = ROWS[row].rsplit("|", 1)[1]
    assert "`test_" in shown_by or "Not tested: " in shown_by


def test_the_page_shows_what_the_storms_printed_and_nothing_else() -> None:
    """Whoever lets it storm anew, or touches the table, runs `python -m storm.publish`."""
    path = os.pathsep.join([str(ROOT / "chaos"), str(ROOT / "tests/support"), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", "from storm.publish import shown; print(shown(), end='')"],
        env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    assert f"<!-- what make chaos printed -->\n{done.stdout}<!-- end of it -->" in PAGE
