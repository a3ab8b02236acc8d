"""What is in the wheel."""

from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"resque_core": ROOT, "resque_sqlite": ROOT / "backends", "django_resque": ROOT}


@pytest.fixture(scope="session")
def contents(wheel: Path) -> list[str]:
    """The names of its files."""
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_its_top_level_names_are_the_packages_and_the_metadata(contents: list[str]) -> None:
    names = {name.split("/")[0] for name in contents}
    metadata = {name for name in names if name.endswith(".dist-info")}
    assert names - metadata == set(PACKAGES)
    assert len(metadata) == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_that_it_is_typed(contents: list[str], package: str) -> None:
    assert f"{package}/py.typed" in contents


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_of_a_package_was_forgotten(contents: list[str], package: str) -> None:
    folder = PACKAGES[package]
    files = {
        path.relative_to(folder).as_posix()
        for path in (folder / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= set(contents)


def test_the_sql_travels_with_the_backend(contents: list[str]) -> None:
    assert any(name.startswith("resque_sqlite/") and name.endswith(".sql") for name in contents)


def test_it_carries_its_licence_and_names_its_command(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        texts = {name.split("/", 1)[1]: name for name in archive.namelist() if ".dist-info/" in name}
        entry_points = archive.read(texts["entry_points.txt"]).decode()
        metadata = archive.read(texts["METADATA"]).decode()
    assert "licenses/LICENSE" in texts
    assert "resque = resque_core.cli" in entry_points
    assert "sqlite = resque_sqlite:open_storage" in entry_points
    assert "License-Expression: MIT" in metadata
