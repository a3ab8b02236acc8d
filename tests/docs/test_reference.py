"""The pages are complete, and their links lead somewhere."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

import resque_core
from resque_core import errors, variables
from resque_core.cli.main import app
from resque_core.hooks import KINDS
from resque_core.metrics.families import families_of
from resque_core.metrics.reading import read_metrics
from resque_core.settings import ENVIRONMENT_VARIABLES, STORE_VARIABLES
from resque_core.timing import BOUNDS
from resque_core.work_settings import WorkSettings
from resque_core.worker_hooks import WORKER_HOOK_KINDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)(?P<target>[^)#]*)(?:#(?P<anchor>[^)]*))?\)")


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """As GitHub and MyST make them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", [name for name in resque_core.__all__ if not name.startswith("_")])
def test_every_public_name_is_in_the_reference(name: str) -> None:
    page = "reference/errors.md" if hasattr(errors, name) else "reference/python-api.md"
    assert re.search(rf"\b{name}\b", text_of(page))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_hook_is_in_the_reference(kind: str) -> None:
    assert f"| `{kind}` |" in text_of("reference/hooks.md")


@pytest.mark.parametrize("kind", WORKER_HOOK_KINDS)
def test_every_worker_hook_is_in_the_reference_with_its_process(kind: str) -> None:
    assert re.search(rf"\| `{kind}` \|[^|]*\| the (app process|child) \|", text_of("reference/hooks.md"))


#: A name in the code that looks like a variable of the environment.
NAMED = re.compile(r"""["'](RESQUE_[A-Z_]+|AIRBRAKE_[A-Z_]+)["']""")
#: Settings of Django's, not variables.
SETTINGS = {"RESQUE_BACKEND", "RESQUE_MONITOR", "RESQUE_WEB_ALONE", "RESQUE_WEB_AUTH", "RESQUE_WEB_PREFIX"}


def _named_in_code() -> set[str]:
    files = [
        file
        for package in ("resque_core", "backends", "django_resque")
        for file in (ROOT / package).rglob("*.py")
    ]
    return {name for file in files for name in NAMED.findall(file.read_text(encoding="utf-8"))} - SETTINGS


VARIABLES = (
    *_named_in_code().difference((*variables.VARIABLES, *STORE_VARIABLES, *ENVIRONMENT_VARIABLES)),
    *(*variables.VARIABLES, *variables.SWITCHES, "FORK_PER_JOB"),
    *(*STORE_VARIABLES, *ENVIRONMENT_VARIABLES, "XDG_STATE_HOME"),
)


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_every_environment_variable_is_in_the_reference(variable: str) -> None:
    assert re.search(rf"^\|[^|]*`{variable}`", text_of("reference/environment.md"), re.MULTILINE)


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        if getattr(command, "invoke_without_command", True):
            yield " ".join((*path, name)), command


COMMANDS = dict(_commands(typer.main.get_group(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_each_of_its_options_is_in_the_reference(name: str) -> None:
    page = text_of("reference/cli.md")
    assert re.search(rf"`resque {name}[` ]", page)
    for parameter in COMMANDS[name].params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            assert not option.startswith("-") or re.search(rf"`{option}[` \[]", page), option


#: What other settings say, and what a framework may choose: not the user's to write.
NOT_WRITTEN = ("source", "backend")


@pytest.mark.parametrize(
    "field", [field.name for field in fields(WorkSettings) if field.name not in NOT_WRITTEN]
)
def test_every_setting_is_in_the_reference(field: str) -> None:
    assert f"| `{field}` |" in text_of("reference/configuration.md")


def test_every_metric_is_in_the_reference_with_its_kind_and_label(tmp_path: Path) -> None:
    page = text_of("reference/metrics.md")
    with resque_core.Resque(f"sqlite:///{tmp_path}/store.sqlite3") as resque:
        families = families_of(read_metrics(resque.storage))
    row = re.compile(r"^\| `(resque_\w+)` \| (\w+) \| (?:`(\w+)` )?\|", re.MULTILINE)
    assert row.findall(page) == [(family.name, family.kind, family.label) for family in families]
    assert ", ".join(f"{bound / 1000:g}" for bound in BOUNDS) + "." in page


def test_the_tree_of_errors_is_that_of_the_code() -> None:
    tree = re.compile(r"^[ │]*[├└]── (\w+)", re.MULTILINE)
    assert tree.findall(text_of("reference/errors.md")) == tree.findall(errors.__doc__ or "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.finditer(page.read_text(encoding="utf-8")):
        target = (page.parent / link["target"]).resolve() if link["target"] else page
        assert target.exists(), link[0]
        assert not link["anchor"] or link["anchor"] in anchors(target), link[0]


def test_the_map_leads_to_every_page() -> None:
    linked = {(DOCS / link["target"]).resolve() for link in LINK.finditer(text_of("index.md"))}
    pages = set(DOCS.rglob("*.md")) - {DOCS / "index.md", DOCS / "decisions/0000-template.md"}
    assert pages - linked == set()


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.name)
def test_a_decision_fits_on_forty_lines(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 40


def test_the_readme_fits_on_a_hundred_and_fifty_lines() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
