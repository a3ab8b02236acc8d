"""What is in the wheel."""

from fnmatch import fnmatch
from importlib.metadata import PathDistribution
from pathlib import Path
from zipfile import Path as ZipPath
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
BACKENDS = ROOT / "backends"
PACKAGES = {
    "resque_core": ROOT,
    "resque_sqlite": BACKENDS,
    "resque_redis": BACKENDS,
    "resque_mongo": BACKENDS,
    "django_resque": ROOT,
}
SCHEMES = {
    "resque_sqlite": {"sqlite"},
    "resque_redis": {"redis", "rediss", "unix", "redis+sentinel", "redis+cluster"},
    "resque_mongo": {"mongodb", "mongodb+srv"},
}


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


@pytest.mark.parametrize(
    "pattern", ["resque_sqlite/*.sql", "resque_sqlite/schema/*.sql", "resque_redis/scripts/*.lua"]
)
def test_what_a_backend_reads_travels_with_it(contents: list[str], pattern: str) -> None:
    assert [name for name in contents if fnmatch(name, pattern)]


@pytest.mark.parametrize("package", SCHEMES)
def test_a_backend_is_found_by_each_of_its_schemes(wheel: Path, package: str) -> None:
    points = PathDistribution(ZipPath(wheel, metadata_folder(wheel))).entry_points
    found = {point.name for point in points.select(group="resque.backends") if point.module == package}
    assert found == SCHEMES[package]


def metadata_folder(wheel: Path) -> str:
    with ZipFile(wheel) as archive:
        return next(name.split("/")[0] + "/" for name in archive.namelist() if ".dist-info/" in name)


def test_it_carries_its_licence_and_names_its_command(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        texts = {name.split("/", 1)[1]: name for name in archive.namelist() if ".dist-info/" in name}
        entry_points = archive.read(texts["entry_points.txt"]).decode()
        metadata = archive.read(texts["METADATA"]).decode()
    assert "licenses/LICENSE" in texts
    assert "resque = resque_core.cli" in entry_points
    assert "License-Expression: MIT" in metadata
