"""The table of differences and the tests agree."""

import re
from pathlib import Path

import pytest
from golden.differences import DIFFERENCES, table
from golden.scene import DATA

HERE = Path(__file__).parent
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_golden_*.py"))


def test_every_row_has_its_function_and_every_function_its_row() -> None:
    assert table().keys() == DIFFERENCES.keys()


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.stem)
def test_every_scenario_is_driven(path: Path) -> None:
    number = path.name[:2]
    driver = rf"^def test_(?:\d\d_and_)?{number}_|^def test_{number}_and_\d\d_"
    assert re.search(driver, TESTS, re.MULTILINE)
    assert f'"{number}"' in TESTS
