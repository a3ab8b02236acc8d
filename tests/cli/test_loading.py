"""`--require` and `--setup`: user code is found in the current folder, its faults are shown."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from resque_core.errors import SettingsError
from resque_core.loading import load_modules, load_setup


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)


def refusal(call: Callable[[Any], object], argument: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        call(argument)
    return str(caught.value)


def test_modules_in_the_current_folder_are_imported_in_order() -> None:
    write("first_jobs.py", "order = ['first']")
    write("second_jobs.py", "from first_jobs import order; order.append('second')")
    load_modules(["first_jobs", "second_jobs"])
    assert sys.modules["first_jobs"].order == ["first", "second"]


def test_the_current_folder_comes_first_in_the_search() -> None:
    write("wave.py", "ours = True")  # the standard library has one too
    sys.modules.pop("wave", None)
    load_modules(["wave"])
    assert sys.modules["wave"].ours


def test_a_module_that_is_not_there_is_named() -> None:
    said = refusal(load_modules, ["no_such_jobs"])
    assert said.startswith("--require no_such_jobs: there is no module no_such_jobs.")
    assert "Traceback" not in said


def test_a_package_without_that_module_is_named() -> None:
    write("shop_a/__init__.py", "")
    assert "there is no module shop_a.jobs" in refusal(load_modules, ["shop_a.jobs"])


def test_a_module_missing_further_in_keeps_its_traceback() -> None:
    write("broken_jobs.py", "x = 1\nimport no_such_driver\n")
    said = refusal(load_modules, ["broken_jobs"])
    assert (
        "--require broken_jobs: importing it raised ModuleNotFoundError: No module named 'no_such_driver'"
        in said
    )
    assert 'broken_jobs.py", line 2' in said


def test_the_traceback_holds_the_users_frames_only() -> None:
    write("raising_jobs.py", "def fail():\n    raise ValueError('no key')\n\nfail()\n")
    said = refusal(load_modules, ["raising_jobs"])
    assert said.splitlines()[0] == "--require raising_jobs: importing it raised ValueError: no key"
    assert 'raising_jobs.py", line 2, in fail' in said
    assert "importlib" not in said
    assert "loading.py" not in said


def test_a_script_that_exits_when_imported_is_refused() -> None:
    write("script.py", "import sys; sys.exit(3)")
    assert "importing it raised SystemExit: 3" in refusal(load_modules, ["script"])


def test_a_syntax_error_is_shown() -> None:
    write("typo.py", "def f(:\n")
    assert "SyntaxError" in refusal(load_modules, ["typo"])


@pytest.mark.parametrize("name", ["", ".jobs", "jobs.py", "shop/jobs", "a b", "jobs-1"])
def test_what_is_no_module_name_is_refused(name: str) -> None:
    assert "this is not a module's name" in refusal(load_modules, [name])


def test_the_setup_function_is_found_and_called() -> None:
    write("boot.py", "calls = []\nclass App:\n    @staticmethod\n    def start():\n        calls.append(1)\n")
    run = load_setup("boot:App.start")
    assert sys.modules["boot"].calls == []
    run()
    assert sys.modules["boot"].calls == [1]


def test_a_setup_that_fails_keeps_its_traceback() -> None:
    write("boot_fails.py", "def start():\n    raise OSError('no disk')\n")
    with pytest.raises(SettingsError) as caught:
        load_setup("boot_fails:start")()
    assert "--setup boot_fails:start: calling it raised OSError: no disk" in str(caught.value)
    assert 'boot_fails.py", line 2, in start' in str(caught.value)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("boot_b", "write MODULE:FUNCTION"),
        ("boot_b:", "write MODULE:FUNCTION"),
        (":start", "this is not a module's name"),
        ("boot_b:stop", "boot_b has no stop"),
        ("boot_b:name", "this is a str, not a function"),
        ("no_such_boot:start", "there is no module no_such_boot"),
    ],
)
def test_a_setup_that_cannot_be_found_says_why(target: str, says: str) -> None:
    write("boot_b.py", "def start(): ...\nname = 'x'\n")
    said = refusal(load_setup, target)
    assert said.startswith(f"--setup {target}: ")
    assert says in said
