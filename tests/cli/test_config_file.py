"""The configuration file: what it may say, and what it is told when it says something else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from resque_core.config import MAX_BYTES, load_config
from resque_core.errors import SettingsError

Write = Callable[[str | bytes], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write_file(text: str | bytes) -> str:
        name = "resque.yml"
        Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
        return name

    return write_file


def values(path: str, environment: str = "development") -> dict[str, object]:
    return {name: given.value for name, given in load_config(path, environment).items()}


def refusal(path: str, environment: str = "development") -> str:
    with pytest.raises(SettingsError) as caught:
        load_config(path, environment)
    return str(caught.value)


def test_every_setting_is_read_with_its_type(write: Write) -> None:
    path = write(
        """
        url: sqlite:///jobs.sqlite3
        namespace: shop
        queues: [critical, "*"]
        require: shop.jobs, shop.more
        setup: shop.boot:connect
        interval: 1
        count: 4
        lease: 30.5
        sweep: 2
        grace: 0
        max_rescues: 0
        on_worker_death: fail
        pidfile: run/resque.pid
        burst: true
        fork: false
        log_level: debug
        """
    )
    assert values(path) == {
        "url": "sqlite:///jobs.sqlite3",
        "namespace": "shop",
        "queues": ("critical", "*"),
        "require": ("shop.jobs", "shop.more"),
        "setup": "shop.boot:connect",
        "interval": 1.0,
        "count": 4,
        "lease": 30.5,
        "sweep": 2.0,
        "grace": 0.0,
        "max_rescues": 0,
        "on_worker_death": "fail",
        "pidfile": "run/resque.pid",
        "burst": True,
        "fork": False,
        "log_level": "debug",
    }


def test_a_section_lies_over_the_plain_keys_in_its_environment_only(write: Write) -> None:
    path = write("count: 1\nqueues: mail\nproduction:\n  count: 8\n")
    assert values(path) == {"count": 1, "queues": ("mail",)}
    assert values(path, "production") == {"count": 8, "queues": ("mail",)}


def test_a_section_can_take_a_plain_key_back(write: Write) -> None:
    path = write("setup: shop.boot:connect\ntest:\n  setup:\n")
    assert values(path, "test") == {}


def test_a_value_says_where_it_was_written(write: Write) -> None:
    path = write("count: 1\nproduction:\n  lease: 9\n")
    given = load_config(path, "production")
    assert given["count"].where == "resque.yml: count"
    assert given["lease"].where == "resque.yml: production.lease"


def test_an_empty_file_says_nothing(write: Write) -> None:
    assert values(write("# nothing yet\n")) == {}


def test_anchors_and_merges_work_as_in_rails_files(write: Write) -> None:
    path = write("default: &all\n  count: 2\nproduction:\n  <<: *all\n  lease: 9\n")
    assert values(path, "production") == {"count": 2, "lease": 9.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("intervall: 5", "resque.yml: intervall is not a setting. Did you mean interval?"),
        ("zzz: 5", "resque.yml: zzz is not a setting. Known are url, namespace"),
        ("production:\n  cuont: 5", "resque.yml: production.cuont is not a setting. Did you mean count?"),
        ("production:", "resque.yml: production is not a setting"),
        ("5: x", "resque.yml: 5 is not a setting"),
        ("source: x", "resque.yml: source is not a setting"),
        ("interval: soon", "resque.yml: interval is text, not a number."),
        ("interval: true", "resque.yml: interval is true/false, not a number."),
        ("count: 1.5", "resque.yml: count is a number, not a whole number."),
        ("count: yes", "resque.yml: count is true/false, not a whole number."),
        ("burst: 1", "resque.yml: burst is a number, not true or false."),
        ("namespace: 5", "resque.yml: namespace is a number, not text"),
        ("pidfile: 2026-11-22", "resque.yml: pidfile is a date, not text"),
        ("queues: [mail, 5]", "resque.yml: queues is a list, not a list of texts"),
        ("queues: {mail: 5}", "resque.yml: queues is a mapping, not a list of texts"),
        ("count: 0", "resque.yml: count: 0 cannot be used. Give a whole number from 1 to 1000."),
        ("count: 1000000000", "resque.yml: count: 1000000000 cannot be used."),
        ("lease: -1", "resque.yml: lease: -1 seconds cannot be used. Give more than 0"),
        ("interval: .nan", "resque.yml: interval: nan seconds cannot be used."),
        ("interval: 1e99", "resque.yml: interval is text, not a number."),
        ("lease: 1" + "0" * 400, "resque.yml: lease: 1000"),
        ("sweep: 1.0e+99", "resque.yml: sweep: 1e+99 seconds cannot be used."),
        ("queues: '!slow'", "resque.yml: queues: Please give each worker at least one queue."),
        ("on_worker_death: explode", "resque.yml: on_worker_death: 'explode' is not one of requeue, fail."),
        ("log_level: loud", "resque.yml: log_level: 'loud' is not one of debug, info, warning, error."),
        ("[a, b]", "resque.yml: a list, not settings."),
        ("hello", "resque.yml: text, not settings."),
        ("a: [", "resque.yml: line 1: not plain YAML"),
        ("queues: *", "Put text that begins with * or ! in quotes, as in queues: '*'."),
        ("timeout: {x: y}", "'y' of 'x' cannot be a time limit."),
        ("? {a: b}\n: c", "not plain YAML"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(write: Write, text: str, says: str) -> None:
    assert says in refusal(write(text))


def test_a_fault_in_another_environments_section_is_found_here(write: Write) -> None:
    assert "production.count" in refusal(write("production:\n  count: many\n"), "development")


def test_erb_is_refused_with_the_way_out_and_not_evaluated(write: Write) -> None:
    said = refusal(write("count: 1\nurl: <%= `touch ran` %>\n"))
    assert "line 2 holds ERB" in said
    assert "environment variable" in said
    assert not Path("ran").exists()


def test_tags_build_no_objects(write: Write) -> None:
    said = refusal(write("setup: !!python/object/apply:os.system ['touch ran']\n"))
    assert "line 1: not plain YAML" in said
    assert not Path("ran").exists()


def test_a_bomb_of_anchors_is_harmless_and_not_printed(write: Write) -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    said = refusal(write(f"l0: &l0 [x]\n{levels}\nqueues: *l11\n"))
    # The list of all settings, and nothing of the bomb.
    assert len(said) < 1000


def test_a_bomb_of_merges_is_stopped(write: Write) -> None:
    """By us; PyYAML from 6.0.4 on merges each mapping once, so that nothing is left to stop."""
    levels = "\n".join(f"l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 9)}]}}" for n in range(1, 12))
    said = refusal(write(f"l0: &l0 {{a: 1, b: 2}}\n{levels}\n"))
    assert "more than 1000 keys" in said or "l0.a is not a setting" in said


def test_a_merge_of_too_many_keys_is_stopped(write: Write) -> None:
    many = "\n".join(f"  key{number}: 1" for number in range(1001))
    assert "more than 1000 keys" in refusal(write(f"base: &base\n{many}\nwide: {{<<: *base}}\n"))


def test_a_file_nested_without_end_is_refused(write: Write) -> None:
    assert "nested too deeply" in refusal(write("[" * 100_000))


def test_a_file_that_is_too_long_is_refused(write: Write) -> None:
    assert f"longer than {MAX_BYTES} bytes" in refusal(write("#" * (MAX_BYTES + 1)))


def test_a_file_of_the_greatest_length_is_read(write: Write) -> None:
    assert values(write("count: 2\n#".ljust(MAX_BYTES, "x"))) == {"count": 2}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.yml cannot be read: No such file" in refusal(str(tmp_path / "nowhere.yml"))


def test_a_folder_is_not_a_configuration_file(tmp_path: Path) -> None:
    assert "cannot be read: Is a directory" in refusal(str(tmp_path))


def test_bytes_that_are_not_text_are_refused(write: Write) -> None:
    assert "cannot be read" in refusal(write(b"\xff\xfe"))


def test_hostile_keys_cannot_steer_the_terminal(write: Write) -> None:
    assert "\x1b" not in refusal(write('"\\e[31mred": 1\n'))
