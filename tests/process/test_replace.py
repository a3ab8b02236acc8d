"""A command goes on in a fresh Python, and tells it what to do, wherever the system lets it."""

import errno
import os

import pytest

from resque_core.process.replace import _readable


def refuse(*_: object) -> int:
    raise OSError(errno.EPERM, "refused, as by a container's rules")


@pytest.mark.parametrize("there", ["yes", "no", "refused"])
def test_what_to_do_is_handed_on_where_there_is_no_file_in_memory(
    monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    if there == "no":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    elif there == "refused":
        monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    descriptor = _readable(b"what to do")
    assert os.get_inheritable(descriptor)
    assert os.read(descriptor, 100) == b"what to do"
    os.close(descriptor)
