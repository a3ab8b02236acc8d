"""What a pool's file means, and what it may not say."""

from pathlib import Path

import pytest

from resque_core.errors import SettingsError
from resque_core.pool.files import find_file, read_file
from resque_core.pool.group import Group, Groups
from resque_core.pool.reading import read_groups

#: The example of resque-pool's own README.
README = """
foo: 1
bar: 2
"foo,bar,baz": 1
production:
  "foo,bar,baz": 4
"""


def read(folder: Path, text: str, environment: str | None = None) -> Groups:
    path = folder / "pool.yml"
    path.write_text(text)
    return read_file(str(path), environment)


def counts(groups: Groups) -> dict[str, int]:
    return {name: group.workers for name, group in groups.items()}


@pytest.mark.parametrize(("environment", "workers"), [("production", 7), ("development", 4), (None, 4)])
def test_a_section_counts_in_its_environment_alone(
    tmp_path: Path, environment: str | None, workers: int
) -> None:
    assert sum(counts(read(tmp_path, README, environment)).values()) == workers


def test_a_groups_identity_is_its_key_as_written(tmp_path: Path) -> None:
    assert counts(read(tmp_path, '"a,b": 1\n"b,a": 2\n"a, b": 3\n')) == {"a,b": 1, "b,a": 2, "a, b": 3}


def test_an_empty_file_is_an_empty_pool(tmp_path: Path) -> None:
    assert read(tmp_path, "") == {}
    assert read(tmp_path, "# nothing yet\n", "production") == {}


def test_a_mapping_with_workers_is_a_group_with_settings_of_its_own(tmp_path: Path) -> None:
    text = "mail: {workers: 2, interval: 0.5}\nproduction:\n  mail: {workers: 4, lease: 60}\n"
    assert read(tmp_path, text) == {"mail": Group("mail", 2, {"interval": 0.5})}
    assert read(tmp_path, text, "production") == {"mail": Group("mail", 4, {"lease": 60})}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("mail: -1", "-1 is not a number of workers"),
        ("mail: 1e9", "is not a number of workers"),
        ("mail: 1000000000", "from 0 to 1000"),
        ("mail: 1.5", "1.5 is not a number of workers"),
        ("mail: true", "not a number of workers"),
        ("mail: two", "'two' is not a number of workers"),
        ("mail: [1]", "a list is not a number of workers"),
        ("mail:", "mail: there is nothing behind it. Write a number of workers, or {} for an environment"),
        ("production: {mail: }", "production.mail: there is nothing behind it"),
        ("yes: 4", "True: a bool is not a list of queues. Put it in quotes"),
        ("010: 4", "8: a int is not a list of queues"),
        ("~: 4", "None: a NoneType is not a list of queues"),
        ("mail: {workers: -2}", "mail.workers: -2 is not a number of workers"),
        ("mail: {workers: 2, intervall: 1}", "Did you mean interval?"),
        ("mail: {workers: 2, interval: soon}", "mail: interval is text, not a number"),
        ("mail: {workers: 2, interval: 0}", "would end its workers"),
        ("mail: {workers: 2, interval: -1}", "-1 seconds cannot be used"),
        ("production: {mail: {deep: 1}}", "a section cannot hold another"),
        ("production: {mail: -3}", "production.mail: -3 is not a number of workers"),
        ("3: 4", "not a list of queues"),
        ("'!slow': 1", "at least one queue"),
        ("mail: <%= 2 %>", "ERB"),
        ("mail: !ruby/object:Foo {}", "not plain YAML"),
        ("mail: !!python/name:os.system", "not plain YAML"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_file_and_line(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, f"ok: 1\n{line}\n")
    assert "pool.yml: line 2" in str(refused.value)
    assert says in str(refused.value)


def test_what_is_no_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"pool.yml: this is a list, not a pool"):
        read(tmp_path, "[1, 2]")


def test_a_named_file_wins_then_the_variables_then_the_usual_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_file(None, {}) is None
    (tmp_path / "config").mkdir()
    for name in ("config/resque-pool.yml", "resque-pool.yml", "of-variable.yml", "named.yml"):
        (tmp_path / name).write_text("mail: 1")
        named = "named.yml" if name == "named.yml" else None
        environ = {"RESQUE_POOL_CONFIG": "of-variable.yml"} if "variable" in name or named else {}
        assert find_file(named, environ) == name


@pytest.mark.parametrize("named", ["gone.yml", None])
def test_a_named_file_that_is_missing_is_an_error(named: str | None) -> None:
    with pytest.raises(SettingsError, match=r"gone\.yml .* does not exist"):
        find_file(named, {"RESQUE_POOL_CONFIG": "gone.yml"})


def in_environment(body: object, environment: str | None = None) -> Groups:
    return read_groups(body, environment, lambda path: ": ".join(map(str, path)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mail: 1\nslow: 1\nmail: 2\n", "pool.yml: line 3: mail is there already, in line 1. Write it once."),
        ("'a,b': 1\n\"a,b\": 2\n", "pool.yml: line 2: a,b is there already, in line 1."),
        (
            "production:\n  mail: 1\n  mail: 2\n",
            "pool.yml: line 3: production: mail is there already, in line 2.",
        ),
        ("mail: {workers: 1, workers: 2}\n", "pool.yml: line 1: mail: workers is there already, in line 1."),
    ],
)
def test_nothing_is_said_twice(tmp_path: Path, text: str, says: str) -> None:
    """One of the two would be lost in silence."""
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    assert says in str(refused.value)


def test_what_is_merged_in_may_be_said_otherwise(tmp_path: Path) -> None:
    text = (
        "base: &base {workers: 1, lease: 60}\nmail: {<<: *base, workers: 2}\nslow: {<<: *base, workers: 3}\n"
    )
    assert counts(read(tmp_path, text)) == {"base": 1, "mail": 2, "slow": 3}


@pytest.mark.parametrize("half", [{"worker": 2, "interval": 5}, {"max_jobs": 100}, {"wokers": 1}])
def test_a_group_whose_workers_are_missing_or_misspelt_is_no_empty_section(half: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match=r"mail: a group with settings of its own says 'workers: N'"):
        in_environment({"mail": half})


def test_a_section_may_have_a_queue_that_is_called_as_a_setting() -> None:
    assert in_environment({"production": {"order": {"workers": 2}}}, "production")["order"].workers == 2
    assert in_environment({"production": {"order": 2, "mail": 1}}, "production")["order"].workers == 2
