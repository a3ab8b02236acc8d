"""The file that says which process works here (B17)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from resque_core.errors import SettingsError
from resque_core.process.pidfile import pidfile


def test_without_a_path_nothing_happens() -> None:
    with pidfile(None):
        pass


def test_it_holds_our_pid_without_a_line_end_and_goes_with_us(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with pidfile(str(path)):
        assert path.read_text() == str(os.getpid())
        assert path.stat().st_mode & 0o777 == 0o644 & ~_umask()
    assert not path.exists()


def test_a_stale_file_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text("99999999 and more than a pid")
    with pidfile(str(path)):
        assert path.read_text() == str(os.getpid())


def test_a_held_file_is_refused_with_its_holder(tmp_path: Path) -> None:
    path = str(tmp_path / "pid")
    code = "import sys; from resque_core.process.pidfile import pidfile; pidfile(sys.argv[1]).__enter__()"
    with pidfile(path):
        other = subprocess.run(
            [sys.executable, "-c", code, path], capture_output=True, text=True, check=False
        )
        assert f"held by a running process ({os.getpid()})" in other.stderr
        assert Path(path).read_text() == str(os.getpid())


def test_a_symbolic_link_is_refused_and_its_target_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "pid").symlink_to(target)
    with pytest.raises(SettingsError, match="cannot be written"), pidfile(str(tmp_path / "pid")):
        pass
    assert target.read_text() == "precious"


def test_a_pipe_in_its_place_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pid")
    with pytest.raises(SettingsError, match="not a regular file"), pidfile(str(tmp_path / "pid")):
        pass


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"), pidfile(str(tmp_path / "none" / "pid")):
        pass


def test_somebody_elses_new_file_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with pidfile(str(path)):
        path.unlink()
        path.write_text("another")
    assert path.read_text() == "another"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
