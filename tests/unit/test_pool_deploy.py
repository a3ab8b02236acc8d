"""The files that operators copy: what they hold can be read, and their options exist."""

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from resque_core.cli.main import app
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


def read_unit(path: Path) -> ConfigParser:
    parsed = ConfigParser(strict=True, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(path.read_text())
    return parsed


def test_the_unit_is_the_one_that_the_page_shows() -> None:
    assert (DEPLOY / "resque-pool.service").read_text() in (ROOT / "docs/how-to/deploy.md").read_text()


UNITS = sorted(DEPLOY.glob("*.service"))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_told_when_the_pool_is_ready_and_is_more_patient_than_it(path: Path) -> None:
    service = read_unit(path)["Service"]
    grace = re.search(r"--grace (\d+)", service["ExecStart"])
    assert grace
    assert float(service["TimeoutStopSec"]) > float(grace[1])
    assert service["Type"] == "notify"


def test_a_hot_swap_under_systemd_ends_no_worker_and_brings_no_manager_back() -> None:
    service = read_unit(DEPLOY / "resque-pool@.service")["Service"]
    assert "--hot-swap" in service["ExecStart"]
    assert (service["KillMode"], service["Restart"]) == ("process", "on-failure")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_has_nothing_to_say_against_a_unit(path: Path, tmp_path: Path) -> None:
    # Its program is not on this machine; everything else is looked at.
    text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", path.read_text())
    copy = tmp_path / path.name.replace("@.", "@42.")
    copy.write_text(text.replace("User=shop\n", "").replace("/srv/shop/releases/%i", "/"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--generators=no", str(copy)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    about_it = [line for line in (done.stdout + done.stderr).splitlines() if copy.name in line]
    assert (done.returncode, about_it) == (0, [])


@pytest.mark.skipif(not shutil.which("ruby"), reason="there is no ruby here")
@pytest.mark.parametrize("path", sorted(DEPLOY.glob("*.god")), ids=lambda path: path.name)
def test_ruby_can_read_what_god_loads(path: Path) -> None:
    subprocess.run(["ruby", "-c", str(path)], check=True, capture_output=True)


def stale_line() -> re.Pattern[str]:
    """The pattern of the killer of stale workers; it says the same in Ruby and here."""
    found = re.search(r"^STALE_LINE = /(.*)/$", (DEPLOY / "resque-stale.god").read_text(), re.MULTILINE)
    assert found
    return re.compile(found[1])


@pytest.mark.parametrize(
    ("line", "captures"),
    [
        (" 4711 resque-0.1.0: Forked 4712 at 1795642839", ("4711", "Forked", "1795642839")),
        (
            "4712 resque-0.1.0: Processing mail since 1795642839 [Mailer]",
            ("4712", "Processing", "1795642839"),
        ),
        ("4711 resque-0.1.0: Waiting for mail", None),
        ("4713 resque-0.1.0: App process of 4711", None),
        ("4710 resque-pool-master[shop]: managing [4711]", None),
        ("4714 grep resque-0.1.0: Forked", None),
    ],
)
def test_the_killer_of_stale_workers_knows_who_has_a_job(line: str, captures: tuple[str, ...] | None) -> None:
    found = stale_line().match(line)
    assert (found.groups() if found else None) == captures


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
    assert text[1] == (DEPLOY / "resque-pool.yml").read_text()
    groups = read_groups(yaml.safe_load(text[1]), "production", lambda path: str(path))
    assert {name: group.workers for name, group in groups.items()} == {
        "mail": 8,
        "critical,*": 4,
        "critical,* (scheduler)": 1,
    }
