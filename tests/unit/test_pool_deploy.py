"""The files that operators copy: what they hold can be read, and their options exist."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from resque_core.cli.main import app
from resque_core.pool.group import Group
from resque_core.pool.reading import read_groups

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "examples/deploy"
COMMAND = re.compile(r"resque pool (?P<options>[^'\"\n]*)")


def commands() -> list[str]:
    found = [match["options"] for path in DEPLOY.iterdir() for match in COMMAND.finditer(path.read_text())]
    lists = [path.read_text() for path in (DEPLOY / "Dockerfile", DEPLOY / "kubernetes.yaml")]
    return found + [
        re.sub(r'["\[\],]', "", line) for text in lists for line in text.splitlines() if '"pool"' in line
    ]


def test_every_option_in_them_exists() -> None:
    known = CliRunner().invoke(app, ["pool", "--help"], env={"COLUMNS": "200"}).output
    options = {option for command in commands() for option in re.findall(r"--[\w-]+", command)}
    assert "--require" in options
    assert {option for option in options if not re.search(rf"{option}\b", known)} == set()


def test_the_unit_is_the_one_that_the_page_shows() -> None:
    unit = (DEPLOY / "resque-pool.service").read_text()
    assert unit in (ROOT / "docs/how-to/deploy.md").read_text()
    parsed = ConfigParser(strict=True, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit)
    service = parsed["Service"]
    assert float(service["TimeoutStopSec"]) > float(re.search(r"--grace (\d+)", service["ExecStart"])[1])  # type: ignore[index]
    assert service["Type"] == "notify"


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml"])
def test_the_yaml_can_be_read(name: str) -> None:
    assert isinstance(yaml.safe_load((DEPLOY / name).read_text()), dict)


def test_containers_are_more_patient_than_workers() -> None:
    pod = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > 25
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert int(compose["services"]["workers"]["stop_grace_period"].rstrip("s")) > 25


def test_the_pool_file_of_the_page_means_what_it_says() -> None:
    text = re.search(r"```yaml\n(.*?)```", (ROOT / "docs/how-to/deploy.md").read_text(), re.DOTALL)
    assert text
    groups = read_groups(yaml.safe_load(text[1]), "production", lambda path: str(path))
    assert groups == {"mail": Group("mail", 8), "critical,*": Group("critical,*", 4)}
